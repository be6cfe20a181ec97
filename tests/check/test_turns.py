"""What would change a verdict, said before it happens."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.check.api import FIVE_QUESTIONS
from ops_model.check.turns import turns
from ops_model.check.verdict import assess
from tests.builders import AS_OF, a_model, a_system, all_records, an_evidence
from tests.check.making import a_catalogue, failing, passing
from tests.checks.judged import shipped_catalogue

FIVE = [check for _, checks in FIVE_QUESTIONS for check in checks]
CONDITION = {"id": "two-drills", "text": "drill twice", "owner": "ana-ruiz", "due": "2013-08-01"}


def assessed(*bad, waived=(), conditions=()):
    """A verdict where the checks in `bad` fail and the others of six pass."""
    made = [failing(c) if c in bad else passing(c) for c in [*FIVE, "ACME-01"]]
    decisions = {"review": {"opened_at": "2013-07-01T00:00:00Z", "conditions": list(conditions)}}
    system = a_system(tier="C", decisions=decisions)
    waivers = [
        {"check_id": check, "system": system.id, "reason": "agreed", "accepted_by": "flo-risk",
         "compensating_control": "weekly look", "starts": "2013-07-01", "expires": "2013-08-01"}
        for check in waived
    ]  # fmt: skip
    grades = {check.id: {"C": "E1"} for check in made}
    model = a_model(system, policy={"waivers": waivers, "minimum_grades": grades})
    return assess(
        a_catalogue(*made), model, system, an_evidence(), as_of=AS_OF, ledger_size=0
    )  # fmt: skip


def test_a_verdict_that_is_ready_has_no_better_one():
    assessment = assessed()

    assert assessment.verdict == "READY"
    assert turns(assessment) == ()


def test_a_question_without_an_answer_is_what_leads_on_from_a_demo():
    turn = turns(assessed("CST-01", "ACME-01"))[0]

    assert (turn.to, turn.checks) == ("NOT READY", ("CST-01",))


def test_what_blocks_is_what_leads_on_to_ready():
    turn = turns(assessed("ACME-01"))[0]

    assert (turn.to, turn.checks, turn.at) == ("READY", ("ACME-01",), None)


def test_a_waived_finding_and_an_open_condition_are_what_is_left_of_conditional():
    assessment = assessed("ACME-01", waived=["ACME-01"], conditions=[CONDITION])

    better, later = turns(assessment)
    assert assessment.verdict == "CONDITIONAL"
    assert (better.to, better.checks, better.conditions) == (
        "READY",
        ("ACME-01",),
        ("two-drills",),
    )
    assert (later.to, later.checks) == ("NOT READY", ("ACME-01",))
    assert later.at.isoformat() == "2013-08-01T00:00:00+00:00"


def test_an_open_condition_alone_makes_a_verdict_conditional():
    assessment = assessed(conditions=[CONDITION])

    assert (assessment.verdict, assessment.open_conditions) == ("CONDITIONAL", ("two-drills",))
    assert turns(assessment)[0].conditions == ("two-drills",)


@given(st.integers(0, 60))
@settings(max_examples=15, deadline=None)
def test_a_turn_that_time_brings_comes_at_the_instant_it_names(days):
    system = a_system()
    model, evidence = a_model(system), an_evidence(*all_records(system))

    def at(instant):
        return assess(
            shipped_catalogue(), model, system, evidence, as_of=instant, ledger_size=0
        )  # fmt: skip

    now = at(AS_OF + timedelta(days=days))
    for turn in (t for t in turns(now) if t.at is not None):
        # A pass holds through the instant that it names; a moment later it has ended.
        assert at(turn.at - timedelta(seconds=1)).verdict == now.verdict
        assert at(turn.at + timedelta(seconds=1)).verdict == turn.to
