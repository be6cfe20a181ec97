"""Units of work and successes per day, counted the way that a unit of `cost.yaml` says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ops_model.domain.cost import UnitEconomics
from ops_model.domain.detection import MOST_REPEATED
from ops_model.domain.evidence import InputIdentity
from ops_model.domain.service_levels import DAY_MINUTES
from ops_model.domain.signals import OutcomeMetric
from ops_model.domain.signals_logged import Log
from ops_model.domain.values import Window
from ops_model.errors import WarehouseError
from ops_model.workflow import declared
from ops_model.workflow.compared import simulated
from ops_model.workflow.declared import Opened
from ops_model.workflow.log_requests import (
    columns_in,
    condition_over,
    declared_log,
    open_declared,
)

if TYPE_CHECKING:
    import ibis

    from ops_model.analysis.rows_once import Once
    from ops_model.analysis.unit_cost import UnitDay

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class UnitsCounted:
    """Whole days with their units, in order, and what they were counted from.

    `notes` say what was left out, and `doubt` why there may be fewer than were counted.
    """

    days: "tuple[UnitDay, ...]"
    inputs: tuple[InputIdentity, ...]
    simulated: bool
    notes: tuple[str, ...] = ()
    doubt: str = ""


def not_countable(unit: UnitEconomics) -> str:
    """What a unit has to say before its successes can be counted; empty when nothing."""
    if unit.log is not None or unit.monitor is not None or unit.outcome is not None:
        return ""
    return "a log with good (the condition that a success meets), a monitor, or an outcome"


def count_units(book: Opened, unit: UnitEconomics, *, back: int) -> UnitsCounted:
    """The whole days of the last so many on which it is known how the units did.

    Raises:
        WarehouseError: what the unit names is not declared, or a log cannot be read as declared.
    """
    if unit.log is not None:
        return _of_log(book, unit, unit.log, back)
    if unit.monitor is not None:
        return _of_monitor(book, unit, unit.monitor)
    if unit.outcome is None:
        declared.undeclared(
            unit, "success", f"unit {unit.id} does not say how its successes are counted",
            f"name {not_countable(unit)}",
        )  # fmt: skip
    return _of_outcome(book, unit, unit.outcome, back)


def _of_log(book: Opened, unit: UnitEconomics, log_id: str, back: int) -> UnitsCounted:
    log = declared_log(declared.signals_of(book), unit, "log", log_id)
    rows = _rows(book, log, columns_in(unit.good, unit.valid), back)
    asked = {
        key: condition_over(rows.table, text, unit, key)
        for key, text in (("good", unit.good), ("valid", unit.valid))
        if text is not None
    }
    return _counted(book, log, rows, asked, back=back, late_days=0)


def _of_outcome(book: Opened, unit: UnitEconomics, outcome_id: str, back: int) -> UnitsCounted:
    signals = declared.signals_of(book)
    outcome = next((o for o in signals.outcomes if o.id == outcome_id), None)
    if outcome is None:
        ids = ", ".join(o.id for o in signals.outcomes) or "none"
        declared.undeclared(
            unit, "outcome", f"outcome is {outcome_id!r}; declared are: {ids}",
            "name a declared outcome, or declare this one under `outcomes:` in signals.yaml",
        )  # fmt: skip
    if outcome.value is None:
        declared.undeclared(
            outcome, "value", f"outcome {outcome.id} names no value, so nothing can be counted",
            "write `value:` with the column of its log that holds the outcome of a row",
        )  # fmt: skip
    log = declared.log_named(signals, outcome, "log", outcome.log)
    rows = _rows(book, log, (outcome.value,), back)
    asked = {"good": _is_one(rows.table, outcome, log)}
    return _counted(book, log, rows, asked, back=back, late_days=outcome.label_lag_days)


def _window(book: Opened, back: int) -> Window:
    """One day more at each end, so that a row on it shows that the days between are whole."""
    today = declared.midnight(book.as_of)
    return Window(start=today - (back + 1) * _DAY, end=today + _DAY)


def _rows(book: Opened, log: Log, columns: Sequence[str], back: int) -> "Once":
    """The rows of a log that are counted, each once where the log says what tells them apart."""
    from ops_model.analysis.rows_once import rows_once
    from ops_model.store.warehouse import readable_logs

    asked = dict.fromkeys((*columns, *([log.key] if log.key is not None else [])))
    table = open_declared(book, {"log": (log, asked)})["log"]
    with readable_logs(log.address):
        return rows_once(table, log.key, timestamp=log.timestamp, window=_window(book, back))


def _is_one(table: "ibis.Table", outcome: OutcomeMetric, log: Log) -> Any:  # noqa: ANN401 - an Ibis boolean, which has no type
    value = table[str(outcome.value)]
    if value.type().is_boolean():
        return value
    if value.type().is_numeric():
        return value == 1
    raise WarehouseError(
        f"value {outcome.value!r} of outcome {outcome.id} is {value.type()}; expected true and "
        "false, or 1 and 0",
        where=log.address,
        remedy="count the successes by `log` and `good` of the unit instead",
    )


def _counted(
    book: Opened,
    log: Log,
    rows: "Once",
    asked: dict[str, Any],
    *,
    back: int,
    late_days: int,
) -> UnitsCounted:
    """Counts by day, between the first and the last day with a row, which may not be whole.

    A day without any row is not known: no log tells whether nothing was done or it was silent.
    """
    from ops_model.analysis.slots import count_slots
    from ops_model.analysis.unit_cost import UnitDay
    from ops_model.store.warehouse import readable_logs

    inputs = declared.identities_of(book, [log])
    with readable_logs(log.address):
        counts = count_slots(
            rows.table, timestamp=log.timestamp, window=_window(book, back),
            minutes=DAY_MINUTES, **asked,
        )  # fmt: skip
    first = counts.start.date()
    held = [first + place * _DAY for place in counts.rows.nonzero()[0].tolist()]
    known = declared.midnight(book.as_of).date() - late_days * _DAY
    each = zip(
        _days_from(first, len(counts.rows)), counts.rows.tolist(), counts.valid.tolist(),
        counts.good.tolist(), strict=True,
    )  # fmt: skip
    between = [one for one in each if held and held[0] < one[0] < min(held[-1], known)]
    days = [UnitDay(day, valid, good) for day, many, valid, good in between if many]
    return UnitsCounted(
        tuple(days), inputs, simulated(book.system, log),
        tuple(_notes(log, rows, len(between) - len(days), len(between))),
        _doubt(log, rows.differing, int(counts.rows.sum())),
    )  # fmt: skip


def _notes(log: Log, rows: "Once", silent: int, days: int) -> Iterator[str]:
    if silent:
        yield (
            f"log {log.id} has no row on {silent} of {days} days; what was done on them is not "
            "known, and they are left out"
        )
    if rows.again:
        yield f"{rows.again:,} rows of log {log.id} came twice and count once"
    if rows.differing:
        yield (
            f"{rows.differing:,} rows of log {log.id} share their {log.key} with another row that "
            "differs; each counts"
        )


def _doubt(log: Log, differing: int, many: int) -> str:
    """Why so many successes may be too many; '' where few rows share a key."""
    if differing <= MOST_REPEATED * many:
        return ""
    return f"lower bound: {differing:,} of {many:,} rows of log {log.id} share their {log.key}"


def _days_from(first: date, many: int) -> Sequence[date]:
    return [first + place * _DAY for place in range(many)]


def _of_monitor(book: Opened, unit: UnitEconomics, monitor: str) -> UnitsCounted:
    """The settled days of a monitor: what was judged, what was right, of what part of the rows."""
    from ops_model.analysis.judged import count_apart, count_days
    from ops_model.analysis.unit_cost import UnitDay
    from ops_model.store.warehouse import readable_logs
    from ops_model.workflow.judged_logs import judging_of, open_judged

    judging = judging_of(book, monitor)
    if judging.score is not None:
        declared.undeclared(
            unit, "monitor",
            f"monitor {monitor} takes the mean of {judging.score}, of which none is a success",
            "name a monitor by which a row is right or wrong, or count by `log` and `good`",
        )  # fmt: skip
    inputs = declared.identities_of(book, judging.logs)
    judged = open_judged(book, judging)
    with readable_logs(judging.log.address):
        counts = count_days(judged.rows)
        apart = count_apart(judged.rows, judged.served, key=judging.log.key, labels=judged.labels)
    days = [
        UnitDay(day, labelled, right, Decimal(labelled) / rows)
        for day, rows, labelled, right in zip(
            counts.days, counts.rows.tolist(), counts.labelled.tolist(), counts.total.tolist(),
            strict=True,
        )
        if labelled and day < judging.plan.settled
    ]  # fmt: skip
    # The day on which the log begins may not be whole.
    whole = tuple(one for one in days if one.day > counts.days[0])
    return UnitsCounted(
        whole, inputs, simulated(book.system, *judging.logs),
        doubt=_doubt(judging.log, apart["served_repeated"], int(counts.rows.sum())),
    )  # fmt: skip
