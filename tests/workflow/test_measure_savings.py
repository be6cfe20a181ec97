"""Each action of `cost.yaml`: what it is to save, could save, and did."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.domain.records import read_record
from ops_model.workflow.measure_savings import savings_of
from tests.workflow.usage_book import COST, UTC_TIME, at, every_day, opened, write_calls

TRIM = {
    "id": "shorter-history", "kind": "trim_prompt", "text": "Send the last six messages.",
    "owner": "di-legal", "due": "2026-08-20", "expected_saving_per_day": "0.05 USD",
}  # fmt: skip
DONE = at(20, 0).date().isoformat()


def test_before_it_is_done_only_what_is_expected_and_estimated_is_known(tmp_path):
    write_calls(
        tmp_path,
        [*every_day(until=29), *every_day(since=28, gen_ai_usage_input_tokens=1500)],
    )
    book = opened(tmp_path, cost={"actions": [TRIM]})

    (action,) = savings_of(book).actions

    assert (action.expected.value, action.expected.unit) == (0.05, "USD")
    assert action.estimated.value == pytest.approx(10 * 500 * 6e-6)
    assert (action.measured, action.not_measured) == (None, "not done yet")


def test_once_it_is_done_what_it_saved_is_measured(tmp_path):
    shorter = {"gen_ai_usage_input_tokens": 400}
    write_calls(tmp_path, [*every_day(until=21), *every_day(30, since=20, **shorter)])
    book = opened(tmp_path, cost={"actions": [{**TRIM, "done": DONE}]})

    found = savings_of(book, found=())
    (action,) = found.actions

    # 600 tokens at 6.00 per million less, 30 times a day.
    assert action.measured.value == pytest.approx(30 * 600 * 6e-6)
    assert action.no_estimate == "done already: the logs of now tell what is left to save"
    # 41 whole days before and 20 since: whole weeks of those.
    assert (found.window.start, found.window.end) == (at(48, 0), at(6, 0))
    assert read_record(found.model_dump(mode="json")) == found


def test_a_service_that_no_row_names_is_told(tmp_path):
    write_calls(tmp_path, every_day())
    action = {**TRIM, "done": DONE, "services": ["chta"]}

    (found,) = savings_of(opened(tmp_path, cost={"actions": [action]}), found=()).actions

    assert found.not_measured == (
        "no row of a usage log names the service chta; see `services` of action shorter-history "
        "in cost.yaml"
    )


def test_a_saving_expected_in_another_currency_is_not_put_beside_the_others(tmp_path):
    write_calls(tmp_path, every_day())
    action = {**TRIM, "expected_saving_per_day": "5.00 EUR"}

    (found,) = savings_of(opened(tmp_path, cost={"actions": [action]}), found=()).actions

    assert (found.expected.value, found.expected.unit) == (None, "USD")
    assert found.expected.no_interval == "expected 5.00 EUR; nothing is converted to USD"


def write_machine(root, *, served_since=60):
    """48 hours a day before it was done, 24 since; the service served 10 requests a day."""
    backs = range(60, -1, -1)
    table = pa.table({
        "timestamp": pa.array([at(back) for back in backs], UTC_TIME),
        "service": ["api"] * 61, "resource": ["cpu"] * 61,
        "hours": [48.0 if back > 20 else 24.0 for back in backs],
    })  # fmt: skip
    pq.write_table(table, root / "hours.parquet")
    served = [at(back) for back in backs if back <= served_since for _ in range(10)]
    pq.write_table(
        pa.table({"at": pa.array(served, UTC_TIME), "ok": [True] * len(served)}),
        root / "served.parquet",
    )


MACHINE = {
    "logs": [{"id": "compute", "unit": "hours", "address": "hours.parquet"}],
    "hour_prices": [{"resource": "cpu", "valid_from": "2026-01-01T00:00:00Z",
                     "per_hour": "0.10", "source": "a list"}],
    "actions": [{**TRIM, "id": "fewer", "kind": "autoscale", "done": DONE}],
}  # fmt: skip
UNIT = {
    "id": "served", "unit": "request served", "success": "it was answered", "log": "served",
    "good": "ok",
}  # fmt: skip
SERVED = {
    "logs": [{"id": "served", "holds": "predictions", "address": "served.parquet",
              "timestamp": "at"}],
    "baselines": [], "monitors": [], "outcomes": [], "feeds": [], "rules": [], "guardrails": [],
    "canaries": [], "critical_segments": [], "contracts": [], "playbooks": [],
}  # fmt: skip


def test_hours_are_held_against_the_units_that_are_counted(tmp_path):
    write_machine(tmp_path)
    book = opened(tmp_path, cost={**MACHINE, "units": [UNIT]}, signals=SERVED)

    (action,) = savings_of(book).actions

    assert action.measured.value == pytest.approx(2.4)


def test_days_on_which_no_unit_was_counted_yet_are_not_compared(tmp_path):
    write_machine(tmp_path, served_since=30)
    book = opened(tmp_path, cost={**MACHINE, "units": [UNIT]}, signals=SERVED)

    found = savings_of(book)

    assert found.actions[0].measured.value == pytest.approx(2.4)
    # 9 whole days with units before it worked: one whole week.
    assert found.window.start == at(27, 0)


def test_calls_count_their_own_requests_also_beside_a_machine(tmp_path):
    write_machine(tmp_path)
    shorter = {"gen_ai_usage_input_tokens": 400}
    write_calls(tmp_path, [*every_day(until=21), *every_day(30, since=20, **shorter)])
    cost = {
        **MACHINE, "logs": [*COST["logs"], *MACHINE["logs"]], "units": [UNIT],
        "actions": [{**TRIM, "services": ["chat"], "done": DONE}],
    }  # fmt: skip

    (action,) = savings_of(opened(tmp_path, cost=cost, signals=SERVED), found=()).actions

    assert action.measured.value == pytest.approx(30 * 600 * 6e-6)


def test_an_action_that_no_analysis_fits_says_so(tmp_path):
    write_machine(tmp_path)
    (planned,) = [{**one, "done": None} for one in MACHINE["actions"]]

    (action,) = savings_of(opened(tmp_path, cost={**MACHINE, "actions": [planned]})).actions

    assert action.no_estimate == "no analysis estimates what autoscale saves"


def test_hours_without_a_unit_say_what_to_write(tmp_path):
    write_machine(tmp_path)

    (action,) = savings_of(opened(tmp_path, cost=MACHINE, signals=SERVED)).actions

    assert action.measured is None
    assert action.not_measured.startswith("hours count no requests, so no volume is the same")


def test_a_system_without_an_action_has_none_to_measure(tmp_path):
    write_calls(tmp_path, every_day())
    found = savings_of(opened(tmp_path))

    assert (found.actions, found.window) == ((), None)
