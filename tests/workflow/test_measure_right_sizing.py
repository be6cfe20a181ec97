"""Right-sizing by a comparison of `cost.yaml`, and what it would save."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from genai_prices import Usage, calc_price
from pydantic import ValidationError

from ops_model.domain.records import read_record
from ops_model.errors import WarehouseError
from ops_model.workflow.measure_right_sizing import right_sizings_of
from tests.workflow.usage_book import COST, UTC_TIME, at, every_day, opened, write_calls

ASKED = {"id": "small", "address": "cases.parquet", "dear_model": "large", "cheap_model": "small",
         "slice": "topic", "margin": "0.05"}  # fmt: skip


def write_cases(root, *, cheap=1.0, cases=200):
    """As many cases of two topics; on the second the cheap model is always wrong."""
    columns = {
        "case_id": [str(n) for n in range(2 * cases)], "topic": ["how"] * cases + ["why"] * cases,
        "dear": [1.0] * 2 * cases, "cheap": [cheap] * cases + [0.0] * cases,
    }  # fmt: skip
    pq.write_table(pa.table(columns), root / "cases.parquet")


def sized(root, *, calls=True, **changed):
    if calls:
        write_calls(root, every_day(10))
    cost = {"comparisons": [{**ASKED, **changed}], **({} if calls else {"logs": []})}
    (found,) = right_sizings_of(opened(root, cost=cost))
    return found


def test_the_saving_is_the_movable_part_at_the_other_price(tmp_path):
    write_cases(tmp_path)
    found = sized(tmp_path)

    # A day is 10 requests of 1,000 in and 100 out: 0.084 at large, 0.007 at small.
    assert (found.movable.value, found.saving_per_day.value) == (0.5, pytest.approx(0.0385))
    assert {one.slice: one.verdict for one in found.slices} == {
        "how": "non_inferior", "why": "not_shown",
    }  # fmt: skip
    assert read_record(found.model_dump(mode="json")) == found


def test_what_serves_nobody_is_no_part_of_the_saving(tmp_path):
    write_cases(tmp_path)
    write_calls(tmp_path, every_day(10) + every_day(10, purpose="shadow"))
    (found,) = right_sizings_of(opened(tmp_path, cost={"comparisons": [ASKED]}))

    assert found.saving_per_day.value == pytest.approx(0.0385)


def test_without_a_price_of_the_cheap_model_the_saving_is_unknown(tmp_path):
    write_cases(tmp_path)
    found = sized(tmp_path, cheap_model="tiny")

    assert found.saving_per_day.value is None
    assert found.saving_per_day.no_interval == "no price is known of tiny"


def test_a_dear_model_that_nobody_uses_saves_nothing_that_is_known(tmp_path):
    write_cases(tmp_path)
    found = sized(tmp_path, dear_model="huge")

    assert found.saving_per_day.no_interval.startswith("no usage log holds huge")


def test_without_a_usage_log_the_comparison_stands_alone(tmp_path):
    write_cases(tmp_path)

    assert sized(tmp_path, calls=False).saving_per_day is None


def test_a_case_without_a_score_is_refused_with_what_to_do(tmp_path):
    write_cases(tmp_path, cheap=None)

    with pytest.raises(WarehouseError, match="200 rows lack a case, a score or a share") as told:
        sized(tmp_path)
    assert told.value.problems[0].where == "cases.parquet"


def test_scores_that_are_texts_are_refused(tmp_path):
    write_cases(tmp_path)

    with pytest.raises(WarehouseError, match="column 'topic' holds text; expected a score"):
        sized(tmp_path, dear="topic")


def test_a_workbook_without_comparisons_has_none(tmp_path):
    assert right_sizings_of(opened(tmp_path, cost=COST)) == ()


LISTED = {"price_list": "genai-prices", "token_prices": []}
GPT = {"gen_ai_request_model": "gpt-4.1", "gen_ai_provider_name": "openai",
       "gen_ai_usage_output_tokens": 0}  # fmt: skip


def write_long_calls(root, tokens=300_000):
    """One request of so many tokens in each hour of 36 days, from a model with a single price."""
    hours = [at(back, hour) for back in range(35, -1, -1) for hour in range(24)]
    columns = {"service": "chat", "gen_ai_usage_input_tokens": tokens, **GPT}
    rows = {name: [value] * len(hours) for name, value in columns.items()}
    pq.write_table(
        pa.table({"timestamp": pa.array(hours, UTC_TIME), **rows}), root / "calls.parquet"
    )


def test_long_prompts_have_the_price_that_the_cheap_model_asks_of_long_ones(tmp_path):
    write_cases(tmp_path)
    write_long_calls(tmp_path)
    asked = {**ASKED, "dear_model": "gpt-4.1", "cheap_model": "gemini-2.5-pro"}
    (found,) = right_sizings_of(opened(tmp_path, cost={**LISTED, "comparisons": [asked]}))

    usage = Usage(input_tokens=300_000, output_tokens=0)
    dear, cheap = (
        calc_price(usage, model, provider_id=provider).total_price
        for model, provider in (("gpt-4.1", "openai"), ("gemini-2.5-pro", "google"))
    )
    # Half of the cases may be moved; 24 requests a day.
    assert found.saving_per_day.value == pytest.approx(float(dear - cheap) * 24 / 2)
    assert found.saving_per_day.value < 0
    assert found.saving_per_day.no_interval.startswith("gemini-2.5-pro costs more")


def test_rows_of_the_dear_model_without_a_price_are_told_beside_the_saving(tmp_path):
    write_cases(tmp_path)
    write_calls(tmp_path, every_day(10) + every_day(1, gen_ai_usage_input_tokens=-1))
    (found,) = right_sizings_of(opened(tmp_path, cost={"comparisons": [ASKED]}))

    assert found.saving_per_day.no_interval.startswith(
        "of the rest alone: 28 of 308 rows of large have no price"
    )


@pytest.mark.parametrize("same", [{"cheap_model": "large"}, {"cheap": "dear"}])
def test_a_model_is_not_compared_with_itself(tmp_path, same):
    with pytest.raises(ValidationError, match="dear and cheap are the same"):
        opened(tmp_path, cost={"comparisons": [{**ASKED, **same}]})
