from datetime import date

import pytest

from ops_model.domain.evidence import Measured
from tests.builders import AREAS, AS_OF, a_quality, all_records, exact
from tests.checks.judged import but, judged, lacking
from tests.shown_running import a_review

QUALITY, INPUTS = AREAS["signals"]["monitors"][:2]
INCIDENT = {
    "id": "gate-closed",
    "title": "sent people to a closed gate",
    "severity": "sev3",
    "state": "fixed",
    "detected_by": "monitor",
    "monitor": "quality",
    "detected_at": "2013-07-01T08:00:00Z",
}
REPORTED = {"customer_reported_at": "2013-07-01T14:00:00Z"}


def hours(value, low=None, high=None):
    if low is None:
        return Measured(value=value, unit="h", n=1, no_interval="single timing")
    return Measured(value=value, unit="h", n=1, low=low, high=high)


def reviewed(**changes):
    """All records, the review of the incident with these changes."""

    def records(system):
        new = a_review(system, system.incidents[0], **changes)
        return tuple(new if r.kind == new.kind else r for r in all_records(system))

    return records


def incident(**changes):
    return {"incidents": [{**INCIDENT, **changes}]}


def monitors(*given):
    return {"monitors": list(given)}


def test_qlt_02_passes_when_the_alarm_came_before_the_first_customer():
    finding = judged("QLT-02", **incident(**REPORTED), records=reviewed(lead_hours=hours(6.0)))

    assert finding.status == "passed"
    assert finding.message == (
        "incident gate-closed: the first alarm came 6 h (n 1, single timing) before the first "
        "report"
    )


def test_qlt_02_passes_when_no_customer_had_to_tell_us():
    assert judged("QLT-02", **incident()).message == (
        "incident gate-closed: noticed by monitor; no customer had to tell us"
    )


def test_qlt_02_passes_when_our_own_people_noticed_first():
    # From 8 to 14 o'clock.
    finding = judged("QLT-02", **incident(detected_by="staff", **REPORTED))

    assert finding.message.endswith("noticed by staff 6 h before the first report")


def test_qlt_02_fails_when_the_alarm_came_after_the_first_customer():
    finding = judged(
        "QLT-02", **incident(**REPORTED), records=reviewed(lead_hours=hours(-3.0, -4.0, -2.0))
    )

    assert finding.status == "failed"
    assert finding.message == (
        "incident gate-closed: the first alarm came 3 h (n 1, 2 to 4) after the first customer "
        "had told us"
    )
    # 180 days after 1 July.
    assert "the incident counts until 2013-12-28" in finding.remedy


@pytest.mark.parametrize(("monitor", "said"), [(None, "none is named"), ("gone", "gone is none")])
def test_qlt_02_is_unknown_when_a_monitor_noticed_it_that_nobody_names(monitor, said):
    finding = judged("QLT-02", **incident(monitor=monitor))

    assert finding.reason == "missing"
    assert f"noticed by a monitor, it is said, but {said}, and no alarm is on" in finding.message
    assert "which `monitor` of signals.yaml noticed it" in finding.remedy


def test_qlt_02_passes_with_an_alarm_on_record_whatever_the_file_calls_the_monitor():
    alarmed = reviewed(first_alert_at=AS_OF)

    assert judged("QLT-02", **incident(monitor=None), records=alarmed).status == "passed"


def test_qlt_02_says_both_bounds_of_a_lead_that_is_known_no_closer():
    lead = Measured(value=-3, unit="h", n=1, low=-4, high=-2, level=1.0)

    finding = judged("QLT-02", **incident(**REPORTED), records=reviewed(lead_hours=lead))

    assert "the first alarm came between 2 and 4 h (n 1) after the first" in finding.message


@pytest.mark.parametrize(
    ("change", "whom"),
    [
        ({"detected_by": "customer"}, "the customer"),
        ({"detected_by": "public"}, "the public"),
        ({"detected_by": "staff", "customer_reported_at": "2013-07-01T07:00:00Z"}, "a customer"),
    ],
)
def test_qlt_02_fails_when_others_told_us_and_nothing_had_alarmed(change, whom):
    finding = judged("QLT-02", **incident(**change))

    assert finding.status == "failed"
    assert f"{whom} told us first, and no alarm is on record before" in finding.message


