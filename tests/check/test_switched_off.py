"""A check that the company does not ask: judged and shown, without effect on the verdict."""

from datetime import UTC, datetime

import pytest

from ops_model.check.turns import turns
from ops_model.check.verdict import assess
from ops_model.errors import PolicyError
from tests.builders import AS_OF, a_model, a_system, people_but
from tests.check.making import crashing, failing, not_known, passing, what_a_run_saw
from tests.check.test_verdict import a_waiver, answered


def a_switch(check_id="ACME-01", **changes):
    return {
        "check_id": check_id,
        "reason": "another law holds for us",
        "decided_by": "flo-risk",
        "since": "2013-07-01",
        **changes,
    }


def assessed(*checks, switches=(), waivers=(), people=None):
    catalogue = answered(*checks)
    policy = {"switched_off": list(switches), "waivers": list(waivers)}
    system = a_system(tier="C")
    model = a_model(system, policy=policy, people=people)
    evidence = what_a_run_saw(system)
    return assess(catalogue, model, system, evidence, as_of=AS_OF, ledger_size=7)


def finding(assessment, check_id="ACME-01"):
    return next(f for f in assessment.findings if f.check == check_id)


@pytest.mark.parametrize("make", [failing, not_known, crashing])
def test_what_is_switched_off_is_judged_and_leaves_the_verdict_conditional(make):
    before = assessed(make("ACME-01"))
    assessment = assessed(make("ACME-01"), switches=[a_switch()])

    assert before.verdict == "NOT READY"
    assert assessment.verdict == "CONDITIONAL"
    assert finding(assessment).switched_off
    assert finding(assessment).status == finding(before).status
    assert assessment.blocking == ()


def test_a_switch_off_of_what_passes_leaves_the_verdict_as_it_is():
    assert assessed(passing("ACME-01"), switches=[a_switch()]).verdict == "READY"


def test_a_switch_off_ends_with_whoever_decided_it():
    people = people_but("flo-risk", active_to="2013-07-31")
    assessment = assessed(failing("ACME-01"), switches=[a_switch()], people=people)

    assert assessment.valid_until == datetime(2013, 8, 1, tzinfo=UTC)
    better, later = turns(assessment)
    assert (better.to, better.checks) == ("READY", ("ACME-01",))
    assert (later.to, later.checks) == ("NOT READY", ("ACME-01",))


def test_the_verdict_without_waivers_is_that_without_switch_offs_too():
    assessment = assessed(failing("ACME-01"), switches=[a_switch()])

    assert assessment.verdict_without_waivers == "NOT READY"


def test_an_area_takes_no_status_from_what_is_switched_off():
    checks = (passing("ACME-02", area="cost"), failing("ACME-01", area="cost"))

    assert assessed(*checks).areas["cost"] == "failed"
    assert assessed(*checks, switches=[a_switch()]).areas["cost"] == "passed"


def test_a_pass_is_marked_too_so_that_nobody_counts_on_it():
    assert finding(assessed(passing("ACME-01"), switches=[a_switch()])).switched_off


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"decided_by": "nobody"}, "nobody is no active person"),
        ({"decided_by": "cy-data"}, "cy-data built the system"),
        ({"decided_by": "ana-ruiz"}, "ana-ruiz is no executive, who alone can accept a risk"),
        ({"since": "2013-07-23"}, "it starts on 2013-07-23"),
        ({"reason": "TBD"}, "its reason 'TBD' says nothing"),
    ],
)
def test_a_switch_off_that_does_not_count_hides_nothing_and_the_finding_says_why(change, why):
    assessment = assessed(failing("ACME-01"), switches=[a_switch(**change)])

    found = finding(assessment)
    assert assessment.verdict == "NOT READY"
    assert not found.switched_off
    assert "the switch-off at policy.yaml:" in found.remedy
    assert found.remedy.endswith(f"does not count: {why}")


def test_a_check_that_is_switched_off_twice_is_refused_at_the_second_line():
    both = [a_switch(decided_by="nobody"), a_switch()]

    with pytest.raises(PolicyError) as error:
        assessed(failing("ACME-01"), switches=both)

    (problem,) = error.value.problems
    assert problem.message.startswith("ACME-01 is switched off twice, at policy.yaml:")
    assert problem.where.startswith("policy.yaml:")
    assert problem.where not in problem.message


def test_where_the_switch_off_does_not_count_a_waiver_still_may():
    switches = [a_switch(decided_by="nobody")]

    assessment = assessed(failing("ACME-01"), switches=switches, waivers=[a_waiver()])

    assert finding(assessment).waived
    assert assessment.verdict == "CONDITIONAL"


@pytest.mark.parametrize("check_id", ["RBK-02", "ONC-01"])
def test_what_cannot_be_waived_cannot_be_switched_off(check_id):
    with pytest.raises(PolicyError) as error:
        assessed(switches=[a_switch(check_id)])

    assert f"{check_id} cannot be switched off, as it cannot be waived" in str(error.value)
    assert str(error.value).startswith("policy.yaml:")


@pytest.mark.parametrize("check_id", ["REV-05", "EVD-02", "EVD-03", "INC-01"])
def test_what_may_be_waived_for_a_while_and_never_left_unasked_is_refused(check_id):
    with pytest.raises(PolicyError) as error:
        assessed(failing(check_id), switches=[a_switch(check_id)])

    assert f"{check_id} cannot be switched off" in str(error.value)
    assert "is answered for by a waiver" in str(error.value)
    waived = assessed(failing(check_id), waivers=[a_waiver(check_id)])
    assert waived.verdict == "CONDITIONAL"


def test_a_check_that_is_not_loaded_cannot_be_switched_off():
    with pytest.raises(PolicyError) as error:
        assessed(passing("ACME-01"), switches=[a_switch("ACME-10")])

    assert "ACME-10 is no check that is loaded" in str(error.value)
    assert "did you mean ACME-01?" in str(error.value)
