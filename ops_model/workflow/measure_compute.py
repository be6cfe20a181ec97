"""What resources billed by the hour cost for the work done, and what reserving them would save."""

from collections import defaultdict
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
    from ops_model.analysis.compute import Reserved
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
    reserved, of_a_slot = _reserved(book, cost, resource, sums, days)

    def per_day(slots: float | None) -> Measured | None:
        return _per_day(slots, of_a_slot, cost, days, rows)

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
        reserved_level=reserved.level if reserved is not None else None,
        reserved_saving_per_day=per_day(
            reserved.on_demand - reserved.cost if reserved is not None else None
        ),
        reserved_for_peak_per_day=per_day(reserved.for_peak if reserved is not None else None),
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


def _reserved(
    book: Opened,
    cost: CostPlan,
    resource: str,
    sums: "Sequence[PricedSum]",
    days: Sequence[date],
) -> "tuple[Reserved | None, float]":
    """The best level at the prices of now, and what a slot of one unit costs on demand."""
    from ops_model.analysis.compute import best_reserved

    price = priced.price_book(cost).of_hours(resource, book.as_of)
    if price is None or price.reserved_per_hour is None or not price.per_hour or not days:
        return None, 0.0
    loads = _loads(sums, days)
    ratio = float(price.reserved_per_hour / price.per_hour)
    return best_reserved(loads, ratio), float(price.per_hour) * 24 * len(days) / len(loads)


def _loads(sums: "Sequence[PricedSum]", days: Sequence[date]) -> list[float]:
    """How many units ran in each slot: of an hour, or of a day where a log has a row a day."""
    by_hour: defaultdict[datetime, Decimal] = defaultdict(Decimal)
    for one in sums:
        by_hour[one.usage.at] += one.usage.amounts[0]
    if len(by_hour) <= len(days):
        by_day: defaultdict[date, Decimal] = defaultdict(Decimal)
        for at, hours in by_hour.items():
            by_day[at.date()] += hours
        return [float(by_day[day] / 24) for day in days]
    from ops_model.analysis.spend_slots import at_midnight

    return [float(by_hour[at_midnight(day) + n * _HOUR]) for day in days for n in range(24)]


def _per_day(
    slots: float | None, of_a_slot: float, cost: CostPlan, days: Sequence[date], rows: int
) -> Measured | None:
    """So many slots of one unit as money per day."""
    from ops_model.analysis.repeatable import repeatable

    if slots is None:
        return None
    return Measured(
        value=repeatable(slots * of_a_slot / len(days)), unit=cost.currency, n=rows,
        no_interval=f"the load of {len(days)} days at the prices of now",
    )  # fmt: skip
