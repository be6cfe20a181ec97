"""What the footers of Parquet files say of a log's timestamps, which mostly spares a query.

A writer notes the least and the greatest value of each group of rows, and how many are missing.
Where it did so everywhere, whether a log may be read up to an instant is known without reading it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.store.identity import state_of

if TYPE_CHECKING:
    import pyarrow.parquet as pq


@dataclass(frozen=True)
class Noted:
    """Rows with an instant: the least and the greatest; None where there is no row."""

    low: datetime | None = None
    high: datetime | None = None


def instants(files: Sequence[Path], column: str) -> Noted | None:
    """What the footers of some Parquet files say together of a column of timestamps.

    Returns:
        None where a row lacks its instant, or a footer does not say, or says what no calendar
        holds.
    """
    low = high = None
    for path in files:
        noted = _of_file(path, column, *state_of(path))
        if noted is None:
            return None
        if noted.low is not None and noted.high is not None:
            low = noted.low if low is None else min(low, noted.low)
            high = noted.high if high is None else max(high, noted.high)
    return Noted(low, high)


@lru_cache(maxsize=100_000)
def _of_file(path: Path, column: str, *state: int) -> Noted | None:
    """That of one file; `state` is only the key under which the answer is remembered."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    del state
    try:
        return _of_groups(pq.read_metadata(path), column)
    except (pa.ArrowException, OSError, OverflowError, ValueError):
        return None


def _of_groups(footer: "pq.FileMetaData", column: str) -> Noted | None:
    names = [footer.schema.column(place).path for place in range(footer.num_columns)]
    place = names.index(column)
    low = high = None
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        if group.num_rows == 0:
            continue
        said = group.column(place).statistics
        if said is None or not (said.has_min_max and said.has_null_count) or said.null_count:
            return None
        least, most = _instant(said.min), _instant(said.max)
        if least is None or most is None:
            return None
        low = least if low is None else min(low, least)
        high = most if high is None else max(high, most)
    return Noted(low, high)


def _instant(value: Any) -> datetime | None:  # noqa: ANN401 - whatever the column holds
    """A timestamp in UTC; None where the column holds something else."""
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value
