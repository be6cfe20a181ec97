"""What `ops-model watch` prints for people."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ops_model.domain.alerts import AlertAnswer
    from ops_model.domain.evidence import Measured
    from ops_model.domain.spend import CeilingAnswer, CeilingState, CeilingWatch, RouteTest
    from ops_model.workflow.watch import Told, Watched

_STATES = {
    "crossed": "CROSSED", "page": "PAGE", "ticket": "TICKET", "warned": "warned",
    "quiet": "quiet", "unknown": "UNKNOWN",
}  # fmt: skip
_INDENT = " " * 10


def each_line(watched: "Watched", told: "Sequence[Told] | None", zone_name: str) -> Iterator[str]:
    """All systems, those that nobody watches, and what was told where somebody asked for that."""
    for found in watched.seen:
        yield from watch_lines(found, zone_name)
    for system, why in watched.unwatched.items():
        yield f"{system}: is not watched: {why}"
    yield from told_lines(told) if told is not None else ()


def watch_json(
    watched: "Watched", told: "Sequence[Told] | None", as_of: datetime
) -> dict[str, Any]:
    """The same for programs."""
    from ops_model.domain.values import iso_utc

    failed = {system: str(error) for system, error in watched.failed.items()}
    shown: dict[str, Any] = {
        "as_of": iso_utc(as_of),
        "systems": [found.model_dump(mode="json") for found in watched.seen],
        "unwatched": [
            {"system": system, "why": why}
            for system, why in {**watched.unwatched, **failed}.items()
        ],
    }
    return shown if told is None else {**shown, "told": [told_json(one) for one in told]}


def watch_lines(seen: "CeilingWatch", zone_name: str) -> Iterator[str]:
    """One system: how old its data are, then each ceiling with what its state rests on."""
    from ops_model.domain.values import zone

    local = seen.as_of.astimezone(zone(zone_name))
    simulated = ", simulated" if seen.simulated else ""
    age = seen.data_age_minutes.value
    newest = "no row" if age is None else f"newest row {age:,.0f} min old"
    yield f"{seen.system}, {local:%a %Y-%m-%d %H:%M} {zone_name}; {newest}{simulated}"
    for state in (*seen.ceilings, *seen.also):
        yield from _ceiling(state)


def _ceiling(state: "CeilingState") -> Iterator[str]:
    of = f" ({state.of})" if state.of else ""
    of = f"{of} on {state.day.isoformat()}" if state.day is not None else of
    spent = f"{_money(state.spent)} of {_money(state.amount)} per {state.per}"
    yield f"{_STATES[state.state]:<10}{state.ceiling}{of}: {spent}"
    yield f"{_INDENT}{state.why}"
    if state.projected is not None and state.projected.value is not None:
        days = f"as the median of {state.projected.n} days"
        yield f"{_INDENT}on its way to {_money(state.projected)} by the end of the day, {days}"
    if state.crossed_at is not None:
        day = f"{state.crossed_at:%Y-%m-%d} " if state.per == "run" else ""
        yield f"{_INDENT}crossed by {day}{state.crossed_at:%H:%M} UTC"
    if state.state != "quiet" and not state.over:
        raising = ", ".join(state.may_raise) or "nobody"
        terms = f" ({state.raising})" if state.raising else ""
        action = state.hard_action.replace("_", " ")
        yield f"{_INDENT}at the ceiling: {action}; owner {state.owner}"
        yield f"{_INDENT}raises it now: {raising}{terms}"


def told_lines(told: "Sequence[Told]") -> Iterator[str]:
    """What was sent, and what did not get there."""
    for one in told:
        name = f"{one.state.ceiling} {one.state.state} of {one.about}"
        got = f"NOT told: {one.why_not}" if one.why_not else f"told over {one.state.route}"
        yield f"{name}: {got}"
    if not told:
        yield "nothing new to tell"


def told_json(one: "Told") -> dict[str, Any]:
    """What was sent about one ceiling."""
    return {
        "ceiling": one.state.ceiling, "about": one.about, "state": one.state.state,
        "route": one.state.route, "delivered": not one.why_not, "why_not": one.why_not or None,
    }  # fmt: skip


def answer_line(record: "AlertAnswer | RouteTest | CeilingAnswer") -> str:
    """What was noted of an answer."""
    if record.kind == "alert_answer":
        after = f"after {record.seconds.value or 0:,.0f} s"
        return f"{record.person} has the alert about {', '.join(record.concerns)} {after}"
    if record.kind == "route_test":
        seconds = record.seconds.value if record.seconds is not None else None
        after = f" after {seconds:,.0f} s" if seconds is not None else ""
        return f"{record.acknowledged_by} has the trial alert over {record.route}{after}"
    if record.accepted:
        return f"{record.person} accepts {record.about} above ceiling {record.ceiling}"
    did = f", and did: {record.action.replace('_', ' ')}" if record.action else ""
    return f"{record.person} has the alert about {record.ceiling} of {record.about}{did}"


def _money(measured: "Measured") -> str:
    if measured.value is None:
        return "unknown"
    least = "at least " if (measured.no_interval or "").startswith("lower bound") else ""
    return f"{least}{measured.value:,.2f} {measured.unit}"
