"""What only some writers do: other spans, kept answers, tags, names of providers, odd values."""

import json
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.errors import WarehouseError
from ops_model.store.warehouse import readable_logs
from ops_model.workflow.usage_logs import UsageSource, usage_table
from tests.analysis.usage_formats import ASKED, NOON, anthropic, litellm, otel

BEFORE = NOON + timedelta(days=1)
IN, READ, OUT = (
    "gen_ai_usage_input_tokens", "gen_ai_usage_cache_read_input_tokens",
    "gen_ai_usage_output_tokens",
)  # fmt: skip


def read(folder, name, *written, **said):
    """The rows of a log of these lines, in the contract, in their order."""
    path = folder / "log.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in written))
    return of_file(path, name, **said)


def of_file(path, name, **said):
    table = usage_table(UsageSource(str(path), written=name, **said), before=BEFORE)
    with readable_logs(str(path)):
        return table.order_by("timestamp").to_pyarrow().to_pylist()


def test_a_span_above_the_calls_is_no_call_and_its_sum_is_not_counted_again(tmp_path):
    call, agent, other = (otel(n, ASKED[0], True) for n in range(3))
    agent["attributes"] |= {"gen_ai.operation.name": "invoke_agent"}
    other["attributes"] = {"http.route": "/ask"}

    found = read(tmp_path, "otel", call, agent, other)

    assert [row[IN] for row in found] == [1000]


def test_a_call_of_a_kind_that_nobody_foresaw_is_counted(tmp_path):
    named, unnamed = otel(0, ASKED[0], True), otel(1, ASKED[0], True)
    named["attributes"] |= {"gen_ai.operation.name": "respond_with_song"}
    del unnamed["attributes"]["gen_ai.operation.name"]

    assert [row[IN] for row in read(tmp_path, "otel", named, unnamed)] == [1000, 1000]


def test_the_status_of_a_span_may_be_nested(tmp_path):
    statuses = ({"code": "STATUS_CODE_ERROR"}, {"code": 2}, {"code": 0}, {"code": "OK"}, {}, None)
    calls = [otel(n, ASKED[0], True) | {"status": status} for n, status in enumerate(statuses)]
    for call in calls:
        del call["status_code"]

    found = read(tmp_path, "otel", *calls)

    assert [row["status"] for row in found] == ["error", "error", "ok", "ok", "ok", "ok"]


def test_a_call_with_the_type_of_an_error_failed(tmp_path):
    failed = otel(0, ASKED[0], True)
    failed["attributes"] |= {"error.type": "timeout"}

    assert read(tmp_path, "otel", failed)[0]["status"] == "error"


def test_an_observation_of_langfuse_that_is_no_generation_is_no_call(tmp_path):
    call = {"startTime": "2026-03-01T12:00:00Z", "model": "m", "usageDetails": {"input": 5}}

    found = read(
        tmp_path, "langfuse",
        call | {"type": "GENERATION", "usageDetails": {"input": 5, "output": 2}},
        call | {"type": "SPAN"}, call | {"type": "EVENT"},
    )  # fmt: skip

    assert [(row[IN], row[OUT]) for row in found] == [(5, 2)]


def test_reasoning_that_langfuse_keeps_beside_the_output_is_output(tmp_path):
    usage = {"input": 5, "input_audio_tokens": 3, "output": 2, "output_reasoning_tokens": 40}
    call = {"startTime": "2026-03-01T12:00:00Z", "type": "GENERATION", "model": "m"}

    [row] = read(tmp_path, "langfuse", call | {"usageDetails": usage})

    assert (row[IN], row[OUT]) == (8, 42)


def test_an_answer_that_litellm_kept_has_no_tokens_and_stays_a_row(tmp_path):
    kept = litellm(1, ASKED[0], True) | {"cache_hit": "True", "spend": 0.0}

    found = read(tmp_path, "litellm", litellm(0, ASKED[0], True), kept)

    assert [(row[IN], row[OUT], row["x_reported_cost_usd"]) for row in found] == [
        (1000, 50, 0.01), (0, 0, 0.0),
    ]  # fmt: skip


PURPOSES = (
    (["shadow"], "shadow"), (["web", "purpose:eval"], "eval"), (["web"], "prod"),
    (["shadow-team"], "prod"), ([], "prod"),
)  # fmt: skip


def test_a_tag_of_litellm_says_what_a_call_was_for(tmp_path):
    calls = [
        litellm(n, ASKED[0], True) | {"request_tags": tags} for n, (tags, _) in enumerate(PURPOSES)
    ]

    found = read(tmp_path, "litellm", *calls)

    assert [row["purpose"] for row in found] == [purpose for _, purpose in PURPOSES]


NAMES = (
    (("bedrock", "anthropic.claude-haiku-4-5"), ("aws", "anthropic.claude-haiku-4-5")),
    (("vertex_ai", "gemini-2.5-pro"), ("google", "gemini-2.5-pro")),
    (("azure", "azure/gpt-4o"), ("azure", "gpt-4o")),
    (("", "openai/gpt-4o"), ("openai", "gpt-4o")),
    (("litellm", "gemini/gemini-2.5-pro"), ("google", "gemini-2.5-pro")),
    # A router's product of that name is not OpenAI's own.
    (("openrouter", "openai/gpt-4o"), ("openrouter", "openai/gpt-4o")),
    (("together_ai", "meta-llama/Llama-3-70b"), ("together", "meta-llama/Llama-3-70b")),
    (("", "meta-llama/Llama-3-70b"), ("", "meta-llama/Llama-3-70b")),
    (("our-gateway", "gpt-4o"), ("our-gateway", "gpt-4o")),
)


