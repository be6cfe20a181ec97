from datetime import UTC, date, datetime, timedelta

import pytest

from ops_model.check.api import FIVE_QUESTIONS, not_applicable
from ops_model.check.verdict import assess
from tests.builders import (
    AREAS,
    AS_OF,
    a_model,
    a_quality,
    a_system,
    all_records,
    an_evidence,
    people_but,
    with_record,
    without,
)
from tests.check.making import (
    ENTRY,
    OWNER_FILE,
    a_catalogue,
    a_check,
    crashing,
    failing,
    not_known,
    observed,
    passing,
    what_a_run_saw,
)
from tests.checks.judged import shipped_catalogue

FIVE = [check for _, checks in FIVE_QUESTIONS for check in checks]
AREA = {"ONC": "ownership", "RBK": "rollback", "QLT": "detection", "CST": "cost"}


def area_of(check_id):
    return AREA.get(check_id[:3], "reliability")


def answered(*others, but=()):
    """Checks that answer all five questions, and these others."""
    five = [observed(i, area=area_of(i)) for i in FIVE if i not in {c.id for c in but}]
    return a_catalogue(*five, *but, *others)


def a_waiver(check_id="ACME-01", **changes):
    return {
        "check_id": check_id,
        "system": "flight-delay",
        "reason": "agreed in June",
        "compensating_control": "weekly look",
        "accepted_by": "flo-risk",
        "starts": "2013-07-01",
        "expires": "2013-08-01",
        **changes,
    }


def assessed(catalogue, *waivers, as_of=AS_OF, people=None, zone="UTC", **areas):
    system = a_system(**{"tier": "C", **areas})
    model = a_model(system, policy={"waivers": list(waivers)}, people=people, zone=zone)
    evidence = what_a_run_saw(system)
    return assess(catalogue, model, system, evidence, as_of=as_of, ledger_size=7)


def test_ready_when_nothing_stands_in_the_way():
    assessment = assessed(answered(passing("ACME-01")))

    assert assessment.verdict == assessment.verdict_without_waivers == "READY"


@pytest.mark.parametrize("make", [failing, not_known, crashing])
def test_not_ready_for_anything_that_blocks(make):
    assert assessed(answered(make("ACME-01"))).verdict == "NOT READY"


@pytest.mark.parametrize("check_id", FIVE)
@pytest.mark.parametrize("make", [failing, not_known, crashing])
def test_demo_only_while_one_of_the_five_questions_is_open(check_id, make):
    assessment = assessed(answered(but=[make(check_id, area=area_of(check_id))]))

    assert assessment.verdict == "DEMO ONLY"


def test_demo_only_when_a_check_of_the_five_is_not_even_loaded():
    checks = [c for c in answered().checks if c.id != "FBK-03"]

    assessment = assessed(a_catalogue(*checks))

    assert assessment.verdict == "DEMO ONLY"
    assert assessment.five_questions[4].answer == "It holds. FBK-03 is not loaded."


def test_a_question_that_does_not_arise_is_answered_by_the_reason():
    reason = a_check(
        "FBK-01", lambda ctx: not_applicable("there is no vendor"), area="reliability"
    )

    assessment = assessed(answered(but=[reason]))

    assert assessment.verdict == "READY"
    assert assessment.five_questions[4].answer == "There is no vendor. It holds."


def test_conditional_when_only_waived_findings_remain_and_not_ready_without_the_waiver():
    assessment = assessed(answered(failing("ACME-01")), a_waiver())

    assert assessment.verdict == "CONDITIONAL"
    assert assessment.verdict_without_waivers == "NOT READY"


