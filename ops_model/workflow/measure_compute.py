"""What resources billed by the hour cost for the work done, and what reserving them would save."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ops_model.domain.cost import CostPlan, UsageLog
from ops_model.domain.evidence import InputIdentity, Measured
from ops_model.domain.savings import ComputeCost
from ops_model.workflow import declared, priced
from ops_model.workflow.declared import Opened
from ops_model.workflow.log_places import identities_of
from ops_model.workflow.measured_once import measured_once
from ops_model.workflow.unit_counts import count_units, not_countable
from ops_model.workflow.whole_days import last_of, whole_days, window_of

if TYPE_CHECKING:
    from ops_model.analysis.compute import Charged
    from ops_model.analysis.cost import PricedLogs, PricedSum

COMPUTE_DAYS = 28
"""Four whole weeks, so that no weekday is counted more often."""
_HOUR = timedelta(hours=1)


@dataclass
class _Units:
    """Units of work of each day, or why they are not known, and what they were counted from."""

    days: dict[date, int] = field(default_factory=dict)
    why_none: str = ""
    inputs: tuple[InputIdentity, ...] = ()
    simulated: bool = False


def compute_costs_of(book: Opened) -> tuple[ComputeCost, ...]:
    """Each resource of each log of hours, over its last four weeks of whole days.

    Raises:
        WarehouseError: no usage log is declared, or a log cannot be read as declared.
    """
    cost = priced.plan_of(book)
    asked = [log for log in cost.logs if log.unit == "hours"]
    if not asked:
        return ()
    key = "compute", priced.usage_identities(book, cost)
    return measured_once(book, key, lambda: _all_costs(book, cost, asked))


def _all_costs(book: Opened, cost: CostPlan, asked: Sequence[UsageLog]) -> tuple[ComputeCost, ...]:
    today = declared.midnight(book.as_of).date()
    since = declared.midnight(book.as_of) - timedelta(days=COMPUTE_DAYS + 1)
    logs = priced.priced_logs_of(book, slot=_HOUR, since=since)
    days = last_of(whole_days(logs), today, COMPUTE_DAYS)
    units = _units(book, cost)
    return tuple(_costs(book, cost, asked, logs, days, units))


def _units(book: Opened, cost: CostPlan) -> _Units:
    """The volume of each day, by the first unit of `cost.yaml` that can be counted."""
    unit = next((one for one in cost.units if not not_countable(one)), None)
    if unit is None:
        return _Units(why_none="no unit of cost.yaml says how it is counted")
    counted = count_units(book, unit, back=COMPUTE_DAYS + 1)
    return _Units(
        days={one.day: round(one.units / one.part) for one in counted.days},
        inputs=counted.inputs,
        simulated=counted.simulated,
    )


def _costs(
    book: Opened,
    cost: CostPlan,
    asked: Sequence[UsageLog],
    logs: "PricedLogs",
    days: Sequence[date],
    units: _Units,
) -> Iterator[ComputeCost]:
    from ops_model.analysis.cost import price_sums

    prices = priced.price_book(cost)
    held = {log.name: log for log in logs.logs}
    for log in asked:
        sums = [one for one in price_sums([held[log.id]], prices) if one.usage.day in set(days)]
        for resource in sorted({one.usage.item for one in sums if one.usage.valid}):
            mine = [one for one in sums if one.usage.item == resource and one.usage.valid]
            yield _cost_of(book, cost, log, resource, mine, days, units)


def _cost_of(
    book: Opened,
    cost: CostPlan,
    log: UsageLog,
    resource: str,
    sums: "Sequence[PricedSum]",
    days: Sequence[date],
    units: _Units,
) -> ComputeCost:
    rows = sum(one.usage.rows for one in sums)
    hours = sum((one.usage.amounts[0] for one in sums), Decimal(0))
    used = sum((one.usage.amounts[1] for one in sums), Decimal(0))
    busy = float(used / hours) if log.busy is not None and hours else None
    thousand = _per_thousand(cost, sums, days, units)
    reserved = _reserved(book, cost, resource, sums, days)
    return ComputeCost(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("cost", "signals"),
        inputs=tuple(dict.fromkeys((*identities_of(book, [log]), *units.inputs))),
        window=window_of(days),
        simulated=book.system.identity.simulated or log.simulated or units.simulated,
        log=log.id,
        resource=resource,
        currency=cost.currency,
        hours=Measured(value=float(hours), unit="hours", n=rows, no_interval="exact"),
        busy=Measured(
            value=busy, unit="share", n=rows,
            no_interval="exact" if busy is not None else "the log has no column of busy hours",
        ),
        cost_per_thousand=thousand,
        cost_per_thousand_busy=_if_busy(thousand, busy),
        reserved_level=reserved.level,
        reserved_saving_per_day=reserved.saving,
        reserved_for_peak_per_day=reserved.for_peak,
    )  # fmt: skip


def _per_thousand(
    cost: CostPlan, sums: "Sequence[PricedSum]", days: Collection[date], units: _Units
) -> Measured:
    """The cost of the days whose units are known, for a thousand of them."""
    from ops_model.analysis.bridge_sides import serves
    from ops_model.analysis.compute import cost_per_thousand

    unit = f"{cost.currency} per 1,000 units"
    known = [day for day in days if day in units.days]
    mine = [one for one in sums if one.usage.day in set(known) and serves(one)]
    many = sum(units.days[day] for day in known)
    whole = sum((one.cost for one in mine if one.cost is not None), Decimal(0))
    unpriced = sum(one.usage.rows for one in mine if one.cost is None)
    value = cost_per_thousand(whole, many) if any(one.cost is not None for one in mine) else None
    why = "exact"
    if value is None:
        why = units.why_none or ("no price is known" if many else "no unit on these days")
    elif unpriced:
        why = f"lower bound: {unpriced:,} rows have no price"
    return Measured(value=value, unit=unit, n=many, no_interval=why)


def _if_busy(thousand: Measured, busy: float | None) -> Measured | None:
    """What it would cost if the resource worked in every hour that is paid for."""
    if thousand.value is None or not busy:
        return None
    return thousand.model_copy(update={"value": thousand.value * busy})


@dataclass(frozen=True)
class _Reserving:
    """What reserving comes to; nothing is known of it without a price of what is reserved."""

    level: int | None = None
    saving: Measured | None = None
    for_peak: Measured | None = None


def _reserved(
    book: Opened,
    cost: CostPlan,
    resource: str,
    sums: "Sequence[PricedSum]",
    days: Sequence[date],
) -> _Reserving:
    """The best level at the prices of now, and what it and the peak come to per day."""
    from ops_model.analysis.compute import best_reserved, loads_of
    from ops_model.analysis.repeatable import repeatable

    price = priced.price_book(cost).of_hours(resource, book.as_of)
    if price is None or price.reserved_per_hour is None or not price.per_hour or not days:
        return _Reserving()
    loads, rows = loads_of(_charged(sums), days), sum(one.usage.rows for one in sums)

    def measured(value: float | None, why: str) -> Measured:
        return Measured(value=value, unit=cost.currency, n=rows, no_interval=why)

    if loads.why_not:
        unknown = measured(None, loads.why_not)
        return _Reserving(saving=unknown, for_peak=unknown)
    found = best_reserved(loads.units, float(price.reserved_per_hour / price.per_hour))
    of_a_slot = float(price.per_hour) * loads.slot_hours / len(days)
    rests_on = f"the load of {len(days)} days at the prices of now"
    most = rests_on
    if loads.slot_hours > 1:
        rests_on += f", by the mean of each {loads.slot_hours} hours: no row is of fewer"
        most = f"at least: {rests_on}"
    return _Reserving(
        found.level,
        measured(repeatable((found.on_demand - found.cost) * of_a_slot), rests_on),
        measured(repeatable(found.for_peak * of_a_slot), most),
    )


def _charged(sums: "Sequence[PricedSum]") -> "dict[datetime, Charged]":
    """The hours by the hour in which their rows were written."""
    from ops_model.analysis.compute import Charged

    found: dict[datetime, Charged] = {}
    for one in sums:
        held = found.get(one.usage.at, Charged(Decimal(0), 0))
        hours = held.hours + one.usage.amounts[0]
        found[one.usage.at] = Charged(hours, held.rows + one.usage.rows)
    return found
