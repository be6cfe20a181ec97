"""The weekly report of a system: from its verdict, and from what was recorded week by week."""

from datetime import timedelta

import pytest

from ops_model.domain.values import digest_of
from ops_model.workflow.show import assessed, latest
from ops_model.workflow.weekly import weekly_report
from ops_model.workflow.weekly_since import report_before
from tests.builders import (
    AS_OF,
    a_drift,
    a_rollback_drill,
    a_spend,
    a_system,
    all_records,
    exact,
)
from tests.weekly_samples import WEEK, a_book, some_days, told

STAGES = [
    {"stage": "pilot", "at": "2012-11-01T00:00:00Z", "by": "ana-ruiz",
     "teams": ["model-team", "platform-team"]},
]  # fmt: skip
ASKED = {
    "id": "who-decides", "asked_by": "internal audit", "asked_at": "2013-06-03T08:00:00Z",
    "due": "2013-07-29", "question": "Who decides on a loss?", "owner": "di-legal",
}  # fmt: skip


def live_since(day):
    return [*STAGES, {"stage": "live", "at": f"{day}T00:00:00Z", "by": "ana-ruiz"}]


def report(system, *records, as_of=AS_OF, **more):
    statements = [
        record if hasattr(record, "seq") else told(record, seq)
        for seq, record in enumerate(records, start=1)
    ]
    book = a_book(system, *statements, as_of=as_of, **more)
    return weekly_report(book, assessed(book))


def verdict_of(system, *records, as_of=AS_OF):
    return assessed(a_book(system, *(told(r, n) for n, r in enumerate(records, 1)), as_of=as_of))


@pytest.fixture(scope="module")
def system():
    return a_system()


def test_a_system_without_any_history_has_a_report_that_says_what_is_not_there(system):
    found = report(a_system(signals=None, cost=None, compliance=None))

    assert found.since is None
    assert found.quality == ()
    assert found.spend is None
    assert [sign.state for sign in found.signs] == ["none"] * 4
    assert found.signs[0].why_none == "no drift is on record"


def test_a_stranded_pilot_needs_no_care_and_has_no_first_days():
    found = report(a_system(identity={"stage_history": STAGES}))

    assert (found.live, found.care, found.hypercare) == (False, (), None)


def test_the_report_names_the_verdict_that_it_rests_on(system):
    book = a_book(system)

    found = weekly_report(book, assessed(book))

    assert found.assessment == digest_of(assessed(book))
    assert found.verdict == assessed(book).verdict


def test_what_changed_is_read_against_the_report_of_a_week_before(system):
    before = verdict_of(system, as_of=AS_OF - WEEK)
    found = report(system, told(before, 1), told(a_rollback_drill(system), 2))

    assert (found.since.days, found.since.at) == (7, AS_OF - WEEK)
    assert "RBK-02" in found.since.closed
    assert not found.since.aside


def test_a_gap_that_is_only_waived_is_not_closed_and_opens_when_the_waiver_is_over(system):
    plain = assessed(a_book(system))
    one = plain.blocking[0].check
    waived = plain.model_copy(
        update={
            "findings": tuple(
                f.model_copy(update={"waived": f.check == one}) for f in plain.findings
            )
        }
    )
    week_ago = {"as_of": AS_OF - WEEK}
    then, then_waived = (v.model_copy(update=week_ago) for v in (plain, waived))

    only_waived = weekly_report(a_book(system, told(then, 1)), waived).since
    over = weekly_report(a_book(system, told(then_waived, 1)), plain).since

    assert (only_waived.accepted, only_waived.closed) == ((one,), ())
    assert (over.opened, over.accepted) == ((one,), ())


def test_of_several_reports_the_one_nearest_to_a_week_before_counts(system):
    days = (1, 6, 8, 21)
    then = [told(verdict_of(system, as_of=AS_OF - timedelta(days=d)), d) for d in days]

    # Six and eight days are as near; the later entry on the ledger is the newer word.
    assert report_before(a_book(system, *then).evidence, AS_OF).seq == 8


