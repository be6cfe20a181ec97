from datetime import timedelta

import pytest

from ops_model.domain.evidence import Measured
from tests.builders import AREAS, AS_OF, a_fallback_drill
from tests.checks.judged import but, judged, lacking

PATH = AREAS["fallback"]["paths"][0]
SILENT = {k: v for k, v in PATH.items() if k != "user_notice"}


def test_fbk_01_passes_with_another_way_on():
    assert judged("FBK-01").message == (
        "when weather-feed (data feed) is down: cache, serve from the last good hour"
    )


def test_fbk_01_passes_as_answered_for_a_system_that_depends_on_nothing():
    finding = judged("FBK-01", identity={"dependencies": []}, fallback=None)

    assert finding.status == "not_applicable"
    assert "it depends on v2 (" in finding.message


def test_fbk_01_fails_when_the_way_on_is_to_wait():
    finding = judged("FBK-01", fallback={"paths": [{**PATH, "kind": "wait"}]})

    assert finding.status == "failed"
    assert "path last-good-hour is to wait" in finding.message


def test_fbk_01_fails_when_one_dependency_has_no_path():
    vendor = {"id": "vendor", "kind": "model_provider", "name": "a vendor"}

    finding = judged(
        "FBK-01", identity={"dependencies": [*AREAS["identity"]["dependencies"], vendor]}
    )

    assert finding.status == "failed"
    assert finding.message == "when vendor (model provider) is down: no path replaces it"


def test_fbk_01_is_unknown_without_a_plan():
    assert judged("FBK-01", fallback=None).reason == "missing"


def test_fbk_01_is_unknown_while_no_drill_used_the_plan():
    finding = judged("FBK-01", records=lacking("fallback_drill"))

    assert finding.reason == "below_grade"
    assert "ops-model drill fallback flight-delay" in finding.remedy


def test_fbk_03_passes_when_users_saw_the_planned_notice_in_time():
    finding = judged("FBK-03")

    assert finding.status == "passed"
    assert "users saw the planned notice after 2 s" in finding.message


def timed(seconds):
    return Measured(value=seconds, unit="s", n=1, no_interval="single timing")


@pytest.mark.parametrize(
    ("drill", "said"),
    [
        ({"notice_seen": False}, "no user saw a notice"),
        ({"notice_digest": "sha256:" + "0" * 64}, "users saw another text"),
        ({"notice_seconds": timed(30.1)}, "the notice came after 30.1 s; expected within 30 s"),
        ({"notice_seconds": None}, "after an unknown time"),
        ({"passed": False, "problems": ("2 requests got no answer",)}, "2 requests got no answer"),
    ],
)
def test_fbk_03_fails_when_the_drill_showed_otherwise(drill, said):
    finding = judged("FBK-03", records=but(a_fallback_drill, **drill))

    assert finding.status == "failed"
    assert said in finding.message


def test_fbk_03_fails_when_the_notice_is_another_than_the_one_that_users_saw():
    notice = {**PATH["user_notice"], "text": "All is well."}

    finding = judged("FBK-03", fallback={"paths": [{**PATH, "user_notice": notice}]})

    assert finding.status == "failed"
    assert "users saw another text than the plan's" in finding.message


def test_fbk_03_fails_when_customers_would_be_told_nothing():
    finding = judged("FBK-03", fallback={"paths": [SILENT]})

    assert finding.status == "failed"
    assert "tells users nothing" in finding.message


def test_fbk_03_does_not_arise_without_customers_and_without_a_notice():
    finding = judged("FBK-03", identity={"customer_facing": "false"}, fallback={"paths": [SILENT]})

    assert finding.status == "not_applicable"


def test_fbk_03_is_unknown_when_the_path_was_never_rehearsed():
    assert judged("FBK-03", records=lacking("fallback_drill")).reason == "missing"


def test_fbk_03_is_unknown_when_another_path_was_rehearsed():
    assert judged("FBK-03", records=but(a_fallback_drill, path="other")).reason == "missing"


def test_fbk_03_is_unknown_when_the_drill_is_older_than_a_quarter():
    old = but(a_fallback_drill, as_of=AS_OF - timedelta(days=93))

    assert judged("FBK-03", records=old).reason == "expired"


def test_fbk_03_is_unknown_when_no_path_replaces_a_dependency():
    other = {**PATH, "replaces": "something-else"}

    assert judged("FBK-03", fallback={"paths": [other]}).reason == "missing"


@pytest.mark.parametrize(
    ("areas", "sign"),
    [
        ({"identity": {"dependencies": [], "kind": "llm_app"}, "fallback": None}, "kind llm_app"),
        ({"identity": {"dependencies": []}}, "fallback.yaml has paths"),
    ],
)
def test_fbk_01_is_unknown_when_no_dependency_is_named_and_other_files_show_one(areas, sign):
    finding = judged("FBK-01", **areas)

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert sign in finding.message
