"""What logs on disk hold, as far as the checks that read it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.domain.records import read_record
from ops_model.errors import WarehouseError
from ops_model.workflow.measure_logs import capture_of, freshness_of, reconstruction_of
from tests.builders import AREAS, AS_OF, a_system
from tests.checks.judged import instead, judged, lacking
from tests.workflow.test_measure_levels import Opened

UTC_TIME = pa.timestamp("us", "UTC")
SIGNALS = {**AREAS["signals"], "late_days": "2"}
DAYS, PER_DAY = 40, 30
N = DAYS * PER_DAY


def write_logs(root, *, outcome_of=20, **served):
    """30 rows a day for 40 days, all written; every so many-th has no outcome."""
    midnight = AS_OF.replace(hour=0, minute=0, second=0, microsecond=0)
    at = [midnight - timedelta(days=DAYS - i // PER_DAY, minutes=-20 * (i % PER_DAY))
          for i in range(N)]  # fmt: skip
    ids = [f"f{i}" for i in range(N)]
    columns = {
        "at": pa.array(at, UTC_TIME), "flight": ids, "wind": [1.0] * N, "prediction": [1] * N,
        "question": ["asked at the gate"] * N, **served,
    }  # fmt: skip
    kept = [i for i in range(N) if i % outcome_of]
    later = [at[i] + timedelta(hours=20) for i in kept]
    for folder, table in (
        ("log", columns),
        ("labels", {"at": pa.array(later, UTC_TIME), "flight": [ids[i] for i in kept],
                    "late": [1] * len(kept)}),
    ):  # fmt: skip
        (root / folder).mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(table), root / folder / "all.parquet")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Logs in which next to nothing is missing; nobody writes to them."""
    root = tmp_path_factory.mktemp("whole")
    write_logs(root, outcome_of=500)
    return root


def book(root, **changes):
    return Opened(root, a_system(signals={**SIGNALS, **changes}))


def finding(check, root, make, **changes):
    """What a check finds in a measurement that was made of the logs on disk."""
    kind = {"OBS-03": "reconstruction", "OBS-04": "freshness"}.get(check, "capture")
    records = instead(kind, lambda system: make(Opened(root, system)))
    return judged(check, signals={**SIGNALS, **changes}, records=records)


def test_capture_counts_what_is_there_and_joins_outcomes_that_are_due(tmp_path):
    write_logs(tmp_path, wind=[None if i % 100 == 0 else 1.0 for i in range(N)])

    found = capture_of(book(tmp_path))

    assert found.rows == 28 * PER_DAY
    assert found.fields["input"].value == pytest.approx(0.99, abs=0.002)
    assert found.fields["output"].value == 1.0
    assert found.outcome_join.n == 26 * PER_DAY  # the last two days owe none
    assert found.outcome_join.value == 0.95
    assert found.outcome_join == found.fields["outcome"]
    assert found.oldest_row.date() == (AS_OF - timedelta(days=DAYS)).date()
    assert all(number.complete for _, number in found.measured())
    assert read_record(found.model_dump(mode="json")) == found


def test_obs_01_and_02_pass_with_what_was_counted_and_fail_where_it_is_not_there(tmp_path):
    whole, holes = tmp_path / "whole", tmp_path / "holes"
    write_logs(whole, outcome_of=200)
    write_logs(holes, outcome_of=3, question=[" "] * N)

    assert finding("OBS-01", whole, capture_of).status != "failed"
    assert finding("OBS-02", whole, capture_of).status == "passed"
    assert "intent" in finding("OBS-01", holes, capture_of).message
    assert finding("OBS-01", holes, capture_of).status == "failed"
    assert finding("OBS-02", holes, capture_of).status == "failed"


def test_each_of_four_questions_is_asked_of_sixty_decisions(tmp_path):
    write_logs(tmp_path, outcome_of=2)

    found = reconstruction_of(book(tmp_path))

    shares = {q.question: q.answered.value for q in found.questions}
    assert (found.sampled, found.ambiguous) == (60, 0)
    assert [shares[q] for q in ("went_in", "came_out", "purpose")] == [1.0, 1.0, 1.0]
    assert 0.2 < shares["got_what_we_wanted"] < 0.8
    assert read_record(found.model_dump(mode="json")) == found


def test_obs_03_passes_where_a_query_that_a_person_can_run_answers_each_question(
    whole, monkeypatch
):
    monkeypatch.chdir(whole)
    found = reconstruction_of(book(whole))

    good = finding("OBS-03", whole, lambda _: found)

    assert good.status == "passed", good.message
    asked = [question.query.replace("KEY", "f1199") for question in found.questions]
    answers = [duckdb.sql(query).fetchall() for query in asked]
    assert answers == [[(1.0,)], [(1,)], [("asked at the gate",)], [(1,)]]


