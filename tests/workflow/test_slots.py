"""What is owed, overdue and arrived of schedules, at an instant."""

import time
from datetime import timedelta

from ops_model.domain.schedules import Schedule, Slot
from ops_model.workflow.begun import beginnings, first_seen
from ops_model.workflow.slots import arrived, run_together, standings, systems_of
from tests.builders import AREAS, a_model, a_system
from tests.workflow.scheduled import MONDAY, NOW, a_scheduled, model_of, told

WEEK = timedelta(days=7)
REPORT = "07_weekly_ops_report"
ONE = a_system()


def a_line(**changes):
    return Schedule(**{"notebook": REPORT, "cron": "0 6 * * 1", **changes})


def a_book(*lines, systems=(ONE,), zone="UTC"):
    model = a_model(*systems, zone=zone)
    settings = model.settings.model_copy(update={"schedules": lines or (a_line(),)})
    return model.model_copy(update={"settings": settings})


def another(name):
    return ONE.model_copy(update={"id": name})


def slot(as_of=MONDAY, system=ONE.id, notebook=REPORT):
    return Slot(as_of, system, notebook)


def states(model, *there, as_of=NOW, **given):
    found = standings(model, frozenset(there), as_of=as_of, **given)
    return [(one.slot.as_of, one.state) for one in found]


def test_a_report_is_owed_until_its_grace_is_over_and_overdue_then():
    day, model = timedelta(hours=24), a_book(a_line(since=MONDAY.isoformat()))

    assert states(model, as_of=MONDAY + day) == [(MONDAY, "owed")]
    assert states(model, as_of=MONDAY + day + timedelta(seconds=1)) == [(MONDAY, "overdue")]


def test_nothing_is_owed_for_a_slot_that_is_to_come():
    assert states(a_book(), as_of=MONDAY - timedelta(seconds=1)) == [(MONDAY - WEEK, "overdue")]


def test_of_a_line_without_a_beginning_only_the_latest_slot_counts():
    assert states(a_book()) == [(MONDAY, "overdue")]


def staged(*stages, **line):
    history = [{"stage": stage, "at": at.isoformat(), "by": "ana-ruiz"} for stage, at in stages]
    system = a_system(identity={**AREAS["identity"], "stage_history": history})
    return a_book(a_line(**line), systems=(system,))


def test_what_comes_more_often_than_its_grace_lasts_is_overdue_where_nothing_ever_arrived():
    live = staged(("live", NOW - 5 * timedelta(days=1)), cron="0 6 * * *", grace_hours=24)

    (found,) = standings(live, frozenset(), as_of=NOW)

    # Live since Saturday noon: Sunday's had to be there by Monday. One run is owed, not five.
    assert (found.state, found.slot.as_of.day) == ("overdue", NOW.day)
    assert found.due_by == MONDAY


def test_the_first_report_of_a_live_system_is_overdue_a_grace_after_its_first_slot():
    live = staged(("pilot", MONDAY - 30 * WEEK), ("live", MONDAY - timedelta(days=1)))
    late = MONDAY + timedelta(hours=24, seconds=1)

    # Last week's may be run, and nobody misses it: on Sunday it went live.
    assert states(live, as_of=MONDAY - timedelta(hours=1)) == [(MONDAY - WEEK, "owed")]
    assert states(live, as_of=late - timedelta(seconds=1)) == [(MONDAY, "owed")]
    assert states(live, as_of=late) == [(MONDAY, "overdue")]


def test_what_never_arrived_is_missed_no_longer_than_it_is_caught_up_with():
    (found,) = standings(staged(("live", NOW - 30 * WEEK)), frozenset(), as_of=NOW)

    assert found.due_by == MONDAY - 3 * WEEK + timedelta(hours=24)


def test_a_system_that_tells_no_beginning_began_with_its_first_entry_on_the_ledger():
    daily, day = staged(cron="0 6 * * *"), timedelta(days=1)
    events = [told("started", as_of=NOW - n * day) for n in (1, 3)]
    begun = beginnings(daily, first_seen(events), as_of=NOW)

    assert states(daily, begun={}) == [(MONDAY + 3 * day, "owed")]
    assert states(daily, begun=begun) == [(MONDAY + 3 * day, "overdue")]


def test_what_is_about_all_systems_began_with_the_first_of_them():
    young, old = a_system("young"), staged(("live", MONDAY - WEEK)).systems[0]
    young = young.model_copy(update={"identity": staged(("live", NOW)).systems[0].identity})

    found = beginnings(a_book(systems=(young, old)), {}, as_of=NOW)

    assert found == {"young": NOW, ONE.id: MONDAY - WEEK, "portfolio": MONDAY - WEEK}


