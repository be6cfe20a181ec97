"""N05, N06 and N07 through our own runner, on logs whose answers are worked out by hand.

Fifty rows a day from 1 June to 21 July: 40 of 50 predictions are right until 14 July, and 30 of
50 from 15 July on. `delay` is a number from 0 to 49 that rises by 100 on the same day. One machine
runs one hour a day at 2.50 USD.
"""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from ops_model.domain.records import read_record
from ops_model.domain.values import digest_of
from ops_model.workflow.run import run_notebook
from tests.workflow.tiny import a_workbook

pytestmark = pytest.mark.kernel

AS_OF = datetime(2013, 7, 22, tzinfo=UTC)
WALL_CLOCK = datetime(2026, 3, 2, 8, tzinfo=UTC)
BEGIN, BREAK = datetime(2013, 6, 1, tzinfo=UTC), datetime(2013, 7, 15, tzinfo=UTC)
SIGNALS = """
logs:
- {id: served, holds: predictions, address: data/served.parquet, timestamp: at, key: id}
- {id: outcomes, holds: labels, address: data/outcomes.parquet, timestamp: label_at, key: id}
baselines:
- {id: june, log: served, start: 2013-06-01T00:00:00Z, end: 2013-07-01T00:00:00Z}
monitors:
- {id: accuracy, signal: output_quality, log: served, labels: outcomes, baseline: june,
   metric: accuracy, prediction: predicted, label: late, window_days: 7, min_n: 100,
   tolerable_drop: 0.05, automated: true}
- {id: inputs, signal: input_distribution, log: served, baseline: june, metric: w1_sd,
   columns: [delay], window_days: 7, min_n: 100, automated: true}
- {id: score, signal: confidence, log: served, baseline: june, metric: w1_sd,
   columns: [probability], window_days: 7, min_n: 100, automated: true}
"""
COST = """
currency: USD
logs: [{id: machine, unit: hours, address: data/hours.parquet}]
hour_prices:
- {resource: m1, valid_from: 2013-01-01T00:00:00Z, per_hour: 2.5, source: example}
ceilings:
- {id: day, amount: 5.00 USD, hard_action: page_only, owner: m-ito}
"""


def served():
    """One row a prediction; a row is right when its number of the day is below the day's count."""
    begins = [BEGIN + timedelta(days=day) for day in range((AS_OF - BEGIN).days)]
    return pd.DataFrame([_row(at, number) for at in begins for number in range(50)])


def _row(day, number):
    right = 40 if day < BREAK else 30
    at = day + timedelta(minutes=number)
    return {
        "at": at, "id": at.isoformat(), "delay": number + (0.0 if day < BREAK else 100.0),
        "probability": (number + 0.5) / 50, "predicted": number % 2 == 0,
        "late": (number % 2 == 0) == (number < right), "label_at": at + timedelta(hours=1),
    }  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = a_workbook(tmp_path_factory.mktemp("measured"))
    frame = served()
    frame.drop(columns=["late", "label_at"]).to_parquet(folder / "data/served.parquet")
    frame[["id", "late", "label_at"]].to_parquet(folder / "data/outcomes.parquet")
    days = sorted(frame["at"].dt.floor("D").unique())
    hours = {"timestamp": days, "service": "api", "resource": "m1", "hours": 1.0}
    pd.DataFrame(hours).to_parquet(folder / "data/hours.parquet")
    (folder / "systems/flight-delay/signals.yaml").write_text(SIGNALS, encoding="utf-8")
    (folder / "systems/flight-delay/cost.yaml").write_text(COST, encoding="utf-8")
    return folder


def records(root, notebook):
    outcome = run_notebook(root, notebook, "flight-delay", as_of=AS_OF, recorded_at=WALL_CLOCK)
    assert outcome.error is None
    return [read_record(found.record) for found in outcome.records]


@pytest.fixture(scope="module")
def measured(root):
    return records(root, "N05")


@pytest.fixture(scope="module")
def costed(root):
    return records(root, "N06")


@pytest.fixture(scope="module")
def weekly(root, measured, costed):
    return records(root, "N07")


def test_n05_records_quality_drift_of_inputs_and_drift_of_the_score(measured):
    kinds = [(r.kind, r.signal if r.kind == "drift" else None) for r in measured]

    assert kinds == [
        ("quality", None),
        ("drift", "input_distribution"),
        ("drift", "confidence"),
    ]


def test_n05_finds_the_accuracy_before_and_after(measured):
    quality = measured[0]

    assert quality.baseline.value == pytest.approx(40 / 50)
    assert quality.current.value == pytest.approx(30 / 50)


def test_n05_finds_the_input_that_moved_and_waits_for_a_second_window(measured):
    _, inputs, score = measured
    (delay,) = inputs.columns

    assert delay.effect.value > delay.limit > delay.before.value
    assert inputs.drifted == ()
    assert score.columns[0].effect.value < score.columns[0].limit


def test_every_measurement_names_its_inputs_and_its_claims(measured):
    for record in measured:
        assert {i.address for i in record.inputs} <= {
            "data/served.parquet", "data/outcomes.parquet",
        }  # fmt: skip
        assert record.inputs
        assert [c.file for c in record.claims] == ["signals.yaml"]


def test_n06_adds_up_the_spend(costed):
    spend = next(r for r in costed if r.kind == "spend")

    # 30 days of June and 21 of July, one hour each.
    assert spend.total.value == pytest.approx(51 * 2.5)
    assert spend.last_full_day.value == pytest.approx(2.5)
    assert spend.unpriced_rows == 0


def test_n07_records_the_week_and_the_verdict_from_what_the_others_recorded(weekly):
    report, assessment = weekly

    assert (report.kind, assessment.kind) == ("weekly_report", "assessment")
    assert report.assessment == digest_of(assessment)
    assert {f.check: f.status for f in assessment.findings}["CST-02"] == "passed"


def test_n07_tells_quality_and_spend_by_week_without_reading_a_log(weekly):
    report = weekly[0]
    (quality,) = report.quality

    # 30 of 50 in the last week, 40 of 50 in the one before; seven hours of 2.50 USD.
    assert [week.quality.value for week in quality.weeks[-2:]] == pytest.approx([0.8, 0.6])
    assert (report.spend.now.value, report.spend.before.value) == (17.5, 17.5)
    assert report.spend.limit.value == 35.0
    assert report.inputs == ()


def test_n05_over_logs_without_a_row_finishes_and_says_so(tmp_path):
    folder = a_workbook(tmp_path)
    served().drop(columns=["late", "label_at"]).iloc[:0].to_parquet(folder / "data/served.parquet")
    (folder / "data/outcomes.parquet").write_bytes(b"")
    (folder / "systems/flight-delay/signals.yaml").write_text(SIGNALS, encoding="utf-8")

    outcome = run_notebook(folder, "N05", "flight-delay", as_of=AS_OF, recorded_at=WALL_CLOCK)

    assert (outcome.error, outcome.records) == (None, ())
    executed = (folder / outcome.bundle / "executed.ipynb").read_text(encoding="utf-8")
    assert "Monitor accuracy is unknown: no rows in data/outcomes.parquet." in executed
    assert executed.count("is unknown: no rows in data/served.parquet.") == 2
