"""A cache's opportunity, of a log with the hashes of its prompts' blocks."""

import csv
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.domain.records import read_record
from ops_model.workflow.measure_saving_cache import caches_of
from tests.workflow.usage_book import COST, UTC_TIME, at, opened

LOG = {**COST["logs"][0], "prefix": "blocks", "prefix_block_tokens": "100"}


def write_prompts(root, rows):
    """Rows of (instant, blocks, tokens that a cache read); every block holds 100 tokens."""
    columns = {
        "timestamp": pa.array([when for when, _, _ in rows], UTC_TIME),
        "service": ["chat"] * len(rows), "gen_ai_request_model": ["large"] * len(rows),
        "gen_ai_usage_input_tokens": [100 * len(blocks) for _, blocks, _ in rows],
        "gen_ai_usage_cache_read_input_tokens": [read for _, _, read in rows],
        "gen_ai_usage_output_tokens": [10] * len(rows),
        "blocks": pa.array([blocks for _, blocks, _ in rows], pa.list_(pa.string())),
    }  # fmt: skip
    pq.write_table(pa.table(columns), root / "calls.parquet")


def two_a_day(days, *, read=0):
    """Two prompts a morning that begin with the same two blocks."""
    return [
        row
        for back in range(days, -1, -1)
        for row in ((at(back, 6), ["a", "b", f"{back}x"], read),
                    (at(back, 6.05), ["a", "b", f"{back}y"], read))
    ]  # fmt: skip


def cache(root, rows, **cost):
    write_prompts(root, rows)
    (found,) = caches_of(opened(root, cost={"logs": [LOG], **cost}))
    return found


def test_a_day_saves_what_the_second_prompt_could_have_read(tmp_path):
    found = cache(tmp_path, two_a_day(35))

    # 28 whole days, each with 200 of 600 tokens; read at 1.5 instead of 6 per million. Written
    # tokens cost no more than others here.
    assert (found.requests, found.hit_tokens.value) == (56, pytest.approx(1 / 3))
    assert (found.whole_repeats.value, found.cached_now.value) == (0, 0)
    assert found.saving_per_day.value == pytest.approx(200 * 4.5 / 1e6)
    assert read_record(found.model_dump(mode="json")) == found


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_prompts_that_are_text_tell_what_they_do_in_parquet(tmp_path, suffix):
    rows = two_a_day(35)
    columns = ("timestamp", "service", "gen_ai_request_model", "gen_ai_usage_input_tokens",
               "gen_ai_usage_cache_read_input_tokens", "gen_ai_usage_output_tokens",
               "blocks")  # fmt: skip
    told = [(when.isoformat(), "chat", "large", 100 * len(blocks), read, 10, blocks)
            for when, blocks, read in rows]  # fmt: skip
    with (tmp_path / f"calls.{suffix}").open("w", newline="") as file:
        if suffix == "csv":
            csv.writer(file).writerows([columns, *((*r[:-1], json.dumps(r[-1])) for r in told)])
        else:
            file.writelines(json.dumps(dict(zip(columns, r, strict=True))) + "\n" for r in told)
    (text,) = caches_of(opened(tmp_path, cost={"logs": [{**LOG, "address": f"calls.{suffix}"}]}))

    parquet = cache(tmp_path, rows)

    assert text.hit_tokens == parquet.hit_tokens
    assert text.saving_per_day == parquet.saving_per_day


def test_what_a_cache_reads_already_is_told_and_not_saved_again(tmp_path):
    found = cache(tmp_path, two_a_day(35, read=200))

    assert found.cached_now.value == pytest.approx(2 / 3)
    assert found.saving_per_day.value == 0


def test_a_dearer_way_of_writing_can_cost_more_than_reading_saves(tmp_path):
    dear = [{**price, "cache_write_per_million": "12"} for price in COST["token_prices"]]
    found = cache(tmp_path, two_a_day(35), token_prices=dear)

    # 400 tokens a day written at 6 more, 200 read at 4.5 less.
    assert found.saving_per_day.value == pytest.approx((200 * 4.5 - 400 * 6) / 1e6)


def test_without_a_price_the_saving_is_unknown_and_not_zero(tmp_path):
    found = cache(tmp_path, two_a_day(35), token_prices=COST["token_prices"][1:])

    assert found.saving_per_day.value is None
    assert found.saving_per_day.no_interval == "no price is known of large"


def test_without_a_whole_day_nothing_is_known(tmp_path):
    found = cache(tmp_path, two_a_day(0))

    assert (found.hit_tokens.value, found.saving_per_day.value, found.window) == (None, None, None)


def test_a_log_without_hashes_of_prefixes_has_no_opportunity(tmp_path):
    write_prompts(tmp_path, two_a_day(3))

    assert caches_of(opened(tmp_path)) == ()


@pytest.mark.parametrize("blocks", [[None, None], ["", ""], ["a", "a"]])
def test_hashes_that_are_no_chain_save_nothing_that_is_known(tmp_path, blocks):
    rows = [(at(back, 6 + n / 20), blocks, 0) for back in range(35, -1, -1) for n in range(2)]
    found = cache(tmp_path, rows)

    assert {found.hit_tokens.value, found.whole_repeats.value, found.saving_per_day.value} == {
        None
    }
    assert found.cached_now.value == 0
    assert found.saving_per_day.no_interval == found.hit_tokens.no_interval != "exact"


def test_a_prompt_that_lacks_a_hash_ends_there_and_is_counted(tmp_path):
    rows = [(at(back, 6 + n / 20), ["a", None, "c"], 0)
            for back in range(35, -1, -1) for n in range(2)]  # fmt: skip
    found = cache(tmp_path, rows)

    # One block of three, of the second prompt of a day.
    assert (found.hit_tokens.value, found.whole_repeats.value) == (pytest.approx(1 / 6), 0)
    assert found.hit_tokens.no_interval.endswith("prompts lack a hash, and end there")
