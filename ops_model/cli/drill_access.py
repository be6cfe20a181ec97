"""`ops-model drill access`: a person shows what their own access allows."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops_model.cli.context import (
    as_of_option,
    environment,
    find_workbook,
    json_option,
    judged_at,
    now,
    print_json,
    require_slug,
    workbook_option,
)

if TYPE_CHECKING:
    from ops_model.domain.trials import AccessDrill
    from ops_model.drill.access import Tried
    from ops_model.workflow.access_drill import Asked, Listed


@click.command("access")
@click.argument("system")
@click.option(
    "--as", "person", metavar="PERSON", required=True, help="Whose access: an id of people.yaml."
)
@click.option(
    "--seconds", type=click.FloatRange(min=0, min_open=True, max=3600), default=60,
    show_default=True, help="How long each command may take.",
)  # fmt: skip
@click.option("--show", "shows", is_flag=True, help="Show the beginning of what each prints.")
@workbook_option
@as_of_option
@json_option
def command(
    *,
    system: str,
    person: str,
    seconds: float,
    shows: bool,
    workbook_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """Show that PERSON reads the logs of SYSTEM and could use each right, now.

    Runs the `query` of signals.yaml and the `no_op` of each right that PERSON holds, in your own
    environment and from the workbook's folder, without a shell. What they print is counted and
    thrown away. Recorded are how long each took and how it ended; that it is PERSON who runs it
    is your word.

    Exit codes: 0 all of them worked, 1 one did not, 2 nothing is declared.
    """
    from ops_model.store.workbook import read_for
    from ops_model.workflow.access_drill import access_drill, listed
    from ops_model.workflow.watch_answers import Now

    root = find_workbook(workbook_dir)
    model = read_for(root, require_slug(system, "system"))
    here = Now(root, model, judged_at(as_of, model.settings.as_of), now())
    found = listed(here, system, require_slug(person, "person"))

    def told(asked: "Asked", tried: "Tried") -> None:
        _tell(asked, tried, err=as_json)

    click.echo(f"{system}: what {person} can do with their own access", err=as_json)
    drill = access_drill(
        here, system, person, found.asked, environment=environment(), seconds=seconds, keep=shows,
        told=told,
    )  # fmt: skip
    _sum_up(system, found, drill, err=as_json)
    if as_json:
        print_json(_as_json(drill, found))
    raise click.exceptions.Exit(0 if drill.passed else 1)


def _tell(asked: "Asked", tried: "Tried", *, err: bool) -> None:
    from ops_model.cli.table import visible

    mark, why = ("FAILED", f": {tried.why}") if tried.why else ("ok", "")
    count = f"{tried.lines} line{'' if tried.lines == 1 else 's'}"
    lines = f", {count}" if asked.action == "query_logs" and not tried.why else ""
    click.echo(f"  {tried.seconds:8.2f} s  {mark:6}  {asked.action}{lines}{why}", err=err)
    for line in tried.printed.splitlines():
        click.echo(f"      {visible(line)}", err=err)
    if tried.why and tried.complaint:
        click.echo(f"      it said: {visible(tried.complaint)}", err=err)


def _sum_up(system: str, found: "Listed", drill: "AccessDrill", *, err: bool) -> None:
    if found.undeclared:
        names = ", ".join(found.undeclared)
        click.echo(f"  not shown, since no command is declared: {names}", err=err)
    worked = sum(attempt.ok for attempt in drill.attempts)
    click.echo(f"{system}: {worked} of {len(drill.attempts)} worked; recorded", err=err)


def _as_json(drill: "AccessDrill", found: "Listed") -> dict[str, Any]:
    return {
        "system": drill.system,
        "person": drill.person,
        "as_of": drill.as_of.isoformat(),
        "attempts": [
            {"action": a.action, "seconds": a.seconds.value, "ok": a.ok, "why": a.why,
             "lines": a.lines}
            for a in drill.attempts
        ],
        "undeclared": list(found.undeclared),
        "passed": drill.passed,
    }  # fmt: skip
