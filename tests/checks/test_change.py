import pytest

from tests.builders import AREAS, people_but
from tests.checks.judged import judged

REQUEST = AREAS["change"]["requests"][0]
ROLLOUT = AREAS["change"]["rollouts"][0]
VERSION = AREAS["identity"]["version"]


def requested(**changes):
    return {"requests": [{**REQUEST, **changes}]}


def challenger(**changes):
    return requested(challenger={**REQUEST["challenger"], **changes})


def test_cch_01_passes_for_a_challenger_in_test():
    assert judged("CCH-01").message == "to-v3: in test, 2,000 cases"


def test_cch_01_fails_for_a_challenger_that_meets_customers():
    finding = judged("CCH-01", change=challenger(environment="production"))

    assert finding.status == "failed"
    assert "to-v3: the challenger is to run in production" in finding.message


@pytest.mark.parametrize("check_id", ["CCH-01", "CCH-04"])
def test_a_challenger_that_nobody_plans_raises_no_question(check_id):
    assert judged(check_id, change=requested(challenger=None)).status == "not_applicable"


@pytest.mark.parametrize("check_id", ["CCH-01", "CCH-04", "CCH-06", "ENV-02", "ENV-04"])
def test_without_the_file_of_changes_nothing_about_them_is_known(check_id):
    assert judged(check_id, change=None).reason == "missing"


# The system went live in March with v1, and v2 serves since the tenth of July.
SINCE = {"version": {**VERSION, "in_production_since": "2013-07-10T08:00:00Z"}}
TO_V2 = {"to_version": "v2", "from_version": "v1", "rollout": None}


def test_cch_03_passes_when_the_serving_version_was_asked_for_and_compared_first():
    finding = judged("CCH-03", identity=SINCE, change=requested(**TO_V2))

    assert finding.status == "passed"
    assert finding.message == (
        "to-v3 asked for v2 on 2013-07-01, before it reached users, with a challenger planned"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "v2 serves since 2013-07-10, and no change request leads to it"),
        ({**TO_V2, "challenger": None}, "no challenger is planned in it"),
        ({**TO_V2, "requested_at": "2013-07-10T08:00:00Z"}, "after it was rolled out"),
        (
            {**TO_V2, "requested_at": "2013-08-02T08:00:00Z", "rollout": "first-week"},
            "after it was rolled out (2013-08-01T08:00:00Z)",
        ),
    ],
)
def test_cch_03_fails_for_a_version_that_reached_users_first(change, said):
    finding = judged("CCH-03", identity=SINCE, change=requested(**change))

    assert finding.status == "failed"
    assert said in finding.message


def test_cch_03_is_unknown_when_a_version_changed_and_there_is_no_file_of_changes():
    assert judged("CCH-03", identity=SINCE, change=None).reason == "missing"


@pytest.mark.parametrize(
    "identity",
    [{}, {"stage_history": []}],
    ids=["the first version serves still", "nobody is served"],
)
def test_cch_03_does_not_arise_before_anything_was_changed(identity):
    assert judged("CCH-03", identity=identity).status == "not_applicable"


def test_cch_04_passes_with_a_margin_in_the_metric_s_unit():
    assert judged("CCH-04").message == "to-v3: accuracy may be worse by less than 0.01"


def test_cch_04_fails_when_no_margin_is_written():
    finding = judged("CCH-04", change=challenger(margin=None))

    assert finding.status == "failed"
    assert finding.message == "to-v3: no margin is written"


@pytest.mark.parametrize(("repeats", "status"), [("2", "failed"), ("3", "passed")])
@pytest.mark.parametrize("kind", ["llm_app", "agent", "agentic_workflow"])
def test_cch_04_fails_when_answers_vary_and_each_case_runs_too_seldom(kind, repeats, status):
    finding = judged("CCH-04", identity={"kind": kind}, change=challenger(repeats=repeats))

    assert finding.status == status


CANDIDATE = AREAS["change"]["candidates"][0]


def candidate(**changes):
    return {"candidates": [{**CANDIDATE, **changes}]}


def test_cch_06_passes_while_there_is_time_to_decide():
    finding = judged("CCH-06")

    assert finding.status == "passed"
    assert finding.message == (
        "ana-ruiz decides what is adopted; gust-forecast is open until 2013-08-31"
    )
    assert finding.valid_until.isoformat() == "2013-09-01T00:00:00+00:00"


def test_cch_06_passes_when_it_was_decided():
    finding = judged("CCH-06", change=candidate(decision="reject", decided_by="ana-ruiz"))

    assert finding.status == "passed"
    assert "gust-forecast: reject (ana-ruiz)" in finding.message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"decide_by": "2013-07-21"}, "should have been decided by 2013-07-21"),
        ({"decision": "adopt"}, "adopt, decided by nobody who is named"),
    ],
)
def test_cch_06_fails_when_nobody_decided(change, said):
    finding = judged("CCH-06", change=candidate(**change))

    assert finding.status == "failed"
    assert said in finding.message


