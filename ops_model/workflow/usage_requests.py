"""What to open of a usage log: its own names of what the usage contract asks for.

A log's columns are looked up first, so that what the adapter of its format asks for is there, and
what it lacks is told with the nearest name.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ops_model.domain.cost import UsageFormat, UsageLog
from ops_model.domain.workbook import Warehouse
from ops_model.errors import WarehouseError

if TYPE_CHECKING:
    from ops_model.analysis.usage_adapters import EpochUnit
    from ops_model.analysis.usage_places import UsageRows
    from ops_model.store.warehouse import ColumnKind, LogRequest

TIMESTAMP = "timestamp"
"""When a row was written, in the usage contract."""


@dataclass(frozen=True)
class UsageSource:
    """One usage log and how it is read.

    Attributes:
        unit: tokens; hours of a resource; or the cost that the log itself reports.
        address: a path, or a table of a warehouse.
        timestamp: when a row was written; a format's own name is taken where there is no such.
        written: the format.
        service, provider: those of rows that name none.
        includes_cache: whether input tokens hold cached ones, where that is not as usual.
        prefix: the column with the hashes of a prompt's blocks.
        busy: the column with the busy part of the hours.
        reported: the column with the cost of a row.
        warehouse: where it lies; None is a file.
        assume_utc: take instants without a zone as UTC.
    """

    address: str
    unit: Literal["tokens", "hours", "reported"] = "tokens"
    timestamp: str = TIMESTAMP
    written: UsageFormat = "contract"
    service: str = ""
    provider: str = ""
    includes_cache: bool | None = None
    prefix: str | None = None
    busy: str | None = None
    reported: str = ""
    warehouse: Warehouse | None = None
    assume_utc: bool = False

    @property
    def place(self) -> str:
        """The address as errors show it."""
        return self.address if self.warehouse is None else f"{self.warehouse.id}:{self.address}"


def source_of(log: UsageLog, warehouse: Warehouse | None) -> UsageSource:
    """A log that the claims declare, in the warehouse that they name."""
    return UsageSource(
        log.address, log.unit, log.timestamp, log.format, log.service or "", log.provider or "",
        log.input_includes_cache, log.prefix, log.busy, warehouse=warehouse,
    )  # fmt: skip


@dataclass(frozen=True)
class UsagePlan:
    """What to open of a log, and where it has the columns of the contract."""

    source: UsageSource
    request: "LogRequest"
    rows: "UsageRows | None" = None


def plan_of(root: Path | None, source: UsageSource, before: datetime) -> UsagePlan:
    """How a log is opened.

    Raises:
        WarehouseError: there is no such log, or it cannot be read.
    """
    from ops_model.analysis.usage_places import UsageRows
    from ops_model.store.warehouse import kinds_of

    if source.unit != "tokens":
        known = kinds_of(root, source.address, source.warehouse) if source.reported else {}
        return UsagePlan(source, _request_of_hours(source, known, before))
    names = kinds_of(root, source.address, source.warehouse)
    rows = UsageRows.of(
        source.written, names, service=source.service, provider=source.provider,
        includes_cache=source.includes_cache, prefix=source.prefix,
    )  # fmt: skip
    return UsagePlan(source, _request_of_tokens(source, rows, before), rows)


def _request_of_hours(
    source: UsageSource, names: Collection[str], before: datetime
) -> "LogRequest":
    """Hours of a resource, or a reported cost: both have the contract's names already."""
    from ops_model.analysis.usage_rows import is_currency
    from ops_model.store.warehouse import LogRequest

    columns: dict[str, ColumnKind] = {"resource": "text", "hours": "number"}
    if source.unit == "reported":
        columns = dict.fromkeys([source.reported], "number")
    if source.busy is not None:
        columns[source.busy] = "number"
    optional: dict[str, ColumnKind] = {
        "gen_ai_provider_name": "label", "gen_ai_request_model": "label", "purpose": "label",
        "status": "label", "user_group": "label", "run_id": "label", "request_id": "label",
    }  # fmt: skip
    if source.unit == "reported":
        optional |= dict.fromkeys(filter(is_currency, names), "label")
    if source.unit == "hours" and not source.service:
        columns["service"] = "label"
    else:
        optional["service"] = "label"
    return LogRequest(
        source.address, columns, source.timestamp, before, optional=optional,
        assume_utc=source.assume_utc, warehouse=source.warehouse, sparse=True,
    )  # fmt: skip


def _request_of_tokens(source: UsageSource, rows: "UsageRows", before: datetime) -> "LogRequest":
    from ops_model.analysis.usage_contract import REQUIRED
    from ops_model.store.warehouse import LogRequest

    found: dict[str, ColumnKind] = dict(rows.columns())
    lacking = [name for name in REQUIRED if not rows.places(name)]
    if lacking:
        _refuse_another_format(source, rows)
    if source.written == "contract" and not source.service and not rows.places("service"):
        lacking.append("service")
    at, epoch = _instant(source, rows)
    found.pop(at, None)
    needed = _in_every_file(source, rows)
    columns = {name: found.pop(name) for name in list(found) if name in needed}
    columns |= dict.fromkeys(map(rows.first_place, lacking), "label")
    return LogRequest(
        source.address, columns, at, before, optional=found, epoch=epoch,
        warehouse=source.warehouse, sparse=True,
        assume_utc=source.assume_utc or rows.adapter.naive_is_utc,
    )  # fmt: skip


def _in_every_file(source: UsageSource, rows: "UsageRows") -> set[str]:
    """The columns without which the rows of a file have no price, or are of no service."""
    from ops_model.analysis.usage_contract import REQUIRED

    names = list(REQUIRED)
    if source.written == "contract" and not source.service:
        names.append("service")
    places = [rows.places(name) for name in names]
    needed = {one[0].column for one in places if len({place.column for place in one}) == 1}
    return needed | ({rows.prefix} if rows.prefix is not None else set())


def _refuse_another_format(source: UsageSource, rows: "UsageRows") -> None:
    """Say which format a log has, where it lacks what its own asks for and has that of another.

    Raises:
        WarehouseError: it has.
    """
    from ops_model.analysis.usage_adapters import FORMATS
    from ops_model.analysis.usage_contract import REQUIRED

    others = [
        written for written, adapter in FORMATS.items()
        if all(replace(rows, adapter=adapter).places(name) for name in REQUIRED)
    ]  # fmt: skip
    if others:
        seen = " or ".join(others)
        raise WarehouseError(
            f"has not the columns of format {source.written!r}, and those of {seen}",
            where=source.place,
            remedy=f"write `format: {others[0]}` for the log, or --format {others[0]} for the "
            "command",
        )


def _instant(source: UsageSource, rows: "UsageRows") -> "tuple[str, EpochUnit | None]":
    """The column with the time of a row, and its unit where that is a number."""
    known = rows.adapter.instants
    named = (source.timestamp, *known) if source.timestamp not in rows.names else ()
    at = next((name for name in named if name in rows.names), source.timestamp)
    unit = known.get(at) if rows.names.get(at) == "number" else None
    return at, unit
