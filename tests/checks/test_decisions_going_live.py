from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import AREAS, AS_OF, DECLARED, a_rollback_drill, all_records, people_but
from tests.checks.judged import judged, nothing

PILOT, LIVE = AREAS["identity"]["stage_history"]


def stages(*changes):
    return {"stage_history": list(changes)}


def test_rdy_02_passes_with_a_platform_team_four_months_before():
    assert judged("RDY-02").message == (
        "platform-team was at work on it from 2012-11-01, 120 days before it went live"
    )


@pytest.mark.parametrize(("came", "status"), [("2013-02-15", "passed"), ("2013-02-16", "failed")])
def test_rdy_02_fails_when_they_came_in_less_than_two_weeks_before(came, status):
    # 15 February is 14 days before 1 March.
    late = {**PILOT, "at": f"{came}T00:00:00Z"}

    assert judged("RDY-02", identity=stages(late, LIVE)).status == status


@pytest.mark.parametrize("teams", [[], ["model-team"], ["ghosts"]])
def test_rdy_02_fails_when_no_platform_team_was_ever_there(teams):
    finding = judged("RDY-02", identity=stages({**PILOT, "teams": teams}, LIVE))

    assert finding.status == "failed"
    assert "invites the platform team" in finding.remedy


@pytest.mark.parametrize(("comes", "status"), [("2012-11-02", "failed"), ("2012-11-01", "passed")])
def test_rdy_02_fails_for_a_platform_team_in_which_nobody_worked_then(comes, status):
    people = people_but("ana-ruiz", active_from=comes)
    people["people"] = [
        {**p, "team": "desk-team"} if p["id"] == "bo-li" else p for p in people["people"]
    ]

    finding = judged("RDY-02", people=people)

    assert finding.status == status


def test_rdy_02_passes_for_a_pilot_in_which_a_platform_team_works():
    finding = judged("RDY-02", identity=stages(PILOT))

    assert finding.message.endswith("it serves nobody yet")


def test_rdy_03_passes_when_all_four_were_written_before():
    assert "all written by 2013-02-01, live since 2013-03-01" in judged("RDY-03").message


def test_rdy_03_fails_for_a_rollback_plan_that_came_after():
    after = {"declared": {**DECLARED, "at": "2013-03-02T00:00:00Z"}}

    finding = judged("RDY-03", rollback=after)

    assert finding.status == "failed"
    assert "written after: rollback.yaml on 2013-03-02" in finding.message
    assert len(finding.looked_at) == 1


def test_rdy_03_is_unknown_when_a_file_does_not_say_when_it_was_written():
    finding = judged("RDY-03", cost={"declared": None})

    assert finding.message == "when it was written does not stand in cost.yaml"


def test_rdy_03_is_not_asked_of_a_pilot():
    assert judged("RDY-03", identity=stages(PILOT)).status == "not_applicable"


def test_rdy_07_passes_with_a_desk_and_a_promise():
    assert judged("RDY-07").message == (
        "desk 4, always, first answer within 15 minutes; promised: 0.98 of answers to gate staff"
    )


def test_rdy_07_fails_without_a_desk_and_without_a_promise():
    finding = judged("RDY-07", identity={"support": None}, service_levels={"agreements": []})

    assert finding.message == (
        "there is no support model (where, when, how soon) and no service-level agreement"
    )


def test_rdy_07_fails_for_a_desk_that_nobody_can_turn_to():
    desk = {"channel": "none", "hours": "never", "first_response_minutes": "15"}

    finding = judged("RDY-07", identity={"support": desk})

    assert finding.status == "failed"
    assert finding.message == (
        "there is no support model (channel 'none' says nothing, hours 'never' says nothing)"
    )
    assert finding.remedy == "the owner writes `support` into system.yaml"


def test_rdy_07_fails_when_nothing_is_what_was_promised():
    promise = {"to": "gate staff", "objective": "answers", "target": "0"}

    finding = judged("RDY-07", service_levels={"agreements": [promise]})

    assert finding.message == "there is no service-level agreement"


