"""The rollback drill against a real server, honest and otherwise."""

import json

import pytest

from ops_model.drill.rehearsable import refuse_unrehearsable
from ops_model.drill.spec import Described
from ops_model.errors import DrillError
from ops_model.example.model import FlightModel
from tests.drill.rehearsal import (
    a_rollback_plan,
    a_spec,
    a_step,
    alias_of,
    journal_of,
    rehearse,
)

pytestmark = [pytest.mark.slow, pytest.mark.alone]  # servers under a stopwatch


def test_an_honest_server_passes_and_the_first_version_is_back(workbook):
    facts = rehearse(workbook, a_rollback_plan())

    assert facts["passed"]
    assert facts["problems"] == []
    assert facts["healthy"]
    assert facts["seconds"]["value"] < 5
    assert (facts["lost"], facts["duplicated"], facts["changed"]) == (0, 0, 0)
    assert facts["failed_requests"] == 0
    assert facts["requests"] >= 40
    assert facts["restored"]
    assert alias_of(workbook) == "v2"


def test_every_step_of_the_plan_is_timed_in_its_order(workbook):
    facts = rehearse(workbook, a_rollback_plan())

    planned = [s["name"] for s in facts["steps"] if s["name"][0].isdigit()]
    assert planned == ["1. switch_alias", "2. drain", "3. verify", "4. announce"]
    assert all(step["seconds"]["no_interval"] == "single timing" for step in facts["steps"])


def test_a_server_that_lies_about_its_version_fails_by_what_it_answers(workbook):
    facts = rehearse(workbook, a_rollback_plan("lies-about-version", max_seconds=1))

    # v2 answers 1 / (1 + e^-1) = 0.731, v1 answers 0.5.
    assert not facts["passed"]
    assert not facts["healthy"]
    assert facts["seconds"]["value"] is None
    assert "probability 0.731" in facts["problems"][0]
    assert facts["restored"]


def test_a_server_that_lies_passes_where_no_reference_is_declared_and_the_record_says_so(workbook):
    plan = a_rollback_plan("lies-about-version", target={"reference": []})

    facts = rehearse(workbook, plan)

    verify = next(s for s in facts["steps"] if s["name"] == "3. verify")
    assert facts["passed"]
    assert facts["rests_on"] == "word"
    assert verify["detail"] == (
        "v1 serves, by the server's own word: the target declares no `reference`"
    )


def printing(answers):
    """A reference that prints these answers, by version."""
    return ["python", "-c", f"import json; print(json.dumps({answers!r}['{{version}}']))"]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"v1": {"version": "v1"}, "v2": {"version": "v2"}}, "gives no field for both versions"),
        ({"v1": {"score": 1}, "v2": {"version": "v2"}}, "gives no field for both versions"),
        ({"v1": {"a": 1, "b": 2}, "v2": {"a": 1, "c": 3}}, "the same answer from v2 and v1"),
        ({"v1": {"a": 0.5}, "v2": {"a": 0.5 + 1e-13}}, "the same answer from v2 and v1"),
    ],
)
def test_a_reference_that_tells_the_versions_apart_by_nothing_but_their_names_is_refused(
    workbook, answers, said
):
    plan = a_rollback_plan("lies-about-version", target={"reference": printing(answers)})

    with pytest.raises(DrillError, match=said) as refused:
        rehearse(workbook, plan)

    assert refused.value.problems[0].remedy
    assert alias_of(workbook) == "v2"


def test_a_drill_with_a_reference_rests_on_what_the_version_itself_answers(workbook):
    assert rehearse(workbook, a_rollback_plan())["rests_on"] == "reference"


def test_at_the_end_it_is_seen_once_more_that_the_target_version_serves(workbook):
    facts = rehearse(workbook, a_rollback_plan())

    verify, last = (s for s in facts["steps"] if s["name"] in {"3. verify", "see v1 serve"})
    assert last["ok"]
    # Nothing was changed between the two, so that healthy is when it was seen first.
    assert (
        facts["seconds"]["value"]
        < sum(s["seconds"]["value"] for s in facts["steps"] if s["name"][0].isdigit()) + 0.1
    )
    assert verify["ok"]


@pytest.mark.parametrize(
    ("faults", "found"),
    [
        (["loses-on-switch=3"], (3, 0, 0)),
        (["duplicates-on-switch=2"], (0, 2, 0)),
        (["changes-on-switch=4"], (0, 0, 4)),
        # The oldest seven are lost, and of those that are left the oldest are spoilt.
        (["loses-on-switch=7", "duplicates-on-switch=2", "changes-on-switch=1"], (7, 2, 1)),
    ],
)
def test_planted_damage_is_reported_exactly(workbook, faults, found):
    facts = rehearse(workbook, a_rollback_plan(*faults))

    assert (facts["lost"], facts["duplicated"], facts["changed"]) == found
    assert not facts["passed"]
    assert facts["healthy"]
    assert facts["restored"]


def test_the_journal_names_the_lost_requests(workbook):
    spec = a_spec(workbook, a_rollback_plan("loses-on-switch=3"))
    from ops_model.drill.launch import supervise

    supervise(spec)

    reconciled = next(e for e in journal_of(workbook, spec) if e["event"] == "reconciled")
    # The fault drops the oldest: those of the first requests, in whatever order they were stored.
    store = (workbook / "data/flight-delay/serving/records.jsonl").read_text(encoding="utf-8")
    stored = {json.loads(line)["request_id"] for line in store.splitlines()}
    assert len(reconciled["lost"]) == 3
    assert stored.isdisjoint(reconciled["lost"])
    assert all(int(lost.rpartition("-")[2]) <= 20 for lost in reconciled["lost"])


