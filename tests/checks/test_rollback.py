from datetime import UTC, datetime, timedelta

import pytest

from ops_model.domain.evidence import Measured
from tests.builders import (
    AREAS,
    AS_OF,
    a_rollback_drill,
    a_system,
    all_records,
    an_attestation,
)
from tests.checks.judged import but, judged, lacking, nothing

SWITCH, VERIFY = AREAS["rollback"]["steps"]


def timed(seconds):
    return Measured(value=seconds, unit="s", n=1, no_interval="single timing")


def test_rbk_01_passes_with_versions_steps_and_times():
    message = judged("RBK-01").message

    assert message == "from v2 back to v1 in 2 steps, planned for 30 s of at most 600 s"


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"steps": []}, "it has no steps"),
        ({"steps": [SWITCH]}, "no step verifies the result"),
        ({"from_version": "v7"}, "it goes back from v7, but v2 serves"),
        ({"to_version": "v2"}, "the version it comes from"),
        ({"max_seconds": "25"}, "steps take 30 s of 25 s"),
        ({"max_seconds": "900"}, "it may take 900 s; expected at most 600 s"),
    ],
)
def test_rbk_01_fails_for_a_plan_that_leaves_something_open(plan, said):
    finding = judged("RBK-01", rollback=plan)

    assert finding.status == "failed"
    assert said in finding.message
    assert finding.owner == "bo-li"


def test_rbk_01_is_unknown_without_a_plan_and_names_the_file_to_write():
    finding = judged("RBK-01", rollback=None)

    assert finding.reason == "missing"
    assert str(finding.looked_at[0]) == "systems/flight-delay/rollback.yaml"


def test_rbk_02_passes_and_says_how_long_it_took_and_when():
    finding = judged("RBK-02", change=None)

    assert finding.message == (
        "going back from v2 to v1 took 42 s (n 1, single timing) on 2013-07-12, machine part "
        "only, in prod-like; steps by hand are not in it; expected under 600 s"
    )
    assert finding.valid_until == AS_OF + timedelta(days=80)


def test_rbk_02_is_unknown_when_nobody_ever_rehearsed():
    finding = judged("RBK-02", records=lacking("rollback_drill"))

    assert finding.reason == "missing"
    assert "ops-model drill rollback flight-delay" in finding.remedy


@pytest.mark.parametrize(("seconds", "status"), [(599.9, "passed"), (600.0, "failed")])
def test_rbk_02_fails_from_ten_minutes_on(seconds, status):
    assert judged("RBK-02", records=but(a_rollback_drill, seconds=timed(seconds))).status == status


@pytest.mark.parametrize(
    ("tier", "days", "status"),
    [("B", 90, "passed"), ("B", 91, "unknown"), ("C", 180, "passed"), ("C", 181, "unknown")],
)
def test_rbk_02_is_unknown_when_the_drill_is_older_than_the_tier_allows(tier, days, status):
    drilled = but(a_rollback_drill, as_of=AS_OF - timedelta(days=days))
    version = {**AREAS["identity"]["version"], "in_production_since": "2013-01-01T00:00:00Z"}

    finding = judged("RBK-02", tier=tier, records=drilled, identity={"version": version})

    assert finding.status == status


def test_rbk_02_is_unknown_when_the_version_is_younger_than_the_drill():
    version = {**AREAS["identity"]["version"], "in_production_since": "2013-07-15T00:00:00Z"}

    finding = judged("RBK-02", identity={"version": version})

    assert finding.reason == "expired"
    assert "v2 serves since 2013-07-15, after the drill of 2013-07-12" in finding.message


def test_rbk_02_is_unknown_when_other_versions_were_drilled():
    finding = judged("RBK-02", records=but(a_rollback_drill, from_version="v1", to_version="v0"))

    assert finding.reason == "missing"
    assert "the drill went from v1 to v0; the plan goes from v2 to v1" in finding.message


def test_rbk_02_fails_when_the_old_version_was_not_healthy():
    assert judged("RBK-02", records=but(a_rollback_drill, healthy=False)).status == "failed"


def test_rbk_02_fails_when_the_drill_found_a_server_that_lies():
    lied = but(a_rollback_drill, passed=False, problems=("the server says v1 and serves v2",))

    finding = judged("RBK-02", records=lied)

    assert finding.status == "failed"
    assert "the server says v1 and serves v2" in finding.message


