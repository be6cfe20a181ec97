"""The two queries of a profile in DuckDB's own words, for what the general ones cost there.

A third of the work on a million rows is Ibis, composing a query of 26 branches. The general way is
`profile_ibis`; `tests/analysis/test_profile_added.py` asserts that both find the same counts.
No name of the log gets into these words: its columns are renamed by position first. See
docs/decisions/0041.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ops_model.analysis.cells import ABOVE, BELOW, FAR, MIDDLE, MISSING, Categories, Grid, Spec

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

_VIEW = "ops_model_profiled"
_CELL = f"CASE WHEN cell IS NULL THEN {MISSING} WHEN cell < {BELOW} THEN {BELOW} ELSE cell END"


def count(
    table: "ibis.Table",
    spec: Spec,
    key: Any | None,  # noqa: ANN401 - an Ibis expression
) -> "tuple[pa.Table | None, pa.Table | None]":
    """What `profile_ibis.count` answers; what lies below a grid may come in two rows."""
    connection = table.get_backend()
    named = {} if key is None else {"day": key}
    named |= {f"n{i}": table[grid.name].cast("float64") for i, grid in enumerate(spec.grids)}
    named |= {f"c{i}": table[kept.name] for i, kept in enumerate(spec.categories)}
    day = "0 AS day" if key is None else "day"
    values = [list(kept.values) for kept in spec.categories]
    # One view for both: Ibis takes longer to compose it than DuckDB to count a column.
    connection.create_view(_VIEW, table.select(**named), overwrite=True)
    try:
        return (
            _answer(connection, _numbers(spec.grids, day), [], f"* REPLACE ({_CELL} AS cell)"),
            _answer(connection, _values(spec.categories, day), values, "*"),
        )
    finally:
        connection.drop_view(_VIEW)


def _numbers(grids: Sequence[Grid], day: str) -> Iterable[str]:
    return (
        f'SELECT {i} AS "column", {day}, {_cell(grid)} AS cell, count(*) AS n, '  # noqa: S608 - numbers only
        "sum(x) AS first, sum(x * x) AS second "
        f"FROM (SELECT *, n{i} - {_exact(grid.centre)} AS x FROM {_VIEW}) GROUP BY ALL"
        for i, grid in enumerate(grids)
    )


def _values(kept: Sequence[Categories], day: str) -> Iterable[str]:
    # Each value is counted first, and looked up among those that were kept only once.
    return (
        f'SELECT {i} AS "column", day, '  # noqa: S608 - positions only
        "CASE WHEN value IS NULL THEN 0 WHEN known THEN 1 ELSE 2 END AS bucket, "
        "CASE WHEN known THEN value END AS value, sum(n)::BIGINT AS n FROM "
        f"(SELECT *, list_contains(${i + 1}::VARCHAR[], value) AS known FROM "
        f"(SELECT {day}, c{i}::VARCHAR AS value, count(*) AS n FROM {_VIEW} GROUP BY ALL)) "
        "GROUP BY ALL"
        for i in range(len(kept))
    )


def _cell(grid: Grid) -> str:
    """The cell of a value; one byte, so that DuckDB counts in an array and not in a hash table.

    Nearly every value lies in a cell of the grid, and a cast that fails costs less than asking
    first. Only where it fails the tails are asked about; what is missing stays null.
    """
    return (
        f"coalesce(TRY_CAST(floor(x * {_exact(grid.per_unit)} + {MIDDLE}e0) AS UTINYINT), "
        f"CASE WHEN x BETWEEN {_exact(-FAR)} AND 0e0 THEN {BELOW}::UTINYINT "
        f"WHEN x BETWEEN 0e0 AND {_exact(FAR)} THEN {ABOVE}::UTINYINT END)"
    )


def _exact(number: float) -> str:
    """A number as DuckDB reads it back to the last bit; without an exponent it is a DECIMAL."""
    return f"({number:.17e})"


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
