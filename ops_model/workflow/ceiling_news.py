"""What of the standing of ceilings is news: what nobody was told of yet, or not as gravely."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from ops_model.domain.routes import parts_of
from ops_model.domain.spend import CeilingAlert, CeilingLevel, CeilingState

_GRAVER: tuple[CeilingLevel, ...] = ("warned", "ticket", "page", "crossed")
_TO_ACT: frozenset[CeilingLevel] = frozenset({"page", "crossed"})
MOST_TOLD = 100
"""Of those under one ceiling that somebody must be told of, so many are named at a time."""


def about_of(state: CeilingState, as_of: datetime) -> str:
    """The day or the run that a state is about; of users and runs with their name."""
    today = as_of.astimezone(UTC).date()
    if state.per == "run":
        # Where no run is known, each day is blind anew.
        return state.of or f"runs of {today.isoformat()}"
    named = state.of if state.scope in {"user", "training_run"} else ""
    return f"{(state.day or today).isoformat()} {named}".strip()


def next_to_tell(
    states: Sequence[CeilingState], as_of: datetime, before: Sequence[CeilingAlert]
) -> tuple[tuple[CeilingState, ...], int]:
    """So many of one ceiling's states as are named at a time, news first, and how many are left.

    Who was told already makes room, so that each is told in the end.
    """
    known = _by_about(before)
    news = [
        is_news(state, about, known.get((state.ceiling, about), ()))
        for state in states if (about := about_of(state, as_of))
    ]  # fmt: skip
    ordered = [s for s, new in zip(states, news, strict=True) if new]
    ordered += [s for s, new in zip(states, news, strict=True) if not new]
    return tuple(ordered[:MOST_TOLD]), max(len(ordered) - MOST_TOLD, 0)


def is_news(state: CeilingState, about: str, before: Sequence[CeilingAlert]) -> bool:
    """True when nothing as grave was told about this before."""
    told = [a for a in before if a.delivered and _of(a, state, about)]
    if state.state == "quiet":
        return False
    if state.state == "unknown":
        # Which share is reached is all that can be told of it, so each is told.
        share = share_of(state) or 0.0
        return all(a.state != "unknown" or (a.share or 0.0) < share for a in told)
    mine = _gravity(state.state, share_of(state))
    return all(a.state == "unknown" or _gravity(a.state, a.share) < mine for a in told)


def who_has(
    state: CeilingState,
    about: str,
    before: Sequence[CeilingAlert],
    answered: Collection[str],
    meant: Callable[[str, datetime], str | None],
    *,
    as_of: datetime,
    again: timedelta,
) -> frozenset[str] | None:
    """The parts of the route that need not be told now; None where none of them has to be.

    Args:
        state: how a ceiling stands.
        about: the day or the run that this is about.
        before: what was told of the system until now.
        answered: the codes that somebody typed.
        meant: whom a part of a route means at an instant; None where that is nobody.
        as_of: the instant that judges.
        again: after how long somebody is told again while nobody answers.
    """
    silent = _unanswered(state, about, before, answered)
    if silent and max(a.sent_at for a in silent) + again <= as_of:
        return frozenset()
    turned = _handed_over(silent, meant, as_of)
    if is_news(state, about, before):
        return took(state, about, before) - turned
    if turned:
        return frozenset(map(str, parts_of(state.route or ""))) - turned
    return None


def _unanswered(
    state: CeilingState, about: str, before: Sequence[CeilingAlert], answered: Collection[str]
) -> list[CeilingAlert]:
    """What was told of this, where somebody has to act still and nobody has answered."""
    # A channel that never takes anything must not keep the others from being asked again.
    told = [a for a in before if a.took and _of(a, state, about)]
    if state.over or state.state not in _TO_ACT or any(a.code in answered for a in told):
        return []
    return told


def _handed_over(
    told: Sequence[CeilingAlert], meant: Callable[[str, datetime], str | None], as_of: datetime
) -> frozenset[str]:
    """The parts that mean somebody else now than when they were last told."""
    last: dict[str, datetime] = {}
    for alert in told:
        last |= {part: max(alert.sent_at, last.get(part, alert.sent_at)) for part in alert.took}
    return frozenset(
        part for part, at in last.items() if meant(part, as_of) not in {None, meant(part, at)}
    )


def took(state: CeilingState, about: str, before: Sequence[CeilingAlert]) -> frozenset[str]:
    """The parts of the route that have this very alert, though others did not take it."""
    return frozenset(
        part
        for a in before
        if _of(a, state, about) and (a.state, a.share) == (state.state, share_of(state))
        for part in a.took
    )


def share_of(state: CeilingState) -> float | None:
    """The highest warning of the ceiling that is reached."""
    return max(state.warned_at, default=None)


def is_same_failure(alert: CeilingAlert, before: Sequence[CeilingAlert]) -> bool:
    """True where this very failure is on the ledger already."""
    if alert.delivered or alert.took:
        return False
    return any(_failure(alert) == _failure(a) for a in before)


def _by_about(
    before: Sequence[CeilingAlert],
) -> Mapping[tuple[str, str], Sequence[CeilingAlert]]:
    found: dict[tuple[str, str], list[CeilingAlert]] = defaultdict(list)
    for alert in before:
        found[alert.ceiling, alert.about].append(alert)
    return found


def _of(alert: CeilingAlert, state: CeilingState, about: str) -> bool:
    """True where an alert was about the same, and about no lower ceiling."""
    if (alert.ceiling, alert.about) != (state.ceiling, about):
        return False
    then, now = alert.amount.value if alert.amount is not None else None, state.amount.value
    return then is None or now is None or then >= now


def _gravity(state: CeilingLevel, share: float | None) -> tuple[int, float]:
    return _GRAVER.index(state), (share or 0.0) if state == "warned" else 0.0


def _failure(alert: CeilingAlert) -> tuple[object, ...]:
    amount = alert.amount.value if alert.amount is not None else None
    return alert.ceiling, alert.about, alert.state, alert.share, amount, alert.why_not
