"""`ops-model drill`: rehearse what an incident asks for, and put back what a killed drill left."""

import time
from collections.abc import Callable, Iterator, Mapping
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
from ops_model.cli.drill_access import command as access
from ops_model.cli.drill_faults import fault_lines, refuse_unknown_path
from ops_model.cli.drill_game_day import command as game_day
from ops_model.cli.drill_game_day import scenario_from
from ops_model.cli.drill_rollback import more_of_rollback
from ops_model.cli.drill_swap import swap_lines, whose_model
from ops_model.domain.rollback import only_noted
from ops_model.errors import DrillError, UsageError

if TYPE_CHECKING:
    from ops_model.workflow.run import RunOutcome

# A drill that was broken off restores by itself; so long we wait to say how that went.
_RESTORE_SECONDS = 90


@click.group("drill", invoke_without_command=True)
@click.option(
    "--restore", metavar="SYSTEM", default=None,
    help="Put back what a drill of SYSTEM left changed when it was killed.",
)  # fmt: skip
@workbook_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    restore: str | None,
    workbook_dir: Path | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Rehearse a rollback or a fallback for real, with a stopwatch.

    Exit codes: 0 passed, 1 the drill did not pass, 3 it could not be carried out.
    """
    if ctx.invoked_subcommand is not None:
        if restore is not None or workbook_dir is not None or as_json:
            raise UsageError(
                "options stand behind the kind of drill, and --restore without one",
                remedy=f"ops-model drill {ctx.invoked_subcommand} SYSTEM --workbook DIR --json",
            )
        return
    if restore is None:
        raise UsageError(
            "say what to rehearse",
            remedy="ops-model drill rollback SYSTEM, fallback SYSTEM, or game-day SYSTEM --list",
        )
    _restore(find_workbook(workbook_dir), require_slug(restore, "system"), as_json=as_json)


def _restore(root: Path, system: str, *, as_json: bool) -> None:
    from ops_model.store.workbook import read_for
    from ops_model.workflow.drill import restore_unfinished
    from ops_model.workflow.open import known_system

    known_system(read_for(root, system), system)
    restored = restore_unfinished(root, system)
    told = "".join(f"{system}: drill {drill} is put back\n" for drill in restored)
    click.echo(told or f"{system}: no drill was left unfinished\n", nl=False, err=as_json)
    if as_json:
        print_json({"system": system, "restored": list(restored)})


def _rehearsal(function: Callable[..., None]) -> Callable[..., None]:
    """The argument and options that all of these drills take."""
    person = click.option(
        "--as", "person", metavar="PERSON", default=None,
        help="Who performs the drill, an id of people.yaml.",
    )  # fmt: skip
    for option in (json_option, as_of_option, workbook_option, person):
        function = option(function)
    return click.argument("system")(function)


command.add_command(access)
command.add_command(game_day)
command.add_command(scenario_from)


@command.command("rollback")
@_rehearsal
def rollback(
    system: str,
    person: str | None,
    workbook_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Go back to the previous version for real, and return.

    Starts the target of rollback.yaml, sends it traffic, carries out the steps of the plan, sees
    the previous version answer, reconciles every stored record, and returns to the first version.
    """
    _rehearse("03_rollback_drill", "rollback_drill", system, person, workbook_dir, as_of, {},
              as_json=as_json)  # fmt: skip


