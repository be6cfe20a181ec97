from datetime import timedelta

import pytest

from ops_model.domain.evidence import Measured
from ops_model.domain.values import Window
from tests.builders import AREAS, AS_OF, all_records, exact
from tests.checks.judged import but, judged, lacking
from tests.shown_quality import a_link, an_outcome, between

OUTCOME = AREAS["signals"]["outcomes"][0]


def measured(**changes):
    """The outcome from 0.7 to 0.8, measured with these changes."""

    def records(system):
        new = an_outcome(system, system.signals.outcomes[0], **changes)
        return tuple(new if r.kind == new.kind else r for r in all_records(system))

    return records


def test_qlt_06_passes_while_all_of_the_interval_moves_the_wanted_way():
    # Four tenths of the way from 70 to 80 %, give or take one.
    assert judged("QLT-06").message == (
        "outcome gates-kept: 74 % (n 5,000, 73 to 75 %) against 70 % (n 5,000, exact), target "
        "0.8; moved by 4 points (n 5,000, 3 to 5)"
    )


def test_qlt_06_passes_at_the_target_where_nothing_has_to_move():
    there = measured(current=between(0.85, 0.02), change=between(0.0, 0.02))

    assert judged("QLT-06", records=there).message.endswith("at its target")


def test_qlt_06_passes_at_a_target_that_lies_below():
    down = {**OUTCOME, "direction": "down", "baseline": "0.7", "target": "0.5"}
    there = measured(current=between(0.45, 0.02), change=between(0.0, 0.02))

    finding = judged("QLT-06", signals={"outcomes": [down]}, records=there)

    assert finding.message.endswith("at its target")


def test_qlt_06_fails_when_at_best_it_hardly_moved():
    # A tenth of the way is one point.
    still = measured(current=between(0.7, 0.02), change=between(0.0, 0.005))

    finding = judged("QLT-06", records=still)

    assert finding.status == "failed"
    assert finding.message.endswith(
        "it moved by 0 points (n 5,000, -0.5 to 0.5) in the wanted direction, at best less than "
        "10 % of the way from baseline to target"
    )


def test_qlt_06_fails_when_it_goes_back():
    back = measured(change=between(-0.04, 0.02))

    assert judged("QLT-06", records=back).status == "failed"


def test_qlt_06_is_unknown_when_the_interval_is_too_wide_to_tell():
    wide = measured(change=between(0.01, 0.05))

    finding = judged("QLT-06", records=wide)

    assert finding.reason == "too_few"
    assert "whether it moves is not shown: 1 point (n 5,000, -4 to 6)" in finding.message


def test_qlt_06_is_unknown_when_its_last_days_cannot_be_known_yet():
    late = {**OUTCOME, "label_lag_days": "7"}
    until = Window(start=AS_OF - timedelta(days=28), end=AS_OF - timedelta(days=6))

    finding = judged("QLT-06", signals={"outcomes": [late]}, records=measured(window=until))

    assert finding.reason == "too_few"
    assert "it counts until 2013-07-16, and an outcome is known 7 days later" in finding.message


def test_qlt_06_is_unknown_when_which_days_it_counted_is_not_said():
    assert judged("QLT-06", records=measured(window=None)).reason == "too_few"


def test_qlt_06_is_unknown_for_a_number_without_an_interval():
    bare = Measured(value=0.04, unit="share", n=3, no_interval="too few")

    assert judged("QLT-06", records=measured(change=bare)).reason == "too_few"


def test_qlt_06_is_unknown_when_the_outcome_was_never_measured():
    finding = judged("QLT-06", records=lacking("outcome"))

    assert finding.reason == "missing"
    assert "outcome gates-kept was never measured" in finding.message


def test_qlt_06_is_unknown_when_measured_too_long_ago():
    old = measured(as_of=AS_OF - timedelta(days=36))

    assert judged("QLT-06", records=old).reason == "expired"


@pytest.mark.parametrize("check_id", ["QLT-06", "QLT-08"])
def test_qlt_06_is_unknown_when_no_outcome_is_named(check_id):
    finding = judged(check_id, signals={"outcomes": []})

    assert finding.reason == "missing"
    assert "`outcomes` in signals.yaml" in finding.remedy


