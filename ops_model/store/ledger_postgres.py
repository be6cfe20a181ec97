"""The PostgreSQL half of the ledger: how it is reached, locked and looked over.

A writer takes an advisory lock as its first statement, in READ COMMITTED, so that it reads the
head that the writer before it left. It connects as a role that may insert and select only; the
tables belong to somebody else, who makes them (`ledger_postgres_init`).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ops_model.errors import ChainBrokenError, LedgerError, OpsModelError
from ops_model.store.ledger_backend import ask
from ops_model.store.ledger_postgres_look import schema_problems
from ops_model.store.ledger_postgres_schema import LOCK
from ops_model.store.ledger_schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import URL

WAIT_SECONDS = 30
"""How long a writer waits for the others, and anybody for an answer of the server at first."""

_OWNS = (
    "SELECT pg_has_role(current_user, c.relowner, 'member') "
    "FROM pg_class c WHERE c.oid = 'ops_model.event'::regclass"
)
_INIT = "`ops-model ledger init`, as the database's owner, makes one"
_NO_CONNECTION = re.compile(r"connection (to server .* )?failed|failed to resolve host")
_MAKE = (
    "make the database, and its roles with `ops-model ledger init --owner "
    "postgresql://OWNER@HOST/DATABASE`; or correct `ledger` in ops-model.yaml"
)
_FIND = "run `ops-model verify` on it, and restore it from a copy that verifies"


class LedgerPostgres:
    """A ledger in the schema `ops_model` of a PostgreSQL database.

    Args:
        address: `postgresql://ROLE@HOST/DATABASE`; the password comes from where libpq looks for
            it, such as `~/.pgpass`.
        readonly: refuse to append.

    Raises:
        LedgerError: the address cannot be read, or psycopg is not installed.
    """

    rows = (
        "SELECT seq, convert_to(event_id, 'UTF8'), prev, hash, convert_to(body, 'UTF8') "
        "FROM ops_model.event"
    )
    bodies = "SELECT convert_to(body, 'UTF8') FROM ops_model.event"
    clocks = "SELECT body::jsonb ->> 'recorded_at' FROM ops_model.event"

    def __init__(self, address: str, *, readonly: bool) -> None:
        url = url_of(address)
        self._place = f"postgresql://{url.username or ''}@{url.host or ''}/{url.database or ''}"
        self._readonly = readonly
        self._engine = engine_of(url)

    @property
    def place(self) -> str:
        """The address, without a password."""
        return self._place

    def prepare(self, *, create: bool) -> None:
        """See that a ledger of this version is there, and that a writer is not its owner.

        Whoever appends cannot make tables, so `create` makes none here.

        Raises:
            LedgerError: there is none, or it cannot be reached, or is of another version, or the
                role that shall append could switch its triggers off.
        """
        with self.explained(), self.transaction(write=False) as connection:
            if ask(connection, "SELECT to_regclass('ops_model.version')").scalar_one() is None:
                raise LedgerError(
                    "there is no ledger in this database", where=self.place, remedy=_INIT
                )
            version = ask(connection, "SELECT max(version) FROM ops_model.version").scalar_one()
            owns = bool(ask(connection, _OWNS).scalar_one())
        if version != SCHEMA_VERSION:
            raise LedgerError(
                f"has schema version {version}; expected {SCHEMA_VERSION}",
                where=self.place,
                remedy="use the version of ops-model that made it",
            )
        if owns and not self._readonly:
            raise LedgerError(
                "this role owns the ledger's tables and could switch their guards off; expected "
                "one that may insert and select only",
                where=self.place,
                remedy="connect as the role that `ops-model ledger init --writer` gave its rights",
            )

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator["Connection"]:
        """One transaction; a writer keeps others out before it reads the head."""
        if write and self._readonly:
            raise LedgerError(
                "is open for reading only; nothing was appended",
                where=self.place,
                remedy="open it for writing",
            )
        level = "READ COMMITTED" if write else "REPEATABLE READ"
        with self._engine.connect() as connection:
            connection = connection.execution_options(isolation_level=level)  # noqa: PLW2901 - the same one
            with connection.begin():
                if write:
                    ask(connection, "SELECT pg_advisory_xact_lock(:lock)", lock=LOCK)
                    # A role may have a default of its own, and an answer has to mean: on the disk.
                    ask(connection, "SET LOCAL synchronous_commit = on")
                yield connection

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the server says into what to do about it.

        Raises:
            LedgerError: it cannot be reached, or refuses.
            ChainBrokenError: what is stored is damaged, or does not fit together.
        """
        try:
            yield
        except OpsModelError:
            raise
        except Exception as error:
            told = self._told(error)
            if told is None:
                raise
            raise told from error

    def _told(self, error: Exception) -> OpsModelError | None:
        import psycopg

        cause = getattr(error, "orig", error)
        if not isinstance(cause, psycopg.Error):
            return None
        said = str(cause).strip().partition("\n")[0]
        if not self.of_the_machine(error):
            what = f"the entries and the head do not fit together, or are damaged ({said})"
            return ChainBrokenError(what, where=self.place, remedy=_FIND)
        # One that broke off later says otherwise, and may have appended.
        if cause.sqlstate is None and _NO_CONNECTION.match(said):
            return self._not_reached(said or type(cause).__name__)
        if cause.sqlstate == "42501":
            return LedgerError(
                f"this role has no right to do that ({said}); nothing was appended",
                where=self.place,
                remedy="have its owner give the rights with `ops-model ledger init --writer`",
            )
        if cause.sqlstate == "55P03":
            return LedgerError(
                f"another process held the ledger for {WAIT_SECONDS} seconds; nothing was "
                "appended",
                where=self.place,
                remedy="try again when the other command has ended",
            )
        return LedgerError(
            f"the server does not answer or refuses: {said or type(cause).__name__}; whether the "
            "last entry was appended is not known",
            where=self.place,
            remedy="see that it runs, that its disk has room and that this role may connect, then "
            "give the same command again; nothing is appended twice",
        )

    def _not_reached(self, said: str) -> OpsModelError:
        """A connection that never came about appended nothing."""
        missing = re.search(r'role "[^"]*" does not exist|database "[^"]*" does not exist', said)
        return LedgerError(
            f"cannot be reached: {said}; nothing was appended",
            where=self.place,
            remedy=_MAKE if missing else "see that it runs, and that this role may connect",
        )

    def of_the_machine(self, error: Exception) -> bool:
        """True when an error says nothing about what is stored: no rights, no room, no answer."""
        import psycopg

        cause = getattr(error, "orig", error)
        if isinstance(cause, OSError):
            return True
        if not isinstance(cause, psycopg.Error):
            return False
        state = cause.sqlstate or ""
        # XX001 and XX002 are damaged pages and indexes; 23 are our own triggers and checks.
        return state == "42501" or (
            isinstance(cause, psycopg.OperationalError) and not state.startswith("XX")
        )

    def storage_problems(self, connection: "Connection") -> Iterator[tuple[str, str]]:
        """Tables and triggers that are not as made, and a server that does not write durably."""
        version = ask(connection, "SELECT max(version) FROM ops_model.version").scalar_one()
        if version != SCHEMA_VERSION:
            yield "the schema", f"has version {version}; expected {SCHEMA_VERSION}"
        for problem in schema_problems(connection):
            yield "the schema", problem
        if ask(connection, "SHOW fsync").scalar_one() != "on":
            yield "the server", "does not put commits on the disk (fsync is off)"

    def forget(self, connection: "Connection", commitment: bytes) -> bool:
        """Delete words and salt; False when there are none."""
        found = ask(
            connection, "DELETE FROM ops_model.payload WHERE commit_hash = :one", one=commitment
        )
        return found.rowcount > 0

    def leave_no_copy(self) -> None:
        """Nothing that this role may do: the server keeps old rows until it vacuums the table.

        Its owner vacuums, and lets old write-ahead logs and backups end; docs/evidence.md says so.
        """

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()


def url_of(address: str) -> "URL":
    """The address as SQLAlchemy takes it, for psycopg.

    Raises:
        LedgerError: it cannot be read.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise LedgerError(
            "is no address of a database; expected postgresql://ROLE@HOST/DATABASE",
            where="ops-model.yaml",
            remedy="correct the key `ledger`",
        ) from error
    return url.set(drivername="postgresql+psycopg")


def engine_of(url: "URL") -> "Engine":
    """An engine whose connections see our schema, wait for a bounded time, and are tried first.

    Raises:
        LedgerError: psycopg is not installed.
    """
    import sqlalchemy as sa

    options = (
        f"-c search_path=ops_model,pg_temp -c lock_timeout={WAIT_SECONDS}s "
        "-c client_encoding=UTF8 -c timezone=UTC"
    )
    try:
        return sa.create_engine(
            url,
            pool_pre_ping=True,
            connect_args={
                "options": options, "connect_timeout": WAIT_SECONDS,
                "application_name": "ops-model",
            },
        )  # fmt: skip
    except ModuleNotFoundError as error:
        raise LedgerError(
            "needs psycopg, which is not installed",
            where="ops-model.yaml",
            remedy="pip install 'ops-model[postgres]', or name a file for the ledger",
        ) from error
