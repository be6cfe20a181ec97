"""The two queries of a profile on any engine: a union of one `group_by` per column."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ops_model.analysis.cells import ABOVE, BELOW, FAR, MIDDLE, MISSING, Categories, Grid, Spec

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa


def count(
    table: "ibis.Table",
    spec: Spec,
    key: Any | None,  # noqa: ANN401 - an Ibis expression
) -> "tuple[pa.Table | None, pa.Table | None]":
    """Numbers and categories, each a table, or None where a spec has none of them.

    Numbers: rows (`n`), sum (`first`) and sum of squares (`second`) about the grid's centre, per
    `column`, `day` and `cell`. What the missing cell holds beside its rows means nothing.
    Categories: rows (`n`) per `column`, `day`, `bucket` and `value`; a bucket is 0 for null, 1 for
    a value that was kept, 2 for all others together, unnamed. `column` is a position in the spec,
    `day` the key, or 0 without one.
    """
    return (
        _union(table, spec.grids, key, _of_grid) if spec.grids else None,
        _union(table, spec.categories, key, _of_category) if spec.categories else None,
    )


def _union(
    table: "ibis.Table",
    parts: Sequence[Any],
    key: Any | None,  # noqa: ANN401 - an Ibis expression
    count: Callable[["ibis.Table", Any, Any], "ibis.Table"],
) -> "pa.Table":
    import ibis

    day = ibis.literal(0, type="int32") if key is None else key
    branches = (
        count(table, part, day).mutate(column=ibis.literal(position, type="int16"))
        for position, part in enumerate(parts)
    )
    # Only `to_pyarrow`: fetched as a stream, DuckDB 1.5 deadlocks on a union of ten such branches.
    return ibis.union(*branches).to_pyarrow()


def _of_grid(table: "ibis.Table", grid: Grid, day: Any) -> "ibis.Table":  # noqa: ANN401 - an Ibis expression
    import ibis

    def exact(number: float) -> Any:  # noqa: ANN401 - an Ibis literal
        # An untyped literal becomes a DECIMAL in DuckDB, which makes the query many times slower.
        return ibis.literal(float(number), type="float64")

    # An engine takes NaN for larger than all numbers, or for not comparable: with `between` it
    # lies in no cell either way. Floor, then cast: a cast rounds in DuckDB and cuts off in Spark.
    beyond = table[grid.name].cast("float64") - exact(grid.centre)
    x = beyond.between(exact(-FAR), exact(FAR)).ifelse(beyond, ibis.null("float64"))
    place = x * exact(grid.per_unit) + exact(MIDDLE)
    cell = ibis.cases(
        (place.isnull(), MISSING),
        (place < exact(BELOW + 1), BELOW),
        (place >= exact(ABOVE), ABOVE),
        else_=place.floor().cast("int16"),
    ).cast("int16")
    cells = table.select(day=day, cell=cell, x=x)
    return cells.group_by("day", "cell").aggregate(
        n=cells.count(), first=cells.x.sum(), second=(cells.x * cells.x).sum()
    )


def _of_category(table: "ibis.Table", kept: Categories, day: Any) -> "ibis.Table":  # noqa: ANN401 - an Ibis expression
    import ibis

    # Each value is counted first, and looked up among those that were kept only once.
    values = table.select(day=day, value=table[kept.name].cast("string"))
    counted = values.group_by("day", "value").aggregate(n=values.count())
    value = counted.value
    known = value.isin(kept.values) if kept.values else ibis.literal(False)  # noqa: FBT003 - SQL's FALSE
    bucket = ibis.cases((value.isnull(), 0), (known, 1), else_=2).cast("int16")
    shown = known.ifelse(value, ibis.null("string"))
    buckets = counted.select("day", "n", bucket=bucket, value=shown)
    return buckets.group_by("day", "bucket", "value").aggregate(n=buckets.n.sum())
