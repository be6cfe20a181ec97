"""Usage rows that came twice: what they have too much in the sums, which hold them all.

A row came twice when another equals it in its request id and in all that is summed; of a row that
makes no sense that is only what is wrong with it, since none of its amounts is. A row that
shares only its id is another call: a retry may keep the id of what it repeats.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops_model.analysis.usage_rows import REQUEST, amounts_of, failed_of, keys_of

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True)
class Repeats:
    """What rows that came twice have too much in the sums; and how many share an id and differ."""

    excess: Sequence[Mapping[str, Any]] = ()
    contradicting: int = 0


def repeats(rows: "ibis.Table") -> Repeats:
    """The rows that came twice, looked for where a request id did.

    Only rows that share an id are compared in all they hold, which takes memory for each of them.
    Rows without an id may well be alike, and each counts.
    """
    if REQUEST not in rows.columns:
        return Repeats()
    native = rows.get_backend().name == "duckdb"
    # Two ids of one hash are compared without need; none that repeats is missed.
    keyed = rows.mutate(key=rows[REQUEST].hash() if native else rows[REQUEST])
    known = keyed.filter(keyed[REQUEST].notnull())
    counted = (
        known.aggregate(rows=known.count(), keys=known.key.nunique()).to_pyarrow().to_pylist()
    )
    if counted[0]["rows"] == counted[0]["keys"]:
        return Repeats()
    keys = known.group_by("key").aggregate(came=known.count())
    shared = keys.filter(keys.came > 1).select("key")
    if not native:
        return _compared(rows, known.semi_join(shared, "key"))
    # In one query with it, DuckDB would hold all rows in memory.
    with shared.cache() as kept:
        return _compared(rows, known.semi_join(kept, "key"))


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
    different = alike.aggregate(rows=alike.count(), ids=alike[REQUEST].nunique())
    counted = different.to_pyarrow().to_pylist()[0]
    more = alike.filter(alike.came > 1)
    more = more.mutate(more=more.came - 1)
    totals = {"rows": more.more.sum()}
    totals |= {
        name: (more[name] * more.more).sum() for name in (*amounts_of(rows), *failed_of(rows))
    }
    excess = more.group_by(*keys_of(rows)).aggregate(**totals).to_pyarrow().to_pylist()
    return Repeats(excess, int(counted["rows"] - counted["ids"]))
