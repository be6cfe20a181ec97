"""How near a system is to each ceiling now."""

from datetime import datetime, timedelta
from typing import TypeVar

from ops_model.check.grades import TOOL
from ops_model.check.recorded import Recorded
from ops_model.domain.cost import CostCeiling, CostPlan
from ops_model.domain.decisions import Action
from ops_model.domain.duty import Duty, window_from
from ops_model.domain.evidence import Measured
from ops_model.domain.spend import (
    CeilingAlert,
    CeilingAnswer,
    CeilingState,
    CeilingWatch,
    RouteTest,
)
from ops_model.domain.values import Window
from ops_model.errors import WarehouseError
from ops_model.workflow import declared, priced
from ops_model.workflow.ceiling_news import next_to_tell
from ops_model.workflow.open import Book
from ops_model.workflow.under_ceiling import Worst, blind_to, worst_under

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
    cost = with_ceilings(book)
    start = declared.midnight(book.as_of) - _BACK
    logs = priced.priced_logs_of(book, slot=slot_of(), since=start)
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
    alerts = [e.record for e in of_tool(book, CeilingAlert)]
    states, also = list[CeilingState](), list[CeilingState]()
    for ceiling, one in found:
        others = [_state(ceiling, other, raising) for other in one.also]
        named, left = next_to_tell(others, book.as_of, alerts)
        states.append(_with_left(_state(ceiling, one.worst, raising), left))
        also += named
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
        ceilings=tuple(states),
        also=tuple(also),
    )


def _with_left(state: CeilingState, left: int) -> CeilingState:
    if not left:
        return state
    more = f"{state.why}; {left:,} more are or were near it or above it"
    return state.model_copy(update={"why": more})


def slot_of() -> timedelta:
    """How finely the spend of a day is looked at."""
    from ops_model.analysis.spend_slots import SLOT

    return SLOT


def with_ceilings(book: Book) -> CostPlan:
    """The claims about cost, with a ceiling in them.

    Raises:
        WarehouseError: none is declared, or one is in another currency than the prices.
    """
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


def of_tool(book: Book, kind: type[R]) -> list[Recorded[R]]:
    """The records of a kind that the tool itself put on the ledger, oldest first.

    What a notebook prints of an alert was sent to nobody.
    """
    found = book.evidence.all(kind)
    return [e for e in found if e.statement.origin is None and e.statement.actor == TOOL]
