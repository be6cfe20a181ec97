"""`ops-model observe`: what the tool sees by itself; `env` looks at how a version was built."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

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
from ops_model.domain.rollback import Environment
from ops_model.errors import UsageError

if TYPE_CHECKING:
    from ops_model.workflow.observed_env import Observed
    from ops_model.workflow.watch_answers import Now

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group("observe")
def command() -> None:
    """Look at something, and put what was seen on the ledger."""


@command.command("env")
@click.argument("system")
@click.option(
    "--junit", multiple=True, type=_FILE, metavar="FILE",
    help="JUnit XML of the build's tests; repeat it.",
)  # fmt: skip
@click.option(
    "--repository",
    type=_FOLDER,
    metavar="DIR",
    help="A checkout, in which the commit is looked up.",
)
@click.option("--ci-run", metavar="URL", help="The build. Default: the one that this runs in.")
@click.option(
    "--commit", metavar="SHA", help="What was built. Default: as the build service says."
)
@click.option("--pull-request", metavar="URL", help="How it came. Default: as the service says.")
@click.option(
    "--reviewed-by", multiple=True, metavar="PERSON",
    help="Who read it, an id of people.yaml; recorded as said, not as seen. Repeat it.",
)  # fmt: skip
@click.option("--rebuild", is_flag=True, help="Run the `build` of change.yaml in an empty folder.")
@click.option("--compare", is_flag=True, help="Hold this environment against production.")
@click.option(
    "--take", metavar="ID", help="Print this environment for change.yaml; record nothing."
)
@click.option(
    "--environment", "kind", type=click.Choice(get_args(Environment)), default="test",
    show_default=True, help="With --take: which one it is.",
)  # fmt: skip
@click.option(
    "--config", type=_FILE, metavar="FILE", help="The configuration of this environment."
)
@workbook_option
@as_of_option
@json_option
def env(
    *,
    system: str,
    junit: tuple[Path, ...],
    repository: Path | None,
    ci_run: str | None,
    commit: str | None,
    pull_request: str | None,
    reviewed_by: tuple[str, ...],
    rebuild: bool,
    compare: bool,
    take: str | None,
    kind: str,
    config: Path | None,
    workbook_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """How the version of SYSTEM was built: its tests, its commit, a second build.

    What the build service says of its own run is read from its variables (GitHub Actions, GitLab,
    Jenkins, Azure); nothing is asked of anybody over the network.

    Exit codes: 0 recorded, 1 tests did not pass or the second build is not the same.
    """
    from ops_model.store.workbook import read_for
    from ops_model.workflow.ci_variables import ci_run as service
    from ops_model.workflow.observe_env import Look, observe_env
    from ops_model.workflow.watch_answers import Now

    root = find_workbook(workbook_dir)
    name = require_slug(system, "system")
    model = read_for(root, name)
    here = Now(root, model, judged_at(as_of, model.settings.as_of), now())
    if take is not None:
        _take(here, name, take, kind, config, as_json=as_json)
        return
    if config is not None and not compare:
        raise UsageError("--config has no use here", remedy="give --compare or --take with it")
    look = Look(
        junit=junit, ci=service(environment()), ci_run=ci_run, commit=commit,
        pull_request=pull_request, reviewed_by=reviewed_by, repository=repository,
        rebuild=rebuild, compare=compare, config=config,
    )  # fmt: skip
    observed = observe_env(here, name, look)
    _show(observed, as_json=as_json)
    raise click.exceptions.Exit(0 if observed.well else 1)


def _take(
    here: "Now", system: str, name: str, kind: str, config: Path | None, *, as_json: bool
) -> None:
    from ops_model.workflow.observe_parity import take_snapshot_here
    from ops_model.workflow.open import known_system

    known_system(here.model, system)
    lines, covers = take_snapshot_here(here, name, kind, config)
    click.echo(f"# paste this under `environments` in change.yaml; {covers}", err=True)
    if as_json:
        print_json({"system": system, "yaml": lines, "covers": covers})
    else:
        click.echo(lines)


def _show(observed: "Observed", *, as_json: bool) -> None:
    from ops_model.cli.table import visible

    record = observed.record
    told = [
        f"{record.system}: how {record.version} was built, recorded",
        *(f"  {line}" for line in observed.told),
        *(f"  {d.member} is {d.here} here, {d.in_production} in {record.compared_with}"
          for d in record.differences),
        *(f"  {source}" for source in record.sources),
    ]  # fmt: skip
    for line in told:
        click.echo(visible(line), err=as_json)
    if as_json:
        print_json(_as_json(observed))


def _as_json(observed: "Observed") -> dict[str, Any]:
    record = observed.record
    told = record.model_dump(mode="json", exclude={"kind", "claims", "inputs", "lead_time"})
    hours = record.lead_time.value if record.lead_time is not None else None
    return {**told, "lead_time_hours": hours, "rebuilt_alike": record.rebuilt_alike}
