"""Seven formats, each counting cached tokens in either way: the same requests are the same."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops_model.analysis.cost import price_sums
from ops_model.analysis.price_book import PriceBook
from ops_model.analysis.usage import sum_usage
from ops_model.domain.cost import TokenPrice
from ops_model.workflow.usage_logs import UsageSource, usage_table
from tests.analysis.usage_formats import ASKED, NOON, WRITERS, Asked, lines

BEFORE = NOON + timedelta(days=1)
BOTH_WAYS = [(name, includes) for name in WRITERS for includes in (True, False)]
SAME = (
    "timestamp", "service", "gen_ai_provider_name", "gen_ai_request_model", "status",
    "gen_ai_usage_input_tokens", "gen_ai_usage_cache_read_input_tokens",
    "gen_ai_usage_cache_creation_input_tokens", "gen_ai_usage_output_tokens",
)  # fmt: skip
PRICES = PriceBook(
    "USD",
    (
        TokenPrice(
            model="claude-haiku-4-5", valid_from=datetime(2026, 1, 1, tzinfo=UTC), source="list",
            input_per_million=1, cache_read_per_million=Decimal("0.1"), output_per_million=5,
            cache_write_per_million=Decimal("1.25"),
        ),
    ),
)  # fmt: skip


def read(folder, name, asked=ASKED, includes=None):
    """A log of this format, written and read; `includes` None leaves it to the format."""
    usual = name not in {"langfuse", "anthropic"}
    path = folder / f"{name}.jsonl"
    path.write_text(lines(name, asked, usual if includes is None else includes))
    source = UsageSource(str(path), written=name, includes_cache=includes, provider="anthropic")
    return usage_table(source, before=BEFORE)


def rows(table):
    """Every row, with what all formats tell of it."""
    return table.select(*SAME).order_by("timestamp").to_pyarrow().to_pylist()


def row(n, one):
    """What a request is in the contract."""
    total = one.fresh + one.read + one.written
    at = NOON + timedelta(minutes=n)
    status = "error" if one.failed else "ok"
    told = (
        at,
        "assistant",
        one.provider,
        one.model,
        status,
        total,
        one.read,
        one.written,
        one.out,
    )
    return dict(zip(SAME, told, strict=True))


@pytest.mark.parametrize(("name", "includes"), BOTH_WAYS)
def test_the_same_requests_are_and_cost_the_same_in_every_format_and_either_way_of_counting(
    tmp_path, name, includes
):
    table = read(tmp_path, name, includes=includes)

    logs = [sum_usage(table, "tokens", timestamp="timestamp", splits=PRICES.splits())]
    [priced] = price_sums(logs, PRICES)
    # 1327 fresh, 10024 read, 2560 written, 125 out:
    # (1327 x 1 + 10024 x 0.1 + 2560 x 1.25 + 125 x 5) / 1,000,000
    assert priced.usage.amounts == (1327, 10024, 2560, 125)
    assert priced.cost == Decimal("0.0061544")
    assert rows(table) == [row(n, one) for n, one in enumerate(ASKED)]


@pytest.mark.parametrize("name", WRITERS)
def test_a_format_knows_by_itself_how_it_counts_cached_tokens(tmp_path, name):
    assert rows(read(tmp_path, name)) == [row(n, one) for n, one in enumerate(ASKED)]


REQUESTS = st.lists(
    st.builds(
        Asked, fresh=st.integers(0, 10**6), read=st.integers(0, 10**6),
        written=st.integers(0, 10**6), out=st.integers(100, 10**5),
        reasoning=st.integers(0, 100), failed=st.booleans(),
    ),
    min_size=1, max_size=40,
)  # fmt: skip


@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asked=REQUESTS, includes=st.booleans())
def test_any_requests_are_the_same_in_every_format(tmp_path, asked, includes):
    expected = [row(n, one) for n, one in enumerate(asked)]

    for name in WRITERS:
        assert rows(read(tmp_path, name, asked, includes)) == expected, name
