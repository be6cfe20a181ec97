"""Who was told in the demo: trial alerts, what stood at two instants, and who answered."""

import json
from datetime import UTC, date, datetime

import pytest

from ops_model.cli.demo_alerts import Telling
from ops_model.domain.spend import BreachLog, CeilingAlert, CeilingAnswer, RouteTest
from ops_model.example.alerts import Receiver
from ops_model.store.workbook import read_workbook
from ops_model.workflow.watch import watch
from tests.cli.demo_read import records, verdict_of

pytestmark = [pytest.mark.slow, pytest.mark.kernel]

NOBODY_LISTENS = 1
"""A port of 127.0.0.1 on which nothing listens: it takes rights to."""


def finding(root, check):
    _, judged = verdict_of("flight-delay", root)
    return next(f for f in judged["findings"] if f["check"] == check)


def test_each_route_of_flight_delay_was_tried_and_answered_by_whom_it_is_to_reach(demo_copy):
    found = finding(demo_copy, "CST-03")

    assert found["status"] == "passed"
    for route, person in (
        ("page: flight-delay primary; mail: daniel-cho", "lea-brandt"),
        ("mail: daniel-cho, olek-sauer", "daniel-cho"),
    ):
        told = f"the trial alert over “{route}” of 2013-07-19 was acknowledged by {person}"
        assert told in found["message"]


def test_a_crossed_ceiling_was_told_and_its_owner_accepts_that_day_and_no_other(demo):
    log = records(demo, BreachLog, "support-assistant")[-1]
    answers = records(demo, CeilingAnswer, "support-assistant")

    told = {b.day: (b.told_at, b.accepted_by) for b in log.breaches if b.told_at or b.accepted_by}
    at = datetime(2013, 7, 18, 20, tzinfo=UTC)
    # A watch tells of the three days before it too; those were over, and nobody accepts them.
    assert told == {
        date(2013, 7, 15): (at, None), date(2013, 7, 17): (at, None),
        date(2013, 7, 18): (at, "daniel-cho"),
    }  # fmt: skip
    assert [(a.person, a.accepted, a.code is not None) for a in answers] == [
        ("daniel-cho", False, True), ("daniel-cho", True, False),
    ]  # fmt: skip


def test_what_stands_at_the_pinned_instant_was_told_and_what_is_quiet_was_not(demo, as_of):
    model = read_workbook(demo)
    told = {}
    for system in ("flight-delay", "support-assistant"):
        now = [a for a in records(demo, CeilingAlert, system) if a.as_of == as_of]
        told[system] = {(a.ceiling, a.state, a.delivered) for a in now}
        seen = watch(demo, model, system, as_of=as_of)
        loud = {(c.ceiling, c.state) for c in seen.ceilings if c.state != "quiet"}
        assert loud == {(ceiling, state) for ceiling, state, _ in told[system]}

    assert told == {
        "flight-delay": set(), "support-assistant": {("example-ai-day", "ticket", True)},
    }  # fmt: skip


def test_no_file_of_the_demo_holds_an_address_or_a_code(demo):
    codes = [trial.code for trial in records(demo, RouteTest, "flight-delay")]
    held = [f.read_bytes() for f in demo.rglob("*") if f.is_file()]

    assert all(code.startswith("sha256:") for code in codes)
    assert not [text for text in held if b"json://" in text]
    assert not [text for text in held if b"--ack " in text and b"--as YOU" in text]


def test_where_nothing_arrives_nobody_answers_and_the_record_says_so(demo_copy):
    model = read_workbook(demo_copy)
    telling = Telling(demo_copy, model, Receiver(NOBODY_LISTENS))

    assert not telling.trials_answered("flight-delay")
    assert not telling.crossing_answered("support-assistant")
    found = finding(demo_copy, "CST-03")
    assert found["status"] == "failed"
    assert "it was not delivered" in found["message"]
    assert "127.0.0.1" not in json.dumps(found)
