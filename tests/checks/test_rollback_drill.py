from datetime import timedelta

import pytest

from tests.builders import AREAS, AS_OF, a_rollback_drill
from tests.checks.judged import but, judged, lacking


def test_rbk_04_passes_and_says_how_many_answers_and_what_failed_meanwhile():
    finding = judged("RBK-04", records=but(a_rollback_drill, failed_requests=4), change=None)

    assert finding.message == (
        "v1 gave 3 healthy answers in a row in the drill of 2013-07-12, and what served before "
        "serves again; 4 of 500 requests failed meanwhile"
    )
    assert [(v.name, v.measured.value, v.measured.n) for v in finding.values] == [
        ("failed_requests", 4, 500)
    ]
    assert finding.valid_until == AS_OF + timedelta(days=80)


@pytest.mark.parametrize(
    ("drill", "said"),
    [
        ({"healthy": False}, "v1 was not healthy afterwards; 0 of 500 requests failed"),
        (
            {"healthy": False, "problems": ("it never answered",)},
            "v1 was not healthy afterwards: it never answered",
        ),
        ({"healthy_needed": 2}, "counted as healthy after 2 answers; expected at least 3 in a"),
        ({"restored": False}, "what served before the drill was not put back"),
        ({"failed_requests": 500}, "expected at most 50 % of the requests to fail; 500 of 500"),
        ({"failed_requests": 251}, "expected at most 50 % of the requests to fail"),
        ({"passed": False}, "the drill did not pass: no reason given"),
        ({"passed": False, "problems": ("3 lost",)}, "the drill did not pass: 3 lost"),
    ],
)
def test_rbk_04_fails_when_the_service_was_not_well_afterwards(drill, said):
    finding = judged("RBK-04", records=but(a_rollback_drill, **drill))

    assert finding.status == "failed"
    assert said in finding.message
    assert "bo-li finds out why" in finding.remedy


def test_rbk_04_passes_when_half_of_the_requests_failed_meanwhile():
    finding = judged("RBK-04", records=but(a_rollback_drill, failed_requests=250), change=None)

    assert finding.status == "passed"


def test_rbk_04_is_unknown_when_nobody_asked_anything_during_the_drill():
    finding = judged("RBK-04", records=but(a_rollback_drill, requests=0))

    assert (finding.status, finding.reason) == ("unknown", "too_few")


def test_rbk_04_fails_by_the_row_that_the_policy_asks_for():
    policy = {"thresholds": {"RBK-04": {"min_healthy_answers": "20"}}}

    assert judged("RBK-04", policy=policy).status == "failed"


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        (lacking("rollback_drill"), "missing"),
        (but(a_rollback_drill, as_of=AS_OF - timedelta(days=91)), "expired"),
        (but(a_rollback_drill, to_version="v0"), "missing"),
    ],
)
@pytest.mark.parametrize("check", ["RBK-04", "RBK-05"])
def test_it_is_unknown_where_no_drill_counts_for_the_stopwatch_either(check, records, reason):
    finding, stopwatch = judged(check, records=records), judged("RBK-02", records=records)

    assert finding.reason == stopwatch.reason == reason
    assert finding.message == stopwatch.message


@pytest.mark.parametrize("check", ["RBK-04", "RBK-05"])
def test_it_is_unknown_when_the_version_is_younger_than_the_drill_or_there_is_no_plan(check):
    version = {**AREAS["identity"]["version"], "in_production_since": "2013-07-15T00:00:00Z"}

    assert judged(check, identity={"version": version}).reason == "expired"
    assert judged(check, rollback=None).reason == "missing"


def test_rbk_05_counts_a_drill_for_as_long_as_the_stopwatch_does():
    drilled = but(a_rollback_drill, as_of=AS_OF - timedelta(days=10))

    assert judged("RBK-05", records=drilled, change=None).valid_until == AS_OF + timedelta(days=80)


def test_rbk_05_is_unknown_when_a_drill_that_lost_records_was_of_another_version():
    lost = but(a_rollback_drill, lost=3, from_version="v0")

    assert judged("RBK-05", records=lost).reason == "missing"


def test_rbk_04_is_unknown_at_tier_a_without_a_witness():
    drill = but(a_rollback_drill, as_of=AS_OF - timedelta(days=5))

    assert judged("RBK-04", tier="A", records=drill).reason == "below_grade"


@pytest.mark.parametrize("check", ["RBK-02", "RBK-04", "RBK-05"])
def test_a_version_that_was_known_by_the_servers_word_alone_was_not_seen(check):
    finding = judged(check, records=but(a_rollback_drill, rests_on="word"))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert (
        "that v1 answered in the drill of 2013-07-12 is the server's own word" in finding.message
    )
    assert "target.reference" in finding.remedy


@pytest.mark.parametrize("check", ["RBK-02", "RBK-04", "RBK-05"])
@pytest.mark.parametrize("known_by", ["reference", "digest", None])
def test_a_version_that_was_known_by_more_than_a_word_was_seen(check, known_by):
    records = but(a_rollback_drill, rests_on=known_by)

    assert judged(check, records=records, change=None).status == "passed"
