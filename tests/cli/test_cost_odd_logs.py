"""`ops-model cost` of logs that are odd: no row is lost, and no cost is one that nobody had."""

import json

import pyarrow as pa
import pytest

from ops_model.errors import UsageError, WarehouseError
from tests.cli.logs import UTC_TIME, call, times, write
from tests.cli.test_cost import write_usage

READ = "gen_ai_usage_cache_read_input_tokens"
TEXT = pa.string()


def a_file(path, *, without=(), **more):
    """One call of a million input tokens of `large`."""
    columns = {
        "timestamp": times(1, 1), "service": ["chat"], "gen_ai_request_model": ["large"],
        "gen_ai_usage_input_tokens": [1_000_000], "gen_ai_usage_output_tokens": [0], **more,
    }  # fmt: skip
    return write(path, **{name: held for name, held in columns.items() if name not in without})


def said_of(log, *asked):
    """What is said of a log: `large` costs 6 a million, 2 of it when read from a cache."""
    done = call("cost", "--usage", log, "--price", "large=6,2,24", "--json", *asked)
    assert done.exit_code == 0, done.exception
    return json.loads(done.stdout)


@pytest.mark.parametrize("first", ["has no", "has an empty"])
@pytest.mark.parametrize("names", [("1", "2"), ("2", "1")])
def test_a_column_that_one_file_of_a_folder_has_is_read_in_that_file(tmp_path, first, names):
    nothing = {} if first == "has no" else {READ: pa.array([None], pa.null())}
    a_file(tmp_path / f"log/{names[0]}.parquet", **nothing)
    a_file(tmp_path / f"log/{names[1]}.parquet", **{READ: [1_000_000]})

    assert said_of(tmp_path / "log")["total"] == 6 + 2


def test_ids_that_only_a_later_file_has_tell_what_came_twice(tmp_path):
    a_file(tmp_path / "log/1.parquet")
    for name in ("2", "3"):
        a_file(tmp_path / f"log/{name}.parquet", request_id=["a"])

    said = said_of(tmp_path / "log")

    assert (said["total"], said["apart"]) == (12, {"came twice": 1})


def test_a_column_that_a_price_needs_may_be_missing_in_no_file(tmp_path):
    a_file(tmp_path / "log/1.parquet")
    a_file(tmp_path / "log/2.parquet", without=("gen_ai_usage_output_tokens",))

    done = call("cost", "--usage", tmp_path / "log", "--price", "large=6,2,24")

    assert "in 1 of 2 files" in str(done.exception)


@pytest.mark.parametrize(
    "label", [pa.array([None], pa.null()), pa.array([["a"]], pa.list_(TEXT))], ids=["null", "list"]
)
@pytest.mark.parametrize("column", ["purpose", "status", "request_id", "gen_ai_provider_name"])
def test_a_label_that_says_nothing_is_as_if_it_were_not_there(tmp_path, column, label):
    log = a_file(tmp_path / "calls.parquet", **{column: label})

    assert said_of(log)["total"] == 6


def test_rows_without_an_instant_are_counted_and_make_the_total_a_lower_bound(tmp_path):
    log = tmp_path / "calls.jsonl"
    row = {
        "service": "chat", "gen_ai_request_model": "large", "gen_ai_usage_input_tokens": 1_000_000,
        "gen_ai_usage_output_tokens": 0, "timestamp": "2026-03-01T12:00:00Z",
    }  # fmt: skip
    log.write_text("".join(json.dumps(r) + "\n" for r in (row, row | {"timestamp": None})))

    said = said_of(log)

    assert (said["total"], said["unpriced_rows"]) == (6, 1)
    assert said["apart"] == {"no timestamp": 1}


def test_rows_after_the_instant_that_judges_are_told(tmp_path):
    log = write_usage(tmp_path / "usage.parquet", gen_ai_request_model=["large"] * 4)

    said = said_of(log, "--as-of", "2013-01-02T00:00:00Z")

    assert said["total"] == 8
    assert said["warnings"][0].startswith("2 rows are of 2013-01-02T00:00:00Z or later")


