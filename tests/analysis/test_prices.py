"""List prices: the same as one call a row, dated, by length, by tier, by time of day, offline."""

import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow.parquet as pq
import pytest
from genai_prices.data_snapshot import get_snapshot

from ops_model.analysis.prices import ListPrices
from ops_model.analysis.usage import models_in
from tests.analysis.priced_rows import as_log, booked, called
from tests.shared_data import shared

TIERS = ("", "auto", "batch", "priority", "flex", "fast")
SEPTEMBER = datetime(2026, 9, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)


def of_all_kinds():
    """Every tenth model with one price, and every model whose price has dates, tiers or times."""
    prices = ListPrices()
    named = [(p.id, m.id) for p in get_snapshot().providers for m in p.models]
    found = [(key, listed) for key in named if (listed := prices.find(*key))]
    odd = [f for f in found if f[1].dates or f[1].minutes or f[1].lengths]
    return odd + found[::10]


def generated(rows, rng):
    """Rows of all kinds of models, at all kinds of instants, lengths and tiers."""
    models = of_all_kinds()
    for place in rng.integers(0, len(models), rows):
        (provider, model), listed = models[place]
        days = [datetime(2026, 11, 1).date(), *listed.dates, datetime(2024, 1, 1).date()]
        day = days[rng.integers(len(days))] - timedelta(days=int(rng.integers(2)))
        minutes = [int(rng.integers(1440)), *listed.minutes]
        seconds = minutes[rng.integers(len(minutes))] * 60 - int(rng.integers(2))
        lengths = [int(rng.integers(1, 9_000)), *listed.lengths, *(n + 1 for n in listed.lengths)]
        tokens = lengths[rng.integers(len(lengths))]
        read = int(rng.integers(tokens + 1))
        yield {
            "timestamp": datetime(day.year, day.month, day.day, tzinfo=UTC)
            + timedelta(seconds=max(seconds, 0)),
            "provider": provider, "model": model, "tokens": tokens, "read": read,
            "written": int(rng.integers(tokens - read + 1)), "out": int(rng.integers(5_000)),
            "tier": TIERS[rng.integers(len(TIERS))],
        }  # fmt: skip


def differences(rows):
    """Where the book and one call a row differ by more than 1e-9, by model."""
    expected, found, whole = defaultdict(Decimal), defaultdict(Decimal), defaultdict(bool)
    for row in rows:
        expected[row["provider"], row["model"]] += called(row)
    for one in booked(as_log(rows)).sums:
        key = one.usage.provider, one.usage.item
        found[key] += one.cost or 0
        whole[key] |= one.cost is None
    # What has no price of its tokens is zero there, and unknown here.
    compared = [key for key in expected if not whole[key]]
    assert len(compared) > 0.9 * len(expected)
    return [
        (key, expected[key], found[key]) for key in compared
        if abs(found[key] - expected[key]) > Decimal("1e-9") * expected[key]
    ]  # fmt: skip


def test_a_log_of_all_dates_lengths_tiers_and_times_costs_what_one_call_a_row_says():
    rows = list(generated(6_000, np.random.default_rng(7)))

    assert differences(rows) == []


def test_real_requests_cost_what_one_call_a_row_says():
    log = pq.read_table(shared("azure_llm_2023.parquet"))
    rng = np.random.default_rng(7)
    models = [("openai", "gpt-4o"), ("anthropic", "claude-sonnet-4-5"),
              ("google", "gemini-2.5-pro"), ("deepseek", "deepseek-chat")]  # fmt: skip
    rows = []
    for place in rng.integers(0, log.num_rows, 20_000):
        provider, model = models[rng.integers(len(models))]
        tokens = log["ContextTokens"][place].as_py()
        rows.append({
            "timestamp": log["TIMESTAMP"][place].as_py().to_pydatetime().replace(tzinfo=UTC),
            "provider": provider, "model": model, "tokens": tokens, "read": tokens // 3,
            "written": tokens // 7, "out": log["GeneratedTokens"][place].as_py(), "tier": "",
        })  # fmt: skip

    assert differences(rows) == []


def test_a_price_says_from_which_list_and_since_when_it_holds():
    at = datetime(2026, 11, 1, tzinfo=UTC)

    (dated,) = (m for m in of_all_kinds() if m[0] == ("deepseek", "deepseek-chat"))

    newest = max((d for d in dated[1].dates if d <= at.date()), default=None)
    said = ListPrices().rate(*dated[0], at=at).source
    assert said.startswith("genai-prices 0.")
    assert said.endswith(f", from {newest}" if newest else ", undated")