def test_a_provider_and_a_model_get_the_names_that_prices_have(tmp_path):
    calls = [
        litellm(n, ASKED[0], True) | {"custom_llm_provider": provider, "model": model}
        for n, ((provider, model), _) in enumerate(NAMES)
    ]

    found = read(tmp_path, "litellm", *calls)

    names = [(row["gen_ai_provider_name"], row["gen_ai_request_model"]) for row in found]
    assert names == [expected for _, expected in NAMES]


def test_what_a_log_does_not_name_is_as_declared_and_what_it_names_is_not(tmp_path):
    named = anthropic(0, ASKED[0], False)
    unnamed = {k: v for k, v in anthropic(1, ASKED[0], False).items() if k != "service"}

    found = read(tmp_path, "anthropic", named, unnamed, service="other", provider="aws")

    assert [row["service"] for row in found] == ["assistant", "other"]
    assert {row["gen_ai_provider_name"] for row in found} == {"aws"}


def test_attributes_may_be_a_map_a_struct_or_columns_of_their_own(tmp_path):
    call = otel(0, ASKED[1], True)
    attributes = {k: str(v) for k, v in call["attributes"].items()}
    at = pa.array([NOON], pa.timestamp("us", "UTC"))
    texts = pa.map_(pa.string(), pa.string())
    tables = {
        "map": {"SpanAttributes": pa.array([list(attributes.items())], texts)},
        "struct": {"attributes": pa.array([call["attributes"]])},
        "columns": {k: [v] for k, v in call["attributes"].items()},
        "joined": {f"attributes.{k}": [v] for k, v in call["attributes"].items()},
        "underscores": {k.replace(".", "_"): [v] for k, v in call["attributes"].items()},
        "text": {"attributes": [json.dumps(call["attributes"])]},
    }
    for name, columns in tables.items():
        path = tmp_path / f"{name}.parquet"
        pq.write_table(pa.table({"start_time": at, **columns}), path)

        [row] = of_file(path, "otel")

        told = (row["gen_ai_provider_name"], row[IN], row[READ], row[OUT])
        assert told == ("anthropic", 4020, 4000, 60), name


def test_a_place_that_says_0_gives_way_to_one_that_knows(tmp_path):
    call = litellm(0, ASKED[1], True)
    call["metadata"]["usage_object"]["cache_read_input_tokens"] = 0

    assert read(tmp_path, "litellm", call)[0][READ] == 4000


def test_a_time_that_is_a_number_is_taken_in_the_unit_of_its_writer(tmp_path):
    call = {k: v for k, v in otel(0, ASKED[0], True).items() if k != "start_time"}
    nanos = int(NOON.timestamp()) * 10**9 + 5

    [row] = read(tmp_path, "otel", call | {"start_time_unix_nano": nanos})

    assert row["timestamp"] == NOON


def test_negative_tokens_more_cached_than_input_and_words_for_numbers_pass_on(tmp_path):
    usages = (
        {"input_tokens": -5, "output_tokens": 1},
        {"input_tokens": "many", "output_tokens": 1},
        {"input_tokens": "12", "output_tokens": None},
        None,
    )
    calls = [anthropic(n, ASKED[0], False) | {"usage": usage} for n, usage in enumerate(usages)]

    found = read(tmp_path, "anthropic", *calls)

    assert [(row[IN], row[OUT]) for row in found] == [(-5, 1), (None, 1), (12, None), (None, None)]


def test_a_missing_column_of_tokens_is_told_with_the_nearest_name(tmp_path):
    call = {"start_time": "2026-03-01T12:00:00Z", "gen_ai.request.model": "m",
            "gen_ai.usage.inputtokens": 1, "gen_ai.usage.output_tokens": 2}  # fmt: skip

    with pytest.raises(WarehouseError) as caught:
        read(tmp_path, "otel", call)

    [problem] = caught.value.problems
    assert "has no column 'gen_ai.usage.input_tokens'" in problem.message
    assert problem.remedy == "did you mean 'gen_ai.usage.inputtokens'?"


def test_text_that_is_no_json_is_told_where_json_is_read(tmp_path):
    at = pa.array([NOON], pa.timestamp("us", "UTC"))
    path = tmp_path / "log.parquet"
    pq.write_table(pa.table({"start_time": at, "attributes": ["{'gen_ai.usage': 1}"]}), path)

    with pytest.raises(WarehouseError, match="read as JSON holds text that is none") as caught:
        of_file(path, "otel")

    assert "write JSON there" in caught.value.problems[0].remedy


def test_a_number_where_a_column_of_numbers_is_text_is_refused(tmp_path):
    call = litellm(0, ASKED[0], True) | {"prompt_tokens": "many"}

    with pytest.raises(WarehouseError, match="'prompt_tokens' is string; expected number"):
        read(tmp_path, "litellm", call)


def test_the_hashes_of_a_prompt_stay_a_list(tmp_path):
    call = anthropic(0, ASKED[0], False) | {"blocks": ["a1", "b2"]}

    assert read(tmp_path, "anthropic", call, prefix="blocks")[0]["prompt_prefix"] == ["a1", "b2"]
