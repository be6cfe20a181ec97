"""`ops-model doctor`: what on this machine and in this workbook would stop a run or an alert."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops_model.cli.context import (
    environment,
    find_workbook,
    json_option,
    now,
    print_json,
    workbook_option,
)  # fmt: skip

if TYPE_CHECKING:
    from ops_model.workflow.doctor_lines import Line

_MARKS = {"ok": "✓", "absent": "○", "warning": "▲", "problem": "✗"}


@click.command("doctor")
@click.option("--kernel/--no-kernel", default=True, show_default=True,
              help="Start a kernel, run one line in it, and end it.")  # fmt: skip
@workbook_option
@json_option
@click.pass_context
def command(ctx: click.Context, *, kernel: bool, workbook_dir: Path | None, as_json: bool) -> None:
    """Look at this machine, the packages, and the workbook with its routes and schedules.

    Each line says what was found, and what to do where that is needed: ✓ in order, ○ not set up,
    ▲ a warning, ✗ a problem. Nothing is changed or sent. Outside a workbook, or in one with
    mistakes, it says what it can. Exit 0 without a problem (warnings may stand), 1 with one.
    """
    from ops_model.workflow.doctor import examine

    root = _root(workbook_dir)
    lines = tuple(examine(root, now=now(), variables=environment(), kernel=kernel))
    found = {state: sum(line.state == state for line in lines) for state in _MARKS}
    if as_json:
        print_json({
            "workbook": str(root) if root is not None else None,
            "ok": found["ok"], "warnings": found["warning"], "problems": found["problem"],
            "not_set_up": found["absent"],
            "lines": [vars(line) for line in lines],
        })  # fmt: skip
    else:
        _print(lines, root)
        told = ", ".join(
            (_plural(found["problem"], "problem"), _plural(found["warning"], "warning"))
        )
        absent = f", {found['absent']} not set up" if found["absent"] else ""
        click.echo(f"\n{told}, {found['ok']} in order{absent}")
    ctx.exit(1 if found["problem"] else 0)


def _plural(many: int, what: str) -> str:
    return f"{many} {what}{'' if many == 1 else 's'}"


def _root(given: Path | None) -> Path | None:
    from ops_model.errors import WorkbookError

    if given is not None:
        return find_workbook(given)
    try:
        return find_workbook(None)
    except WorkbookError:
        return None


def _print(lines: "Sequence[Line]", root: Path | None) -> None:
    part = ""
    for line in lines:
        if line.part != part:
            part = line.part
            click.echo(f"{part}{f' {root}' if part == 'workbook' else ''}")
        click.echo(f"  {_MARKS[line.state]} {line.name}: {line.said}")
        if line.remedy:
            what = "to set up" if line.state == "absent" else "to fix"
            click.echo(f"      {what}: {line.remedy}")
    if root is None:
        click.echo("workbook\n  none here or in a folder above; name one with --workbook")