def test_usage_older_than_the_oldest_dated_price_is_doubted():
    dated = [
        (key, listed.model) for key, listed in of_all_kinds()
        if isinstance(listed.model.prices, list) and not listed.minutes
    ]  # fmt: skip
    (provider, name), model = dated[0]
    oldest = min(p.constraint.start_date for p in model.prices if p.constraint)
    first = datetime(oldest.year, oldest.month, oldest.day, tzinfo=UTC)

    before = ListPrices().rate(provider, name, at=first - timedelta(seconds=1))
    since = ListPrices().rate(provider, name, at=first)

    assert before.doubts == (f"are older than {oldest}, the oldest dated price of it",)
    assert (since.doubts, since.source[-10:]) == ((), str(oldest))


def test_a_tier_without_a_price_of_its_own_has_the_usual_one_and_says_so():
    usual = ListPrices().rate("mistral", "mistral-large-latest", at=SEPTEMBER)
    asked = ListPrices().rate("mistral", "mistral-large-latest", at=SEPTEMBER, tier="priority")

    assert asked.input_per_million == usual.input_per_million
    assert "'priority'" in asked.doubts[0]
    assert usual.doubts == asked.doubts[1:]


def test_a_price_without_a_date_is_doubted_since_nobody_knows_when_it_held():
    undated = ListPrices().rate("openai", "gpt-4o", at=datetime(2024, 1, 1, tzinfo=UTC))

    assert undated.source.endswith("undated")
    assert undated.doubts == ("have a list price without a date, and it may not have held then",)


@pytest.mark.parametrize("tier", ["Batch", "BATCH", " batch"])
def test_a_tier_is_the_same_however_it_is_written(tier):
    written = ListPrices().rate("anthropic", "claude-sonnet-4-5", at=SEPTEMBER + YEAR, tier=tier)
    usual = ListPrices().rate("anthropic", "claude-sonnet-4-5", at=SEPTEMBER + YEAR)

    assert written.input_per_million == usual.input_per_million / 2


@pytest.mark.parametrize("key", [("openai", "no-such-model"), ("nobody", "gpt-4o"), ("", "?")])
def test_what_the_list_does_not_hold_has_no_price(key):
    assert ListPrices().rate(*key, at=SEPTEMBER) is None


def test_tokens_of_a_model_that_is_paid_by_the_hour_have_no_price():
    at = SEPTEMBER
    row = {"timestamp": at, "provider": "groq", "model": "whisper-large-v3", "tokens": 10,
           "read": 0, "written": 0, "out": 0, "tier": ""}  # fmt: skip

    (found,) = booked(as_log([row])).sums

    assert called(row) == 0  # which it is not
    assert (found.cost, found.why) == (None, "no price of input tokens is known")


def test_without_a_provider_the_maker_of_a_model_is_taken():
    at = SEPTEMBER

    assert ListPrices().rate("", "gpt-4o", at=at) == ListPrices().rate("openai", "gpt-4o", at=at)


def test_every_model_of_a_log_is_told_once():
    row = {"timestamp": SEPTEMBER, "provider": "openai", "model": "gpt-4o", "tokens": 1,
           "read": 0, "written": 0, "out": 0, "tier": ""}  # fmt: skip

    assert ("openai", "gpt-4o") in models_in(as_log([row, row]))


OFFLINE = """
import sys, time
sys.addaudithook(lambda event, _: sys.exit(event) if event.startswith("socket.") else None)
begin = time.process_time()
import ops_model.analysis.spend, ops_model.workflow.measure
from ops_model.analysis.prices import ListPrices
from datetime import UTC, datetime
found = ListPrices().rate("openai", "gpt-4o", at=datetime(2026, 9, 1, tzinfo=UTC))
assert found is not None
print(time.process_time() - begin)
"""


def test_prices_are_imported_and_asked_without_touching_the_network():
    done = subprocess.run([sys.executable, "-c", OFFLINE], capture_output=True, text=True)

    assert done.stderr == ""
    assert done.returncode == 0
    assert float(done.stdout) < 1.5  # seconds of the processor, of which others take no part