def test_cch_06_fails_when_nobody_may_decide():
    rights = [r for r in AREAS["decisions"]["rights"] if r["action"] != "adopt_change"]

    finding = judged("CCH-06", decisions={"rights": rights})

    assert finding.status == "failed"
    assert "the right to adopt a change: nobody holds it" in finding.message


def test_cch_06_fails_when_whoever_may_decide_has_left():
    finding = judged("CCH-06", people=people_but("ana-ruiz", active_to="2013-07-01"))

    assert "ana-ruiz left on 2013-07-01" in finding.message


def rolled_out(*stages):
    return {"rollouts": [{**ROLLOUT, "stages": list(stages)}]}


FIRST, ALL = ROLLOUT["stages"]


def test_env_02_passes_and_says_what_goes_to_whom_for_how_long():
    assert judged("ENV-02").message == "rollout first-week: 0.05 for 24 h, 1 for 24 h"


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ([ALL], "1 stage; expected at least two; starts with 1 of the traffic; expected 0.1"),
        ([{**FIRST, "share": "0.11"}, ALL], "starts with 0.11 of the traffic; expected 0.1"),
        ([{**FIRST, "min_hours": "0"}, ALL], "stage 1 stays for no time"),
        ([FIRST, {**ALL, "abort": None}], "nothing stops stage 2"),
    ],
)
def test_env_02_fails_for_a_rollout_that_nothing_would_stop(stages, said):
    finding = judged("ENV-02", change=rolled_out(*stages))

    assert finding.status == "failed"
    assert said in finding.message


def test_env_02_passes_when_the_first_stage_is_a_tenth():
    finding = judged("ENV-02", change=rolled_out({**FIRST, "share": "0.10"}, ALL))

    assert finding.status == "passed"


def test_env_02_is_unknown_for_a_change_that_has_no_rollout():
    assert judged("ENV-02", change=requested(rollout=None)).reason == "missing"


def test_env_02_is_unknown_when_it_is_not_planned_how_to_go_live():
    finding = judged(
        "ENV-02", identity={"stage_history": []}, change={"requests": [], "rollouts": []}
    )

    assert finding.reason == "missing"
    assert finding.message == "going live has no rollout in change.yaml"


def test_env_02_does_not_arise_for_a_live_system_that_nobody_changes():
    finding = judged("ENV-02", change={"requests": [], "rollouts": []})

    assert finding.status == "not_applicable"


def version(**changes):
    return {"version": {**VERSION, **changes}}


def test_env_03_passes_when_everything_is_pinned_that_it_is_rebuilt_from():
    assert judged("ENV-03").message.startswith("v2 pins model, data, feature spec, code; ")


@pytest.mark.parametrize(
    ("key", "member"),
    [
        ("model_digest", "model"),
        ("data_snapshot_digest", "data"),
        ("feature_spec", "feature spec"),
        ("code_commit", "code"),
    ],
)
def test_env_03_fails_when_a_member_of_a_predictive_version_is_not_pinned(key, member):
    finding = judged("ENV-03", identity=version(**{key: None}))

    assert finding.status == "failed"
    assert finding.message == f"v2 does not pin {member}"


def test_env_03_asks_other_members_of_a_model_that_is_called():
    digest = "sha256:" + "7" * 64
    called = version(provider_model_id="m-2013-06", prompt_digest=digest, config_digest=digest)

    finding = judged("ENV-03", identity={"kind": "llm_app", **called})

    assert finding.message == "v2 does not pin guardrail"


def environments(**changes):
    prod, lab = AREAS["change"]["environments"]
    return {"environments": [prod, {**lab, **changes}]}


DIFFERENCE = AREAS["change"]["environments"][1]["differences"][0]


def test_env_04_passes_when_each_difference_is_somebody_s():
    assert judged("ENV-04").message == "lab and gates: 1 difference, each owned"


def test_env_04_passes_when_the_two_are_alike():
    alike = environments(hardware="2 cores", differences=[])

    assert judged("ENV-04", change=alike).message == "lab and gates: no difference is known"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"differences": []}, "hardware is another than in production, and is not listed"),
        ({"differences": [{**DIFFERENCE, "owner": None}]}, "nobody is named"),
        ({"differences": [{**DIFFERENCE, "owner": "gone"}]}, "gone is nobody in people.yaml"),
    ],
)
def test_env_04_fails_for_a_difference_that_nobody_wrote_down_or_answers_for(change, said):
    finding = judged("ENV-04", change=environments(**change))

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize("kept", [0, 1], ids=["production alone", "test alone"])
def test_env_04_is_unknown_when_there_is_nothing_to_compare_with(kept):
    alone = {"environments": [AREAS["change"]["environments"][kept]]}

    assert judged("ENV-04", change=alone).reason == "missing"
