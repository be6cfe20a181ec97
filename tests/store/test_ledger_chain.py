"""One entry as bytes: canonical form, hashes, and what of it is believed."""

import hashlib

import pytest

from ops_model.store.ledger_chain import GENESIS, Row, body_of
from tests.store.ledger_events import an_event, chain_hash, row_problems


def a_row(body, seq=4, event_id=b"event/4"):
    return Row(seq, event_id, GENESIS, chain_hash(GENESIS, body), body)


def test_the_bytes_of_an_entry_are_canonical_json():
    event = an_event("event/4", data={"b": 1.0, "a": "ä"})

    body = body_of(event, 4)

    assert body.decode() == (
        '{"actor":"runner:ops-model","as_of":"2013-07-22T08:00:00Z","data":{"a":"ä","b":1},'
        '"id":"event/4","recorded_at":"2026-03-02T09:30:00Z","seq":4,"subject":"flight-delay",'
        '"type":"run.started","v":1}'
    )


def test_the_hash_is_over_the_previous_hash_and_the_leaf_each_with_its_own_first_byte():
    prev, body = b"\x11" * 32, b'{"id":"x"}'
    leaf = hashlib.sha256(b"\x00" + body).digest()

    assert chain_hash(prev, body) == hashlib.sha256(b"\x02" + prev + leaf).digest()


def test_an_instant_in_another_zone_gives_the_same_bytes():
    from datetime import datetime

    berlin = datetime.fromisoformat("2013-07-22T10:00:00+02:00")

    assert body_of(an_event(as_of=berlin), 0) == body_of(an_event(), 0)


def test_a_row_as_it_was_written_has_no_problem():
    assert row_problems(a_row(body_of(an_event("event/4"), 4))) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "cannot be read"),
        (b"{", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b'["id","event/4"]', "is no JSON object"),
        (b'{"id":"event/4","seq":4,"share":NaN,"subject":"s","type":"t"}', "holds NaN"),
        (b'{"id":"x","id":"event/4","seq":4,"subject":"s","type":"t"}', "holds a key twice"),
        (b'{"id":"event/5","seq":4,"subject":"s","type":"t"}', "its id is 'event/5'"),
        (b'{"id":"event/4","seq":5,"subject":"s","type":"t"}', "its number is 5"),
        (b'{"id":"event/4","subject":"s","type":"t"}', "its number is None"),
        (b'{"id":"event/4","seq":4,"type":"t"}', "subject is no text"),
        (b'{"id":"event/4","seq":4,"subject":"s","type":null}', "type is no text"),
    ],
)
def test_bytes_that_hash_well_but_say_nothing_sure_are_a_problem(body, said):
    assert said in "; ".join(row_problems(a_row(body)))


def test_a_row_of_other_bytes_than_were_hashed_is_a_problem():
    row = a_row(body_of(an_event("event/4"), 4))

    changed = Row(row.seq, row.event_id, row.prev, row.hash, row.body + b" ")

    assert row_problems(changed) == ["the entry's bytes do not give its hash"]
