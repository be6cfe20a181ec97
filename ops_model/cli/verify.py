"""`ops-model verify`: prove a bundle, a ledger or a whole workbook unchanged."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops_model.cli.context import json_option, print_json
from ops_model.errors import IntegrityError

if TYPE_CHECKING:
    from ops_model.workflow.derive import Derived


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
    same checks come to another verdict than the one sealed, and 1 when other checks do.

    A chain of hashes cannot show that its owner rewrote the whole ledger, or put an older copy
    back: note the head (--json: root) somewhere else, and compare.
    """
    from ops_model.workflow.derive import derive_path
    from ops_model.workflow.verify import verify_path

    verified = verify_path(path)
    # What was changed is not worth deriving from.
    derived = derive_path(path) if again and verified.ok else []
    if as_json:
        added = {"derived": [one.as_json() for one in derived]} if again else {}
        print_json({**verified.as_json(), **added})
    for line in verified.compared:
        click.echo(line, err=as_json)
    if verified.head is not None:
        click.echo(f"head: {verified.size} entries, {verified.head}", err=as_json)
    for problem in verified.problems:
        click.echo(str(problem), err=True)
    if not verified.ok:
        count = len(verified.problems)
        click.echo(f"changed: {count} problem{'s' if count != 1 else ''}", err=True)
        raise click.exceptions.Exit(IntegrityError.exit_code)
    click.echo("unchanged", err=as_json)
    if again:
        _print_again(derived, err=as_json)


def _print_again(derived: list["Derived"], *, err: bool) -> None:
    """Each sealed verdict beside the one of now, and exit by the worst."""
    for one in derived:
        same = "the same to the last byte" if one.equal else "not the same"
        click.echo(f"{one.bundle}: {one.sealed.verdict}, derived again: {same}", err=err)
        for line in one.differing:
            click.echo(f"  {line}", err=True)
        if one.other_checks:
            click.echo(f"  other checks now: {', '.join(one.other_checks)}", err=True)
    count = f"{len(derived)} sealed verdict{'' if len(derived) == 1 else 's'}"
    click.echo(f"{count}, {sum(one.equal for one in derived)} derived again", err=err)
    if not all(one.explained for one in derived):
        raise click.exceptions.Exit(IntegrityError.exit_code)
    if not all(one.equal for one in derived):
        raise click.exceptions.Exit(1)
