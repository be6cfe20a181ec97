from datetime import date, timedelta

import pytest

from ops_model.domain.detection import CauseBranch, ColumnRest
from ops_model.domain.evidence import Measured
from ops_model.domain.values import Window
from tests.builders import AREAS, AS_OF, a_quality, a_segment, all_records, exact, share
from tests.checks.judged import but, judged, lacking, nothing
from tests.shown_quality import a_split, an_effect

QUALITY, INPUTS = AREAS["signals"]["monitors"][:2]
SEGMENT = AREAS["signals"]["critical_segments"][0]
UNHURT = {"change": share(0.01)}
"""The change of a window in which nothing fell: -1 to 3 points."""


def segments(*given):
    return {"critical_segments": list(given)}


def monitors(*given):
    return {"monitors": list(given)}


def fell(by, **split):
    """All records, quality changed by this and split as told."""

    def records(system):
        new = {"quality": a_quality(system, change=by),
               "change_decomposition": a_split(system, **split)}  # fmt: skip
        return tuple(new.get(r.kind, r) for r in all_records(system))

    return records


def seen(*given):
    return but(a_quality, segments=given)


def test_qlt_04_passes_and_says_each_segment_with_n_interval_and_floor():
    assert judged("QLT-04").message == (
        "segment overseas (origin JFK): 80 % (n 1,000, 78 to 82 %), floor 70 % (headline 80 % "
        "(n 1,000, 78 to 82 %))"
    )


def test_qlt_04_passes_with_the_segment_nearest_to_its_floor_first():
    newark = {**SEGMENT, "id": "newark", "value": "EWR", "floor": "0.78"}

    finding = judged("QLT-04", signals=segments(SEGMENT, newark))

    # EWR lies 4 points above its floor, JFK 10.
    assert finding.status == "passed"
    assert finding.message.startswith("segment newark (origin EWR)")
    assert [value.name for value in finding.values] == ["newark", "overseas"]


def test_qlt_04_fails_for_a_segment_below_its_floor_whatever_the_average_says():
    finding = judged("QLT-04", records=seen(a_segment("JFK", 0.61)))

    assert finding.status == "failed"
    assert finding.message == (
        "segment overseas (origin JFK): 61 % (n 1,000, 59 to 63 %), floor 70 %, while the "
        "headline is 80 % (n 1,000, 78 to 82 %)"
    )


def test_qlt_04_fails_with_few_rows_when_even_the_best_of_them_lies_below():
    # 61 % plus 2 points is below 70 %.
    assert judged("QLT-04", records=seen(a_segment("JFK", 0.61, n=40))).status == "failed"


def test_qlt_04_is_unknown_when_few_rows_leave_both_open():
    # 69 to 73 % of 40 rows, where 100 are asked for.
    finding = judged("QLT-04", records=seen(a_segment("JFK", 0.71, n=40)))

    assert finding.reason == "too_few"
    assert "expected at least 100 rows" in finding.message


def test_qlt_04_is_unknown_when_the_interval_reaches_below_the_floor():
    finding = judged("QLT-04", records=seen(a_segment("JFK", 0.71)))

    assert finding.reason == "too_few"
    assert "its interval reaches below the floor" in finding.message


def test_qlt_04_is_unknown_for_a_segment_that_was_not_measured():
    finding = judged("QLT-04", records=seen(a_segment("EWR", 0.9)))

    assert finding.reason == "too_few"
    assert "leaves out what holds fewer than 100" in finding.message


def test_qlt_04_is_unknown_when_the_monitor_does_not_split_by_its_column():
    gate = {**SEGMENT, "column": "gate", "value": "7"}

    finding = judged("QLT-04", signals=segments(gate))

    assert finding.reason == "missing"
    assert "writes gate into `segments` of monitor quality" in finding.remedy


def test_qlt_04_is_unknown_when_its_monitor_watches_something_else():
    finding = judged("QLT-04", signals=segments({**SEGMENT, "monitor": "inputs"}))

    assert "inputs is no monitor of output_quality" in finding.message


def test_qlt_04_is_unknown_when_no_segment_is_named():
    finding = judged("QLT-04", signals=segments())

    assert finding.reason == "missing"
    assert "`critical_segments` in signals.yaml" in finding.remedy


def test_qlt_04_fails_for_a_floor_that_is_none():
    finding = judged("QLT-04", signals=segments({**SEGMENT, "floor": "0.1"}))

    assert finding.status == "failed"
    assert "expected a floor of at least 50 %" in finding.message


