"""Reading evidence back: each record gives its digest, whichever way its bytes are read."""

import pytest

from ops_model.domain.evidence import Measured
from ops_model.domain.values import canonical_bytes, digest_of
from ops_model.errors import ChainBrokenError, IntegrityError, LedgerError
from ops_model.store.ledger_chain import GENESIS, Row, StoredEvent, body_of, read_row
from ops_model.store.ledger_evidence import evidence_among
from tests.builders import RUN, a_rollback_drill, a_statement, a_system
from tests.shown_model import a_reproduction
from tests.store.ledger_events import an_event, chain_hash, row_problems

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


def test_the_record_of_an_entry_stands_beside_it_as_bytes():
    drill = a_drill(42.5)

    entry = stored(drill, digest_of(drill))

    assert entry.record == canonical_bytes(drill)
    assert entry.told() == drill.model_dump(mode="json")
    assert "record" not in entry.event.data


def entry_of(body):
    return read_row(Row(0, b"drill", GENESIS, chain_hash(GENESIS, body), body))


def a_body():
    drill = a_drill(42.5)
    record = canonical_bytes(drill)
    event = an_event(
        "drill", type="evidence.published", actor="tool:ops-model",
        data={"record": drill.model_dump(mode="json"), "digest": digest_of(drill)},
    )  # fmt: skip
    return body_of(event, 0), record, digest_of(drill).encode()


FORGED = {
    "a key behind the record": lambda record: record + b',"z":1',
    "a record twice": lambda record: record + b',"record":' + record,
    "a record in the record's place, and it further in": lambda record: (
        b'null,"z":{"a":1,"record":' + record + b"}"
    ),
    "a record that ends the entry early": lambda record: record + b'},"id":"drill"',
    "no object": lambda record: b'"' + record.hex().encode() + b'"',
    "no JSON": lambda record: record[:-1] + b",}",
    "half of a character": lambda record: record[:-1] + b',"z":"\\ud800"}',
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("again", [True, False], ids=["of all bytes", "of the record"])
def test_bytes_that_only_look_like_a_record_are_never_believed(forge, again):
    body, record, digest = a_body()
    forged = forge(record)
    said = digest_of(forged).encode() if again else digest
    body = body.replace(b'"record":' + record, b'"record":' + forged).replace(digest, said)

    try:
        told = evidence_among([entry_of(body)])
    except (ChainBrokenError, IntegrityError, LedgerError):
        return

    assert [canonical_bytes(statement.record) for statement in told] in ([], [record])
    assert [statement.digest for statement in told] in ([], [digest.decode()])


def test_a_key_that_stands_twice_in_a_record_is_found_by_whoever_verifies():
    body, record, digest = a_body()
    forged = record[:-1] + b',"kind":"rollback_drill"}'
    body = body.replace(record, forged).replace(digest, digest_of(forged).encode())

    found = row_problems(Row(0, b"drill", GENESIS, chain_hash(GENESIS, body), body))

    assert found == ["the entry's bytes cannot be read: holds a key twice"]

    with pytest.raises(ChainBrokenError, match="the entry's record cannot be read: holds a key"):
        entry_of(body).told()
