import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.errors import UsageError, WarehouseError
from ops_model.workflow.any_log_quality import LogQuestion, quality_in
from tests.cli.logs import call, times, write

DAYS, PER_DAY = 60, 100


def write_judged(path, *, fall_on=DAYS):
    """90 of 100 are right until day `fall_on`, 60 of 100 from then on."""
    right = [i < (90 if day < fall_on else 60) for day in range(DAYS) for i in range(PER_DAY)]
    return write(
        path, at=times(DAYS, PER_DAY), said=[1] * len(right), was=[int(r) for r in right],
        place=["north", "south"] * (len(right) // 2),
    )  # fmt: skip


def asked(log, *more):
    return call(
        "quality", "--log", log, "--timestamp", "at", "--prediction", "said", "--label", "was",
        *more,
    )  # fmt: skip


def test_the_promised_keys_are_there(tmp_path):
    done = asked(write_judged(tmp_path / "log.parquet"), "--json", "--segment", "place")

    said = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (said["baseline"]["value"], said["baseline"]["n"]) == (0.9, 2800)
    assert said["days"][0] == {
        "day": "2013-01-01", "value": 0.9, "n": 100, "provisional": False,
        "low": pytest.approx(0.8256, abs=1e-4), "high": pytest.approx(0.9448, abs=1e-4),
        # Of 100 rows at 90 %, fewer than 80 or more than 98 are right on 1.5 days in 1,000 each.
        "low_limit": 0.8, "high_limit": 0.98,
    }  # fmt: skip
    assert 0 < said["min_detectable_drop"] < 0.1
    assert said["alarm_at"] is None
    assert said["onset_estimate"] is None
    assert {s["value"] for s in said["segments"]} == {"north", "south"}


def test_a_fall_is_told_with_its_day(tmp_path):
    done = asked(write_judged(tmp_path / "log.parquet", fall_on=50), "--json")

    said = json.loads(done.stdout)
    # A single day of 100 rows is not enough for an alarm that a baseline of 28 days calibrates.
    assert (said["onset_estimate"], said["alarm_at"]) == ("2013-02-20", "2013-02-21")
    assert said["change"]["value"] == pytest.approx(-0.3)


def test_a_change_that_is_taken_apart_is_the_one_of_the_headline(tmp_path):
    log = write_judged(tmp_path / "log.parquet", fall_on=50)
    question = LogQuestion(str(log), "at", label="was", prediction="said", segments=("place",))

    answer = quality_in(question)
    unsure = quality_in(replace(question, min_n=701))

    assert answer.split.change == answer.result.change
    assert answer.split.change.low < -0.3 < answer.split.change.high
    assert unsure.split is None


def test_findings_end_with_exit_one_only_where_asked(tmp_path):
    fallen = write_judged(tmp_path / "fallen.parquet", fall_on=50)
    steady = write_judged(tmp_path / "steady.parquet")

    assert asked(fallen).exit_code == 0
    assert asked(fallen, "--gate").exit_code == 1
    assert asked(steady, "--gate").exit_code == 0


@pytest.mark.parametrize(
    "unknown", [("--critical", "place=elsewhere:0.5"), ("--as-of", "2014-01-01T00:00:00Z")]
)
def test_a_gate_lets_nothing_through_of_which_nobody_can_say(tmp_path, unknown):
    log = write_judged(tmp_path / "log.parquet")

    assert asked(log, "--gate").exit_code == 0
    assert asked(log, "--gate", *unknown).exit_code == 1


@pytest.mark.parametrize("drop", ["nan", "inf"])
def test_a_fall_that_is_no_number_is_refused(tmp_path, drop):
    done = asked(write_judged(tmp_path / "log.parquet"), "--drop", drop)

    assert isinstance(done.exception, UsageError)
    assert f"the fall to find is {drop}; expected a number" in str(done.exception)


def test_the_baseline_ends_where_it_is_said_to(tmp_path):
    log = write_judged(tmp_path / "log.parquet")

    done = asked(log, "--baseline-until", "2013-01-11", "--json")

    assert json.loads(done.stdout)["baseline"]["n"] == 1000


def test_the_log_can_be_judged_as_of_an_earlier_instant(tmp_path):
    log = write_judged(tmp_path / "log.parquet", fall_on=50)

    done = asked(log, "--as-of", "2013-02-15T00:00:00Z", "--json")

    said = json.loads(done.stdout)
    assert said["alarm_at"] is None
    assert said["days"][-1]["day"] == "2013-02-14"


def test_a_baseline_that_reaches_into_the_window_is_refused(tmp_path):
    done = asked(write_judged(tmp_path / "log.parquet"), "--baseline-until", "2013-02-28")

    assert isinstance(done.exception, UsageError)
    assert "compared with itself" in str(done.exception)


def test_a_baseline_that_ends_before_the_log_begins_is_refused_with_both_days(tmp_path):
    done = asked(write_judged(tmp_path / "log.parquet"), "--baseline-until", "2012-12-01")

    assert isinstance(done.exception, UsageError)
    assert "would end on 2012-12-01, and the first day of the log is 2013-01-01" in str(
        done.exception
    )


def test_a_log_that_was_written_twice_passes_no_gate(tmp_path):
    once = pq.read_table(write_judged(tmp_path / "once.parquet"))
    once = once.append_column("id", pa.array([str(i) for i in range(once.num_rows)]))
    for name, rows in (("one", once), ("two", pa.concat_tables([once, once]))):
        pq.write_table(rows, tmp_path / f"{name}.parquet")

    assert asked(tmp_path / "one.parquet", "--key", "id", "--gate").exit_code == 0
    assert asked(tmp_path / "two.parquet", "--key", "id", "--gate").exit_code == 1


def test_a_short_log_ends_its_baseline_where_the_window_begins(tmp_path):
    days = 20
    log = write(tmp_path / "log.parquet", at=times(days, 50), ok=[True] * (days * 50))

    done = call("quality", "--log", log, "--timestamp", "at", "--label", "ok", "--json")

    assert json.loads(done.stdout)["baseline"]["n"] == 13 * 50


def test_a_log_shorter_than_the_window_is_refused(tmp_path):
    log = write(tmp_path / "log.parquet", at=times(5, 50), ok=[True] * 250)

    done = call("quality", "--log", log, "--timestamp", "at", "--label", "ok")

    assert isinstance(done.exception, UsageError)


def test_the_tables_show_alarm_days_and_segments(tmp_path):
    log = write_judged(tmp_path / "log.parquet", fall_on=50)

    done = asked(log, "--segment", "place")

    # 10 days of 100 rows since 20 February.
    assert (
        "It began about 20 Feb 2013, and the alarm of 21 Feb 2013 saw it; 1,000 decisions since."
        in done.stdout
    )
    assert "60.0 %" in done.stdout
    assert "place = south" in done.stdout


def test_the_worst_case_stands_before_the_headline(tmp_path):
    log = write_judged(tmp_path / "log.parquet", fall_on=50)

    plain = asked(log, "--segment", "place").stdout.splitlines()
    critical = asked(log, "--critical", "place=south:0.7").stdout.splitlines()

    assert plain[0].startswith("Worst of 2 segments: place = north, 60.0 % after 90.0 %")
    assert critical[0].startswith("place = south is at 60.0 % (95 % interval ")
    assert critical[0].endswith("with a floor of 70.0 %: below its floor.")
    assert critical[1].startswith(
        "Quality fell: accuracy was 90.0 % in the baseline and is 60.0 %"
    )


def test_it_says_how_often_it_errs_and_what_would_go_unseen(tmp_path):
    said = asked(write_judged(tmp_path / "log.parquet")).stdout

    assert "No fall is seen: accuracy was 90.0 %" in said
    assert "Where nothing changes, 31 % of years have such an alarm" in said
    assert "would mostly go unseen in 7 days" in said
    assert "days of labels to see a fall of 2.0 points; one time in ten more than" in said


def test_a_critical_case_below_its_floor_is_a_finding(tmp_path):
    log = write_judged(tmp_path / "log.parquet")

    assert asked(log, "--gate", "--critical", "place=south:0.95").exit_code == 1
    assert asked(log, "--gate", "--critical", "place=south:0.5").exit_code == 0


@pytest.mark.parametrize("text", ["south", "place=south", "place=south:high", "place=south:nan"])
def test_a_critical_case_that_is_written_otherwise_is_refused(tmp_path, text):
    done = asked(write_judged(tmp_path / "log.parquet"), "--critical", text)

    assert isinstance(done.exception, UsageError)
    assert "expected COLUMN=VALUE:FLOOR" in str(done.exception)


def write_scored(path, *, fall_on=DAYS, odd=()):
    """Scores of 3 and 5 in turn, a point less from day `fall_on` on; `odd` stand in the last."""
    less = [1.0 if day >= fall_on else 0.0 for day in range(DAYS) for _ in range(PER_DAY)]
    scores = [(3.0, 5.0)[i % 2] - less[i] for i in range(DAYS * PER_DAY)]
    scores[len(scores) - len(odd) :] = odd
    return write(
        path, at=times(DAYS, PER_DAY), stars=scores, id=[i // 2 for i in range(len(scores))],
        place=["north", "south"] * (len(scores) // 2),
    )  # fmt: skip


def scored(log, *more):
    return call("quality", "--log", log, "--timestamp", "at", "--score", "stars", *more)


def test_any_score_can_be_watched(tmp_path):
    log = write_scored(tmp_path / "log.parquet", fall_on=50)

    said = json.loads(scored(log, "--json", "--segment", "place").stdout)

    assert (said["baseline"]["value"], said["baseline"]["n"]) == (4.0, 2800)
    assert said["change"]["value"] == -1.0
    assert said["alarm_at"] == said["onset_estimate"] == "2013-02-20"
    assert said["exposed_since_onset"] == 1000


def test_of_a_score_of_which_less_is_better_a_fall_is_good_and_a_rise_is_not(tmp_path):
    log = write_scored(tmp_path / "log.parquet", fall_on=50)

    said = json.loads(scored(log, "--better", "lower", "--json").stdout)

    assert said["change"]["value"] == 1.0
    assert said["alarm_at"] is None


def test_scores_that_are_no_numbers_are_counted_apart_and_said(tmp_path):
    odd = (float("nan"), float("inf"), 1e308, -1e308)
    log = write_scored(tmp_path / "log.parquet", odd=odd)

    done = scored(log, "--json", "--key", "id")

    said = json.loads(done.stdout)
    assert said["apart"]["not_numbers"] == 4
    assert said["days"][-1]["n"] == PER_DAY - 4
    assert said["apart"]["served_repeated"] == DAYS * PER_DAY // 2
    assert "4 scores that are no number, infinite or too large to add up" in scored(log).stdout


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--drop", 5), "write 5 points as --drop 0.05"),
        (("--critical", "place=south:70"), "write 70 % as --critical place=south:0.7"),
    ],
)
def test_a_share_written_in_per_cent_is_refused(tmp_path, more, said):
    log = write_judged(tmp_path / "log.parquet")

    done = asked(log, *more)

    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)


