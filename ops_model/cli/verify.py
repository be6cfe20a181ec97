"""`ops-model verify`: prove a bundle, a ledger or a whole workbook unchanged."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops_model.cli.context import json_option, print_json
from ops_model.errors import IntegrityError

if TYPE_CHECKING:
    from ops_model.workflow.derive import Derived, NotDerived


@click.command("verify")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--again", is_flag=True, help="Derive every sealed verdict again, and compare the two."
)
@json_option
def command(path: Path, again: bool, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Compare what lies at PATH, byte for byte, with what was recorded.

    PATH is a bundle's folder, a ledger's file, or a workbook's folder (the ledger and every
    bundle). Exit code 0 unchanged, 4 changed, 3 could not be read; with --again also 4 when the
    same checks find something else than was sealed, and 1 when those that were revised since may
    be why. Checks that were added since are named, and change no verdict of before.

    A chain of hashes cannot show that its owner rewrote the whole ledger, or put an older copy
    back: note the head (--json: root) somewhere else, and compare.
    """
    from ops_model.workflow.derive import derive_path
    from ops_model.workflow.verify import verify_path

    verified = verify_path(path)
    for line in verified.compared:
        click.echo(line, err=as_json)
    if verified.head is not None:
        click.echo(f"head: {verified.size} entries, {verified.head}", err=as_json)
    for problem in verified.problems:
        click.echo(str(problem), err=True)
    if not verified.ok:
        count = len(verified.problems)
        click.echo(f"changed: {count} problem{'s' if count != 1 else ''}", err=True)
    else:
        click.echo("unchanged", err=as_json)
    # What was changed is not worth deriving from.
    derived = derive_path(path) if again and verified.ok else []
    if as_json:
        added = {"derived": [one.as_json() for one in derived]} if again else {}
        print_json({**verified.as_json(), **added})
    if not verified.ok:
        raise click.exceptions.Exit(IntegrityError.exit_code)
    if again:
        _print_again(derived, err=as_json)


def _print_again(told: list["Derived | NotDerived"], *, err: bool) -> None:
    """Each sealed verdict beside the one of now, and exit by the worst."""
    from ops_model.workflow.derive import NotDerived

    for one in told:
        if isinstance(one, NotDerived):
            click.echo(f"{one.bundle}: cannot be derived: {one.why}", err=True)
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
        click.echo(f"  {line}", err=True)
    if one.other_checks:
        click.echo(f"  dropped or revised since: {', '.join(one.other_checks)}", err=True)
    if one.added_checks:
        click.echo(f"  added since: {', '.join(one.added_checks)}", err=err)
