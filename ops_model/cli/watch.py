"""`ops-model watch`: what somebody must know of now, and telling them."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from ops_model.cli.context import (
    AWARE_TIME,
    as_of_option,
    find_workbook,
    json_option,
    judged_at,
    now,
    print_json,
    require_slug,
    workbook_option,
)
from ops_model.cli.sound import sound_part_alone
from ops_model.domain.spend import HardAction
from ops_model.errors import UsageError

if TYPE_CHECKING:
    from ops_model.domain.operating_model import OperatingModel
    from ops_model.workflow.watch_answers import Now


@click.command("watch")
@click.argument("system", required=False)
@click.option("--all", "everything", is_flag=True, help="All systems of the workbook.")
@click.option("--cost", is_flag=True, help="Look at the ceilings of cost.yaml alone.")
@click.option("--tell", is_flag=True, help="Send what is new to whoever must know of it.")
@click.option(
    "--gate", is_flag=True,
    help="Exit 1 when somebody has to act, or nobody knows whether they have to.",
)  # fmt: skip
@click.option("--test-routes", is_flag=True, help="Send a trial alert over each route.")
@click.option("--ack", "code", metavar="CODE", help="Say that you have an alert, by its code.")
@click.option(
    "--did",
    type=click.Choice(get_args(HardAction)),
    help="With --ack: what was done at a ceiling.",
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
    """What somebody must know of SYSTEM now: monitors, ceilings, feeds, what runs out or is late.

    With --tell each is told once to whoever is on call at that moment, or owns it, again while
    nobody acknowledges it, and when it is over. Addresses are apprise's; they stand in the
    environment variables that `alert_routes` of ops-model.yaml names, never in a file.
    """
    looks = cost or tell or gate
    if sum([looks, test_routes, code is not None, accept is not None]) > 1:
        raise UsageError(
            "expected one of --test-routes, --ack and --accept, or a look with --cost, --tell or "
            "--gate",
            remedy="give one of them at a time",
        )
    if did is not None and code is None:
        raise UsageError(
            "--did says what was done at an alert, and none is named",
            remedy="name the alert with --ack and the code in it",
        )
    if at is not None and did is None:
        raise UsageError("--at says when something was done", remedy="say what with --did")
    from ops_model.cli.watch_round import watch_ceilings, watch_everything
    from ops_model.store.workbook import read_sound_part
    from ops_model.workflow.watch_answers import Now

    root = find_workbook(workbook_dir)
    sound = read_sound_part(root)
    model = sound.model
    here = Now(root, model, judged_at(as_of, model.settings.as_of), now())
    if code is not None or accept is not None:
        _answer(here, system, person, code, did, at, accept, as_json=as_json)
        return
    systems = _systems(model, system, everything=everything)
    if not cost and not test_routes:
        systems += [broken for broken in sound.broken if everything]
        watch_everything(
            here, systems, tell=tell, gate=gate, as_json=as_json, broken=sound.broken
        )  # fmt: skip
        return
    with sound_part_alone(sound, system):
        if test_routes:
            _try(here, systems, as_json=as_json)
        else:
            watch_ceilings(here, systems, tell=tell, gate=gate, as_json=as_json)


def _systems(model: "OperatingModel", system: str | None, *, everything: bool) -> list[str]:
    if (system is None) != everything:
        raise UsageError(
            "expected a system, or --all",
            remedy="name one of: " + (", ".join(s.id for s in model.systems) or "none yet"),
        )
    return [require_slug(system, "system")] if system else [s.id for s in model.systems]


def _try(here: "Now", systems: list[str], *, as_json: bool) -> None:
    from ops_model.cli.watch_round import new_code, post_of
    from ops_model.workflow.watch_answers import try_routes
    from ops_model.workflow.watch_routes import routes_of

    post = post_of(here)
    named = [s for s in here.model.systems if s.id in systems and routes_of(here.model, s)]
    tried = [
        trial
        for system in (systems if len(systems) == 1 else [s.id for s in named])
        for trial in try_routes(here, system, post, new_code=new_code)
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
        click.echo(
            "whoever gets it types the code in it: ops-model watch --ack CODE --as PERSON",
            err=True,
        )
        return
    raise click.exceptions.Exit(1)


def _answer(
    here: "Now",
    system: str | None,
    person: str | None,
    code: str | None,
    did: HardAction | None,
    at: datetime | None,
    accepted: str | None,
    *,
    as_json: bool,
) -> None:
    from ops_model.cli.watch_text import answer_line
    from ops_model.workflow.watch_ack import answer
    from ops_model.workflow.watch_answers import accept

    if person is None:
        raise UsageError("an answer is somebody's", remedy="say whose with --as")
    speaker = require_slug(person, "person")
    about = require_slug(system, "system") if system is not None else None
    if code is not None:
        record = answer(here, code, speaker, system_id=about, did=did, at=at)
    elif about is None:
        raise UsageError("a day is accepted of one system", remedy="name it instead of --all")
    else:
        ceiling, day = _day_of(accepted or "")
        record = accept(here, about, ceiling, day, speaker)
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
