"""What would change a verdict, said before it happens."""

from datetime import timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ops_model.check.api import FIVE_QUESTIONS
from ops_model.check.sign_off import policy_digest
from ops_model.check.turns import turns
from ops_model.check.verdict import assess
from ops_model.check.waivers import NEVER_WAIVED
from tests.builders import AS_OF, a_model, a_system, all_records, an_evidence
from tests.check.making import a_catalogue, failing, observed, what_a_run_saw
from tests.checks.judged import shipped_catalogue
from tests.shown_model import signed_anew

FIVE = [check for _, checks in FIVE_QUESTIONS for check in checks]
CONDITION = {"id": "two-drills", "text": "drill twice", "owner": "ana-ruiz", "due": "2013-08-01"}


def assessed(*bad, waived=(), conditions=()):
    """A verdict where the checks in `bad` fail and the others of six pass."""
    made = [failing(c) if c in bad else observed(c) for c in [*FIVE, "ACME-01"]]
    decisions = {"review": {"opened_at": "2013-07-01T00:00:00Z", "conditions": list(conditions)}}
    system = a_system(tier="C", decisions=decisions)
    waivers = [
        {"check_id": check, "system": system.id, "reason": "agreed", "accepted_by": "flo-risk",
         "compensating_control": "weekly look", "starts": "2013-07-01", "expires": "2013-08-01"}
        for check in waived
    ]  # fmt: skip
    model = a_model(system, policy={"waivers": waivers})
    evidence = what_a_run_saw(system)
    return assess(a_catalogue(*made), model, system, evidence, as_of=AS_OF, ledger_size=0)


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


AWAITED_KINDS = sorted({r.kind for r in all_records(a_system())} - {"verification", "attestation"})


def waived(checks, system):
    return [
        {"check_id": check, "system": system.id, "reason": "agreed", "accepted_by": "flo-risk",
         "compensating_control": "weekly look", "starts": "2013-07-01", "expires": "2013-08-01"}
        for check in checks
    ]  # fmt: skip


def shown_without(system, gone, policy):
    """All records but those of some kinds; the seats signed under this policy."""
    digest = policy_digest(policy, system.id)
    shown = signed_anew(system, all_records(system), policy=digest)
    return [record for record in shown if record.kind not in gone]


def verdict_without(gone, waivers=()):
    system = a_system()
    model = a_model(system, policy={"waivers": list(waivers)})
    evidence = an_evidence(*shown_without(system, gone, model.policy))
    return assess(shipped_catalogue(), model, system, evidence, as_of=AS_OF, ledger_size=0)


@given(st.sets(st.sampled_from(AWAITED_KINDS), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_to_waive_what_is_listed_gives_a_conditional_verdict(gone):
    before = verdict_without(gone)
    assume(before.verdict == "NOT READY")
    listed = turns(before)[0].checks
    assume(not NEVER_WAIVED & set(listed))

    after = verdict_without(gone, waived(listed, a_system()))

    assert after.verdict == "CONDITIONAL"
    assert after.verdict_without_waivers == "NOT READY"
    # What only sums them up is waived through them, and what is left to close is the same.
    assert set(turns(after)[0].checks) == set(listed)


def test_a_sum_is_waived_through_its_parts_and_never_passed():
    gone = {"importance"}
    before = verdict_without(gone)
    sums = {f.check: f for f in before.blocking if f.through}

    after = verdict_without(gone, waived(["DRF-04"], a_system()))

    assert sums["RDY-05"].through == ("DRF-04",)
    found = next(f for f in after.findings if f.check == "RDY-05")
    assert (found.status, found.waived) == ("failed", True)
    assert found.message.endswith("; waived through DRF-04")
    assert found.valid_until == next(f for f in after.findings if f.check == "DRF-04").valid_until
    assert after.verdict == "CONDITIONAL"


def test_a_sum_with_a_part_that_nobody_answers_for_blocks():
    kinds = {"importance", "train_serve_skew"}
    before = verdict_without(kinds)
    parts = next(f for f in before.findings if f.check == "RDY-05").through

    after = verdict_without(kinds, waived(parts[:1], a_system()))

    assert len(parts) > 1
    assert "RDY-05" in {f.check for f in after.blocking}
    assert "RDY-05" not in turns(after)[0].checks


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


def test_a_sum_that_is_left_out_of_what_to_close_is_named_beside_it():
    before = verdict_without({"importance"})
    better = turns(before)[0]

    assert "RDY-05" in better.sums
    assert {*better.checks, *better.sums} == {f.check for f in before.blocking}
