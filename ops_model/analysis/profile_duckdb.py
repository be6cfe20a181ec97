"""The two queries of a profile in DuckDB's own words, for what the general ones cost there.

A third of the work on a million rows is Ibis, composing a query of 26 branches. The general way is
`profile_ibis`; `tests/analysis/test_profile_added.py` asserts that both find the same counts.
No name of the log gets into these words: its columns are named by position first, in a view whose
text is Ibis's. See docs/decisions/0041.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ops_model.analysis.cells import ABOVE, BELOW, FAR, MIDDLE, MISSING, Grid, Spec

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

_VIEW = "ops_model_profiled"
_DAY, _NO_DAY = "day, ", "0 AS day, "
_SHOWN = f"CASE WHEN cell IS NULL THEN {MISSING} WHEN cell < {BELOW} THEN {BELOW} ELSE cell END"


def _exact(number: float) -> str:
    """A number as DuckDB reads it back to the last bit; without an exponent it is a DECIMAL."""
    return f"({number:.17e})"


_CELL = (
    "CASE WHEN place IS NOT NULL THEN place "
    f"WHEN abs(x) <= {_exact(FAR)} THEN "
    f"CASE WHEN x < 0e0 THEN {BELOW}::UTINYINT ELSE {ABOVE}::UTINYINT END END"
)
"""The cell with the tails, which are asked about only where there is none of the grid.

DuckDB takes two thousand rows at a time. Where all of them have a place, as is so of most, this
copies no value; a `coalesce` copies every one. What is missing stays null.
"""


def count(
    table: "ibis.Table",
    spec: Spec,
    key: Any | None,  # noqa: ANN401 - an Ibis expression
) -> "tuple[pa.Table | None, pa.Table | None]":
    """What `profile_ibis.count` answers; what lies below a grid may come in two rows."""
    connection = table.get_backend()
    at = {name: f"x{i}" for i, name in enumerate(table.columns if key is None else spec.names)}
    if key is not None:
        table = table.select(**{x: table[name] for name, x in at.items()}, day=key)
    day = "" if key is None else _DAY
    numbers = _numbers([(at[grid.name], grid) for grid in spec.grids], day)
    named = _values([at[kept.name] for kept in spec.categories], day)
    values = [list(kept.values) for kept in spec.categories]
    with _view(connection, table, [*at.values()] if key is None else [*at.values(), "day"]):
        return (
            _answer(connection, numbers, [], f"* REPLACE ({_SHOWN} AS cell)"),
            _answer(connection, named, values, "*"),
        )


@contextmanager
def _view(
    connection: Any,  # noqa: ANN401 - an Ibis backend, which has no type
    table: "ibis.Table",
    names: Sequence[str],
) -> Iterator[None]:
    """The table under names of our own, by position, for both queries.

    Ibis makes views too, but then asks what came of it, which takes as long as counting a column.
    So it only writes the text of the table, and quotes there whatever a log calls its columns.
    """
    # What Ibis does before it runs anything: DuckDB is told of tables in memory.
    connection._run_pre_execute_hooks(table)
    text = connection.compiler.to_sqlglot(table).sql(dialect="duckdb", copy=False)
    connection.raw_sql(f"CREATE OR REPLACE TEMP VIEW {_VIEW} ({', '.join(names)}) AS {text}")
    try:
        yield
    finally:
        connection.raw_sql(f"DROP VIEW {_VIEW}")


def _numbers(grids: Sequence[tuple[str, Grid]], day: str) -> Iterable[str]:
    # Each branch names the columns it reads: of `*`, every name costs time in every branch.
    return (
        f'SELECT {i} AS "column", {day or _NO_DAY}{_CELL} AS cell, count(*) AS n, '  # noqa: S608 - numbers and positions only
        f"sum(x) AS first, sum(x * x) AS second FROM (SELECT {day}{x}::DOUBLE - "
        f"{_exact(grid.centre)} AS x, {_place(grid)} AS place FROM {_VIEW}) GROUP BY ALL"
        for i, (x, grid) in enumerate(grids)
    )


def _values(columns: Sequence[str], day: str) -> Iterable[str]:
    # Each value is counted first, and looked up among those that were kept only once.
    return (
        f'SELECT {i} AS "column", day, '  # noqa: S608 - positions only
        "CASE WHEN value IS NULL THEN 0 WHEN known THEN 1 ELSE 2 END AS bucket, "
        "CASE WHEN known THEN value END AS value, sum(n)::BIGINT AS n FROM "
        f"(SELECT *, list_contains(${i + 1}::VARCHAR[], value) AS known FROM "
        f"(SELECT {day or _NO_DAY}{x}::VARCHAR AS value, count(*) AS n FROM {_VIEW} "
        "GROUP BY ALL)) GROUP BY ALL"
        for i, x in enumerate(columns)
    )


def _place(grid: Grid) -> str:
    """The cell of a value, or null where it lies in none of the grid.

    One byte, so that DuckDB counts in an array and not in a hash table. Nearly every value lies
    in a cell, and a cast that fails costs less than asking first.
    """
    return f"TRY_CAST(floor(x * {_exact(grid.per_unit)} + {MIDDLE}e0) AS UTINYINT)"


def _answer(
    connection: Any,  # noqa: ANN401 - an Ibis backend, which has no type
    branches: Iterable[str],
    values: list[list[str]],
    shown: str,
) -> "pa.Table | None":
    query = " UNION ALL ".join(branches)
    if not query:
        return None
    try:
        # By way of a table: fetched as a stream, DuckDB 1.5 deadlocks on a union of ten branches.
        connection.raw_sql(
            f"CREATE OR REPLACE TEMP TABLE ops_model_counts AS {query}", parameters=values
        )
        return connection.raw_sql(f"SELECT {shown} FROM ops_model_counts").to_arrow_table()  # noqa: S608 - one of two texts above
    finally:
        connection.raw_sql("DROP TABLE IF EXISTS ops_model_counts")
