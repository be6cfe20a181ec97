"""From when to when the files of a log reach, asked of one column."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True)
class Extent:
    """The first and last instant of a file, None where it holds none.

    `whole` is False where a row has no instant, or one outside of the calendar that was given.
    """

    first: datetime | None
    last: datetime | None
    whole: bool

    @property
    def day(self) -> date | None:
        """The UTC day in which all of the file lies, if it is one."""
        if not self.whole or self.first is None or self.last is None:
            return None
        return self.first.date() if self.first.date() == self.last.date() else None

    def meets(self, start: datetime, end: datetime) -> bool:
        """True when a row may lie in the span."""
        return self.first is not None and self.last is not None and (
            self.first < end and self.last >= start
        )  # fmt: skip

    def inside(self, start: datetime, end: datetime) -> bool:
        """True when each row with an instant lies in the span."""
        return self.first is not None and self.last is not None and (
            self.first >= start and self.last < end
        )  # fmt: skip

    @property
    def document(self) -> list[Any]:
        """The extent as JSON has it; `extent_of` reads it back."""
        ends = (None if at is None else at.isoformat() for at in (self.first, self.last))
        return [*ends, self.whole]


def extent_of(document: object) -> Extent:
    """An extent from its JSON.

    Raises:
        ValueError: it is none.
    """
    match document:
        case [str(first), str(last), bool(whole)]:
            return Extent(datetime.fromisoformat(first), datetime.fromisoformat(last), whole)
        case [None, None, bool(whole)]:
            return Extent(None, None, whole)
    msg = "no extent"
    raise ValueError(msg)


def extents_by_file(
    table: "ibis.Table", *, file: str, timestamp: str, earliest: datetime, latest: datetime
) -> dict[int, Extent]:
    """The extent of each file, by its number in column `file`; files without rows are left out."""
    import ibis

    at = table[timestamp]
    known = ibis.coalesce(
        (at >= ibis.literal(earliest)) & (at < ibis.literal(latest)),
        ibis.literal(False),  # noqa: FBT003 - SQL's FALSE
    )
    rows = table.select(file=table[file], at=known.ifelse(at, ibis.null(at.type())), known=known)
    seen = rows.group_by("file").aggregate(
        first=rows.at.min(), last=rows.at.max(), whole=rows.known.all()
    )
    return {
        row["file"]: Extent(_utc(row["first"]), _utc(row["last"]), bool(row["whole"]))
        for row in seen.to_pyarrow().to_pylist()
    }


def rows_between(
    table: "ibis.Table", timestamp: str, start: datetime, end: datetime
) -> "ibis.Table":
    """The rows from one instant until before another; those without an instant are left out."""
    import ibis

    at = table[timestamp]
    return table.filter((at >= ibis.literal(start)) & (at < ibis.literal(end)))


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)