def test_a_cost_in_another_currency_is_no_cost_in_this_one(tmp_path):
    log = write(
        tmp_path / "calls.parquet", timestamp=times(1, 4), service=["chat"] * 4,
        cost=[1.0, 100.0, 2.0, 4.0], currency=pa.array(["USD", "JPY", "usd", None], TEXT),
    )  # fmt: skip

    dollars, yen = (
        json.loads(call("cost", "--usage", log, "--json", "--currency", currency).stdout)
        for currency in ("USD", "JPY")
    )

    assert (dollars["total"], dollars["apart"]) == (7, {"a cost in another currency": 1})
    assert (yen["total"], yen["unpriced_rows"]) == (104, 2)


def test_a_model_has_one_price(tmp_path):
    asked = ("--price", "large=6,2,24", "--price", "large=60,20,240")

    done = call("cost", "--usage", a_file(tmp_path / "calls.parquet"), *asked)

    assert isinstance(done.exception, UsageError)
    assert "'large' has 2 prices" in str(done.exception)


def test_a_gate_is_shut_where_the_data_says_nothing_of_today(tmp_path):
    log = a_file(tmp_path / "calls.parquet")
    asked = ("cost", "--usage", log, "--price", "large=6,2,24", "--gate", "--as-of")

    fresh, old = call(*asked, "2013-01-02T12:00Z"), call(*asked, "2013-02-20T00:00Z")

    assert (fresh.exit_code, old.exit_code) == (0, 1)
    assert "newest row: 2013-01-01T00:00:00Z, 36.0 hours old" in fresh.stdout
    assert "50 days old; it says nothing of today" in old.stdout


def test_what_a_cache_keeps_for_an_hour_is_told_since_it_costs_more(tmp_path):
    usage = {
        "input_tokens": 10, "cache_creation_input_tokens": 1_000, "output_tokens": 1,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 1_000},
    }  # fmt: skip
    row = {"created_at": "2026-03-01T12:00:00Z", "id": "a", "model": "large", "usage": usage}
    log = tmp_path / "calls.jsonl"
    log.write_text(json.dumps(row) + "\n")

    said = said_of(log, "--format", "anthropic", "--service", "chat")

    assert ["1 rows wrote to a cache that keeps for an hour" in w for w in said["warnings"]] == [
        True
    ]


def test_a_log_without_any_instant_in_time_is_still_refused(tmp_path):
    log = a_file(tmp_path / "calls.parquet", timestamp=pa.array([None], UTC_TIME))

    done = call("cost", "--usage", log, "--price", "large=6,2,24")

    assert "holds no row" in str(done.exception)


@pytest.mark.parametrize("named", ["Currency", "BillingCurrency", "billing_currency", "CURRENCY"])
def test_a_reported_cost_in_another_currency_is_none_however_the_column_is_spelled(
    tmp_path, named
):
    a_file(tmp_path / "log.parquet", cost=[3.0], **{named: ["EUR"]})

    done = call("cost", "--usage", tmp_path / "log.parquet", "--json")

    assert json.loads(done.stdout)["unpriced"] == {"cost: a cost in another currency": 1}


def test_cached_tokens_are_found_in_whatever_case_a_later_file_spells_them(tmp_path):
    a_file(tmp_path / "log/1.parquet")
    a_file(tmp_path / "log/2.parquet", **{READ.upper(): [1_000_000]})

    assert said_of(tmp_path / "log")["total"] == 6 + 2


def test_a_label_that_is_a_list_in_one_file_and_a_text_in_another_is_refused(tmp_path):
    a_file(tmp_path / "log/1.parquet", purpose=[["shadow"]])
    a_file(tmp_path / "log/2.parquet", purpose=["shadow"])

    done = call("cost", "--usage", tmp_path / "log", "--price", "large=6,2,24")

    assert isinstance(done.exception, WarehouseError)
    assert "'purpose'" in str(done.exception)


@pytest.mark.parametrize("said", ["usd", "XX<y>", "EURO", ""])
def test_a_currency_that_is_none_is_refused(tmp_path, said):
    a_file(tmp_path / "log.parquet")

    done = call("cost", "--usage", tmp_path / "log.parquet", "--currency", said)

    assert done.exit_code == 2
    assert "expected three capitals, such as EUR" in done.output


@pytest.mark.parametrize(
    ("path", "says"), [("", "no file or folder is named"), ("/dev/null", "a device or a pipe")]
)
def test_what_is_no_log_at_all_is_called_what_it_is(path, says):
    done = call("cost", "--usage", path, "--price", "large=6,2,24")

    assert isinstance(done.exception, WarehouseError)
    assert says in str(done.exception)
