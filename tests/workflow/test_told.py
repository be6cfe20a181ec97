"""What the ledger says about a system is read once; what was added since is read with it."""

import pytest

from ops_model.store.ledger import Ledger
from ops_model.workflow.told import told_of, told_of_all, told_since
from tests.store.ledger_events import (
    SYSTEM,
    a_drill,
    a_ledger,
    an_attestation,
    attested,
    finished,
    published,
)

OTHER = "other-system"
TOOL = "tool:ops-model"
RUN = "run-1"


@pytest.fixture
def ledger(tmp_path):
    """Two entries: a drill of a run that has not ended, and an attestation."""
    a_ledger(tmp_path / "ledger.db")
    with Ledger.open(tmp_path / "ledger.db") as opened:
        opened.append(published(a_drill(), "drill", run_id=RUN))
        opened.append(attested(an_attestation()))
        yield opened


def since(ledger, known, *ours):
    """What is told of systems after the tool appended its own."""
    return told_since(ledger, known, ours, since=2, until=ledger.size())


def seqs(told):
    return [statement.seq for statement in told.statements]


def test_what_is_told_are_the_statements_of_the_ledger_and_how_runs_went(ledger):
    ledger.append(finished(RUN))

    told = told_of(ledger, SYSTEM)

    assert told.statements == ledger.statements(SYSTEM, words=False)
    assert seqs(told) == [0, 1]
    assert [stored.event.type for stored in told.runs] == ["run.finished"]


def test_as_it_was_told_of_an_earlier_ledger_what_came_later_is_left_out(ledger):
    ledger.append(finished(RUN))

    assert seqs(told_of(ledger, SYSTEM, until=2)) == [1]


def test_whoever_waits_for_a_system_is_told_as_soon_as_it_is_read(ledger):
    waiting = []

    told = told_of_all(ledger, [OTHER, SYSTEM], then=waiting.append)

    assert [seqs(one) for one in waiting] == [seqs(told[OTHER]), seqs(told[SYSTEM])] == [[], [1]]


def test_what_the_tool_appended_is_told_with_the_rest(ledger):
    known = told_of_all(ledger, [SYSTEM, OTHER])
    own = published(a_drill(passed=False), "own", actor=TOOL)
    ledger.append(own)

    told = since(ledger, known, own)

    assert told[SYSTEM].statements == ledger.statements(SYSTEM, words=False)
    assert seqs(told[SYSTEM]) == [1, 2]
    assert told[OTHER] == known[OTHER]


def test_what_others_wrote_meanwhile_makes_earlier_entries_count(ledger):
    """The run of the drill ends between the reading and the judging."""
    known = told_of_all(ledger, [SYSTEM])
    own = published(a_drill(passed=False), "own", actor=TOOL)
    ledger.append(finished(RUN))
    ledger.append(own)

    told = since(ledger, known, own)

    assert seqs(told[SYSTEM]) == [0, 1, 3]
    assert len(told[SYSTEM].runs) == 1
