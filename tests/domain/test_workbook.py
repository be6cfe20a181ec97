import pytest
from pydantic import ValidationError

from ops_model.domain.workbook import Warehouse


def warehouse(kind, address):
    return Warehouse(id="lake", kind=kind, address=address)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("postgresql", "postgresql://reader@db.example/lake"),
        ("postgresql", "postgresql://reader@/lake?host=/var/run"),
        ("spark", "local[2]"),
        ("spark", "yarn"),
        ("spark", "spark://head.example:7077"),
    ],
)
def test_an_address_of_its_kind_is_taken(kind, address):
    assert warehouse(kind, address).address == address


@pytest.mark.parametrize(
    "address",
    ["postgresql://reader:hunter2@db/lake", "postgresql://db/lake?password=hunter2",
     "spark://hunter2@head:7077"],
)  # fmt: skip
def test_a_password_is_refused_and_not_repeated_in_the_reason(address):
    with pytest.raises(ValidationError) as caught:
        warehouse("postgresql", address)

    (error,) = caught.value.errors()
    assert "~/.pgpass" in error["msg"]
    assert "hunter2" not in error["msg"]


@pytest.mark.parametrize(
    ("kind", "address"), [("spark", "postgresql://reader@db/lake"), ("postgresql", "local[2]")]
)
def test_an_address_of_the_other_kind_is_refused(kind, address):
    with pytest.raises(ValidationError, match=f"none of kind {kind}"):
        warehouse(kind, address)
