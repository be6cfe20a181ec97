"""A whole round of the watch: what is seen, who is told, who answers, and two at once."""

from dataclasses import replace
from datetime import timedelta
from itertools import count
from shutil import copytree
from threading import Thread
from time import sleep

import pytest

from ops_model.domain.alerts import Alert, AlertAnswer, Concern
from ops_model.errors import LedgerError, UsageError
from ops_model.store.turn import turn_at
from ops_model.store.workbook import read_workbook
from ops_model.workflow.alert_channels import Post
from ops_model.workflow.ledgers import ledger_at, open_ledger
from ops_model.workflow.watch_ack import answer
from ops_model.workflow.watch_answers import Now
from ops_model.workflow.watch_look import look
from ops_model.workflow.watch_round import look_and_tell, tell_round
from ops_model.workflow.watch_tell import Telling
from tests.store.postgres import a_database, drop
from tests.workflow.spending import (
    NOON,
    ON_CALL,
    ROUTES,
    TODAY,
    a_workbook,
    each_slot,
    log_usage,
)
from tests.workflow.telling import MINUTE, WHERE, Box

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
SCHEDULES = """schedules:
- {notebook: 07_weekly_ops_report, cron: "0 6 * * *", since: 2026-03-18T00:00:00Z, grace_hours: 4}
"""
INCIDENT = f"""id: gone-wrong
title: Answers are about somebody else
severity: sev1
state: detected
detected_by: staff
detected_at: {NOON - HOUR:%Y-%m-%dT%H:%M:%SZ}
"""
OWNED = "accountable: ana\ndeputy: ben\n"


@pytest.fixture
def calm(tmp_path):
    """A workbook in which nothing is due, no incident is open and nothing costs too much."""
    root = a_workbook(tmp_path, pinned=False, ceilings=" []\n")
    (root / "systems/answers/ownership.yaml").write_text(OWNED)
    return root


def late(root):
    """The same, where the report of 18 March and those after it did not arrive."""
    (root / "ops-model.yaml").write_text(f"name: Test\nzone: UTC\n{ROUTES}{SCHEDULES}")
    return root


def broken(root):
    """The same, with an incident that nobody has taken."""
    path = root / "systems/answers/incidents/gone-wrong.yaml"
    path.parent.mkdir()
    path.write_text(INCIDENT)
    return path


def a_round(root, box, *, as_of=NOON, variables=WHERE, codes=None):
    model = read_workbook(root)
    numbers = codes or (f"CODE-{n}" for n in count(as_of.day * 100))
    post = Post(model.settings.alert_routes, variables, box)
    telling = Telling(root, model, post, as_of, as_of, lambda: next(numbers))
    return look_and_tell(telling, [s.id for s in model.systems])[1]


def wait_for_turn(address):
    with turn_at(address, wait_seconds=0.2):
        """Nobody else is there."""


def on_record(root, kind, system="answers"):
    with open_ledger(root, read_workbook(root).settings, readonly=True) as ledger:
        told = ledger.statements(system)
    return [s.record for s in told if isinstance(s.record, kind)]


def here(root, as_of=NOON, later=timedelta()):
    return Now(root, read_workbook(root), as_of, as_of + later)


def test_where_nothing_is_amiss_nobody_is_told(calm):
    box = Box()

    done = a_round(calm, box)

    assert (done.alerts, box.sent, done.whole) == ((), [], True)


def test_reports_that_did_not_arrive_are_told_to_whoever_answers_for_the_system(calm):
    box = Box()

    a_round(late(calm), box)

    ((address, message),) = box.sent
    assert address == "mail://"
    assert message.title.startswith("answers: ticket: 4 reports of 07_weekly_ops_report did not")
    assert "the first was due by 2026-03-18T10:00:00Z" in message.body
    assert "for ana: who answers for it" in message.body
    assert "ops-model watch --ack CODE-2100 --as YOU" in message.body


def test_a_daily_report_that_never_arrived_once_is_told_whatever_its_grace(calm):
    # No `since`, nothing sealed, and a grace of a day: each day's would be forgotten by the next.
    line = '- {notebook: 07_weekly_ops_report, cron: "0 6 * * *"}'
    (calm / "ops-model.yaml").write_text(f"name: Test\nzone: UTC\n{ROUTES}schedules:\n{line}\n")
    system = calm / "systems/answers/system.yaml"
    live = f"{NOON - 3 * DAY:%Y-%m-%dT%H:%M:%SZ}"
    system.write_text(
        f"{system.read_text()}stage_history: [{{stage: live, at: '{live}', by: ana}}]\n"
    )
    box = Box()

    a_round(calm, box)

    assert "1 report of 07_weekly_ops_report did not arrive" in box.sent[0][1].body
    assert "the first was due by 2026-03-20T06:00:00Z" in box.sent[0][1].body