def test_rbk_02_fails_when_the_stopwatch_never_stopped():
    assert judged("RBK-02", records=but(a_rollback_drill, seconds=timed(None))).status == "failed"


def witnessed(**changes):
    """At tier A the records, and somebody who was there and says so."""

    def records(system):
        drill = a_rollback_drill(system, **changes.get("drill", {}))
        rest = [r for r in all_records(system) if r.kind != "rollback_drill"]
        word = an_attestation(
            system,
            topic="witness",
            person=changes.get("person", "di-legal"),
            of=digest_of(drill),
            assurance=changes.get("assurance", "signed"),
        )
        return (*rest, drill, word)

    from ops_model.domain.values import digest_of

    return records


def test_rbk_02_passes_at_tier_a_with_an_independent_witness():
    finding = judged("RBK-02", tier="A", records=witnessed())

    assert (finding.status, finding.grade) == ("passed", "E4")


def test_rbk_02_is_unknown_at_tier_a_with_a_witness_who_signed_nothing():
    finding = judged("RBK-02", tier="A", records=witnessed(assurance="asserted"))

    assert (finding.reason, finding.grade) == ("below_grade", "E3")


@pytest.mark.parametrize("person", ["bo-li", "ana-ruiz", "gone"])
def test_rbk_02_is_unknown_at_tier_a_when_author_performer_or_a_stranger_witnessed(person):
    finding = judged("RBK-02", tier="A", records=witnessed(person=person))

    assert finding.reason == "below_grade"
    assert "--topic witness" in finding.remedy


def test_rbk_02_fails_at_tier_a_when_it_was_rehearsed_in_test():
    records = witnessed(drill={"environment": "test"})

    assert "prod or prod_like" in judged("RBK-02", tier="A", records=records).message


def test_rbk_03_passes_without_training():
    assert judged("RBK-03").message == "none of 2 steps retrains"


def test_rbk_03_fails_for_a_plan_that_trains_a_model():
    training = {"kind": "retrain", "text": "train again", "expected_seconds": "300"}

    finding = judged("RBK-03", rollback={"steps": [SWITCH, training, VERIFY]})

    assert finding.status == "failed"
    assert "1 of 3 steps retrains" in finding.message


def test_rbk_03_is_unknown_for_a_plan_without_steps():
    assert judged("RBK-03", rollback={"steps": []}).reason == "missing"


def test_rbk_05_passes_when_every_record_is_accounted_for():
    assert judged("RBK-05").message == (
        "0 lost, 0 duplicated, 0 changed of 500 requests and 200 records from before"
    )


@pytest.mark.parametrize("count", ["lost", "duplicated", "changed"])
def test_rbk_05_fails_for_a_single_record(count):
    finding = judged("RBK-05", records=but(a_rollback_drill, **{count: 1}))

    assert finding.status == "failed"
    assert f"1 {count}" in finding.message


def test_rbk_05_is_unknown_when_no_request_ran():
    assert judged("RBK-05", records=but(a_rollback_drill, requests=0)).reason == "too_few"


def test_rbk_05_is_unknown_without_a_drill():
    assert judged("RBK-05", records=lacking("rollback_drill")).reason == "missing"


def test_a_drill_of_the_old_plan_does_not_count_because_a_failed_one_used_the_new():
    old = a_system(rollback={"max_seconds": "500"})

    def records(system):
        good_drill = a_rollback_drill(old)
        earlier = good_drill.as_of - timedelta(days=1)
        failed_drill = a_rollback_drill(system, as_of=earlier, lost=3, passed=False)
        kept = (r for r in all_records(system) if r.kind != "rollback_drill")
        return (*kept, good_drill, failed_drill)

    finding = judged("RBK-02", records=records)

    assert (finding.status, finding.reason) == ("unknown", "below_grade")
    assert "rehearsed for an earlier text of rollback.yaml" in finding.message
    assert "ops-model drill rollback flight-delay" in finding.remedy
    assert "used another text of rollback.yaml" in finding.remedy


V1 = AREAS["identity"]["other_versions"][0]


