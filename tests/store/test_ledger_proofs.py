"""Proofs about entries of a stored ledger, several entries at once, and clocks set back."""

from datetime import timedelta

import pytest

from ops_model.errors import LedgerError
from ops_model.store.ledger import Ledger
from ops_model.store.merkle import leaf_hash, verify_consistency, verify_inclusion
from tests.store.ledger_events import RECORDED, SYSTEM, an_event

HOUR = timedelta(hours=1)


@pytest.fixture
def ledger(tmp_path):
    with Ledger.open(tmp_path / "ledger.db", create=True) as opened:
        yield opened


def test_an_entry_is_proved_by_its_bytes_and_the_root(ledger):
    ledger.append_all([an_event(f"event/{n}") for n in range(11)])
    rows, root = list(ledger.rows()), bytes.fromhex(ledger.head().root)

    proof = ledger.inclusion(6, 11)

    assert verify_inclusion(leaf_hash(rows[6].body), 6, 11, proof, root)
    assert not verify_inclusion(leaf_hash(rows[7].body), 6, 11, proof, root)


def test_a_longer_ledger_is_proved_to_begin_with_the_shorter_one(ledger):
    ledger.append_all([an_event(f"event/{n}") for n in range(11)])
    old, new = (bytes.fromhex(ledger.root_at(size)) for size in (7, 11))

    proof = ledger.consistency(7, 11)

    assert verify_consistency(7, 11, old, new, proof)
    assert not verify_consistency(6, 11, old, new, proof)


@pytest.mark.parametrize("ask", [
    lambda ledger: ledger.root_at(3), lambda ledger: ledger.inclusion(0, 3),
    lambda ledger: ledger.consistency(1, 3),
])  # fmt: skip
def test_a_size_that_the_ledger_never_had_is_refused(ledger, ask):
    ledger.append_all([an_event("a"), an_event("b")])

    with pytest.raises(LedgerError, match="there are 2 entries; asked for the first 3"):
        ask(ledger)


def test_several_events_are_appended_together_and_again_for_nothing(ledger):
    events = [an_event(name) for name in "abc"]

    assert ledger.append_all(events) == (0, 1, 2)
    assert ledger.append_all([*events, an_event("d")]) == (0, 1, 2, 3)
    assert ledger.size() == 4


def test_of_several_events_none_is_appended_when_one_cannot_be(ledger):
    ledger.append(an_event("b", data={"seconds": 1}))

    with pytest.raises(LedgerError, match="the id b is there already with other content"):
        ledger.append_all([an_event("a"), an_event("b", data={"seconds": 2})])
    with pytest.raises(LedgerError, match="NUL"):
        ledger.append_all([an_event("a"), an_event("c", data={"text": "\0"})])

    assert [s.event.id for s in ledger.events()] == ["b"]
    assert ledger.verify().problems == ()


def recorded(ledger, *offsets, start=0):
    for number, offset in enumerate(offsets, start=start):
        ledger.append(an_event(f"event/{number}", recorded_at=RECORDED + offset))
    return [stored.event for stored in ledger.events()]


def test_a_clock_that_was_set_back_is_recorded_before_what_it_dates(ledger):
    events = recorded(ledger, 0 * HOUR, -1 * HOUR)

    assert [event.type for event in events] == ["run.started", "clock.regressed", "run.started"]
    assert events[1].actor == "tool:ops-model"
    assert events[1].subject == SYSTEM
    assert events[1].data == {
        "before": "event/1", "latest": "2026-03-02T09:30:00Z", "seconds": 3600,
    }  # fmt: skip
    assert ledger.latest_recorded() == RECORDED


def test_it_is_recorded_once_for_each_time_that_it_was_set_back(ledger):
    back, minute = -1 * HOUR, HOUR / 60

    events = recorded(
        ledger, 0 * HOUR, back, back + minute, back + 2 * minute,  # once
        8760 * back,  # and further back
        HOUR, 2 * HOUR, 0 * HOUR,  # put right, and set back anew
    )  # fmt: skip

    assert [event.type for event in events].count("clock.regressed") == 3


def test_commands_that_ran_side_by_side_for_a_minute_are_no_regression(ledger):
    events = recorded(ledger, 0 * HOUR, -HOUR / 60, -HOUR / 120)

    assert {event.type for event in events} == {"run.started"}


def test_a_retry_after_the_clock_was_set_back_changes_nothing(ledger):
    recorded(ledger, 0 * HOUR, -1 * HOUR)
    before = ledger.head()

    ledger.append(an_event("event/1", recorded_at=RECORDED - 2 * HOUR))

    assert ledger.head() == before
