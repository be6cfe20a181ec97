"""Every action that is to lower the cost: what it is to save, could save, and did save."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from ops_model.domain.cost import CostPlan
from ops_model.domain.evidence import InputIdentity, Measured
from ops_model.domain.saving_claims import CostAction
from ops_model.domain.savings import ActionSaving, SavingsMeasurement
from ops_model.workflow import declared, priced
from ops_model.workflow.declared import Opened
from ops_model.workflow.unit_counts import UnitsCounted, count_units, not_countable
from ops_model.workflow.whole_days import whole_days, window_of

if TYPE_CHECKING:
    from ops_model.analysis.cost import PricedLogs
    from ops_model.analysis.saving_estimates import Analysed
    from ops_model.analysis.savings import Spans


def savings_of(book: Opened, found: "Sequence[Analysed] | None" = None) -> SavingsMeasurement:
    """Each action of `cost.yaml` with its three savings per day.

    Args:
        book: the system and the instant.
        found: the records of what could be saved, of the same instant; None is `analysed_of`.

    Raises:
        WarehouseError: no usage log is declared, or a log cannot be read as declared.
    """
    found = analysed_of(book) if found is None else found
    cost = priced.plan_of(book)
    logs = priced.priced_logs_of(book)
    today = declared.midnight(book.as_of).date()
    units = _units(book, cost, today)
    volume = {d.day: round(d.units / d.part) for d in units.days} if units is not None else None
    whole = whole_days(logs)
    spans = {a.id: _spans(a, cost, logs, whole, volume, today) for a in cost.actions}
    inputs = (*priced.usage_identities(book, cost), *(units.inputs if units is not None else ()))
    return SavingsMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("cost", "signals"),
        inputs=_once((*inputs, *(each for one in found for each in one.inputs))),
        window=window_of(sorted(d for s in spans.values() for d in (*s.before, *s.after))),
        simulated=book.system.identity.simulated
        or any(log.simulated for log in cost.logs)
        or any(one.simulated for one in found),
        currency=cost.currency,
        actions=tuple(
            _saving(action, spans[action.id], logs, volume, found, today)
            for action in cost.actions
        ),
    )


def analysed_of(book: Opened) -> "tuple[Analysed, ...]":
    """What could be saved, by every analysis that some action of `cost.yaml` asks for.

    Raises:
        WarehouseError: as for each of them.
    """
    from ops_model.workflow.measure_bridge import bridge_of
    from ops_model.workflow.measure_compute import compute_costs_of
    from ops_model.workflow.measure_right_sizing import right_sizings_of
    from ops_model.workflow.measure_saving_cache import caches_of

    kinds = {action.kind for action in priced.plan_of(book).actions}
    return (
        *(caches_of(book) if "cache" in kinds else ()),
        *(right_sizings_of(book) if kinds & {"right_size", "route"} else ()),
        *(compute_costs_of(book) if "reserve" in kinds else ()),
        *((bridge_of(book),) if kinds & {"trim_prompt", "cap_output"} else ()),
    )


def _saving(
    action: CostAction,
    spans: "Spans",
    logs: "PricedLogs",
    units: Mapping[date, int] | None,
    found: "Sequence[Analysed]",
    today: date,
) -> ActionSaving:
    from ops_model.analysis.saving_estimates import estimate
    from ops_model.analysis.savings import measure_saving, of_services

    sums = of_services(logs.sums, action.services)
    if action.done is not None and action.done <= today:
        estimated, no_estimate = None, "done already: the logs of now tell what is left to save"
    else:
        estimated, no_estimate = estimate(action, found)
    measured, not_measured = measure_saving(
        sums, spans, logs.currency, kind=action.kind,
        units=units if _only_hours(logs, action) else None,
        undated=sum(log.undated for log in logs.logs),
    )  # fmt: skip
    return ActionSaving(
        action=action.id,
        what=action.text,
        owner=action.owner,
        due=action.due,
        expected=_expected(action, logs.currency),
        estimated=estimated,
        no_estimate=no_estimate if estimated is None else "",
        measured=measured,
        not_measured=not_measured,
    )


def _expected(action: CostAction, currency: str) -> Measured:
    """What it was to save, unknown in another currency than the rest: nothing is converted."""
    money = action.expected_saving_per_day
    if money.currency != currency:
        why = f"expected {money}; nothing is converted to {currency}"
        return Measured(value=None, unit=currency, n=1, no_interval=why)
    return Measured(value=float(money.amount), unit=currency, n=1, no_interval="exact")


def _unheard_of(logs: "PricedLogs", action: CostAction) -> tuple[str, ...]:
    """The services of an action that no row names."""
    named = {one.usage.service for one in logs.sums}
    return tuple(service for service in action.services if service not in named)


def _only_hours(logs: "PricedLogs", action: CostAction) -> bool:
    """True where the services of an action log hours alone, which count no requests."""
    units = {
        log.unit
        for log in logs.logs
        for one in log.sums
        if not action.services or one.service in action.services
    }
    return "tokens" not in units


def _spans(
    action: CostAction,
    cost: CostPlan,
    logs: "PricedLogs",
    whole: Collection[date],
    volume: Mapping[date, int] | None,
    today: date,
) -> "Spans":
    """The days to compare; where hours do not tell the volume, those on which it is counted."""
    from ops_model.analysis.savings import Spans, spans_of

    unheard = _unheard_of(logs, action)
    if unheard and action.done is not None:
        return Spans(
            why_not=f"no row of a usage log names the service {' or '.join(unheard)}; see "
            f"`services` of action {action.id} in cost.yaml"
        )
    if not _only_hours(logs, action) or action.done is None:
        return spans_of(action, cost.actions, whole, today)
    if volume is None:
        return Spans(
            why_not="hours count no requests, so no volume is the same; say under `units` of "
            "cost.yaml how units of work are counted"
        )
    return spans_of(action, cost.actions, set(whole) & volume.keys(), today)


def _units(book: Opened, cost: CostPlan, today: date) -> UnitsCounted | None:
    """The volume of each day where hours do not tell it: the first unit that can be counted."""
    from ops_model.analysis.savings import MOST_DAYS

    done = min((a.done for a in cost.actions if a.done is not None), default=None)
    unit = next((unit for unit in cost.units if not not_countable(unit)), None)
    if done is None or unit is None or all(log.unit == "tokens" for log in cost.logs):
        return None
    return count_units(book, unit, back=(today - done).days + MOST_DAYS)


def _once(inputs: Sequence[InputIdentity]) -> tuple[InputIdentity, ...]:
    return tuple(dict.fromkeys(inputs))
