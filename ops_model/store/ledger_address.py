"""Which database an address means."""

from pathlib import Path

from ops_model.store.ledger_backend import Backend

_SERVERS = ("postgresql://", "postgresql+psycopg://", "postgres://")


def backend_of(address: Path | str, *, readonly: bool) -> Backend:
    """The database that an address means: `postgresql://...`, or the path of a SQLite file.

    Raises:
        LedgerError: the address cannot be read, or its driver is not installed.
    """
    if isinstance(address, str) and address.startswith(_SERVERS):
        from ops_model.store.ledger_postgres import LedgerPostgres

        return LedgerPostgres(address, readonly=readonly)
    from ops_model.store.ledger_file import LedgerFile

    return LedgerFile(Path(address), readonly=readonly)
