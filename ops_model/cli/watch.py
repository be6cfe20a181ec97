"""`ops-model watch`: where every ceiling stands now, and telling whoever must know."""

import secrets
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from ops_model.cli.context import (
    AWARE_TIME,
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
from ops_model.domain.spend import HardAction
from ops_model.errors import UsageError

if TYPE_CHECKING:
    from ops_model.domain.operating_model import OperatingModel
    from ops_model.workflow.alert_channels import Post
    from ops_model.workflow.watch_answers import Now

# Without what is easily read as something else.
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


@click.command("watch")
@click.argument("system", required=False)
@click.option("--all", "everything", is_flag=True, help="All systems of the workbook.")
@click.option("--cost", is_flag=True, help="Look at the ceilings of cost.yaml.")
@click.option("--tell", is_flag=True, help="Send what is new to the alert_route of each ceiling.")
@click.option(
    "--gate", is_flag=True,
    help="Exit 1 when a ceiling is crossed or burns too fast, or how one stands is not known.",
)  # fmt: skip
@click.option("--test-routes", is_flag=True, help="Send a trial alert over each route.")
@click.option(
    "--acknowledge", "code", metavar="CODE", help="Say that an alert arrived, by the code in it."
)
@click.option(
    "--did", type=click.Choice(get_args(HardAction)), help="With --acknowledge: what was done."
)
@click.option("--at", type=AWARE_TIME, metavar="T", help="With --did: when (default: now).")
@click.option(
    "--accept",
    metavar="CEILING@DAY",
    help="Accept a day above a ceiling, such as daily@2026-03-02.",
)
@click.option("--as", "person", metavar="PERSON", help="Who answers: an id of people.yaml.")
@workbook_option
@as_of_option
@json_option
def command(
    *,
    system: str | None,
    everything: bool,
    cost: bool,
    tell: bool,
    gate: bool,
    test_routes: bool,
    code: str | None,
    did: HardAction | None,
    at: datetime | None,
    accept: str | None,
    person: str | None,
    workbook_dir: Path | None,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """Where each ceiling of SYSTEM stands now, from its usage logs.

    With --tell each is told once for its day and state. Addresses are apprise's; they stand in the
    environment variables that `alert_routes` of ops-model.yaml names, never in a file.
    """
    asked = [cost or tell, test_routes, code is not None, accept is not None]
    if sum(asked) != 1:
        raise UsageError(
            "expected one of --cost, --test-routes, --acknowledge and --accept",
            remedy="give --cost to see where the ceilings stand",
        )
    if did is not None and code is None:
        raise UsageError(
            "--did says what was done at an alert, and none is named",
            remedy="name the alert with --acknowledge and the code in it",
        )
    if at is not None and did is None:
        raise UsageError("--at says when something was done", remedy="say what with --did")
    from ops_model.store.workbook import read_workbook
    from ops_model.workflow.watch_answers import Now

    root = find_workbook(workbook_dir)
    model = read_workbook(root)
    here = Now(root, model, judged_at(as_of, model.settings.as_of), now())
    systems = _systems(model, system, everything=everything)
    if code is not None or accept is not None:
        if person is None:
            raise UsageError("an answer is somebody's", remedy="say whose with --as")
        if system is None:
            raise UsageError("an answer is about one system", remedy="name it instead of --all")
        _answer(here, systems[0], require_slug(person, "person"), code, did, at, accept,
                as_json=as_json)  # fmt: skip
    elif test_routes:
        _try(here, systems, as_json=as_json)
    else:
        _watch(here, systems, tell=tell, gate=gate, as_json=as_json)


def _systems(model: "OperatingModel", system: str | None, *, everything: bool) -> list[str]:
    if (system is None) != everything:
        raise UsageError(
            "expected a system, or --all",
            remedy="name one of: " + (", ".join(s.id for s in model.systems) or "none yet"),
        )
    return [require_slug(system, "system")] if system else [s.id for s in model.systems]


def _watch(here: "Now", systems: list[str], *, tell: bool, gate: bool, as_json: bool) -> None:
    from ops_model.cli.watch_text import each_line, watch_json
    from ops_model.workflow.watch import tell as send
    from ops_model.workflow.watch import watch_each

    watched = watch_each(here.root, here.model, systems, as_of=here.as_of)
    told = [
        one
        for found in (watched.seen if tell else ())
        for one in send(
            here.root, here.model, found, _post(here), recorded_at=here.recorded_at,
            new_code=new_code,
        )
    ]  # fmt: skip
    if as_json:
        print_json(watch_json(watched, told if tell else None, here.as_of))
    else:
        for line in each_line(watched, told if tell else None, here.model.settings.zone):
            click.echo(line)
    for system, error in watched.failed.items():
        click.echo(f"{system}: {error}", err=True)
    if watched.failed:
        raise click.exceptions.Exit(3)
    if (gate and watched.grave) or any(one.why_not for one in told):
        raise click.exceptions.Exit(1)


def _try(here: "Now", systems: list[str], *, as_json: bool) -> None:
    from ops_model.workflow.watch import unwatched
    from ops_model.workflow.watch_answers import try_routes

    tried = [
        trial
        for system in systems
        if len(systems) == 1 or not unwatched(here.model, system)
        for trial in try_routes(here, system, _post(here), new_code=new_code)
    ]
    if as_json:
        print_json({"tried": [
            {"system": t.system, "route": t.route, "delivered": t.delivered, "why_not": t.why_not}
            for t in tried
        ]})  # fmt: skip
    for trial in tried:
        got = "sent" if trial.delivered else f"NOT SENT: {trial.why_not}"
        click.echo(f"{trial.system}: {trial.route}: {got}", err=as_json)
    if all(trial.delivered for trial in tried):
        click.echo("whoever gets it types the code in it: ops-model watch SYSTEM --acknowledge "
                   "CODE --as PERSON", err=True)  # fmt: skip
        return
    raise click.exceptions.Exit(1)


def _answer(
    here: "Now",
    system: str,
    person: str,
    code: str | None,
    did: HardAction | None,
    at: datetime | None,
    accepted: str | None,
    *,
    as_json: bool,
) -> None:
    from ops_model.cli.watch_text import answer_line
    from ops_model.workflow.watch_answers import accept, acknowledge

    if code is not None:
        record = acknowledge(here, system, code, person, did=did, at=at)
    else:
        ceiling, day = _day_of(accepted or "")
        record = accept(here, system, ceiling, day, person)
    if as_json:
        print_json(record.model_dump(mode="json", exclude={"inputs", "claims"}))
    click.echo(answer_line(record), err=as_json)


def _day_of(text: str) -> tuple[str, date]:
    ceiling, _, day = text.partition("@")
    try:
        return ceiling, date.fromisoformat(day)
    except ValueError:
        raise UsageError(
            f"--accept is {text!r}; expected a ceiling and a day, such as daily@2026-03-02"
        ) from None


def _post(here: "Now") -> "Post":
    from ops_model.alert import send
    from ops_model.workflow.alert_channels import Post

    return Post(here.model.settings.alert_routes, environment(), send)


def new_code() -> str:
    """Twelve letters and digits: nobody guesses them, and anybody can type them."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(12))
    return "-".join((drawn[:4], drawn[4:8], drawn[8:]))
