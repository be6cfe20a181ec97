"""Sign how long the ledger is and its root, so that nobody can rewrite it unseen.

Every command that appended signs at its end, when a key is at hand. A crash in between leaves
entries that no checkpoint covers yet; the next command makes that good.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import UsageError
from ops_model.workflow.ledgers import WORKBOOK_FILE, has_ledger, open_ledger

if TYPE_CHECKING:
    from ops_model.store.checkpoint import Checkpoint, CheckpointKey

NEW_KEY = (
    "ops-model ledger key --name example.org/my-workbook --into ~/.config/ops-model/checkpoint.key"
)
"""How somebody makes a key of their own."""


def checkpoint(
    root: Path, settings: WorkbookSettings, key: "CheckpointKey | None"
) -> "Checkpoint | None":
    """Sign the ledger as it is now, when it grew since the newest checkpoint.

    Args:
        root: the workbook's folder.
        settings: its `ops-model.yaml`.
        key: what signs; None signs nothing.

    Returns:
        What was signed; None when there was nothing new to sign.

    Raises:
        IntegrityError: the ledger does not continue the newest checkpoint; nothing was signed.
        LedgerError, OSError: the ledger cannot be read, or the file cannot be written.
    """
    if key is None or not has_ledger(root, settings):
        return None
    from ops_model.store.checkpoint import Checkpoint, sign
    from ops_model.store.checkpoint_file import append_note

    with open_ledger(root, settings) as ledger:
        head = ledger.head()
    if not head.size:
        return None
    signed = Checkpoint(key.name, head.size, head.root)
    return signed if append_note(root, sign(key, signed)) else None


def newest_checkpoint(root: Path) -> "Checkpoint | None":
    """The last checkpoint of a workbook; None when it has none.

    Raises:
        IntegrityError: what stands there is no checkpoint.
        WorkbookError: the machine cannot read it.
    """
    from ops_model.store.checkpoint_file import newest_note

    note = newest_note(root)
    return note.checkpoint if note is not None else None


def unsigned(root: Path, settings: WorkbookSettings) -> int:
    """How many entries of the ledger no checkpoint covers yet.

    Raises:
        IntegrityError: what stands last in `checkpoints.txt` is no checkpoint.
        LedgerError, WorkbookError: the ledger, or that file, cannot be read.
    """
    if not has_ledger(root, settings):
        return 0
    with open_ledger(root, settings, readonly=True) as ledger:
        size = ledger.size()
    newest = newest_checkpoint(root)
    return size - newest.size if newest is not None else size


def lists_keys(root: Path) -> bool:
    """True when the workbook lists a key, so that its ledger ought to be signed.

    Raises:
        WorkbookError: a line of `checkpoint_keys.txt` is no key.
    """
    from ops_model.store.checkpoint_file import read_keys

    return bool(read_keys(root))


def key_for(root: Path, path: Path, *, named: bool) -> "CheckpointKey | None":
    """The private key in a file, if it is one of this workbook.

    Args:
        root: the workbook's folder.
        path: where the key lies.
        named: somebody named it for this command; a key that just lies there may belong to
            another workbook, and is then passed over.

    Raises:
        UsageError: it cannot be used, or lies where whoever has the workbook has it too, or is
            named and not listed.
        WorkbookError: a line of `checkpoint_keys.txt` is no key.
    """
    from ops_model.store.checkpoint import CheckpointKey
    from ops_model.store.checkpoint_file import KEYS_FILE, read_keys

    listed = read_keys(root)
    if not named and not listed:
        return None
    require_outside(path)
    key = CheckpointKey.load(path)
    if key.verifier in listed:
        return key
    if not named:
        return None
    raise UsageError(
        f"the checkpoint key {key.keyid} is none of this workbook's",
        where=str(path),
        remedy=f"add this line to {KEYS_FILE} under version control: {key.public}",
    )


def new_key(root: Path, name: str, into: Path) -> str:
    """Make a key pair: the private half into a file outside, the public half into the workbook.

    Returns:
        The public half, as it now stands in `checkpoint_keys.txt`.

    Raises:
        UsageError: the name cannot be one, the file is there, or lies inside a workbook.
        WorkbookError: a line of `checkpoint_keys.txt` is no key.
        OSError: the machine cannot write it.
    """
    from ops_model.store.checkpoint import CheckpointKey
    from ops_model.store.checkpoint_file import add_key, read_keys

    require_outside(into)
    read_keys(root)
    key = CheckpointKey.generate(name)
    key.write(into)
    add_key(root, key.verifier)
    return key.public


def key_in_memory(root: Path, name: str) -> "CheckpointKey":
    """A key whose public half the workbook lists, and whose private half ends with this process.

    Raises:
        UsageError: the name cannot be one.
        OSError: the machine cannot write the list.
    """
    from ops_model.store.checkpoint import CheckpointKey
    from ops_model.store.checkpoint_file import add_key

    key = CheckpointKey.generate(name)
    add_key(root, key.verifier)
    return key


def require_outside(path: Path) -> None:
    """Refuse a private key inside of a workbook, where its ledger lies too.

    Raises:
        UsageError: it lies in one.
    """
    inside = next((f for f in path.resolve().parents if (f / WORKBOOK_FILE).is_file()), None)
    if inside is not None:
        raise UsageError(
            f"a private key may not lie in a workbook ({inside.name}): whoever can write the "
            "ledger could sign it too",
            where=str(path),
            remedy="keep it apart, such as in ~/.config/ops-model/checkpoint.key",
        )