def test_a_server_that_never_becomes_healthy_fails_and_is_restored(workbook):
    facts = rehearse(workbook, a_rollback_plan("stuck-on-switch", max_seconds=1))

    assert not facts["healthy"]
    assert "version 'v2'; v1 itself gives 'v1'" in facts["problems"][0]
    assert facts["restored"]


def test_a_server_that_never_answers_the_switch_is_started_anew_and_restored(workbook):
    facts = rehearse(workbook, a_rollback_plan("hangs-on-switch"))

    assert "the switch to v1 failed: POST /admin/alias: no answer within 5 s" in facts["problems"]
    assert (facts["broke_off_at"], facts["restored"]) == ("1. switch_alias", True)
    assert alias_of(workbook) == "v2"


def test_the_record_names_the_model_that_answered_and_where_one_could_still_have_stopped(workbook):
    models = {v: FlightModel.load(workbook / f"data/flight-delay/models/{v}.json")
              for v in ("v1", "v2")}  # fmt: skip
    described = {v: Described(model_digest=m.digest, feature_spec_digest=m.feature_spec_digest)
                 for v, m in models.items()}  # fmt: skip

    facts = rehearse(workbook, a_rollback_plan(), described)

    assert facts["served_digest"] == models["v1"].digest
    assert facts["feature_spec"] == "same"
    assert facts["abort_point"]["step"] == "1. switch_alias"
    assert facts["broke_off_at"] is None
    assert facts["passed"]


def test_another_model_than_system_yaml_describes_keeps_the_drill_from_passing(workbook):
    described = {"v1": Described(model_digest=f"sha256:{'0' * 64}")}

    facts = rehearse(workbook, a_rollback_plan(), described)

    assert not facts["passed"]
    assert facts["problems"][0].endswith(f"system.yaml says v1 is sha256:{'0' * 64}")


def test_a_server_that_goes_on_with_the_features_of_the_first_version_is_found_out(workbook):
    folder = workbook / "data/flight-delay/models"
    first, goal = (FlightModel.load(folder / f"{v}.json") for v in ("v2", "v1"))
    goal = goal.model_copy(update={"feature_spec": "other"})
    goal.save(folder / "v1.json")
    described = {v.version: Described(feature_spec_digest=v.feature_spec_digest)
                 for v in (first, goal)}  # fmt: skip

    honest = rehearse(workbook, a_rollback_plan(), described)
    keeps = rehearse(workbook, a_rollback_plan("keeps-features"), described)

    assert (honest["feature_spec"], honest["passed"]) == ("changes_with_it", True)
    assert (keeps["feature_spec"], keeps["passed"]) == ("differs", False)
    assert "v1 was served with the feature spec" in keeps["problems"][0]


def test_after_a_step_that_failed_the_later_ones_are_not_carried_out(workbook):
    facts = rehearse(workbook, a_rollback_plan("dies-on-switch"))

    assert [s["name"] for s in facts["steps"] if s["name"][0].isdigit()] == ["1. switch_alias"]


def test_a_server_that_dies_in_mid_switch_is_started_anew_and_restored(workbook):
    facts = rehearse(workbook, a_rollback_plan("dies-on-switch"))

    assert not facts["passed"]
    assert facts["restored"]
    assert any("only by starting the target anew" in p for p in facts["problems"])
    assert facts["lost"] == 0
    assert alias_of(workbook) == "v2"


def test_a_target_that_cannot_be_restored_is_said_to_be_so(workbook):
    facts = rehearse(workbook, a_rollback_plan("refuses-to-return"))

    assert not facts["restored"]
    assert not facts["passed"]
    assert "v2 was not restored: POST /admin/alias answered 503" in facts["problems"][0]
    assert alias_of(workbook) == "v1"


def test_a_target_that_serves_another_version_is_not_touched(workbook):
    plan = a_rollback_plan(from_version="v1", to_version="v2")

    with pytest.raises(DrillError, match=r"says 'v2' .*expected 'v1'; nothing was switched"):
        rehearse(workbook, plan)


def test_a_sample_that_both_versions_answer_alike_could_not_unmask_a_liar(workbook):
    models = workbook / "data" / "flight-delay" / "models"
    text = (models / "v2.json").read_text(encoding="utf-8")
    (models / "v1.json").write_text(text.replace('"v2"', '"v1"'), encoding="utf-8")

    with pytest.raises(DrillError, match="gets the same answer from v2 and v1"):
        rehearse(workbook, a_rollback_plan())


def test_a_plan_that_retrains_is_refused_with_all_steps_that_cannot_be_rehearsed():
    plan = a_rollback_plan(steps=[a_step("retrain"), a_step("redeploy")])

    with pytest.raises(DrillError) as refused:
        refuse_unrehearsable(plan)

    first, second = refused.value.problems
    assert first.message == "step 1 is retrain, which is no rollback step and is refused"
    assert second.message.startswith("step 2 is redeploy; a drill can do switch_alias, drain")


def test_a_plan_that_switches_nothing_is_refused():
    with pytest.raises(DrillError, match="no step switches anything"):
        refuse_unrehearsable(a_rollback_plan(steps=[a_step("verify")]))


def test_a_plan_without_a_target_was_only_declared():
    plan = a_rollback_plan().model_copy(update={"target": None})

    with pytest.raises(DrillError, match=r"rollback\.yaml has no target") as refused:
        refuse_unrehearsable(plan)

    assert refused.value.problems[0].remedy
