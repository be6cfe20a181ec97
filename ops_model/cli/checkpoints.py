"""Signing the ledger at the end of every command that appends to it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops_model.cli.context import checkpoint_key_file

if TYPE_CHECKING:
    from ops_model.store.checkpoint import CheckpointKey


NO_KEY = "no checkpoint: the key of checkpoint_keys.txt is not at hand (OPS_MODEL_CHECKPOINT_KEY)"


def signing_key(root: Path, *, quiet: bool = False) -> "CheckpointKey | None":
    """The key that signs for this workbook, None when there is none at hand.

    The ledger is signed when the command ends, however it ends, since also a failed run is
    recorded. What a crash leaves unsigned, the next command signs. Where the workbook lists a key
    and none is at hand, that is told on standard error, unless `quiet`.

    Raises:
        UsageError: a key was named, and cannot be used for this workbook.
    """
    from ops_model.workflow.checkpoints import key_for, lists_keys

    path, named = checkpoint_key_file()
    key = key_for(root, path, named=named) if path is not None else None
    if key is None and not quiet and lists_keys(root):
        click.echo(NO_KEY, err=True)
    if key is not None:
        click.get_current_context().call_on_close(lambda: _sign(root, key))
    return key


def _sign(root: Path, key: "CheckpointKey") -> None:
    from ops_model.workflow.checkpoints import checkpoint
    from ops_model.workflow.ledgers import settings_of

    checkpoint(root, settings_of(root), key)
