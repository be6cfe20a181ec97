"""Usage logs as the claims declare them, whoever wrote them and wherever they lie."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops_model.domain.cost import CostPlan
from ops_model.errors import WarehouseError
from ops_model.workflow.log_places import identities_of
from ops_model.workflow.usage_logs import usage_tables
from tests.analysis.usage_formats import ASKED, NOON, lines

CONTRACT = "timestamp,service,gen_ai_request_model,gen_ai_usage_input_tokens,"
CONTRACT += "gen_ai_usage_output_tokens\n"
HOURS = "at,resource,hours,used\n2026-03-01T12:00:00Z,gpu,1,0.5\n2026-03-01T13:00:00Z,gpu,1,\n"


@dataclass
class Book:
    root: Path
    as_of: datetime = NOON + timedelta(days=1)
    warehouses: tuple = ()


def a_plan(*logs):
    return CostPlan(currency="USD", logs=[{"id": f"log-{n}", **log} for n, log in enumerate(logs)])


def written(root, **texts):
    for name, text in texts.items():
        (root / name.replace("_", ".")).write_text(text)


def tokens(address, **more):
    return {"unit": "tokens", "address": address, **more}


def rows(root, *logs, as_of=NOON + timedelta(days=1)):
    tables = usage_tables(Book(root, as_of), a_plan(*logs))
    return [table.order_by("timestamp").to_pyarrow().to_pylist() for table in tables.values()]


def problems(root, *logs):
    with pytest.raises(WarehouseError) as caught:
        rows(root, *logs)
    return caught.value.problems


def test_logs_of_several_writers_are_read_side_by_side(tmp_path):
    written(
        tmp_path, a_csv=CONTRACT + "2026-03-01T12:00:00Z,chat,small,10,2\n", c_csv=HOURS,
        b_jsonl=lines("anthropic", ASKED, False),
    )  # fmt: skip

    plain, anthropic, hours = rows(
        tmp_path, tokens("a.csv"), tokens("b.jsonl", format="anthropic"),
        {"unit": "hours", "address": "c.csv", "timestamp": "at", "busy": "used", "service": "fit"},
    )  # fmt: skip

    assert plain[0]["gen_ai_usage_input_tokens"] == 10
    assert [row["gen_ai_usage_input_tokens"] for row in anthropic] == [
        1000, 4020, 2348, 1543, 5000,
    ]  # fmt: skip
    assert [(row["service"], row["hours"], row["used"]) for row in hours] == [
        ("fit", 1.0, 0.5), ("fit", 1.0, None),
    ]  # fmt: skip


def test_rows_from_the_judging_instant_on_are_not_read_where_time_is_a_number_either(tmp_path):
    for name in ("openai", "otel"):
        written(tmp_path, a_jsonl=lines(name, ASKED, True))
        log = tokens("a.jsonl", format=name)

        [found] = rows(tmp_path, log, as_of=NOON + timedelta(minutes=2))

        assert [row["timestamp"] for row in found] == [NOON, NOON + timedelta(minutes=1)]


def test_what_is_wrong_with_several_logs_is_told_at_once(tmp_path):
    written(
        tmp_path,
        a_csv=CONTRACT.replace("input_tokens", "inputtokens") + "2026-03-01T12:00:00Z,,,,\n",
    )

    said = problems(tmp_path, tokens("gone.csv"), tokens("gone.jsonl", format="openai"))

    assert [problem.where for problem in said] == ["gone.csv", "gone.jsonl"]
    [lacking] = problems(tmp_path, tokens("a.csv"))
    assert lacking.message.startswith("has no column 'gen_ai_usage_input_tokens'")
    assert lacking.remedy == "did you mean 'gen_ai_usage_inputtokens'?"


def test_a_log_of_another_format_than_declared_is_told_which(tmp_path):
    written(tmp_path, a_jsonl=lines("litellm", ASKED, True))

    for declared in ("contract", "openai"):
        [said] = problems(tmp_path, tokens("a.jsonl", format=declared))
        assert said.message == (
            f"has not the columns of format '{declared}', and those of litellm"
        )
        assert "`format: litellm`" in said.remedy


def test_a_log_in_no_declared_warehouse_is_told_at_its_line(tmp_path):
    [said] = problems(tmp_path, tokens("served.calls", warehouse="dwh"))

    assert "log log-0 lies in warehouse 'dwh'; declared are: none" in said.message


def test_a_log_of_the_contract_names_its_service_or_the_claims_do(tmp_path):
    text = (CONTRACT + "2026-03-01T12:00:00Z,chat,small,10,2\n").replace(",service", ",team")
    written(tmp_path, a_csv=text)

    [said] = problems(tmp_path, tokens("a.csv"))
    [[row]] = rows(tmp_path, tokens("a.csv", service="chat"))

    assert said.message.startswith("has no column 'service'")
    assert row["service"] == "chat"


def test_only_a_writer_that_is_known_to_write_utc_may_leave_the_zone_out(tmp_path):
    naive = "2026-03-01 12:00:00,chat,small,10,2\n"
    written(tmp_path, a_csv=CONTRACT + naive, b_jsonl=lines("litellm", ASKED, True))

    [said] = problems(tmp_path, tokens("a.csv"))
    [found] = rows(tmp_path, tokens("b.jsonl", format="litellm"))

    assert "a timestamp without a zone; expected a timestamp with a zone" in said.message
    assert found[0]["timestamp"] == NOON


def test_the_claims_say_how_cached_tokens_were_counted_where_it_is_not_as_usual(tmp_path):
    written(tmp_path, a_jsonl=lines("otel", ASKED, False))

    [usual] = rows(tmp_path, tokens("a.jsonl", format="otel"))
    [said] = rows(tmp_path, tokens("a.jsonl", format="otel", input_includes_cache=False))

    assert usual[1]["gen_ai_usage_input_tokens"] == 20
    assert said[1]["gen_ai_usage_input_tokens"] == 4020


def test_a_usage_log_that_is_text_is_identified_by_its_bytes(tmp_path):
    written(tmp_path, a_csv=HOURS)
    cost = a_plan({"unit": "hours", "address": "a.csv", "timestamp": "at"})

    [identity] = identities_of(Book(tmp_path), cost.logs)

    assert (identity.address, identity.kind, identity.bytes) == ("a.csv", "file", len(HOURS))


def test_a_time_of_another_name_is_found_by_its_writers_and_a_wrong_one_is_told(tmp_path):
    written(tmp_path, a_jsonl=lines("langfuse", ASKED, False).replace("startTime", "start_time"),
            b_jsonl=lines("langfuse", ASKED, False).replace("startTime", "timestmp"))  # fmt: skip

    [found] = rows(tmp_path, tokens("a.jsonl", format="langfuse"))
    [said] = problems(tmp_path, tokens("b.jsonl", format="langfuse"))

    assert found[0]["timestamp"] == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert said.message.startswith("has no column 'timestamp'")
    assert said.remedy == "did you mean 'timestmp'?"
