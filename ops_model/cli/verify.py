"""`ops-model verify`: prove a bundle, a ledger or a whole workbook unchanged."""

from pathlib import Path

import click

from ops_model.cli.context import json_option, print_json
from ops_model.errors import IntegrityError


@click.command("verify")
@click.argument("path", type=click.Path(path_type=Path))
@json_option
def command(path: Path, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Compare what lies at PATH, byte for byte, with what was recorded.

    PATH is a bundle's folder, a ledger's file, or a workbook's folder (the ledger and every
    bundle). Exit code 0 unchanged, 4 changed, 3 could not be read.

    A chain of hashes cannot show that its owner rewrote the whole ledger, or put an older copy
    back: note the head (--json: root) somewhere else, and compare.
    """
    from ops_model.workflow.verify import verify_path

    verified = verify_path(path)
    if as_json:
        print_json(verified.as_json())
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
