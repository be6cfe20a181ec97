import json

import pytest

from ops_model.errors import UsageError, WarehouseError
from tests.cli.logs import call, times, write


def write_usage(path, **more):
    """Two days of two rows: a million input tokens each, the second half of them cached."""
    columns = {
        "timestamp": times(2, 2),
        "service": ["chat", "mail", "chat", "mail"],
        "gen_ai_request_model": ["large", "large", "large", "unknown"],
        "gen_ai_usage_input_tokens": [1_000_000] * 4,
        "gen_ai_usage_cache_read_input_tokens": [500_000] * 4,
        "gen_ai_usage_output_tokens": [0] * 4,
    }
    return write(path, **(columns | more))


def test_the_promised_keys_are_there(tmp_path):
    log = write_usage(tmp_path / "usage.parquet")

    done = call("cost", "--usage", log, "--price", "large=6,2,24", "--currency", "EUR", "--json")

    # Half a million at 6 and half a million at 2 per million: 4 a row; one row has no price.
    said = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (said["currency"], said["total"], said["unpriced_rows"]) == ("EUR", 12.0, 1)
    assert said["price_source"] == "prices given on the command line"
    assert said["days"][0] == {
        "day": "2013-01-01", "service": "chat", "cost": 4.0, "requests": 1, "rests_on": "exact",
    }  # fmt: skip
    assert said["services"] == [
        {"service": "chat", "cost": 8.0, "requests": 2},
        {"service": "mail", "cost": 4.0, "requests": 2},
    ]


def test_a_reported_cost_needs_no_price(tmp_path):
    log = write_usage(tmp_path / "usage.parquet", x_reported_cost_usd=[0.1, 0.2, 0.3, None])

    said = json.loads(call("cost", "--usage", log, "--json").stdout)

    assert said["total"] == pytest.approx(0.6)
    assert said["unpriced_rows"] == 1


def test_a_cost_reported_in_dollars_is_no_cost_in_euros(tmp_path):
    log = write_usage(tmp_path / "usage.parquet", x_reported_cost_usd=[0.1] * 4)

    done = call("cost", "--usage", log, "--currency", "EUR")

    assert isinstance(done.exception, UsageError)


def test_hours_of_a_resource_have_one_price(tmp_path):
    log = write(
        tmp_path / "hours.parquet", timestamp=times(1, 2), service=["web", "web"],
        resource=["cpu=2", "cpu=2"], hours=[1.5, 0.5],
    )  # fmt: skip

    said = json.loads(call("cost", "--usage", log, "--price", "cpu=2=0.10", "--json").stdout)

    assert said["total"] == 0.2


def test_without_any_price_it_says_what_to_give(tmp_path):
    done = call("cost", "--usage", write_usage(tmp_path / "usage.parquet"), "--prices", "none")

    assert isinstance(done.exception, UsageError)
    assert "--price MODEL=IN,CACHE,OUT" in str(done.exception)
    assert done.exception.exit_code == 2


def listed(tmp_path, *asked, **more):
    """What is said of a log of gpt-4o in 2013, years before any list price."""
    names = {"gen_ai_request_model": ["gpt-4o"] * 4, "gen_ai_provider_name": ["openai"] * 4}
    log = write_usage(tmp_path / "usage.parquet", **(names | more))
    return call("cost", "--usage", log, "--json", *asked)


def test_where_nothing_else_is_given_list_prices_are_taken_and_named(tmp_path):
    said = json.loads(listed(tmp_path).stdout)

    assert said["total"] > 0
    assert said["unpriced_rows"] == 0
    assert said["price_source"].startswith("genai-prices ")
    assert said["by_provider"] == {"openai": said["total"]}
    assert said["by_purpose"] == {"prod": said["total"]}


def test_list_prices_stand_behind_the_given_ones_only_where_asked(tmp_path):
    models = {"gen_ai_request_model": ["gpt-4o", "mine"] * 2}
    asked = ("--price", "mine=6,2,24")

    without = json.loads(listed(tmp_path, *asked, **models).stdout)
    behind = json.loads(listed(tmp_path, *asked, "--prices", "genai-prices", **models).stdout)

    assert without["unpriced"] == {"gpt-4o: no price is known": 2}
    assert behind["unpriced"] == {}
    assert "; prices given on the command line" in behind["price_source"]


def test_what_the_log_reports_goes_before_list_prices_unless_they_are_asked_for(tmp_path):
    cost = {"x_reported_cost_usd": [0.1] * 4}

    assert json.loads(listed(tmp_path, **cost).stdout)["total"] == pytest.approx(0.4)
    asked = listed(tmp_path, "--prices", "genai-prices", **cost)
    assert json.loads(asked.stdout)["price_source"].startswith("genai-prices ")


def test_list_prices_are_not_taken_for_euros_and_that_is_said_on_stderr(tmp_path):
    asked = ("--currency", "EUR", "--prices", "genai-prices", "--price", "mine=6,2,24")

    done = listed(tmp_path, *asked)

    said = json.loads(done.stdout)
    assert said["unpriced_rows"] == 4
    assert "nothing is converted to EUR" in said["warnings"][0]
    assert done.stderr.startswith("warning: the prices of genai-prices are in USD")


