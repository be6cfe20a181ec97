"""`ops-model schedule`: when notebooks are due, what is missing, and text for a scheduler."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ops_model.cli.context import (
    as_of_option,
    find_workbook,
    json_option,
    judged_at,
    now,
    print_json,
    workbook_option,
)
from ops_model.cli.sound import sound_part_alone
from ops_model.cli.table import print_table
from ops_model.domain.portfolio_status import PORTFOLIO
from ops_model.domain.values import iso_utc, zone
from ops_model.errors import WorkbookError

if TYPE_CHECKING:
    from ops_model.domain.operating_model import OperatingModel
    from ops_model.domain.schedules import Schedule
    from ops_model.workflow.due import Due
    from ops_model.workflow.schedule_texts import Scheduler
    from ops_model.workflow.slots import Standing

_MOST_NEXT = 366
_MOST_SHOWN = 50


@click.command("schedule")
@click.option(
    "--as", "scheduler", type=click.Choice(("cron", "systemd", "github", "airflow")), default=None,
    help="Print the text for this scheduler, and nothing else.",
)  # fmt: skip
@click.option(
    "--next", "many", type=click.IntRange(1, _MOST_NEXT), default=5, show_default=True,
    help="So many of the next slots of each line.",
)  # fmt: skip
@workbook_option
@as_of_option
@json_option
def command(
    scheduler: str | None,
    many: int,
    workbook_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """When notebooks are due, and what did not arrive; or text for a scheduler.

    The lines stand in `ops-model.yaml`, under `schedules`. Every text calls `ops-model run --due`,
    which runs what is due and not sealed, however often it is called. Exit code 2 when there is no
    line, when one cannot be kept, such as one that names no notebook, or a system cannot be read.
    """
    from ops_model.store.workbook import read_sound_part
    from ops_model.workflow.due import due_now, history_of
    from ops_model.workflow.schedule_faults import no_schedules

    root = find_workbook(workbook_dir)
    sound = read_sound_part(root)
    model = sound.model
    instant = judged_at(as_of, model.settings.as_of)
    due = due_now(root, model, history_of(root, model), as_of=instant, now=now())
    with sound_part_alone(sound, None):
        if scheduler is not None:
            _print_text(root, model, cast("Scheduler", scheduler), due, instant, as_json=as_json)
            return
        lines = _Lines.of(root, model, due, instant, many)
        if as_json:
            print_json(_as_json(lines))
        elif model.settings.schedules:
            _print_tables(lines)
        if not model.settings.schedules:
            raise no_schedules()
        _refuse(due)


def _print_text(
    root: Path,
    model: "OperatingModel",
    scheduler: "Scheduler",
    due: "Due",
    instant: datetime,
    *,
    as_json: bool,
) -> None:
    from ops_model.workflow.schedule_texts import schedule_text

    # A scheduler would call it for ever, and nobody read what it says.
    _refuse(due)
    text = schedule_text(root, model, scheduler, program=_program(), as_of=instant)
    if as_json:
        print_json({"as": scheduler, "text": text})
    else:
        click.echo(text, nl=False)


def _program() -> tuple[str, ...]:
    """How this very program is called from elsewhere, where nothing is on the path."""
    beside = Path(sys.executable).with_name("ops-model")
    return (str(beside),) if beside.is_file() else (sys.executable, "-m", "ops_model")


def _refuse(due: "Due") -> None:
    if due.faults:
        raise WorkbookError(problems=due.faults)


@dataclass(frozen=True)
class _Lines:
    """The lines of a workbook: for which systems each is, when it is next due, what is missing."""

    model: "OperatingModel"
    due: "Due"
    systems: Mapping[str, tuple[str, ...]]
    next: Mapping[str, tuple[datetime, ...]]
    instant: datetime

    @classmethod
    def of(
        cls, root: Path, model: "OperatingModel", due: "Due", instant: datetime, many: int
    ) -> "_Lines":
        from ops_model.workflow.slots import next_slots, run_together, systems_of

        lines, together = model.settings.schedules, run_together(root, model)
        return cls(
            model, due,
            {line.notebook: systems_of(model, line, together) for line in lines},
            {line.notebook: next_slots(model, line, after=instant, many=many) for line in lines},
            instant,
        )  # fmt: skip

    def civil(self, instant: datetime) -> str:
        """An instant where the organisation is, as people write it."""
        return instant.astimezone(zone(self.model.settings.zone)).strftime("%a %Y-%m-%d %H:%M")

    def named(self, line: "Schedule") -> str:
        """Which systems a line is for, in a few words."""
        systems = self.systems[line.notebook]
        if systems == (PORTFOLIO,):
            return "all together"
        return ", ".join(systems) if line.systems else f"each of {len(systems)}"

    def missing(self, state: str) -> list["Standing"]:
        """The slots that are `owed`, or those that are `overdue`."""
        return [one for one in self.due.missing if one.state == state]


def _print_tables(lines: _Lines) -> None:
    settings = lines.model.settings
    rows = [row for line in settings.schedules for row in _rows(lines, line)]
    many = len(settings.schedules)
    head = f"{many} line{'' if many == 1 else 's'}, times of {settings.zone}"
    print_table(head, ("notebook", "cron", "for", "next"), rows)
    _print_missing(lines, "overdue", "was due by")
    _print_missing(lines, "owed", "due by")
    if lines.due.missing:
        click.echo("`ops-model run --due` runs what is owed and overdue, oldest first")
        if lines.due.left:
            click.echo("what is left failed too often: somebody has to look, and run it by hand")
    else:
        click.echo(f"nothing is owed or overdue at {iso_utc(lines.instant)}")


def _rows(lines: _Lines, line: "Schedule") -> Iterator[tuple[str, ...]]:
    """A row for each of the next slots; what the line says stands in the first."""
    said = (line.notebook, line.cron, lines.named(line))
    for number, slot in enumerate(lines.next[line.notebook]):
        yield (*(said if number == 0 else ("", "", "")), lines.civil(slot))


def _print_missing(lines: _Lines, state: str, when: str) -> None:
    missing = lines.missing(state)
    rows = [
        (
            one.slot.notebook, one.slot.system, lines.civil(one.slot.as_of),
            lines.civil(one.due_by), "left" if one.slot in lines.due.left else "",
        )
        for one in missing[:_MOST_SHOWN]
    ]  # fmt: skip
    more = f", the oldest {_MOST_SHOWN} shown" if len(missing) > len(rows) else ""
    if rows:
        print_table(
            f"{len(missing)} {state}{more}", ("notebook", "system", "slot", when, ""), rows
        )


def _as_json(lines: _Lines) -> dict[str, Any]:
    settings = lines.model.settings
    told = [
        {
            "notebook": line.notebook, "cron": line.cron,
            "systems": list(lines.systems[line.notebook]),
            "since": iso_utc(line.since) if line.since is not None else None,
            "grace_hours": line.grace_hours, "catch_up_days": line.catch_up_days,
            "next": [iso_utc(slot) for slot in lines.next[line.notebook]],
        }
        for line in settings.schedules
    ]  # fmt: skip
    return {
        "as_of": iso_utc(lines.instant), "zone": settings.zone, "schedules": told,
        "owed": [_missing_as_json(one, lines) for one in lines.missing("owed")],
        "overdue": [_missing_as_json(one, lines) for one in lines.missing("overdue")],
        "problems": [{"where": p.where, "what": p.message} for p in lines.due.faults],
    }  # fmt: skip


def _missing_as_json(one: "Standing", lines: _Lines) -> dict[str, Any]:
    return {
        "notebook": one.slot.notebook, "system": one.slot.system,
        "as_of": iso_utc(one.slot.as_of), "due_by": iso_utc(one.due_by),
        "failed_too_often": one.slot in lines.due.left,
    }  # fmt: skip
