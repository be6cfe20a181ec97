"""What a forecast rests on where rows have no price, or do not say who served them."""

from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from ops_model.workflow.measure_forecast import forecasts_of
from tests.workflow.spending import START, TODAY, a_workbook, book, each_slot, log_usage

OF_PROVIDER = """- {id: prov, scope: provider, provider: example-ai, amount: 100.00 USD,
   hard_action: throttle, owner: ana}
"""


def test_days_with_rows_without_a_price_are_known_by_what_they_cost_at_least(tmp_path):
    rows = each_slot(1)
    lately = [(START + timedelta(days=d, hours=9), 840, "m") for d in range(13, 20) if d != 16]
    lately += [(at, 1, "another") for at, _, _ in lately]
    root = log_usage(a_workbook(tmp_path), [*rows, *lately])
    found = forecasts_of(book(root))[0]

    # 144 a day, and 984 on six of the last seven.
    assert (found.per_day_now.value, found.per_day_now.n) == (984.0, 7)
    assert found.per_day_now.no_interval.startswith("lower bound: 6 of the last 7 days")
    assert found.crosses_on == TODAY.date()


def named(root, provider_of):
    """The log with a provider for each of its rows, by their number."""
    path = root / "data/usage/all.parquet"
    held = pq.read_table(path)
    names = pa.array([provider_of(n) for n in range(len(held))], pa.string())
    pq.write_table(held.append_column("gen_ai_provider_name", names), path)
    return root


def test_rows_that_name_no_provider_make_its_forecast_a_lower_bound(tmp_path):
    root = log_usage(a_workbook(tmp_path, ceilings=OF_PROVIDER), each_slot(3))
    named(root, lambda n: "example-ai" if n % 8 == 0 else None)
    found = forecasts_of(book(root))[0]

    # 18 of 144 slots a day are named; all of them come to 432.
    assert found.per_day_now.value == 54.0
    assert found.per_day_now.no_interval == (
        "lower bound: 882 rows of the last 7 days name no provider; with them it is 432.00"
    )
    assert found.earliest is None


def test_few_rows_without_a_provider_change_no_forecast(tmp_path):
    root = log_usage(a_workbook(tmp_path, ceilings=OF_PROVIDER), each_slot(0.5))
    named(root, lambda n: None if n % 144 == 0 else "example-ai")

    assert forecasts_of(book(root))[0].per_day_now.no_interval == "the median of the days"
