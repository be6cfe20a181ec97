"""What a workbook says of itself: its name and zone, its ledger, and where logs lie."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from ops_model.domain.scalars import AwareTime, Slug, Text, ZoneName
from ops_model.domain.texts import SECRET
from ops_model.domain.values import ClaimFile, Value

_POSTGRESQL = (
    r"postgresql://[A-Za-z0-9_.~-]+@[A-Za-z0-9_.:-]*/[A-Za-z0-9_.~-]+"
    r"(?:[?&](?:host|port|sslmode|sslrootcert)=[A-Za-z0-9_.~/%-]+)*"
)
LEDGER_ADDRESS = rf"^(?:[A-Za-z0-9][A-Za-z0-9._-]*\.db|{_POSTGRESQL})$"
WAREHOUSE_ADDRESS = (
    rf"^(?:{_POSTGRESQL}|local(?:\[[0-9*]+\])?|yarn|spark://[A-Za-z0-9_.-]+:[0-9]+)$"
)


def _without_password(text: str, pattern: str, expected: str) -> str:
    """The address; what looks like one with more in it is refused without being repeated."""
    if re.fullmatch(pattern, text):
        return text
    if "://" in text:
        raise PydanticCustomError(
            SECRET,
            "expected postgresql://ROLE@HOST/DATABASE; the password stands where libpq looks for "
            "it, such as ~/.pgpass",
        )
    msg = f"expected {expected}"
    raise ValueError(msg)


def _ledger_address(text: str) -> str:
    expected = "a file of the workbook that ends in .db, or postgresql://ROLE@HOST/DATABASE"
    return _without_password(text, LEDGER_ADDRESS, expected)


def _warehouse_address(text: str) -> str:
    expected = "postgresql://ROLE@HOST/DATABASE, local[N], spark://HOST:PORT or yarn"
    return _without_password(text, WAREHOUSE_ADDRESS, expected)


LedgerAddress = Annotated[str, AfterValidator(_ledger_address)]
"""A file beside `ops-model.yaml`, or a PostgreSQL database; never with a password."""
WarehouseAddress = Annotated[str, AfterValidator(_warehouse_address)]
"""A PostgreSQL database, or the master of a Spark session; never with a password."""


class Warehouse(Value):
    """Where logs lie that are no files of the workbook; the analyses run there.

    `address` is `postgresql://ROLE@HOST/DATABASE`, never with a password, or the master of a Spark
    session, such as `local[2]` or `spark://HOST:7077`.
    """

    id: Slug
    kind: Literal["postgresql", "spark"]
    address: WarehouseAddress

    @model_validator(mode="after")
    def _address_is_of_its_kind(self) -> Self:
        if (self.kind == "postgresql") != self.address.startswith("postgresql://"):
            msg = f"address is none of kind {self.kind}; expected the address of a {self.kind}"
            raise ValueError(msg)
        return self


class WorkbookSettings(ClaimFile):
    """The file `ops-model.yaml`. A pinned `as_of` makes a replay workbook."""

    name: Text
    zone: ZoneName
    as_of: AwareTime | None = None
    note: Text | None = None
    ledger: LedgerAddress = "ledger.db"
    warehouses: tuple[Warehouse, ...] = ()
