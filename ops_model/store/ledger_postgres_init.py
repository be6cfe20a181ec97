"""Making a ledger in PostgreSQL: its tables by their owner, and the roles that use them.

What is made stands in `ledger_postgres_schema`.
"""

from typing import TYPE_CHECKING

from ops_model.errors import LedgerError
from ops_model.store.ledger_backend import ask
from ops_model.store.ledger_chain import GENESIS
from ops_model.store.ledger_postgres import LedgerPostgres
from ops_model.store.ledger_postgres_schema import (
    TABLES,
    grant_statements,
    trigger_statements,
)
from ops_model.store.ledger_schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from sqlalchemy import Connection


def init_postgres(address: str, *, writer: str, auditor: str | None = None) -> bool:
    """Make the tables as their owner, and give the rights to the roles that use them.

    The roles are made where there are none, able to log in, without a password: how they prove who
    they are is the server's affair. Given again, it only gives the rights again.

    Args:
        address: the database, as its owner.
        writer: the role that appends.
        auditor: a role that may read.

    Returns:
        True when the tables were made, False when they were there.

    Raises:
        LedgerError: the server cannot be reached or refuses; nothing was made.
    """
    opened = LedgerPostgres(address, readonly=False)
    try:
        with opened.explained(), opened.transaction(write=True) as connection:
            return _made(connection, opened.place, writer, auditor)
    finally:
        opened.close()


_MAY_MAKE_ROLES = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"


def _require_createrole(connection: "Connection", place: str, owner: str, role: str) -> None:
    if not ask(connection, _MAY_MAKE_ROLES).scalar_one():
        raise LedgerError(
            f"there is no role {role}, and {owner} may make none; nothing was made",
            where=place,
            remedy="let an administrator create the roles, or give this one CREATEROLE",
        )


def _made(connection: "Connection", place: str, writer: str, auditor: str | None) -> bool:
    owner = ask(connection, "SELECT current_user").scalar_one()
    if owner in {writer, auditor}:
        raise LedgerError(
            f"the role {owner} would own the tables that it appends to",
            where=place,
            remedy="connect as another role here, and name the one that appends with --writer",
        )
    quoted = connection.dialect.identifier_preparer.quote
    for role in filter(None, (writer, auditor)):
        if not ask(connection, "SELECT 1 FROM pg_roles WHERE rolname = :role", role=role).first():
            _require_createrole(connection, place, owner, role)
            connection.exec_driver_sql(f"CREATE ROLE {quoted(role)} LOGIN")
    there = ask(connection, "SELECT to_regclass('ops_model.event')").scalar_one() is not None
    if not there:
        for statement in TABLES:
            connection.exec_driver_sql(statement)
        ask(connection, "INSERT INTO ops_model.version VALUES (:version)", version=SCHEMA_VERSION)
        ask(
            connection,
            "INSERT INTO ops_model.head VALUES (1, 0, :genesis, :none, NULL)",
            genesis=GENESIS, none=b"",
        )  # fmt: skip
        for statement in trigger_statements():
            connection.exec_driver_sql(statement)
    for statement in grant_statements(quoted(writer), quoted(auditor) if auditor else None):
        connection.exec_driver_sql(statement)
    return not there
