"""Logs for the commands that need no workbook, and how a command is called."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from click.testing import CliRunner

from ops_model.cli import ops_model

START = datetime(2013, 1, 1, tzinfo=UTC)
UTC_TIME = pa.timestamp("us", "UTC")


def call(*words):
    """Call a command in this process; its errors are raised."""
    return CliRunner().invoke(ops_model, [str(w) for w in words], catch_exceptions=True)


def write(path, **columns):
    """Write a Parquet file and give its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


def times(days, per_day):
    """So many instants on each of so many days, from 1 January 2013."""
    at = [START + timedelta(days=d, minutes=i) for d in range(days) for i in range(per_day)]
    return pa.array(at, UTC_TIME)


def write_inputs(path, *, days=56, per_day=50, shift=0.0, seed=1):
    """Rows with a number, a category, a list that cannot be compared, and their time."""
    n = days * per_day
    rng = np.random.default_rng(seed)
    return write(
        path,
        at=times(days, per_day),
        x=rng.normal(shift, 1.0, n),
        c=[("a", "b")[i % 2] for i in range(n)],
        deep=[[1]] * n,
    )
