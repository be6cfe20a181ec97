"""What a scheduler has to run, what is left to a person, and which lines cannot be kept."""

from datetime import timedelta

import pytest

from ops_model.domain.schedules import Slot
from ops_model.errors import UsageError
from ops_model.store.workbook import read_sound_part
from ops_model.workflow.due import due_now, latest_sealed, sealed_of, slots_between, told_by
from ops_model.workflow.publish import runs_of
from tests.notebook.builders import a_notebook
from tests.workflow.scheduled import GOOD, MONDAY, NOW, a_scheduled, model_of, told

WEEK = timedelta(days=7)
DAILY = '- {notebook: good, cron: "0 6 * * *", since: 2026-11-20T00:00:00Z}'
SYSTEMS = ("flight-delay", "support-assistant")


def due(root, *events, as_of=NOW, now=NOW):
    return due_now(root, model_of(root), told_by(events), as_of=as_of, now=now)


def slot(as_of=MONDAY, system="flight-delay", notebook="good"):
    return Slot(as_of, system, notebook)


def test_what_is_due_comes_oldest_first(tmp_path):
    daily = '- {notebook: undeclared, cron: "0 6 * * *"}'
    root = a_scheduled(tmp_path, daily, GOOD)

    found = due(root).slots

    thursday = MONDAY + timedelta(days=3)
    expected = [slot(MONDAY, s) for s in SYSTEMS]
    assert found == (*expected, *(slot(thursday, s, "undeclared") for s in SYSTEMS))


def test_of_one_instant_each_notebook_is_due_for_all_systems_before_the_next_one(tmp_path):
    same_time = '- {notebook: undeclared, cron: "0 6 * * 1"}'
    root = a_scheduled(tmp_path, same_time, GOOD)

    found = due(root).slots

    expected = [slot(MONDAY, s, notebook) for notebook in ("good", "undeclared") for s in SYSTEMS]
    assert found == tuple(expected)


def test_what_is_sealed_is_due_no_more(tmp_path):
    root = a_scheduled(tmp_path)

    assert due(root, told("finished")).slots == (slot(system="support-assistant"),)


def test_a_slot_that_failed_twice_is_tried_again_and_after_the_third_time_left(tmp_path):
    root = a_scheduled(tmp_path)
    failed = [told("failed", f"run-{n}", reason="error") for n in range(2)]

    twice = due(root, *failed)
    thrice = due(root, *failed, told("failed", "run-3", reason="timeout"))

    assert slot() in twice.slots
    assert slot() not in thrice.slots
    assert thrice.left == {slot()}
    assert slot() in [one.slot for one in thrice.missing]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("failed", {"reason": "interrupted"}),
        ("failed", {"reason": "disk_full"}),
        ("failed", {"reason": "worker_died"}),
        ("failed", {"reason": "error", "error": "WarehouseError"}),
        ("abandoned", {}),
    ],
)
def test_what_the_notebook_did_not_do_costs_its_slot_no_try(tmp_path, kind, data):
    root = a_scheduled(tmp_path)
    events = [told(kind, f"run-{n}", **data) for n in range(5)]

    assert slot() in due(root, *events).slots


@pytest.mark.parametrize("missing", ["run_id", "notebook"])
@pytest.mark.parametrize("kind", ["started", "finished", "failed"])
def test_an_entry_that_does_not_name_its_run_seals_nothing_and_stops_nobody(kind, missing):
    event = told(kind, reason="error")
    data = {name: value for name, value in event.data.items() if name != missing}
    history = told_by([event.model_copy(update={"data": data})])
    assert (history.sealed, history.failed) == ({}, {})
    assert history.seen == {"flight-delay": MONDAY}


def test_a_slot_that_is_left_is_tried_once_more_a_day_after_its_last_failure(tmp_path):
    root = a_scheduled(tmp_path)
    failed = [told("failed", f"run-{n}", reason="error") for n in range(3)]
    day = timedelta(days=1)

    before, after = (due(root, *failed, now=NOW + by) for by in (day - timedelta(seconds=1), day))

    assert slot() in before.left
    assert slot() in after.slots


def test_a_system_that_is_there_and_cannot_be_read_is_no_fault_of_the_line_that_names_it(tmp_path):
    line = '- {notebook: good, cron: "0 6 * * 1", systems: [flight-delay, support-assistant]}'
    root = a_scheduled(tmp_path, line)
    (root / "systems/support-assistant/cost.yaml").write_text("ceilings: 7\n", encoding="utf-8")

    found = due_now(
        root, read_sound_part(root).model, told_by([]), as_of=NOW, now=NOW
    )  # fmt: skip

    assert found.faults == ()
    assert found.slots == (slot(),)


