"""`ops-model ledger key` and `checkpoint`: the key that signs the ledger, and signing it now."""

from pathlib import Path

import click

from ops_model.cli.context import find_workbook, json_option, print_json, workbook_option


@click.command("key")
@click.option("--name", required=True, metavar="NAME",
              help="Whose ledger it is, such as example.org/ops-model.")  # fmt: skip
@click.option("--into", required=True, type=click.Path(path_type=Path, dir_okay=False),
              help="The file of the private key, outside of any workbook.")  # fmt: skip
@workbook_option
@json_option
def key(name: str, into: Path, workbook_dir: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Make the key that signs the checkpoints of this workbook.

    The private half goes into a file that nobody else may read; the public half becomes a line of
    checkpoint_keys.txt. Keep the private key where whoever administers the ledger cannot read it.
    """
    from ops_model.workflow.checkpoints import new_key

    root = find_workbook(workbook_dir)
    public = new_key(root, name, into)
    if as_json:
        print_json({"name": name, "private": str(into), "public": public})
    for line in (
        f"private key: {into}",
        f"public key:  {public}",
        "commands sign with it when OPS_MODEL_CHECKPOINT_KEY names it, or when it is "
        "~/.config/ops-model/checkpoint.key",
        "commit checkpoint_keys.txt, and give the public key to whoever verifies",
    ):
        click.echo(line, err=as_json)


@click.command("checkpoint")
@workbook_option
@json_option
def checkpoint(workbook_dir: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Sign the ledger as it is now, such as once a day.

    Every command that appends does so at its end; this is for a ledger that others write to. Needs
    the private key. Does nothing when the newest checkpoint covers all entries.
    """
    from ops_model.cli.checkpoints import signing_key
    from ops_model.errors import UsageError
    from ops_model.workflow import checkpoints
    from ops_model.workflow.checkpoints import newest_checkpoint
    from ops_model.workflow.ledgers import settings_of

    root = find_workbook(workbook_dir)
    signing = signing_key(root, quiet=True)
    if signing is None:
        raise UsageError(
            "no checkpoint key of this workbook is at hand",
            remedy="name its file with OPS_MODEL_CHECKPOINT_KEY, or make one with `ops-model "
            "ledger key`",
        )
    signed = checkpoints.checkpoint(root, settings_of(root), signing)
    newest = signed or newest_checkpoint(root)
    if as_json:
        print_json({
            "signed": signed is not None,
            "size": newest.size if newest is not None else 0,
            "root": newest.root if newest is not None else None,
        })  # fmt: skip
    told = "nothing is recorded yet, so there is nothing to sign"
    if signed is not None:
        told = f"signed {signed.size} entries, {signed.root}"
    elif newest is not None:
        told = f"nothing new: the newest checkpoint covers all {newest.size} entries"
    click.echo(told, err=as_json)