def test_qlt_04_is_unknown_when_measured_before_the_version_began_to_serve():
    before = Window(start=AS_OF - timedelta(days=300), end=AS_OF - timedelta(days=200))

    finding = judged("QLT-04", records=but(a_quality, window=before))

    assert finding.reason == "expired"
    assert "is of what was served before v2, which serves since 2013-03-01" in finding.message


def test_qlt_05_passes_when_the_parts_add_up_to_the_fall():
    # -1 and -3.5 points of JFK, and half a point that is left, are 5.
    assert judged("QLT-05").message == (
        "monitor quality: quality changed by -5 points (n 1,000, exact): origin JFK (its own "
        "quality) -3.5 points, origin JFK (more or fewer of them) -1 points; 0.5 points left; "
        "data source did not change: no column moved; provider is not known: nobody is asked"
    )


def test_qlt_05_fails_when_the_parts_do_not_add_up():
    finding = judged("QLT-05", records=but(a_split, change=exact(-0.07, "share", 1000)))

    assert finding.status == "failed"
    assert "its parts are off by 2 points" in finding.message


def test_qlt_05_fails_when_most_of_the_fall_is_left_unexplained():
    # Only the half point of the rest and JFK's are told: 1 + 3.5 + 20.5 are 25 points.
    left = {"change": exact(-0.25, "share", 1000), "rest": exact(-0.205, "share", 1000)}

    finding = judged("QLT-05", records=fell(share(-0.25), **left))

    assert "20.5 points of 25 points left unexplained; expected at most 20 %" in finding.message


def test_qlt_05_fails_when_what_was_split_is_no_fall():
    up = but(a_split, change=exact(0.02, "share", 1000))

    assert "what was split is a change of 2 points" in judged("QLT-05", records=up).message


def test_qlt_05_is_unknown_when_a_fall_was_never_split():
    finding = judged("QLT-05", records=lacking("change_decomposition"))

    assert finding.reason == "missing"
    assert finding.remedy == (
        "the reliability owner declares the label of monitor quality in signals.yaml, then runs "
        "`ops-model run 05_drift_quality flight-delay`"
    )


def test_qlt_05_passes_when_each_of_several_columns_adds_up_by_itself():
    # Both split the same 5 points; the second leaves 2 of them, the first half a point.
    whole = (an_effect("JFK", mix=-0.01, quality=-0.035),)
    other = an_effect("B6", mix=0.0, quality=-0.03).model_copy(update={"column": "carrier"})
    rests = (
        ColumnRest(column="origin", rest=exact(-0.005, "share", 1000)),
        ColumnRest(column="carrier", rest=exact(-0.02, "share", 1000)),
    )
    split = {"segments": (*whole, other), "rests": rests}

    assert judged("QLT-05", records=but(a_split, **split)).status == "passed"
    off = {**split, "rests": rests[:1]}
    assert (
        "its parts are off by 1.5 points" in judged("QLT-05", records=but(a_split, **off)).message
    )


def test_qlt_05_is_unknown_and_shows_the_worst_segment_where_a_fall_was_never_split():
    # JFK is 5 points below its baseline of 85 %, EWR 3.
    finding = judged("QLT-05", records=lacking("change_decomposition"))

    assert "a decomposition whose parts add up to that is missing; until then" in finding.message
    assert finding.message.endswith(
        "say how the cases did, origin JFK worst: 80 % (n 1,000, 78 to 82 %) against 85 % "
        "(n 1,000, 83 to 87 %)"
    )
    assert any(place.path == "ledger" for place in finding.looked_at)


@pytest.mark.parametrize("n", [1, 1000])
def test_qlt_05_is_unknown_when_another_fall_was_split(n):
    # A tenth of a point, where quality fell by 3 to 7.
    tiny = {
        "change": exact(-0.001, "share", n),
        "segments": (an_effect("JFK", mix=-0.001, quality=0.0),),
        "rest": exact(0.0, "share", n),
    }

    finding = judged("QLT-05", records=but(a_split, **tiny))

    assert finding.reason == "expired"
    assert "what was split is a change of -0.1 points" in finding.message


def test_qlt_05_is_unknown_when_the_split_rests_on_one_row():
    finding = judged("QLT-05", records=but(a_split, change=exact(-0.05, "share", 1)))

    assert finding.reason == "too_few"


