"""Signing the ledger at the end of every command that appends to it."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops_model.cli.context import checkpoint_key_file
from ops_model.errors import OpsModelError

if TYPE_CHECKING:
    from ops_model.store.checkpoint import CheckpointKey


NO_KEY = "no checkpoint: the key of checkpoint_keys.txt is not at hand"


def signing_key(root: Path, *, quiet: bool = False) -> "CheckpointKey | None":
    """The key that signs for this workbook, None when there is none at hand.

    The ledger is signed when the command ends, however it ends, since also a failed run is
    recorded. What a crash leaves unsigned, the next command signs. Where the workbook lists a key,
    none is at hand, and there is something to sign, that is told on standard error after all that
    the command says, unless `quiet`; a refused command recorded nothing, and tells nothing of it.

    Raises:
        UsageError: a key was named, and cannot be used for this workbook.
    """
    from ops_model.workflow.checkpoints import key_for, lists_keys

    path, named = checkpoint_key_file()
    key = key_for(root, path, named=named) if path is not None else None
    if key is None and not quiet and lists_keys(root):
        context = click.get_current_context()
        last = context.find_object(ExitStack)
        later = last.callback if last is not None else context.call_on_close
        later(lambda: _tell_unsigned(root))
    if key is not None:
        click.get_current_context().call_on_close(lambda: _sign(root, key))
    return key


def _sign(root: Path, key: "CheckpointKey") -> None:
    from ops_model.workflow.checkpoints import checkpoint
    from ops_model.workflow.ledgers import settings_of

    checkpoint(root, settings_of(root), key)


def _tell_unsigned(root: Path) -> None:
    from ops_model.workflow.checkpoints import NEW_KEY, unsigned
    from ops_model.workflow.ledgers import settings_of

    try:
        many = unsigned(root, settings_of(root))
    except OpsModelError:
        return  # what is wrong with the ledger is for the command itself to say
    if many:
        entries = "1 entry is" if many == 1 else f"{many:,} entries are"
        click.echo(
            f"{NO_KEY}, so {entries} not signed\n"
            "  to fix: name its file with OPS_MODEL_CHECKPOINT_KEY; where it is gone, as that of "
            f"the demo is, make one: {NEW_KEY}",
            err=True,
        )
