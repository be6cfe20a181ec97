import pytest

from tests.builders import AREAS, people_but
from tests.checks.judged import judged, nothing

MODE = AREAS["identity"]["failure_modes"][0]


def modes(**changes):
    return {"failure_modes": [{**MODE, **changes}]}


def test_inc_02_passes_when_a_failure_is_seen_and_answered():
    assert judged("INC-02").message == "wind-unlike-training: seen by inputs; then rollback"


def test_inc_02_passes_for_every_response_that_has_a_holder_and_a_plan():
    answers = ["rollback", "override_output", "rule", "retrain"]

    assert judged("INC-02", identity=modes(respond_by=answers)).status == "passed"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"detect_by": []}, "no monitor sees it"),
        ({"detect_by": ["gone"]}, "gone is no monitor"),
        ({"respond_by": []}, "nothing is done about it"),
    ],
)
def test_inc_02_fails_for_a_failure_that_nobody_sees_or_answers(change, said):
    finding = judged("INC-02", identity=modes(**change))

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize(
    ("response", "action"),
    [
        ("rollback", "rollback"),
        ("fallback", "failover"),
        ("override_output", "override output"),
        ("disable", "disable"),
        ("rule", "edge case"),
        ("retrain", "retrain"),
    ],
)
def test_inc_02_fails_when_nobody_may_give_the_answer(response, action):
    finding = judged("INC-02", identity=modes(respond_by=[response]), decisions={"rights": []})

    assert finding.status == "failed"
    assert f"nobody holds the right to {action}" in finding.message


@pytest.mark.parametrize(
    ("response", "areas", "said"),
    [
        ("rollback", {"rollback": None}, "there is no rollback.yaml"),
        ("fallback", {"fallback": None}, "there is no fallback.yaml"),
        ("rule", {"signals": {"rules": []}}, "signals.yaml has no rule"),
        ("retrain", {"signals": {"retraining": None}}, "does not say how one retrains"),
    ],
)
def test_inc_02_fails_when_there_is_no_plan_for_the_answer(response, areas, said):
    finding = judged("INC-02", identity=modes(respond_by=[response]), **areas)

    assert finding.status == "failed"
    assert said in finding.message


def test_inc_02_is_unknown_when_no_way_of_failing_is_written():
    assert judged("INC-02", identity={"failure_modes": []}).reason == "missing"


# Contained on Thursday 2013-07-04; the fifth working day after it is Thursday the 11th.
INCIDENT = {
    "id": "storm",
    "title": "said on time in a storm",
    "severity": "sev2",
    "state": "closed",
    "detected_by": "monitor",
    "detected_at": "2013-07-04T08:00:00Z",
    "acknowledged_at": "2013-07-04T08:05:00Z",
    "contained_at": "2013-07-04T09:00:00Z",
    "restored_at": "2013-07-05T09:00:00Z",
    "closed_at": "2013-07-12T09:00:00Z",
}
ACTION = {
    "text": "watch gusts",
    "owner": "bo-li",
    "due": "2013-08-01",
    "proven_by": "DRF-02",
}
REVIEW = {
    "owner": "ana-ruiz",
    "due": "2013-07-11",
    "held_on": "2013-07-10",
    "actions": [ACTION],
}


def storm(review=None, **changes):
    held = {"post_mortem": {**REVIEW, **(review or {})}}
    return [{**INCIDENT, **held, **changes}]


def contained(**changes):
    """The incident before it was fixed, and before anybody reviewed it."""
    early = {k: v for k, v in INCIDENT.items() if k not in {"restored_at", "closed_at"}}
    return [{**early, "state": "contained", **changes}]


def test_inc_03_passes_for_an_incident_that_was_learned_from():
    finding = judged("INC-03", incidents=storm())

    assert finding.message == "incident storm (sev2) is closed, 1 action, 0 done"
    assert finding.status == "passed"
    # The action is due on the first of August; the day after, it is late.
    assert finding.valid_until.isoformat() == "2013-08-02T00:00:00+00:00"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"acknowledged_at": None}, "has been acknowledged, and acknowledged_at is not written"),
        ({"closed_at": None}, "has been closed, and closed_at is not written"),
        ({"state": "documented"}, "closed_at is written, and it is not closed"),
        ({"state": "diagnosed"}, "restored_at is written, and it is not fixed"),
    ],
)
def test_inc_03_fails_when_the_state_and_the_instants_contradict_each_other(change, said):
    finding = judged("INC-03", incidents=storm(**change))

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize(
    ("review", "said"),
    [
        ({"owner": "gone"}, "gone is nobody in people.yaml"),
        ({"actions": []}, "led to no action"),
        ({"actions": [{**ACTION, "proven_by": None}]}, "no check would prove it"),
        ({"actions": [{**ACTION, "owner": "gone"}]}, "gone is nobody in people.yaml"),
        ({"actions": [{**ACTION, "due": "2013-07-21"}]}, "was due on 2013-07-21"),
    ],
)
def test_inc_03_fails_for_a_post_mortem_that_nothing_follows_from(review, said):
    finding = judged("INC-03", incidents=storm(review))

    assert finding.status == "failed"
    assert said in finding.message


