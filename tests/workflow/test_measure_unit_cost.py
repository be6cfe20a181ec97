"""What a success costs, counted by a log, a monitor or an outcome."""

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from ops_model.domain.cost import UnitEconomics
from ops_model.domain.records import read_record
from ops_model.errors import WarehouseError
from ops_model.workflow.measure_unit_cost import unit_cost_of, unit_costs_of
from ops_model.workflow.unit_counts import not_countable
from tests.workflow.usage_book import TODAY, UTC_TIME, at, every_day, opened, write_calls

BY_LOG = {
    "id": "settled", "unit": "question settled", "success": "nobody was asked again",
    "log": "answers", "good": "asked_again == False", "valid": "answered",
}  # fmt: skip
BASELINE = {"id": "june", "log": "answers", "start": "2026-06-01T00:00:00Z",
            "end": "2026-07-01T00:00:00Z"}  # fmt: skip
SIGNALS = {
    "logs": [{"id": "answers", "holds": "predictions", "address": "answers.parquet",
              "timestamp": "at", "key": "id"}],
    "baselines": [BASELINE],
    "monitors": [{"id": "right", "signal": "output_quality", "log": "answers",
                  "baseline": "june", "metric": "accuracy", "prediction": "said",
                  "label": "truth", "min_n": "30", "automated": "true"}],
    "outcomes": [{"id": "settled", "name": "settled", "unit": "share", "direction": "up",
                  "baseline": "0.5", "target": "0.9", "label_lag_days": "2", "source": "a plan",
                  "log": "answers", "value": "settled", "baseline_span": "june"}],
    "feeds": [], "rules": [], "guardrails": [], "canaries": [], "critical_segments": [],
    "contracts": [], "playbooks": [],
}  # fmt: skip


def write_answers(root, *, since=60, until=0, per_day=10, good=8):
    """`per_day` answers on each day, `good` of them settled, two of them to no question."""
    rows = [
        {
            "at": at(back, 6), "id": f"{back}-{n}", "answered": n < per_day - 2,
            "asked_again": n >= good, "settled": n < good, "said": "a",
            "score": n % 3,
            "truth": "a" if n < good else "b",
        }
        for back in range(since, until - 1, -1) for n in range(per_day)
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows)
    at_place = table.schema.get_field_index("at")
    table = table.set_column(at_place, "at", table["at"].cast(UTC_TIME))
    pq.write_table(table, root / "answers.parquet")


@pytest.fixture
def book(tmp_path):
    """Opens a system that answers 10 questions a day at 0.0084 each, with this unit."""

    def made(*units, **signals):
        write_calls(tmp_path, every_day())
        return opened(tmp_path, cost={"units": list(units)}, signals={**SIGNALS, **signals})

    return made


def test_rows_of_a_log_that_are_valid_are_units_and_the_good_ones_successes(book, tmp_path):
    write_answers(tmp_path, good=6)
    (found,) = unit_costs_of(book(BY_LOG))

    # 0.084 a day; 8 valid answers a day, 6 of them good.
    assert found.cost_per_success.value == pytest.approx(0.084 / 6)
    assert found.cost_per_unit.value == pytest.approx(0.084 / 8)
    assert (found.days, found.successes, found.unit) == (28, 28 * 6, "settled")
    assert found.window.end == TODAY
    assert read_record(found.model_dump(mode="json")) == found


def test_a_monitor_counts_what_was_right(book, tmp_path):
    write_answers(tmp_path)
    unit = {k: v for k, v in BY_LOG.items() if k not in {"log", "good", "valid"}}

    (found,) = unit_costs_of(book({**unit, "monitor": "right"}))

    assert found.cost_per_success.value == pytest.approx(0.084 / 8)
    assert found.cost_per_unit.value == pytest.approx(0.0084)


def test_an_outcome_counts_what_was_reached_on_days_when_that_is_known(book, tmp_path):
    write_answers(tmp_path)
    unit = {k: v for k, v in BY_LOG.items() if k not in {"log", "good", "valid"}}

    (found,) = unit_costs_of(book({**unit, "outcome": "settled"}))

    assert found.cost_per_success.value == pytest.approx(0.084 / 8)
    # What came of the last two days is not known yet.
    assert found.window.end == at(2, 0)


def test_of_an_outcome_in_numbers_only_one_is_a_success(book, tmp_path):
    write_answers(tmp_path)
    unit = {k: v for k, v in BY_LOG.items() if k not in {"log", "good", "valid"}}
    (outcome,) = SIGNALS["outcomes"]

    (found,) = unit_costs_of(
        book({**unit, "outcome": "settled"}, outcomes=[{**outcome, "value": "score"}])
    )

    # 0, 1, 2, 0, 1, 2, 0, 1, 2, 0: three of ten.
    assert found.cost_per_success.value == pytest.approx(0.084 / 3)


def test_days_whose_labels_may_still_come_are_not_counted(book, tmp_path):
    write_answers(tmp_path)
    unit = {k: v for k, v in BY_LOG.items() if k not in {"log", "good", "valid"}}

    (found,) = unit_costs_of(book({**unit, "monitor": "right"}, late_days="3"))

    assert found.window.end == at(3, 0)


