"""Until when the next report of a system is due: after the latest that arrived, once per slot."""

from datetime import UTC, datetime, timedelta

from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.system import StageChange
from ops_model.domain.workbook import WorkbookSettings
from ops_model.store.ledger import Ledger
from ops_model.workflow.awaited import awaited
from ops_model.workflow.publish import site_input
from ops_model.workflow.slots import standings
from ops_model.workflow.start import start_workbook
from tests.builders import a_model, a_system, located

# Mondays at 06:00 UTC; 6 and 13 July 2026 are Mondays.
WEEKLY = {"notebook": "07_weekly_ops_report", "cron": "0 6 * * 1", "grace_hours": 6}
DAILY = {"notebook": "06_cost", "cron": "0 5 * * *", "grace_hours": 2}
FIRST, SECOND = datetime(2026, 7, 6, 6, tzinfo=UTC), datetime(2026, 7, 13, 6, tzinfo=UTC)
WEDNESDAY = datetime(2026, 7, 8, 12, tzinfo=UTC)


def book(*lines, as_of=None):
    settings = {"name": "Test", "zone": "UTC", "schedules": list(lines), "as_of": as_of}
    read = WorkbookSettings.model_validate(located(settings, "ops-model.yaml"))
    return a_model(a_system("one"), a_system("two")).model_copy(update={"settings": read})


def waited(model, there=(), *, at=WEDNESDAY):
    found = awaited(
        model, {("07_weekly_ops_report", "one"): {*there}} if there else {}, as_of=at
    )  # fmt: skip
    return {system: (one.slot.as_of, one.due_by) for system, one in found.items()}


def test_after_a_report_that_arrived_the_next_slot_is_waited_for():
    slot, due_by = waited(book(WEEKLY), [FIRST])["one"]

    assert (slot, due_by) == (SECOND, SECOND + timedelta(hours=6))


def test_a_report_that_did_not_arrive_is_still_the_one_that_is_waited_for():
    late = WEDNESDAY + timedelta(days=21)

    assert waited(book(WEEKLY), [FIRST], at=late)["one"][0] == SECOND


def test_a_hole_before_a_newer_report_is_not_waited_for():
    third = SECOND + timedelta(days=7)
    at = third + timedelta(days=1)

    assert waited(book(WEEKLY), [FIRST, third], at=at)["one"][0] == third + timedelta(days=7)


def stages(model, *history):
    """The same workbook, the first system with this history."""
    identity = model.systems[0].identity
    history = tuple(StageChange(stage=stage, at=at, by="ana-ruiz") for stage, at in history)
    one = model.systems[0].model_copy(
        update={"identity": identity.model_copy(update={"stage_history": history})}
    )
    return model.model_copy(update={"systems": (one, *model.systems[1:])})


def test_where_nothing_ever_arrived_the_first_slot_that_is_caught_up_with_is_waited_for():
    # Live for years: four weeks back from that Wednesday is the 10th of June.
    assert waited(book(WEEKLY))["one"][0] == datetime(2026, 6, 15, 6, tzinfo=UTC)


def test_a_page_waits_until_the_very_instant_from_which_on_the_report_is_overdue():
    model = book(WEEKLY, DAILY)
    late = {}
    for one in standings(model, frozenset(), as_of=WEDNESDAY):
        late[one.slot.system] = min(one.due_by, late.get(one.slot.system, one.due_by))

    assert {system: due_by for system, (_, due_by) in waited(model).items()} == late


def test_where_nothing_tells_a_beginning_the_latest_slot_is_waited_for():
    assert waited(stages(book(WEEKLY)))["one"][0] == FIRST


def test_the_first_slot_after_a_system_is_on_record_is_waited_for():
    model = stages(book(DAILY))
    found = awaited(model, {}, as_of=WEDNESDAY, seen={"one": WEDNESDAY - timedelta(days=2)})

    assert found["one"].slot.as_of == datetime(2026, 7, 7, 5, tzinfo=UTC)


