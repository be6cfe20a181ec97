"""Small tables whose answers are worked out by hand, and larger ones to hold against scipy."""

from datetime import UTC, datetime, timedelta

import ibis
import numpy as np
import pyarrow as pa

UTC_TIME = pa.timestamp("us", "UTC")
START = datetime(2013, 1, 1, tzinfo=UTC)


def table(**columns):
    """A table that DuckDB holds; a plain list of datetimes becomes UTC timestamps."""
    arrays = {
        name: pa.array(values, UTC_TIME) if _is_time(values) else values
        for name, values in columns.items()
    }
    return ibis.memtable(pa.table(arrays))


def _is_time(values):
    return len(values) > 0 and isinstance(values[0], datetime)


def at(day, hour=12, minute=0):
    """An instant of the day with this number, counted from 1 January 2013."""
    return START + timedelta(days=day, hours=hour, minutes=minute)


def every_day(days, per_day):
    """`per_day` instants on each of so many days, in order."""
    return [at(day, 0) + timedelta(minutes=i) for day in range(days) for i in range(per_day)]


def normal(days, per_day, *, shift=0.0, scale=1.0, seed=1):
    """A log of normal values and its timestamps."""
    rng = np.random.default_rng(seed)
    values = rng.normal(shift, scale, size=days * per_day)
    return table(ts=every_day(days, per_day), x=values), values
