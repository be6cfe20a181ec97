"""Spans nested as OTLP writes them: the rows of the flat log, and what is no such file."""

import json

import pytest

from ops_model.analysis.usage import sum_usage
from ops_model.errors import WarehouseError
from ops_model.store.warehouse import readable_logs
from ops_model.workflow.usage_logs import UsageSource, counted_table, usage_table
from tests.analysis.test_usage_adapters import BEFORE, read, row, rows
from tests.analysis.usage_formats import ASKED, otlp


def nested(folder, lines, includes=None, suffix=".jsonl"):
    """A log of nested spans, written and looked at."""
    path = folder / f"spans{suffix}"
    path.write_text(lines)
    return UsageSource(str(path), written="otel", includes_cache=includes, provider="anthropic")


def first_span(**changed):
    """One line with one span, some of whose fields are others."""
    line = json.loads(otlp(ASKED[:1], True))
    line["resourceSpans"][0]["scopeSpans"][0]["spans"][0] |= changed
    return json.dumps(line) + "\n"


@pytest.mark.parametrize("includes", [True, False])
@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_nested_spans_are_the_rows_of_the_flat_log_however_many_lie_in_a_line(
    tmp_path, includes, at_once
):
    source = nested(tmp_path, otlp(ASKED, includes, at_once), includes)

    found = usage_table(source, before=BEFORE)

    assert rows(found) == [row(n, one) for n, one in enumerate(ASKED)]
    assert rows(found) == rows(read(tmp_path, "otel", includes=includes))


def test_a_file_that_is_one_object_is_read_too(tmp_path):
    source = nested(tmp_path, otlp(ASKED, True, at_once=9), suffix=".json")

    assert len(rows(usage_table(source, before=BEFORE))) == len(ASKED)


def test_metrics_and_log_records_beside_spans_are_no_rows(tmp_path):
    others = '{"resourceMetrics": [{"scopeMetrics": []}]}\n{"resourceLogs": []}\n'
    source = nested(tmp_path, others + otlp(ASKED, True))

    assert len(rows(usage_table(source, before=BEFORE))) == len(ASKED)


def test_a_file_of_a_folder_may_hold_no_span_at_all(tmp_path):
    (tmp_path / "spans").mkdir()
    (tmp_path / "spans" / "b.jsonl").write_text('{"resourceMetrics": []}\n')
    (tmp_path / "spans" / "a.jsonl").write_text(otlp(ASKED, True))
    source = UsageSource(str(tmp_path / "spans"), written="otel")

    assert len(rows(usage_table(source, before=BEFORE))) == len(ASKED)


def test_a_span_that_is_no_call_of_a_model_is_no_row(tmp_path):
    attributes = [{"key": "http.request.method", "value": {"stringValue": "GET"}}]
    source = nested(tmp_path, otlp(ASKED, True) + first_span(attributes=attributes))

    assert len(rows(usage_table(source, before=BEFORE))) == len(ASKED)


def test_of_an_attribute_that_comes_again_the_first_counts(tmp_path):
    line = json.loads(first_span())
    span = line["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    span["attributes"] += [{"key": "gen_ai.usage.input_tokens", "value": {"intValue": "9"}}]

    found = usage_table(nested(tmp_path, json.dumps(line) + "\n"), before=BEFORE)

    assert [one["gen_ai_usage_input_tokens"] for one in rows(found)] == [1000]


def test_whole_numbers_may_be_numbers_and_a_status_a_word(tmp_path):
    line = json.loads(first_span(status={"code": "STATUS_CODE_ERROR"}))
    span = line["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    span["startTimeUnixNano"] = int(span["startTimeUnixNano"])
    for pair in span["attributes"]:
        if "intValue" in pair["value"]:
            pair["value"]["intValue"] = int(pair["value"]["intValue"])

    [found] = rows(usage_table(nested(tmp_path, json.dumps(line) + "\n"), before=BEFORE))

    assert (found["status"], found["gen_ai_usage_input_tokens"]) == ("error", 1000)


def test_a_span_without_a_time_is_counted_and_in_no_sum(tmp_path):
    source = nested(tmp_path, otlp(ASKED, True) + first_span(startTimeUnixNano=""))

    found = counted_table(source, before=BEFORE)

    assert found.undated == 1
    assert sum(one.rows for one in sum_usage(found.table, "tokens", timestamp="timestamp").sums) \
        == len(ASKED)  # fmt: skip


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        # Three lines are whole; the engine names the one that it had begun.
        ('{"resourceSpans": ]}\n', "near line 5: no whole JSON"),
        ('{"resourceSpans": 5}\n', "Expected ARRAY, but got UBIGINT"),
        (first_span(attributes={"gen_ai.usage.input_tokens": 5}), "Expected ARRAY, but got OBJ"),
    ],
)
def test_a_broken_line_is_told(tmp_path, spoilt, said):
    source = nested(tmp_path, otlp(ASKED, True) + spoilt)

    with pytest.raises(WarehouseError) as caught, readable_logs(source.address):
        rows(usage_table(source, before=BEFORE))

    assert said in str(caught.value)
    assert "line" in str(caught.value)


def test_rows_of_another_form_beside_nested_spans_are_refused_and_not_left_out(tmp_path):
    source = nested(tmp_path, otlp(ASKED, True) + '{"model": "claude-haiku-4-5"}\n')

    with pytest.raises(WarehouseError, match="rows with 'model' beside it"):
        usage_table(source, before=BEFORE)
