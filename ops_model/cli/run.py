"""`ops-model run`: run a notebook for one system, or for all."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ops_model.cli.context import (
    AWARE_TIME,
    as_of_option,
    find_workbook,
    json_option,
    judged_at,
    require_slug,
    workbook_option,
)
from ops_model.cli.run_again import refuse_with_others, run_again
from ops_model.cli.run_due import Call, notebook_of
from ops_model.cli.run_fleet import cores, run_fleet
from ops_model.cli.sound import left_out, sound_part_alone
from ops_model.errors import UsageError, WorkbookError


@click.command("run")
@click.argument("notebook", required=False)
@click.argument("system", required=False)
@click.option("--all", "every", is_flag=True, help="Every system of the workbook.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=None, metavar="N",
    help="So many notebooks at a time (default: as many as there are cores).",
)  # fmt: skip
@click.option(
    "--cluster",
    metavar="ADDRESS",
    default=None,
    help="Run them on the workers of a Dask cluster instead, such as tcp://HOST:8786.",
)
@click.option(
    "-p", "--parameter", "given", multiple=True, metavar="NAME=VALUE",
    help="A parameter that the notebook declares; VALUE is JSON, or plain text.",
)  # fmt: skip
@click.option("--due", is_flag=True, help="What the schedules say is due and nobody has sealed.")
@click.option(
    "--again", is_flag=True,
    help="What is sealed, once more, in the place of what it showed: of NOTEBOOK the latest, or "
    "that of --as-of; with --due the latest of each schedule.",
)  # fmt: skip
@click.option(
    "--from", "start", type=AWARE_TIME, default=None,
    help="With --to: the slots of NOTEBOOK's schedule from here that nobody has sealed.",
)  # fmt: skip
@click.option("--to", "end", type=AWARE_TIME, default=None, help="The end of that span.")
@click.option(
    "--once", is_flag=True,
    help="Only if nobody has run it, or is running it, for this instant: for schedules. Needs "
    "--as-of, or a workbook that pins an instant.",
)  # fmt: skip
@click.option(
    "--reproduce", "run_id", metavar="RUN_ID", default=None,
    help="Execute this sealed run again, from what was sealed with it, and compare the records.",
)  # fmt: skip
@workbook_option
@as_of_option
@json_option
def command(
    notebook: str | None,
    system: str | None,
    every: bool,  # noqa: FBT001 - click passes options by name
    due: bool,  # noqa: FBT001 - click passes options by name
    again: bool,  # noqa: FBT001 - click passes options by name
    start: datetime | None,
    end: datetime | None,
    jobs: int | None,
    cluster: str | None,
    given: tuple[str, ...],
    once: bool,  # noqa: FBT001 - click passes options by name
    run_id: str | None,
    workbook_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Run NOTEBOOK for SYSTEM (or --all): whole and recorded, or recorded as failed.

    NOTEBOOK is a name or a number: 05_drift_quality, N05 or 05. The portfolio's, N13, takes no
    SYSTEM: it looks at all of them together. With --due no notebook is named: the schedules of
    `ops-model.yaml` say which, oldest slot first. Exit code 3 when any run failed; with
    --reproduce, 1 when a record came out otherwise, or the notebook or an input is not that of
    the run.
    """
    call = Call(
        notebook, system, every, due, again, start, end, given, once, run_id, jobs, cluster,
        workbook_dir, as_of, as_json,
    )  # fmt: skip
    name = notebook_of(call)
    if run_id is not None:
        refuse_with_others(every=every, once=once, given=given)
    from ops_model.domain.portfolio_status import PORTFOLIO
    from ops_model.notebook.find import find_notebook
    from ops_model.store.workbook import read_sound_part
    from ops_model.workflow.run_about import about_all, about_one_thing

    parameters = read_parameters(given)
    root = find_workbook(workbook_dir)
    path = find_notebook(root, name)
    together = about_all(path)
    _named_rightly(path.stem, system, every=every, together=together, thing=about_one_thing(path))
    sound = read_sound_part(root)
    model = sound.model
    _dated(as_of or model.settings.as_of, once=once)
    systems = [PORTFOLIO] if together else [s.id for s in model.systems]
    if system is not None:
        systems = [require_slug(system, "system")]
    if run_id is not None:
        run_again(root, path.stem, systems[0], run_id, as_of, as_json=as_json)
    if not systems and sound.problems:
        raise WorkbookError(problems=sound.problems)
    if not systems:
        raise UsageError(
            "the workbook has no system yet", where="systems/",
            remedy="write systems/<id>/system.yaml; `ops-model init` shows how",
        )  # fmt: skip
    from ops_model.domain.schedules import Slot

    instant = judged_at(as_of, model.settings.as_of)
    named = None if every else systems[0]
    whom = systems[0] if len(systems) == 1 else f"{len(systems)} systems"
    with sound_part_alone(sound, named):
        click.echo(f"{whom}: running {path.stem} ...", err=True)
        run_fleet(
            root, model, [Slot(instant, system_id, path.stem) for system_id in systems],
            given=parameters, once=once, workers=jobs or cores(), cluster=cluster,
            as_json=as_json, more=left_out(sound) if every else {},
        )  # fmt: skip


def _dated(instant: datetime | None, *, once: bool) -> None:
    """Refuse --once where nobody says for which instant.

    Raises:
        UsageError: now would judge.
    """
    if once and instant is None:
        raise UsageError(
            "--once without an instant would run each time, since now is another one each time",
            remedy="say for which one, such as --as-of 2026-11-26T00:00:00Z",
        )


def _named_rightly(
    notebook: str, system: str | None, *, every: bool, together: bool, thing: str
) -> None:
    """Refuse a call that does not say what to run the notebook for.

    Raises:
        UsageError: both a system and --all, or neither, where the notebook is about one system;
            either of them, where it is about all together; --all, where it is about one thing of
            one system.
    """
    if together and (every or system):
        raise UsageError(
            f"{notebook} is about all systems together", remedy=f"ops-model run {notebook}"
        )
    if every and thing:
        raise UsageError(
            f"{notebook} is about one {thing} of one system, so --all names nothing",
            remedy=f"ops-model run {notebook} SYSTEM -p {thing}=ID",
        )
    if not together and every == bool(system):
        raise UsageError("name one system, or say --all", remedy=f"ops-model run {notebook} --all")


def read_parameters(given: tuple[str, ...]) -> dict[str, Any]:
    """`-p days=7` as a number, `-p by=m-ito` as text; JSON where it can be read as JSON.

    Raises:
        UsageError: no `=`, or a name given twice.
    """
    parameters: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name in parameters:
            # What has no name may be a secret that was pasted, so it is not repeated.
            problem = f"-p {name!r} is given twice" if equals else "-p without `=` has no value"
            raise UsageError(problem, remedy="write each once, as -p name=value")
        try:
            parameters[name] = json.loads(value)
        except (ValueError, RecursionError):
            parameters[name] = value
    return parameters
