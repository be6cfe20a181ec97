"""Handoffs, the ladder and dependence, on plans and drills whose answers can be counted."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ops_model.analysis.transition import (
    handoff_state,
    last_months,
    leavers,
    measure_transition,
    own_drills,
    skills_of,
)
from ops_model.domain.on_call import OnCallRotation
from ops_model.domain.ownership import (
    Domains,
    Handoff,
    HandoffItem,
    Ladder,
    LadderStep,
    Ownership,
    TransitionPlan,
)
from ops_model.domain.people import People
from tests.store.ledger_events import a_drill, an_attestation
from tests.workflow.attest_samples import a_person, a_system

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
HANDOFF = Handoff(
    id="summer", outgoing="m-ito", incoming="a-roy", effective="2013-07-20",
    items=(
        HandoffItem(topic="purpose", evidence="system.yaml"),
        HandoffItem(topic="vendor", evidence="there is none"),
    ),
)  # fmt: skip
OWNERSHIP = Ownership(
    accountable="k-berg", deputy="a-roy", domains=Domains(cost="m-ito"), handoffs=(HANDOFF,)
)
PLAN = TransitionPlan(
    partner_team="harbor",
    ladders=(
        Ladder(
            duty="monitoring",
            steps=(
                LadderStep(phase="partner_led", starts="2013-03-10"),
                LadderStep(phase="own_led", starts="2013-05-31", exit_criteria=("RBK-02",)),
            ),
        ),
        Ladder(
            duty="feeding",
            steps=(
                LadderStep(phase="own_led", starts="2013-03-10"),
                LadderStep(phase="shared", starts="2013-06-01"),
                LadderStep(phase="own_led", starts="2013-09-01", exit_criteria=("OBS-04",)),
            ),
        ),
    ),
    exception="the only engineer who knew the feed was ill",
)  # fmt: skip
PEOPLE = People(
    people=(
        a_person("m-ito", active_to="2013-10-20", skills=("ml", "systems")),
        a_person("a-roy", skills=("ml",)),
        a_person("k-berg", skills=("business_ops",)),
        a_person("p-lund", employer="partner", skills=("ml", "security")),
        a_person("l-past", active_to="2013-01-31", skills=("security",)),
    )
)  # fmt: skip


def accepted(person, **changes):
    values = {"topic": "handoff", "of": HANDOFF.digest(), "handoff": "summer", "person": person}
    return an_attestation(**{**values, **changes})


def state(*records, as_of=AS_OF, ownership=OWNERSHIP):
    return handoff_state(HANDOFF, ownership, records, as_of=as_of, tz=UTC_ZONE)


def test_the_topics_that_nothing_shows_are_missing():
    assert state().missing == ("training", "failure_modes", "runbook", "access", "open_risks")


def test_outgoing_incoming_and_accountable_have_to_accept():
    found = state(accepted("a-roy"))

    assert found.accepted == {"a-roy": AS_OF}
    assert found.to_accept == ("m-ito", "k-berg")


def test_a_word_on_another_text_of_the_handoff_accepts_nothing():
    rewritten = HANDOFF.model_copy(update={"effective": date(2013, 8, 1)})

    assert state(accepted("a-roy", of=rewritten.digest())).accepted == {}


def test_a_word_that_held_when_the_handoff_took_effect_still_counts_after_its_end():
    word = accepted("a-roy", as_of=datetime(2013, 7, 1, tzinfo=UTC),
                    expires=datetime(2013, 7, 21, tzinfo=UTC))  # fmt: skip

    assert "a-roy" in state(word).accepted


def test_a_word_that_ended_before_the_handoff_took_effect_counts_no_more():
    word = accepted("a-roy", as_of=datetime(2013, 7, 1, tzinfo=UTC),
                    expires=datetime(2013, 7, 19, tzinfo=UTC))  # fmt: skip

    assert state(word).accepted == {}


def test_a_drill_that_the_newcomer_led_and_passed_is_found():
    assert state(a_drill(performed_by="a-roy")).drilled_at == AS_OF


def test_a_drill_of_somebody_else_a_failed_one_and_an_old_one_show_nothing():
    old = AS_OF - timedelta(days=200)  # more than 180 days before 20 July

    for drill in (
        a_drill(performed_by="m-ito"),
        a_drill(performed_by="a-roy", passed=False),
        a_drill(performed_by="a-roy", as_of=old),
    ):
        assert state(drill).drilled_at is None


def test_a_handoff_is_complete_with_every_topic_every_word_and_the_drill():
    topics = ("purpose", "training", "failure_modes", "runbook", "access", "open_risks", "vendor")
    whole = HANDOFF.model_copy(
        update={"items": tuple(HandoffItem(topic=t, evidence="shown") for t in topics)}
    )
    words = [accepted(p, of=whole.digest()) for p in ("m-ito", "a-roy", "k-berg")]

    found = handoff_state(
        whole, OWNERSHIP, [*words, a_drill(performed_by="a-roy")], as_of=AS_OF, tz=UTC_ZONE
    )

    assert found.complete


def test_who_leaves_within_ninety_days_is_named_with_the_handoff_that_is_theirs():
    # 22 July + 90 days is 20 October, m-ito's last day; l-past is not named in the file.
    (found,) = leavers(OWNERSHIP, PEOPLE, day=AS_OF.date())
    without = leavers(OWNERSHIP, PEOPLE, day=date(2013, 7, 21))

    assert (found.person, found.leaves, found.handoff) == ("m-ito", date(2013, 10, 20), "summer")
    assert without == []


def measured(*drills, as_of=AS_OF):
    system = a_system(ownership=OWNERSHIP.model_copy(update={"transition": PLAN}))
    return measure_transition(system, PLAN, PEOPLE, drills, as_of=as_of, tz=UTC_ZONE)


def test_each_duty_has_its_phase_its_next_and_what_both_ask_for():
    monitoring, feeding = measured().duties

    assert (monitoring.phase, monitoring.passed_for_it) == ("own_led", ("RBK-02",))
    assert monitoring.next_phase is None
    assert (feeding.phase, feeding.next_phase) == ("shared", "own_led")
    assert (feeding.next_from, feeding.passed_for_next) == (date(2013, 9, 1), ("OBS-04",))


def test_a_step_back_is_named_with_its_day():
    record = measured()

    assert [d.duty for d in record.step_backs] == ["feeding"]
    assert record.step_backs[0].stepped_back_on == (date(2013, 6, 1),)


def test_what_own_people_lead_is_counted_at_the_end_of_each_month():
    shares = [(m.month.month, m.share.value, m.share.n) for m in measured().own_led]

    # Nothing had begun in February. March, April: feeding of two. On 31 May monitoring joins it,
    # and on 1 June feeding goes back.
    assert shares == [
        (2, None, 0), (3, 0.5, 2), (4, 0.5, 2), (5, 1.0, 2), (6, 0.5, 2), (7, 0.5, 2),
    ]  # fmt: skip


def test_every_number_of_the_record_says_what_it_rests_on():
    assert all(number.complete for _, number in measured().measured())


def test_the_last_month_ends_with_the_day_itself_and_a_year_may_turn():
    assert last_months(date(2013, 2, 10), 3) == [
        (date(2012, 12, 1), date(2012, 12, 31)),
        (date(2013, 1, 1), date(2013, 1, 31)),
        (date(2013, 2, 1), date(2013, 2, 10)),
    ]


def test_drills_count_for_whoever_performed_them():
    drills = [
        a_drill(performed_by=person, as_of=datetime(2013, 6, day, tzinfo=UTC))
        for day, person in ((3, "a-roy"), (4, "p-lund"), (5, "a-roy"), (6, None))
    ]

    june = own_drills(PEOPLE, drills, as_of=AS_OF, tz=UTC_ZONE)[-2]

    # Two of three; the drill that nobody is named for counts for nobody.
    assert (june.share.value, june.share.n) == (round(2 / 3, 6), 3)


def test_a_month_is_that_of_the_workbooks_zone():
    late = a_drill(performed_by="a-roy", as_of=datetime(2013, 7, 1, 2, tzinfo=UTC))

    months = own_drills(PEOPLE, [late], as_of=AS_OF, tz=ZoneInfo("America/New_York"))

    assert [m.month.month for m in months if m.share.n] == [6]  # 30 June, 22:00 in New York


def test_skills_are_those_of_the_people_who_answer_or_are_paged():
    rota = OnCallRotation.model_validate(
        {
            "layers": [
                {"id": "first", "role": "primary", "participants": ["p-lund", "l-past"],
                 "zone": "UTC", "starts": "2013-01-01T09:00:00", "rule": "FREQ=DAILY",
                 "shift_hours": 24}
            ]
        }
    )  # fmt: skip
    system = a_system(ownership=OWNERSHIP, on_call=rota)

    able = skills_of(system, PEOPLE, day=AS_OF.date())

    assert able.own["ml"] == ("a-roy", "m-ito")
    assert able.partner["security"] == ("p-lund",)  # l-past has left
    assert able.own["security"] == ()