def test_qlt_02_is_unknown_when_the_lead_may_lie_on_either_side():
    finding = judged(
        "QLT-02", **incident(**REPORTED), records=reviewed(lead_hours=hours(1.0, -1.0, 3.0))
    )

    assert finding.reason == "too_few"


def test_qlt_02_is_unknown_for_an_incident_that_was_never_measured():
    finding = judged("QLT-02", **incident(), records=lacking("incident_review"))

    assert finding.reason == "missing"
    assert "ops-model run 09_incident_postmortem flight-delay -p incident=gate-closed" in (
        finding.remedy
    )


def test_qlt_02_is_unknown_when_the_incident_was_edited_since():
    finding = judged("QLT-02", **incident(), records=reviewed(text_digest="sha256:" + "9" * 64))

    assert finding.reason == "expired"
    assert "was looked back at on 2013-07-22, and is written otherwise now" in finding.message


def test_qlt_02_does_not_arise_when_the_last_incident_is_long_ago():
    # 181 days before 22 July 2013.
    old = incident(detected_by="customer", detected_at="2013-01-22T08:00:00Z")

    assert judged("QLT-02", **old).status == "not_applicable"


@pytest.mark.parametrize("kind", ["unavailable", "slow"])
def test_qlt_02_fails_for_an_outage_that_a_customer_told_us_of(kind):
    mode = {**AREAS["identity"]["failure_modes"][0], "id": "gone", "kind": kind}

    finding = judged(
        "QLT-02",
        identity={"failure_modes": [mode]},
        **incident(detected_by="customer", failure_mode="gone"),
        records=reviewed(lead_hours=None),
    )

    assert finding.status == "failed"


def test_qlt_02_does_not_arise_for_a_way_of_failing_that_no_answer_shows():
    mode = {**AREAS["identity"]["failure_modes"][0], "id": "dear-day", "kind": "cost_runaway"}

    finding = judged(
        "QLT-02",
        identity={"failure_modes": [mode]},
        **incident(detected_by="customer", failure_mode="dear-day"),
    )

    assert finding.status == "not_applicable"


def test_qlt_02_fails_for_an_answer_that_was_right_by_the_model_alone_whatever_its_kind():
    mode = {**AREAS["identity"]["failure_modes"][0], "id": "slow-day", "kind": "slow"}

    finding = judged(
        "QLT-02",
        identity={"failure_modes": [mode]},
        **incident(detected_by="customer", failure_mode="slow-day", technically_correct="true"),
    )

    assert finding.status == "failed"


def test_qlt_09_passes_with_the_longest_that_a_fall_can_go_on():
    # A window of 7 days and one until it is looked at again.
    finding = judged("QLT-09")

    assert finding.message == (
        "monitor quality: no alarm is on record; a fall of 5 points fills its window of 7 days "
        "and is known after 192 h at worst, with 0 days for labels and 1 day until the next look; "
        "promised within 240 h"
    )
    assert finding.values[0].measured.value == 192


def test_qlt_09_passes_when_the_fall_on_record_was_noticed_in_time():
    # 1 to 8 July are 7 days, and the day of the alarm has to be over.
    seen = but(a_quality, onset_estimate=date(2013, 7, 1), alarm_at=date(2013, 7, 8))

    finding = judged("QLT-09", records=seen)

    assert finding.message == (
        "monitor quality: the fall that began on 2013-07-01 raised the alarm of 2013-07-08, known "
        "8 days after it began (192 h); promised within 240 h"
    )


def test_qlt_09_fails_when_labels_made_the_alarm_too_late():
    seen = but(a_quality, onset_estimate=date(2013, 7, 1), alarm_at=date(2013, 7, 8))

    finding = judged("QLT-09", records=seen, signals={"late_days": "3"})

    assert finding.status == "failed"
    assert "known 11 days after it began (264 h); expected within 240 h" in finding.message


def test_qlt_09_fails_when_a_window_takes_longer_than_was_promised():
    monthly = {**QUALITY, "window_days": "28"}

    finding = judged("QLT-09", signals=monitors(monthly))

    # 29 days.
    assert "696 h at worst" in finding.message
    assert finding.message.endswith("expected within 240 h")


