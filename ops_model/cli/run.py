"""`ops-model run`: run a notebook for one system, or for all."""

import json
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
from ops_model.cli.run_again import refuse_with_others, run_again
from ops_model.errors import OpsModelError, UsageError

if TYPE_CHECKING:
    from ops_model.store.checkpoint import CheckpointKey
    from ops_model.workflow.run import RunOutcome


@click.command("run")
@click.argument("notebook")
@click.argument("system", required=False)
@click.option("--all", "every", is_flag=True, help="Every system of the workbook, one by one.")
@click.option(
    "-p", "--parameter", "given", multiple=True, metavar="NAME=VALUE",
    help="A parameter that the notebook declares; VALUE is JSON, or plain text.",
)  # fmt: skip
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
    notebook: str,
    system: str | None,
    every: bool,  # noqa: FBT001 - click passes options by name
    given: tuple[str, ...],
    once: bool,  # noqa: FBT001 - click passes options by name
    run_id: str | None,
    workbook_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Run NOTEBOOK for SYSTEM (or --all): whole and recorded, or recorded as failed.

    NOTEBOOK is a name or a number: 05_drift_quality, N05 or 05. The portfolio's, N13, takes no
    SYSTEM: it looks at all of them together. Exit code 3 when any run failed; with --reproduce,
    1 when a record came out otherwise, or the notebook or an input is not that of the run.
    """
    if run_id is not None:
        refuse_with_others(every=every, once=once, given=given)
    from ops_model.domain.portfolio_status import PORTFOLIO
    from ops_model.notebook.find import find_notebook
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.run_about import about_all, about_one_thing

    parameters = read_parameters(given)
    root = find_workbook(workbook_dir)
    path = find_notebook(root, notebook)
    together = about_all(path)
    _named_rightly(path.stem, system, every=every, together=together, thing=about_one_thing(path))
    model = read_workbook(root)
    _dated(as_of or model.settings.as_of, once=once)
    systems = [PORTFOLIO] if together else [s.id for s in model.systems]
    if system is not None:
        systems = [require_slug(system, "system")]
    if run_id is not None:
        run_again(root, path.stem, systems[0], run_id, as_of, as_json=as_json)
    if not systems:
        raise UsageError(
            "the workbook has no system yet", where="systems/",
            remedy="write systems/<id>/system.yaml; `ops-model init` shows how",
        )  # fmt: skip
    instant, key = judged_at(as_of, model.settings.as_of), signing_key(root)
    runs, codes = [], [0]
    for system_id in systems:
        click.echo(f"{system_id}: running {notebook} ...", err=True)
        run, code = _one(root, notebook, system_id, instant, parameters, key, once=once)
        runs.append(run)
        codes.append(code)
        click.echo(_line(run), err=as_json or run["state"] == "failed")
        if run["interrupted"]:
            break
    if as_json:
        print_json({"runs": [{k: v for k, v in r.items() if k != "interrupted"} for r in runs]})
    raise click.exceptions.Exit(max(codes))


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


def _one(
    root: Path,
    notebook: str,
    system_id: str,
    as_of: datetime,
    parameters: dict[str, Any],
    key: "CheckpointKey | None",
    *,
    once: bool,
) -> tuple[dict[str, Any], int]:
    """One run and its exit code; an error of one system is its own and stops no other."""
    from ops_model.workflow.run import run_notebook

    try:
        outcome = run_notebook(
            root, notebook, system_id,
            as_of=as_of, recorded_at=now(), parameters=parameters, key=key, once=once,
        )  # fmt: skip
    except OpsModelError as error:
        refused: dict[str, Any] = {
            "system": system_id, "notebook": notebook, "run_id": None, "state": "failed",
            "seconds": 0.0, "bundle": None, "error": str(error), "interrupted": False,
            "records": 0, "told": [],
        }  # fmt: skip
        return refused, error.exit_code
    more = {
        "interrupted": _interrupted(outcome),
        "records": len(outcome.records),
        "told": _told(outcome),
    }
    return {**outcome.as_json(), **more}, 3 if outcome.state == "failed" else 0


def _told(outcome: "RunOutcome") -> list[str]:
    """What came of it, in half a sentence for each record; the sum alone, where it sums up.

    Whoever may write the notebook may write the verdict, so what was only declared says so.
    """
    from ops_model.domain.assessment import Assessment
    from ops_model.domain.portfolio_status import PortfolioStatus
    from ops_model.domain.records import read_record
    from ops_model.site.told import told

    records = [(read_record(found.record), outcome.why_declared(found))
               for found in outcome.records]  # fmt: skip
    sums = [one for one in records if isinstance(one[0], Assessment | PortfolioStatus)]
    lines = (
        f"{told(record)}{f'; declared only: {why}' if why else ''}"
        for record, why in sums or records
    )
    return list(dict.fromkeys(lines))


def _interrupted(outcome: "RunOutcome") -> bool:
    return outcome.failure is not None and outcome.failure.reason == "interrupted"


def _line(run: dict[str, Any]) -> str:
    head = f"{run['system']}: {run['notebook']} {run['state']} after {run['seconds']:.1f} s"
    if run["state"] == "skipped":
        return f"{run['system']}: {run['notebook']} skipped: {run['error']}"
    if not run["bundle"]:
        return f"{head}\n  {run['error']}"
    # Whoever was told to run it would otherwise wonder why the next check still says `unknown`.
    nothing = ["it left no evidence: its cells found nothing declared to measure"]
    return "\n  ".join([f"{head}, {run['bundle']}", *(run["told"] if run["records"] else nothing)])
