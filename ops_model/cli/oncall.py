"""`ops-model oncall`: who is paged at an instant, and where the rota has holes."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops_model.cli.context import (
    as_of_option,
    find_workbook,
    json_option,
    judged_at,
    print_json,
    require_slug,
    workbook_option,
)  # fmt: skip

if TYPE_CHECKING:
    from ops_model.domain.on_call import CoverageMeasurement, RotaHole
    from ops_model.domain.people import People
    from ops_model.workflow.oncall import EscalationStep, OnCallAnswer, Paged


@click.command()
@click.argument("system_id", metavar="SYSTEM")
@click.option("--at", default=None, metavar="T", help="ISO 8601, or 'Sat 02:00' for the next one.")
@click.option(
    "--days", type=click.IntRange(1, 3660), default=None,
    help="Also resolve the rota for so many days from then on, and list its holes.",
)  # fmt: skip
@click.option("--gate", is_flag=True, help="Exit 1 when somebody is missing.")
@json_option
@workbook_option
@as_of_option
def command(
    *,
    system_id: str,
    at: str | None,
    days: int | None,
    gate: bool,
    as_json: bool,
    workbook_dir: Path | None,
    as_of: datetime | None,
) -> None:
    """Who is paged for SYSTEM at an instant, who next, and who may decide alone.

    Civil times are read in the zone of the workbook.
    """
    from ops_model.domain.values import iso_utc
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.oncall import instant_of, who_is_on_call
    from ops_model.workflow.open import known_system

    model = read_workbook(find_workbook(workbook_dir))
    system = known_system(model, require_slug(system_id, "system"))
    zone_name = model.settings.zone
    judged = judged_at(as_of, model.settings.as_of)
    instant = instant_of(at, zone_name=zone_name, as_of=judged) if at is not None else judged
    answer = who_is_on_call(model, system, at=instant, days=days)
    if as_json:
        print_json({"as_of": iso_utc(judged), **_as_json(answer, model.people, zone_name)})
    else:
        for line in _lines(answer, model.people, zone_name):
            click.echo(line)
    if gate and not answer.complete:
        raise click.exceptions.Exit(1)


def _as_json(answer: "OnCallAnswer", people: "People", zone_name: str) -> dict[str, Any]:
    from ops_model.domain.values import iso_utc, zone

    primary, secondary = answer.paged["primary"], answer.paged["secondary"]
    shown: dict[str, Any] = {
        "system": answer.system,
        "at": iso_utc(answer.at),
        "at_local": answer.at.astimezone(zone(zone_name)).isoformat(),
        "zone": zone_name,
        "primary": primary.person,
        "secondary": secondary.person,
        "why_not": {role: paged.why_not for role, paged in answer.paged.items() if paged.why_not},
        "escalation": [
            {
                "target": step.target,
                "person": step.person,
                "after_minutes": step.after_minutes,
                "ack_within_minutes": step.ack_within_minutes,
                "why_not": step.why_not,
            }
            for step in answer.escalation
        ],
        "decides": {action: answer.alone(action) for action in answer.decides},
        "rights": {
            action: {"person": d.person, "consult": d.consult, "why_not": d.why_not}
            for action, d in answer.decides.items()
        },
        "runbook": answer.runbook,
        "names": {p: people.label(p) for p in _named(answer)},
    }
    if answer.coverage is not None:
        shown |= _coverage_json(answer.coverage)
    return shown


def _coverage_json(coverage: "CoverageMeasurement") -> dict[str, Any]:
    return {
        "days": coverage.days,
        "covered_share": coverage.covered_share.value,
        "hours": coverage.covered_share.n,
        "holes": [_hole_json(hole) for hole in coverage.holes],
        "undecidable": [_hole_json(hole) for hole in coverage.undecidable],
    }


def _hole_json(hole: "RotaHole") -> dict[str, str]:
    from ops_model.domain.values import iso_utc

    return {
        "from": iso_utc(hole.start), "to": iso_utc(hole.end), "role": hole.role, "why": hole.why
    }  # fmt: skip


def _named(answer: "OnCallAnswer") -> list[str]:
    found = {paged.person for paged in answer.paged.values()}
    found |= {step.person for step in answer.escalation}
    found |= {p for d in answer.decides.values() for p in (d.person, d.consult)}
    found |= set(answer.coverage.people) if answer.coverage is not None else set()
    return sorted(p for p in found if p is not None)


def _lines(answer: "OnCallAnswer", people: "People", zone_name: str) -> Iterator[str]:
    yield f"{answer.system}, {_local(answer.at, zone_name)}"
    yield ""
    yield f"paged       {_paged(answer.paged['primary'], answer.at, people, zone_name)}"
    yield f"next        {_paged(answer.paged['secondary'], answer.at, people, zone_name)}"
    yield from _titled("escalation", [_step(step, people) for step in answer.escalation])
    yield from _titled("decides", [_right(answer, action, people) for action in answer.decides])
    yield f"runbook     {answer.runbook or 'none is named in on_call.yaml'}"
    if answer.coverage is not None:
        yield from _coverage(answer.coverage, zone_name)


def _titled(title: str, lines: Iterable[str]) -> Iterator[str]:
    for position, line in enumerate(lines or ["nothing is declared"]):
        yield f"{title if position == 0 else '':<12}{line}"


def _local(instant: datetime, zone_name: str) -> str:
    from ops_model.domain.values import zone

    local = instant.astimezone(zone(zone_name))
    named = "" if local.tzname() == zone_name else f" ({zone_name})"
    return f"{local:%a %Y-%m-%d %H:%M %Z}{named}"


def _paged(paged: "Paged", at: datetime, people: "People", zone_name: str) -> str:
    if paged.shift is None:
        return paged.why_not
    text = people.label(paged.shift.person)
    person = people.person(paged.shift.person)
    if person is not None and person.zone != zone_name:
        text += f", where it is {_local(at, person.zone)}"
    text += f"; on call until {_local(paged.shift.end, zone_name)}"
    return f"{text}\n{'':<12}CANNOT ANSWER: {paged.why_not}" if paged.why_not else text


def _step(step: "EscalationStep", people: "People") -> str:
    when = f"after {step.after_minutes:>3} min" if step.after_minutes else "at once      "
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


def _coverage(coverage: "CoverageMeasurement", zone_name: str) -> Iterator[str]:
    share = coverage.covered_share
    yield ""
    yield f"{coverage.days} days    {share.value:.4f} of {share.n} hours have two who can answer"
    for hole in coverage.holes:
        yield f"  hole      {_span(hole, zone_name)}: {hole.why}"
    for hole in coverage.undecidable:
        yield f"  rollback  {_span(hole, zone_name)}: {hole.why}"
    if not coverage.holes and not coverage.undecidable:
        yield "  no hole, and somebody may roll back at every instant"


def _span(hole: "RotaHole", zone_name: str) -> str:
    return f"{_local(hole.start, zone_name)} to {_local(hole.end, zone_name)}"