def test_after_the_first_that_arrived_every_one_that_did_not_is_overdue():
    found = states(a_book(), slot(MONDAY - 3 * WEEK))

    assert found == [
        (MONDAY - 3 * WEEK, "arrived"), (MONDAY - 2 * WEEK, "overdue"),
        (MONDAY - WEEK, "overdue"), (MONDAY, "overdue"),
    ]  # fmt: skip


def test_since_says_from_when_on_they_are_owed():
    model = a_book(a_line(since=(MONDAY - WEEK).isoformat()))

    assert states(model) == [(MONDAY - WEEK, "overdue"), (MONDAY, "overdue")]


def test_what_is_older_than_it_is_caught_up_with_counts_no_more_unless_it_is_the_latest():
    since = (MONDAY - 20 * WEEK).isoformat()
    recent = a_book(a_line(since=since, catch_up_days=11))
    rare = a_book(a_line(since="2026-01-01T00:00:00Z", cron="0 6 1 7 *", catch_up_days=11))

    # Eleven days before Thursday noon is Sunday, the day before the Monday of last week.
    assert [at for at, _ in states(recent)] == [MONDAY - WEEK, MONDAY]
    assert [f"{at:%m-%d}" for at, _ in states(rare)] == ["07-01"]


def test_a_run_at_another_instant_is_no_slot_that_arrived():
    by_hand = slot(MONDAY + timedelta(hours=1))

    # It tells when this began, so that nothing before it is owed.
    assert states(a_book(), by_hand) == []
    assert states(a_book(), by_hand, slot()) == [(MONDAY, "arrived")]


def test_a_report_of_another_system_or_notebook_is_not_that_one():
    other = (slot(system="other"), slot(notebook="05_drift_quality"))

    assert states(a_book(), *other) == [(MONDAY, "overdue")]


def test_nothing_is_owed_before_a_system_began_or_after_it_retired():
    def with_stages(*stages):
        history = [
            {"stage": stage, "at": at.isoformat(), "by": "ana-ruiz"} for stage, at in stages
        ]
        return a_book(
            a_line(since=(MONDAY - 3 * WEEK).isoformat()),
            systems=(a_system(identity={**AREAS["identity"], "stage_history": history}),),
        )

    young = with_stages(("pilot", MONDAY - WEEK))
    gone = with_stages(("pilot", MONDAY - 9 * WEEK), ("retired", MONDAY - 2 * WEEK))

    assert [at for at, _ in states(young)] == [MONDAY - WEEK, MONDAY]
    assert [at for at, _ in states(gone)] == [MONDAY - 3 * WEEK]


def test_a_line_that_names_systems_is_for_those_that_there_are():
    model = a_book(a_line(systems=(ONE.id, "nobody")), systems=(ONE, another("other")))

    assert systems_of(model, model.settings.schedules[0]) == (ONE.id,)


def test_a_notebook_about_all_systems_is_owed_once():
    model = a_book(a_line(notebook="13_portfolio"), systems=(ONE, another("other")))

    (found,) = standings(model, frozenset(), as_of=NOW)

    assert found.slot.system == "portfolio"


def test_a_notebook_of_the_users_own_says_by_its_parameters_that_it_is_about_all(tmp_path):
    names = ("all_of_them", "good", "nowhere")
    root = a_scheduled(tmp_path, *(f'- {{notebook: {n}, cron: "0 6 * * 1"}}' for n in names))

    assert run_together(root, model_of(root)) == {"all_of_them"}


def test_a_slot_of_the_repeated_hour_is_owed_once():
    # In New York the clock shows 01:30 at 05:30 and at 06:30 UTC of 1 November 2026.
    model = a_book(
        a_line(cron="30 1 * * *", since="2026-10-31T12:00:00Z"), zone="America/New_York"
    )

    found = states(model, as_of=MONDAY.replace(month=11, day=1, hour=12))

    assert [f"{at:%d %H:%M}" for at, _ in found] == ["01 05:30"]


def test_a_finished_run_seals_its_slot_and_one_that_repeats_to_compare_does_not():
    events = [told("finished"), told("finished", "run-2", reproduces="run-1", as_of=NOW),
              told("failed", "run-3", as_of=NOW - WEEK)]  # fmt: skip

    assert arrived(events) == {slot(system="flight-delay", notebook="good")}


def test_hundreds_of_systems_with_months_of_reports_are_told_in_a_second():
    many = 500
    systems = tuple(another(f"system-{n}") for n in range(many))
    model = a_book(
        a_line(), a_line(notebook="05_drift_quality", cron="0 6 * * *"), systems=systems
    )
    there = frozenset(
        slot(MONDAY - week * WEEK, system.id) for system in systems for week in range(1, 20)
    )
    before = time.process_time()

    found = standings(model, there, as_of=NOW)

    # Each owes this week's report and today's drift, and sent last week's report.
    assert len(found) == 3 * many
    assert time.process_time() - before < 1.5
