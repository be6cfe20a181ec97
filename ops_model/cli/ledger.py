"""`ops-model ledger`: make the ledger, move it, bring it to this version, sign it."""

from pathlib import Path

import click

from ops_model.cli.context import (
    find_workbook,
    json_option,
    now,
    print_json,
    workbook_option,
)
from ops_model.cli.ledger_key import checkpoint, key


@click.group("ledger")
def command() -> None:
    """Make the ledger, bring it to this version, sign it."""


@command.command("init")
@click.option(
    "--owner",
    metavar="ADDRESS",
    help="PostgreSQL: the database as its owner, postgresql://OWNER@HOST/DATABASE.",
)
@click.option(
    "--writer",
    metavar="ROLE",
    help="PostgreSQL: the role that appends (default: the one that ops-model.yaml names).",
)
@click.option("--auditor", metavar="ROLE", help="PostgreSQL: a role that may read.")
@workbook_option
@json_option
def init(
    owner: str | None,
    writer: str | None,
    auditor: str | None,
    workbook_dir: Path | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Make an empty ledger.

    Where the ledger is a file, the first `ops-model check` or `run` makes it too. In PostgreSQL
    its owner makes the tables, and the role that appends gets the right to insert and select, no
    more. A ledger that is there is left as it is.
    """
    from ops_model.workflow.ledger_setup import init_ledger, init_server
    from ops_model.workflow.ledgers import settings_of

    root = find_workbook(workbook_dir)
    settings = settings_of(root)
    if owner is not None:
        made = init_server(settings, owner=owner, writer=writer, auditor=auditor)
    else:
        made = init_ledger(root, settings)
    if as_json:
        print_json({"ledger": str(settings.ledger), "made": made})
    told = "made" if made else "is there already"
    click.echo(f"{settings.ledger}: {told}", err=as_json)


@command.command("copy")
@click.option(
    "--from",
    "source",
    required=True,
    metavar="LEDGER",
    help="The ledger so far: a file, or the address of a database.",
)
@workbook_option
@json_option
def copy(source: str, workbook_dir: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Copy a ledger into the empty one that ops-model.yaml names now.

    So a ledger moves from a file into PostgreSQL, or back: name the new one in ops-model.yaml,
    make it with `ops-model ledger init`, then copy. Every entry is verified and kept byte by
    byte, so that its hashes and signed checkpoints hold on; the one so far is left as it is.
    """
    from ops_model.workflow.ledger_setup import copy_from
    from ops_model.workflow.ledgers import settings_of

    root = find_workbook(workbook_dir)
    settings = settings_of(root)
    entries = copy_from(root, settings, source if "://" in source else Path(source))
    if as_json:
        print_json({"ledger": str(settings.ledger), "entries": entries})
    click.echo(f"{settings.ledger}: {entries} entries copied byte by byte", err=as_json)
    click.echo(
        "  the ledger so far keeps all words, also those that are erased from now on in the new "
        "one: delete it when you need it no more",
        err=as_json,
    )


@command.command("migrate")
@workbook_option
@json_option
def migrate(workbook_dir: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Bring the ledger to the version that this ops-model writes.

    Every entry is verified and kept byte by byte, so that its hashes and signed checkpoints hold
    on. The file as it was is kept beside. What people said before stays in its entries.
    """
    from ops_model.workflow import ledger_setup
    from ops_model.workflow.ledgers import settings_of

    root = find_workbook(workbook_dir)
    settings = settings_of(root)
    done = ledger_setup.migrate(root, settings, recorded_at=now())
    if as_json:
        print_json({
            "ledger": str(settings.ledger),
            "entries": done.entries if done is not None else None,
            "kept": done.kept.name if done is not None else None,
        })  # fmt: skip
    told = (
        f"{done.entries} entries kept byte by byte; the file as it was is {done.kept.name}"
        if done is not None
        else "is of the present version"
    )
    click.echo(f"{settings.ledger}: {told}", err=as_json)


command.add_command(key)
command.add_command(checkpoint)
