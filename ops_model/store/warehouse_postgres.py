"""Logs that are tables of a PostgreSQL database: Ibis's back end for it, through psycopg.

Nothing is written there: every session is read only. No password stands in a claim; libpq looks
for it, as in `~/.pgpass`.
"""

import atexit
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

from ops_model.domain.workbook import Warehouse
from ops_model.errors import WarehouseError
from ops_model.store.log_request import LogRequest
from ops_model.store.warehouse_table import columns_of, no_such_table, not_installed, parts_of

if TYPE_CHECKING:
    import ibis
    import psycopg

WAIT_SECONDS = 10
"""How long to wait for a connection."""
_SETTINGS = (
    "default_transaction_read_only=on", "client_encoding=UTF8", "timezone=UTC",
    # How a row is written as text, which the hash is taken of.
    "datestyle=ISO", "intervalstyle=iso_8601", "bytea_output=hex", "extra_float_digits=1",
    "xmlbinary=base64",
)  # fmt: skip
_connections: dict[str, Any] = {}


def opened(request: LogRequest, warehouse: Warehouse) -> "ibis.Table":
    """The wanted columns of a table, or of a view.

    Raises:
        WarehouseError: there is no such server, database, table or column.
    """
    return columns_of(whole(request, warehouse), request)


def whole(request: LogRequest, warehouse: Warehouse) -> "ibis.Table":
    """A table or a view, with all its columns.

    Raises:
        WarehouseError: there is no such server, database or table.
    """
    connection = _connect(request, warehouse)
    schema, name = _found(connection, request)
    return connection.table(name, database=schema)


def count_and_hash(request: LogRequest, warehouse: Warehouse) -> tuple[int, tuple[str, ...]]:
    """How many rows lie before the bound, and the sums of the two halves of their hashes.

    A row's hash is the SHA-256 of its text, all columns of it, of which 120 bits are summed; so
    no order of rows shows, and a row that is there twice counts twice. One pass over the table.
    """
    from psycopg import sql

    connection = _connect(request, warehouse)
    schema, name = _found(connection, request)
    parts: dict[str, Any] = {"table": sql.Identifier(schema, name), "bound": sql.SQL("true")}
    if request.timestamp is not None:
        # The columns are looked up in the schema first, so that a wrong name is told as such.
        columns_of(connection.table(name, database=schema), request)
        at = sql.SQL("t.{}").format(sql.Identifier(request.timestamp))
        parts["bound"] = sql.SQL("{} IS NOT NULL").format(at)
        if request.bound is not None:
            parts["bound"] = sql.SQL("{} < {}").format(at, sql.Literal(request.bound))
    query = sql.SQL(
        "SELECT count(*), coalesce(sum(('x' || substr(h, 1, 15))::bit(60)::bigint), 0)::text, "
        "coalesce(sum(('x' || substr(h, 16, 15))::bit(60)::bigint), 0)::text FROM ("
        "SELECT encode(sha256(convert_to(t::text, 'UTF8')), 'hex') AS h FROM {table} AS t "
        "WHERE {bound}) AS hashed"
    ).format(**parts)
    count, *sums = connection.con.execute(query).fetchone()
    return int(count), tuple(sums)


def _connect(request: LogRequest, warehouse: Warehouse) -> Any:  # noqa: ANN401 - an Ibis backend, which has no type
    """One connection per address and process, made again once it broke."""
    kept = _connections.get(warehouse.address)
    if kept is not None and not kept.con.closed:
        return kept
    try:
        import psycopg
    except ModuleNotFoundError:
        not_installed(request, "postgres", "pip install 'ops-model[postgres]'")
    import ibis

    options = " ".join(f"-c {setting}" for setting in _SETTINGS)
    try:
        session = psycopg.connect(
            warehouse.address, autocommit=True, options=options,
            connect_timeout=WAIT_SECONDS, application_name="ops-model",
        )  # fmt: skip
    except psycopg.Error as error:
        said = str(error).strip().partition("\n")[0]
        raise WarehouseError(
            f"the database cannot be reached: {said}",
            where=request.place,
            remedy=f"see that it runs and that this role may connect; warehouse {warehouse.id} is "
            "declared in ops-model.yaml, and its password stands in ~/.pgpass",
        ) from error
    atexit.register(partial(_close, weakref.ref(session)))
    _connections[warehouse.address] = ibis.postgres.from_connection(session)
    return _connections[warehouse.address]


def _close(kept: "weakref.ref[psycopg.Connection[Any]]") -> None:
    session = kept()
    if session is not None:
        session.close()


def _found(connection: Any, request: LogRequest) -> tuple[str, str]:  # noqa: ANN401 - an Ibis backend
    """Schema and table of an address; without a schema it is `public`."""
    parts = parts_of(request, 2)
    wanted = parts if len(parts) == 2 else ("public", *parts)
    rows = connection.con.execute(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_class AS c "
        "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname !~ '^pg_' "
        "AND n.nspname <> 'information_schema' AND has_schema_privilege(n.oid, 'USAGE') "
        "AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2"
    ).fetchall()
    if wanted in rows:
        return str(wanted[0]), str(wanted[1])
    return no_such_table(request, [f"{schema}.{name}" for schema, name in rows])
