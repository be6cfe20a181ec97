"""Which ledger a workbook has, and whether one may append to it.

Whoever appends to a ledger that is shorter than, or another than, its newest signed checkpoint
says would make a fork: an old copy was put back, or entries were rewritten. So a writer is refused
there, and a reader is not.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import IntegrityError, OpsModelError, WorkbookError

if TYPE_CHECKING:
    from ops_model.store.checkpoint import Checkpoint
    from ops_model.store.ledger import Ledger

WORKBOOK_FILE = "ops-model.yaml"
_PUT_BACK = (
    "put the newest copy of the ledger back; if entries are lost for good, see docs/evidence.md, "
    "'When a ledger is lost'"
)


def settings_of(root: Path) -> WorkbookSettings:
    """The `ops-model.yaml` of a workbook; its other files may be as wrong as they like.

    Raises:
        WorkbookError: it is not valid, so its ledger has no name.
    """
    from ops_model.store.claim_file import read_claim

    settings, problems = read_claim(root, WORKBOOK_FILE, WorkbookSettings)
    if settings is None:
        raise WorkbookError(problems=problems)
    return settings


def ledger_at(root: Path, settings: WorkbookSettings) -> Path | str:
    """Where the ledger of a workbook lies: a file, or the address of a database."""
    return settings.ledger if "://" in settings.ledger else root / settings.ledger


def has_ledger(root: Path, settings: WorkbookSettings) -> bool:
    """False while nothing has been recorded; a database is there before anything is."""
    address = ledger_at(root, settings)
    return isinstance(address, str) or address.is_file()


def open_ledger(
    root: Path, settings: WorkbookSettings, *, create: bool = False, readonly: bool = False
) -> "Ledger":
    """The ledger of a workbook, opened.

    Args:
        root: the workbook's folder.
        settings: its `ops-model.yaml`.
        create: make an empty one when there is none.
        readonly: refuse to append; then no checkpoint stands in the way.

    Raises:
        LedgerError: there is none, or it cannot be read.
        IntegrityError: it does not continue the newest checkpoint of the workbook.
    """
    from ops_model.store.ledger import Ledger

    address = ledger_at(root, settings)
    if readonly:
        return Ledger.open(address, readonly=True)
    # Read before the ledger: whoever signs does so after appending, so the ledger is never behind.
    signed = newest_checkpoint(root)
    if signed is not None and not has_ledger(root, settings):
        raise _refused(f"there is no ledger, and a signed checkpoint covers {signed.size} entries",
                       address)  # fmt: skip
    ledger = Ledger.open(address, create=create)
    try:
        if signed is not None:
            _require_continued(ledger, signed, address)
    except BaseException:
        ledger.close()
        raise
    return ledger


def newest_checkpoint(root: Path) -> "Checkpoint | None":
    """The last checkpoint of a workbook; None when it has none.

    Raises:
        IntegrityError: it is none, or no key that the workbook lists signed it.
        WorkbookError: a line of `checkpoint_keys.txt` is no key.
    """
    from ops_model.store.checkpoint_file import (
        CHECKPOINTS_FILE,
        KEYS_FILE,
        newest_note,
        read_keys,
    )

    note = newest_note(root)
    if note is None:
        return None
    if not note.check(read_keys(root)).holds:
        raise IntegrityError(
            f"the newest checkpoint ({note.checkpoint.size} entries of {note.checkpoint.origin}) "
            f"is signed by no key of {KEYS_FILE}; nothing was appended",
            where=CHECKPOINTS_FILE,
            remedy=f"restore {CHECKPOINTS_FILE} and {KEYS_FILE} from version control",
        )
    return note.checkpoint


def _require_continued(ledger: "Ledger", signed: "Checkpoint", address: Path | str) -> None:
    head = ledger.head()
    if head.size == 0 and isinstance(address, str):
        raise _refused(
            f"the ledger is empty, and a signed checkpoint covers {signed.size}; was it just "
            "made? `ops-model ledger copy --from ledger.db` copies the one so far",
            address,
        )
    if head.size < signed.size:
        raise _refused(
            f"the ledger has {head.size} entries, and a signed checkpoint covers {signed.size}: "
            "an older copy was put back, or its end was cut off",
            address,
        )
    # The usual case costs nothing: the head knows its root.
    root = head.root if head.size == signed.size else ledger.root_at(signed.size)
    if root != signed.root:
        raise _refused(
            f"the first {signed.size} entries are not those that the newest checkpoint signed: "
            "the ledger was rewritten, or is another one",
            address,
        )


def _refused(what: str, address: Path | str) -> OpsModelError:
    return IntegrityError(f"{what}; nothing was appended", where=str(address), remedy=_PUT_BACK)