def test_rbk_06_passes_when_the_target_is_known_and_takes_the_same_features():
    assert judged("RBK-06").message == (
        "v1 is known by its digest and takes the features of v2 (the same feature spec)"
    )


@pytest.mark.parametrize(
    ("versions", "said"),
    [
        ([], "v1, which is not described in system.yaml"),
        ([{**V1, "model_digest": None}], "v1, which has no model_digest or prompt_digest"),
    ],
)
def test_rbk_06_is_unknown_when_nobody_can_say_which_version_that_was(versions, said):
    finding = judged("RBK-06", identity={"other_versions": versions})

    assert finding.reason == "missing"
    assert said in finding.message


def test_rbk_06_fails_when_the_target_does_not_take_todays_features():
    finding = judged("RBK-06", rollback={"feature_spec_compatible": "false"})

    assert finding.status == "failed"


def test_rbk_06_is_unknown_when_the_features_differ_and_nothing_shows_that_they_fit():
    other = {"other_versions": [{**V1, "feature_spec": "weather-only"}]}

    assert judged("RBK-06", identity=other).reason == "missing"


def test_rbk_06_passes_when_the_features_differ_and_something_shows_that_they_fit():
    other = {"other_versions": [{**V1, "feature_spec": "weather-only"}]}
    shown = {"feature_spec_evidence": "v1 leaves the hour out, test 12"}

    finding = judged("RBK-06", identity=other, rollback=shown)

    assert finding.status == "passed"
    assert "(v1 leaves the hour out, test 12)" in finding.message


@pytest.mark.parametrize(
    ("seen", "status"),
    [("changes_with_it", "passed"), ("unknown", "unknown"), ("differs", "failed")],
)
def test_rbk_06_counts_what_the_last_drill_saw_of_the_features(seen, status):
    other = {"other_versions": [{**V1, "feature_spec": "weather-only"}]}
    drilled = but(a_rollback_drill, feature_spec=seen)

    finding = judged("RBK-06", identity=other, records=drilled)

    assert finding.status == status
    assert ("drill of 2013-07-12" in finding.message) is (seen != "unknown")


def test_rbk_06_fails_by_a_drill_whatever_system_yaml_says_and_forgets_other_versions():
    differs = but(a_rollback_drill, feature_spec="differs")
    elsewhere = but(a_rollback_drill, feature_spec="differs", to_version="v0")

    assert judged("RBK-06", records=differs).status == "failed"
    assert judged("RBK-06", records=elsewhere).status == "passed"


def test_rbk_06_is_unknown_when_two_digests_of_one_name_differ():
    version = {**AREAS["identity"]["version"], "feature_spec_digest": "sha256:" + "4" * 64}
    target = {**V1, "feature_spec_digest": "sha256:" + "5" * 64}

    finding = judged("RBK-06", identity={"version": version, "other_versions": [target]})

    assert finding.reason == "missing"


@pytest.mark.parametrize(
    ("tier", "expires", "status"),
    [("A", "2013-08-01", "failed"), ("B", "2013-08-01", "passed"), ("A", "2013-07-22", "passed")],
)
def test_rbk_06_fails_at_tier_a_while_the_drill_is_waived(tier, expires, status):
    waiver = {
        "check_id": "RBK-02",
        "system": "flight-delay",
        "reason": "no time",
        "compensating_control": "none",
        "accepted_by": "flo-risk",
        "starts": "2013-07-01",
        "expires": expires,
    }

    assert judged("RBK-06", tier=tier, policy={"waivers": [waiver]}).status == status


NEW_PLAN = {"from_version": "unknown", "to_version": "unknown"}
NEW_VERSION = {"version": {"label": "unknown", "model_ref": "unknown"}}


def test_rbk_01_fails_for_a_new_file_and_says_what_is_not_written():
    finding = judged("RBK-01", rollback=NEW_PLAN, identity=NEW_VERSION)

    assert finding.message == (
        "the rollback plan: from which version it goes back is not written (from_version); to "
        "which version it goes back is not written (to_version)"
    )
    assert finding.remedy == (
        "bo-li, who wrote the rollback plan, corrects `from_version`, `to_version` in "
        "systems/flight-delay/rollback.yaml"
    )