@pytest.mark.parametrize(("tier", "status"), [("A", "failed"), ("B", "passed"), ("C", "passed")])
def test_qlt_09_fails_sooner_at_a_higher_tier_for_a_promise_of_weeks(tier, status):
    slow = {**QUALITY, "detect_within_hours": "1008"}

    assert judged("QLT-09", tier=tier, signals=monitors(slow)).status == status


def test_qlt_09_is_unknown_when_nothing_was_promised():
    finding = judged("QLT-09", signals=monitors({**QUALITY, "detect_within_hours": None}))

    assert finding.reason == "missing"
    assert "the owner writes detect_within_hours of monitor quality" in finding.remedy


def test_qlt_09_is_unknown_when_a_window_does_not_show_the_drop_that_matters():
    blind = but(a_quality, min_detectable_drop=exact(0.06, "share", 120))

    assert judged("QLT-09", records=blind).reason == "too_few"


def test_qlt_09_fails_for_an_incident_that_went_on_for_longer():
    finding = judged(
        "QLT-09", **incident(), records=reviewed(detection_hours=hours(300.0, 290.0, 310.0))
    )

    assert finding.status == "failed"
    assert finding.message == (
        "incident gate-closed was noticed 300 h (n 1, 290 to 310) after it began; expected within "
        "240 h"
    )


def test_qlt_09_is_unknown_for_an_incident_that_may_have_gone_on_for_longer():
    finding = judged(
        "QLT-09", **incident(), records=reviewed(detection_hours=hours(230.0, 200.0, 250.0))
    )

    assert finding.reason == "too_few"


def test_qlt_09_passes_with_an_incident_that_was_noticed_in_time():
    finding = judged(
        "QLT-09", **incident(), records=reviewed(detection_hours=hours(3.0, 2.0, 4.0))
    )

    assert finding.status == "passed"
    assert "incident gate-closed was noticed 3 h (n 1, 2 to 4) after it began" in finding.message


@pytest.mark.parametrize("given", [{}, {"monitor": None}, {"monitor": "inputs"}])
def test_qlt_09_fails_for_an_incident_that_another_monitor_or_none_was_to_see(given):
    finding = judged(
        "QLT-09",
        **incident(detected_by="staff", **given),
        records=reviewed(detection_hours=hours(2200.0)),
    )

    assert finding.status == "failed"
    assert "incident gate-closed was noticed 2,200 h" in finding.message


def test_qlt_09_holds_an_incident_against_the_promise_of_the_monitor_that_was_to_see_it():
    soon = {**INPUTS, "detect_within_hours": "24"}

    finding = judged(
        "QLT-09",
        signals=monitors(QUALITY, soon),
        **incident(monitor="inputs"),
        records=reviewed(detection_hours=hours(30.0)),
    )

    assert finding.message.endswith("noticed 30 h (n 1, single timing) after it began; expected "
                                    "within 24 h")  # fmt: skip


@pytest.mark.parametrize("taken", [None, hours(None), hours(-2.0)])
def test_qlt_09_is_unknown_when_how_long_an_incident_went_on_is_not_known(taken):
    finding = judged("QLT-09", **incident(), records=reviewed(detection_hours=taken))

    assert finding.reason == "missing"
    assert "(onset_earliest, onset_latest)" in finding.remedy


@pytest.mark.parametrize(
    ("onset", "why"),
    [
        (None, "when the fall began that raised the alarm of 2013-07-08 is on no record"),
        (date(2013, 7, 20), "its fall of 2013-07-20 began after its alarm of 2013-07-08"),
    ],
)
def test_qlt_09_is_unknown_for_an_alarm_that_says_not_since_when(onset, why):
    seen = but(a_quality, onset_estimate=onset, alarm_at=date(2013, 7, 8))

    finding = judged("QLT-09", records=seen)

    assert finding.reason == "too_few"
    assert why in finding.message


def test_qlt_09_is_unknown_when_quality_is_looked_at_by_hand():
    by_hand = {**QUALITY, "automated": "false"}

    assert judged("QLT-09", signals=monitors(by_hand)).reason == "missing"