def test_of_a_system_that_went_live_the_first_slot_after_that_is_waited_for():
    live = stages(book(WEEKLY), ("pilot", FIRST), ("live", FIRST + timedelta(days=1)))

    assert waited(live)["one"][0] == SECOND


def test_nothing_is_waited_for_of_a_system_that_retired():
    gone = ("live", FIRST - timedelta(days=90)), ("retired", FIRST - timedelta(days=60))
    since = {**WEEKLY, "since": "2026-01-01T00:00:00Z"}

    assert set(waited(stages(book(WEEKLY), *gone))) == {"two"}
    assert set(waited(stages(book(since), *gone))) == {"two"}
    assert set(waited(stages(book(WEEKLY), *gone), [FIRST - timedelta(days=63)])) == {"two"}


def test_what_a_system_owed_when_it_retired_is_waited_for_as_long_as_it_is_caught_up_with():
    gone = ("live", FIRST - timedelta(days=90)), ("retired", FIRST + timedelta(days=1))
    model = stages(book(WEEKLY), *gone)
    sent = [FIRST - timedelta(days=7)]

    assert waited(model, sent)["one"][0] == FIRST
    assert "one" not in waited(model, sent, at=FIRST + timedelta(days=40))


def test_nothing_is_waited_for_of_a_system_that_is_to_come():
    later = stages(book(WEEKLY), ("live", FIRST + timedelta(days=90)))

    assert set(waited(later)) == {"two"}


def test_a_line_that_begins_later_waits_for_its_first_slot():
    later = book({**WEEKLY, "since": "2026-08-01T00:00:00Z"})

    assert waited(later)["one"][0] == datetime(2026, 8, 3, 6, tzinfo=UTC)


def test_a_line_that_began_waits_for_the_first_slot_since():
    begun = book({**WEEKLY, "since": "2026-06-01T00:00:00Z"})

    assert waited(begun)["one"][0] == datetime(2026, 6, 1, 6, tzinfo=UTC)


def test_a_run_by_hand_between_two_slots_is_no_report_of_a_slot():
    by_hand = FIRST + timedelta(hours=3)

    assert waited(book(WEEKLY), [FIRST - timedelta(days=7), by_hand])["one"][0] == FIRST


def test_of_several_lines_the_one_that_is_due_first_counts():
    slot, due_by = waited(stages(book(WEEKLY, DAILY)), [FIRST])["one"]

    # Of the daily line nothing ever arrived, so its latest slot: Wednesday 05:00, due by 07:00.
    assert (slot, due_by) == (WEDNESDAY.replace(hour=5), WEDNESDAY.replace(hour=7))


def test_each_system_waits_for_its_own_and_the_portfolio_for_one():
    portfolio = {**WEEKLY, "notebook": "13_portfolio"}

    assert set(waited(book(WEEKLY, portfolio))) == {"one", "two", "portfolio"}
    assert set(waited(book({**WEEKLY, "systems": ["two"]}))) == {"two"}


def test_a_replay_workbook_waits_for_nothing():
    assert waited(book(WEEKLY, as_of="2026-07-08T12:00:00Z")) == {}


def test_a_workbook_without_schedules_waits_for_nothing():
    assert waited(book()) == {}


def test_a_site_waits_for_what_the_ledger_does_not_hold(tmp_path):
    root = tmp_path / "book"
    start_workbook(root, "one")
    file = root / "ops-model.yaml"
    line = "{notebook: 06_cost, cron: '0 6 * * 1', grace_hours: 6}"
    file.write_text(f"{file.read_text()}schedules: [{line}]\n")
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        for kind in ("run.started", "run.finished"):
            ledger.append(LedgerEvent(
                id=kind, type=kind, subject="one", as_of=FIRST, recorded_at=FIRST, actor="x",
                data={
                    "run_id": "r1", "notebook": "06_cost", "bundle": "runs/one/06_cost/r1",
                    "manifest": f"sha256:{'a' * 64}",
                },
            ))  # fmt: skip

    found = site_input(root, as_of=WEDNESDAY, recorded_at=WEDNESDAY).due

    assert [(system, one.due_by) for system, one in found.items()] == [
        ("one", SECOND + timedelta(hours=6))
    ]
