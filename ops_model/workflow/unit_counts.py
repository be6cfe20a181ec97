"""Units of work and successes per day, counted the way that a unit of `cost.yaml` says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ops_model.domain.cost import UnitEconomics
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

    from ops_model.analysis.unit_cost import UnitDay

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class UnitsCounted:
    """Whole days with their units, in order, and what they were counted from."""

    days: "tuple[UnitDay, ...]"
    inputs: tuple[InputIdentity, ...]
    simulated: bool


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
    table = open_declared(book, {"log": (log, columns_in(unit.good, unit.valid))})["log"]
    asked = {
        key: condition_over(table, text, unit, key)
        for key, text in (("good", unit.good), ("valid", unit.valid))
        if text is not None
    }
    return _counted(book, log, table, asked, back=back, late_days=0)


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
    table = open_declared(book, {"log": (log, (outcome.value,))})["log"]
    asked = {"good": _is_one(table, outcome, log)}
    return _counted(book, log, table, asked, back=back, late_days=outcome.label_lag_days)


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
    table: "ibis.Table",
    asked: dict[str, Any],
    *,
    back: int,
    late_days: int,
) -> UnitsCounted:
    """Counts by day, between the first and the last day with a row, which may not be whole."""
    from ops_model.analysis.slots import count_slots
    from ops_model.analysis.unit_cost import UnitDay
    from ops_model.store.warehouse import readable_logs

    today = declared.midnight(book.as_of)
    inputs = declared.identities_of(book, [log])
    # One day more at each end, so that a row on it shows that the days between are whole.
    window = Window(start=today - (back + 1) * _DAY, end=today + _DAY)
    with readable_logs(log.address):
        counts = count_slots(
            table, timestamp=log.timestamp, window=window, minutes=DAY_MINUTES, **asked
        )
    first = counts.start.date()
    held = [first + place * _DAY for place in counts.rows.nonzero()[0].tolist()]
    known = today.date() - late_days * _DAY
    days = [
        UnitDay(day, valid, good)
        for day, valid, good in zip(
            _days_from(first, len(counts.rows)), counts.valid.tolist(), counts.good.tolist(),
            strict=True,
        )
        if held and held[0] < day < held[-1] and day < known
    ]  # fmt: skip
    return UnitsCounted(tuple(days), inputs, simulated(book.system, log))


def _days_from(first: date, many: int) -> Sequence[date]:
    return [first + place * _DAY for place in range(many)]


def _of_monitor(book: Opened, unit: UnitEconomics, monitor: str) -> UnitsCounted:
    """The settled days of a monitor: what was judged, what was right, of what part of the rows."""
    from ops_model.analysis.judged import count_days
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
    return UnitsCounted(whole, inputs, simulated(book.system, *judging.logs))
