"""What a cache would have read: leading blocks that came lately, and what that is worth."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.analysis.prefix_cache import Prompt, prompts_of, saving, together, walk
from ops_model.analysis.prices import TokenRate
from ops_model.domain.values import Window
from tests.analysis.tables import table
from tests.shared_data import shared

START = datetime(2026, 9, 1, tzinfo=UTC)
FIVE = timedelta(minutes=5)
CALLS = {
    "gen_ai_request_model": "large", "gen_ai_usage_input_tokens": 30, "prompt_prefix": [1, 2, 3],
}  # fmt: skip


def prompt(minute, *blocks, tokens=None, model="large", read=0, written=0):
    at = START + timedelta(minutes=minute)
    return Prompt(at, "p", model, tokens or 10 * len(blocks), read, written, blocks)


def walked(*prompts, ttl=FIVE, **asked):
    return together(walk(prompts, block_tokens=10, ttl=ttl, **asked))


def a_rate(*, given="4", read="1", written="5"):
    read, written = (None if x is None else Decimal(x) for x in (read, written))
    return TokenRate(Decimal(given), read, written, Decimal(8), Decimal(0), "a list")


def logged(**changed):
    rows = {name: [value] for name, value in CALLS.items()} | changed
    many = max(len(value) for value in rows.values())
    columns = {k: v * many if len(v) == 1 else v for k, v in rows.items()}
    return table(timestamp=columns.pop("timestamp", [START] * many), **columns)


def read(log, **asked):
    window = Window(start=START, end=START + timedelta(days=2))
    return list(prompts_of(log, timestamp="timestamp", window=window, **asked))


def test_only_the_leading_blocks_of_a_prompt_are_hits():
    found = walked(prompt(0, 1, 2, 3), prompt(1, 1, 2, 9, 3))

    assert (found.tokens, found.hits) == (70, 20)  # 3 came too, but behind 9


def test_a_block_is_forgotten_after_its_time_and_kept_by_each_use():
    seldom = walked(prompt(0, 1), prompt(6, 1))
    often = walked(prompt(0, 1), prompt(4, 1), prompt(8, 1), prompt(12, 1))

    assert (seldom.hits, often.hits) == (0, 30)


def test_a_prompt_that_is_the_beginning_of_another_is_no_whole_repeat():
    found = walked(prompt(0, 1, 2), prompt(1, 1), prompt(2, 1, 2))

    assert (found.hits, found.whole) == (30, 1)


def test_each_model_has_a_cache_of_its_own():
    assert walked(prompt(0, 1), prompt(1, 1, model="small")).hits == 0


def test_the_last_block_of_a_prompt_counts_only_the_tokens_that_it_holds():
    assert walked(prompt(0, 1, 2, tokens=13), prompt(1, 1, 2, tokens=13)).hits == 13


def test_days_that_do_not_count_fill_the_cache_only():
    late = prompt(24 * 60 + 1, 1)
    found = walked(prompt(24 * 60 - 1, 1), late, days={date(2026, 9, 2)})

    assert (found.requests, found.hits) == (1, 10)


def test_prompts_out_of_order_are_refused():
    with pytest.raises(ValueError, match="expected them in order"):
        walked(prompt(1, 1), prompt(0, 1))


def test_what_is_cached_already_is_not_saved_again():
    found = walk([prompt(0, 1, written=10), prompt(1, 1, read=10)], block_tokens=10, ttl=FIVE)

    assert saving(found, lambda *_: a_rate()) == (0, ())


def test_the_saving_allows_for_what_writing_to_the_cache_costs_more():
    # 20 tokens written at 1 more, then 20 read at 3 less, per million.
    found = walk([prompt(0, 1, 2), prompt(1, 1, 2)], block_tokens=10, ttl=FIVE)

    assert saving(found, lambda *_: a_rate())[0] == Decimal("0.00004")
    assert saving(found, lambda *_: a_rate(written="9"))[0] == Decimal("-0.00004")


def test_a_model_without_a_price_is_named_and_in_no_sum():
    found = walk([prompt(0, 1), prompt(1, 1)], block_tokens=10, ttl=FIVE)

    assert saving(found, lambda *_: None) == (0, ("large",))
    assert saving(found, lambda *_: a_rate(read=None)) == (0, ("large",))


def test_prompts_come_in_order_of_time_without_rows_that_make_no_sense():
    times = [START + timedelta(minutes=n) for n in (2, 0, 1, 3)]
    log = logged(timestamp=times, gen_ai_usage_input_tokens=[30, 20, -1, None])

    assert [p.tokens for p in read(log)] == [20, 30]


@pytest.mark.parametrize("most", [1, 3, 500_000])
def test_hours_are_read_in_order_however_many_at_once(most):
    times = [START + timedelta(hours=n) for n in (47, 23, 49, 1, 25)]
    held = read(logged(timestamp=times), at_once=most)

    assert [p.at for p in held] == sorted(times)[:4]


def test_a_row_that_came_twice_is_one_prompt_and_rows_without_an_id_are_several():
    same = read(logged(request_id=["a", "a"]))
    none = read(logged(request_id=["", ""]))

    assert (len(same), len(none)) == (1, 2)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.lists(st.integers(0, 4), max_size=4)), max_size=30)
)
def test_the_walk_finds_what_a_look_at_all_prompts_before_finds(steps):
    """A block is there when some prompt of the last five minutes held it."""
    minute, prompts, hits = 0, [], 0
    for step, blocks in steps:
        minute += step
        before = {b for p in prompts if minute - p[0] <= 5 for b in p[1]}
        leading = next((n for n, b in enumerate(blocks) if b not in before), len(blocks))
        hits += 10 * leading
        prompts.append((minute, blocks))

    assert walked(*(prompt(at, *blocks) for at, blocks in prompts)).hits == hits


def test_the_real_chat_requests_begin_alike_and_hardly_ever_repeat_whole():
    rows = pq.read_table(shared("mooncake_fast25.parquet"))
    held = rows.filter(pa.compute.equal(rows["trace"], "conversation")).to_pylist()
    held.sort(key=lambda row: row["timestamp"])
    prompts = [
        Prompt(START + timedelta(milliseconds=row["timestamp"]), "", "", row["input_length"], 0, 0,
               row["hash_ids"])
        for row in held
    ]  # fmt: skip

    shares = []
    for ttl in (FIVE, timedelta(hours=1)):
        found = together(walk(prompts, block_tokens=512, ttl=ttl))
        shares += [round(found.hits / found.tokens, 2), round(found.whole / found.requests, 3)]
    assert found.requests == 12_031
    assert shares == [0.29, 0.008, 0.37, 0.01]