def test_a_report_of_the_same_instant_is_none_from_before(system):
    again = told(verdict_of(system), 1)

    assert report(system, again).since is None


def test_a_report_that_was_filled_in_later_is_read_as_of_its_own_week(system):
    late = told(verdict_of(system, as_of=AS_OF), 1)
    filled_in = told(verdict_of(system, as_of=AS_OF - WEEK), 2, recorded_at=AS_OF + WEEK)
    drill = told(a_rollback_drill(system), 3)

    earlier = report(system, late, filled_in, drill, as_of=AS_OF - WEEK)
    now = report(system, late, filled_in, drill, as_of=AS_OF)

    assert earlier.since is None
    assert now.since.at == AS_OF - WEEK


def test_a_verdict_that_a_notebook_of_ones_own_printed_is_no_report(system):
    printed = verdict_of(system, as_of=AS_OF - WEEK)
    origin = told(printed, 1).origin.model_copy(update={"notebook_digest": digest_of(b"mine")})

    assert report(system, told(printed, 1, origin=origin)).since is None


def test_an_incident_since_the_last_report_is_told(system):
    incident = {
        "id": "2013-07-18-feed", "title": "feed down", "severity": "sev2", "state": "detected",
        "detected_by": "monitor", "detected_at": "2013-07-18T08:00:00Z",
    }  # fmt: skip
    system = a_system(incidents=[incident])
    before = told(verdict_of(system, as_of=AS_OF - WEEK), 1)

    assert report(system, before).since.incidents == (
        "2013-07-18-feed (sev2) was detected on 2013-07-18",
    )


def test_the_first_days_count_down_with_the_drill_that_was_done_in_them():
    system = a_system(identity={"stage_history": live_since("2013-07-08")})
    drill = a_rollback_drill(system, done_at=AS_OF, as_of=AS_OF)

    count = report(system, drill).hypercare

    assert (count.day, count.left) == (14, 76)
    assert count.drilled_on == AS_OF.date()
    assert str(count.drill_by) == "2013-08-07"


def test_a_drill_from_before_it_went_live_is_none_of_the_first_days():
    system = a_system(identity={"stage_history": live_since("2013-07-08")})
    drill = a_rollback_drill(system, as_of=AS_OF - timedelta(days=30))

    assert report(system, drill).hypercare.drilled_on is None


def test_a_drill_that_a_notebook_of_ones_own_printed_is_none_of_the_first_days():
    system = a_system(identity={"stage_history": live_since("2013-07-08")})
    drill = told(a_rollback_drill(system, done_at=AS_OF, as_of=AS_OF), 1)
    printed = drill.model_copy(update={
        "origin": drill.origin.model_copy(update={"notebook_digest": digest_of(b"mine")}),
    })  # fmt: skip

    assert report(system, printed).hypercare.drilled_on is None


def test_a_record_that_a_notebook_of_ones_own_printed_takes_no_observed_one_away(system):
    seen = told(a_spend(system, as_of=AS_OF - WEEK, total=exact(111, "USD", 900)), 1)
    forged = told(a_spend(system, total=exact(7777, "USD", 900)), 2)
    forged = forged.model_copy(update={
        "origin": forged.origin.model_copy(update={"notebook_digest": digest_of(b"mine")}),
    })  # fmt: skip

    both = latest(a_book(system, seen, forged), "spend").html
    alone = latest(a_book(system, forged), "spend").html

    assert "111.00" in both
    assert "7,777" not in both
    assert "declared only" not in both
    assert "declared only" in alone


def test_a_part_that_was_unknown_and_failed_since_got_worse(system):
    now = verdict_of(system)
    legal = [f.model_copy(update={"status": "unknown", "reason": "missing"})
             if f.area in {"compliance", "decisions"} and f.status == "failed" else f
             for f in now.findings]  # fmt: skip
    failing = [f for f in legal if f not in now.findings]
    before = verdict_of(system, as_of=AS_OF - WEEK).model_copy(update={"findings": tuple(legal)})

    found = report(system, told(before, 1))

    assert failing
    assert found.since.worsened == ("legal: unknown became failed",)
    assert found.got_worse