def test_a_waiver_is_a_flag_and_the_status_stays():
    assessment = assessed(answered(failing("ACME-01")), a_waiver())

    finding = next(f for f in assessment.findings if f.check == "ACME-01")

    assert (finding.status, finding.waived) == ("failed", True)
    assert assessment.areas["ownership"] == "waived"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"expires": "2013-07-22"}, "it expired on 2013-07-22"),
        ({"starts": "2013-07-23"}, "it starts on 2013-07-23"),
        (
            {"starts": "2013-06-01", "expires": "2013-08-31"},
            "it runs 91 days; expected at most 90",
        ),
        ({"accepted_by": "gone"}, "gone is no active person"),
        ({"accepted_by": "data-team"}, "data-team is no active person"),
        ({"accepted_by": "cy-data"}, "cy-data built the system"),
        ({"accepted_by": "di-legal"}, "di-legal is no executive"),
        ({"renewals": "2"}, "it was renewed 2 times; expected at most 1"),
    ],
)
def test_a_waiver_that_does_not_count_hides_nothing_and_the_finding_says_why(change, why):
    assessment = assessed(answered(failing("ACME-01")), a_waiver(**change))

    finding = next(f for f in assessment.findings if f.check == "ACME-01")
    assert assessment.verdict == "NOT READY"
    assert not finding.waived
    assert f"does not count: {why}" in finding.remedy
    assert "policy.yaml:" in finding.remedy


def test_a_waiver_of_exactly_ninety_days_counts():
    waiver = a_waiver(starts="2013-06-01", expires="2013-08-30")

    assert assessed(answered(failing("ACME-01")), waiver).verdict == "CONDITIONAL"


def chained(*spans):
    """The findings' flags where one check is waived from each day to the next."""
    waivers = [a_waiver(starts=start, expires=end) for start, end in spans]
    return assessed(answered(failing("ACME-01")), *waivers)


def test_waivers_one_after_another_are_renewals_whatever_each_says_of_itself():
    """Each of them says `renewals: 0`; the third one in a row is the second renewal."""
    first, second = ("2013-02-01", "2013-04-25"), ("2013-04-25", "2013-07-10")
    third = ("2013-07-10", "2013-10-01")

    assert chained(second, third).verdict == "CONDITIONAL"
    assessment = chained(first, second, third)
    assert assessment.verdict == "NOT READY"
    assert "it was renewed 2 times; expected at most 1" in assessment.blocking[0].remedy


def test_waivers_that_overlap_are_renewals_too():
    spans = [("2013-06-01", "2013-07-15"), ("2013-06-02", "2013-07-16"),
             ("2013-06-03", "2013-08-30")]  # fmt: skip

    assert chained(*spans[1:]).verdict == "CONDITIONAL"
    # The first two have ended on the twentieth, and the third prolonged them twice.
    assert chained(*spans).verdict == "NOT READY"


@pytest.mark.parametrize(
    ("ended", "verdict"), [("2013-06-02", "NOT READY"), ("2013-06-01", "CONDITIONAL")]
)
def test_a_short_gap_between_two_waivers_makes_the_second_no_new_one(ended, verdict):
    """Thirty days without a waiver end a chain; the last one began on the first of July."""
    before = [("2013-03-01", "2013-04-20"), ("2013-04-20", ended)]

    assert chained(*before, ("2013-07-01", "2013-08-30")).verdict == verdict


def test_a_waiver_ends_with_whoever_accepted_it():
    people = people_but("flo-risk", active_to="2013-07-25")
    assessment = assessed(answered(failing("ACME-01")), a_waiver(), people=people)

    assert assessment.valid_until == datetime(2013, 7, 26, tzinfo=UTC)


def test_a_waiver_that_was_renewed_once_counts():
    assert assessed(answered(failing("ACME-01")), a_waiver(renewals="1")).verdict == "CONDITIONAL"


def test_a_waiver_accepted_by_somebody_of_the_build_team_does_not_count():
    people = people_but("flo-risk", team="model-team")

    assert assessed(answered(failing("ACME-01")), a_waiver(), people=people).verdict == "NOT READY"