def test_a_critical_case_that_was_never_served_is_no_silent_pass(tmp_path):
    log = write_judged(tmp_path / "log.parquet")

    done = asked(log, "--critical", "place=nowhere:0.7", "--gate")

    assert "Of place = nowhere nothing can be said" in done.stdout
    assert done.exit_code == 1


def test_a_score_of_one_value_alone_has_not_fallen(tmp_path):
    log = write_scored(tmp_path / "log.parquet", odd=[3.0] * DAYS * PER_DAY)

    said = scored(log).stdout

    assert "No fall is seen: mean stars was 3 " in said
    assert "One day tells" not in said


@pytest.mark.parametrize("more", [(), ("--score", "said", "--label", "was")])
def test_either_a_label_or_a_score_is_needed(tmp_path, more):
    log = write_judged(tmp_path / "log.parquet")

    done = call("quality", "--log", log, "--timestamp", "at", *more)

    assert isinstance(done.exception, UsageError)
    assert "a score" in str(done.exception)


def test_a_score_that_is_text_is_refused(tmp_path):
    log = write_judged(tmp_path / "log.parquet")

    done = call("quality", "--log", log, "--timestamp", "at", "--score", "place")

    assert isinstance(done.exception, WarehouseError)
    assert "score 'place' is string; expected a number" in str(done.exception)


