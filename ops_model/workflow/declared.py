"""Which log, baseline and columns a measurement rests on: resolved from the claims, then opened.

A reference that names nothing is the finding OM-06; who measures nevertheless gets an error that
names the place in the file and what to write there.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

from ops_model.domain.cost import CostCeiling, CostPlan
from ops_model.domain.evidence import InputIdentity
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.signals import OutcomeMetric, Signals
from ops_model.domain.signals_logged import Baseline, Log
from ops_model.domain.signals_watched import CanarySet, Monitor, Signal
from ops_model.domain.values import Claim, Window, iso_utc
from ops_model.domain.workbook import Warehouse
from ops_model.errors import WarehouseError
from ops_model.workflow import log_places

if TYPE_CHECKING:
    import ibis

identities_of, warehouse_of = log_places.identities_of, log_places.warehouse_of

_ASKING: Mapping[type[Claim], str] = {
    Monitor: "monitor", OutcomeMetric: "outcome", CanarySet: "canaries",
}  # fmt: skip


class Opened(Protocol):
    """One system at one instant, as `workflow.open` gives it."""

    @property
    def root(self) -> Path:
        """The workbook's folder."""

    @property
    def system(self) -> SystemClaims:
        """The claims of the system."""

    @property
    def as_of(self) -> datetime:
        """The instant that judges."""

    @property
    def warehouses(self) -> Sequence[Warehouse]:
        """Where logs lie that are no files of the workbook."""


def undeclared(place: Claim, key: str, message: str, remedy: str) -> NoReturn:
    """Say where the claims do not hold what a measurement needs.

    Raises:
        WarehouseError: always.
    """
    raise WarehouseError(message, where=str(place.place_of(key)), remedy=remedy)


def signals_of(book: Opened) -> Signals:
    """The signals of the system.

    Raises:
        WarehouseError: it has no `signals.yaml`.
    """
    if book.system.signals is None:
        raise WarehouseError(
            "there is no such file, so nothing says what is logged or watched",
            where=str(book.system.missing_file("signals")),
            remedy="write logs, a baseline and a monitor there",
        )
    return book.system.signals


def monitor_of(signals: Signals, signal: Signal, monitor: str | None) -> Monitor:
    """The named monitor of a signal, or its first.

    Raises:
        WarehouseError: there is none.
    """
    found = [m for m in signals.of(signal) if monitor in {None, m.id}]
    if found:
        return found[0]
    ids = ", ".join(m.id for m in signals.of(signal)) or "none"
    wanted = f" {monitor!r}" if monitor else ""
    undeclared(
        signals, "monitors", f"no monitor{wanted} watches {signal}; it has: {ids}",
        f"write a monitor with `signal: {signal}`, a log, a baseline and its columns",
    )  # fmt: skip


def log_of(signals: Signals, monitor: Monitor) -> Log:
    """The log that a monitor watches.

    Raises:
        WarehouseError: the monitor names none, or one that is not declared.
    """
    return log_named(signals, monitor, "log", monitor.log)


def baseline_of(signals: Signals, monitor: Monitor) -> Baseline:
    """The span that a monitor compares with.

    Raises:
        WarehouseError: the monitor names none, or one that is not declared.
    """
    found = signals.baseline(monitor.baseline)
    if found is None:
        ids = ", ".join(b.id for b in signals.baselines) or "none"
        named = f"has baseline {monitor.baseline!r}" if monitor.baseline else "names no baseline"
        undeclared(
            monitor, "baseline",
            f"monitor {monitor.id} {named}; declared are: {ids}",
            "name a declared baseline, or declare this one under `baselines:`",
        )  # fmt: skip
    return found


def baseline_log_of(signals: Signals, monitor: Monitor, baseline: Baseline) -> Log:
    """The log on which a baseline lies.

    Raises:
        WarehouseError: it is not declared.
    """
    found = signals.log(baseline.log)
    if found is None:
        undeclared(
            baseline, "log", f"baseline {baseline.id} lies on log {baseline.log!r}, which "
            f"monitor {monitor.id} needs and nobody declared",
            "declare that log under `logs:`, or name another",
        )  # fmt: skip
    return found