def test_a_clock_that_is_set_back_brings_no_slot_twice(tmp_path):
    root = a_scheduled(tmp_path)
    sealed = [told("finished", f"run-{s}", system=s) for s in SYSTEMS]

    assert due(root, *sealed, as_of=MONDAY + timedelta(minutes=1)).slots == ()
    before = due(root, *sealed, as_of=MONDAY - timedelta(minutes=1)).slots
    # Before that Monday, nothing of it is known: the one before is due, which was never run.
    assert {one.as_of for one in before} == {MONDAY - WEEK}


@pytest.mark.parametrize(
    ("notebook", "systems", "problem"),
    [
        ("goood", "[]", "there is no notebook goood"),
        ("good", "[flightdelay]", "there is no system flightdelay"),
        ("03_rollback_drill", "[]", "is performed by somebody"),
        ("09_incident_postmortem", "[]", "is about one incident"),
        ("all_of_them", "[flight-delay]", "is about all systems together; got flight-delay"),
        ("broken", "[]", "has 0 cells tagged `parameters`"),
    ],
)
def test_a_line_that_cannot_be_kept_is_told_and_stops_no_other(
    tmp_path, notebook, systems, problem
):
    line = f'{{notebook: {notebook}, cron: "0 6 * * 1", systems: {systems}}}'
    daily = '- {notebook: undeclared, cron: "0 6 * * *"}'
    root = a_scheduled(tmp_path, daily, f"- {line}")
    a_notebook(root / "notebooks" / "broken.ipynb", "1", parameters=None)

    found = due(root)

    (fault,) = found.faults
    assert problem in fault.message
    assert fault.remedy
    assert {one.notebook for one in found.slots} == {"undeclared"}


def test_a_fault_names_the_line_and_what_was_perhaps_meant(tmp_path):
    root = a_scheduled(tmp_path, GOOD, '- {notebook: undeclard, cron: "0 6 * * 1"}')

    (fault,) = due(root).faults

    assert fault.where == "ops-model.yaml:5"
    assert fault.remedy == "did you mean undeclared?"


def test_again_takes_the_latest_sealed_slot_of_each_line(tmp_path):
    root = a_scheduled(tmp_path)
    events = [
        told("started", "run-1", as_of=MONDAY - WEEK),
        told("finished", "run-1", as_of=MONDAY - WEEK),
        told("started", "run-2", parameters={"system": "flight-delay", "days": 7}),
        told("finished", "run-2"),
        # By hand, at no slot of the line.
        told("finished", "run-3", as_of=MONDAY + timedelta(hours=1)),
    ]
    history = told_by(events)

    assert latest_sealed(root, model_of(root), history, as_of=NOW) == (slot(),)
    assert history.sealed[slot()].run_id == "run-2"
    assert history.sealed[slot()].given == {"days": 7}


def test_the_pages_know_which_run_took_the_place_of_which():
    first, second = runs_of([told("started"), told("started", "run-2", again_of="run-1")])

    assert (first.again_of, second.again_of) == ("", "run-1")


def test_again_of_a_notebook_takes_the_run_of_an_instant_or_the_latest():
    events = [told("finished", "run-1", as_of=MONDAY - WEEK), told("finished", "run-2")]
    history = told_by(events)

    assert sealed_of(history, "good", SYSTEMS, at=None) == (slot(),)
    assert sealed_of(history, "good", SYSTEMS, at=MONDAY - WEEK) == (slot(MONDAY - WEEK),)
    with pytest.raises(UsageError, match="no run of 2026-11-26T12:00:00Z of good is sealed"):
        sealed_of(history, "good", SYSTEMS, at=NOW)


def test_a_backfill_takes_the_slots_of_a_span_with_both_its_ends(tmp_path):
    root = a_scheduled(tmp_path, DAILY)
    start, end = MONDAY, MONDAY + timedelta(days=2)

    found = slots_between(root, model_of(root), "good", start=start, end=end)

    days = [start, start + timedelta(days=1), end]
    assert found == tuple(slot(day, system) for day in days for system in SYSTEMS)


def test_a_backfill_without_a_line_says_what_to_write(tmp_path):
    root = a_scheduled(tmp_path, DAILY)

    with pytest.raises(UsageError, match="no line says when undeclared is due") as refused:
        slots_between(root, model_of(root), "undeclared", start=MONDAY, end=NOW)
    with pytest.raises(UsageError, match="has no slot from"):
        slots_between(root, model_of(root), "good", start=MONDAY, end=MONDAY - WEEK)

    assert "--as-of" in str(refused.value)


def test_a_backfill_of_too_many_slots_is_refused(tmp_path):
    each_minute = '- {notebook: good, cron: "* * * * *"}'
    root = a_scheduled(tmp_path, each_minute)

    with pytest.raises(UsageError, match="are more than 10000 slots"):
        slots_between(root, model_of(root), "good", start=MONDAY - WEEK, end=NOW)
