"""Rows of a log counted by slots of time: whatever window is asked for is then a sum.

A slot is so many minutes of UTC, counted from 1970, and a window begins and ends between slots.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ops_model.analysis.profile import Counts
from ops_model.domain.values import Window

if TYPE_CHECKING:
    import ibis

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class SlotCounts:
    """Consecutive slots from `start` on: rows, those that count, and those of them that are good.

    `undecided` counts the rows of all slots of which nobody can tell.
    """

    start: datetime
    minutes: int
    rows: Counts
    valid: Counts
    good: Counts
    undecided: int = 0

    @property
    def end(self) -> datetime:
        """The end of the last slot."""
        return self.start + timedelta(minutes=self.minutes * len(self.rows))


def whole_slots(window: Window, minutes: int) -> Window:
    """The window from the slot that it begins in, to the end of its last whole slot."""
    step = timedelta(minutes=minutes)
    start, end = (_EPOCH + (at - _EPOCH) // step * step for at in (window.start, window.end))
    return Window(start=start, end=max(start, end))


def count_slots(
    table: "ibis.Table",
    *,
    timestamp: str,
    window: Window,
    minutes: int,
    good: Any = None,  # noqa: ANN401 - an Ibis boolean, which has no type
    valid: Any = None,  # noqa: ANN401 - as above
) -> SlotCounts:
    """Count a log into the slots of a window, in one query.

    A row of which nobody can tell whether it counts does count, and one of which nobody can tell
    whether it is good is not: what is not known is no pass.

    Args:
        table: has the timestamp and whatever the conditions name.
        timestamp: the column that says when.
        window: of whole slots, see `whole_slots`.
        minutes: the length of a slot.
        good: which rows are good; without it every one.
        valid: which rows count; without it every one.
    """
    import ibis

    always = ibis.literal(True)  # noqa: FBT003 - the one value that it can have
    good, valid = (always if asked is None else asked for asked in (good, valid))
    at = table[timestamp]
    counts = valid.fill_null(True)  # noqa: FBT003 - what nobody can tell of counts
    passes = counts & good.fill_null(False)  # noqa: FBT003 - and is not good
    chosen = table.select(
        slot=minute_of(table, timestamp) // minutes,
        # PostgreSQL makes no number of 64 bits of a boolean.
        valid=counts.cast("int32"),
        good=passes.cast("int32"),
        unknown=(valid.isnull() | (counts & good.isnull())).cast("int32"),
        inside=(at >= ibis.literal(window.start)) & (at < ibis.literal(window.end)),
    )
    chosen = chosen.filter(chosen.inside)
    found = (
        chosen.group_by("slot")
        .aggregate(
            rows=chosen.count(), valid=chosen.valid.sum(), good=chosen.good.sum(),
            unknown=chosen.unknown.sum(),
        )
        .to_pyarrow()
        .to_pydict()
    )  # fmt: skip
    first = (window.start - _EPOCH) // timedelta(minutes=minutes)
    slots = (window.end - window.start) // timedelta(minutes=minutes)
    place = np.array(found["slot"], np.int64) - first

    def dense(name: str) -> Counts:
        filled = np.zeros(slots, np.int64)
        filled[place] = np.array(found[name], np.int64)
        return filled

    return SlotCounts(
        window.start, minutes, dense("rows"), dense("valid"), dense("good"),
        int(sum(found["unknown"])),
    )  # fmt: skip


def minute_of(table: "ibis.Table", timestamp: str, *, native: bool = True) -> Any:  # noqa: ANN401 - an Ibis number, which has no type
    """The minute of a timestamp, counted from 1970; `native` as in `profile.day_number`."""
    import ibis

    at = table[timestamp]
    if native and table.get_backend().name == "duckdb":
        signature = ((at.type(),), "int64")
        asked = ibis.udf.scalar.builtin(_epoch_us, name="epoch_us", signature=signature)
        return (asked(at) // 60_000_000).cast("int64")
    # Some engines round half a second up, which would be the next slot; cut off, there is none.
    return (at.truncate("m").epoch_seconds() // 60).cast("int64")


def _epoch_us(at: object) -> int:
    """Names DuckDB's function of this name; never called here."""
    raise NotImplementedError(at)


def longest_gap(places: Counts, slots: int) -> tuple[int, int]:
    """The longest run of empty slots between two rows, and that after the last one, in slots.

    What lies before the first row is no silence of the log: it may have begun with that row.

    Args:
        places: the slots that hold a row, in order.
        slots: how many there are in all.
    """
    if len(places) == 0:
        return 0, slots
    between = int(np.diff(places).max()) - 1 if len(places) > 1 else 0
    return between, int(slots - 1 - places[-1])
