"""The week of every system on one page, for whoever answers for all of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ops_model.check.grades import TOOL
from ops_model.check.question import FIVE_QUESTIONS
from ops_model.domain.alerts import Alert, AlertAnswer
from ops_model.domain.awaited import Awaited
from ops_model.domain.evidence import Grade
from ops_model.domain.schedules import Slot
from ops_model.domain.values import Where, digest_of
from ops_model.domain.weekly import OwedGap
from ops_model.site.build import GradedStatement
from ops_model.site.fleet_page import fleet
from ops_model.site.fleet_today import broken
from ops_model.site.pages import render
from tests.builders import AS_OF, a_statement, a_system, exact
from tests.site import samples
from tests.site.pages_reader import Reader
from tests.site.test_level_cards import a_level
from tests.site.whole import input_of, whole
from tests.weekly_samples import WEEK, a_report, a_sign, a_since

CALM = {"since": a_since(opened=(), closed=()), "signs": (), "hypercare": None}
FIVE = {check for _, checks in FIVE_QUESTIONS for check in checks}
INCIDENT = {
    "id": "2013-07-22-feed", "title": "feed down", "severity": "sev1", "state": "detected",
    "detected_by": "monitor", "detected_at": "2013-07-22T05:00:00Z",
}  # fmt: skip


def judged(assessment):
    """NOT READY for something that none of the five questions asks."""
    rest = tuple(f for f in assessment.findings if f.check not in FIVE)
    return assessment.model_copy(update={"verdict": "NOT READY", "findings": rest})


def reported(
    system_id="flight-delay", *, grade=Grade.OBSERVED, at=AS_OF, base=None, told=(), now=None,
    identity=None, incidents=(), **changes,
):  # fmt: skip
    """A system with a weekly report; `now` changes its verdict, `told` is what else was said."""
    named = {"name": system_id.capitalize(), **(identity or {})}
    claims = a_system(system_id, identity=named, incidents=list(incidents))
    system = base or whole([], system=claims)
    assessment = judged(system.assessment).model_copy(update=now or {})
    then = {"gaps": owed(assessment), **CALM, **changes}
    report = a_report(system=system_id, as_of=at, **then)
    statements = [GradedStatement(a_statement(report, 99), grade)]
    statements += [
        GradedStatement(a_statement(record, seq, origin=None, actor=TOOL), Grade.OBSERVED)
        for seq, record in enumerate(told, 100)
    ]
    return type(system)(
        claims=system.claims,
        assessment=assessment,
        statements=tuple(statements),
    )


def owed(assessment):
    """The gaps of a report that saw what stands in the way of this verdict."""
    return tuple(
        OwedGap(check=f.check, since=AS_OF - WEEK, days=7, weight=14) for f in assessment.blocking
    )


def a_page(**changes):
    known = {
        "system": "flight-delay", "as_of": AS_OF, "severity": "page", "route": "page: ada-moreno",
        "concerns": ({
            "system": "flight-delay", "kind": "monitor", "about": "quality", "severity": "page",
            "since": AS_OF, "why": "it fell", "remedy": "look",
        },),
        "sent_at": AS_OF, "delivered": True, "code": digest_of(b"code"),
    }  # fmt: skip
    return Alert.model_validate({**known, **changes})


def due(system_id, by):
    return {system_id: Awaited(Slot(by - WEEK, system_id, "07_weekly_ops_report"), by)}


def answer(*systems, **more):
    return fleet(input_of(*systems, **more))["answer"]


def rows(*systems, **more):
    return fleet(input_of(*systems, **more))["rows"]


def test_the_first_sentence_says_who_reported_what_got_worse_and_who_is_needed_today():
    worse = reported("delays", since=a_since(opened=("QLT-07",)))

    assert answer(reported("refunds"), worse) == (
        "2 of 2 systems that serve users reported this week; 1 got worse since the report "
        "before; 1 needs somebody today: Delays."
    )


def test_a_quiet_week_needs_nobody_today():
    assert answer(reported()).endswith(
        "0 got worse since the report before; none needs somebody today."
    )


def test_a_report_of_two_weeks_ago_is_not_of_this_week():
    row = rows(reported(at=AS_OF - 2 * WEEK))[0]

    assert (row["look"].word, row["why"]) == ("today", "no report of this week")


def test_a_report_that_a_notebook_of_ones_own_printed_does_not_count():
    row = rows(reported(grade=Grade.DECLARED))[0]

    assert (row["report"], row["why"]) == ("", "no report of this week")


def test_an_overdue_report_is_said_and_so_is_until_when_it_was_due():
    row = rows(reported(), due=due("flight-delay", AS_OF - timedelta(hours=1)))[0]

    assert row["why"] == "its report is overdue"
    assert row["overdue"].word == "overdue"
    assert row["next"] == "since 22 Jul 2013, 07:00 UTC"


def test_a_week_that_cost_more_than_its_ceiling_needs_somebody_today():
    over = a_report().spend.model_copy(update={"now": exact(150, "USD", 168)})
    row = rows(reported(spend=over))[0]

    assert row["why"] == "spent more than its ceiling"
    assert row["over"]


def test_a_question_of_the_five_that_is_open_now_needs_somebody_today():
    open_now = samples.finding("RBK-01", "failed")
    row = rows(reported(now={"findings": (open_now,)}))[0]

    assert row["why"] == "NOT READY, 1 of the 5 questions open"
    assert answer(reported(now={"findings": (open_now,)})).endswith("today: Flight-delay.")


def test_a_verdict_that_fell_after_the_report_got_worse_and_says_since_when():
    system = reported(now={"verdict": "DEMO ONLY"}, at=AS_OF - timedelta(days=2))
    row = rows(system)[0]

    assert "NOT READY became DEMO ONLY since the report of 20 Jul 2013" in row["why"]
    assert row["change_look"].word == "got worse"
    assert "1 got worse" in answer(system)


def test_more_in_the_way_than_at_the_report_got_worse_under_the_same_verdict():
    gaps = owed(reported().assessment)
    system = reported(gaps=gaps[2:], at=AS_OF - timedelta(days=2))
    row = rows(system)[0]

    assert "2 more checks stand in the way since the report of 20 Jul 2013" in row["why"]
    assert row["changed"].startswith("2 more checks stand in the way since; before: ")
    assert (row["look"].word, row["change_look"].word) == ("today", "got worse")
    assert "1 got worse" in answer(system)


def test_a_gap_whose_waiver_is_over_since_the_report_is_one_more_in_the_way():
    first, *rest = owed(reported().assessment)
    waived = first.model_copy(update={"waived": True})
    row = rows(reported(gaps=(waived, *rest)))[0]

    assert row["changed"].startswith("1 more check stands in the way since; ")


def test_fewer_in_the_way_than_at_the_report_is_not_worse():
    gaps = owed(reported().assessment)
    more = OwedGap(check="RBK-02", since=AS_OF - WEEK, days=7, weight=14)

    assert "0 got worse" in answer(reported(gaps=(*gaps, more)))


@pytest.mark.parametrize(
    ("ownership", "why"),
    [
        (None, "nobody is accountable for it"),
        ("gone-away", "nobody who works here is accountable for it (ownership.yaml names "
         "gone-away (unknown))"),
    ],
)  # fmt: skip
def test_a_live_system_that_nobody_answers_for_needs_somebody_today(ownership, why):
    system = reported()
    named = (
        system.claims.ownership.model_copy(update={"accountable": ownership})
        if ownership
        else None
    )
    orphan = replace(system, claims=system.claims.model_copy(update={"ownership": named}))
    row = rows(orphan)[0]

    assert (row["look"].word, row["why"]) == ("today", why)
    assert answer(orphan).endswith("1 needs somebody today: Flight-delay.")


def test_an_owner_who_left_answers_for_nothing_from_the_day_after():
    system = reported()
    pages = input_of(system)
    accountable = system.claims.ownership.accountable
    last_day = AS_OF.date() - timedelta(days=1)
    people = pages.people.model_copy(
        update={
            "people": tuple(
                p.model_copy(update={"active_to": last_day}) if p.id == accountable else p
                for p in pages.people.people
            )
        }
    )

    assert "nobody who works here" in rows(system, people=people)[0]["why"]
    assert "nobody who works here" not in rows(system)[0]["why"]


def test_what_changed_names_the_report_that_says_so():
    assert rows(reported())[0]["changed"] == "nothing changed, by the report of 22 Jul 2013"


def test_a_grave_incident_that_nobody_acknowledged_needs_somebody_today():
    why = "nobody has acknowledged 2013-07-22-feed (sev1)"
    taken = {**INCIDENT, "acknowledged_at": "2013-07-22T05:10:00Z"}

    assert rows(reported(incidents=[INCIDENT]))[0]["why"] == why
    for calm in (taken, {**INCIDENT, "severity": "sev3"}):
        assert rows(reported(incidents=[calm]))[0]["look"].word != "today"


def test_what_may_not_be_used_needs_somebody_today_at_tier_a_alone():
    failed = (samples.finding("EVD-03", "failed", area="compliance"),)

    at_a = rows(reported(identity={"tier": "A"}, now={"findings": failed}))[0]
    at_b = rows(reported(now={"findings": failed}))[0]

    assert at_a["why"] == "legal failed at tier A (EVD-03)"
    assert at_b["look"].word == "this week"


def test_a_page_that_nobody_answered_needs_somebody_today_until_it_is_answered_or_over():
    had = AlertAnswer(
        system="flight-delay", as_of=AS_OF, person="ada-moreno", at=AS_OF,
        code=digest_of(b"code"), seconds=exact(60, "seconds"),
    )  # fmt: skip

    assert rows(reported(told=[a_page()]))[0]["why"] == (
        "nobody has answered the page about monitor quality"
    )
    again = a_page(code=digest_of(b"another"))
    for rest in (
        [a_page(), again, had],
        [a_page(), a_page(over=True)],
        [a_page(concerns=ticket())],
    ):
        assert rows(reported(told=rest))[0]["look"].word != "today"


def ticket():
    return tuple(c.model_copy(update={"severity": "ticket"}) for c in a_page().concerns)


def test_a_part_with_a_waiver_is_no_plain_pass():
    waived = samples.finding("CST-02", "failed", area="cost", waived=True)
    parts = rows(reported(now={"findings": (waived,)}))[0]["parts"]

    assert [part.text for part in parts][-1] == "▲ economic, 1 waived"


def test_the_day_of_a_report_is_that_of_the_workbook():
    late = reported(at=AS_OF.replace(hour=23) - timedelta(days=1))

    # 23:00 UTC is past midnight in Berlin.
    assert rows(late)[0]["report"] == "22 Jul 2013"


def test_a_slow_sign_is_for_this_week_and_not_for_today():
    ready = reported(signs=(a_sign(),))
    row = rows(ready)[0]

    assert row["look"].word == "this week"
    assert "cost worsens" in row["why"]
    assert row["slow"] == "cost"


def test_the_worst_stands_first_and_who_serves_nobody_last():
    pilot = whole([], system=a_system("pilot", identity={"name": "Pilot", "stage_history": []}))
    worse = reported("delays", since=a_since(opened=("QLT-07",)))

    found = rows(pilot, reported("refunds"), worse)

    assert [row["name"] for row in found] == ["Delays", "Refunds", "Pilot"]
    assert found[-1]["look"].word == "serves nobody"


def test_many_who_need_somebody_are_named_as_far_as_one_can_read():
    base = reported()
    many = [reported(f"s{n}", base=base, since=a_since(opened=("QLT-07",))) for n in range(9)]

    assert answer(*many).endswith("and 4 more.")


def test_without_a_system_there_is_no_page_and_no_way_to_one():
    pages = render(input_of())

    assert "fleet.html" not in pages
    assert "fleet.html" not in pages["index.html"]


@pytest.fixture(scope="module")
def page():
    return render(input_of(reported("refunds", hypercare=a_report().hypercare)))


def test_the_page_needs_no_script_and_is_linked_from_the_first(page):
    assert "<script" not in page["fleet.html"]
    assert 'href="fleet.html"' in page["index.html"]


def test_the_page_says_the_three_answers_by_sign_and_name(page):
    shown = Reader(page["fleet.html"]).text

    assert "✖ works" in shown
    assert "76 of 90 days left" in shown
    assert "90.00 USD of 140.00 USD" in shown


def test_500_systems_stay_small(page):
    base = reported()
    pages = input_of(*(reported(f"s{n}", base=base) for n in range(500)))

    from ops_model.site.pages import each_page

    text = next(one for one in each_page(pages) if one.path == "fleet.html").text()

    assert len(text) < 700_000


def measured_wrong(*records, **more):
    """A system whose verdict rests on these records, of which each has an entry of its own."""
    seqs = range(200, 200 + len(records))
    system = reported(**more)
    looked = tuple(Where(path="ledger", line=seq) for seq in seqs)
    told = system.assessment.findings[0].model_copy(update={"looked_at": looked})
    entries = [
        GradedStatement(a_statement(record, seq), Grade.OBSERVED)
        for seq, record in zip(seqs, records, strict=True)
    ]
    return replace(
        system,
        assessment=system.assessment.model_copy(update={"findings": (told,)}),
        statements=(*system.statements, *entries),
    )


def below_its_floor(better="higher", floor=0.75):
    fell = samples.quality()
    segment = fell.segments[0].model_copy(update={"floor": floor})  # origin EWR, 71.2 %
    return fell.model_copy(update={"segments": (segment,), "better": better})


def test_a_row_names_the_worst_that_is_measured_though_nothing_got_worse_this_week():
    spent = a_level(objective="right-answers", budget_left=exact(-0.37, "share", 1000))
    pages = input_of(measured_wrong(below_its_floor(), spent))
    found = fleet(pages)

    why = found["rows"][0]["why"]
    assert "accuracy fell, alarm since 25 Jun 2013" in why
    assert "error budget of right-answers overspent by 37.0 % (exact, n = 1,000)" in why
    assert "origin EWR below its floor of 75.0 %: 71.2 %" in why
    assert (
        "measured as broken: Flight-delay (accuracy fell, alarm since 25 Jun 2013)"
        in (found["answer"])
    )


def test_a_newer_measurement_that_is_well_again_says_nothing():
    well = a_level(objective="right-answers", budget_left=exact(0.2, "share", 1000))
    spent = a_level(objective="right-answers", budget_left=exact(-0.37, "share", 1000))
    row = rows(measured_wrong(spent, well))[0]

    assert "overspent" not in row["why"]


def test_where_less_is_better_a_floor_is_passed_from_below():
    assert broken(measured_wrong(below_its_floor("lower", 0.6)))[-1].startswith(
        "origin EWR above its floor of 60.0 %"
    )
    assert len(broken(measured_wrong(below_its_floor("lower")))) == 1


def test_the_cost_of_a_real_system_says_that_it_is_simulated():
    spend = samples.spend(simulated=True)
    html = render(input_of(measured_wrong(spend)))["fleet.html"]
    text = Reader(html).text

    assert "of Flight-delay, the rows behind spend are made up" in text
    assert "tier B, spend simulated" in text
    assert "<small>simulated</small>" in html