def test_a_report_about_all_systems_that_never_arrived_is_told_too(calm):
    a_round(broken(calm).parents[3], Box())
    line = '- {notebook: 13_portfolio, cron: "0 6 * * *", grace_hours: 48}'
    (calm / "ops-model.yaml").write_text(f"name: Test\nzone: UTC\n{ROUTES}schedules:\n{line}\n")

    def told(later):
        found = look(calm, read_workbook(calm), ["answers"], as_of=NOON + later).concerns
        return [(c.system, c.about) for c in found if c.kind == "overdue"]

    assert told(DAY) == []
    assert told(3 * DAY) == [("portfolio", "13_portfolio")]


def test_the_gravest_incident_that_nobody_took_wakes_whoever_is_on_call(calm):
    broken(calm)
    box = Box()

    done = a_round(calm, box)

    assert box.addresses == ["pager://"]
    assert [(a.route, a.people, a.because) for a in done.alerts] == [
        ("page: ana", ("ana",), "primary at that moment")
    ]
    assert "incident gone-wrong (sev1) is open since" in box.sent[0][1].body


def test_it_is_told_once_and_again_after_a_day_while_nobody_answers(calm):
    broken(calm)
    box = Box()

    for hours in (0, 1, 23, 24, 25):
        a_round(calm, box, as_of=NOON + hours * HOUR)

    assert [a.sent_at for a in on_record(calm, Alert)] == [NOON, NOON + DAY]
    assert len(box.sent) == 2


def test_whoever_answers_by_the_code_hears_no_more_of_it_until_it_is_over(calm):
    path = broken(calm)
    box = Box()
    a_round(calm, box)

    record = answer(here(calm, NOON + HOUR), "code 2100", "ben")
    a_round(calm, box, as_of=NOON + 3 * DAY)
    path.unlink()
    a_round(calm, box, as_of=NOON + 4 * DAY)
    a_round(calm, box, as_of=NOON + 5 * DAY)

    assert (record.person, record.seconds.value, record.concerns) == (
        "ben", 3600.0, ("incident gone-wrong",)
    )  # fmt: skip
    assert [message.title for _, message in box.sent] == [
        "answers: page: incident gone-wrong (sev1) is open since 2026-03-21T11:00:00Z, and nobody "
        "has acknowledged it",
        "answers: over: incident gone-wrong",
    ]
    assert [(a.over, a.delivered) for a in on_record(calm, Alert)] == [(False, True), (True, True)]


def test_an_answer_is_taken_once_and_from_somebody_who_works_here(calm):
    broken(calm)
    a_round(calm, Box())
    answer(here(calm), "CODE-2100", "ana")

    for person, says in (("ben", "ana has answered this alert already"), ("gone", "gone")):
        with pytest.raises(UsageError, match=says):
            answer(here(calm), "CODE-2100", person)
    with pytest.raises(UsageError, match="no alert had this code"):
        answer(here(calm), "CODE-9999", "ana")
    assert len(on_record(calm, AlertAnswer)) == 1


def test_what_was_done_is_said_of_a_ceiling_only(calm):
    broken(calm)
    a_round(calm, Box())

    with pytest.raises(UsageError, match="--did and --at say what was done at a ceiling"):
        answer(here(calm), "CODE-2100", "ana", did="stop")


def test_a_channel_that_takes_nothing_is_noted_once_and_tried_each_time(calm):
    broken(calm)
    down, up = Box("pager://"), Box()

    for minutes in range(3):
        assert not a_round(calm, down, as_of=NOON + minutes * HOUR / 60).whole
    a_round(calm, up, as_of=NOON + HOUR)

    assert [(a.delivered, a.code is None) for a in on_record(calm, Alert)] == [
        (False, True), (True, False)
    ]  # fmt: skip
    assert up.addresses == ["pager://"]


