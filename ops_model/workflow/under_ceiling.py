"""Which part of the spend lies under a ceiling, and how it stands there.

A ceiling of the system or a provider is for one sum; one of users or training runs for many, of
which the worst counts, and each that is above it is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from ops_model.domain.cost import CostCeiling
from ops_model.domain.redact import found_in
from ops_model.domain.spend import CeilingLevel
from ops_model.domain.values import digest_of

if TYPE_CHECKING:
    from ops_model.analysis.ceilings import Standing
    from ops_model.analysis.cost import PricedLogs, PricedSum
    from ops_model.analysis.spend_slots import SpendSlots

_LATELY = timedelta(days=1)
"""A run or a user of whom nothing was seen for so long is over."""
_LATE_DAYS = 3
"""So many whole days before are looked at again: rows come late, and a watch may be down."""
_WATCHED = 20
"""Of many users or runs, those who spent most are looked at, and all that may be above."""
_TOLD = 100
"""Of those that somebody must be told of, so many are named at a time."""
_RANK: dict[CeilingLevel, int] = {
    "quiet": 0, "warned": 1, "unknown": 2, "ticket": 3, "page": 4, "crossed": 5,
}  # fmt: skip
_SERVED = frozenset({"prod", "retry", "fallback"})
"""What somebody asked for; an evaluation is no user's."""


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
        return Worst(_harmless(name), standing, slots.counted(since, until), day, over=True)


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
    before = _at_their_end(earlier, start) if ceiling.per == "run" else ()
    by_name = _by_name(ceiling, [*before, *logs.sums])
    lately = _most(by_name, ceiling, as_of)
    over = tuple(_over(watch, by_name, lately))
    if not lately:
        why = blind or _not_told(ceiling, logs.sums)
        state: CeilingLevel = "unknown" if why else "quiet"
        why = why or "no run in the last day"
        return Found(Worst("", Standing(Decimal(0), 0, state, why), 0), over[:_TOLD])
    found = [(of, *watch.standing(watch.slots(by_name[of]))) for of in lately]
    found.sort(key=lambda one: (_RANK[one[1].state], one[1].spent), reverse=True)
    first, *others = [Worst(_harmless(of), standing, rows) for of, standing, rows in found]
    worst = _doubted(watch, first, by_name[found[0][0]], _nameless(ceiling, logs))
    grave = [one for one in others if _RANK[one.standing.state] >= _RANK["page"]]
    also = (*grave, *over)
    left = len(also) - _TOLD
    if left > 0:
        more = f"{worst.standing.why}; {left:,} more are or were above it"
        worst = worst._replace(standing=replace(worst.standing, why=more))
    return Found(worst, also[:_TOLD])


def _harmless(name: str) -> str:
    return digest_of(name.encode())[:19] if found_in(name) else name


def _one_sum(ceiling: CostCeiling) -> bool:
    return ceiling.scope in {"system", "provider"} and ceiling.per == "day"


def _by_name(ceiling: CostCeiling, sums: "Sequence[PricedSum]") -> "Mapping[str, list[PricedSum]]":
    """What a ceiling is for, by name, with its sums; nothing where no row names it."""
    by_name: dict[str, list[PricedSum]] = {}
    for part in under(ceiling, sums):
        if _one_sum(ceiling):
            by_name.setdefault(ceiling.provider or "", []).append(part)
        elif name := part.usage.user_group if ceiling.scope == "user" else part.usage.run:
            by_name.setdefault(name, []).append(part)
    return by_name


def _at_their_end(sums: "Sequence[PricedSum]", start: datetime) -> "Iterator[PricedSum]":
    """Sums of days before `start`, at the last slot of their day: by then they were spent."""
    from ops_model.analysis.spend_slots import DAY, SLOT

    for part in sums:
        if part.usage.at < start:
            yield replace(part, usage=replace(part.usage, at=part.usage.at + DAY - SLOT))