def test_rbk_02_is_unknown_for_a_new_file_and_names_no_version_that_is_none():
    finding = judged("RBK-02", rollback=NEW_PLAN, identity=NEW_VERSION, records=nothing)

    assert finding.message == "going back was never rehearsed"
    assert finding.remedy == (
        "bo-li writes `target` in rollback.yaml first, then the primary on call runs `ops-model "
        "drill rollback flight-delay`"
    )


def test_rbk_06_is_unknown_for_a_new_file_and_asks_for_the_version_before_its_description():
    finding = judged("RBK-06", rollback=NEW_PLAN, identity=NEW_VERSION)

    assert finding.message == "to which version one goes back is not written"
    assert finding.remedy.startswith("bo-li writes `to_version` in rollback.yaml, and the owner")


V2 = AREAS["identity"]["version"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"model_digest": V2["model_digest"]}, "failed"),
        ({"model_digest": V2["model_digest"], "code_commit": V2["code_commit"]}, "failed"),
        ({"model_digest": V2["model_digest"], "code_commit": "abcdef1"}, "passed"),
    ],
)
def test_rbk_06_fails_when_the_target_is_the_serving_version_under_another_name(change, status):
    finding = judged("RBK-06", identity={"other_versions": [{**V1, **change}]})

    assert finding.status == status
    assert ("v1 is v2 under another name" in finding.message) == (status == "failed")


def test_rbk_06_is_unknown_when_the_evidence_that_features_fit_is_no_sentence():
    other = {"other_versions": [{**V1, "feature_spec": "weather-only"}]}

    finding = judged("RBK-06", identity=other, rollback={"feature_spec_evidence": "yes"})

    assert finding.reason == "missing"
    assert "feature_spec_evidence is 'yes': it has 1 word; expected at least 3" in finding.message


def drilled(**versions):
    """A drill that kept what the two versions were made of, but for these."""

    def records(system):
        identity = system.identity
        made_of = {
            "from_digest": identity.version.digest(),
            "to_digest": identity.known_version("v1").digest(),
        }
        return but(a_rollback_drill, **{**made_of, **versions})(system)

    return records


def test_rbk_02_passes_when_both_versions_are_made_of_what_was_drilled():
    assert judged("RBK-02", records=drilled()).status == "passed"


@pytest.mark.parametrize(
    ("key", "label"), [("from_digest", "v2"), ("to_digest", "v1")], ids=["from", "to"]
)
def test_rbk_02_is_unknown_when_a_version_was_exchanged_under_its_label(key, label):
    finding = judged("RBK-02", records=drilled(**{key: "sha256:" + "9" * 64}))

    assert finding.reason == "expired"
    assert f"{label} is made of something else in system.yaml than at the drill" in finding.message


def changed(kind, starts_at):
    """A change of this kind, rolled out from that instant on."""
    plan = AREAS["change"]
    return {
        "requests": [{**plan["requests"][0], "kind": kind}],
        "rollouts": [{**plan["rollouts"][0], "starts_at": starts_at}],
    }


@pytest.mark.parametrize(
    ("kind", "drilled_on", "starts_at", "status"),
    # Judged on 22 July: thirty days after 22 June are over, those after 23 June are not.
    [
        ("infra", "2013-06-01", "2013-06-22T08:00:00Z", "unknown"),
        ("model_swap", "2013-06-01", "2013-06-22T08:00:00Z", "unknown"),
        ("infra", "2013-06-01", "2013-06-23T08:00:00Z", "passed"),
        ("infra", "2013-06-23", "2013-06-22T08:00:00Z", "passed"),
        ("prompt_change", "2013-06-01", "2013-06-22T08:00:00Z", "passed"),
    ],
)
def test_rbk_02_is_unknown_when_no_drill_came_in_time_after_a_change(
    kind, drilled_on, starts_at, status
):
    at = datetime.fromisoformat(f"{drilled_on}T08:00:00+00:00")

    finding = judged(
        "RBK-02", records=but(a_rollback_drill, as_of=at), change=changed(kind, starts_at)
    )

    assert finding.status == status


def test_rbk_02_ends_thirty_days_after_a_change_that_follows_the_drill():
    finding = judged("RBK-02", change=changed("infra", "2013-07-20T08:00:00Z"))

    assert finding.valid_until == datetime(2013, 8, 19, 8, tzinfo=UTC)