def test_obs_03_says_theater_where_a_question_has_no_column(whole):
    fields = {k: v for k, v in SIGNALS["log_policy"]["fields"].items() if k != "intent"}
    silent = {"log_policy": {**SIGNALS["log_policy"], "fields": fields}}
    found = reconstruction_of(book(whole, **silent))

    bad = finding("OBS-03", whole, lambda _: found, **silent)

    assert bad.status == "failed"
    assert bad.message.startswith("THEATER: what it was for cannot be told")
    assert found.questions[2].query == "no query: log_policy names no column of the intent"


def test_a_key_that_stands_twice_answers_nothing(tmp_path):
    write_logs(tmp_path, flight=["same"] * N)

    found = reconstruction_of(book(tmp_path))

    assert found.ambiguous == 60
    assert {q.answered.value for q in found.questions} == {0.0}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"log_policy": None}, "nothing says which fields are kept"),
        ({"logs": []}, "no log of what was served"),
        (
            {"log_policy": {**SIGNALS["log_policy"], "fields": {"input": "served.wnd"}}},
            "did you mean 'wind'",
        ),
        (
            {"log_policy": {**SIGNALS["log_policy"], "fields": {"input": "wind"}}},
            "expected a log and its column",
        ),
    ],
)
def test_what_is_not_declared_is_told_with_its_place_and_remedy(tmp_path, changes, said):
    write_logs(tmp_path)

    with pytest.raises(WarehouseError, match=said) as refused:
        capture_of(book(tmp_path, **changes))
    assert all(p.where and p.remedy for p in refused.value.problems)


def weather(**changes):
    return {"feeds": [{**SIGNALS["feeds"][0], "log": "served", **changes}]}


def fresh(opened):
    return freshness_of(opened, opened.system.signals.feeds[0], zone=ZoneInfo("UTC"))


def test_a_feed_is_as_fresh_as_its_newest_row_and_a_friday_is_only_reckoned(tmp_path):
    write_logs(tmp_path)

    found = fresh(book(tmp_path, **weather()))

    # The last row is of 09:40 the day before, 22 hours and 20 minutes ago, and no gap was longer.
    assert found.newest_age.value == found.longest_gap.value == 22 * 60 + 20
    assert found.simulated_break.strftime("%A %H:%M") == "Friday 22:00"
    assert found.simulated_notice - found.simulated_break == timedelta(hours=3)
    assert found.worst_notice_hours == 3.0
    assert read_record(found.model_dump(mode="json")) == found


def test_obs_04_fails_for_a_feed_that_is_down_and_passes_for_one_that_arrives(tmp_path):
    write_logs(tmp_path)

    down = finding("OBS-04", tmp_path, fresh, **weather())
    slow = weather(freshness_max_minutes="1350")
    arrives = finding("OBS-04", tmp_path, fresh, **slow)
    unseen = judged("OBS-04", signals={**SIGNALS, **weather()}, records=lacking("freshness"))

    assert down.status == "failed"
    assert "the newest row of feed weather was" in down.message
    assert arrives.status == "passed", arrives.message
    assert unseen.reason == "missing"
    assert "ops-model run 05_drift_quality" in unseen.remedy


def test_a_feed_without_a_row_is_measured_as_such_and_fails_obs_04(tmp_path):
    write_logs(tmp_path)
    early = AS_OF - timedelta(days=DAYS + 5)

    found = freshness_of(
        Opened(tmp_path, book(tmp_path, **weather()).system, early),
        book(tmp_path, **weather()).system.signals.feeds[0], zone=ZoneInfo("UTC"),
    )  # fmt: skip
    pq.write_table(pa.table({"at": pa.array([], UTC_TIME)}), tmp_path / "log/all.parquet")
    emptied = finding("OBS-04", tmp_path, fresh, **weather())

    assert (found.newest_age.value, found.newest_age.n) == (None, 0)
    assert found.newest_age.no_interval == "no row"
    assert emptied.status == "failed"
    assert "feed weather had no row on" in emptied.message


def test_a_log_after_the_instant_that_judges_is_not_read(tmp_path):
    write_logs(tmp_path)
    early = Opened(tmp_path, book(tmp_path).system, datetime(2012, 1, 1, tzinfo=UTC))

    with pytest.raises(WarehouseError, match="holds no row before"):
        capture_of(early)
