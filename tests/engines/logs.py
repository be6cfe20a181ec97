"""One generated set of logs, with all that engines differ in, as files and as tables.

Served rows hold nulls, NaN, both infinities, 1e308, negative zero, values on the very borders of
cells, whole and decimal numbers, texts with quotes, emoji and blanks, and a column whose name is
no identifier. Most files hold their instants in the zone of New York.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

START = datetime(2024, 3, 5, tzinfo=UTC)  # the clocks of New York go forward on the 10th
DAYS = 10
ROWS = 3_000
BEFORE = START + timedelta(days=DAYS - 1, hours=11)  # the rows behind it are never read
ODD = "we\"ird; `n'ame` 😀"
TEXTS = [
    None, "", " ", "a", "A", "a ", "O'Brien", 'say "so"', "back\\slash", "😀", "ß", "SS", "İ",
    "50%", "under_score", "null", "NaN", "a;b", "\u00e9", "e\u0301", "new\nline",
]  # fmt: skip
FAR_OUT = [float("nan"), float("inf"), float("-inf"), 1e308, -1e308, 1e200, -0.0, 5e-324]
UTC_TIME = pa.timestamp("us", "UTC")


def all_logs():
    """Name to table; the same rows at every call."""
    rng = np.random.default_rng(6)
    return {
        "served": _served(rng), "labels": _labels(rng), "requests": _requests(rng),
        "canaries": _canaries(rng), "trials": _trials(rng), "usage": _request_ids(_usage(rng)),
    }  # fmt: skip


def write(root, logs):
    """Each log as a file; the served rows as two, one in another zone and with wider numbers."""
    for name, table in logs.items():
        (root / name).mkdir(parents=True)
        half = table.num_rows // 2 if name == "served" else 0
        zoned = table.slice(half)
        place = zoned.schema.get_field_index("at")
        at = zoned["at"].cast(pa.timestamp("us", "America/New_York"))
        zoned = zoned.set_column(place, "at", at)
        if half and "whole" in zoned.schema.names:
            place = zoned.schema.get_field_index("whole")
            zoned = zoned.set_column(place, "whole", zoned["whole"].cast("float64"))
        for number, part in enumerate((table.slice(0, half), zoned) if half else (zoned,)):
            pq.write_table(part, root / name / f"{number}.parquet", write_page_checksum=True)


def _instants(rng, rows):
    micros = np.sort(rng.integers(0, DAYS * 86_400_000_000, rows))
    # Rows at the very ends of days, hours and minutes.
    borders = [day * 86_400_000_000 + off for day in range(DAYS) for off in (0, 86_399_999_999)]
    micros[: len(borders)] = borders
    return pa.array([START + timedelta(microseconds=int(m)) for m in micros], UTC_TIME)


def _pick(rng, values, rows):
    return [values[place] for place in rng.integers(0, len(values), rows)]


def _served(rng):
    x = rng.normal(10, 3, ROWS)
    x[:500] = np.round(x[:500] * 4) / 4  # on the borders of cells of a quarter
    some = [None if rng.random() < 0.05 else float(v) for v in x]
    some[100 : 100 + 8 * len(FAR_OUT)] = FAR_OUT * 8
    whole = [None if rng.random() < 0.03 else int(v) for v in rng.integers(-20, 60, ROWS)]
    return pa.table({
        "at": _instants(rng, ROWS),
        "key": pa.array([f"k{n}" if n % 97 else "k-twice" for n in range(ROWS)]),
        "x": pa.array(some, pa.float64()),
        "small": pa.array(rng.exponential(2, ROWS).astype(np.float32)),
        "whole": pa.array(whole, pa.int32()),
        "money": pa.array(
            [None if n % 31 == 0 else Decimal(int(c)) / 100
             for n, c in enumerate(rng.integers(-9_000, 99_000, ROWS))], pa.decimal128(12, 2),
        ),
        ODD: pa.array(_pick(rng, TEXTS, ROWS), pa.string()),
        "many": pa.array([f"v{v}" for v in rng.zipf(1.4, ROWS)], pa.string()),
        "yes": pa.array(_pick(rng, [True, False, None], ROWS)),
        "prediction": pa.array(_pick(rng, [0, 1, 1, None], ROWS), pa.int64()),
        "version": pa.array(_pick(rng, ["v1", "v2", None], ROWS)),
    })  # fmt: skip


def _labels(rng):
    keys = [f"k{n}" for n in rng.integers(0, ROWS, ROWS)]
    at = [START + timedelta(hours=int(h)) for h in rng.integers(0, DAYS * 24, ROWS)]
    score = [float(v) for v in rng.normal(0.7, 0.2, ROWS)]
    score[:40] = [float("nan"), float("inf"), 1e308, None] * 10
    return pa.table({
        "at": pa.array(at, UTC_TIME),
        "key": pa.array(keys),
        "label": pa.array(_pick(rng, [0, 1, 1, 1, None], ROWS), pa.int64()),
        "score": pa.array(score, pa.float64()),
    })  # fmt: skip


def _requests(rng):
    latency = [None if rng.random() < 0.01 else float(v) for v in rng.lognormal(5, 1, ROWS)]
    latency[:5] = [float("nan"), float("inf"), 300.0, 300.0, -1.0]
    return pa.table({
        "at": _instants(rng, ROWS),
        "latency_ms": pa.array(latency, pa.float64()),
        "status": pa.array(_pick(rng, [200, 200, 200, 404, 500, None], ROWS), pa.int64()),
    })  # fmt: skip


def _canaries(rng):
    rows = DAYS * 60
    at = [START + timedelta(days=n // 60, minutes=n % 60) for n in range(rows)]
    return pa.table({
        "at": pa.array(at, UTC_TIME),
        "prompt": pa.array([f"q{n % 25}" for n in range(rows)]),
        "answer": pa.array(_pick(rng, ["yes", "Yes", "no", None, " ", "👍"], rows)),
        "gen_ai_response_model": pa.array(_pick(rng, ["m-1", "m-2", None, ""], rows)),
    })  # fmt: skip


def _trials(rng):
    rows = 400
    at = [START + timedelta(hours=int(h)) for h in rng.integers(0, 48, rows)]
    return pa.table({
        "at": pa.array(at, UTC_TIME),
        "suite": pa.array(_pick(rng, ["jailbreak", "scope"], rows)),
        "item": pa.array([f"item {n}'" for n in rng.integers(0, 60, rows)]),
        "passed": pa.array(_pick(rng, [True, True, False, None], rows)),
        "version": pa.array(_pick(rng, ["v1", "v2"], rows)),
    })  # fmt: skip


def _usage(rng):
    hours = [float(v) for v in rng.exponential(1, 300)]
    hours[:6] = [float("nan"), float("inf"), -1.0, None, 1e308, 0.1]
    return pa.table({
        "at": _instants(rng, 300),
        "service": pa.array(_pick(rng, ["serve", "train", None], 300)),
        "gen_ai_request_model": pa.array(_pick(rng, ["m-1", "m-2", None], 300)),
        "gen_ai_usage_input_tokens": pa.array(_pick(rng, [0, 10, 1000, None, -5], 300)),
        "gen_ai_usage_output_tokens": pa.array(_pick(rng, [0, 10, 1000], 300)),
        "resource": pa.array(_pick(rng, ["gpu", "cpu"], 300)),
        "hours": pa.array(hours, pa.float64()),
        "busy": pa.array(_pick(rng, [0.0, 0.5, 2.0, None], 300), pa.float64()),
        "gen_ai_provider_name": pa.array(_pick(rng, ["p", None], 300)),
        "gen_ai_usage_cache_read_input_tokens": pa.array(_pick(rng, [0, 5, 20, None], 300)),
        "gen_ai_usage_cache_creation_input_tokens": pa.array(_pick(rng, [0, 5, None], 300)),
        "gen_ai_response_model": pa.array(_pick(rng, ["m-1", None], 300)),
        "status": pa.array(_pick(rng, ["ok", "error", None], 300)),
        "purpose": pa.array(_pick(rng, ["shadow", "", None], 300)),
        "user_group": pa.array(_pick(rng, ["one", "two", None], 300)),
        "tier": pa.array(_pick(rng, ["flex", None], 300)),
    })  # fmt: skip


def _request_ids(usage):
    """The same rows, of which the first hundred come twice; ten more share an id and differ."""
    ids = [None if n % 7 == 0 else f"r{n - n % 20 if n > 250 else n}" for n in range(300)]
    named = usage.append_column("request_id", pa.array(ids))
    return pa.concat_tables([named, named.slice(0, 100)])
