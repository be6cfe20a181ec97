"""What holds a portfolio up: days of waiting, and the gaps that several systems share."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ops_model.domain.assessment import Finding
from ops_model.domain.decisions import DeployReview, ReviewSeat
from ops_model.domain.evidence import Statement
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.people import People
from ops_model.domain.portfolio import Portfolio
from ops_model.domain.portfolio_status import SharedGap, Waiting
from ops_model.domain.sign_off import SignOff

_MOST = 3
_MOST_REMEDIES = 2
_SUM_UP = frozenset({"RDY-01", "RDY-06"})
"""Checks that close by themselves once others do."""


@dataclass(frozen=True)
class _Wait:
    """A span in which a system waited for something; it waits still when `open`."""

    by: str
    what: str
    system: str
    since: date
    until: date
    open: bool


def waiting_days(
    systems: Sequence[tuple[SystemClaims, tuple[Statement, ...]]],
    portfolio: Portfolio | None,
    people: People,
    *,
    as_of: datetime,
    tz: ZoneInfo,
) -> tuple[Waiting, ...]:
    """How long systems waited, by stall reason and by seat and team of a review, longest first.

    Two waits of one system for the same thing that overlap count once.
    """
    today = as_of.astimezone(tz).date()
    waits = [*_stalls(portfolio, today)]
    for claims, statements in systems:
        waits += _reviews(claims, statements, people, as_of=as_of, tz=tz)
    grouped: dict[tuple[str, str], list[_Wait]] = {}
    for wait in waits:
        grouped.setdefault((wait.by, wait.what), []).append(wait)
    found = [
        Waiting.model_validate(
            {
                "by": by,
                "what": what,
                "days": _days(group),
                "systems": len({w.system for w in group}),
                "still": tuple(dict.fromkeys(w.system for w in group if w.open)),
            }
        )
        for (by, what), group in grouped.items()
    ]
    order = ("stall", "seat", "team")
    return tuple(sorted(found, key=lambda w: (order.index(w.by), -w.days, w.what)))


def _stalls(portfolio: Portfolio | None, today: date) -> Iterable[_Wait]:
    for pilot in portfolio.pilots if portfolio is not None else ():
        for reason in pilot.stall_reasons:
            if reason.starts <= today:
                over = reason.ends is not None and reason.ends <= today
                until = reason.ends if over and reason.ends else today
                yield _Wait("stall", reason.code, pilot.system, reason.starts, until, not over)


def _reviews(
    claims: SystemClaims,
    statements: Sequence[Statement],
    people: People,
    *,
    as_of: datetime,
    tz: ZoneInfo,
) -> Iterable[_Wait]:
    """From the day that a review was opened until each seat signed the version that serves."""
    review = claims.decisions.review if claims.decisions is not None else DeployReview()
    if review.opened_at is None or review.opened_at > as_of:
        return
    since = review.opened_at.astimezone(tz).date()
    version = claims.identity.version.digest()
    for seat in review.seats:
        signed = _signed_at(seat, version, statements, review.opened_at, as_of)
        until = (signed or as_of).astimezone(tz).date()
        person = people.person(seat.person)
        team = person.team if person is not None and person.team is not None else "no team"
        yield _Wait("seat", seat.seat, claims.id, since, until, signed is None)
        yield _Wait("team", team, claims.id, since, until, signed is None)


def _signed_at(
    seat: ReviewSeat,
    version: str,
    statements: Iterable[Statement],
    opened_at: datetime,
    as_of: datetime,
) -> datetime | None:
    """When the seat first decided on this version after the review was opened."""
    said = [s.record for s in statements if isinstance(s.record, SignOff)]
    mine = [
        r.as_of
        for r in said
        if (r.seat, r.person, r.version) == (seat.seat, seat.person, version)
        and opened_at <= r.as_of <= as_of
    ]
    return min(mine, default=None)


def _days(waits: Iterable[_Wait]) -> int:
    """The days of each system's spans, overlaps counted once."""
    total = 0
    reached: dict[str, date] = {}
    for wait in sorted(waits, key=lambda w: (w.system, w.since)):
        since = max(wait.since, reached.get(wait.system, wait.since))
        total += max(0, (wait.until - since).days)
        reached[wait.system] = max(wait.until, since)
    return total


