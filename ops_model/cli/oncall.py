"""`ops-model oncall`: who is paged at an instant, and where the rota has holes."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops_model.cli.card import print_card
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
    from ops_model.domain.on_call import CoverageMeasurement, Role, RotaHole
    from ops_model.domain.operating_model import SystemClaims
    from ops_model.domain.people import People
    from ops_model.workflow.oncall import OnCallAnswer
    from ops_model.workflow.rota_import import ImportedRota


@click.command()
@click.argument("system_id", metavar="SYSTEM")
@click.option("--at", default=None, metavar="T", help="ISO 8601, or 'Sat 02:00' for the next one.")
@click.option(
    "--days", type=click.IntRange(1, 3660), default=None,
    help="Also resolve the rota for so many days from then on: holes and weak spots.",
)  # fmt: skip
@click.option(
    "--gate", is_flag=True,
    help="Exit 1 when somebody is missing, cannot decide, or is a weak spot in those days.",
)  # fmt: skip
@click.option(
    "--card", is_flag=True, help="Print the 2am card: the four hours after T (default: Sat 02:00)."
)
@click.option(
    "--from-ical", "calendar", default=None,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Read an exported .ics file instead, and print the layers and overrides it says.",
)  # fmt: skip
@click.option("--role", default=None, type=click.Choice(["primary", "secondary"]),
              help="With --from-ical: the role that the calendar is about.")  # fmt: skip
@click.option("--person", "mapped", multiple=True, metavar="TEXT=ID",
              help="With --from-ical: who a text in a summary, or an attendee, is.")  # fmt: skip
@click.option("--save", is_flag=True, help="With --from-ical: write them into on_call.yaml.")
@json_option
@workbook_option
@as_of_option
def command(
    *,
    system_id: str,
    at: str | None,
    days: int | None,
    gate: bool,
    card: bool,
    calendar: Path | None,
    role: "Role | None",
    mapped: tuple[str, ...],
    save: bool,
    as_json: bool,
    workbook_dir: Path | None,
    as_of: datetime | None,
) -> None:
    """Who is paged for SYSTEM at an instant, who next, and who may decide alone.

    Civil times are read in the zone of the workbook.
    """
    from ops_model.domain.values import iso_utc
    from ops_model.store.workbook import read_for
    from ops_model.workflow.oncall import Practice, instant_of, who_is_on_call
    from ops_model.workflow.open import known_system

    root = find_workbook(workbook_dir)
    model = read_for(root, require_slug(system_id, "system"))
    system = known_system(model, system_id)
    zone_name = model.settings.zone
    judged = judged_at(as_of, model.settings.as_of)
    if calendar is not None:
        if role is None:
            raise click.UsageError("--from-ical needs --role primary or --role secondary")
        from ops_model.cli.oncall_text import import_notes
        from ops_model.workflow.rota_import import import_rota, save_rota

        zones = [layer.zone for layer in system.on_call.layers] if system.on_call else []
        imported = import_rota(model, calendar, role, mapped, as_of=judged, zones=zones)
        for told in import_notes(imported, system):
            click.echo(told, err=True)
        written = save_rota(root, system, imported) if save else None
        _show_import(imported, system, written, as_json=as_json)
        return
    if card:
        complete = print_card(root, model, system.id, at=at, as_of=judged, as_json=as_json)
        raise click.exceptions.Exit(1 if gate and not complete else 0)
    instant = instant_of(at, zone_name=zone_name, as_of=judged) if at is not None else judged
    practice = Practice.read(root, model, system.id, as_of=judged)
    answer = who_is_on_call(model, system, practice, at=instant, days=days)
    there = system.lies_there(answer.runbook)
    if as_json:
        shown = {"runbook_there": there, **_as_json(answer, model.people, zone_name)}
        print_json({"as_of": iso_utc(judged), **shown})
    else:
        from ops_model.cli.oncall_text import text_lines

        for line in text_lines(answer, model.people, zone_name, runbook_there=there):
            click.echo(line)
    if gate and not answer.complete:
        raise click.exceptions.Exit(1)


def _show_import(
    imported: "ImportedRota", system: "SystemClaims", written: str | None, *, as_json: bool
) -> None:
    from ops_model.domain.values import iso_utc

    if as_json:
        layers, overrides = imported.removes(system)
        ends, after = imported.calendar_ends, imported.nobody_after
        print_json(
            {
                "role": imported.role,
                **imported.said(),
                "removes": {"layers": list(layers), "overrides": overrides},
                "calendar_ends": iso_utc(ends) if ends is not None else None,
                "nobody_after": iso_utc(after) if after is not None else None,
                "saved": written,
            }
        )
        return
    click.echo(imported.yaml(), nl=False)
    if written is not None:
        click.echo(f"saved in {written}", err=True)


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
        "last_drilled": {
            p: iso_utc(answer.practice.last[p]) if p in answer.practice.last else None
            for p in (primary.person, secondary.person)
            if p is not None
        },
        "names": {p: people.label(p) for p in _named(answer)},
    }
    if answer.coverage is not None:
        shown |= _coverage_json(answer.coverage)
    return shown


def _coverage_json(coverage: "CoverageMeasurement") -> dict[str, Any]:
    faults = sorted([*coverage.holes, *coverage.weak], key=lambda hole: hole.start)
    return {
        "days": coverage.days,
        "covered_share": coverage.covered_share.value,
        "hours": coverage.covered_share.n,
        "holes": [_hole_json(hole) for hole in faults],
        "undecidable": [_hole_json(hole) for hole in coverage.undecidable],
    }


def _hole_json(hole: "RotaHole") -> dict[str, str]:
    from ops_model.domain.values import iso_utc

    shown = {
        "from": iso_utc(hole.start), "to": iso_utc(hole.end), "role": hole.role,
        "kind": hole.kind, "why": hole.why,
    }  # fmt: skip
    return {**shown, "action": hole.action} if hole.action is not None else shown


def _named(answer: "OnCallAnswer") -> list[str]:
    found = {paged.person for paged in answer.paged.values()}
    found |= {step.person for step in answer.escalation}
    found |= {p for d in answer.decides.values() for p in (d.person, d.consult)}
    found |= set(answer.coverage.people) if answer.coverage is not None else set()
    return sorted(p for p in found if p is not None)
