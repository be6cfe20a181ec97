import pytest

from tests.builders import AREAS, exact, people_but
from tests.checks.judged import judged, lacking
from tests.shown_running import a_challenger

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


def test_cch_04_passes_with_a_margin_in_the_metric_s_unit():
    assert judged("CCH-04").message == "to-v3: accuracy may be worse by less than 0.01"


def tried(**changes):
    """The comparison that the builders' request asks for, among all records."""
    return lambda system: (*lacking("challenger")(system), a_challenger(system, **changes))


def test_cch_04_says_how_many_cases_flipped_where_it_was_compared():
    finding = judged("CCH-04", records=tried())

    assert finding.status == "passed"
    assert "and 2 % (n 2,000, exact) of the cases flipped" in finding.message


def test_cch_04_fails_when_it_was_compared_under_another_margin():
    finding = judged("CCH-04", records=tried(margin=0.005))

    assert finding.status == "failed"
    assert "the margin was 0.005 when it was compared; 0.01 is written" in finding.message
    assert "with new cases" in finding.remedy


def test_cch_04_fails_when_answers_vary_and_each_case_was_asked_once():
    plan = challenger(repeats="3")

    finding = judged("CCH-04", identity={"kind": "llm_app"}, change=plan, records=tried())

    assert finding.status == "failed"
    assert "each case ran 1 time; expected at least 3" in finding.message


def test_cch_04_fails_when_no_margin_is_written():
    finding = judged("CCH-04", change=challenger(margin=None))

    assert finding.status == "failed"
    assert finding.message == "to-v3: no margin is written"


@pytest.mark.parametrize("margin", ["0.06", "1000000"])
def test_cch_04_fails_for_a_margin_wider_than_the_monitor_of_quality_tolerates(margin):
    finding = judged("CCH-04", change=challenger(margin=margin))

    assert finding.status == "failed"
    assert "expected at most 0.05" in finding.message


def test_cch_04_fails_for_a_margin_above_a_tenth_where_no_monitor_says_what_is_tolerated():
    monitors = [{**m, "tolerable_drop": None} for m in AREAS["signals"]["monitors"]]

    found = {
        margin: judged(
            "CCH-04", signals={"monitors": monitors}, change=challenger(margin=margin)
        ).status
        for margin in ("0.1", "0.11")
    }

    assert found == {"0.1": "passed", "0.11": "failed"}


def test_cch_04_holds_no_margin_of_a_share_against_what_is_tolerated_of_minutes():
    quality, *others = AREAS["signals"]["monitors"]
    minutes = {**quality, "metric": "mean", "score": "minutes", "tolerable_drop": "0.02"}

    finding = judged(
        "CCH-04", signals={"monitors": [minutes, *others]}, change=challenger(margin="0.06")
    )

    assert finding.status == "passed"


def test_cch_04_passes_for_a_wide_margin_of_what_is_no_share():
    seconds = challenger(metric="seconds until an answer", margin="2")

    finding = judged("CCH-04", change=seconds)

    assert finding.status == "passed"
    assert finding.message.endswith(
        "; whether seconds until an answer runs from 0 to 1 is not known before it is compared"
    )


@pytest.mark.parametrize(("values", "status"), [((0.8, 1.0), "failed"), ((0.8, 1.2), "passed")])
def test_cch_04_takes_a_metric_for_a_share_that_was_measured_from_0_to_1(values, status):
    arms = dict(zip(("champion", "challenger"), (exact(v, "score", 200) for v in values),
                    strict=True))  # fmt: skip
    found = tried(metric="exact match", margin=0.9, **arms)

    finding = judged(
        "CCH-04", change=challenger(metric="exact match", margin="0.9"), records=found
    )

    assert finding.status == status
    assert "not known" not in finding.message


def test_cch_04_takes_a_metric_for_a_share_where_the_outcome_of_that_name_is_one():
    (outcome, *_) = AREAS["signals"]["outcomes"]
    calm = {**outcome, "name": "calm gates", "unit": "share of days"}
    plan = challenger(metric="calm gates", margin="0.9")

    finding = judged("CCH-04", change=plan, signals={"outcomes": [calm]})

    assert finding.status == "failed"
    assert "calm gates may be worse by 0.9; expected at most 0.05" in finding.message


@pytest.mark.parametrize(("repeats", "status"), [("2", "failed"), ("3", "passed")])
@pytest.mark.parametrize("kind", ["llm_app", "agent", "agentic_workflow"])
def test_cch_04_fails_when_answers_vary_and_each_case_runs_too_seldom(kind, repeats, status):
    finding = judged("CCH-04", identity={"kind": kind}, change=challenger(repeats=repeats))

    assert finding.status == status


CANDIDATE = AREAS["change"]["candidates"][0]


