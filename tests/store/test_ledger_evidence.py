"""Reading evidence back: each record gives its digest, whichever way its bytes are read."""

import pytest

from ops_model.domain.evidence import Measured
from ops_model.domain.values import digest_of
from ops_model.errors import ChainBrokenError
from ops_model.store.ledger_chain import (
    GENESIS,
    Row,
    StoredEvent,
    body_of,
    chain_hash,
    read_row,
)  # fmt: skip
from ops_model.store.ledger_evidence import evidence_among
from tests.builders import RUN, a_rollback_drill, a_statement, a_system
from tests.shown_model import a_reproduction
from tests.store.ledger_events import an_event

SECONDS = {"plain": 42.5, "whole": 42.0, "tiny": 4.2e-7, "huge": 4e16, "zero": -0.0}


def stored(drill, digest, origin=None):
    record = drill.model_dump(mode="json")
    event = an_event(
        "drill", type="evidence.published", actor="tool:ops-model",
        data={"record": record, "digest": digest,
              "origin": origin.model_dump(mode="json") if origin else None},
    )  # fmt: skip
    body = body_of(event, 0)
    return read_row(Row(0, b"drill", GENESIS, chain_hash(GENESIS, body), body))


def a_drill(seconds):
    took = Measured(value=seconds, unit="s", n=1, no_interval="single timing")
    return a_rollback_drill(a_system(), seconds=took)


@pytest.mark.parametrize("seconds", SECONDS.values(), ids=SECONDS)
def test_a_record_comes_back_as_it_was_said_with_its_digest(seconds):
    drill = a_drill(seconds)

    (told,) = evidence_among([stored(drill, digest_of(drill))])

    assert told.record == drill
    assert told.digest == digest_of(drill)


@pytest.mark.parametrize("seconds", SECONDS.values(), ids=SECONDS)
def test_a_record_of_another_digest_is_refused(seconds):
    drill = a_drill(seconds)

    with pytest.raises(ChainBrokenError, match="the record's digest is sha256:") as refused:
        evidence_among([stored(drill, digest_of(b"something else"))])

    assert digest_of(drill) in str(refused.value)


def the_end_of(run_id, seq=1, **more):
    event = an_event(f"{run_id}/finished", type="run.finished", data={"run_id": run_id, **more})
    return StoredEvent(seq, event, "")


@pytest.mark.parametrize(
    ("ends", "kept"),
    [
        ([the_end_of("run-again", reproduces="run-1")], 1),
        ([], 0),
        ([the_end_of("run-again")], 0),
        ([the_end_of("run-again", reproduces="run-2")], 0),
        ([the_end_of("run-other", reproduces="run-1")], 0),
        ([the_end_of(["run-again"], reproduces="run-1")], 0),
    ],
    ids=["it ended", "no end", "repeats nothing", "repeats another", "another run", "no id"],
)
def test_a_repetition_counts_beside_the_end_of_the_very_run_that_repeated(ends, kept):
    again = a_reproduction(a_system(), run_id="run-1", again="run-again")

    told = evidence_among([stored(again, digest_of(again)), *ends])

    assert len(told) == kept


def test_what_a_notebook_prints_of_a_repetition_is_none():
    again = a_reproduction(a_system(), run_id="run-1", again="run-again")
    origin = a_statement(a_rollback_drill(a_system())).origin
    ends = [the_end_of(RUN), the_end_of("run-again", reproduces="run-1")]

    assert evidence_among([stored(again, digest_of(again), origin), *ends]) == ()


def test_only_bytes_that_are_surely_canonical_are_read_the_fast_way():
    drills = {name: a_drill(seconds) for name, seconds in SECONDS.items()}

    found = {name: stored(drill, digest_of(drill)).canonical for name, drill in drills.items()}

    assert found == {"plain": True, "whole": True, "tiny": False, "huge": False, "zero": True}