def test_qlt_05_is_unknown_when_an_earlier_fall_was_split():
    records = but(a_quality, alarm_at=date(2013, 7, 21))
    split = AS_OF - timedelta(days=3)

    finding = judged(
        "QLT-05",
        records=lambda system: tuple(
            r.model_copy(update={"as_of": split}) if r.kind == "change_decomposition" else r
            for r in records(system)
        ),
    )

    assert finding.reason == "expired"
    assert "what was split on 2013-07-19 is no part of the fall of 2013-07-21" in finding.message


def test_qlt_05_is_unknown_when_a_part_is_not_known():
    few = Measured(value=None, unit="share", n=3, no_interval="too few")

    assert judged("QLT-05", records=but(a_split, rest=few)).reason == "too_few"


def test_qlt_05_passes_without_a_fall_when_one_could_be_split():
    finding = judged("QLT-05", records=but(a_quality, **UNHURT))

    assert finding.message == (
        "monitor quality: quality changed by 1 point (n 1,000, -1 to 3), which is no fall to "
        "explain; one would be split by origin"
    )


def test_qlt_05_is_unknown_without_a_fall_when_one_could_not_be_split():
    whole = {**QUALITY, "segments": []}

    finding = judged("QLT-05", signals=monitors(whole), records=but(a_quality, **UNHURT))

    assert finding.reason == "missing"
    assert "the monitor names no segments" in finding.message


def test_qlt_05_is_unknown_when_too_few_rows_say_whether_it_fell():
    few = Measured(value=None, unit="share", n=3, no_interval="too few")

    assert judged("QLT-05", records=but(a_quality, change=few)).reason == "too_few"


def test_qlt_05_says_which_of_the_three_causes_changed():
    prompt = CauseBranch(branch="prompt", changed=True, why="p7 since 3 July")

    finding = judged("QLT-05", records=but(a_split, causes=(prompt,)))

    assert finding.message.endswith("; prompt changed: p7 since 3 July")


def test_qlt_07_passes_without_an_alarm_and_says_how_often_one_would_be_false():
    assert judged("QLT-07").message == (
        "monitor quality: no alarm (0.37 false ones a year): accuracy 80 % (n 1,000, 78 to 82 %) "
        "against 85 % (n 1,000, 83 to 87 %)"
    )


def test_qlt_07_fails_while_an_alarm_stands_and_says_since_when():
    alarm = but(a_quality, alarm_at=date(2013, 6, 9), onset_estimate=date(2013, 5, 20))

    finding = judged("QLT-07", records=alarm)

    assert finding.status == "failed"
    assert finding.message == (
        "monitor quality: quality falls since 2013-05-20, alarm on 2013-06-09: accuracy 80 % "
        "(n 1,000, 78 to 82 %) against 85 % (n 1,000, 83 to 87 %)"
    )
    assert "playbook look-upstream of monitor quality" in finding.remedy


def test_qlt_07_fails_when_more_than_matters_was_lost_and_nothing_alarmed():
    # All of -10 to -6 points lies beyond 5.
    finding = judged("QLT-07", records=but(a_quality, change=share(-0.08)))

    assert "no alarm, and quality changed by -8 points (n 1,000, -10 to -6)" in finding.message


def test_qlt_07_fails_for_an_alarm_that_cries_wolf():
    finding = judged("QLT-07", records=but(a_quality, false_alarms_per_year=4.0))

    assert finding.status == "failed"
    assert "4 false alarms a year; expected at most 1" in finding.message


def test_qlt_07_is_unknown_for_an_alarm_that_nobody_calibrated():
    finding = judged("QLT-07", records=but(a_quality, false_alarms_per_year=None))

    assert finding.reason == "too_few"


def test_qlt_07_is_unknown_where_nothing_was_ever_right_and_nothing_could_leak_away():
    none = exact(0.0, "share", 1000)

    finding = judged("QLT-07", records=but(a_quality, baseline=none, current=none,
                                           change=exact(0.0, "share", 1000)))  # fmt: skip

    assert finding.reason == "too_few"
    assert "not one row of its baseline was right" in finding.message


def test_qlt_07_is_unknown_when_measured_too_long_ago():
    old = but(a_quality, as_of=AS_OF - timedelta(days=9))

    assert judged("QLT-07", records=old).reason == "expired"


