"""A ledger that somebody asks several times about one system."""

import pytest

from ops_model.errors import IntegrityError
from ops_model.store.ledger import Ledger
from tests.store.ledger_events import SYSTEM, an_event, as_owner


@pytest.fixture
def ledger(tmp_path):
    with Ledger.open(tmp_path / "ledger.db", create=True) as opened:
        for number in range(3):
            opened.append(an_event(f"run-{number}/started"))
        yield opened


def seqs(ledger, **asked):
    return [stored.seq for stored in ledger.events(**asked)]


def test_what_is_added_while_entries_are_at_hand_is_read_with_them(ledger):
    with ledger.at_hand(SYSTEM):
        before = seqs(ledger, subject=SYSTEM)
        ledger.append(an_event("run-3/started"))
        after = seqs(ledger, subject=SYSTEM)

    assert (before, after) == ([0, 1, 2], [0, 1, 2, 3])


def test_only_the_entries_asked_for_are_given(ledger):
    with ledger.at_hand(SYSTEM):
        assert seqs(ledger, subject=SYSTEM, until=2) == [0, 1]
        assert seqs(ledger, subject="another") == []
        assert seqs(ledger) == [0, 1, 2]


def test_what_was_read_stays_at_hand_after_a_block_within_the_block(ledger, tmp_path):
    with ledger.at_hand(SYSTEM):
        with ledger.at_hand(SYSTEM):
            list(ledger.events(subject=SYSTEM))
        as_owner(tmp_path / "ledger.db", "DELETE FROM event WHERE seq = 1")

        assert seqs(ledger, subject=SYSTEM) == [0, 1, 2]

    assert seqs(ledger, subject=SYSTEM) == [0, 2]


def test_an_entry_that_was_changed_is_told_once_they_are_let_go(ledger, tmp_path):
    with ledger.at_hand(SYSTEM):
        list(ledger.events(subject=SYSTEM))

    as_owner(
        tmp_path / "ledger.db",
        "UPDATE event SET body = replace(body, 'run.started', 'run.removed') WHERE seq = 1",
    )

    with pytest.raises(IntegrityError), ledger.at_hand(SYSTEM):
        list(ledger.events(subject=SYSTEM))
