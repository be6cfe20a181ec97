"""Rows of usage and what `genai-prices` itself says that each of them costs, one call a row."""

import ibis
import pyarrow as pa
from genai_prices import Usage, calc_price

from ops_model.analysis.cost import PricedLogs, price_sums
from ops_model.analysis.price_book import book_with_list
from ops_model.analysis.prices import context_of
from ops_model.analysis.usage import models_in, sum_usage
from tests.analysis.tables import UTC_TIME

NAMES = {
    "timestamp": "timestamp", "provider": "gen_ai_provider_name", "model": "gen_ai_request_model",
    "tokens": "gen_ai_usage_input_tokens", "read": "gen_ai_usage_cache_read_input_tokens",
    "written": "gen_ai_usage_cache_creation_input_tokens",
    "out": "gen_ai_usage_output_tokens", "tier": "gen_ai_openai_request_service_tier",
}  # fmt: skip


def as_log(rows):
    """The rows, dicts with the short names above, as a log of the contract."""
    columns = {column: [row[name] for row in rows] for name, column in NAMES.items()}
    columns["timestamp"] = pa.array(columns["timestamp"], UTC_TIME)
    return ibis.memtable(pa.table({**columns, "service": ["s"] * len(rows)}))


def called(row):
    """What one call says that a row costs."""
    usage = Usage(
        input_tokens=row["tokens"], cache_read_tokens=row["read"],
        cache_write_tokens=row["written"], output_tokens=row["out"],
    )  # fmt: skip
    return calc_price(
        usage, row["model"], provider_id=row["provider"],
        genai_request_timestamp=row["timestamp"], price_context=context_of(row["tier"]),
    ).total_price  # fmt: skip


def booked(log, **asked):
    """The log with its cost, by the book of list prices."""
    book = book_with_list("USD", asked=True)
    splits = book.splits(models_in(log))
    sums = (sum_usage(log, "tokens", timestamp="timestamp", splits=splits, **asked),)
    return PricedLogs("USD", sums, price_sums(sums, book), book.notes)
