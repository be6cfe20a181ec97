"""What happened on each day above a ceiling: when it was crossed, who was told, what was done."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ops_model.domain.cost import CostCeiling
from ops_model.domain.evidence import Measured
from ops_model.domain.spend import BreachLog, CeilingAlert, CeilingAnswer, CeilingBreach
from ops_model.domain.values import Window
from ops_model.workflow import declared, priced
from ops_model.workflow.ceiling_names import nameless, under
from ops_model.workflow.measure import SPEND_DAYS
from ops_model.workflow.measure_ceilings import of_tool, slot_of, with_ceilings
from ops_model.workflow.open import Book

if TYPE_CHECKING:
    from ops_model.analysis.cost import PricedLogs, PricedSum

_SHOWN_DAYS = 3
_CENT = 0.005


def breaches_of(book: Book) -> BreachLog:
    """Every day above a ceiling per day in the last 91, who was told then, and what was done.

    Who was told is what `ops-model watch --tell` noted on the ledger; what was done, and who
    accepted the day, is what somebody answered to it.

    Raises:
        WarehouseError: as for `ceiling_watch_of`.
    """
    cost = with_ceilings(book)
    first = declared.midnight(book.as_of) - timedelta(days=SPEND_DAYS - 1)
    logs = priced.priced_logs_of(book)
    above = sorted(
        ((day, ceiling, more) for ceiling in cost.daily_ceilings
         for day, more in _days_above(ceiling, logs.sums) if day >= first.date()),
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
        breaches=tuple(_breach(book, ceiling, day, more, slots) for day, ceiling, more in above),
        doubts=tuple(_doubts(cost.daily_ceilings, logs, first.date())),
    )


def _costs(sums: "Iterable[PricedSum]") -> Mapping[date, Decimal]:
    costs: dict[date, Decimal] = defaultdict(Decimal)
    for part in sums:
        costs[part.usage.day] += part.cost or 0
    return costs


def _days_above(
    ceiling: CostCeiling, by_day: "Sequence[PricedSum]"
) -> Iterator[tuple[date, Decimal]]:
    """The days above a ceiling, and by how much each was."""
    amount = ceiling.amount.amount
    costs = _costs(under(ceiling, by_day))
    yield from ((day, cost - amount) for day, cost in costs.items() if cost > amount)


def _doubts(ceilings: Sequence[CostCeiling], logs: "PricedLogs", first: date) -> Iterator[str]:
    """Why there may be days above a ceiling of which nothing shows that they were."""
    for log in logs.logs:
        if log.undated:
            yield f"{log.undated:,} rows of {log.name} say no instant, and may be of any day"
    for ceiling in ceilings:
        amount = ceiling.amount.amount
        mine, nobodys = _costs(under(ceiling, logs.sums)), _costs(nameless(ceiling, logs))
        days = sorted(
            day for day, more in nobodys.items()
            if day >= first and mine.get(day, Decimal(0)) <= amount < mine.get(day, 0) + more
        )  # fmt: skip
        if days:
            shown = ", ".join(day.isoformat() for day in days[-_SHOWN_DAYS:])
            yield (
                f"{ceiling.id} may have been crossed on {len(days)} days more, such as {shown}, "
                "by rows that do not name its provider or any other known one"
            )


def _slots_from(book: Book, day: date) -> "Sequence[PricedSum]":
    from ops_model.analysis.spend_slots import at_midnight

    return priced.priced_logs_of(book, slot=slot_of(), since=at_midnight(day)).sums


def _breach(
    book: Book, ceiling: CostCeiling, day: date, more: Decimal, sums: "Sequence[PricedSum]"
) -> CeilingBreach:
    told = _told_at(book, ceiling, day)
    crossed = _crossed_at(book.as_of, ceiling, day, sums)
    # Somebody who was told of it while its slot was not over shows that it was earlier.
    crossed = min(crossed, told) if told is not None else crossed
    # What was done before did not keep it from being crossed.
    acted = _answered(book, ceiling, day, lambda a: a.action is not None and a.at >= crossed)
    accepted = _answered(book, ceiling, day, lambda answer: _accepts(answer, day, more))
    return CeilingBreach(
        day=day,
        ceiling=ceiling.id,
        crossed_at=crossed,
        told_at=told,
        action=acted.action if acted is not None else None,
        action_at=acted.at if acted is not None else None,
        accepted_by=accepted.person if accepted is not None else None,
        above=Measured(value=float(more), unit=ceiling.amount.currency, n=1, no_interval="exact"),
    )


def _accepts(answer: CeilingAnswer, day: date, more: Decimal) -> bool:
    """Whether somebody accepts all that a day was above: it was over, and is no dearer since."""
    from ops_model.analysis.spend_slots import DAY, at_midnight

    if not answer.accepted or answer.at < at_midnight(day) + DAY:
        return False
    known = answer.above.value if answer.above is not None else None
    return known is None or float(more) <= known + _CENT


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
    """When the first channel took an alert about it, whatever became of the others."""
    alerts = of_tool(book, CeilingAlert)
    return min(
        (a.record.sent_at for a in alerts
         if a.record.ceiling == ceiling.id and a.record.about == day.isoformat()
         and a.record.state == "crossed" and a.record.took),
        default=None,
    )  # fmt: skip


def _answered(
    book: Book, ceiling: CostCeiling, day: date, asked: Callable[[CeilingAnswer], bool]
) -> CeilingAnswer | None:
    """The first answer about a day that says what was asked."""
    answers = [e.record for e in of_tool(book, CeilingAnswer)]
    mine = [a for a in answers if a.ceiling == ceiling.id and a.about == day.isoformat()]
    return min(filter(asked, mine), key=lambda answer: answer.at, default=None)