def test_a_log_that_stopped_ends_what_is_counted(book, tmp_path):
    write_answers(tmp_path, until=5)
    (found,) = unit_costs_of(book(BY_LOG))

    # Its last day may not be whole.
    assert found.window.end == at(5, 0)
    assert found.notes == ()


def test_a_log_that_began_this_week_has_few_days_and_says_so(book, tmp_path):
    write_answers(tmp_path, since=4)
    (found,) = unit_costs_of(book(BY_LOG))

    assert (found.days, found.cost_per_success.no_interval) == (3, "too few: 3 whole days")


def test_a_unit_that_nobody_can_count_is_left_out(book):
    unit = {k: v for k, v in BY_LOG.items() if k not in {"log", "good", "valid"}}
    opened_book = book(unit)

    assert unit_costs_of(opened_book) == ()
    assert not_countable(UnitEconomics(**unit)).startswith("a log with good")
    with pytest.raises(WarehouseError, match="does not say how its successes are counted"):
        unit_cost_of(opened_book, opened_book.system.cost.units[0])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"log": "nothing"}, "which is no log; declared are: answers"),
        ({"good": "asked_agian == False"}, "did you mean 'asked_again'"),
        ({"log": None, "good": None, "valid": None, "outcome": "x"}, "declared are: settled"),
        ({"log": None, "good": None, "valid": None, "monitor": "x"}, "it has: right"),
    ],
)
def test_what_a_unit_names_and_is_not_there_is_said_with_what_is(book, tmp_path, changed, said):
    write_answers(tmp_path)

    with pytest.raises(WarehouseError, match=said):
        unit_costs_of(book({**BY_LOG, **changed}))


def test_a_simulated_log_makes_a_simulated_cost(book, tmp_path):
    write_answers(tmp_path)
    (log,) = SIGNALS["logs"]

    (found,) = unit_costs_of(book(BY_LOG, logs=[{**log, "simulated": "true"}]))

    assert found.simulated


def rewritten(root, change):
    """The log of answers as `change` makes it of what it was."""
    path = root / "answers.parquet"
    pq.write_table(change(pq.read_table(path)), path)


def test_answers_that_were_written_twice_count_once_and_are_told(book, tmp_path):
    write_answers(tmp_path)
    rewritten(tmp_path, lambda held: pa.concat_tables([held, held]))
    (found,) = unit_costs_of(book(BY_LOG))

    assert found.cost_per_success.value == pytest.approx(0.084 / 8)
    # 60 whole days of 10 answers, and 10 of today.
    assert found.notes == ("610 rows of log answers came twice and count once",)


def test_answers_that_share_a_key_and_differ_leave_the_cost_a_lower_bound(book, tmp_path):
    write_answers(tmp_path)
    rewritten(tmp_path, lambda held: held.set_column(
        held.schema.get_field_index("id"), "id", pa.array(["one"] * len(held))
    ))  # fmt: skip
    (found,) = unit_costs_of(book(BY_LOG))

    # Only which are alike in all that is asked of them, at one instant, are one row.
    assert found.cost_per_success.low is None
    assert found.cost_per_success.no_interval.startswith("lower bound: ")


def test_days_on_which_the_log_of_answers_was_silent_are_not_known_and_left_out(book, tmp_path):
    write_answers(tmp_path)
    silent = (pc.field("at") > at(20, 0)) & (pc.field("at") < at(10, 0))
    rewritten(tmp_path, lambda held: held.filter(~silent))
    (found,) = unit_costs_of(book(BY_LOG))

    assert found.cost_per_success.value == pytest.approx(0.084 / 8)
    assert found.notes[0].startswith("log answers has no row on 10 of 59 days")


def test_a_unit_of_services_that_nobody_logs_has_no_cost_that_is_known(book, tmp_path):
    write_answers(tmp_path)
    (found,) = unit_costs_of(book({**BY_LOG, "services": ["nope"]}))

    assert (found.cost_per_success.value, found.cost_per_unit.value) == (None, None)
    assert found.cost_per_success.no_interval == (
        "no row is of service nope, so its cost is not known"
    )


def test_a_monitor_that_judged_a_log_written_twice_leaves_the_cost_a_lower_bound(book, tmp_path):
    write_answers(tmp_path)
    rewritten(tmp_path, lambda held: pa.concat_tables([held, held]))
    unit = {k: v for k, v in BY_LOG.items() if k not in {"log", "good", "valid"}}
    (found,) = unit_costs_of(book({**unit, "monitor": "right"}))

    assert found.cost_per_success.no_interval.startswith("lower bound: ")


def test_calls_that_say_no_instant_leave_the_cost_a_lower_bound(book, tmp_path):
    write_answers(tmp_path)
    opened_book = book(BY_LOG)
    path = tmp_path / "calls.parquet"
    held = pq.read_table(path)
    nowhen = held.slice(0, 5).set_column(0, "timestamp", pa.nulls(5, UTC_TIME))
    pq.write_table(pa.concat_tables([held, nowhen]), path)
    (found,) = unit_costs_of(opened_book)

    assert found.cost_per_success.no_interval == (
        "lower bound: 5 rows say no instant, and may be of these days"
    )
