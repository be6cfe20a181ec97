"""Which versions served, in a baseline and in a window."""

from datetime import date
from typing import TYPE_CHECKING

from ops_model.analysis.profile import day_number
from ops_model.analysis.segments import day_position

if TYPE_CHECKING:
    import ibis


def count_versions(
    served: "ibis.Table",
    version: str,
    *,
    timestamp: str,
    baseline: tuple[date, date],
    window: tuple[date, date],
) -> tuple[dict[str, int], dict[str, int]]:
    """Rows by version in the baseline and in the window, largest first.

    Args:
        served: what was served.
        version: the column that names the version; rows without one are of none.
        timestamp: when a row was served.
        baseline: first day, and the day after the last.
        window: likewise.
    """
    table = served.select(
        version=served[version].cast("string"), day=day_number(served, timestamp)
    )
    table = table.filter(table.version.notnull())
    sides = {
        name: (table.day >= day_position(first)) & (table.day < day_position(end))
        for name, (first, end) in (("before", baseline), ("now", window))
    }
    rows = (
        table.group_by("version")
        .aggregate(**{name: table.count(where=inside) for name, inside in sides.items()})
        .to_pyarrow()
        .to_pylist()
    )

    def of(side: str) -> dict[str, int]:
        order = sorted(rows, key=lambda row: (-row[side], row["version"]))
        return {row["version"]: int(row[side]) for row in order if row[side]}

    return of("before"), of("now")