@pytest.mark.parametrize("make", [failing, not_known, crashing])
def test_the_portfolio_informs_and_never_blocks(make):
    assessment = assessed(answered(make("ACME-01", area="portfolio")))

    finding = next(f for f in assessment.findings if f.check == "ACME-01")
    assert assessment.verdict == assessment.verdict_without_waivers == "READY"
    assert (finding.open, finding.blocks) == (True, False)
    assert assessment.blocking == ()
    assert assessment.areas["portfolio"] == finding.status


def test_a_waiver_accepted_by_somebody_who_left_no_longer_counts():
    people = people_but("flo-risk", active_to="2013-07-21")

    assert assessed(answered(failing("ACME-01")), a_waiver(), people=people).verdict == "NOT READY"


def test_a_waiver_ends_at_midnight_of_the_workbook_s_own_zone():
    waiver = a_waiver(expires="2013-07-22")

    berlin = assessed(
        answered(failing("ACME-01")),
        waiver,
        as_of=AS_OF.replace(day=21, hour=22),
        zone="Europe/Berlin",
    )
    utc = assessed(answered(failing("ACME-01")), waiver, as_of=AS_OF.replace(day=21, hour=22))

    assert (berlin.verdict, utc.verdict) == ("NOT READY", "CONDITIONAL")


def test_of_two_waivers_one_that_counts_is_enough():
    ended = a_waiver(expires="2013-07-02")

    assert assessed(answered(failing("ACME-01")), ended, a_waiver()).verdict == "CONDITIONAL"


def test_a_waiver_for_another_system_counts_for_nothing_here():
    other = a_waiver(system="other")

    assert assessed(answered(failing("ACME-01")), other).verdict == "NOT READY"


@pytest.mark.parametrize("check_id", [*FIVE, "OWN-01", "RDY-01", "REV-01", "REV-02", "EVD-01"])
def test_what_must_hold_cannot_be_waived(check_id):
    area = "decisions" if check_id[:3] in {"RDY", "REV"} else area_of(check_id)
    area = "ownership" if check_id == "OWN-01" else area
    bad = failing(check_id, area=area)
    catalogue = answered(but=[bad]) if check_id in FIVE else answered(bad)

    assessment = assessed(catalogue, a_waiver(check_id))

    finding = next(f for f in assessment.findings if f.check == check_id)
    assert not finding.waived
    assert f"{check_id} cannot be waived" in finding.remedy
    assert assessment.verdict in {"NOT READY", "DEMO ONLY"}


def test_nobody_can_answer_for_a_check_that_crashed():
    assert assessed(answered(crashing("ACME-01")), a_waiver()).verdict == "NOT READY"


def test_a_passing_check_needs_no_waiver_and_gets_no_flag():
    assessment = assessed(answered(passing("ACME-01")), a_waiver())

    assert assessment.verdict == "READY"
    assert not any(f.waived for f in assessment.findings)


def test_an_area_is_as_good_as_the_worst_of_its_checks():
    aside = a_check("ACME-04", lambda ctx: not_applicable("no"), area="incidents")
    catalogue = answered(
        passing("ACME-01", area="cost"), not_known("ACME-02", area="cost"),
        failing("ACME-03", area="detection"), aside,
    )  # fmt: skip

    areas = assessed(catalogue).areas

    assert areas["cost"] == "unknown"
    assert areas["detection"] == "failed"
    assert areas["rollback"] == "passed"
    assert areas["incidents"] == "not_applicable"


def test_an_area_that_nobody_asked_about_is_left_out_and_never_shown_as_good():
    assert "compliance" not in assessed(answered()).areas


def test_an_open_question_says_what_is_open_and_where_it_was_read():
    assessment = assessed(answered(but=[failing("CST-02", area="cost")]))

    question = assessment.five_questions[3]

    assert not question.answered
    assert question.answer == "It does not hold."
    assert set(question.evidence) == {ENTRY, OWNER_FILE}


