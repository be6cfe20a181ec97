from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.records import read_record
from ops_model.errors import WarehouseError
from ops_model.store.warehouse import identify
from ops_model.workflow.measure import spend_of
from ops_model.workflow.measure_drift import drift_of
from ops_model.workflow.measure_quality import quality_of
from tests.builders import AREAS, a_system

MARCH = datetime(2013, 3, 1, tzinfo=UTC)
AS_OF = datetime(2013, 5, 10, 8, tzinfo=UTC)
DAYS = 71  # 1 March to 10 May, the day of AS_OF included
PER_DAY = 40
UTC_TIME = pa.timestamp("us", "UTC")


@dataclass
class Opened:
    root: Path
    system: SystemClaims
    as_of: datetime = AS_OF


def write(path, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def times(first, days, per_day, *, hours=0):
    start = first + timedelta(hours=hours)
    at = [start + timedelta(days=d, minutes=10 * i) for d in range(days) for i in range(per_day)]
    return pa.array(at, UTC_TIME)


def write_flights(root, *, fall_on=DAYS, shift_on=DAYS):
    """40 rows a day; 8 of 10 predictions are right before day `fall_on`, 5 of 10 after it.

    `wind` rises by 3 standard deviations on day `shift_on`. Labels arrive 30 hours after the row.
    """
    rng = np.random.default_rng(1)
    day = np.repeat(np.arange(DAYS), PER_DAY)
    n = len(day)
    wrong = np.arange(n) % 10 >= np.where(day >= fall_on, 5, 8)
    prediction = rng.integers(0, 2, n)
    ids = [f"r{i}" for i in range(n)]
    write(
        root / "log" / "all.parquet",
        at=times(MARCH, DAYS, PER_DAY), id=ids, prediction=prediction,
        wind=rng.normal(size=n) + np.where(day >= shift_on, 3.0, 0.0),
        origin=[("EWR", "JFK")[i % 2] for i in range(n)],
    )  # fmt: skip
    write(
        root / "labels" / "all.parquet",
        at=times(MARCH, DAYS, PER_DAY, hours=30), id=ids,
        late=np.where(wrong, 1 - prediction, prediction),
    )  # fmt: skip


def signals(**changes):
    """The signals of the built system, with the columns of the logs above."""
    logs = [
        {"id": "served", "holds": "predictions", "address": "log", "timestamp": "at", "key": "id"},
        {"id": "landed", "holds": "labels", "address": "labels", "timestamp": "at", "key": "id"},
    ]
    judged = {"prediction": "prediction", "label": "late", "segments": ["origin"]}
    quality, inputs = AREAS["signals"]["monitors"][:2]
    return {"logs": logs, "monitors": [{**quality, **judged}, inputs], "late_days": "2", **changes}


def monitor(position, **changes):
    """The signals with one thing changed about one monitor."""
    claims = signals()
    monitors = [dict(m) for m in claims["monitors"]]
    monitors[position] |= changes
    return {**claims, "monitors": monitors}


def book(root, *, as_of=AS_OF, **areas):
    areas.setdefault("signals", signals())
    return Opened(root, a_system(**areas), as_of)


def test_quality_joins_labels_that_arrive_later_and_says_what_it_rests_on(tmp_path):
    write_flights(tmp_path)
    opened = book(tmp_path)

    found = quality_of(opened)

    assert (found.monitor, found.metric, found.system) == ("quality", "accuracy", "flight-delay")
    assert (found.baseline.value, found.baseline.n) == (0.8, 31 * PER_DAY)
    assert found.current.value == pytest.approx(0.8)
    assert found.current.n == 7 * PER_DAY
    assert found.labelled_share == 1.0
    assert found.alarm_at is None
    assert found.claims == opened.system.claim_refs("signals")
    assert found.inputs == (identify(tmp_path, "log"), identify(tmp_path, "labels"))
    assert all(number.complete for _, number in found.measured())
    assert read_record(found.model_dump(mode="json")) == found


def test_the_window_ends_where_labels_may_still_be_late(tmp_path):
    write_flights(tmp_path)

    found = quality_of(book(tmp_path))

    assert found.window.start == datetime(2013, 5, 1, tzinfo=UTC)
    assert found.window.end == datetime(2013, 5, 8, tzinfo=UTC)
    assert [d.day.day for d in found.days if d.provisional] == [8, 9, 10]


def test_a_label_that_arrives_after_the_instant_is_not_known_yet(tmp_path):
    write_flights(tmp_path)

    found = quality_of(book(tmp_path))

    # Rows of 9 May get their label from 10 May 06:00 on, one each 10 minutes: 12 before 08:00.
    assert [d.quality.n for d in found.days[-3:]] == [PER_DAY, 12, 0]


def test_the_instant_that_judges_keeps_the_future_out(tmp_path):
    write_flights(tmp_path, fall_on=50)
    early = datetime(2013, 4, 18, 8, tzinfo=UTC)

    found = quality_of(book(tmp_path, as_of=early))

    assert found.days[-1].day == date(2013, 4, 18)
    assert found.alarm_at is None
    assert found.current.value == pytest.approx(0.8)


def test_a_fall_raises_an_alarm_and_shows_in_the_segments(tmp_path):
    write_flights(tmp_path, fall_on=55)  # 25 April

    found = quality_of(book(tmp_path, signals=monitor(0, min_n="100")))

    assert date(2013, 4, 25) <= found.alarm_at <= date(2013, 4, 28)
    assert found.onset_estimate == date(2013, 4, 25)
    assert found.change.value == pytest.approx(-0.3)
    assert found.change.high < 0
    assert {(s.column, s.value) for s in found.segments} == {("origin", "EWR"), ("origin", "JFK")}
    assert found.segments_left_out == 0


def test_segments_of_too_few_rows_are_left_out_and_counted(tmp_path):
    write_flights(tmp_path)

    found = quality_of(book(tmp_path, signals=monitor(0, min_n="200")))

    # JFK is critical, and shown with its floor however few rows it holds.
    assert [(s.value, s.floor, s.quality.n) for s in found.segments] == [("JFK", 0.7, 140)]
    assert found.segments_left_out == 1


def test_answers_judged_in_their_own_log_need_no_second_one(tmp_path):
    n = DAYS * PER_DAY
    write(
        tmp_path / "log" / "all.parquet",
        at=times(MARCH, DAYS, PER_DAY), ok=[i % 4 != 0 for i in range(n)],
    )  # fmt: skip
    claims = monitor(0, metric="rate", label="ok", labels=None, prediction=None, segments=[])

    found = quality_of(book(tmp_path, signals=claims))

    assert (found.metric, found.baseline.value) == ("rate", 0.75)
    assert len(found.inputs) == 1


def test_inputs_that_moved_are_named(tmp_path):
    write_flights(tmp_path, shift_on=60)
    opened = book(tmp_path)

    found = drift_of(opened, "input_distribution")

    assert (found.monitor, found.signal) == ("inputs", "input_distribution")
    assert (found.rows_reference, found.rows_current) == (31 * PER_DAY, 7 * PER_DAY)
    assert found.window.end == datetime(2013, 5, 10, tzinfo=UTC)
    assert (found.calibrated, found.blocks) == (False, 4)
    assert [c.name for c in found.drifted] == ["wind"]
    assert found.columns[0].effect.value == pytest.approx(3.0, abs=0.3)
    assert found.inputs == (identify(tmp_path, "log"),)
    assert all(number.complete for _, number in found.measured())
    assert read_record(found.model_dump(mode="json")) == found


def test_inputs_that_stayed_did_not_drift(tmp_path):
    write_flights(tmp_path)

    assert drift_of(book(tmp_path), "input_distribution").drifted == ()


def test_a_baseline_may_lie_on_another_log(tmp_path):
    write_flights(tmp_path, shift_on=60)
    write(
        tmp_path / "training.parquet",
        seen=times(MARCH - timedelta(days=56), 56, 40), wind=np.zeros(56 * 40) + 3.0,
    )  # fmt: skip
    claims = signals()
    claims["logs"].append(
        {
            "id": "training",
            "holds": "predictions",
            "address": "training.parquet",
            "timestamp": "seen",
        }
    )
    claims["baselines"] = [
        {
            "id": "spring",
            "log": "training",
            "start": "2013-01-01T00:00:00Z",
            "end": "2013-03-01T00:00:00Z",
        }
    ]

    found = drift_of(book(tmp_path, signals=claims), "input_distribution")

    assert found.rows_reference == 56 * 40
    assert found.calibrated
    assert [i.address for i in found.inputs] == ["training.parquet", "log"]


def test_a_window_without_a_row_is_an_error_that_names_the_log(tmp_path):
    write_flights(tmp_path)
    late = datetime(2013, 7, 1, tzinfo=UTC)

    with pytest.raises(WarehouseError, match="log: holds no row from 2013-06-24T00:00:00Z"):
        drift_of(book(tmp_path, as_of=late), "input_distribution")


def test_a_window_within_its_own_baseline_is_refused(tmp_path):
    write_flights(tmp_path)
    early = datetime(2013, 4, 2, tzinfo=UTC)

    for measure in (quality_of, lambda b: drift_of(b, "input_distribution")):
        with pytest.raises(WarehouseError, match="would be compared with itself"):
            measure(book(tmp_path, as_of=early))


@pytest.mark.parametrize(
    ("position", "change", "message"),
    [
        (0, {"log": "gone"}, "monitor quality has log 'gone'; declared are: served, landed"),
        (0, {"labels": "gone"}, "monitor quality has labels 'gone'"),
        (0, {"baseline": None}, "monitor quality names no baseline; declared are: spring"),
        (0, {"label": None}, "monitor quality names no label to judge by"),
        (1, {"columns": []}, "monitor inputs names no columns to watch"),
        (1, {"log": None}, "monitor inputs has log None"),
    ],
)
def test_what_the_claims_lack_is_named_with_its_place(tmp_path, position, change, message):
    write_flights(tmp_path)
    opened = book(tmp_path, signals=monitor(position, **change))

    with pytest.raises(WarehouseError, match=message) as caught:
        quality_of(opened) if position == 0 else drift_of(opened, "input_distribution")

    problem = caught.value.problems[0]
    assert problem.where.startswith("systems/flight-delay/signals.yaml:")
    assert problem.remedy


def test_a_log_without_a_key_cannot_be_joined(tmp_path):
    claims = signals()
    del claims["logs"][1]["key"]

    with pytest.raises(WarehouseError, match="log landed names no key"):
        quality_of(book(tmp_path, signals=claims))


def test_a_baseline_on_a_log_that_nobody_declared_is_named(tmp_path):
    spring = {**AREAS["signals"]["baselines"][0], "log": "gone"}
    opened = book(tmp_path, signals=signals(baselines=[spring]))

    with pytest.raises(WarehouseError, match="baseline spring lies on log 'gone'"):
        drift_of(opened, "input_distribution")
    with pytest.raises(WarehouseError, match="expected served"):
        quality_of(opened)


def test_no_monitor_of_a_signal_says_what_to_write(tmp_path):
    with pytest.raises(WarehouseError, match="no monitor watches confidence; it has: none"):
        drift_of(book(tmp_path), "confidence")


def test_a_monitor_can_be_asked_for_by_name(tmp_path):
    with pytest.raises(WarehouseError, match="no monitor 'speed' watches output_quality"):
        quality_of(book(tmp_path), monitor="speed")


def test_a_system_without_signals_says_which_file_to_write(tmp_path):
    with pytest.raises(WarehouseError, match=r"systems/flight-delay/signals\.yaml: there is no"):
        quality_of(book(tmp_path, signals=None))


def test_a_missing_log_is_told_with_its_address(tmp_path):
    with pytest.raises(WarehouseError, match="log: there is no such file"):
        drift_of(book(tmp_path), "input_distribution")


def test_whatever_is_simulated_is_called_so(tmp_path):
    write_flights(tmp_path)
    claims = signals()
    claims["logs"][1]["simulated"] = "true"

    assert quality_of(book(tmp_path, signals=claims)).simulated
    assert not drift_of(book(tmp_path, signals=claims), "input_distribution").simulated


CPU = {"resource": "cpu", "valid_from": "2013-01-01T00:00:00Z", "per_hour": "0.10"}
COST = {
    "currency": "USD",
    "logs": [{"id": "hours", "unit": "hours", "address": "hours.parquet"}],
    "hour_prices": [{**CPU, "source": "a list"}],
}


def write_hours(root, hours=10.0):
    """Four rows of `hours` a day, from 1 January on; the newest is of 10 May, 06:00."""
    first = datetime(2013, 1, 1, tzinfo=UTC)
    at = [first + timedelta(hours=6 * i) for i in range(520)]
    write(
        root / "hours.parquet",
        timestamp=pa.array(at, UTC_TIME), service=["web"] * 520, resource=["cpu"] * 520,
        hours=[hours] * 520,
    )  # fmt: skip


def test_spend_is_held_against_the_ceiling(tmp_path):
    write_hours(tmp_path)
    ceiling = {"id": "day", "amount": "3.99 USD", "hard_action": "stop", "owner": "ed-fin"}
    opened = book(tmp_path, cost={**COST, "ceilings": [ceiling]})

    found = spend_of(opened)

    # 4 x 10 hours x 0.10 a day; the window holds 90 whole days and two rows of the last.
    assert found.last_full_day.value == 4.0
    assert found.today.value == 2.0
    assert found.total.value == 362.0
    assert found.days_over_ceiling == 90
    assert found.ceiling_per_day.value == 3.99
    assert found.data_age_hours.value == 2.0
    assert len(found.days) == 91
    assert found.window.start == datetime(2013, 2, 9, tzinfo=UTC)
    assert found.inputs == (identify(tmp_path, "hours.parquet"),)
    assert found.claims == opened.system.claim_refs("cost")
    assert all(number.complete for _, number in found.measured())
    assert read_record(found.model_dump(mode="json")) == found


def test_the_strictest_daily_ceiling_of_the_system_counts(tmp_path):
    write_hours(tmp_path)
    shared = {"hard_action": "stop", "owner": "ed-fin"}
    ceilings = [
        {"id": "day", "amount": "10.00 USD", **shared},
        {"id": "night", "amount": "5.00 USD", **shared},
        {"id": "run", "amount": "1.00 USD", "scope": "training_run", "per": "run", **shared},
    ]

    found = spend_of(book(tmp_path, cost={**COST, "ceilings": ceilings}))

    assert found.ceiling_per_day.value == 5.0


def test_without_a_ceiling_there_is_none(tmp_path):
    write_hours(tmp_path)

    found = spend_of(book(tmp_path, cost={**COST, "ceilings": []}))

    assert found.ceiling_per_day is None
    assert found.days_over_ceiling == 0


def test_a_ceiling_in_another_currency_is_refused_and_not_converted(tmp_path):
    write_hours(tmp_path)
    ceiling = {"id": "day", "amount": "5.00 EUR", "hard_action": "stop", "owner": "ed-fin"}

    with pytest.raises(WarehouseError, match="ceiling day is in EUR; expected USD") as caught:
        spend_of(book(tmp_path, cost={**COST, "ceilings": [ceiling]}))

    assert caught.value.problems[0].where.startswith("systems/flight-delay/cost.yaml:")


@pytest.mark.parametrize("cost", [None, {"logs": []}])
def test_a_system_without_a_usage_log_says_what_to_write(tmp_path, cost):
    with pytest.raises(WarehouseError, match="declares no usage log") as caught:
        spend_of(book(tmp_path, cost=cost))

    assert caught.value.problems[0].where.startswith("systems/flight-delay/cost.yaml")