def test_qlt_08_passes_when_the_interval_lies_above_0():
    assert judged("QLT-08").message == (
        "quality of monitor quality and outcome gates-kept: correlation 0.6 (n 16, 0.3 to 0.9), "
        "over periods of 7 days"
    )


def test_qlt_08_passes_when_what_is_wanted_to_fall_falls_as_quality_rises():
    down = {**OUTCOME, "direction": "down", "baseline": "0.7", "target": "0.5"}
    link = but(a_link, correlation=between(-0.6, 0.3, "r", 16))

    assert judged("QLT-08", signals={"outcomes": [down]}, records=link).status == "passed"


def test_qlt_08_fails_when_at_best_they_hardly_go_together():
    finding = judged("QLT-08", records=but(a_link, correlation=between(0.0, 0.2, "r", 90)))

    assert finding.status == "failed"
    assert finding.message.endswith(
        "the outcome is wanted up, so expected at least 0.3, and no part of the interval reaches "
        "that"
    )


def test_qlt_08_fails_when_the_outcome_gets_worse_as_quality_rises():
    finding = judged("QLT-08", records=but(a_link, correlation=between(-0.6, 0.3, "r", 16)))

    assert finding.status == "failed"


def test_qlt_08_is_unknown_while_the_interval_holds_0_and_a_strong_link():
    finding = judged("QLT-08", records=but(a_link, correlation=between(0.3, 0.4, "r", 14)))

    assert finding.reason == "too_few"
    assert finding.message.endswith("the interval holds 0")


def test_qlt_08_is_unknown_with_fewer_than_twelve_periods():
    finding = judged("QLT-08", records=but(a_link, correlation=between(0.6, 0.3, "r", 11)))

    assert finding.reason == "too_few"
    assert finding.message.endswith("expected an interval and 12 periods")


def test_qlt_08_is_unknown_for_the_link_of_a_monitor_that_is_gone():
    assert judged("QLT-08", records=but(a_link, monitor="gone")).reason == "missing"


def test_qlt_08_is_unknown_when_nobody_watches_quality():
    others = [m for m in AREAS["signals"]["monitors"] if m["signal"] != "output_quality"]

    finding = judged("QLT-08", signals={"monitors": others})

    assert finding.reason == "missing"
    assert "no monitor watches output_quality" in finding.message


@pytest.mark.parametrize("n", [0, 1])
def test_qlt_06_is_unknown_when_hardly_anything_was_counted(n):
    few = exact(0.01, "share", n)

    assert judged("QLT-06", records=measured(change=few)).reason == "too_few"


def test_qlt_06_is_unknown_when_the_days_that_were_counted_are_long_gone():
    gone = Window(start=AS_OF - timedelta(days=1500), end=AS_OF - timedelta(days=1400))

    finding = judged("QLT-06", records=measured(window=gone))

    assert finding.reason == "expired"
    assert "which is 1,400 days ago; expected at most 35" in finding.message


def test_qlt_06_is_unknown_when_progress_is_counted_from_another_baseline():
    # From 10 to 30 %, where the claim begins at 70.
    other = measured(
        baseline=exact(0.1, "share", 5000), current=between(0.3, 0.02), change=between(0.2, 0.02)
    )

    finding = judged("QLT-06", records=other)

    assert finding.reason == "expired"
    assert finding.message.endswith("from another baseline than the claim's 0.7")


def test_qlt_06_passes_against_a_baseline_that_the_claim_has_rounded():
    # A twentieth of the way from 70 to 80 % is half a point.
    assert judged("QLT-06", records=measured(baseline=exact(0.704, "share", 5000))).status == (
        "passed"
    )


@pytest.mark.parametrize(
    ("correlation", "status"),
    [
        (Measured(value=0.01, unit="r", n=5000, low=0.001, high=0.02), "failed"),
        (Measured(value=0.15, unit="r", n=200, low=0.01, high=0.35), "unknown"),
        (exact(0.6, "r", 12), "unknown"),
    ],
)
def test_qlt_08_is_unknown_or_fails_for_a_link_that_is_weak_or_said_to_be_exact(
    correlation, status
):
    assert judged("QLT-08", records=but(a_link, correlation=correlation)).status == status