def test_who_has_it_is_not_told_again_when_the_others_are(calm):
    signals = "feeds: []\n"
    (calm / "systems/answers/signals.yaml").write_text(signals)
    routes = ROUTES + SCHEDULES.replace(
        "grace_hours: 4", 'grace_hours: 4, alert_route: "mail: ana; chat: all"'
    )
    more = "- {channel: chat, address_in: TEST_CHAT}\n"
    (calm / "ops-model.yaml").write_text(
        f"name: Test\nzone: UTC\n{routes.replace('schedules:', more + 'schedules:')}"
    )
    where, down, up = {**WHERE, "TEST_CHAT": "chat://"}, Box("chat://"), Box()

    first = a_round(calm, down, variables=where)
    a_round(calm, up, as_of=NOON + HOUR, variables=where)

    assert first.alerts[0].why_not == "chat: all: the channel did not take it"
    assert (down.addresses, up.addresses) == (["mail://"], ["chat://"])


def test_of_two_watches_at_once_one_tells(calm):
    broken(calm)
    late(calm)

    class Slow(Box):
        def __call__(self, address, message):
            sleep(0.3)
            return super().__call__(address, message)

    box = Slow()
    both = [Thread(target=a_round, args=(calm, box)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert sorted(box.addresses) == ["mail://", "pager://"]
    assert len(on_record(calm, Alert)) == 2


def test_who_waits_too_long_for_another_watch_says_so(calm):
    address = ledger_at(calm, read_workbook(calm).settings)

    with turn_at(address, wait_seconds=0), pytest.raises(LedgerError, match="another watch"):
        wait_for_turn(address)
    wait_for_turn(address)


@pytest.fixture
def database():
    found = a_database(made=False)
    yield found.owner
    drop(found)


def test_at_a_database_one_watch_tells_at_a_time_too(database):
    with turn_at(database, wait_seconds=0), pytest.raises(LedgerError, match="another watch"):
        wait_for_turn(database)
    wait_for_turn(database)


def test_ceilings_are_told_as_ceilings_beside_the_rest(tmp_path):
    root = log_usage(a_workbook(tmp_path), [*each_slot(1), (NOON - HOUR, 100)])
    broken(root)
    box = Box()

    done = a_round(root, box)

    assert [one.state.state for one in done.ceilings] == ["crossed"]
    assert [a.concerns[0].kind for a in done.alerts] == ["incident"]


def test_a_ceiling_that_stays_crossed_is_told_again_when_nobody_answers(tmp_path):
    root = a_workbook(tmp_path, pinned=False)
    text = (root / "ops-model.yaml").read_text()
    (root / "ops-model.yaml").write_text(text + "watch: {again_hours: 2}\n")
    log_usage(root, [*each_slot(1), (TODAY + HOUR, 200)])
    box = Box()

    for hours in (0, 1, 2):
        a_round(root, box, as_of=NOON + hours * HOUR)
    answer(here(root, NOON + 2 * HOUR), "CODE-2100", "ana")
    a_round(root, box, as_of=NOON + 5 * HOUR)

    assert box.addresses == ["pager://", "mail://"] * 2


@pytest.fixture
def turning(tmp_path):
    """A ceiling that was crossed in the night, and a primary who changes each day at one."""
    root = a_workbook(tmp_path, pinned=False)
    rota = root / "systems/answers/on_call.yaml"
    daily = ON_CALL.replace("T09:00:00", "T13:00:00", 1).replace("WEEKLY;BYDAY=MO", "DAILY", 1)
    daily = daily.replace("168", "24", 1).replace("[ana]", "[ana, ben]")
    rota.write_text(daily, encoding="utf-8")
    return log_usage(root, [*each_slot(1), (TODAY + HOUR, 200)])


def test_who_comes_on_call_is_told_once_of_a_ceiling_that_nobody_acknowledged(turning):
    box = Box()

    for minutes in (0, 30, 60, 90, 120):
        a_round(turning, box, as_of=NOON + minutes * MINUTE)

    # The mail is still to whom it was; only the pager means somebody else from one o'clock on.
    assert box.addresses == ["pager://", "mail://", "pager://"]
    assert "As of 2026-03-21T13:00:00Z" in box.sent[-1][1].body


def test_who_comes_on_call_is_not_told_of_a_ceiling_that_somebody_has(turning):
    box = Box()
    a_round(turning, box)
    code = box.sent[0][1].body.partition("--ack ")[2].split()[0]
    answer(here(turning, NOON + 30 * MINUTE), code, "ana")

    a_round(turning, box, as_of=NOON + HOUR)

    assert box.addresses == ["pager://", "mail://"]


def test_at_a_crossed_ceiling_an_unset_variable_keeps_the_pager_from_nothing(tmp_path):
    root = a_workbook(tmp_path, pinned=False)
    text = (root / "ops-model.yaml").read_text()
    (root / "ops-model.yaml").write_text(text + "watch: {again_hours: 2}\n")
    log_usage(root, [*each_slot(1), (TODAY + HOUR, 200)])
    box = Box()

    for hours in (0, 1, 2):
        a_round(root, box, as_of=NOON + hours * HOUR, variables={"TEST_PAGE": "pager://"})

    assert box.addresses == ["pager://", "pager://"]


def test_many_systems_are_looked_at_side_by_side_their_ceilings_too(tmp_path):
    root = log_usage(a_workbook(tmp_path), [*each_slot(1), (NOON - HOUR, 100)])
    for n in range(7):
        copytree(root / "systems/answers", root / f"systems/answers-{n}")
    model = read_workbook(root)
    systems = [system.id for system in model.systems]

    looked = look(root, model, systems, as_of=NOON, cores=2)

    assert [found.system for found in looked.ceilings] == systems
    assert {c.about for c in looked.concerns if c.kind == "ceiling"} == {"daily"}
    assert looked.failed == {}


def test_ceilings_that_cannot_be_read_are_told_and_hide_nothing_else(tmp_path):
    root = a_workbook(tmp_path)
    broken(root)
    model = read_workbook(root)

    looked = look(root, model, ["answers"], as_of=NOON)

    assert {c.kind for c in looked.concerns} >= {"incident", "unread"}
    assert list(looked.failed) == ["answers"]
    assert looked.grave


def test_nothing_is_said_to_be_over_of_a_system_that_could_not_be_looked_at(calm):
    path = broken(calm)
    box = Box()
    a_round(calm, box)
    path.unlink()
    model = read_workbook(calm)
    post = Post(model.settings.alert_routes, WHERE, box)
    telling = Telling(calm, model, post, NOON + HOUR, NOON + HOUR, lambda: "X")
    looked = look(calm, model, ["answers"], as_of=NOON + HOUR)

    tell_round(replace(looked, failed={"answers": LedgerError("gone")}), telling)

    assert len(box.sent) == 1


def told_of(root, box, *concerns, as_of=NOON, variables=WHERE):
    """Tell of these concerns, with what the ledger says was told of them before."""
    model = read_workbook(root)
    post, numbers = Post(model.settings.alert_routes, variables, box), count(as_of.hour * 100)
    telling = Telling(root, model, post, as_of, as_of, lambda: f"CODE-{next(numbers)}")
    before = look(root, model, ["answers"], as_of=as_of).told["answers"]
    return telling.of_system("answers", concerns, before)


def stopped(number=0):
    return Concern(
        system="answers", kind="feed", about=f"weather-{number}", severity="page", since=NOON,
        why="it is late", remedy="ask", owner="ana", route="page: answers primary; mail: ana",
    )  # fmt: skip


def test_an_unset_variable_keeps_nobody_else_from_being_asked_again(calm):
    box, pager_only = Box(), {"TEST_PAGE": "pager://"}

    for hours in (0, 1, 2, 24):
        told_of(calm, box, stopped(), as_of=NOON + hours * HOUR, variables=pager_only)

    assert box.addresses == ["pager://", "pager://"]
    assert [a.took for a in on_record(calm, Alert)] == [
        ("page: answers primary",), (), ("page: answers primary",),
    ]  # fmt: skip


def test_more_than_fit_into_one_message_come_in_several_at_once(calm):
    box = Box()

    alerts = told_of(calm, box, *map(stopped, range(45)))

    assert [len(alert.concerns) for alert in alerts] == [20, 20, 5]
    assert len({alert.code for alert in alerts}) == 3
    assert len(box.sent) == 6


def test_what_goes_over_one_route_is_one_message_whyever_it_goes_there(calm):
    named = stopped().model_copy(update={"severity": "ticket", "route": "mail: ana"})
    owned = stopped(1).model_copy(update={"severity": "ticket", "route": None})
    box = Box()

    (alert,) = told_of(calm, box, named, owned)

    assert (alert.people, alert.because) == (("ana",), "whom the route names; who answers for it")
