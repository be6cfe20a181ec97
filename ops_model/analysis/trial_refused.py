"""What no trial can be read from: each is refused with its number, and what to do instead."""

from typing import TYPE_CHECKING

from ops_model.analysis.judged import LARGEST_SCORE
from ops_model.errors import WarehouseError

if TYPE_CHECKING:
    import ibis
    import pandas as pd

MOST_SLICES = 1_000
_PRODUCTION = ("production", "prod", "live")


def refuse_gaps(rows: "ibis.Table", where: str) -> None:
    """Refuse rows without a case, a repeat or a score that is a number."""
    unscored = rows.score.isnull() | rows.score.isnan() | (rows.score.abs() > LARGEST_SCORE)
    unscored = unscored.fill_null(True)  # noqa: FBT003 - the value that stands for NULL
    gaps = rows.filter(unscored | rows.case.isnull() | rows.repeat.isnull())
    found = gaps.group_by("arm").aggregate(rows=gaps.count(), case=gaps.case.min()).to_pyarrow()
    if found.num_rows:
        told = ", ".join(
            f"{row['rows']:,} of {row['arm']} (such as case {row['case']})"
            for row in sorted(found.to_pylist(), key=lambda row: str(row["arm"]))
        )
        raise WarehouseError(
            f"rows without a case, a repeat or a score: {told}; expected a finite number in each",
            where=where,
            remedy="score 0 where an arm did not answer, or run it again; leaving out what one "
            "could not answer makes it look good",
        )


def refuse_production(rows: "ibis.Table", where: str) -> None:
    """Refuse what was answered to users: it is no trial, whatever it is called."""
    served = int(rows.environment.isin(_PRODUCTION).sum().fill_null(0).to_pyarrow().as_py())
    if served:
        raise WarehouseError(
            f"{served:,} rows say that they were answered in production; expected test or staging",
            where=where,
            remedy="try a challenger on recorded cases, and roll it out in stages after",
        )


def refuse_two(frame: "pd.DataFrame", column: str, name: str, where: str) -> None:
    """Refuse a case that is in two clusters, or two slices of one column."""
    low, high = (frame.groupby("case")[f"{column}_{way}"].agg(way) for way in ("min", "max"))
    twice = low[low.notna() & (low != high)]
    if len(twice):
        case = twice.index[0]
        raise WarehouseError(
            f"{len(twice):,} cases have two values of {name}, such as case {case}: "
            f"{low[case]!r} and {high[case]!r}; expected one",
            where=where,
            remedy="write one value in all rows of a case, or give its cases ids of their own",
        )


def refuse_many(values: int, name: str, where: str) -> None:
    """Refuse a column of which nearly every case has a value of its own."""
    if values > MOST_SLICES:
        raise WarehouseError(
            f"{name} has {values:,} values; expected at most {MOST_SLICES:,} slices of a column",
            where=where,
            remedy="take the results apart by a column with few values",
        )