def test_inc_03_passes_when_whoever_did_the_action_has_left_since():
    done = {**ACTION, "due": "2013-07-15", "done_on": "2013-07-14"}

    finding = judged(
        "INC-03",
        incidents=storm({"actions": [done]}),
        people=people_but("bo-li", active_to="2013-07-20"),
    )

    assert finding.status == "passed"
    assert finding.message.endswith("1 action, 1 done")


def test_inc_03_fails_when_it_was_closed_and_nobody_held_the_post_mortem():
    finding = judged("INC-03", incidents=storm({"held_on": None}))

    assert "closed before anything was learned from it" in finding.message


@pytest.mark.parametrize(("severity", "status"), [("sev1", "failed"), ("sev3", "passed")])
def test_inc_03_fails_when_a_grave_incident_has_no_post_mortem_after_five_working_days(
    severity, status
):
    finding = judged("INC-03", incidents=contained(severity=severity))

    assert finding.status == status
    assert ("no post-mortem; it was due on 2013-07-11" in finding.message) == (status == "failed")


def test_inc_03_passes_while_there_is_still_time_for_the_post_mortem():
    # Contained on Friday the 19th; the fifth working day is Friday the 26th.
    late = {"detected_at": "2013-07-19T08:00:00Z", "acknowledged_at": "2013-07-19T08:05:00Z"}

    finding = judged("INC-03", incidents=contained(**late, contained_at="2013-07-19T09:00:00Z"))

    assert finding.status == "passed"
    assert finding.valid_until.isoformat() == "2013-07-27T00:00:00+00:00"


def test_inc_03_fails_when_the_post_mortem_is_planned_too_late_or_overdue():
    planned = {"owner": "ana-ruiz", "due": "2013-07-30"}
    overdue = {"owner": "ana-ruiz", "due": "2013-07-11"}

    assert (
        "is due on 2013-07-30; expected by 2013-07-11"
        in judged("INC-03", incidents=contained(post_mortem=planned)).message
    )
    assert (
        "was due on 2013-07-11"
        in judged("INC-03", incidents=contained(post_mortem=overdue)).message
    )


def test_inc_03_does_not_arise_without_an_incident():
    assert judged("INC-03").status == "not_applicable"


def test_inc_03_says_how_the_incident_s_own_file_is_attested():
    finding = judged("INC-03", incidents=storm(), records=nothing)

    assert finding.reason == "below_grade"
    assert (
        "`ops-model attest flight-delay --topic claims --file incidents/storm.yaml --as ID"
        in finding.remedy
    )


TOLD = AREAS["decisions"]["communication"]


def test_inc_05_passes_and_says_who_tells_whom_how_soon():
    finding = judged("INC-05")

    assert finding.status == "passed"
    assert "public: fay-product, press desk, within 30 min" in finding.message


@pytest.mark.parametrize("audience", ["users", "support", "owner", "public"])
def test_inc_05_fails_when_nobody_tells_one_of_them(audience):
    others = [path for path in TOLD if path["audience"] != audience]

    finding = judged("INC-05", decisions={"communication": others})

    assert finding.status == "failed"
    assert finding.message == f"nobody tells {audience}"


def test_inc_05_passes_without_a_word_to_the_public_when_no_customer_uses_it():
    others = [path for path in TOLD if path["audience"] != "public"]

    finding = judged(
        "INC-05", identity={"customer_facing": "false"}, decisions={"communication": others}
    )

    assert finding.status == "passed"


def test_inc_05_fails_when_whoever_tells_them_has_left():
    finding = judged("INC-05", people=people_but("fay-product", active_to="2013-01-01"))

    assert "who tells public: fay-product left on 2013-01-01" in finding.message