def columns_of(monitor: Monitor) -> tuple[str, ...]:
    """The columns that a monitor of a distribution watches; its prediction when it lists none.

    Raises:
        WarehouseError: it names neither.
    """
    if monitor.columns:
        return monitor.columns
    if monitor.prediction is None:
        undeclared(
            monitor, "columns", f"monitor {monitor.id} names no columns to watch",
            "write `columns:` with the inputs, or the score, that it watches",
        )  # fmt: skip
    return (monitor.prediction,)


def log_named(
    signals: Signals,
    asking: Monitor | OutcomeMetric | CanarySet,
    key: str,
    log_id: str | None,
) -> Log:
    """The log of this id, which a monitor, an outcome or a set of canaries names under `key`.

    Raises:
        WarehouseError: it is not declared.
    """
    found = signals.log(log_id)
    if found is None:
        ids = ", ".join(log.id for log in signals.logs) or "none"
        undeclared(
            asking, key,
            f"{_ASKING[type(asking)]} {asking.id} has {key} {log_id!r}; declared are: {ids}",
            "name a declared log, or declare this one under `logs:`",
        )  # fmt: skip
    return found


def ceiling_of(cost: CostPlan) -> CostCeiling | None:
    """The strictest ceiling per day of the whole system, if there is one.

    Raises:
        WarehouseError: a ceiling is in another currency than the prices; nothing is converted.
    """
    for ceiling in cost.ceilings:
        if ceiling.amount.currency != cost.currency:
            undeclared(
                ceiling, "amount",
                f"ceiling {ceiling.id} is in {ceiling.amount.currency}; expected {cost.currency}, "
                "the currency of the prices",
                f"write the ceiling in {cost.currency}; nothing is converted silently",
            )  # fmt: skip
    daily = [c for c in cost.ceilings if c.scope == "system" and c.per == "day"]
    return min(daily, key=lambda c: c.amount.amount, default=None)


def identities(root: Path, addresses: Iterable[str]) -> tuple[InputIdentity, ...]:
    """What is read, each address once."""
    from ops_model.store.warehouse import identify

    return tuple(identify(root, address) for address in dict.fromkeys(addresses))


def midnight(instant: datetime) -> datetime:
    """The beginning of the UTC day of an instant."""
    return instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def last_days(as_of: datetime, days: int) -> Window:
    """The last whole UTC days before an instant."""
    end = midnight(as_of)
    return Window(start=end - timedelta(days=days), end=end)


def open_windows(
    book: Opened, spans: Sequence[tuple[Log, Window]], columns: Sequence[str]
) -> "list[ibis.Table]":
    """The same columns of several spans, each bounded by its end and the instant that judges."""
    from ops_model.store.warehouse import LogRequest, open_logs

    requests = {
        str(position): LogRequest(
            log.address, dict.fromkeys(columns, "scalar"),
            timestamp=log.timestamp, before=min(span.end, book.as_of),
            warehouse=warehouse_of(book, log),
        )
        for position, (log, span) in enumerate(spans)
    }  # fmt: skip
    tables = open_logs(book.root, requests, joined=False)
    return [
        tables[str(position)].filter(tables[str(position)][log.timestamp] >= span.start)
        for position, (log, span) in enumerate(spans)
    ]


def some_rows(rows: int, log: Log, span: Window) -> None:
    """Refuse an empty span: what nothing shows is unknown, not zero.

    Raises:
        WarehouseError: there is no row.
    """
    if rows == 0:
        raise WarehouseError(
            f"holds no row from {iso_utc(span.start)} to {iso_utc(span.end)}",
            where=log.address,
            remedy="see whether the log is still written, or choose another span",
        )
