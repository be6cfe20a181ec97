"""How many requests came at the busiest time: what the machines have to carry.

Requests are counted in slots, since a rate needs a span. A peak shorter than a slot is higher than
the rate of its slot says; whoever queues for less than one does not see it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.slots import minute_of
from ops_model.domain.evidence import Measured

if TYPE_CHECKING:
    import ibis

SLOT_SECONDS = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNIT = "requests per second"


@dataclass(frozen=True)
class Load:
    """The numbers of a `LoadMeasurement`, without what only the caller knows."""

    slot_seconds: int
    peak_per_second: Measured
    busiest: datetime
    mean_per_second: Measured


def measure_load(log: "ibis.Table", *, timestamp: str, until: datetime) -> Load | None:
    """The busiest minute of a log of requests, one row each; None where it holds none.

    Args:
        log: bounded by its timestamp already.
        timestamp: when a request came.
        until: the mean is taken from the first minute up to here.
    """
    import ibis

    minutes = log.select(minute=minute_of(log, timestamp))
    counted = minutes.group_by("minute").aggregate(rows=minutes.count())
    totals = counted.aggregate(
        rows=counted.rows.sum(), first=counted.minute.min(), most=counted.rows.max()
    ).to_pyarrow().to_pylist()[0]  # fmt: skip
    if not totals["rows"]:
        return None
    rows, most = int(totals["rows"]), int(totals["most"])
    # Of several minutes that are as busy, the first: any other choice would differ between runs.
    busiest = counted.filter(counted.rows == ibis.literal(most)).minute.min().to_pyarrow().as_py()
    first = _EPOCH + timedelta(minutes=int(totals["first"]))
    seconds = max((until - first).total_seconds(), SLOT_SECONDS)
    return Load(
        slot_seconds=SLOT_SECONDS,
        peak_per_second=_rate(most / SLOT_SECONDS, rows),
        busiest=_EPOCH + timedelta(minutes=int(busiest)),
        mean_per_second=_rate(rows / seconds, rows),
    )


def _rate(value: float, rows: int) -> Measured:
    return Measured(value=repeatable(value), unit=_UNIT, n=rows, no_interval="exact")