def _most(
    by_name: "Mapping[str, list[PricedSum]]", ceiling: CostCeiling, as_of: datetime
) -> list[str]:
    """Who is looked at: who spent most, today or in the last day, and all that may be above."""
    from ops_model.analysis.spend_slots import midnight

    if _one_sum(ceiling):
        return list(by_name)
    seen = [n for n, parts in by_name.items() if any(_since(parts, as_of - _LATELY))]
    # A ceiling per run counts all of it, however little of that was lately.
    counted = None if ceiling.per == "run" else midnight(as_of)
    spent = {name: _cost(by_name[name], counted) for name in seen}
    lately = {name: _cost(by_name[name], as_of - _LATELY) for name in seen}
    chosen = {name for name in seen if spent[name] > ceiling.amount.amount}
    for sums in (spent, lately):
        chosen.update(sorted(sums, key=lambda name: (-sums[name], name))[:_WATCHED])
    return sorted(chosen, key=lambda name: (-spent[name], name))


def _since(parts: "Sequence[PricedSum]", since: datetime | None) -> "Iterator[PricedSum]":
    return (p for p in parts if since is None or p.usage.at >= since)


def _cost(parts: "Sequence[PricedSum]", since: datetime | None) -> Decimal:
    return sum((p.cost or Decimal(0) for p in _since(parts, since)), Decimal(0))


def _over(
    watch: _Watch, by_name: "Mapping[str, list[PricedSum]]", lately: Sequence[str]
) -> Iterator[Worst]:
    """The last days, and the runs that ended, that were above the ceiling."""
    amount = watch.ceiling.amount.amount
    for name, parts in by_name.items():
        if watch.ceiling.per == "run":
            ended = name not in lately and any(_since(parts, watch.start))
            days: list[datetime | None] = [None] if ended and _cost(parts, None) > amount else []
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
        if _cost(of_day, None) > amount:
            yield start


def _nameless(ceiling: CostCeiling, logs: "PricedLogs") -> "list[PricedSum]":
    """Requests that do not say whose they are, or who served them: they may lie under it.

    Hours of a machine have neither; a request outside a training run has none either.
    """
    if ceiling.per == "run" or ceiling.scope not in {"provider", "user"}:
        return []
    units = [log.unit for log in logs.logs for _ in log.sums]
    asked = [p for unit, p in zip(units, logs.sums, strict=False) if unit != "hours"]
    if ceiling.scope == "provider":
        return [p for p in asked if not p.usage.provider]
    return [p for p in asked if not p.usage.user_group and p.usage.purpose in _SERVED]


def _doubted(
    watch: _Watch,
    worst: Worst,
    mine: "Sequence[PricedSum]",
    nameless: "Sequence[PricedSum]",
) -> Worst:
    """What stands worst; unknown where rows without a name could change how it stands."""
    from ops_model.analysis.spend_slots import midnight

    today = midnight(watch.as_of)
    unnamed = sum(p.usage.rows for p in nameless if p.usage.at >= today)
    what = "provider" if watch.ceiling.scope == "provider" else "user"
    standing = worst.standing
    if not unnamed:
        return worst
    doubt = f"{unnamed:,} of the day's rows name no {what}"
    most, _ = watch.standing(watch.slots([*mine, *nameless]))
    changes = (most.state, most.warned_at) != (standing.state, standing.warned_at)
    if not changes or _RANK[standing.state] >= _RANK["unknown"]:
        return worst._replace(doubt=doubt)
    why = f"{doubt}; with them {most.spent:,.2f} may be spent, and not {standing.spent:,.2f}"
    return worst._replace(standing=replace(standing, state="unknown", why=why), doubt=doubt)


def under(ceiling: CostCeiling, sums: "Sequence[PricedSum]") -> "Iterator[PricedSum]":
    """The sums that a ceiling is for; one for a provider is for what names it, in any case."""
    for part in sums:
        if ceiling.scope != "provider" or part.usage.provider.casefold() == ceiling.provider:
            yield part


def _not_told(ceiling: CostCeiling, sums: "Sequence[PricedSum]") -> str:
    """Why nothing is found under a ceiling; empty where there simply was no run."""
    if ceiling.scope == "provider":
        named = ", ".join(sorted({p.usage.provider for p in sums} - {""})) or "none"
        return (
            f"no row of the last days names provider {ceiling.provider}; those that they name: "
            f"{named}"
        )
    if ceiling.scope == "user":
        return "no row of the last day says whose it is (user_group)"
    known = any(p.usage.run for p in sums)
    return "" if known else "no row of the last days names a run (run_id)"
