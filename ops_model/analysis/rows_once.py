"""The rows of a log each once, by the key that tells them apart; what repeats it is counted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops_model.domain.values import Window

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True)
class Once:
    """Rows without those that came twice.

    `again` are the rows left out, equal to another in all that was asked; `differing` those that
    share their key with another and are not equal to it, which are kept.
    """

    table: "ibis.Table"
    again: int = 0
    differing: int = 0


def rows_once(table: "ibis.Table", key: str | None, *, timestamp: str, window: Window) -> Once:
    """Each row of a window once.

    Args:
        table: the columns that are asked of a log, its key among them.
        key: what tells rows apart; one without it may well equal another, and counts.
        timestamp: when a row was written.
        window: the rows that are looked at.
    """
    import ibis

    at = table[timestamp]
    table = table.filter((at >= ibis.literal(window.start)) & (at < ibis.literal(window.end)))
    if key is None:
        return Once(table)
    known = table.filter(table[key].notnull())
    once = known.distinct()
    rows, different, keys = (
        int(count.to_pyarrow().as_py())
        for count in (known.count(), once.count(), known[key].nunique())
    )
    if rows == different:
        return Once(table, 0, different - keys)
    return Once(once.union(table.filter(table[key].isnull())), rows - different, different - keys)
