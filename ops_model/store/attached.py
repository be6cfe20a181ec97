"""A table in a file of DuckDB: attached for reading, and never its views.

A view may read another file, so that the bytes of this one would not say what was read. A file
beside which its writer keeps a log of changes is not whole, and is refused until he has closed it.
"""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.errors import WarehouseError
from ops_model.store.file_kinds import file_and_table
from ops_model.store.log_request import LogRequest
from ops_model.store.warehouse_table import no_such_table

if TYPE_CHECKING:
    import ibis


def attach(connection: Any, files: Sequence[Path]) -> None:  # noqa: ANN401 - an Ibis backend, which has no type
    """Attach files for reading, each under a name made of its path; nothing is written.

    Raises:
        WarehouseError: a file is still being written.
    """
    for path in dict.fromkeys(files):
        if path.with_name(f"{path.name}.wal").exists():
            raise WarehouseError(
                f"is not whole: {path.name}.wal lies beside it with what was not yet written",
                where=path.name,
                remedy="close the program that writes it, or run CHECKPOINT there, and try again",
            )
        quoted = str(path).replace("'", "''")
        connection.raw_sql(f"ATTACH '{quoted}' AS {_alias(path)} (READ_ONLY)")


def table_of(connection: Any, request: LogRequest, root: Path | None, path: Path) -> "ibis.Table":  # noqa: ANN401 - as above
    """The table of an attached file that an address names, or the only one in it.

    Raises:
        WarehouseError: there is no such table, or none is named and there are several.
    """
    _, named = file_and_table(root, request.address)
    rows = connection.raw_sql(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal "  # noqa: S608 - a digest
        f"AND database_name = '{_alias(path)}' ORDER BY 1, 2"
    ).fetchall()
    known = [f"{schema}/{table}" if schema != "main" else table for schema, table in rows]
    if not named and len(known) == 1:
        named = known[0]
    schema, _, table = named.removeprefix("main/").rpartition("/")
    if (schema or "main", table) not in rows:
        _refuse_view(connection, request, path, schema or "main", table)
        no_such_table(request, known)
    return connection.table(table, database=(_alias(path), schema or "main"))


def _refuse_view(
    connection: Any,  # noqa: ANN401 - as above
    request: LogRequest,
    path: Path,
    schema: str,
    name: str,
) -> None:
    views = connection.raw_sql(
        "SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal "  # noqa: S608 - a digest
        f"AND database_name = '{_alias(path)}'"
    ).fetchall()
    if (schema, name) in views:
        raise WarehouseError(
            "is a view, which may read other files than this one; expected a table",
            where=request.place,
            remedy=f"write its rows to a table: CREATE TABLE ... AS FROM {name[:60]}",
        )


def _alias(path: Path) -> str:
    return f"ops_model_file_{sha256(str(path).encode()).hexdigest()[:16]}"