def test_after_ninety_days_there_is_no_countdown(system):
    assert report(system).hypercare is None


def test_care_that_was_never_done_is_overdue_from_the_day_of_going_live(system):
    care = {one.care: one for one in report(system).care}

    assert care["monitoring"].overdue
    assert str(care["monitoring"].due_on) == "2013-03-02"
    assert care["monitoring"].done_on is None


def test_care_says_when_it_was_done_and_is_due(system):
    care = {one.care: one for one in report(system, a_drift(system)).care}

    assert str(care["monitoring"].done_on) == "2013-07-22"
    assert str(care["monitoring"].due_on) == "2013-07-23"
    assert not care["monitoring"].overdue


def test_a_stricter_policy_on_care_is_heeded(system):
    policy = {"thresholds": {"OWN-06": {"max_evaluation_days": 7}}}
    care = {one.care: one for one in report(system, policy=policy).care}

    assert care["evaluation"].wrong == "planned every 28 days; expected every 7 at most"


def test_a_cost_that_creeps_for_a_quarter_of_a_year_is_a_sign(system):
    spend = a_spend(system, days=some_days(12, lambda week: 40.0 + 2 * week))

    cost = next(sign for sign in report(system, spend).signs if sign.sign == "cost")

    # Two dollars a day more in each week, beyond one in a hundred of what a week costs.
    assert cost.per_week.value == pytest.approx(2.0)
    assert (cost.state, len(cost.weeks)) == ("worse", 12)


def test_the_same_weeks_are_told_from_many_records_as_from_one(system):
    days = some_days(12, lambda week: 40.0 + 2 * week)
    each = [
        a_spend(system, as_of=AS_OF - back * WEEK, days=days[: 84 - 7 * back][-28:])
        for back in range(8, -1, -1)
    ]

    signs = {s.sign: s for s in report(system, *each).signs}

    assert signs["cost"].per_week.value == pytest.approx(2.0)
    assert len(signs["cost"].weeks) == 12


def test_drift_is_told_over_the_weeks_in_which_it_was_measured(system):
    weekly = [a_drift(system, as_of=AS_OF - back * WEEK) for back in range(9, -1, -1)]

    drift = report(system, *weekly).signs[0]

    assert (drift.state, len(drift.weeks)) == ("steady", 10)


def test_two_weeks_of_drift_say_that_they_are_too_few(system):
    weekly = [a_drift(system, as_of=AS_OF - WEEK), a_drift(system)]

    assert report(system, *weekly).signs[0].state == "too_few"


def test_a_question_of_an_auditor_is_open_from_its_day_until_its_answer():
    system = a_system(compliance={"audit_questions": [ASKED]})

    audit = next(s for s in report(system).signs if s.sign == "audit_questions")

    # Asked on 3 June: open at this instant and at the end of the six weeks before.
    assert [week.value for week in audit.weeks][-8:] == [0, 1, 1, 1, 1, 1, 1, 1]


def test_open_gaps_are_as_old_as_the_first_verdict_on_record_that_has_them(system):
    before = [told(verdict_of(system, as_of=AS_OF - n * WEEK), n) for n in (2, 1)]

    found = report(system, *before)
    gap = next(gap for gap in found.gaps if gap.check == "RBK-02")

    # Fourteen days at tier B, which weighs twice.
    assert (gap.days, gap.weight) == (14, 28)
    assert found.debt.value == sum(gap.weight for gap in found.gaps)
    assert found.debt.n == len(found.gaps)


def test_every_number_of_a_report_says_what_it_rests_on(system):
    spend = a_spend(system, days=some_days(12, lambda week: 40.0 + week))
    before = told(verdict_of(system, as_of=AS_OF - WEEK), 1)

    found = report(system, before, *all_records(system)[10:14], spend)

    assert all(measured.complete for _, measured in found.measured())
