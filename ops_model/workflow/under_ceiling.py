"""Which part of the spend lies under a ceiling, and how it stands there.

A ceiling of the system or a provider is for one sum; one of users or training runs for many, of
which the worst counts, and each of whom somebody must know is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from ops_model.domain.cost import CostCeiling
from ops_model.domain.spend import CeilingLevel
from ops_model.workflow.ceiling_names import (
    LATELY,
    at_their_end,
    by_name,
    cost_of,
    harmless,
    looked_at,
    nameless,
    not_told,
    since,
    unpriced_of,
)

if TYPE_CHECKING:
    from ops_model.analysis.ceilings import Standing
    from ops_model.analysis.cost import PricedLogs, PricedSum
    from ops_model.analysis.spend_slots import SpendSlots

_LATE_DAYS = 3
"""So many whole days before are looked at again: rows come late, and a watch may be down."""
_RANK: dict[CeilingLevel, int] = {
    "quiet": 0, "warned": 1, "unknown": 2, "ticket": 3, "page": 4, "crossed": 5,
}  # fmt: skip


class Worst(NamedTuple):
    """What stands worst under a ceiling: its name where there are several, and its rows.

    A user whose name reaches a person, such as an address, is named by its digest: the ledger
    cannot forget a contact. `day` is the midnight of a day before, `over` that it or the run has
    ended; `doubt` is why there may be more of it than is counted.
    """

    of: str
    standing: "Standing"
    rows: int
    day: datetime | None = None
    over: bool = False
    doubt: str = ""


class Found(NamedTuple):
    """How a ceiling stands, and what else somebody must be told of under it."""

    worst: Worst
    also: tuple[Worst, ...] = ()


def blind_to(logs: "PricedLogs", start: datetime, as_of: datetime) -> str:
    """Why what was spent lately is not known: the log that has been silent for too long."""
    from ops_model.analysis.ceilings import silence
    from ops_model.analysis.spend_slots import SpendSlots, Spent

    for log in logs.logs:
        seen = [Spent(usage.at, None, usage.rows) for usage in log.sums]
        slots = SpendSlots.of(seen, start=start, as_of=as_of, newest=log.newest)
        if why := silence(slots, as_of):
            return f"log {log.name}: {why}"
    return ""


@dataclass(frozen=True)
class _Watch:
    """One ceiling, and the sums and instants by which it is judged."""

    ceiling: CostCeiling
    logs: "PricedLogs"
    start: datetime
    as_of: datetime
    blind: str

    def slots(self, sums: "Sequence[PricedSum]") -> "SpendSlots":
        """What was spent in each slot; of a run that began earlier, from its beginning on."""
        from ops_model.analysis.spend_slots import SpendSlots, Spent

        spent = [Spent(p.usage.at, p.cost, p.usage.rows) for p in sums]
        first = min([self.start, *(part.at for part in spent)])
        return SpendSlots.of(spent, start=first, as_of=self.as_of, newest=self.logs.newest)

    def standing(self, slots: "SpendSlots") -> "tuple[Standing, int]":
        """How it stands now, and of how many rows."""
        from ops_model.analysis.ceilings import Ceiling, day_standing, run_standing
        from ops_model.analysis.spend_slots import midnight

        limit = Ceiling(self.ceiling.amount.amount, self.ceiling.warn_at)
        runs = self.ceiling.per == "run"
        judge = run_standing if runs else day_standing
        since = slots.start if runs else midnight(self.as_of)
        standing = judge(slots, limit, as_of=self.as_of, blind=self.blind)
        return standing, slots.counted(since, self.as_of)

    def over(self, name: str, slots: "SpendSlots", day: datetime | None) -> Worst | None:
        """A day before, or a run that ended, where it was above the ceiling."""
        from ops_model.analysis.ceilings import Ceiling, over_standing
        from ops_model.analysis.spend_slots import DAY

        limit = Ceiling(self.ceiling.amount.amount, self.ceiling.warn_at)
        standing = over_standing(slots, limit, day=day, as_of=self.as_of)
        if standing is None:
            return None
        since, until = (slots.start, self.as_of) if day is None else (day, day + DAY)
        return Worst(harmless(name), standing, slots.counted(since, until), day, over=True)


def worst_under(
    ceiling: CostCeiling,
    logs: "PricedLogs",
    *,
    start: datetime,
    as_of: datetime,
    blind: str,
    earlier: "Sequence[PricedSum]" = (),
) -> Found:
    """What stands worst under a ceiling at an instant, and what else must be told.

    Args:
        ceiling: what it is for, and how much it may cost.
        logs: priced in slots of ten minutes, from `start` on.
        start: a midnight, some days before `as_of`, so that a usual day is known.
        as_of: the instant that judges.
        blind: why what was spent lately is not known, see `blind_to`.
        earlier: sums of whole days before `start`: a run may have begun there.
    """
    from ops_model.analysis.ceilings import Standing

    watch = _Watch(ceiling, logs, start, as_of, blind)
    before = at_their_end(earlier, start) if ceiling.per == "run" else ()
    named = by_name(ceiling, [*before, *logs.sums])
    lately = looked_at(named, ceiling, as_of)
    over = tuple(_over(watch, named, lately))
    if not lately:
        why = blind or not_told(ceiling, logs.sums) or _undated(logs)
        state: CeilingLevel = "unknown" if why else "quiet"
        why = why or "no run in the last day"
        return Found(Worst("", Standing(Decimal(0), 0, state, why), 0), over)
    found = [_named(watch, of, named[of]) for of in lately]
    found.sort(key=lambda one: (_RANK[one.standing.state], one.standing.spent), reverse=True)
    # The name that is told may be a digest; the sums are found by that of the log.
    of = next(name for name in lately if harmless(name) == found[0].of)
    worst = _doubted(watch, found[0], named[of], nameless(ceiling, logs))
    told = tuple(one for one in found[1:] if _is_told(one.standing))
    return Found(_with_unknown(watch, worst, found[1:], named), (*told, *over))


def _named(watch: _Watch, of: str, parts: "Sequence[PricedSum]") -> Worst:
    standing, rows = watch.standing(watch.slots(parts))
    days = len({p.usage.day for p in parts})
    if watch.ceiling.per == "run" and days > 1:
        many = f"; its rows are of {days} days, and one name is one run"
        standing = replace(standing, why=f"{standing.why}{many}")
    return Worst(harmless(of), standing, rows)


def _is_told(standing: "Standing") -> bool:
    """Whether somebody must know of another than the worst: of what is only unknown it counts."""
    return standing.state not in {"quiet", "unknown"} or bool(standing.warned_at)


def _with_unknown(
    watch: _Watch, worst: Worst, others: Sequence[Worst], named: "Mapping[str, list[PricedSum]]"
) -> Worst:
    """What stands worst, with the number of others of which that is not known."""
    from ops_model.analysis.spend_slots import midnight

    if watch.blind or not others:
        return worst
    start = None if watch.ceiling.per == "run" else midnight(watch.as_of)
    lately = [p for p in named.values() if any(since(p, watch.as_of - LATELY))]
    unpriced = sum(1 for parts in lately if unpriced_of(parts, start))
    more = unpriced - (1 if worst.standing.unpriced else 0)
    if not more:
        return worst
    why = f"{worst.standing.why}; {more:,} more have rows without a price"
    return worst._replace(standing=replace(worst.standing, why=why))


def _over(
    watch: _Watch, named: "Mapping[str, list[PricedSum]]", lately: Sequence[str]
) -> Iterator[Worst]:
    """The last days, and the runs that ended, that were above the ceiling."""
    amount = watch.ceiling.amount.amount
    for name, parts in named.items():
        if watch.ceiling.per == "run":
            ended = name not in lately and any(since(parts, watch.start))
            days: list[datetime | None] = [None] if ended and cost_of(parts, None) > amount else []
        else:
            days = [*_days_above(parts, amount, watch.as_of)]
        # Slots are made only where one is above: there may be many users.
        slots = watch.slots(parts) if days else None
        if slots is not None:
            yield from (found for day in days if (found := watch.over(name, slots, day)))


def _days_above(
    parts: "Sequence[PricedSum]", amount: Decimal, as_of: datetime
) -> Iterator[datetime]:
    """The midnights of the last whole days that cost more than an amount, the latest first."""
    from ops_model.analysis.spend_slots import DAY, midnight

    today = midnight(as_of)
    for start in (today - back * DAY for back in range(1, _LATE_DAYS + 1)):
        of_day = [p for p in parts if start <= p.usage.at < start + DAY]
        if cost_of(of_day, None) > amount:
            yield start


def _doubted(
    watch: _Watch,
    worst: Worst,
    mine: "Sequence[PricedSum]",
    unnamed: "Sequence[PricedSum]",
) -> Worst:
    """What stands worst; unknown where rows of nobody or of no day could change how it stands."""
    whose, changed = _of_nobody(watch, worst, mine, unnamed)
    undated = _undated(watch.logs)
    worst = worst._replace(doubt="; ".join(filter(None, (whose, undated))))
    why = "; ".join(filter(None, (changed, undated)))
    if not why or _RANK[worst.standing.state] >= _RANK["unknown"]:
        return worst
    return worst._replace(standing=replace(worst.standing, state="unknown", why=why))


def _undated(logs: "PricedLogs") -> str:
    """Why no day is known whole: rows without an instant may be of any; empty where none is."""
    rows = sum(log.undated for log in logs.logs)
    return f"{rows:,} rows say no instant, and may be of today" if rows else ""


def _of_nobody(
    watch: _Watch, worst: Worst, mine: "Sequence[PricedSum]", unnamed: "Sequence[PricedSum]"
) -> tuple[str, str]:
    """How many of the day's rows name nobody that is known, and why that changes how it stands."""
    from ops_model.analysis.spend_slots import midnight

    rows = sum(p.usage.rows for p in since(unnamed, midnight(watch.as_of)))
    if not rows:
        return "", ""
    new = {harmless(p.usage.provider) for p in unnamed} - {""}
    what = "provider" if watch.ceiling.scope == "provider" else "user"
    named = f", or {', '.join(sorted(new)[:3])} for the first time" if new else ""
    doubt = f"{rows:,} of the day's rows name no {what}{named if what == 'provider' else ''}"
    standing = worst.standing
    most, _ = watch.standing(watch.slots([*mine, *unnamed]))
    if (most.state, most.warned_at) == (standing.state, standing.warned_at):
        return doubt, ""
    return doubt, (
        f"{doubt}; with them {most.spent:,.2f} may be spent, and not {standing.spent:,.2f}"
    )