REJECTED = {"decision": "reject", "decided_by": "ana-ruiz", "decided_on": "2013-06-20"}


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
    finding = judged("CCH-06", change=candidate(**REJECTED))

    assert finding.status == "passed"
    assert "gust-forecast: reject (ana-ruiz)" in finding.message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"decide_by": "2013-07-21"}, "should have been decided by 2013-07-21"),
        ({"decision": "adopt"}, "adopt, decided by nobody who is named"),
        ({**REJECTED, "decided_on": None}, "reject, decided on no day that is written"),
        ({**REJECTED, "decided_on": "2099-04-29"}, "decided_on 2099-04-29 is still to come"),
        ({**REJECTED, "decided_by": "cy-data"}, "decided by cy-data; expected ana-ruiz"),
        ({"decide_by": "2999-07-26"}, "days after it was found; expected at most 180"),
        ({"found_on": "2013-07-23"}, "found_on 2013-07-23 is still to come"),
    ],
)
def test_cch_06_fails_when_nobody_decided(change, said):
    finding = judged("CCH-06", change=candidate(**change))

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize(
    "right",
    [
        {"holder": "secondary", "backup": None},
        {"holder": "flo-risk", "backup": "ana-ruiz"},
        {"holder": "platform-team"},
    ],
)
def test_cch_06_passes_when_somebody_decided_who_is_behind_the_right(right):
    adopt = {"action": "adopt_change", "autonomy": "alone", **right}
    others = [r for r in AREAS["decisions"]["rights"] if r["action"] != "adopt_change"]

    finding = judged(
        "CCH-06", decisions={"rights": [*others, adopt]}, change=candidate(**REJECTED)
    )

    assert finding.status == "passed"


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
        ([{**FIRST, "min_hours": "0.0001"}, ALL], "stage 1 stays for 0.0001 h; expected at least"),
        ([{**FIRST, "share": "0"}, ALL], "stage 1 gets 0 of the traffic; expected more than 0"),
        ([FIRST, FIRST, ALL], "stage 2 gets 0.05 of the traffic; expected more than 0.05"),
        ([FIRST, {**ALL, "abort": None}], "nothing stops stage 2"),
        ([FIRST, {**ALL, "abort": "none"}], "nothing stops stage 2 (abort 'none' says nothing)"),
        ([{**FIRST, "abort": "x"}, ALL], "nothing stops stage 1 (abort 'x' says nothing)"),
    ],
)
def test_env_02_fails_for_a_rollout_that_nothing_would_stop(stages, said):
    finding = judged("ENV-02", change=rolled_out(*stages))

    assert finding.status == "failed"
    assert said in finding.message


def test_env_02_fails_for_a_stage_that_needs_a_check_that_there_is_not():
    known, gone = ({**FIRST, "needs": [check]} for check in ("CCH-04", "CCH-44"))

    assert judged("ENV-02", change=rolled_out(known, ALL)).status == "passed"
    finding = judged("ENV-02", change=rolled_out(gone, ALL))
    assert finding.status == "failed"
    assert "stage 1 needs CCH-44, and there is no such check" in finding.message


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


@pytest.mark.parametrize("name", ["latest", "large-latest", "example:stable", "example-large"])
def test_env_03_fails_for_a_provider_s_model_that_is_whatever_is_newest(name):
    digest = "sha256:" + "7" * 64
    rest = dict.fromkeys(("prompt_digest", "config_digest", "guardrail_digest"), digest)
    called = version(model_digest=None, provider_model_id=name, **rest)

    finding = judged("ENV-03", identity={"kind": "llm_app", **called})

    assert finding.message == "v2 does not pin model"


def test_env_03_passes_for_a_provider_s_model_of_a_day():
    digest = "sha256:" + "7" * 64
    rest = dict.fromkeys(("prompt_digest", "config_digest", "guardrail_digest"), digest)
    called = version(model_digest=None, provider_model_id="example-large-2013-01-15", **rest)

    assert judged("ENV-03", identity={"kind": "llm_app", **called}).status == "passed"


def test_env_03_asks_the_digest_of_a_model_that_was_trained():
    named = version(model_digest=None, provider_model_id="example-large-2013-01-15")

    assert judged("ENV-03", identity=named).message == "v2 does not pin model"


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
        ({"differences": [{**DIFFERENCE, "reason": "x"}]}, "reason 'x' says nothing"),
    ],
)
def test_env_04_fails_for_a_difference_that_nobody_wrote_down_or_answers_for(change, said):
    finding = judged("ENV-04", change=environments(**change))

    assert finding.status == "failed"
    assert said in finding.message


@pytest.mark.parametrize(
    "spoilt",
    [
        [{"hardware": None}, {"hardware": None, "differences": []}],
        [{}, {"hardware": None, "image_digest": "sha256:" + "7" * 64, "differences": []}],
    ],
    ids=["nothing is written", "nothing is written of both"],
)
def test_env_04_is_unknown_when_nothing_of_the_two_was_compared(spoilt):
    described = zip(AREAS["change"]["environments"], spoilt, strict=True)

    finding = judged("ENV-04", change={"environments": [{**e, **s} for e, s in described]})

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert "nothing is written of both lab and gates that could be compared" in finding.message


@pytest.mark.parametrize("spoilt", [0, 1], ids=["production", "test"])
@pytest.mark.parametrize(("day", "reason"), [("2013-04-22", "expired"), ("2013-04-24", None)])
def test_env_04_is_unknown_for_an_environment_described_more_than_ninety_days_ago(
    spoilt, day, reason
):
    # Ninety days before 22 July, 08:00, is 23 April, 08:00.
    described = [*AREAS["change"]["environments"]]
    described[spoilt] = {**described[spoilt], "taken_at": f"{day}T08:00:00Z"}

    assert judged("ENV-04", change={"environments": described}).reason == reason


def test_env_04_compares_the_newest_description_of_each_environment():
    prod, lab = AREAS["change"]["environments"]
    old = {**lab, "id": "old-lab", "taken_at": "2012-01-01T00:00:00Z", "differences": []}

    finding = judged("ENV-04", change={"environments": [prod, lab, old]})

    assert finding.message == "lab and gates: 1 difference, each owned"
    assert finding.valid_until.isoformat() == "2013-09-29T08:00:00+00:00"


@pytest.mark.parametrize("kept", [0, 1], ids=["production alone", "test alone"])
def test_env_04_is_unknown_when_there_is_nothing_to_compare_with(kept):
    alone = {"environments": [AREAS["change"]["environments"][kept]]}

    assert judged("ENV-04", change=alone).reason == "missing"
