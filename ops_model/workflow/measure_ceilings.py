"""How near a system is to each ceiling now, and what happened on the days above one."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from ops_model.check.grades import TOOL
from ops_model.check.recorded import Recorded
from ops_model.domain.cost import CostCeiling, CostPlan
from ops_model.domain.decisions import Action
from ops_model.domain.duty import Duty, window_from
from ops_model.domain.evidence import Measured
from ops_model.domain.spend import (
    BreachLog,
    CeilingAlert,
    CeilingAnswer,
    CeilingBreach,
    CeilingState,
    CeilingWatch,
    RouteTest,
)
from ops_model.domain.values import Window
from ops_model.errors import WarehouseError
from ops_model.workflow import declared, priced
from ops_model.workflow.measure import SPEND_DAYS
from ops_model.workflow.open import Book
from ops_model.workflow.under_ceiling import Worst, blind_to, under, worst_under

if TYPE_CHECKING:
    from ops_model.analysis.cost import PricedSum

R = TypeVar("R", CeilingAlert, CeilingAnswer, RouteTest)

_BACK = timedelta(days=14)
"""How far back a watch looks: so many days make a usual one."""
_DAYS_OF_ONE_SHIFT = 32
_RAISE: Action = "raise_cost_ceiling"


def ceiling_watch_of(book: Book) -> CeilingWatch:
    """Every ceiling of the system at the instant that judges.

    Raises:
        WarehouseError: no ceiling or no usage log is declared, a log cannot be read as declared,
            or a ceiling is in another currency than the prices.
    """
    cost = _with_ceilings(book)
    start = declared.midnight(book.as_of) - _BACK
    logs = priced.priced_logs_of(book, slot=_slot(), since=start)
    newest = logs.newest
    raising = _raising(book)
    blind = blind_to(logs, start, book.as_of)
    # A run may be older than what a watch looks back.
    whole = any(c.per == "run" for c in cost.ceilings)
    earlier = priced.priced_logs_of(book).sums if whole else ()
    found = [
        (c, worst_under(c, logs, start=start, as_of=book.as_of, blind=blind, earlier=earlier))
        for c in cost.ceilings
    ]
    return CeilingWatch(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("cost"),
        inputs=priced.usage_identities(book, cost),
        window=Window(start=start, end=book.as_of),
        simulated=book.system.identity.simulated or cost.simulated,
        currency=cost.currency,
        newest_row=newest,
        data_age_minutes=_age(newest, book.as_of),
        ceilings=tuple(_state(ceiling, one.worst, raising) for ceiling, one in found),
        also=tuple(_state(c, other, raising) for c, one in found for other in one.also),
    )


def breaches_of(book: Book) -> BreachLog:
    """Every day above a ceiling per day in the last 91, who was told then, and what was done.

    Who was told is what `ops-model watch --tell` noted on the ledger; what was done, and who
    accepted the day, is what somebody answered to it.

    Raises:
        WarehouseError: as for `ceiling_watch_of`.
    """
    cost = _with_ceilings(book)
    first = declared.midnight(book.as_of) - timedelta(days=SPEND_DAYS - 1)
    by_day = priced.priced_logs_of(book).sums
    daily = cost.daily_ceilings
    above = sorted(
        ((day, ceiling) for ceiling in daily for day in _days_above(ceiling, by_day)
         if day >= first.date()),
        key=lambda found: (found[0], found[1].id),
    )  # fmt: skip
    slots = _slots_from(book, above[0][0]) if above else ()
    return BreachLog(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("cost"),
        inputs=priced.usage_identities(book, cost),
        window=Window(start=first, end=book.as_of),
        simulated=book.system.identity.simulated or cost.simulated,
        days=SPEND_DAYS,
        breaches=tuple(_breach(book, ceiling, day, slots) for day, ceiling in above),
    )


def _slot() -> timedelta:
    from ops_model.analysis.spend_slots import SLOT

    return SLOT


def _with_ceilings(book: Book) -> CostPlan:
    cost = priced.plan_of(book)
    if not cost.ceilings:
        raise WarehouseError(
            "declares no ceiling, so nothing can be near one",
            where=str(cost.place_of("ceilings")),
            remedy="write `ceilings:` with what may be spent per day",
        )
    declared.ceiling_of(cost)
    return cost


def _age(newest: datetime | None, as_of: datetime) -> Measured:
    if newest is None:
        return Measured(value=None, unit="minutes", n=0, no_interval="no row")
    minutes = (as_of - newest) / timedelta(minutes=1)
    return Measured(value=minutes, unit="minutes", n=1, no_interval="exact")


def _state(
    ceiling: CostCeiling, worst: Worst, raising: tuple[str | None, str | None]
) -> CeilingState:
    of, standing = worst.of, worst.standing
    unit = ceiling.amount.currency
    projected = None
    if standing.projected is not None:
        projected = Measured(
            value=float(standing.projected), unit=unit, n=standing.profile_days,
            no_interval="by the median of the days before",
        )  # fmt: skip
    person, terms = raising
    return CeilingState(
        ceiling=ceiling.id,
        scope=ceiling.scope,
        per=ceiling.per,
        of=of,
        amount=Measured(
            value=float(ceiling.amount.amount), unit=unit, n=1, no_interval="exact"
        ),
        spent=_spent(worst, unit),
        warn_at=tuple(float(share) for share in ceiling.warn_at),
        warned_at=tuple(float(share) for share in standing.warned_at),
        burn=standing.burn,
        projected=projected,
        state=standing.state,
        why=standing.why,
        crossed_at=standing.crossed_at,
        owner=ceiling.owner,
        route=ceiling.alert_route,
        hard_action=ceiling.hard_action,
        may_raise=(person,) if person is not None else (),
        raising=terms,
        day=worst.day.date() if worst.day is not None else None,
        over=worst.over,
    )  # fmt: skip


def _spent(worst: Worst, unit: str) -> Measured:
    """What was spent; unknown, and not nothing, where no row says what lies under the ceiling."""
    standing, rows = worst.standing, worst.rows
    if standing.state == "unknown" and not rows:
        return Measured(value=None, unit=unit, n=0, no_interval=standing.why)
    reason = "exact"
    if standing.unpriced:
        reason = f"lower bound: {standing.unpriced:,} of {rows:,} rows have no price"
    elif worst.doubt:
        reason = f"lower bound: {worst.doubt}"
    elif standing.state == "unknown":
        reason = f"lower bound: {standing.why}"
    return Measured(
        value=float(standing.spent), unit=unit, n=rows - standing.unpriced, no_interval=reason
    )


def _raising(book: Book) -> tuple[str | None, str | None]:
    """Who may raise a ceiling at the instant that judges, by the rota, and on what terms."""
    duty = Duty.of(book.model, book.system, window_from(book.as_of, _DAYS_OF_ONE_SHIFT))
    decider = duty.decider(_RAISE, book.as_of)
    if decider.why_not:
        return None, decider.why_not
    decisions = book.system.decisions
    right = decisions.right(_RAISE) if decisions is not None else None
    terms = []
    if decider.consult is not None:
        terms.append(f"after asking {decider.consult}")
    if right is not None and right.money_limit is not None:
        terms.append(f"by at most {right.money_limit}")
    return decider.person, ", ".join(terms) or None


def _days_above(ceiling: CostCeiling, by_day: "Sequence[PricedSum]") -> Iterator[date]:
    costs: dict[date, Decimal] = {}
    for part in under(ceiling, by_day):
        costs[part.usage.day] = costs.get(part.usage.day, Decimal(0)) + (part.cost or 0)
    yield from (day for day, cost in costs.items() if cost > ceiling.amount.amount)


def _slots_from(book: Book, day: date) -> "Sequence[PricedSum]":
    from ops_model.analysis.spend_slots import at_midnight

    return priced.priced_logs_of(book, slot=_slot(), since=at_midnight(day)).sums


def _breach(
    book: Book, ceiling: CostCeiling, day: date, sums: "Sequence[PricedSum]"
) -> CeilingBreach:
    told = _told_at(book, ceiling, day)
    crossed = _crossed_at(book.as_of, ceiling, day, sums)
    # Somebody who was told of it while its slot was not over shows that it was earlier.
    crossed = min(crossed, told) if told is not None else crossed
    # What was done before did not keep it from being crossed.
    acted = _answered(book, ceiling, day, lambda a: a.action is not None and a.at >= crossed)
    accepted = _answered(book, ceiling, day, lambda answer: answer.accepted)
    return CeilingBreach(
        day=day,
        ceiling=ceiling.id,
        crossed_at=crossed,
        told_at=told,
        action=acted.action if acted is not None else None,
        action_at=acted.at if acted is not None else None,
        accepted_by=accepted.person if accepted is not None else None,
    )


def _crossed_at(
    as_of: datetime, ceiling: CostCeiling, day: date, sums: "Sequence[PricedSum]"
) -> datetime:
    from ops_model.analysis.ceilings import crossing
    from ops_model.analysis.spend_slots import DAY, SpendSlots, Spent, at_midnight

    start = at_midnight(day)
    spent = [
        Spent(p.usage.at, p.cost, p.usage.rows) for p in under(ceiling, sums) if p.usage.day == day
    ]
    slots = SpendSlots.of(spent, start=start, as_of=min(as_of, start + DAY))
    return crossing(slots, ceiling.amount.amount, day=start, as_of=as_of) or start


def _told_at(book: Book, ceiling: CostCeiling, day: date) -> datetime | None:
    alerts = of_tool(book, CeilingAlert)
    return min(
        (a.record.sent_at for a in alerts
         if a.record.ceiling == ceiling.id and a.record.about == day.isoformat()
         and a.record.state == "crossed" and a.record.delivered),
        default=None,
    )  # fmt: skip


def _answered(
    book: Book, ceiling: CostCeiling, day: date, asked: Callable[[CeilingAnswer], bool]
) -> CeilingAnswer | None:
    """The first answer about a day that says what was asked."""
    answers = [e.record for e in of_tool(book, CeilingAnswer)]
    mine = [a for a in answers if a.ceiling == ceiling.id and a.about == day.isoformat()]
    return min(filter(asked, mine), key=lambda answer: answer.at, default=None)


def of_tool(book: Book, kind: type[R]) -> list[Recorded[R]]:
    """The records of a kind that the tool itself put on the ledger, oldest first.

    What a notebook prints of an alert was sent to nobody.
    """
    found = book.evidence.all(kind)
    return [e for e in found if e.statement.origin is None and e.statement.actor == TOOL]