def test_an_assessment_pins_claims_policy_and_the_size_of_the_ledger():
    one = assessed(answered(passing("ACME-01")))
    other = assessed(answered(passing("ACME-01")), a_waiver())

    assert one.ledger_size == 7
    assert {ref.file for ref in one.claims} >= {"system.yaml", "rollback.yaml"}
    assert one.policy != other.policy


def test_a_verdict_lasts_until_the_first_waiver_or_evidence_ends():
    waiver = a_waiver(expires="2013-08-01")

    assessment = assessed(answered(failing("ACME-01")), waiver)

    assert assessment.valid_until == AS_OF.replace(month=8, day=1, hour=0)


def the_shipped_verdict(records=all_records, **areas):
    system = a_system(**areas)
    evidence = an_evidence(*records(system))
    return assess(
        shipped_catalogue(), a_model(system), system, evidence, as_of=AS_OF, ledger_size=8
    )


def test_a_system_in_order_is_ready():
    assessment = the_shipped_verdict()

    assert assessment.verdict == "READY"
    assert assessment.blocking == ()


def test_without_a_rollback_plan_a_system_is_ready_for_a_demo_only():
    assert the_shipped_verdict(rollback=None).verdict == "DEMO ONLY"


def test_without_any_drill_a_system_is_ready_for_a_demo_only():
    from ops_model.domain.rollback import RollbackDrill

    assessment = the_shipped_verdict(lambda s: without(all_records(s), RollbackDrill))

    assert assessment.verdict == "DEMO ONLY"


def test_every_blocking_finding_of_a_bare_system_says_what_to_do():
    gone = dict.fromkeys(a for a in AREAS if a != "identity")

    assessment = the_shipped_verdict(lambda s: (), **gone)

    assert assessment.verdict == "DEMO ONLY"
    assert all(f.remedy for f in assessment.blocking)


def test_evidence_that_grows_old_takes_the_verdict_down():
    system = a_system()
    evidence = an_evidence(*all_records(system))

    later = assess(
        shipped_catalogue(), a_model(system), system, evidence,
        as_of=AS_OF + timedelta(days=100), ledger_size=8,
    )  # fmt: skip

    assert later.verdict == "DEMO ONLY"


def asked_of_quality(*more, **quality):
    """Question 3 of a system in order, with another measurement of its quality."""

    def records(system):
        spoiled = with_record(all_records(system), a_quality(system, **quality))
        return [*spoiled, *more]

    return the_shipped_verdict(records).five_questions[2]


def test_how_late_a_fall_was_known_is_told_beside_the_answer_on_quality():
    found = asked_of_quality(onset_estimate=date(2013, 7, 1), alarm_at=date(2013, 7, 8))

    # The day of the alarm has to be over: from the 1st to the end of the 8th.
    assert found.answered
    assert "Monitor quality: the fall that began on 2013-07-01 raised the alarm of" in found.answer
    assert "known 8 days after it began (192 h); promised within 240 h" in found.answer


def test_how_late_a_fall_may_be_known_is_told_where_none_was_measured():
    assert "no alarm is on record; a fall of" in asked_of_quality().answer


def test_a_fall_that_was_known_too_late_is_told_and_leaves_the_question_answered():
    found = asked_of_quality(onset_estimate=date(2013, 6, 1), alarm_at=date(2013, 7, 8))

    assert found.answered
    assert "known 38 days after it began (912 h); expected within 240 h" in found.answer


def test_an_answer_that_rests_on_a_breach_opens_with_it():
    fell = asked_of_quality(onset_estimate=date(2013, 7, 1), alarm_at=date(2013, 7, 8))
    held = asked_of_quality()

    assert (fell.answered, fell.breached) == (True, True)
    assert fell.parted[0] == "accuracy fell, alarm since 2013-07-08"
    assert fell.answer == f"Breached: {'. '.join(fell.parted)}"
    assert (held.breached, held.parted) == (False, ("", held.answer))
