"""What one successful outcome costs, of the units that `cost.yaml` says how to count."""

from ops_model.domain.cost import UnitEconomics
from ops_model.domain.evidence import Measured
from ops_model.domain.spend import UnitCost
from ops_model.domain.values import Money
from ops_model.errors import Problem, WarehouseError
from ops_model.workflow import declared, priced
from ops_model.workflow.declared import Opened
from ops_model.workflow.unit_counts import count_units, not_countable
from ops_model.workflow.whole_days import last_of, whole_days, window_of

UNIT_DAYS = 28
"""Four whole weeks, of those days on which it is known how the units did."""
_BACK = 91


def unit_costs_of(book: Opened) -> tuple[UnitCost, ...]:
    """Every unit of `cost.yaml` that says how its successes are counted, in the file's order.

    Raises:
        WarehouseError: with the problems of all units.
    """
    cost = priced.plan_of(book)
    found: list[UnitCost] = []
    problems: list[Problem] = []
    for unit in cost.units:
        if not_countable(unit):
            continue
        try:
            found.append(unit_cost_of(book, unit))
        except WarehouseError as error:
            problems += error.problems
    if problems:
        raise WarehouseError(problems=problems)
    return tuple(found)


def unit_cost_of(book: Opened, unit: UnitEconomics) -> UnitCost:
    """One unit, over the last four weeks of days on which both cost and successes are known.

    Raises:
        WarehouseError: what it names is not declared, or a log cannot be read as declared.
    """
    from ops_model.analysis.unit_cost import measure_unit_cost

    cost = priced.plan_of(book)
    logs = priced.priced_logs_of(book)
    counted = count_units(book, unit, back=_BACK)
    known = {one.day: one for one in counted.days}
    today = declared.midnight(book.as_of).date()
    days = last_of(whole_days(logs) & known.keys(), today, _BACK)[-UNIT_DAYS:]
    held = [known[day] for day in days]
    undated = sum(log.undated for log in logs.logs)
    timeless = f"lower bound: {undated:,} rows say no instant, and may be of these days"
    doubts = [doubt for doubt in (counted.doubt, timeless if undated else "") if doubt]
    result = measure_unit_cost(
        logs.sums, held, cost.currency, services=unit.services, doubt="; ".join(doubts)
    )
    return UnitCost(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("cost", "signals"),
        inputs=tuple(dict.fromkeys((*priced.usage_identities(book, cost), *counted.inputs))),
        window=window_of(days),
        simulated=counted.simulated or cost.simulated,
        unit=unit.id,
        target=_claimed(unit.target_cost),
        worth=_claimed(unit.value),
        by_a_person=_claimed(unit.human_alternative),
        **{**vars(result), "notes": (*counted.notes, *result.notes)},
    )


def _claimed(money: Money | None) -> Measured | None:
    """An amount of `cost.yaml`, to stand beside what was measured."""
    if money is None:
        return None
    value = float(money.amount)
    return Measured(value=value, unit=money.currency, n=1, no_interval="as declared")