def shared_gaps(
    gaps: Sequence[tuple[str, Finding]],
    *,
    debts: Mapping[str, Mapping[str, int]],
    waits: Callable[[Finding], bool],
) -> tuple[SharedGap, ...]:
    """The three things to do that unblock the most systems; no gap is counted in two of them.

    One thing to do is one remedy, whatever system it names, or the remedies of one check that is
    open in several systems for reasons of their own. Those in more systems come first; then those
    that cost more in ops debt. What no command of this release can record is counted in no thing
    that somebody can do, and comes last.
    """
    now = [(system, f) for system, f in gaps if f.area != "portfolio" and not waits(f)]
    later = [(system, f) for system, f in gaps if f.area != "portfolio" and waits(f)]
    chosen = _chosen(now, debts, _MOST, waits=False)
    return (*chosen, *_chosen(later, debts, _MOST - len(chosen), waits=True))


def _chosen(
    gaps: Sequence[tuple[str, Finding]],
    debts: Mapping[str, Mapping[str, int]],
    most: int,
    *,
    waits: bool,
) -> tuple[SharedGap, ...]:
    groups: dict[str, list[tuple[str, Finding]]] = {}
    for system, finding in gaps:
        same = _for_any(system, finding.remedy)
        groups.setdefault(f"remedy {same or finding.check}", []).append((system, finding))
        groups.setdefault(f"check {finding.check}", []).append((system, finding))

    def weight(group: list[tuple[str, Finding]]) -> tuple[int, bool, int, int, str]:
        debt = sum(debts.get(system, {}).get(f.check, 0) for system, f in group)
        checks = sorted({f.check for _, f in group})
        return (
            -len({system for system, _ in group}), set(checks) <= _SUM_UP, -debt, -len(group),
            checks[0],
        )  # fmt: skip

    chosen: list[SharedGap] = []
    while groups and len(chosen) < most:
        # Of two that close the same, one thing to do says more than one for each system.
        first = min(groups, key=lambda k: (weight(groups[k]), k.startswith("check "), k))
        chosen.append(_shared(groups[first], waits=waits))
        closed = {(system, finding.check) for system, finding in groups[first]}
        groups = {key: left for key, group in groups.items() if (left := _left(group, closed))}
    return tuple(chosen)


def _left(
    group: Iterable[tuple[str, Finding]], closed: Set[tuple[str, str]]
) -> list[tuple[str, Finding]]:
    """What is still to do of a group once these checks of these systems are closed."""
    return [(system, f) for system, f in group if (system, f.check) not in closed]


def _for_any(system: str, remedy: str) -> str:
    """A remedy without the name of its system, so that equal work is seen to be equal."""
    return re.sub(rf"(?<![\w-]){re.escape(system)}(?![\w-])", "SYSTEM", remedy)


def _shared(group: Sequence[tuple[str, Finding]], *, waits: bool) -> SharedGap:
    systems = tuple(dict.fromkeys(system for system, _ in group))
    return SharedGap(
        what=_what(group, one=len(systems) == 1)[:4000],
        checks=tuple(sorted({f.check for _, f in group})),
        systems=systems,
        gaps=len(group),
        waits=waits,
    )


def _what(group: Sequence[tuple[str, Finding]], *, one: bool) -> str:
    """What to do: one remedy, or that of each of the first systems, or else the question.

    What is the same for several systems keeps `SYSTEM` in the place of a name: with that of one
    of them, whoever does it for the others would do it for that one again.
    """
    first = group[0][1]
    told: dict[str, list[str]] = {}
    for system, finding in group:
        told.setdefault(_for_any(system, finding.remedy), []).append(system)
    if one or list(told) == [""]:
        return first.remedy or first.question
    if len(told) == 1:
        return next(iter(told))
    parts = [
        f"{', '.join(systems)}: {_for_these(systems, remedy)}"
        for remedy, systems in told.items()
        if remedy
    ]
    more = len(parts) - _MOST_REMEDIES
    rest = [f"and {more} more, each on its own page"] if more > 0 else []
    return "; ".join([*parts[:_MOST_REMEDIES], *rest])


def _for_these(systems: Sequence[str], remedy: str) -> str:
    return remedy if len(systems) > 1 else remedy.replace("SYSTEM", systems[0])
