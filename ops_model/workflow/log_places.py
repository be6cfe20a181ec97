"""Where a declared log lies, and which rows of it a measurement read.

A log is a file of the workbook, or a table of a warehouse that `ops-model.yaml` declares. What was
read is identified by those who measure, and once more by the runner, in the same way.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ops_model.domain.cost import UsageLog
from ops_model.domain.evidence import InputIdentity
from ops_model.domain.operating_model import PortfolioSnapshot, Snapshot, SystemClaims
from ops_model.domain.saving_claims import Bill, ModelComparison
from ops_model.domain.signals_logged import Log
from ops_model.domain.workbook import Warehouse
from ops_model.errors import WarehouseError
from ops_model.workflow.usage_requests import plan_of, source_of

DeclaredLog = Log | UsageLog | Bill | ModelComparison
"""Whatever a claim gives an address, and may give a warehouse."""


class Placed(Protocol):
    """One instant of a workbook, and the engines that it declares."""

    @property
    def root(self) -> Path:
        """The workbook's folder."""

    @property
    def as_of(self) -> datetime:
        """The instant that judges."""

    @property
    def warehouses(self) -> Sequence[Warehouse]:
        """Where logs lie that are no files of the workbook."""


def warehouse_of(book: Placed, log: DeclaredLog) -> Warehouse | None:
    """The warehouse that a log lies in, or None where it is a file of the workbook.

    Raises:
        WarehouseError: it names one that nobody declared.
    """
    return None if log.warehouse is None else _declared(log, book.warehouses)


def _declared(log: DeclaredLog, warehouses: Sequence[Warehouse]) -> Warehouse:
    found = next((one for one in warehouses if one.id == log.warehouse), None)
    if found is not None:
        return found
    ids = ", ".join(one.id for one in warehouses) or "none"
    raise WarehouseError(
        f"log {log.id} lies in warehouse {log.warehouse!r}; declared are: {ids}",
        where=str(log.place_of("warehouse")),
        remedy="declare it under `warehouses:` in ops-model.yaml, or name another",
    )


def identities_of(book: Placed, logs: Iterable[DeclaredLog]) -> tuple[InputIdentity, ...]:
    """What is read of some logs, each once; of a table, the rows before the judging instant."""
    each = {(log.warehouse, log.address): log for log in logs}
    return tuple(
        _identity(book.root, log, book.as_of, warehouse_of(book, log)) for log in each.values()
    )


def identified_again(
    root: Path, given: InputIdentity, snapshot: Snapshot | PortfolioSnapshot
) -> InputIdentity:
    """What an address that a record names stands for now, of the same rows as then.

    Raises:
        WarehouseError: there is no such log any more, or it cannot be read.
    """
    from ops_model.store.warehouse import identify

    for log in declared_logs(snapshot.system) if isinstance(snapshot, Snapshot) else ():
        if log.warehouse is not None and given.address in {log.address, address_of(log)}:
            warehouse = _declared(log, snapshot.settings.warehouses)
            return _identity(root, log, snapshot.as_of, warehouse)
    return identify(root, given.address)


def declared_logs(system: SystemClaims) -> tuple[DeclaredLog, ...]:
    """Every log, bill and comparison that the claims of a system give an address."""
    signals, cost = system.signals, system.cost
    found: list[DeclaredLog] = []
    if signals is not None:
        found += signals.logs
    if cost is not None:
        found += [*cost.logs, *cost.bills, *cost.comparisons]
    return tuple(found)


def address_of(log: DeclaredLog) -> str:
    """The address under which evidence names a table, such as `dwh:served.predictions`."""
    return log.address if log.warehouse is None else f"{log.warehouse}:{log.address}"


def _identity(
    root: Path, log: DeclaredLog, as_of: datetime, warehouse: Warehouse | None
) -> InputIdentity:
    from ops_model.store.warehouse import LogRequest, identify_log

    if isinstance(log, UsageLog) and warehouse is not None:
        # Its format may have another name for the time of a row, or a number there.
        return identify_log(root, plan_of(root, source_of(log, warehouse), as_of).request)
    # A bill and a comparison are read whole; they hold no rows that arrive one by one.
    at = log.timestamp if isinstance(log, Log | UsageLog) else None
    before = None if at is None else as_of
    request = LogRequest(log.address, {}, timestamp=at, before=before, warehouse=warehouse)
    return identify_log(root, request)
