"""What `ops-model oncall` prints for people: the page, the rights, and the weeks ahead."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ops_model.domain.on_call import CoverageMeasurement, RotaHole
    from ops_model.domain.operating_model import SystemClaims
    from ops_model.domain.people import People
    from ops_model.workflow.oncall import EscalationStep, OnCallAnswer, Paged
    from ops_model.workflow.rota_import import ImportedRota

_INDENT = " " * 12
# More spans of one kind than these are counted, and only the first is written out.
_SHOWN_EACH = 3
_WEAK = {
    "trained": "trained the version that serves",
    "never_drilled": "has never drilled this system",
    "too_long": "has been primary for too long without a break",
}
_THERE = {True: " (it is there)", False: " (MISSING below the workbook)", None: ""}


def text_lines(
    answer: "OnCallAnswer", people: "People", zone_name: str, *, runbook_there: bool | None
) -> Iterator[str]:
    """The answer in lines; times in the zone of the workbook, people by name."""
    yield f"{answer.system}, {_local(answer.at, zone_name)}"
    yield ""
    for title, role in (("paged", "primary"), ("next", "secondary")):
        yield f"{title:<12}{_paged(answer, answer.paged[role], people, zone_name)}"  # type: ignore[index]  # both are roles
    yield from _titled("escalation", [_step(step, people) for step in answer.escalation])
    yield from _titled("decides", [_right(answer, action, people) for action in answer.decides])
    named = answer.runbook or "none is named"
    yield f"runbook     {named}{_THERE[runbook_there]}"
    if answer.coverage is not None:
        yield from _coverage(answer.coverage, people, zone_name)


def import_notes(imported: "ImportedRota", system: "SystemClaims") -> Iterator[str]:
    """What somebody has to know before a rota that was read from a calendar is saved."""
    from ops_model.domain.values import iso_utc

    layers, overrides = imported.removes(system)
    until, ends, after = imported.written_out_until, imported.calendar_ends, imported.nobody_after
    if until is not None:
        told = f"what no layer can say is written out until {until:%Y-%m-%d}"
        yield f"{told}; take it over again before then"
    if ends is not None:
        many = len(imported.layers) > 1
        read = f"{len(imported.layers)} layers" if many else "a layer"
        yield f"read as {read} without an end; the calendar itself ends on {iso_utc(ends)}"
    gone = [f"layer {name}" for name in layers]
    gone += [f"{overrides} override{'s' * (overrides > 1)}"] if overrides else []
    notes = [f"saving removes {', '.join(gone)}"] if gone else []
    notes += [f"after {iso_utc(after)} nobody is {imported.role}"] if after is not None else []
    if notes:
        yield "; ".join(notes)


def _titled(title: str, lines: Iterable[str]) -> Iterator[str]:
    for position, line in enumerate(lines or ["nothing is declared"]):
        yield f"{title if position == 0 else '':<12}{line}"


def _local(instant: datetime, zone_name: str) -> str:
    from ops_model.domain.values import zone

    local = instant.astimezone(zone(zone_name))
    named = "" if local.tzname() == zone_name else f" ({zone_name})"
    return f"{local:%a %Y-%m-%d %H:%M %Z}{named}"


def _paged(answer: "OnCallAnswer", paged: "Paged", people: "People", zone_name: str) -> str:
    if paged.shift is None:
        return paged.why_not
    text = people.label(paged.shift.person)
    person = people.person(paged.shift.person)
    if person is not None and person.zone != zone_name:
        text += f", where it is {_local(answer.at, person.zone)}"
    text += f"; on call until {_local(paged.shift.end, zone_name)}"
    text += f"\n{_INDENT}{answer.practice.said_of(paged.shift.person)}"
    return f"{text}\n{_INDENT}CANNOT ANSWER: {paged.why_not}" if paged.why_not else text


def _step(step: "EscalationStep", people: "People") -> str:
    when = f"after {step.after_minutes:>3} min" if step.after_minutes else "at once      "
    if step.person is None:
        return f"{when}  CANNOT ANSWER: {step.why_not}"
    who = people.label(step.person)
    role = f" ({step.target})" if step.target != step.person else ""
    why = f"; CANNOT ANSWER: {step.why_not}" if step.why_not else ""
    return f"{when}  {who}{role}, {step.ack_within_minutes} min to answer{why}"


def _right(answer: "OnCallAnswer", action: Any, people: "People") -> str:  # noqa: ANN401 - an Action, which is loaded late
    decider = answer.decides[action]
    if decider.why_not:
        text = f"NOBODY: {decider.why_not}"
    elif decider.consult is None:
        text = f"{people.label(decider.person)}, alone"
    else:
        text = f"{people.label(decider.person)}, with {people.label(decider.consult)}"
    return f"{action.replace('_', ' '):<17}{text}"


def _coverage(coverage: "CoverageMeasurement", people: "People", zone_name: str) -> Iterator[str]:
    share = coverage.covered_share
    yield ""
    covered = _covered(share.value or 0, share.n or 0)
    yield f"{coverage.days} days    {covered} have two who can answer"
    for title, holes in (("hole", coverage.holes), ("undecided", coverage.undecidable)):
        for group in _grouped(holes, lambda h: (h.action, h.role, h.why)):
            yield from (f"  {title:<10}{line}" for line in _faults(group, zone_name))
    if not (coverage.holes or coverage.undecidable):
        yield "  no hole, and every urgent action has somebody who may decide it at every instant"
    for group in _grouped(coverage.weak, lambda h: (h.kind, h.person)):
        yield f"  weak      {_weak(group, people, zone_name)}"


def _covered(share: float, hours: int) -> str:
    """`all 2,184 hours`, or `98.3 % of 2,184 hours`; what is not all never reads as all."""
    if share == 1:
        return f"all {hours:,} hours"
    return f"{min(share * 100, 99.9):.1f} % of {hours:,} hours"


def _grouped(
    holes: Sequence["RotaHole"], alike: Callable[["RotaHole"], object]
) -> list[list["RotaHole"]]:
    """The spans that say the same thing, together, in the order in which they begin."""
    groups: dict[object, list[RotaHole]] = {}
    for hole in holes:
        groups.setdefault(alike(hole), []).append(hole)
    return list(groups.values())


def _faults(group: Sequence["RotaHole"], zone_name: str) -> Iterator[str]:
    action = group[0].action
    what = f"{action.replace('_', ' ')}: {group[0].why}" if action else group[0].why
    if len(group) <= _SHOWN_EACH:
        yield from (f"{_span(hole, zone_name)}: {what}" for hole in group)
    else:
        yield f"{len(group)} spans: {what}; the first is {_span(group[0], zone_name)}"


def _weak(group: Sequence["RotaHole"], people: "People", zone_name: str) -> str:
    """One line for one person, however many turns: `Lea Brandt, primary 4 times, has never …`."""
    roles = Counter(hole.role for hole in group)
    times = " and ".join(f"{role} {_times(count)}" for role, count in sorted(roles.items()))
    first = group[0]
    said = f"{people.label(first.person)}, {times}, {_WEAK[first.kind]}"
    return f"{said}; first {_span(first, zone_name)}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _span(hole: "RotaHole", zone_name: str) -> str:
    # The first line of the answer names the zone.
    from ops_model.domain.values import zone

    local = (t.astimezone(zone(zone_name)) for t in (hole.start, hole.end))
    return " to ".join(f"{t:%a %Y-%m-%d %H:%M %Z}" for t in local)
