"""A system with usage logs in a folder, opened at an instant, for whoever measures its cost."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ops_model.domain.operating_model import SystemClaims
from tests.builders import a_system

TODAY = datetime(2026, 9, 10, tzinfo=UTC)
AS_OF = TODAY + timedelta(hours=8)
UTC_TIME = pa.timestamp("us", "UTC")
PRICES = [
    {
        "model": model, "valid_from": "2026-01-01T00:00:00Z", "input_per_million": given,
        "cache_read_per_million": read, "output_per_million": out, "source": "the contract",
    }
    for model, given, read, out in (("large", "6", "1.5", "24"), ("small", "0.5", "0.1", "2"))
]  # fmt: skip
COST = {
    "currency": "USD", "logs": [{"id": "calls", "unit": "tokens", "address": "calls.parquet"}],
    "token_prices": PRICES, "ceilings": [], "pilot_assumption": None, "units": [],
}  # fmt: skip


@dataclass
class Opened:
    """What `workflow.open` gives, as far as a measurement reads it."""

    root: Path
    system: SystemClaims
    as_of: datetime = AS_OF
    warehouses: tuple = ()


def opened(root, *, cost=None, **areas):
    """The system of the builders with these claims about cost, and others."""
    return Opened(root, a_system(cost={**COST, **(cost or {})}, **areas))


def at(back, hour=12):
    """An hour of the day so many days before today."""
    return TODAY - timedelta(days=back) + timedelta(hours=hour)


def write_calls(root, rows):
    """Rows of (days back, number, changes); a request of 1,000 tokens in and 100 out each."""
    columns = {name: [] for name in _CALL}
    when = []
    for back, many, changes in rows:
        for n in range(many):
            when.append(at(back, 0) + timedelta(minutes=n))
            for name, value in {**_CALL, **changes}.items():
                columns[name].append(value)
    table = pa.table({"timestamp": pa.array(when, UTC_TIME), **columns})
    pq.write_table(table, root / "calls.parquet")


def lose_instants(root, many=10):
    """Add so many calls that say no instant, of a million tokens each."""
    table = pq.read_table(root / "calls.parquet")
    lost = table.slice(0, 1).to_pylist()[0] | {
        "timestamp": None, "gen_ai_usage_input_tokens": 1_000_000,
    }  # fmt: skip
    more = pa.Table.from_pylist([lost] * many, table.schema)
    pq.write_table(pa.concat_tables([table, more]), root / "calls.parquet")


_CALL = {
    "service": "chat", "purpose": "prod", "gen_ai_request_model": "large",
    "gen_ai_usage_input_tokens": 1000, "gen_ai_usage_cache_read_input_tokens": 0,
    "gen_ai_usage_output_tokens": 100,
}  # fmt: skip


def every_day(many=10, *, since=60, until=0, **changes):
    """As many requests on each day, as `write_calls` takes them; `until` 0 is today."""
    return [(back, many, changes) for back in range(since, until - 1, -1)]