WAIVER = {
    "check_id": "CST-07",
    "system": "flight-delay",
    "reason": "no training until autumn",
    "compensating_control": "weekly look",
    "accepted_by": "flo-risk",
    "starts": "2013-07-01",
    "expires": "2013-08-01",
}


def waived(**changes):
    return {"waivers": [{**WAIVER, **changes}]}


def test_rdy_08_passes_until_the_waiver_ends():
    finding = judged("RDY-08", policy=waived())

    assert finding.message == "CST-07 by flo-risk until 2013-08-01"
    assert finding.valid_until == datetime(2013, 8, 1, tzinfo=UTC)


def test_rdy_08_passes_with_a_waiver_that_starts_later():
    assert judged("RDY-08", policy=waived(starts="2013-07-23")).status == "passed"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"expires": "2013-07-22"}, "it expired on 2013-07-22"),
        ({"expires": "2013-10-01"}, "it runs 92 days; expected at most 90"),
        ({"renewals": "2"}, "it was renewed 2 times; expected at most 1"),
        ({"accepted_by": "cy-data"}, "cy-data built the system"),
        ({"accepted_by": "ed-fin"}, "ed-fin is no executive"),
        ({"accepted_by": "zoe-gone"}, "zoe-gone is no active person"),
        ({"reason": "TBD"}, "its reason 'TBD' says nothing"),
        ({"compensating_control": "none"}, "its compensating control 'none' says nothing"),
        ({"check_id": "RBK-02"}, "RBK-02 cannot be waived"),
        ({"check_id": "RDY-08"}, "RDY-08 cannot be waived"),
    ],
)
def test_rdy_08_fails_for_a_waiver_that_no_longer_counts(change, said):
    finding = judged("RDY-08", policy=waived(**change))

    assert finding.status == "failed"
    assert said in finding.message
    assert str(finding.looked_at[0]).startswith("policy.yaml:")


def test_rdy_08_passes_over_a_waiver_that_ended_and_was_prolonged():
    """What was agreed before stays written, and is what makes the second one a renewal."""
    before = {**WAIVER, "starts": "2013-05-01", "expires": "2013-07-01"}
    after = {**WAIVER, "starts": "2013-07-01", "expires": "2013-08-01"}

    finding = judged("RDY-08", policy={"waivers": [before, after]})

    assert finding.message == "CST-07 by flo-risk until 2013-08-01"
    assert finding.valid_until == datetime(2013, 8, 1, tzinfo=UTC)


def test_rdy_08_fails_for_waivers_that_are_chained_without_end():
    spans = [("2013-04-01", "2013-06-25"), ("2013-06-25", "2013-09-20"),
             ("2013-09-20", "2013-12-15")]  # fmt: skip
    chain = [{**WAIVER, "starts": start, "expires": end} for start, end in spans]

    assert judged("RDY-08", policy={"waivers": chain[:2]}).status == "passed"
    finding = judged("RDY-08", policy={"waivers": chain})
    assert finding.message == (
        "the waiver of CST-07: it was renewed 2 times; expected at most 1"
    )  # fmt: skip


def test_rdy_08_passes_no_longer_than_whoever_accepted_works_here():
    gone = people_but("flo-risk", active_to="2013-07-25")

    assert judged("RDY-08", policy=waived(), people=gone).valid_until == datetime(
        2013, 7, 26, tzinfo=UTC
    )


def test_rdy_08_is_not_asked_about_the_waivers_of_others():
    assert judged("RDY-08", policy=waived(system="another")).status == "not_applicable"


def live_since(ago, **care):
    at = (AS_OF - timedelta(days=ago)).isoformat()
    return {**stages(PILOT, {**LIVE, "at": at}), "hypercare": {"review_on": "2013-09-01", **care}}