@pytest.mark.parametrize("check_id", ["QLT-05", "QLT-07"])
def test_a_quality_that_is_looked_at_by_hand_answers_neither(check_id):
    by_hand = {**QUALITY, "automated": "false"}

    finding = judged(check_id, signals=monitors(by_hand))

    assert finding.reason == "missing"
    assert "no automated monitor watches output_quality" in finding.message


@pytest.mark.parametrize("check_id", ["QLT-04", "QLT-05", "QLT-07"])
def test_a_quality_that_was_never_measured_answers_none(check_id):
    assert judged(check_id, records=nothing).reason == "missing"


ONE_DAY = Measured(value=-0.65, unit="share", n=1000, no_interval="one side has a single day")
NO_ROW = Measured(value=-0.3, unit="share", n=0, low=-0.7, high=0.01)


@pytest.mark.parametrize("check_id", ["QLT-05", "QLT-07"])
@pytest.mark.parametrize("change", [ONE_DAY, NO_ROW])
def test_a_fall_that_nobody_can_be_sure_of_is_no_good_news(check_id, change):
    finding = judged(check_id, records=but(a_quality, change=change))

    assert finding.reason == "too_few"


@pytest.mark.parametrize(
    "current",
    [
        Measured(value=None, unit="share", n=0, no_interval="too few"),
        exact(0.9, "share", 1),
    ],
)
def test_qlt_07_is_unknown_when_quality_now_is_not_known(current):
    finding = judged("QLT-07", records=but(a_quality, current=current))

    assert finding.reason == "too_few"
    assert "too little to say that none fell" in finding.message


def test_qlt_07_fails_for_a_fall_that_somebody_wrote_off_beforehand():
    # A drop of everything would be tolerated; 63 to 67 points were lost.
    easy = {**QUALITY, "tolerable_drop": "1"}
    lost = but(a_quality, current=share(0.2), change=share(-0.65))

    finding = judged("QLT-07", signals=monitors(easy), records=lost)

    assert finding.status == "failed"
    assert "where a drop of 20 points matters" in finding.message


def test_qlt_07_holds_a_score_against_the_drop_that_matters_in_its_own_unit():
    # 4 minutes matter of a baseline of 60; 5 to 7 were lost, and of 3 to 5 nobody can tell.
    watched = {**QUALITY, "metric": "mean", "score": "minutes", "label": None}
    signals = monitors({**watched, "tolerable_drop": "4"})

    def lost(low, high):
        change = Measured(value=(low + high) / 2, unit="score", n=1000, low=low, high=high)
        return but(a_quality, metric="mean", baseline=exact(60.0, "score", 5000), change=change)

    finding = judged("QLT-07", signals=signals, records=lost(-7.0, -5.0))
    open_one = judged("QLT-07", signals=signals, records=lost(-5.0, -3.0))

    assert finding.status == "failed"
    assert "where a drop of 4 matters" in finding.message
    assert "where a drop" not in open_one.message


def test_qlt_04_is_unknown_where_less_is_better():
    finding = judged("QLT-04", records=but(a_quality, better="lower"))

    assert finding.reason == "missing"
    assert "has a floor of 70 %" in finding.message
    assert "less is better" in finding.message


def test_qlt_04_holds_a_score_against_its_floor_as_the_number_that_it_is():
    def stars(value):
        return Measured(value=value, unit="score", n=1000, low=value - 0.02, high=value + 0.02)

    jfk = a_segment("JFK", 0.8).model_copy(update={"quality": stars(0.65)})

    finding = judged("QLT-04", records=seen(jfk))

    assert finding.message.startswith("segment overseas (origin JFK): 0.65 (n 1,000, 0.63 ")
    assert "floor 0.7, while the headline" in finding.message


def test_qlt_04_is_unknown_for_one_row_whatever_the_segment_asks_for():
    easy = {**SEGMENT, "min_n": "1", "floor": "0.5"}
    one = a_segment("JFK", 1.0, n=1).model_copy(update={"quality": exact(1.0, "share", 1)})

    finding = judged("QLT-04", signals=segments(easy), records=seen(one))

    assert finding.reason == "too_few"
    assert "expected at least 20 rows" in finding.message


def test_qlt_04_fails_and_names_the_owner_whom_its_remedy_asks():
    finding = judged("QLT-04", records=seen(a_segment("JFK", 0.61)))

    # The area of detection is answered for by bo-li.
    assert finding.remedy.startswith("the owner has origin JFK answered another way")
    assert finding.owner == "ana-ruiz"
    assert judged("QLT-04", records=nothing).owner == "bo-li"
