"""Make the ledger of a workbook, in a file or a database, or bring an older one up to date."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.portfolio_status import PORTFOLIO
from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import IntegrityError, UsageError
from ops_model.workflow.ledgers import has_ledger, ledger_at, newest_checkpoint, open_ledger

if TYPE_CHECKING:
    from ops_model.store.ledger_migrate import Migrated


def init_ledger(root: Path, settings: WorkbookSettings) -> bool:
    """Make an empty ledger; False when there is one already, which is left as it is.

    Raises:
        LedgerError: it cannot be made, or what is there is no ledger.
        IntegrityError: a signed checkpoint says that there was one.
        UsageError: it is a database, which its owner makes.
    """
    if "://" in settings.ledger:
        raise UsageError(
            "the ledger of this workbook is a database, whose owner makes the tables",
            where="ops-model.yaml",
            remedy="give `ops-model ledger init --owner postgresql://OWNER@HOST/DATABASE`, "
            "without password",
        )
    there = has_ledger(root, settings)
    open_ledger(root, settings, create=True).close()
    return not there


def init_server(
    settings: WorkbookSettings, *, owner: str, writer: str | None, auditor: str | None
) -> bool:
    """Make the tables of a ledger in PostgreSQL as their owner, and give the rights to others.

    Args:
        settings: the `ops-model.yaml`, whose `ledger` names the database and the role that
            appends.
        owner: the address of the same database as its owner; without a password.
        writer: the role that appends; None takes the one of `ledger`.
        auditor: a role that may read, or None.

    Returns:
        True when they were made; False when they were there, and rights were given only.

    Raises:
        UsageError: the workbook's ledger is a file, or an address holds a password.
        LedgerError: the server cannot be reached or refuses; nothing was made.
    """
    from ops_model.store.ledger_postgres import url_of
    from ops_model.store.ledger_postgres_init import init_postgres

    if "://" not in settings.ledger:
        raise UsageError(
            f"the ledger of this workbook is the file {settings.ledger}, which has no owner",
            remedy="write `ledger: postgresql://ROLE@HOST/DATABASE` into ops-model.yaml first",
        )
    if url_of(owner).password is not None:
        raise UsageError(
            "the owner's address holds a password, which other users of this machine can see",
            remedy="leave it out, and let ~/.pgpass or PGPASSWORD hold it",
        )
    named = writer or url_of(settings.ledger).username or ""
    return init_postgres(owner, writer=named, auditor=auditor)


def copy_from(root: Path, settings: WorkbookSettings, source: Path | str) -> int:
    """Copy a ledger, byte by byte, into the empty one that the workbook names.

    Args:
        root: the workbook's folder.
        settings: its `ops-model.yaml`, which names the new ledger already.
        source: the file or the address of the ledger so far; it is left as it is.

    Returns:
        How many entries were copied.

    Raises:
        LedgerError: either cannot be read or written, or the new one is not empty.
        IntegrityError: the one so far does not verify, or is not the one that was signed; nothing
            was copied.
    """
    from ops_model.store.ledger import Ledger

    signed = newest_checkpoint(root)
    roots = {signed.size: signed.root} if signed is not None else {}
    with Ledger.open(source, readonly=True) as old:
        checked = old.verify(roots=roots)
        if checked.problems:
            raise IntegrityError(problems=checked.problems)
        # Not by `open_ledger`: an empty ledger continues no checkpoint, and this one will.
        with Ledger.open(ledger_at(root, settings), create=True) as new:
            return new.take_over(old)


def migrate(root: Path, settings: WorkbookSettings, *, recorded_at: datetime) -> "Migrated | None":
    """Bring the ledger to the present version; None when it is of that one.

    Raises:
        LedgerError, ChainBrokenError: see `migrate_ledger`; nothing was done.
    """
    from ops_model.store.ledger_migrate import migrate_ledger

    address = ledger_at(root, settings)
    # A database is refused while it is of another version, and this is the first that knows one.
    if isinstance(address, str):
        return None
    return migrate_ledger(address, subject=PORTFOLIO, recorded_at=recorded_at)
