"""The fallback drill against a real server whose feed is really gone."""

import time

import pytest

from ops_model.domain.fallback import FallbackPlan
from ops_model.domain.values import digest_of
from ops_model.drill import fallback
from ops_model.drill.fallback import path_to_rehearse
from ops_model.drill.record import Journal
from ops_model.drill.scene import Interruption, Scene
from ops_model.errors import DrillError
from ops_model.example.serve import NOTICE
from tests.drill.rehearsal import a_fallback_plan, rehearse
from tests.drill.vendor_plans import a_vendor_plan

pytestmark = [pytest.mark.slow, pytest.mark.alone]  # servers under a stopwatch


def test_the_last_good_hour_serves_the_notice_is_seen_and_normal_answers_return(workbook):
    facts = rehearse(workbook, a_fallback_plan())

    assert facts["passed"]
    assert facts["lost"] == 0
    assert facts["served_share"]["value"] == 1.0
    assert facts["served_share"]["n"] >= 100
    assert facts["degraded_share"]["value"] > 0.5
    assert facts["notice_digest"] == digest_of(NOTICE.encode())
    assert facts["notice_matches_plan"]
    assert facts["notice_seconds"]["value"] <= 1
    assert facts["returned"]


def test_the_one_fault_of_the_drill_is_the_feed_that_is_gone(workbook):
    (fault,) = rehearse(workbook, a_fallback_plan())["faults"]

    assert fault["fault"] == "weather-feed gone"
    assert fault["p95_seconds"]["n"] == fault["served_share"]["n"]


def test_a_server_that_shows_no_notice_fails(workbook):
    facts = rehearse(workbook, a_fallback_plan("hides-notice"))

    assert not facts["passed"]
    assert not facts["notice_seen"]
    assert facts["problems"] == ["no user saw a notice"]


def test_a_server_that_shows_another_notice_than_the_plans_fails(workbook):
    facts = rehearse(workbook, a_fallback_plan(start=["--notice", "All is well."]))

    assert facts["notice_seen"]
    assert not facts["notice_matches_plan"]
    assert facts["notice_digest"] == digest_of(b"All is well.")
    assert facts["problems"] == ["users saw another notice than the plan's"]


def test_requests_that_get_neither_an_answer_nor_a_notice_are_lost(workbook):
    plan = a_fallback_plan("fails-when-degraded", target=a_slow_target("fails-when-degraded"))

    facts = rehearse(workbook, plan)

    served, lost = facts["served_share"], facts["lost"]
    # All those requests of the outage that were not served, and perhaps some of the return.
    assert lost >= served["n"] * (1 - served["value"]) > 0
    assert not facts["passed"]
    assert facts["returned"]


def test_a_server_that_never_says_that_it_is_degraded_did_not_switch(workbook):
    plan = a_fallback_plan(target=a_slow_target("never-degrades"))

    facts = rehearse(workbook, plan)

    assert facts["seconds"]["value"] is None
    assert facts["problems"][0].startswith("no degraded answer and no notice within")


def test_a_server_that_stays_degraded_did_not_return(workbook):
    # Deadlines pass ten times as fast, so that thirty seconds of patience last three.
    def quick():
        return time.monotonic() * 10

    (workbook / "runs").mkdir()
    journal = Journal(workbook / "runs" / "drill.jsonl", quick)
    scene = Scene(workbook, "fallback-0123456789abcdef", journal, Interruption(), quick)

    facts = fallback.rehearse(a_fallback_plan("stays-degraded").paths[0], scene)

    journal.close()
    assert not facts["returned"]
    assert "normal answers did not return: answers are degraded" in scene.problems


def test_a_target_without_a_feed_is_not_rehearsed(workbook):
    plan = a_fallback_plan(start=["--no-weather-feed"])

    with pytest.raises(DrillError, match="requests fail: status 422; nothing was taken away"):
        fallback_with_little_patience(workbook, plan)


def fallback_with_little_patience(workbook, plan):
    def quick():
        return time.monotonic() * 30

    (workbook / "runs").mkdir()
    journal = Journal(workbook / "runs" / "drill.jsonl", quick)
    try:
        scene = Scene(workbook, "fallback-0123456789abcdef", journal, Interruption(), quick)
        return fallback.rehearse(plan.paths[0], scene)
    finally:
        journal.close()


def test_a_plan_in_which_no_path_has_a_target_was_only_declared():
    plan = a_fallback_plan(target=None)

    with pytest.raises(DrillError, match=r"fallback\.yaml has no target and no vendor"):
        path_to_rehearse(plan)


def two_paths():
    """The first was only declared; two others name a client."""
    declared = a_fallback_plan(target=None).paths[0]
    vendors = [
        a_vendor_plan(path={"id": name}).paths[0] for name in ("second-provider", "third-provider")
    ]
    return FallbackPlan(paths=(declared, *vendors))


def test_the_first_path_that_can_be_rehearsed_is_taken_where_none_is_named():
    assert path_to_rehearse(two_paths()).id == "second-provider"
    assert path_to_rehearse(two_paths(), "third-provider").id == "third-provider"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("last-good-hour", "path last-good-hour of fallback.yaml has no target and no vendor"),
        ("fourth", "there is no path fourth"),
    ],
)
def test_a_path_that_is_named_and_cannot_be_rehearsed_is_refused(path, told):
    with pytest.raises(DrillError, match=told):
        path_to_rehearse(two_paths(), path)


def a_slow_target(fault):
    """Ten requests a second, so that the seconds without a switch-over hold few."""
    return {
        "environment": "test",
        "start": ["python", "-m", "ops_model.example.serve", "--weather-every", "0.05", "--fault",
                  fault],
        "sample": {"hour": 17, "distance": 1089, "carrier": "B6", "origin": "JFK"},
        "requests_per_second": 50,
    }  # fmt: skip