@command.command("fallback")
@_rehearsal
@click.option(
    "--path", "path", metavar="PATH", default=None,
    help="Which path of fallback.yaml; the first that can be rehearsed, when not given.",
)  # fmt: skip
def fallback(
    system: str,
    path: str | None,
    person: str | None,
    workbook_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Take the dependency away for real, and give it back.

    Starts the target of a path, sends it traffic, takes away what the path replaces, counts what
    users got and whether they saw the notice, and gives it back. Where the path names a vendor,
    your own client is asked while a stand-in of it fails in each known way.
    """
    _rehearse("04_fallback_drill", "fallback_drill", system, person, workbook_dir, as_of,
              {"path": path}, as_json=as_json)  # fmt: skip


@command.command("swap")
@_rehearsal
@click.option(
    "--dependency", metavar="ID", default=None,
    help="Whose model; the first exchange that change.yaml plans, when not given.",
)  # fmt: skip
def swap(
    system: str,
    dependency: str | None,
    person: str | None,
    workbook_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Exchange the pinned model of a provider for its successor, and return.

    Your own client is asked while a stand-in of the vendor has retired the model that is agreed.
    The client is switched as `swaps` of change.yaml says, and twenty answers in a row of the
    successor count as healthy. The pinned model serves again at the end.
    """
    _rehearse("10_champion_challenger", "swap_drill", system, person, workbook_dir, as_of,
              {"rehearse_swap": dependency}, as_json=as_json)  # fmt: skip


def _rehearse(
    notebook: str,
    kind: str,
    system: str,
    person: str | None,
    workbook_dir: Path | None,
    as_of: datetime | None,
    more: Mapping[str, str | None],
    *,
    as_json: bool,
) -> None:
    from ops_model.store.workbook import read_for
    from ops_model.workflow.open import known_system
    from ops_model.workflow.run import run_notebook

    root = find_workbook(workbook_dir)
    model = read_for(root, require_slug(system, "system"))
    claims = known_system(model, system)
    if path := more.get("path"):
        refuse_unknown_path(claims.fallback, path)
    if "rehearse_swap" in more:
        more = {"rehearse_swap": whose_model(claims, more["rehearse_swap"])}
    if person is not None and model.people.person(person) is None:
        raise UsageError(
            f"--as names {person!r}, who is not in people.yaml",
            remedy="give the id of the person who performs the drill",
        )
    click.echo(f"{system}: rehearsing in {notebook} ...", err=True)
    given = {"performed_by": person, **more}
    parameters = {name: value for name, value in given.items() if value}
    instant = judged_at(as_of, model.settings.as_of)
    outcome = run_notebook(
        root, notebook, system, as_of=instant, recorded_at=now(),
        parameters=parameters, key=signing_key(root),
    )  # fmt: skip
    found = next((r for r in outcome.records if r.record["kind"] == kind), None)
    if outcome.state == "failed" or found is None:
        raise _not_carried_out(root, system, outcome)
    # Whoever may write the notebook may write that a drill passed.
    answer = _as_json(found.record, outcome, why_declared=outcome.why_declared(found))
    if kind == "rollback_drill":
        from ops_model.workflow.show_rollback import rollbacks_on_record

        so_far = rollbacks_on_record(root, model, system, as_of=instant)
        answer["bound"] = so_far.model_dump(mode="json")
    if as_json:
        print_json(answer)
    else:
        _print(system, answer)
    raise click.exceptions.Exit(0 if answer["passed"] else 1)


def _not_carried_out(root: Path, system: str, outcome: "RunOutcome") -> DrillError:
    """What the run said, and whether the first state is back."""
    from ops_model.workflow.drill import left_unfinished, wait_for_drill

    ended = wait_for_drill(root, system, _RESTORE_SECONDS, stopwatch=time.monotonic)
    said = outcome.error or "the notebook made no drill record"
    if not ended:
        said += f"\nthe drill still restores after {_RESTORE_SECONDS} s"
    elif left_unfinished(root, system):
        said += "\nwhat the drill changed is not put back"
    else:
        return DrillError(f"{said}\nnothing is left changed", where=system)
    return DrillError(said, where=system, remedy=f"ops-model drill --restore {system}")


def _as_json(
    record: Mapping[str, Any], outcome: "RunOutcome", *, why_declared: str
) -> dict[str, Any]:
    """The keys that scripts rely on; a measured number appears as its value."""
    left_out = {"kind", "claims", "inputs"}
    told = {key: _plain(value) for key, value in record.items() if key not in left_out}
    ran = {"run_id": outcome.run_id, "bundle": outcome.bundle}
    return {**told, **ran, "declared_only": why_declared or None}


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return value["value"] if "unit" in value else {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _print(system: str, answer: Mapping[str, Any]) -> None:
    verdict = "passed" if answer["passed"] else "did NOT pass"
    for line in _in_short(system, answer, verdict):
        click.echo(line)
    for step in answer["steps"]:
        click.echo(step_line(step))
    for problem in answer["problems"]:
        click.echo(f"  problem: {problem}")
    if answer["declared_only"]:
        click.echo(f"  declared only: {answer['declared_only']}")
    click.echo(f"  {answer['bundle']}")


def step_line(step: Mapping[str, Any]) -> str:
    """How long a step took and whether it worked; a step that was only noted took no time."""
    if step["ok"] and only_noted(step["name"]):
        return f"  {'':10}  not done  {step['name']}: {step['detail']}"
    mark = "ok" if step["ok"] else "FAILED"
    return f"  {step['seconds']:8.2f} s  {mark:8}  {step['name']}"


def _in_short(system: str, answer: Mapping[str, Any], verdict: str) -> Iterator[str]:
    """What came of it, by the kind of drill."""
    seconds = "never" if answer["seconds"] is None else f"{answer['seconds']:.2f} s"
    if "to_model" in answer:
        yield from swap_lines(system, answer, verdict)
    elif "restored" in answer:
        yield f"{system}: the rollback drill {verdict}; decided to healthy: {seconds}"
        yield (
            f"  {answer['requests']} requests, {answer['failed_requests']} failed; records: "
            f"{answer['lost']} lost, {answer['duplicated']} duplicated, {answer['changed']} "
            f"changed; {answer['from_version']} restored: {_yes(answer['restored'])}"
        )
        yield from more_of_rollback(answer)
    else:
        yield f"{system}: the fallback drill {verdict}; outage to switch-over: {seconds}"
        yield (
            f"  served {_share(answer['served_share'])}, degraded "
            f"{_share(answer['degraded_share'])}, lost {answer['lost']}; notice seen: "
            f"{_yes(answer['notice_seen'])}; normal again: {_yes(answer['returned'])}"
        )
        yield from fault_lines(answer["faults"])


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _share(value: float | None) -> str:
    from ops_model.site.words import amount

    return "nothing" if value is None else amount(value, "share")