def test_a_fourth_price_is_that_of_tokens_written_to_a_cache(tmp_path):
    written = {"gen_ai_usage_cache_creation_input_tokens": [250_000] * 4}
    log = write_usage(tmp_path / "u.parquet", gen_ai_request_model=["large"] * 4, **written)

    said = json.loads(call("cost", "--usage", log, "--price", "large=6,2,24,8", "--json").stdout)

    # A quarter of a million fresh at 6, half a million read at 2, a quarter written at 8.
    assert said["total"] == 4 * (1.5 + 1 + 2)


def test_rows_that_make_no_sense_and_days_without_rows_are_told(tmp_path):
    log = write(
        tmp_path / "u.parquet", timestamp=[*times(1, 1), times(4, 1)[3]], service=["chat"] * 2,
        gen_ai_request_model=["large"] * 2, gen_ai_usage_input_tokens=[10, -10],
        gen_ai_usage_output_tokens=[0, 0],
    )  # fmt: skip
    asked = ("cost", "--usage", log, "--price", "large=6,2,24", "--as-of", "2013-01-05T00:00:00Z")

    said = json.loads(call(*asked, "--json").stdout)

    assert said["apart"] == {"negative tokens": 1}
    assert said["unpriced"] == {"large: negative tokens": 1}
    assert said["silent_days"] == ["2013-01-02", "2013-01-03"]
    shown = call(*asked).stdout
    assert "negative tokens" in shown
    assert "2 days without any row, unknown" in shown


def test_another_format_is_priced_by_its_own_names(tmp_path):
    log = write(
        tmp_path / "u.parquet", timestamp=times(1, 2), model=["large"] * 2,
        usage_input_tokens=[100, 100], usage_cache_read_input_tokens=[900, 900],
        usage_output_tokens=[10, 10],
    )  # fmt: skip
    asked = ("--format", "anthropic", "--service", "chat", "--price", "large=6,2,24", "--json")

    said = json.loads(call("cost", "--usage", log, *asked).stdout)

    # Input here is without cached tokens: 200 fresh, 1,800 read, 20 written out.
    assert said["total"] == pytest.approx((200 * 6 + 1800 * 2 + 20 * 24) / 1e6)
    assert said["services"] == [{"service": "chat", "cost": said["total"], "requests": 2}]
    assert list(said["by_provider"]) == ["anthropic"]


@pytest.mark.parametrize(
    "price", ["large", "large=1,2", "large=a,b,c", "=1,2,3", "large=-1,0,0", "large=nan"]
)
def test_a_price_that_is_none_is_wrong_use(tmp_path, price):
    done = call("cost", "--usage", write_usage(tmp_path / "usage.parquet"), "--price", price)

    assert done.exit_code == 2
    assert "is no price" in done.stderr


def test_findings_end_with_exit_one_only_where_asked(tmp_path):
    log = write_usage(tmp_path / "usage.parquet", gen_ai_request_model=["large"] * 4)
    asked = ("cost", "--usage", log, "--price", "large=6,2,24", "--as-of", "2013-01-03T00:00Z")

    assert call(*asked, "--gate", "--ceiling", "8.00").exit_code == 0
    assert call(*asked, "--ceiling", "7.99").exit_code == 0
    assert call(*asked, "--gate", "--ceiling", "7.99").exit_code == 1


def test_a_row_without_a_price_is_a_finding(tmp_path):
    log = write_usage(tmp_path / "usage.parquet")

    assert call("cost", "--usage", log, "--price", "large=6,2,24", "--gate").exit_code == 1


def test_later_rows_than_the_instant_are_not_read(tmp_path):
    log = write_usage(tmp_path / "usage.parquet")

    done = call(
        "cost",
        "--usage",
        log,
        "--price",
        "large=6,2,24",
        "--as-of",
        "2013-01-02T00:00:00Z",
        "--json",
    )

    assert json.loads(done.stdout)["total"] == 8.0


def test_the_tables_say_what_is_a_lower_bound(tmp_path):
    done = call("cost", "--usage", write_usage(tmp_path / "u.parquet"), "--price", "large=6,2,24")

    assert done.stdout.startswith("12.00 USD (lower bound: 1 of 4 rows have no price)")
    assert "chat" in done.stdout


def test_a_log_of_another_kind_is_refused_with_all_that_it_lacks(tmp_path):
    log = write(tmp_path / "log.parquet", timestamp=times(1, 2), x=[1, 2])

    done = call("cost", "--usage", log, "--price", "large=6,2,24")

    assert isinstance(done.exception, WarehouseError)
    assert len(done.exception.problems) == 4


def test_a_key_that_stands_as_a_model_is_not_printed(tmp_path):
    key = "sk-ant-api03-" + "A1b2C3d4E5" * 5
    models = ["large", "large", key, key]
    log = write_usage(tmp_path / "usage.parquet", gen_ai_request_model=models)
    done = call("cost", "--usage", log, "--price", "large=6,2,24", "--json")

    assert key not in done.output
    assert "1 name of a service, model or provider holds a secret" in done.stderr
    assert [key[:7] for key in json.loads(done.stdout)["unpriced"]] == ["sha256:"]
