"""Usage logs of a system, priced: read once, bounded, told apart as its ceilings ask."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.domain.operating_model import SystemClaims
from ops_model.errors import WarehouseError
from ops_model.workflow.measure import spend_of
from ops_model.workflow.priced import priced_logs_of
from tests.builders import a_system

AS_OF = datetime(2026, 9, 10, 8, tzinfo=UTC)
UTC_TIME = pa.timestamp("us", "UTC")
PRICE = {
    "model": "large", "valid_from": "2026-01-01T00:00:00Z", "input_per_million": "6",
    "cache_read_per_million": "1.5", "output_per_million": "24", "source": "the contract",
}  # fmt: skip
COST = {
    "currency": "USD", "logs": [{"id": "calls", "unit": "tokens", "address": "calls.parquet"}],
    "token_prices": [PRICE],
}  # fmt: skip


@dataclass
class Opened:
    root: Path
    system: SystemClaims
    as_of: datetime = AS_OF
    warehouses: tuple = ()


def write_calls(root, rows=3, **more):
    """A million input tokens of `large`, one row a day up to yesterday."""
    at = [AS_OF - timedelta(days=rows - n) for n in range(rows)]
    columns = {
        "timestamp": pa.array(at, UTC_TIME), "service": ["chat"] * rows,
        "gen_ai_provider_name": ["openai"] * rows, "gen_ai_request_model": ["large"] * rows,
        "gen_ai_usage_input_tokens": [1_000_000] * rows, "gen_ai_usage_output_tokens": [0] * rows,
    }  # fmt: skip
    pq.write_table(pa.table(columns | more), root / "calls.parquet")


@pytest.fixture
def book(tmp_path):
    """Opens a system with these claims about cost."""

    def opened(**cost):
        return Opened(tmp_path, a_system(cost={**COST, **cost}))

    return opened


def a_ceiling(scope, per="day"):
    return {
        "id": scope.replace("_", "-"), "scope": scope, "per": per, "amount": "5.00 USD",
        "hard_action": "stop", "owner": "ed-fin",
    }  # fmt: skip


def test_logs_are_read_once_of_what_was_opened(book, tmp_path):
    write_calls(tmp_path)
    opened = book()

    first, again = priced_logs_of(opened), priced_logs_of(opened)

    assert again is first


def test_a_log_that_was_written_again_is_read_again(book, tmp_path):
    write_calls(tmp_path)
    opened = book()
    before = priced_logs_of(opened).sums
    write_calls(tmp_path, rows=2)

    assert (len(before), len(priced_logs_of(opened).sums)) == (3, 2)


def test_shorter_slots_and_later_beginnings_are_measures_of_their_own(book, tmp_path):
    write_calls(tmp_path)
    opened = book()

    by_day = priced_logs_of(opened).sums
    lately = priced_logs_of(
        opened, slot=timedelta(minutes=10), since=AS_OF - timedelta(days=2)
    ).sums

    assert [one.usage.at.hour for one in by_day] == [0, 0, 0]
    assert [one.usage.at for one in lately] == [
        AS_OF - timedelta(days=2), AS_OF - timedelta(days=1),
    ]  # fmt: skip
    assert sum(one.cost for one in lately) == Decimal(12)


def test_the_newest_row_is_known_though_it_lies_before_what_was_asked(book, tmp_path):
    write_calls(tmp_path)

    found = priced_logs_of(book(), since=AS_OF - timedelta(hours=1))

    assert (found.sums, found.newest) == ((), AS_OF - timedelta(days=1))


def test_users_are_told_apart_only_where_a_ceiling_is_for_each(book, tmp_path):
    write_calls(tmp_path, user_group=["a", "b", "b"], run_id=["r1", "r2", "r2"])

    whole, each = (
        priced_logs_of(book()).sums,
        priced_logs_of(book(ceilings=[a_ceiling("user")])).sums,
    )
    runs = priced_logs_of(book(ceilings=[a_ceiling("training_run", "run")])).sums

    assert {one.usage.user_group for one in whole} == {""}
    assert {(one.usage.user_group, one.usage.run) for one in each} == {("a", ""), ("b", "")}
    assert {(one.usage.user_group, one.usage.run) for one in runs} == {("", "r1"), ("", "r2")}


def test_rows_after_the_judging_instant_are_not_read(book, tmp_path):
    write_calls(tmp_path)
    opened = book()
    opened.as_of = AS_OF - timedelta(days=1)

    assert sum(one.usage.rows for one in priced_logs_of(opened).sums) == 2


def test_a_row_without_an_instant_is_in_no_day_and_said_so(book, tmp_path):
    at = pa.array([AS_OF - timedelta(days=1), None, AS_OF - timedelta(days=1)], UTC_TIME)
    write_calls(tmp_path, timestamp=at)

    found = spend_of(book())

    assert found.apart == {"no timestamp": 1}
    assert found.unpriced_rows == 1
    assert found.total.no_interval == "lower bound: 1 of 3 rows have no price"


def test_requests_that_two_logs_share_are_told(book, tmp_path):
    write_calls(tmp_path, request_id=["a", "b", None])
    (tmp_path / "again.parquet").write_bytes((tmp_path / "calls.parquet").read_bytes())
    again = {"id": "again", "unit": "tokens", "address": "again.parquet"}

    (said,) = spend_of(book(logs=[*COST["logs"], again])).warnings

    assert said.startswith("calls and again: 2 values of request_id are in both")


@pytest.mark.parametrize("prices", ["token_prices", "hour_prices"])
def test_two_prices_of_one_time_are_refused(book, prices):
    hour = {"resource": "gpu", "valid_from": "2026-01-01T00:00:00Z", "per_hour": "1",
            "source": "s"}  # fmt: skip
    price = PRICE if prices == "token_prices" else hour

    with pytest.raises(ValueError, match=r"two prices of .* begin at 2026-01-01T00:00:00Z"):
        book(**{prices: [price, {**price, "source": "another"}]})
    assert book(token_prices=[PRICE, {**PRICE, "provider": "openai"}])


def test_without_a_usage_log_it_says_what_to_write(book):
    with pytest.raises(WarehouseError, match="nobody knows what this system costs"):
        priced_logs_of(book(logs=[]))


def test_the_list_prices_what_the_claims_do_not(book, tmp_path):
    write_calls(tmp_path, gen_ai_request_model=["large", "gpt-4o", "gpt-4o"])

    without, listed = spend_of(book()), spend_of(book(price_list="genai-prices"))

    assert without.unpriced == {"gpt-4o: no price is known": 2}
    assert (listed.unpriced, listed.unpriced_rows) == ({}, 0)
    assert "genai-prices " in listed.price_source
    assert "the contract" in listed.price_source


def test_what_makes_a_total_doubtful_is_recorded(book, tmp_path):
    write_calls(
        tmp_path, request_id=["r1", "r1", "r2"], purpose=["prod", "shadow", "prod"],
        gen_ai_provider_name=pa.array(["openai", None, "openai"]),
    )  # fmt: skip

    found = spend_of(book(currency="EUR", price_list="genai-prices", ceilings=[]))

    assert [warning.split(":")[0] for warning in found.warnings] == [
        "the prices of genai-prices are in USD and nothing is converted to EUR", "calls",
    ]  # fmt: skip
    assert {key: one.value for key, one in found.by_purpose.items()} == {
        "prod": 12.0, "shadow": 6.0,
    }  # fmt: skip
    assert {key: one.value for key, one in found.by_provider.items()} == {
        "(no provider)": 6.0, "openai": 12.0,
    }  # fmt: skip


def test_busy_hours_are_summed_beside_the_hours(book, tmp_path):
    table = pa.table({
        "at": pa.array([AS_OF - timedelta(hours=9)] * 2, UTC_TIME), "service": ["web"] * 2,
        "resource": ["gpu"] * 2, "hours": [1.0, 1.0], "used": [0.25, 0.5],
    })  # fmt: skip
    pq.write_table(table, tmp_path / "hours.parquet")
    log = {
        "id": "gpus", "unit": "hours", "address": "hours.parquet", "timestamp": "at",
        "busy": "used",
    }  # fmt: skip
    hour = {
        "resource": "gpu", "valid_from": "2026-01-01T00:00:00Z", "per_hour": "1.39",
        "source": "list",
    }  # fmt: skip

    (found,) = priced_logs_of(book(logs=[log], hour_prices=[hour])).sums

    assert found.usage.amounts == (2, Decimal("0.75"))
    assert found.cost == Decimal("2.78")
    assert sum(found.parts) == found.cost
