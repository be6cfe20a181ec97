"""A log with known drift: 26 columns, ten planted changes, nine of which matter.

20 numbers of several shapes, one prediction and five categories of 2 to 1,000 values. Ten columns
of the drifted half are changed; the change of `n0` is too small for anybody to act on. Rows are
made a million at a time, so that 30 million need no more memory than one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

TIMESTAMP = "at"
NUMBERS = tuple(f"n{i}" for i in range(20))
PREDICTION = "prediction"
CATEGORIES = tuple(f"c{i}" for i in range(5))
COLUMNS = (*NUMBERS, PREDICTION, *CATEGORIES)
CHANGES = {
    "n0": "+0.05 standard deviations, which is immaterial",
    "n1": "times 1.10",
    "n4": "+0.3 standard deviations",
    "n8": "+1 standard deviation",
    "n10": "scale times 1.3",
    "n12": "spread times 1.25",
    "n19": "10 % nulls",
    PREDICTION: "+0.2 logit",
    "c1": "12 % of the rows moved from the most frequent value to the others",
    "c3": "an eighth of the rows in one value that was rare",
}
"""What was changed in the drifted half; no other column was."""
MATERIAL = frozenset(CHANGES) - {"n0"}
VALUES = (2, 5, 12, 40, 1000)
"""How many values each category has."""
CHUNK = 1_000_000
REFERENCE_START = datetime(2026, 1, 1, tzinfo=UTC)
_GROUP = 122_880


def write(path: Path, rows: int, *, drifted: bool, seed: int = 1, days: int = 28) -> Path:
    """Write one half to a Parquet file (zstd), in the order of its timestamps."""
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd") as writer:
        for table in tables(rows, drifted=drifted, seed=seed, days=days):
            writer.write_table(table, row_group_size=_GROUP)
    return path


def tables(
    rows: int, *, drifted: bool, seed: int = 1, days: int = 28, start: datetime = REFERENCE_START
) -> Iterator[pa.Table]:
    """One half, at most a million rows at a time, spread evenly over so many days."""
    step = timedelta(days=days) / rows
    for number, first in enumerate(range(0, rows, CHUNK)):
        n = min(CHUNK, rows - first)
        rng = np.random.default_rng([seed, int(drifted), number])
        columns = _numbers(rng, n) | _categories(rng, n, drifted=drifted)
        if drifted:
            _change(rng, columns)
        at = np.datetime64(start.replace(tzinfo=None), "us") + (
            (first + np.arange(n)) * (step / timedelta(microseconds=1))
        ).astype("timedelta64[us]")
        arrays = {name: pa.array(values, from_pandas=True) for name, values in columns.items()}
        yield pa.table({TIMESTAMP: at, **arrays}).cast(_SCHEMA)


def _numbers(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    normal = rng.normal
    return {
        "n0": normal(0, 1, n),
        "n1": rng.gamma(4, 2, n),
        "n2": rng.exponential(3, n),
        "n3": rng.integers(0, 24, n).astype(float),
        "n4": normal(50, 12, n),
        "n5": rng.lognormal(1, 0.8, n),
        "n6": rng.uniform(-1, 1, n),
        "n7": np.round(normal(20, 8, n), 1),
        "n8": normal(1e6, 1e4, n),
        "n9": rng.poisson(7, n).astype(float),
        "n10": normal(0, 3, n),
        "n11": np.where(rng.random(n) < 0.6, 0.0, rng.exponential(10, n)),
        "n12": np.where(rng.random(n) < 0.5, -1, 1) * 2 + normal(0, 0.5, n),
        "n13": rng.standard_t(5, n),
        "n14": rng.beta(2, 5, n),
        "n15": np.where(rng.random(n) < 0.03, np.nan, normal(5, 2, n)),
        "n16": np.round(rng.lognormal(3, 0.5, n), 2),
        "n17": rng.integers(0, 2, n).astype(float),
        "n18": normal(0, 1e-6, n),
        "n19": normal(100, 15, n),
        PREDICTION: 1 / (1 + np.exp(-normal(-1, 1, n))),
    }


def _categories(rng: np.random.Generator, n: int, *, drifted: bool) -> dict[str, pa.Array]:
    found: dict[str, pa.Array] = {}
    for position, (name, values) in enumerate(zip(CATEGORIES, VALUES, strict=True)):
        share = 1 / np.arange(1, values + 1) ** 0.7
        share /= share.sum()
        if drifted and name == "c1":
            share[0] -= 0.12
            share[1:] += 0.12 / (values - 1)
        if drifted and name == "c3":
            share *= 0.875
            share[-1] += 0.125
        codes = np.searchsorted(np.cumsum(share), rng.random(n)).clip(max=values - 1)
        words = pa.array([f"{'abcde'[position]}{v:03}" for v in range(values)])
        coded = pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), words)
        found[name] = coded.cast(pa.string())
    return found


def _change(rng: np.random.Generator, columns: dict[str, np.ndarray]) -> None:
    """Plant the changes of numbers, in place."""
    columns["n0"] += 0.05
    columns["n1"] *= 1.10
    columns["n4"] += 0.3 * 12
    columns["n8"] += 1e4
    columns["n10"] *= 1.3
    columns["n12"] *= 1.25
    columns["n19"][rng.random(len(columns["n19"])) < 0.1] = np.nan
    score = columns[PREDICTION]
    columns[PREDICTION] = 1 / (1 + np.exp(-(np.log(score / (1 - score)) + 0.2)))


_SCHEMA = pa.schema(
    [(TIMESTAMP, pa.timestamp("us", "UTC"))]
    + [(name, pa.float64()) for name in (*NUMBERS, PREDICTION)]
    + [(name, pa.string()) for name in CATEGORIES]
)
