"""Decisions of the past looked up by their keys, as a person who was called would do it.

Each is answered by itself, as by a query of its own; all keys stand in one query for each log,
since sixty of them would read a large log sixty times.

Which ones is drawn by a fixed seed from all rows alike: the hours say how many rows each has, and
in its hour a decision is found by its place in the order of time and key.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ops_model.analysis.capture import FieldColumn, present
from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.slots import count_slots, minute_of
from ops_model.analysis.spread import wilson
from ops_model.domain.evidence import Measured
from ops_model.domain.values import Window

if TYPE_CHECKING:
    import ibis

SAMPLED = 60
"""Of so many, 59 that are answered show nine in ten at the low end of the interval."""
_SEED = 3_26
_MOST = 10**10
"""More rows than an hour has, so that hour and place within it are one number."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class LookedUp:
    """How many were looked up, how many of them had one row, and how many held each field."""

    sampled: int
    ambiguous: int
    held: Mapping[str, int]


def draw(
    served: "ibis.Table", *, timestamp: str, key: str, window: Window, sampled: int = SAMPLED
) -> tuple[Any, ...]:
    """The keys of so many rows of a window of whole hours, or of all where there are fewer.

    Each row is as likely as any other; a row without a key gives None.
    """
    import ibis

    counts = count_slots(served, timestamp=timestamp, window=window, minutes=60)
    total = int(counts.rows.sum())
    # Nothing is kept secret by it: the seed makes another run look up the same rows.
    chosen = sorted(random.Random(_SEED).sample(range(total), min(sampled, total)))  # noqa: S311 - as above
    ends = np.cumsum(counts.rows)
    wanted = []
    for place in chosen:
        slot = int(np.searchsorted(ends, place, side="right"))
        wanted.append(slot * _MOST + place - (int(ends[slot - 1]) if slot else 0))
    if not wanted:
        return ()
    at = served[timestamp]
    rows = served.filter((at >= ibis.literal(window.start)) & (at < ibis.literal(window.end)))
    first = (counts.start - _EPOCH) // timedelta(hours=1)
    rows = rows.select(
        slot=minute_of(rows, timestamp) // 60 - first, key=rows[key], at=rows[timestamp]
    )
    rows = rows.filter(rows.slot.isin(sorted({place // _MOST for place in wanted})))
    ordered = ibis.window(group_by=rows.slot, order_by=[rows.at, rows.key])
    ranked = rows.mutate(place=rows.slot * _MOST + ibis.row_number().over(ordered))
    found = ranked.filter(ranked.place.isin(wanted)).order_by("place").select("key")
    return tuple(found.to_pyarrow().column("key").to_pylist())


def look_up(
    served: "ibis.Table", keys: Sequence[Any], fields: Sequence[FieldColumn], *, key: str
) -> LookedUp:
    """Ask for each decision by its key, and count which fields an answer held.

    A key that several rows share, or that is missing, tells no decision from another: nothing is
    answered of it.
    """
    known = sorted({value for value in keys if value is not None})
    own = [field for field in fields if field.table is None]
    there = _there(served, key, own, known)
    alone = {value for value, held in there.items() if held["rows"] == 1}
    found = {field.field: {v for v in alone if there[v][field.field]} for field in own}
    for field in fields:
        if field.table is not None:
            elsewhere = _there(field.table, field.key, [field], known)
            found[field.field] = {v for v in alone if elsewhere.get(v, {}).get(field.field)}
    held = {name: sum(value in values for value in keys) for name, values in found.items()}
    return LookedUp(len(keys), sum(value not in alone for value in keys), held)


def _there(
    table: "ibis.Table", key: str, fields: Sequence[FieldColumn], keys: Sequence[Any]
) -> dict[Any, dict[str, int]]:
    """Of each key how many rows it has, and which fields any of them holds."""
    if not keys:
        return {}
    asked = {f"f{n}": present(table[f.column]).cast("int32") for n, f in enumerate(fields)}
    rows = table.filter(table[key].isin(keys)).select(key=table[key], **asked)
    found = rows.group_by("key").aggregate(
        rows=rows.count(), **{name: rows[name].max() for name in asked}
    )
    return {
        row["key"]: {"rows": row["rows"], **{f.field: row[f"f{n}"] for n, f in enumerate(fields)}}
        for row in found.to_pyarrow().to_pylist()
    }


def answered(looked: LookedUp, field: str | None) -> Measured:
    """The share of the decisions of which a field was there; none where no column is named."""
    if looked.sampled == 0:
        return Measured(value=None, unit="share", n=0, no_interval="too few")
    right = looked.held.get(field, 0) if field is not None else 0
    low, high = wilson(right, looked.sampled)
    return Measured(
        value=repeatable(right / looked.sampled), unit="share", n=looked.sampled,
        low=repeatable(low), high=repeatable(high),
    )  # fmt: skip
