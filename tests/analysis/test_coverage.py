"""Where the rota has holes: hours counted by hand over a fortnight of a small rota."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ops_model.analysis.coverage import measure_coverage
from ops_model.domain.decisions import DecisionRight, Decisions
from ops_model.domain.on_call import Absence, Layer, OnCallRotation, Override
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.people import People, Person
from ops_model.domain.policy import Policy, Waiver
from ops_model.domain.system import AISystem, Dependency, VersionTuple
from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import UsageError

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def a_person(person_id, **changes):
    return Person(**{
        "id": person_id, "name": person_id.title(), "function": "platform", "zone": "UTC",
        "active_from": date(2020, 1, 1), **changes,
    })  # fmt: skip


def a_layer(role, participants, **changes):
    return Layer.model_validate({
        "id": role, "role": role, "zone": "UTC", "starts": "2026-01-05T09:00:00",
        "rule": "FREQ=WEEKLY;BYDAY=MO", "shift_hours": 168, "participants": participants,
        **changes,
    })  # fmt: skip


def a_rota(**changes):
    layers = (a_layer("primary", ("ana", "ben")), a_layer("secondary", ("ben", "ana")))
    return OnCallRotation(**{"layers": layers, **changes})


def a_right(**changes):
    right = {"action": "rollback", "holder": "primary", "autonomy": "alone"}
    others = (
        DecisionRight(action=action, holder="primary", autonomy="alone")
        for action in ("disable", "override_output")
    )
    return Decisions(rights=(DecisionRight(**{**right, **changes}), *others))


def a_waiver(**changes):
    return Waiver(**{
        "check_id": "ONC-02", "system": "scorer", "reason": "nobody else knows it yet",
        "compensating_control": "the platform lead is second", "accepted_by": "dee",
        "starts": date(2026, 1, 1), "expires": date(2026, 2, 1), **changes,
    })  # fmt: skip


EVERYBODY = ("ana", "ben", "cem", a_person("dee", function="executive"))


def measured(
    on_call=None,
    decisions=None,
    people=EVERYBODY,
    days=14,
    as_of=MONDAY,
    drilled=None,
    trained_by=(),
    waivers=(),
    dependencies=(),
):
    system = SystemClaims(
        id="scorer",
        identity=AISystem(
            name="Scorer", kind="predictive", tier="B", purpose="scores", users="clerks",
            customer_facing=False, dependencies=dependencies,
            version=VersionTuple(
                label="v1", model_ref="m", in_production_since=MONDAY, trained_by=trained_by
            ),
        ),
        on_call=on_call, decisions=decisions,
    )  # fmt: skip
    everybody = tuple(a_person(p) if isinstance(p, str) else p for p in people)
    model = OperatingModel(
        settings=WorkbookSettings(name="Ours", zone="UTC"),
        people=People(people=everybody), policy=Policy(waivers=waivers), systems=(system,),
    )  # fmt: skip
    return measure_coverage(model, system, as_of=as_of, days=days, drilled=drilled)


def test_a_rota_of_two_who_alternate_has_no_hole_and_says_on_how_many_hours_that_rests():
    coverage = measured(a_rota(), a_right())

    assert coverage.holes == ()
    assert coverage.undecidable == ()
    assert coverage.covered_share.value == 1.0
    assert coverage.covered_share.n == 14 * 24
    assert coverage.covered_share.no_interval == "exact"
    assert coverage.people == ("ana", "ben")
    assert (coverage.primary_now, coverage.secondary_now) == ("ana", "ben")
    assert [ref.file for ref in coverage.claims] == ["on_call.yaml", "decisions.yaml"]


def test_hours_that_no_shift_covers_are_holes_of_their_role():
    nights_only = a_layer("primary", ("ana",), rule="FREQ=DAILY", shift_hours=18)
    secondary = a_layer("secondary", ("ben",))

    coverage = measured(a_rota(layers=(nights_only, secondary)), days=2)

    # 09:00 to 03:00 is held; 03:00 to 09:00 is not, on both days: 12 of 48 hours.
    assert [(h.start, h.end, h.role) for h in coverage.holes] == [
        (MONDAY + timedelta(hours=18), MONDAY + DAY, "primary"),
        (MONDAY + DAY + timedelta(hours=18), MONDAY + 2 * DAY, "primary"),
    ]
    assert coverage.holes[0].why == "nobody is primary"
    assert coverage.covered_share.value == 0.75


def test_a_person_who_is_away_leaves_a_hole_for_exactly_that_span():
    away = Absence(person="ana", start=MONDAY + DAY, end=MONDAY + 2 * DAY)

    coverage = measured(a_rota(absences=(away,)), days=7)

    (hole,) = coverage.holes
    assert (hole.start, hole.end, hole.role) == (away.start, away.end, "primary")
    assert hole.why == "ana is primary and is away"


def test_an_override_closes_the_hole_that_an_absence_leaves():
    away = Absence(person="ana", start=MONDAY + DAY, end=MONDAY + 2 * DAY)
    instead = Override(role="primary", person="cem", start=away.start, end=away.end)

    coverage = measured(a_rota(absences=(away,), overrides=(instead,)), days=7)

    assert coverage.holes == ()
    assert coverage.people == ("ana", "ben", "cem")


def test_one_person_in_both_roles_is_a_hole_of_the_second_role():
    both = (a_layer("primary", ("ana",)), a_layer("secondary", ("ana", "ben")))

    coverage = measured(a_rota(layers=both))

    (hole,) = coverage.holes
    assert (hole.start, hole.end, hole.role) == (MONDAY, MONDAY + 7 * DAY, "secondary")
    assert hole.why == "ana is primary and secondary at once"
    assert coverage.covered_share.value == 0.5


def test_somebody_who_leaves_is_a_hole_from_the_next_midnight_of_their_own_zone():
    leaving = a_person("ana", zone="America/New_York", active_to=date(2026, 1, 7))

    coverage = measured(a_rota(), people=(leaving, "ben"), days=7)

    (hole,) = coverage.holes
    # Midnight after 7 January in New York is 05:00Z on the 8th.
    assert hole.start == datetime(2026, 1, 8, 5, tzinfo=UTC)
    assert hole.end == MONDAY + 7 * DAY
    assert hole.why == "ana is primary and left on 2026-01-07"


def test_somebody_who_has_not_begun_is_a_hole_until_the_first_day():
    coming = a_person("ana", active_from=date(2026, 1, 7))

    coverage = measured(a_rota(), people=(coming, "ben"), days=7)

    (hole,) = coverage.holes
    assert (hole.start, hole.end) == (MONDAY, datetime(2026, 1, 7, tzinfo=UTC))
    assert hole.why == "ana is primary and works here only from 2026-01-07"


def test_somebody_whom_nobody_knows_is_a_hole():
    coverage = measured(a_rota(), people=("ben",), days=7)

    assert [h.why for h in coverage.holes] == ["ana is primary and is nobody in people.yaml"]


def test_a_person_who_stays_until_the_end_of_the_calendar_is_no_trouble():
    forever = a_person("ana", active_from=date(1, 1, 1), active_to=date(9999, 12, 31))

    coverage = measured(a_rota(), people=(forever, "ben"))

    assert coverage.holes == ()


def test_without_a_rota_every_hour_is_a_hole_of_both_roles():
    coverage = measured(days=3)

    assert [(h.role, h.end - h.start) for h in coverage.holes] == [
        ("primary", 3 * DAY),
        ("secondary", 3 * DAY),
    ]
    assert coverage.holes[0].why == "nobody is primary: there is no on_call.yaml"
    assert coverage.covered_share.value == 0.0
    assert coverage.primary_now is None


def test_a_right_that_nobody_holds_leaves_every_instant_undecidable():
    coverage = measured(a_rota(), Decisions(rights=()))

    assert [(s.action, s.start, s.end) for s in coverage.undecidable] == [
        (action, MONDAY, MONDAY + 14 * DAY)
        for action in ("rollback", "override_output", "disable")
    ]
    assert coverage.undecidable[0].why == "decisions.yaml gives nobody the right rollback"
    assert coverage.undecidable[0].kind == "undecidable"


def test_an_approver_who_sleeps_leaves_the_rollback_undecidable():
    coverage = measured(a_rota(), a_right(autonomy="needs_approval", approvers=("cem",)), days=7)

    (span,) = coverage.undecidable
    assert span.why == "primary must have the approval of cem, who is not on call"


def test_an_approver_who_is_on_call_in_the_other_role_makes_it_decidable():
    coverage = measured(a_rota(), a_right(autonomy="needs_approval", approvers=("secondary",)))

    assert coverage.undecidable == ()


def test_a_decider_cannot_be_their_own_approver():
    coverage = measured(a_rota(), a_right(autonomy="needs_approval", approvers=("ana",)), days=14)

    # Ana is primary in the first week; in the second Ben is, and she is secondary.
    assert [(s.start, s.end) for s in coverage.undecidable] == [(MONDAY, MONDAY + 7 * DAY)]


def test_whoever_must_be_consulted_may_be_anybody_else_on_call_when_none_is_named():
    coverage = measured(a_rota(), a_right(autonomy="consult_one"))

    assert coverage.undecidable == ()


def test_a_holder_named_as_a_person_decides_only_while_on_call_and_the_backup_otherwise():
    alone = measured(a_rota(), a_right(holder="cem"))
    backed = measured(a_rota(), a_right(holder="cem", backup="secondary"))

    assert [s.why for s in alone.undecidable] == ["cem: not on call, or cannot answer"]
    assert backed.undecidable == ()


def test_the_window_is_hours_and_not_civil_days():
    start = datetime(2026, 3, 28, 12, tzinfo=UTC)
    berlin = tuple(
        a_layer(role, people, zone="Europe/Berlin", rule="FREQ=DAILY", shift_hours=24)
        for role, people in (("primary", ("ana", "ben")), ("secondary", ("ben", "ana")))
    )

    coverage = measured(a_rota(layers=berlin), days=3, as_of=start)

    assert coverage.holes == ()
    assert coverage.window.end - coverage.window.start == timedelta(hours=72)


@pytest.mark.parametrize(("year", "days"), [(1960, 91), (2200, 91), (9999, 91), (2026, 0)])
def test_a_window_beyond_the_calendar_is_refused(year, days):
    with pytest.raises(UsageError, match="cannot be resolved"):
        measured(a_rota(), as_of=datetime(year, 12, 30, tzinfo=UTC), days=days)


def weak(coverage):
    return [(h.kind, h.role, h.person, h.start, h.end) for h in coverage.weak]


def test_each_kind_of_hole_is_told_apart():
    rota = a_rota(
        layers=(
            a_layer("primary", ("ana",), rule="FREQ=DAILY", shift_hours=12),
            a_layer("secondary", ("ana", "ben")),
        ),
        absences=(Absence(person="ben", start=MONDAY + 8 * DAY, end=MONDAY + 9 * DAY),),
    )
    leaving = a_person("ana", active_to=date(2026, 1, 12))

    coverage = measured(rota, people=(leaving, "ben"))

    # Ana is both until she leaves at midnight after the 12th; Ben is secondary from that Monday.
    assert {(h.role, h.kind) for h in coverage.holes} == {
        ("primary", "nobody"), ("primary", "gone"), ("secondary", "same_person"),
        ("secondary", "absent"),
    }  # fmt: skip


def test_a_primary_who_trained_the_version_is_a_weak_spot_and_no_hole():
    coverage = measured(a_rota(), trained_by=("ben",))

    # Ben is primary in the second week; in the first he is second, as whoever trained it may be.
    assert weak(coverage) == [("trained", "primary", "ben", MONDAY + 7 * DAY, MONDAY + 14 * DAY)]
    assert coverage.weak[0].why == "ben is primary and trained v1"
    assert coverage.holes == ()
    assert coverage.covered_share.value == 1.0


def test_a_waiver_acknowledges_a_primary_who_trained_it_until_it_expires():
    until_thursday = a_waiver(expires=date(2026, 1, 15))

    coverage = measured(a_rota(), trained_by=("ben",), waivers=(until_thursday,))

    assert weak(coverage) == [
        ("trained", "primary", "ben", datetime(2026, 1, 15, tzinfo=UTC), MONDAY + 14 * DAY)
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"check_id": "ONC-01"},
        {"system": "another"},
        {"starts": date(2026, 2, 1), "expires": date(2026, 3, 1)},
        {"starts": date(2025, 10, 1), "expires": date(2026, 1, 5)},
        {"accepted_by": "cem"},
        {"accepted_by": "ben"},
        {"expires": date(2026, 6, 1)},
        {"renewals": 2},
    ],
)
def test_a_waiver_of_something_else_or_of_another_time_or_invalid_acknowledges_nothing(changes):
    coverage = measured(a_rota(), trained_by=("ben",), waivers=(a_waiver(**changes),))

    assert [h.kind for h in coverage.weak] == ["trained"]


def test_whoever_never_drilled_the_system_is_weak_in_both_roles():
    coverage = measured(a_rota(), drilled=frozenset({"ana"}))

    assert weak(coverage) == [
        ("never_drilled", "secondary", "ben", MONDAY, MONDAY + 7 * DAY),
        ("never_drilled", "primary", "ben", MONDAY + 7 * DAY, MONDAY + 14 * DAY),
    ]
    assert coverage.weak[0].why == "ben is secondary and has never drilled this system"


def test_when_it_is_not_known_who_has_drilled_nothing_is_said_about_it():
    assert measured(a_rota(), drilled=None).weak == ()


def test_with_no_drill_on_record_everybody_is_weak():
    people = {h.person for h in measured(a_rota(), drilled=frozenset()).weak}

    assert people == {"ana", "ben"}


def test_where_nobody_can_answer_nothing_is_weak():
    away = Absence(person="ana", start=MONDAY, end=MONDAY + 7 * DAY)

    coverage = measured(a_rota(absences=(away,)), trained_by=("ana",), drilled=frozenset({"ben"}))

    # In the second week Ana is back, and second.
    assert [(h.role, h.start) for h in coverage.weak] == [("secondary", MONDAY + 7 * DAY)]


ALONE = (a_layer("primary", ("ana",)), a_layer("secondary", ("ben",)))


def test_a_primary_without_a_break_is_weak_after_the_days_that_are_allowed():
    coverage = measured(a_rota(layers=ALONE), days=21)

    assert weak(coverage) == [("too_long", "primary", "ana", MONDAY + 14 * DAY, MONDAY + 21 * DAY)]
    assert coverage.weak[0].why == "ana is primary for more than 14 days without a break"


def test_the_days_before_the_window_count_too():
    coverage = measured(a_rota(layers=ALONE), days=7, as_of=MONDAY + 10 * DAY)

    # Fourteen days are over on the 19th, four days into the window.
    assert [(h.start, h.end) for h in coverage.weak] == [(MONDAY + 14 * DAY, MONDAY + 17 * DAY)]


def test_fourteen_days_on_end_are_not_more_than_fourteen():
    fortnights = a_layer("primary", ("ana", "ben"), rule="FREQ=WEEKLY;INTERVAL=2", shift_hours=336)

    assert measured(a_rota(layers=(fortnights,)), days=91).weak == ()


def test_fourteen_days_in_which_the_clocks_go_back_are_not_more_than_fourteen():
    layer = a_layer(
        "primary", ("ana", "ben"), zone="Europe/Berlin", starts="2026-10-12T09:00:00",
        rule="FREQ=WEEKLY;INTERVAL=2", shift_hours=336,
    )  # fmt: skip

    # 12 to 26 October are 14 days and one hour, for the clocks go back on the 25th.
    begins = datetime(2026, 10, 12, 7, tzinfo=UTC)
    assert measured(a_rota(layers=(layer,)), days=20, as_of=begins).weak == ()


def test_a_day_taken_over_by_somebody_else_is_a_break():
    swap = Override(role="primary", person="cem", start=MONDAY + 7 * DAY, end=MONDAY + 8 * DAY)

    assert measured(a_rota(layers=ALONE, overrides=(swap,)), days=21).weak == ()


@pytest.mark.parametrize(("hours", "kinds"), [(11, ["too_long"]), (12, [])])
def test_a_turn_taken_over_for_less_than_half_a_day_is_no_break(hours, kinds):
    begins = MONDAY + 7 * DAY
    swap = Override(
        role="primary", person="cem", start=begins, end=begins + timedelta(hours=hours)
    )

    found = weak(measured(a_rota(layers=ALONE, overrides=(swap,)), days=21))

    assert [(kind, person) for kind, _, person, _, _ in found] == [(k, "ana") for k in kinds]


def test_only_whoever_holds_a_role_for_half_a_day_counts_as_one_of_its_people():
    swaps = tuple(
        Override(role="primary", person=who, start=start, end=start + span)
        for who, start, span in (
            ("cem", MONDAY + DAY, timedelta(minutes=1)),
            ("ben", MONDAY + 2 * DAY, timedelta(hours=12)),
        )
    )

    coverage = measured(a_rota(layers=ALONE, overrides=swaps))

    # Ben is second on the day of his half day as primary, so that nobody is second then.
    assert coverage.people_by_role == {"primary": ("ana", "ben"), "secondary": ("ben",)}
    assert coverage.people == ("ana", "ben", "cem")


def test_an_override_that_only_a_sleeper_may_give_leaves_the_output_undecidable():
    output = DecisionRight(
        action="override_output", holder="cem", autonomy="needs_approval", approvers=("dee",)
    )
    others = tuple(r for r in a_right().rights if r.action != "override_output")

    coverage = measured(a_rota(), Decisions(rights=(*others, output)))

    assert [(h.action, h.start, h.end) for h in coverage.undecidable] == [
        ("override_output", MONDAY, MONDAY + 14 * DAY)
    ]


def test_a_fail_over_has_to_be_decidable_only_where_something_can_fail():
    vendor = Dependency(id="vendor", kind="model_provider", name="Vendor")

    without = measured(a_rota(), a_right())
    with_one = measured(a_rota(), a_right(), dependencies=(vendor,))

    assert without.undecidable == ()
    assert [(h.action, h.kind) for h in with_one.undecidable] == [("failover", "undecidable")]
