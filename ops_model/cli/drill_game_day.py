"""`ops-model drill game-day`: walk a system through a scenario; `scenario-from` writes one."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops_model.cli.checkpoints import signing_key
from ops_model.cli.context import (
    as_of_option,
    find_workbook,
    json_option,
    judged_at,
    now,
    print_json,
    require_slug,
    workbook_option,
)
from ops_model.errors import DrillError, UsageError

if TYPE_CHECKING:
    from ops_model.domain.operating_model import OperatingModel
    from ops_model.workflow.game_day import Listed

NOTEBOOK = "08_game_day"


@click.command("game-day")
@click.argument("system")
@click.option("--scenario", metavar="ID", default=None, help="What happens, such as G01.")
@click.option(
    "--at", metavar="WHEN", default="",
    help="The instant of the page: 'Sat 02:00' for the next, or ISO 8601. Default: Sat 02:00.",
)  # fmt: skip
@click.option(
    "--failure-mode", metavar="ID", default="",
    help="The failure that is walked. Default: the first that names the scenario.",
)  # fmt: skip
@click.option("--list", "lists", is_flag=True, help="The scenarios that try SYSTEM; walks none.")
@click.option(
    "--all", "everything", is_flag=True, help="Walk each one that a failure of SYSTEM names."
)
@workbook_option
@as_of_option
@json_option
def command(
    system: str,
    scenario: str | None,
    at: str,
    failure_mode: str,
    lists: bool,  # noqa: FBT001 - click passes options by name
    everything: bool,  # noqa: FBT001 - as above
    workbook_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,  # noqa: FBT001 - as above
) -> None:
    """Walk SYSTEM through four hours in which something goes wrong.

    Nothing is switched, sent or started: each question is answered from what is written and was
    shown by then. The walk is recorded; whoever was there says so with `ops-model attest`.

    Exit codes: 0 no gap, 1 gaps, 2 no such scenario, 3 it could not be carried out.
    """
    from ops_model.store.workbook import read_for
    from ops_model.workflow.open import known_system

    _one_of(scenario, lists=lists, everything=everything, failure_mode=failure_mode)
    root = find_workbook(workbook_dir)
    model = read_for(root, require_slug(system, "system"))
    known_system(model, system)
    judged = judged_at(as_of, model.settings.as_of)
    if lists:
        _list(root, model, system, as_of=judged, as_json=as_json)
        return
    _say_replaced(model)
    asked = [(scenario, failure_mode)] if scenario is not None else named_scenarios(model, system)
    walked = [_walk(root, model, system, name, at, mode, as_of=judged) for name, mode in asked]
    _show(model, system, walked, everything=everything, as_json=as_json)
    raise click.exceptions.Exit(1 if any(answer["gaps"] for answer in walked) else 0)


def _one_of(scenario: str | None, *, lists: bool, everything: bool, failure_mode: str) -> None:
    if (scenario is not None) + lists + everything != 1:
        raise UsageError(
            "expected one of --scenario, --list and --all",
            remedy="ops-model drill game-day SYSTEM --list shows the scenarios that try it",
        )
    if failure_mode and scenario is None:
        raise UsageError(
            "--failure-mode is about one scenario", remedy="name it with --scenario ID"
        )


def _say_replaced(model: "OperatingModel") -> None:
    from ops_model.workflow.game_day import left_out, replaced

    for scenario in replaced(model):
        fewer = left_out(scenario)
        text = f"stands in the place of our {scenario.id}"
        text += (
            f", asks fewer questions and does not count as it: {' '.join(fewer)}" if fewer else ""
        )
        click.echo(f"{scenario.where}: {text}", err=True)


def named_scenarios(model: "OperatingModel", system: str) -> Sequence[tuple[str, str]]:
    """Each scenario that a failure names, with that failure: what INC-07 asks to be walked."""
    from ops_model.workflow.open import known_system

    identity = known_system(model, system).identity
    named = [(name, mode.id) for mode in identity.failure_modes for name in mode.scenarios]
    if named:
        return named
    raise UsageError(
        "no failure of the system names a scenario",
        where=str(identity.place_of("failure_modes")),
        remedy=f"ops-model drill game-day {system} --list shows what could happen; name it under "
        "`scenarios` of a failure mode",
    )


def _listed(
    root: Path, model: "OperatingModel", system: str, as_of: datetime
) -> "Sequence[Listed]":
    from ops_model.workflow.game_day import listed, on_record
    from ops_model.workflow.open import known_system

    claims = known_system(model, system)
    return listed(model, claims, on_record(root, model, system), as_of=as_of)


def _list(
    root: Path, model: "OperatingModel", system: str, *, as_of: datetime, as_json: bool
) -> None:
    from ops_model.cli.game_day_text import list_lines, listed_json
    from ops_model.domain.values import iso_utc

    _say_replaced(model)
    found = _listed(root, model, system, as_of)
    if as_json:
        print_json(
            {
                "system": system,
                "as_of": iso_utc(as_of),
                "scenarios": [listed_json(one) for one in found],
            }
        )
        return
    for line in list_lines(system, found):
        click.echo(line)


def _walk(
    root: Path,
    model: "OperatingModel",
    system: str,
    scenario: str,
    at: str,
    failure_mode: str,
    *,
    as_of: datetime,
) -> dict[str, Any]:
    """One scenario, walked by its notebook, as the keys that scripts rely on."""
    from ops_model.cli.game_day_text import walked_json
    from ops_model.workflow.game_day import refuse_unwalkable
    from ops_model.workflow.run import run_notebook

    # Said before a run begins, which would record that it failed.
    chosen, note = refuse_unwalkable(
        model, system, scenario, at=at, failure_mode=failure_mode, as_of=as_of
    )
    click.echo(f"{system}: walking through {chosen} in {NOTEBOOK} ...", err=True)
    outcome = run_notebook(
        root, NOTEBOOK, system, as_of=as_of, recorded_at=now(),
        parameters={"scenario": chosen, "at": at, "failure_mode": failure_mode},
        key=signing_key(root),
    )  # fmt: skip
    found = next((r for r in outcome.records if r.record["kind"] == "game_day"), None)
    if outcome.state == "failed" or found is None:
        raise DrillError(outcome.error or "the notebook made no record of it", where=system)
    return walked_json(found.record, outcome, note=note)


def _show(
    model: "OperatingModel",
    system: str,
    walked: Sequence[dict[str, Any]],
    *,
    everything: bool,
    as_json: bool,
) -> None:
    from ops_model.cli.game_day_text import all_lines, walked_lines

    if as_json:
        print_json({"system": system, "walked": list(walked)} if everything else walked[0])
        return
    lines = all_lines(system, walked) if everything else walked_lines(walked[0], model)
    for line in lines:
        click.echo(line)


@click.command("scenario-from")
@click.argument("system")
@click.argument("incident")
@workbook_option
@json_option
def scenario_from(
    system: str,
    incident: str,
    workbook_dir: Path | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Write a scenario from the post-mortem of an incident, so that it is rehearsed next time.

    It holds what the incident's file says and no more: the course as injects, and no question.
    Whoever knows what nobody could answer that day adds the questions.
    """
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.open import known_system
    from ops_model.workflow.scenario_from import write_scenario

    root = find_workbook(workbook_dir)
    model = read_workbook(root)
    claims = known_system(model, require_slug(system, "system"))
    written = write_scenario(root, model, claims, incident)
    if as_json:
        print_json(
            {"system": system, "incident": incident, "scenario": written.id, "path": written.path}
        )
        return
    click.echo(f"wrote {written.path}: {written.title}")
    for line in written.next_steps:
        click.echo(f"  {line}")
