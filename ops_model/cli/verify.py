"""`ops-model verify`: prove a bundle, a ledger, a workbook or an export unchanged."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops_model.cli.context import json_option, print_json
from ops_model.cli.table import visible
from ops_model.errors import IntegrityError, OpsModelError, Problem

if TYPE_CHECKING:
    from ops_model.workflow.derive import Derived, NotDerived
    from ops_model.workflow.verified import Verified


@click.command("verify")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--again", is_flag=True, help="Derive every sealed verdict again, and compare the two."
)
@click.option(
    "--key", "keys", multiple=True, metavar="KEY",
    help="A public key that you trust, or a file of such; repeat it. Default: those that lie "
    "beside what is verified.",
)  # fmt: skip
@click.option(
    "--checkpoints", "noted", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
    help="Checkpoints that you kept elsewhere, with --key; repeat it.",
)  # fmt: skip
@json_option
def command(
    path: Path,
    again: bool,  # noqa: FBT001 - click passes options by name
    keys: tuple[str, ...],
    noted: tuple[Path, ...],
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Compare what lies at PATH, byte for byte, with what was recorded and signed.

    PATH is a bundle's folder, a ledger's file, a workbook's folder (the ledger and every bundle),
    or an export, as a zip or unpacked: that also tells who approved what. Exit code 0 unchanged,
    4 changed, 3 could not be read; with --again also 4 when the same checks find something else
    than was sealed, and 1 when those that were revised since may be why, or when a verdict cannot
    be judged again. Checks that were added since are named, and change no verdict of before.

    The last line says how far `unchanged` goes.

    Name the key that you trust with --key, and checkpoints that you kept with --checkpoints:
    whoever can write the ledger could have replaced what lies beside it.
    """
    from ops_model.workflow.derive import derive_path
    from ops_model.workflow.trust import trust_of
    from ops_model.workflow.verify import verify_path

    try:
        verified = verify_path(path, trust_of(keys, noted))
    except OpsModelError as error:
        raise type(error)(problems=[_shown(problem) for problem in error.problems]) from error
    _print_verified(verified, err=as_json)
    # What was changed is not worth deriving from.
    derived = derive_path(path) if again and verified.ok else []
    if as_json:
        added = {"derived": [one.as_json() for one in derived]} if again else {}
        print_json({**verified.as_json(), **added})
    if not verified.ok:
        raise click.exceptions.Exit(IntegrityError.exit_code)
    if again:
        _print_again(derived, err=as_json)


def _print_verified(verified: "Verified", *, err: bool) -> None:
    # All of it may be the words of whoever made the file, and no terminal is to obey them.
    for line in verified.compared:
        click.echo(visible(line), err=err)
    if verified.head is not None:
        click.echo(f"head: {verified.size} entries, {verified.head}", err=err)
    covered = verified.covered.told if verified.covered is not None else ()
    for line in (*covered, *verified.told):
        click.echo(visible(line), err=err)
    for problem in verified.problems:
        click.echo(str(_shown(problem)), err=True)
    click.echo(verified.word, err=err or not verified.ok)


def _shown(problem: Problem) -> Problem:
    return Problem(visible(problem.message), visible(problem.where), visible(problem.remedy))


def _print_again(told: list["Derived | NotDerived"], *, err: bool) -> None:
    """Each sealed verdict beside the one of now, and exit by the worst."""
    from ops_model.workflow.derive import NotDerived

    for one in told:
        if isinstance(one, NotDerived):
            click.echo(f"{one.bundle}: cannot be derived: {visible(one.why)}", err=True)
        else:
            _print_derived(one, err=err)
    derived = [one for one in told if not isinstance(one, NotDerived)]
    count = f"{len(told)} sealed verdict{'' if len(told) == 1 else 's'}"
    click.echo(f"{count}, {sum(one.derived for one in derived)} derived again", err=err)
    if not all(one.explained for one in derived):
        raise click.exceptions.Exit(IntegrityError.exit_code)
    if not all(one.derived for one in derived) or len(derived) < len(told):
        raise click.exceptions.Exit(1)


def _print_derived(one: "Derived", *, err: bool) -> None:
    same = "the same to the last byte" if one.equal else "not the same"
    if one.derived and not one.equal:
        same = "the same in every finding of the checks of then"
    click.echo(f"{one.bundle}: {one.sealed.verdict}, derived again: {same}", err=err)
    for line in one.differing:
        click.echo(f"  {visible(line)}", err=True)
    if one.other_checks:
        click.echo(f"  dropped or revised since: {', '.join(one.other_checks)}", err=True)
    if one.added_checks:
        click.echo(f"  added since: {', '.join(one.added_checks)}", err=err)