def drilled(days_ago):
    def records(system):
        kept = [r for r in all_records(system) if not r.kind.endswith("_drill")]
        at = AS_OF - timedelta(days=days_ago)
        return (*kept, a_rollback_drill(system, as_of=at, done_at=at))

    return records


def test_rdy_09_passes_with_a_drill_in_the_first_month_and_a_review_to_come():
    finding = judged("RDY-09", identity=live_since(40), records=drilled(15))

    assert finding.message == "40 days of 90: drilled on 2013-07-07, review on 2013-09-01"
    assert finding.valid_until == AS_OF + timedelta(days=50)


def test_rdy_09_passes_before_the_drill_is_due_and_only_until_then():
    finding = judged("RDY-09", identity=live_since(10), records=drilled(11))

    assert "a drill by 2013-08-11" in finding.message
    assert finding.valid_until == AS_OF + timedelta(days=20)


@pytest.mark.parametrize("days_ago", [9, 41])
def test_rdy_09_fails_when_nobody_drilled_in_the_first_month(days_ago):
    # Live for 40 days: the first thirty ended ten days ago.
    finding = judged("RDY-09", identity=live_since(40), records=drilled(days_ago))

    assert "no drill between 2013-06-12 and 2013-07-12" in finding.message


def test_rdy_09_fails_without_a_day_for_the_review():
    finding = judged("RDY-09", identity=live_since(5, review_on=None))

    assert finding.message == "live since 2013-07-17: no day is set for the review"


@pytest.mark.parametrize(
    ("care", "said"),
    [
        ({"days": "1"}, "it is planned for 1 day; expected at least 90"),
        ({"drill_within_days": "3660"}, "a drill is planned within 3660 days; expected 30"),
        ({"review_on": "1999-05-20"}, "the review is set for 1999-05-20; expected by 2013-10-10"),
        ({"review_on": "2013-10-11"}, "the review is set for 2013-10-11; expected by 2013-10-10"),
    ],
)
def test_rdy_09_fails_for_a_plan_that_leaves_the_first_weeks_unwatched(care, said):
    # Live since 28 June; ninety days end on 26 September, and a fortnight later is 10 October.
    finding = judged("RDY-09", identity=live_since(24, **care), records=drilled(15))

    assert finding.message == f"live since 2013-06-28: {said}"


@pytest.mark.parametrize("review_on", ["2013-06-28", "2013-10-10"])
def test_rdy_09_passes_for_a_review_within_the_weeks_or_a_fortnight_after(review_on):
    finding = judged("RDY-09", identity=live_since(24, review_on=review_on), records=drilled(15))

    assert finding.status == "passed"


def test_rdy_09_fails_when_the_only_drill_has_failed():
    def records(system):
        at = AS_OF - timedelta(days=15)
        return (a_rollback_drill(system, as_of=at, done_at=at, passed=False),)

    finding = judged("RDY-09", identity=live_since(40), records=records)

    assert "no drill between 2013-06-12 and 2013-07-12" in finding.message


@pytest.mark.parametrize("days", [90, 400])
def test_rdy_09_is_not_asked_after_ninety_days(days):
    assert judged("RDY-09", identity=live_since(days)).status == "not_applicable"


def test_rdy_09_fails_after_the_last_day_for_a_drill_and_says_that_only_a_waiver_closes_it():
    history = [
        {"stage": "pilot", "at": "2012-11-01T00:00:00Z", "by": "ana-ruiz"},
        {"stage": "live", "at": "2013-06-01T00:00:00Z", "by": "ana-ruiz"},
    ]
    care = {"review_on": "2013-08-20"}

    finding = judged(
        "RDY-09", identity={"stage_history": history, "hypercare": care}, records=nothing
    )

    # 1 June and 30 days; 90 days end on 30 August.
    assert finding.message == "live since 2013-06-01: no drill between 2013-06-01 and 2013-07-01"
    assert finding.remedy.endswith(
        "and an executive waives RDY-09 in policy.yaml until 2013-08-30, when it no longer arises"
    )
