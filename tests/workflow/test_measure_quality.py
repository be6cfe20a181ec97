"""Quality and its change by the real way: a workbook's claims, logs on disk, then the checks."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from ops_model.check.judge import judge
from ops_model.check.recorded import Evidence
from ops_model.domain.detection_served import FreshnessMeasurement, ModelSeen, ProviderIdentity
from ops_model.domain.evidence import Measured
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.records import read_record
from ops_model.errors import WarehouseError
from ops_model.workflow.measure_decomposition import decomposition_of
from ops_model.workflow.measure_quality import quality_of
from tests.builders import a_model, an_evidence
from tests.checks.judged import enough_for
from tests.workflow.test_measure import (
    AS_OF,
    DAYS,
    MARCH,
    PER_DAY,
    Opened,
    book,
    monitor,
    times,
    write,
    write_flights,
)  # fmt: skip


@dataclass
class Evident(Opened):
    evidence: Evidence = field(default_factory=Evidence)


def evident(opened, *records):
    return Evident(opened.root, opened.system, opened.as_of, an_evidence(*records))


def write_scored(root, *, fall_on=DAYS, odd=()):
    """Scores of 3 and 5 in turn, a point less from `fall_on` on; v2 serves from then on."""
    day = np.repeat(np.arange(DAYS), PER_DAY)
    n = len(day)
    stars = np.where(np.arange(n) % 2, 3.0, 5.0) - (day >= fall_on)
    stars[: len(odd)] = odd
    write(
        root / "log" / "all.parquet",
        at=times(MARCH, DAYS, PER_DAY), id=[f"r{i}" for i in range(n)], stars=stars,
        origin=[("EWR", "JFK")[(i // 2) % 2] for i in range(n)],
        version=[("v1", "v2")[int(d >= fall_on)] for d in day],
        wind=np.random.default_rng(1).normal(size=n),
    )  # fmt: skip


def scored(**changes):
    """The signals of a monitor that takes the mean of a score from the served log."""
    claims = monitor(0, metric="mean", score="stars", labels=None, prediction=None, label=None,
                     min_n="100", tolerable_drop="0.5", **changes)  # fmt: skip
    claims["logs"] = [{**claims["logs"][0], "version": "version"}, claims["logs"][1]]
    return {**claims, "critical_segments": []}


def test_quality_is_measured_once_of_what_was_opened(tmp_path):
    write_flights(tmp_path, fall_on=55)
    opened = book(tmp_path)

    found = quality_of(opened)

    assert quality_of(opened) is found
    assert quality_of(opened, "quality") is found
    again = quality_of(book(tmp_path))
    assert again == found
    assert again is not found


def test_a_log_that_was_written_again_is_measured_again(tmp_path):
    write_flights(tmp_path)
    opened = book(tmp_path)
    before = quality_of(opened)

    write_flights(tmp_path, fall_on=55)

    assert before.change.value == 0
    assert quality_of(opened).change.value == pytest.approx(-0.3)


def test_too_few_labels_in_the_window_leave_no_change_to_take_apart(tmp_path):
    write_flights(tmp_path, fall_on=55)
    many = str(7 * PER_DAY + 1)
    opened = evident(book(tmp_path, signals=monitor(0, min_n=many)))

    assert quality_of(opened).change.no_interval == "too few"
    assert decomposition_of(opened) is None


def test_the_mean_of_any_score_is_measured_and_read_back(tmp_path):
    write_scored(tmp_path, fall_on=55)  # 25 April

    found = quality_of(book(tmp_path, signals=scored()))

    assert (found.metric, found.baseline.value, found.baseline.unit) == ("mean", 4.0, "score")
    assert found.change.value == -1.0
    assert found.drop == 0.5
    assert found.alarm_at.isoformat() == found.onset_estimate.isoformat() == "2013-04-25"
    # 25 April to 10 May, 08:00: 15 whole days of 40 rows, and 40 by 06:30 of the last.
    assert found.exposed_since_onset.value == 16 * PER_DAY
    assert all(number.complete for _, number in found.measured())
    assert read_record(found.model_dump(mode="json")) == found


def test_infinite_and_huge_scores_are_counted_apart_and_spoil_no_number(tmp_path):
    write_scored(tmp_path, odd=(np.inf, np.nan, 1e308, -1e308))

    found = quality_of(book(tmp_path, signals=scored()))

    assert found.apart.not_numbers == 4
    assert found.baseline.n == 31 * PER_DAY - 4
    assert found.baseline.value == pytest.approx(4.0, abs=0.01)


def test_a_monitor_of_a_mean_without_a_score_says_what_to_write(tmp_path):
    claims = scored()
    del claims["monitors"][0]["score"]

    with pytest.raises(WarehouseError, match="names no score to take the mean of"):
        quality_of(book(tmp_path, signals=claims))


def test_a_fall_is_taken_apart_with_parts_that_add_up(tmp_path):
    write_flights(tmp_path, fall_on=55)
    opened = evident(book(tmp_path, signals=monitor(0, min_n="100")))

    split, quality = decomposition_of(opened), quality_of(opened)

    # One measure, one number: the card of quality and the decomposition say the same interval.
    assert split.change == quality.change
    assert quality.change.low < quality.change.value < quality.change.high
    parts = sum(m.value for s in split.segments for m in (s.mix, s.quality))
    assert parts + split.rest.value == pytest.approx(split.change.value, abs=1e-8)
    assert {s.value for s in split.segments} == {"EWR", "JFK"}
    assert all(number.complete for _, number in split.measured())
    assert read_record(split.model_dump(mode="json")) == split


def causes(opened):
    return {c.branch: (c.changed, c.why) for c in decomposition_of(opened).causes}


def test_each_branch_of_the_cause_tree_says_what_shows_it_or_that_nothing_does(tmp_path):
    write_flights(tmp_path, shift_on=50)
    found = causes(evident(book(tmp_path)))

    assert found["data_source"][0] is True
    assert found["data_source"][1] == "1 of 1 columns moved, by monitor inputs: wind"
    assert found["provider"] == (
        None, "nobody is asked each day: signals.yaml declares no canaries",
    )  # fmt: skip
    assert found["prompt"][0] is None
    assert "does not say which version" in found["prompt"][1]


def test_another_version_in_the_window_is_the_branch_of_the_prompt(tmp_path):
    write_scored(tmp_path, fall_on=55)

    changed = causes(evident(book(tmp_path, signals=scored())))["prompt"]
    same = tmp_path / "same"
    write_scored(same)
    unchanged = causes(evident(book(same, signals=scored())))["prompt"]

    assert changed == (True, "the window was served by v2 (280 of 280 rows), the baseline by v1")
    assert unchanged == (False, "baseline and window were served by v1")


def test_a_provider_that_answers_otherwise_is_named_from_the_record(tmp_path):
    write_flights(tmp_path)
    opened = book(tmp_path)
    seen = ProviderIdentity(
        system=opened.system.id, as_of=AS_OF, dependency="vendor", pinned="m-1", changed=True,
        seen=(ModelSeen(model="m-2", requests=9),),
    )  # fmt: skip

    assert causes(evident(opened, seen))["provider"][0] is True
    same = seen.model_copy(update={"changed": False})
    assert causes(evident(opened, same))["provider"][0] is False
    old = seen.model_copy(update={"as_of": datetime(2013, 4, 1, tzinfo=UTC)})
    assert causes(evident(opened, old))["provider"][0] is None


def test_a_feed_that_stood_still_is_the_branch_of_the_data(tmp_path):
    write_flights(tmp_path)
    opened = book(tmp_path)
    feed = opened.system.signals.feeds[0]
    minutes = Measured(value=feed.freshness_max_minutes + 1, unit="min", n=9, no_interval="exact")
    stale = FreshnessMeasurement(
        system=opened.system.id, as_of=AS_OF, feed=feed.id, newest_age=minutes,
        longest_gap=minutes, worst_notice_hours=3.0,
    )  # fmt: skip

    found = causes(evident(opened, stale))["data_source"]

    assert found[0] is True
    assert f"the data of {feed.id} was older than it may be" in found[1]


def test_labels_that_are_all_missing_leave_nothing_to_measure(tmp_path):
    write_flights(tmp_path)
    n = DAYS * PER_DAY
    write(
        tmp_path / "labels" / "all.parquet",
        at=times(MARCH, DAYS, PER_DAY, hours=30), id=[f"r{i}" for i in range(n)],
        late=pa.nulls(n, pa.int64()),
    )  # fmt: skip

    with pytest.raises(WarehouseError, match="no labelled row lies in the baseline"):
        quality_of(book(tmp_path))
    assert decomposition_of(evident(book(tmp_path))) is None


def test_early_and_repeated_labels_are_said_in_the_record(tmp_path):
    write_flights(tmp_path)
    n = DAYS * PER_DAY
    ids = [f"r{i}" for i in range(n)]
    early = times(MARCH, DAYS, PER_DAY, hours=-1).slice(0, 2)
    write(
        tmp_path / "labels" / "all.parquet",
        at=pa.concat_arrays([early, times(MARCH, DAYS, PER_DAY, hours=30).slice(2),
                             times(MARCH, DAYS, PER_DAY, hours=31).slice(5, 3)]),
        id=[*ids, *ids[5:8]], late=[1] * (n + 3),
    )  # fmt: skip

    found = quality_of(book(tmp_path))

    assert found.apart.labels_early == 2
    # The labels of 10 May from 08:00 on are not known yet; the three repeated ones are of March.
    assert found.apart.labels_repeated == 3
    assert found.baseline.n == 31 * PER_DAY - 2


def finding(check_id, opened, *records):
    evidence = an_evidence(*records)
    system: SystemClaims = opened.system
    found = judge(enough_for(check_id), a_model(system), system, evidence, as_of=opened.as_of)
    return next(f for f in found if f.check == check_id)


def test_qlt_05_passes_on_what_is_really_measured_and_fails_where_parts_are_missing(tmp_path):
    write_flights(tmp_path, fall_on=55)
    opened = evident(book(tmp_path, signals=monitor(0, min_n="100")))
    quality, split = quality_of(opened), decomposition_of(opened)

    passed = finding("QLT-05", opened, quality, split)
    half = split.model_copy(update={"segments": split.segments[:1]})
    failed = finding("QLT-05", opened, quality, half)

    assert passed.status == "passed", passed.message
    assert "origin EWR (its own quality)" in passed.message
    assert failed.status == "failed"


def test_qlt_05_waits_for_no_later_release(tmp_path):
    write_flights(tmp_path, fall_on=55)
    opened = evident(book(tmp_path, signals=monitor(0, min_n="100")))

    found = finding("QLT-05", opened, quality_of(opened))

    assert found.reason == "missing"
    assert found.remedy.endswith("runs `ops-model run 05_drift_quality flight-delay`")


def test_qlt_07_and_qlt_04_fail_on_a_fall_that_is_really_measured(tmp_path):
    write_flights(tmp_path, fall_on=55)
    opened = evident(book(tmp_path, signals=monitor(0, min_n="100")))
    quality = quality_of(opened)

    assert finding("QLT-07", opened, quality).status == "failed"
    assert finding("QLT-04", opened, quality).status == "failed"  # JFK: 50 %, floor 70 %
    assert finding("QLT-01", opened, quality).status == "passed"
