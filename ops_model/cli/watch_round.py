"""What `ops-model watch` does when it looks and tells: one system, or all of them."""

import secrets
from typing import TYPE_CHECKING

import click

from ops_model.cli.context import environment, print_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops_model.errors import OpsModelError
    from ops_model.store.sound_part import Broken
    from ops_model.workflow.alert_channels import Post
    from ops_model.workflow.watch_answers import Now
    from ops_model.workflow.watch_tell import Telling

# Without what is easily read as something else.
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def new_code() -> str:
    """Twelve letters and digits: nobody guesses them, and anybody can type them."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(12))
    return "-".join((drawn[:4], drawn[4:8], drawn[8:]))


def post_of(here: "Now") -> "Post":
    """How alerts of this workbook are sent from this machine."""
    from ops_model.alert import Sender
    from ops_model.workflow.alert_channels import Post

    return Post(here.model.settings.alert_routes, environment(), Sender())


def watch_everything(
    here: "Now",
    systems: list[str],
    *,
    tell: bool,
    gate: bool,
    as_json: bool,
    broken: "Mapping[str, Broken]",
) -> None:
    """Look at all that somebody must know of, and tell them where that is asked for."""
    from ops_model.cli.watch_round_text import round_json, round_lines
    from ops_model.workflow.watch_look import look
    from ops_model.workflow.watch_round import look_and_tell, ping_outside

    done = None
    if tell:
        looked, done = look_and_tell(_telling(here), systems, broken=broken)
    else:
        looked = look(here.root, here.model, systems, as_of=here.as_of, broken=broken)
    unheard = ping_outside(here.model, looked, done, environment()) if done is not None else ""
    if as_json:
        print_json(round_json(looked, done))
    else:
        for text in round_lines(looked, done, here.model.settings.zone):
            click.echo(text)
    for error, blind in _by_error(looked.failed).items():
        click.echo(f"{', '.join(blind)}: {error}", err=True)
    if unheard:
        click.echo(unheard, err=True)
    if looked.failed:
        raise click.exceptions.Exit(max(error.exit_code for error in looked.failed.values()))
    if (gate and looked.grave) or unheard or (done is not None and not done.whole):
        raise click.exceptions.Exit(1)


def _by_error(failed: "Mapping[str, OpsModelError]") -> dict[str, list[str]]:
    """What went wrong, once, with the systems where it did."""
    found: dict[str, list[str]] = {}
    for system, error in failed.items():
        found.setdefault(str(error), []).append(system)
    return found


def watch_ceilings(
    here: "Now", systems: list[str], *, tell: bool, gate: bool, as_json: bool
) -> None:
    """Look at the ceilings alone, and tell of them where that is asked for."""
    from ops_model.cli.watch_text import each_line, watch_json
    from ops_model.workflow.watch import watch_each
    from ops_model.workflow.watch_round import tell_ceilings

    watched = watch_each(here.root, here.model, systems, as_of=here.as_of)
    told = tell_ceilings(_telling(here), watched.seen) if tell else None
    if as_json:
        print_json(watch_json(watched, told, here.as_of))
    else:
        for text in each_line(watched, told, here.model.settings.zone):
            click.echo(text)
    for system, error in watched.failed.items():
        click.echo(f"{system}: {error}", err=True)
    if watched.failed:
        raise click.exceptions.Exit(3)
    if (gate and watched.grave) or any(one.why_not for one in told or ()):
        raise click.exceptions.Exit(1)


def _telling(here: "Now") -> "Telling":
    from ops_model.workflow.watch_tell import Telling

    post = post_of(here)
    return Telling(here.root, here.model, post, here.as_of, here.recorded_at, new_code)