def test_the_report_is_one_page_that_loads_nothing(tmp_path):
    log = write_judged(tmp_path / "log.parquet", fall_on=50)
    page = tmp_path / "report.html"

    done = asked(log, "--critical", "place=south:0.7", "--report", page)

    text = page.read_text(encoding="utf-8")
    assert done.exit_code == 0
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in text
    assert "<script" not in text
    assert text.index("place = south") < text.index("Quality fell")
    assert "data:image/svg+xml" in text


def test_names_that_are_markup_stay_text_in_the_report(tmp_path):
    hostile = "<script>alert(1)</script>"
    log = write(
        tmp_path / "log.parquet", at=times(40, 50), ok=[True, False] * 1000,
        place=[hostile, "b; drop table"] * 1000,
    )  # fmt: skip
    page = tmp_path / "report.html"

    done = call("quality", "--log", log, "--timestamp", "at", "--label", "ok", "--segment",
                "place", "--report", page)  # fmt: skip

    assert done.exit_code == 0
    assert hostile not in page.read_text(encoding="utf-8")


def test_all_missing_columns_are_told_at_once(tmp_path):
    log = write(tmp_path / "log.parquet", at=times(1, 2), sad=[1, 0])

    done = asked(log)

    assert isinstance(done.exception, WarehouseError)
    assert len(done.exception.problems) == 2
    assert "did you mean 'sad'?" in str(done.exception)


def test_naive_timestamps_need_a_word(tmp_path):
    import pyarrow as pa

    at = times(20, 50).cast(pa.timestamp("us"))
    log = write(tmp_path / "log.parquet", at=at, ok=[True] * 1000)
    command = ("quality", "--log", log, "--timestamp", "at", "--label", "ok")

    assert isinstance(call(*command).exception, WarehouseError)
    assert call(*command, "--assume-utc").exit_code == 0
