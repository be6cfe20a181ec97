"""Which cells to count a log into: fixed once, on the reference, and the same for every window."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ops_model.analysis.cells import FAR, INSIDE, Categories, Grid, Spec, short
from ops_model.analysis.profile import finite

if TYPE_CHECKING:
    import ibis

SAMPLE_ROWS = 100_000
KEPT_VALUES = 500
_FAR_OUT = 2.0**53
_CLOSEST = 1e-12
_FARTHEST = 0.98 * FAR
"""No cell of a grid lies so far from its centre that its values would count as infinite."""


def plan(reference: "ibis.Table", columns: Sequence[str] = ()) -> Spec:
    """Fix the cells on a reference.

    Numeric columns are planned on every k-th row, k chosen so that 100,000 rows remain; the same
    reference gives the same plan. A column of few whole numbers gets one cell per number. Of a
    category the 500 most frequent values are kept.

    Args:
        reference: the rows to compare with later.
        columns: which columns; none means all of a number, text or boolean type.
    """
    names = columns or tuple(c for c in reference.columns if _is_planned(reference[c]))
    numeric = [c for c in names if reference[c].type().is_numeric()]
    return Spec(
        _grids(reference, [c for c in numeric if not reference[c].type().is_boolean()]),
        _categories(reference, [c for c in names if _is_category(reference[c])]),
    )


def _is_category(column: Any) -> bool:  # noqa: ANN401 - Ibis columns have no common type to name
    return bool(column.type().is_string() or column.type().is_boolean())


def _is_planned(column: Any) -> bool:  # noqa: ANN401 - as above
    return bool(_is_category(column) or column.type().is_numeric())


def _grids(reference: "ibis.Table", names: Sequence[str]) -> tuple[Grid, ...]:
    if not names:
        return ()
    import ibis

    rows = reference.count().to_pyarrow().as_py()
    step = max(1, -(-rows // SAMPLE_ROWS))
    row = max(names, key=len) + "_"  # the name of no column, whatever the log holds
    number: Any = ibis.row_number()
    if step > 1 and reference.get_backend().name != "duckdb":
        # DuckDB numbers rows as its files hold them; elsewhere they lie in no order of their own.
        number = number.over(order_by=[reference[name] for name in reference.columns])
    numbered = reference.select(*names, **{row: number})
    sample = numbered.filter(numbered[row] % step == 0) if step > 1 else numbered
    asked: dict[str, Any] = {}
    for position, name in enumerate(names):
        value = finite(sample, name)
        asked[f"quantiles{position}"] = value.quantile([0.002, 0.998])
        asked[f"low{position}"] = value.min()
        asked[f"high{position}"] = value.max()
        # Ibis rounds by way of 64 bits, which overflow far outside of what counts as few numbers.
        near = ibis.least(ibis.greatest(value, ibis.literal(-_FAR_OUT)), ibis.literal(_FAR_OUT))
        asked[f"whole{position}"] = (value == near.floor()).all()
    seen = sample.aggregate(**asked).to_pyarrow().to_pylist()[0]
    return tuple(
        _grid(name, *(seen[f"{part}{position}"] for part in ("low", "high", "quantiles", "whole")))
        for position, name in enumerate(names)
    )


def _grid(
    name: str,
    low: float | None,
    high: float | None,
    quantiles: Sequence[float],
    whole: bool | None,  # noqa: FBT001 - one row of the query above
) -> Grid:
    if low is None or high is None:
        return Grid(name, 0.0, 1.0)
    spread = high - low
    if spread == 0:
        # So close that no other number shares the cell of one that never varied, rounding apart.
        width = max(abs(low) * 1e-9, _CLOSEST)
        return Grid(name, short(low - INSIDE / 2 * width), short(width))
    if whole and spread <= INSIDE - 2:
        # One cell per number; the cells to spare lie on both sides of what the reference held.
        spare = (INSIDE - (int(spread) + 1)) // 2
        return Grid(name, short(low - 0.5 - spare), 1.0)
    start, end = quantiles
    pad = 0.15 * (end - start) or 0.15 * spread
    start, end = max(start - pad, -_FARTHEST), min(end + pad, _FARTHEST)
    if low >= 0:
        start = max(start, 0.0)
    # Not finer than the fifteenth digit of the values, of which no engine keeps more.
    finest = max(1 / FAR, 1e-13 * max(abs(start), abs(end)))
    return Grid(name, short(start), short(max((end - start) / INSIDE, finest)))


def _categories(reference: "ibis.Table", names: Sequence[str]) -> tuple[Categories, ...]:
    if not names:
        return ()
    import ibis

    parts = []
    for position, name in enumerate(names):
        values = reference.select(value=reference[name].cast("string"))
        counted = (
            values.filter(values.value.notnull()).group_by("value").aggregate(n=ibis._.count())
        )
        ranked = counted.order_by(ibis.desc("n"), "value").limit(KEPT_VALUES + 1)
        parts.append(ranked.mutate(column=ibis.literal(position, type="int16")))
    found: dict[int, list[tuple[int, str]]] = {}
    for row in ibis.union(*parts).to_pyarrow().to_pylist():
        found.setdefault(row["column"], []).append((-row["n"], row["value"]))
    return tuple(
        Categories(
            name,
            tuple(value for _, value in sorted(found.get(position, ()))[:KEPT_VALUES]),
            len(found.get(position, ())) <= KEPT_VALUES,
        )
        for position, name in enumerate(names)
    )
