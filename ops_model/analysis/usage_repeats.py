"""Usage rows that came twice: what they have too much in the sums, which hold them all.

A row came twice when another equals it in its request id and in all that is summed; of a row that
makes no sense that is only what is wrong with it, since none of its amounts is. A row that
shares only its id is another call: a retry may keep the id of what it repeats.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from ops_model.analysis.usage_rows import REQUEST, amounts_of, counts_of, keys_of

if TYPE_CHECKING:
    import ibis

MOST_SORTED, MOST_COMPARED = 2**24, 2**21
"""So many hashes are held at once, and the rows of so many ids; of more, a part at a time."""


@dataclass(frozen=True)
class Repeats:
    """What rows that came twice have too much in the sums; and how many share an id and differ."""

    excess: Sequence[Mapping[str, Any]] = ()
    contradicting: int = 0


def repeats(
    rows: "ibis.Table",
    many: int,
    *,
    sorted_at_once: int = MOST_SORTED,
    compared_at_once: int = MOST_COMPARED,
) -> Repeats:
    """The rows that came twice, looked for where a request id did.

    Only rows that share an id are compared in all they hold, which takes memory for each of them.
    Rows without an id may well be alike, and each counts.

    Args:
        rows: as `priceable` gives them.
        many: how many they are.
        sorted_at_once: so many hashes of ids are held in memory.
        compared_at_once: the rows of so many ids that repeat are compared at a time.
    """
    if REQUEST not in rows.columns:
        return Repeats()
    if not _is_native(rows):
        return _together([_compared(rows, again) for again in _counted_out(rows)])
    # Two ids of one hash are compared without need; none that repeats is missed.
    known = rows.filter(rows[REQUEST].notnull()).mutate(key=rows[REQUEST].hash())
    shared = _shared_hashes(_parts(known, _power_of_two(many / sorted_at_once)))
    apart = _parts(known, _power_of_two(len(shared) / compared_at_once))
    again = (
        _of_hashes(held, shared[shared & (len(apart) - 1) == n]) for n, held in enumerate(apart)
    )
    return _together([_compared(rows, one) for one in again]) if len(shared) else Repeats()


def _shared_hashes(parts: "Sequence[ibis.Table]") -> Any:  # noqa: ANN401 - a numpy array
    """The hashes that came more than once.

    Sorting bare numbers takes a third of the time and memory of a table of all that were seen.
    """
    import numpy as np

    found = [np.empty(0, "int64")]
    for held in parts:
        chunks = held.select("key").to_pyarrow()["key"].chunks
        hashes = np.concatenate([found[0], *(chunk.to_numpy() for chunk in chunks)])
        hashes.sort()
        found.append(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
    return np.concatenate(found)


def _of_hashes(known: "ibis.Table", hashes: Any) -> "ibis.Table":  # noqa: ANN401 - as above
    import ibis
    import pyarrow as pa

    return known.semi_join(ibis.memtable(pa.table({"key": hashes})), "key")


def _parts(known: "ibis.Table", parts: int) -> "list[ibis.Table]":
    """The rows in so many parts by their hash; their number is a power of two."""
    if parts == 1:
        return [known]
    return [known.filter((known.key & (parts - 1)) == part) for part in range(parts)]


def _power_of_two(least: float) -> int:
    return 1 << max(ceil(least) - 1, 0).bit_length()


def _is_native(rows: "ibis.Table") -> bool:
    return bool(rows.get_backend().name == "duckdb")


def _counted_out(rows: "ibis.Table") -> "Iterator[ibis.Table]":
    """The rows whose id came more than once, counted where the log lies; nothing without any."""
    known = rows.filter(rows[REQUEST].notnull())
    keys = known.group_by(REQUEST).aggregate(came=known.count())
    shared = keys.filter(keys.came > 1)
    if shared.limit(1).count().to_pyarrow().as_py():
        yield known.semi_join(shared.select(REQUEST), REQUEST)


def _together(found: Sequence[Repeats]) -> Repeats:
    return Repeats(
        [row for one in found for row in one.excess], sum(one.contradicting for one in found)
    )


def shared_requests(one: "ibis.Table", other: "ibis.Table") -> int:
    """How many request ids two logs of one engine share; 0 where one of them has no ids."""
    if not all(REQUEST in log.columns for log in (one, other)):
        return 0
    first, second = (_ids(log) for log in (one, other))
    found: int = first.semi_join(second, "key").count().to_pyarrow().as_py()
    return found


def _ids(log: "ibis.Table") -> "ibis.Table":
    id_ = log[REQUEST].cast("string").nullif("")
    return log.filter(id_.notnull()).select(key=id_).distinct()


def _compared(rows: "ibis.Table", again: "ibis.Table") -> Repeats:
    """Rows that share their id with another, held against each other."""
    alike = again.group_by(*rows.columns).aggregate(came=again.count())
    # Two questions are asked of them, which are dear to find; a warehouse is only read.
    with alike.cache() if _is_native(rows) else nullcontext(alike) as kept:
        different = kept.aggregate(rows=kept.count(), ids=kept[REQUEST].nunique())
        counted = different.to_pyarrow().to_pylist()[0]
        more = kept.filter(kept.came > 1)
        more = more.mutate(more=more.came - 1)
        totals = {"rows": more.more.sum()}
        totals |= {
            name: (more[name] * more.more).sum() for name in (*amounts_of(rows), *counts_of(rows))
        }
        excess = more.group_by(*keys_of(rows)).aggregate(**totals).to_pyarrow().to_pylist()
    return Repeats(excess, int(counted["rows"] - counted["ids"]))
