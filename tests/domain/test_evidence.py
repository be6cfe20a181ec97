"""Every number in a record is found, however deep, and by the path at which it stands."""

from collections.abc import Mapping

import pytest

from ops_model.domain.assessment import Finding, NamedValue
from ops_model.domain.evidence import Grade, Measured, Record
from ops_model.domain.values import Value, value_fields
from tests.builders import AS_OF, a_system, all_records, exact
from tests.shown_model import an_assessment


def every_number(node, path=""):
    """The same by looking into everything, whatever its type says."""
    if isinstance(node, Measured):
        yield path, node
    elif isinstance(node, Value):
        for name in value_fields(type(node)):
            yield from every_number(getattr(node, name), f"{path}.{name}" if path else name)
    elif isinstance(node, tuple):
        for position, item in enumerate(node):
            yield from every_number(item, f"{path}[{position}]")
    elif isinstance(node, Mapping):
        for key, item in node.items():
            yield from every_number(item, f"{path}[{key}]")


@pytest.mark.parametrize("record", all_records(a_system()), ids=lambda record: record.kind)
def test_no_number_of_a_record_is_missed(record):
    assert list(record.measured()) == list(every_number(record))


class Base(Value):
    pass


class Below(Base):
    number: Measured


class Nested(Record):
    kind: str = "nested"
    bases: tuple[Base, ...]
    named: Mapping[str, tuple[Below, ...]]


def test_a_number_is_found_in_what_a_field_of_its_base_or_a_mapping_holds():
    below = Below(number=exact(3))
    record = Nested(system="flight-delay", as_of=AS_OF, bases=(below,), named={"a": (below,)})

    assert [path for path, _ in record.measured()] == ["bases[0].number", "named[a][0].number"]


def test_a_number_is_found_in_the_findings_of_an_assessment():
    finding = Finding(
        check="OM-01", slug="s", revision=1, area="model", question="q", status="passed",
        grade=Grade.OBSERVED, minimum_grade=Grade.OBSERVED, message="m",
        values=(NamedValue(name="n", measured=exact(1)),),
    )  # fmt: skip
    record = an_assessment(a_system()).model_copy(update={"findings": (finding,)})

    assert [path for path, _ in record.measured()] == ["findings[0].values[0].measured"]
