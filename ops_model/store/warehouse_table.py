"""A table of a warehouse: its columns checked as a file's are, and what a wrong name is told."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, NoReturn

from ops_model.errors import WarehouseError
from ops_model.store.log_columns import column_problems
from ops_model.store.log_request import LogRequest

if TYPE_CHECKING:
    import ibis
    import ibis.expr.schema
    import pyarrow as pa

_SHOWN, _NAMES = 60, 12  # characters of a name, and names, in a message


def columns_of(table: "ibis.Table", request: LogRequest) -> "ibis.Table":
    """The wanted columns of a table.

    Raises:
        WarehouseError: it lacks one (with the nearest name), or holds another kind in it.
    """
    schema = as_arrow(table.schema())
    wanted = request.wanted(schema.names)
    problems = [
        problem
        for column, kind in wanted.items()
        for problem in column_problems(
            request.place, column, kind, [("", schema)], assume_utc=request.assume_utc
        )
    ]
    if problems:
        raise WarehouseError(problems=problems)
    return table.select(*wanted)


def as_arrow(schema: "ibis.expr.schema.Schema") -> "pa.Schema":
    """The columns as a file would have them; a type of the engine's own is none of ours."""
    import pyarrow as pa

    kinds = {
        name: pa.decimal128(38, 9) if of.is_decimal() else of.to_pyarrow()
        for name, of in schema.items()
        if of.is_numeric() or of.is_string() or of.is_boolean() or of.is_timestamp()
    }
    # Named in what an error says of it.
    foreign = {name: pa.struct([(str(of), pa.null())]) for name, of in schema.items()}
    return pa.schema([(name, kinds.get(name, foreign[name])) for name in schema])


def parts_of(request: LogRequest, most: int) -> tuple[str, ...]:
    """The parts of a table's address, such as schema and table.

    Raises:
        WarehouseError: there is none, or one is empty, or there are too many.
    """
    parts = tuple(request.address.split("."))
    if all(parts) and len(parts) <= most:
        return parts
    shape = "catalog.schema.table" if most == 3 else "schema.table"
    raise WarehouseError(
        f"is no table's address; expected {shape}",
        where=request.place,
        remedy=f"write the address of the log as {shape}",
    )


def no_such_table(request: LogRequest, known: Sequence[str]) -> NoReturn:
    """Say that a table is not there, and which is meant.

    Raises:
        WarehouseError: always.
    """
    short = [name for name in known if len(name) <= _SHOWN]
    near = get_close_matches(request.address[:_SHOWN], short, n=1, cutoff=0.5)
    listed = ", ".join(short[:_NAMES]) + (", ..." if len(known) > _NAMES else "")
    raise WarehouseError(
        f"there is no such table, or none that this role may read; there is: {listed or 'none'}",
        where=request.place,
        remedy=f"did you mean {near[0]!r}?" if near else "correct the address, or grant SELECT",
    )


def not_installed(request: LogRequest, extra: str, how: str) -> NoReturn:
    """Say that the engine's library is not there.

    Raises:
        WarehouseError: always.
    """
    raise WarehouseError(
        f"needs the extra {extra!r}, which is not installed",
        where=request.place,
        remedy=how,
    )
