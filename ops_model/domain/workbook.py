"""What a workbook says of itself: its name and zone, its ledger, and where logs lie."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from ops_model.domain.scalars import AwareTime, Slug, Text, ZoneName
from ops_model.domain.schedules import Schedule
from ops_model.domain.texts import SECRET
from ops_model.domain.values import Claim, ClaimFile

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


class Warehouse(Claim):
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


def _variable(text: str) -> str:
    """The name of an environment variable; an address in its place is not repeated."""
    if re.fullmatch(r"[A-Z][A-Z0-9_]{0,79}", text):
        return text
    raise PydanticCustomError(
        SECRET,
        "expected the name of an environment variable, such as OPS_MODEL_PAGE; the address stands "
        "there, since it carries what lets one send",
    )


VariableName = Annotated[str, AfterValidator(_variable)]
"""The name of an environment variable that holds a secret; never the secret."""


class AlertRoute(Claim):
    """Where alerts go that claims send over a channel, such as `page`, or `mail: daniel-cho`.

    `to` is whom it is for, as it stands behind the colon; without it, everybody whom no other of
    the same channel is for. `address_in` names the environment variable that holds the address, in
    the form of apprise.
    """

    channel: Slug
    to: Text | None = None
    address_in: VariableName


class WatchSettings(Claim):
    """How `ops-model watch` tells people.

    What nobody has acknowledged is told again after `again_hours`; what expires is told
    `expiring_days` before it does. `ping_in` names the environment variable with an address
    outside that is asked for after each watch, and that alarms when it was not.
    """

    again_hours: Annotated[int, Field(gt=0, le=24 * 31)] = 24
    expiring_days: Annotated[int, Field(gt=0, le=366)] = 14
    ping_in: VariableName | None = None


class WorkbookSettings(ClaimFile):
    """The file `ops-model.yaml`. A pinned `as_of` makes a replay workbook.

    `run_memory_mib` is what one run of a notebook may hold, with all that its cells start.
    """

    name: Text
    zone: ZoneName
    as_of: AwareTime | None = None
    note: Text | None = None
    ledger: LedgerAddress = "ledger.db"
    warehouses: tuple[Warehouse, ...] = ()
    alert_routes: tuple[AlertRoute, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    watch: WatchSettings = WatchSettings()
    run_memory_mib: Annotated[int, Field(ge=512, le=1 << 20)] = 4096

    @model_validator(mode="after")
    def _each_notebook_once(self) -> Self:
        named = [line.notebook for line in self.schedules]
        if twice := [name for name in dict.fromkeys(named) if named.count(name) > 1]:
            msg = f"schedules hold {', '.join(twice)} more than once; expected one line for each"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _each_route_once(self) -> Self:
        named = [(route.channel, route.to) for route in self.alert_routes]
        twice = [route for route in dict.fromkeys(named) if named.count(route) > 1]
        if twice:
            told = ", ".join(": ".join(filter(None, route)) for route in twice)
            msg = f"alert_routes hold {told} more than once; expected one address for each"
            raise ValueError(msg)
        return self
