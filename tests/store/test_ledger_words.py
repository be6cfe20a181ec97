"""Words of people beside the ledger: kept, put back, changed, erased."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.values import digest_of
from ops_model.domain.words import Words
from ops_model.errors import LedgerError
from ops_model.store.ledger import Ledger, verify_ledger
from tests.store.ledger_events import (
    AS_OF,
    RECORDED,
    SYSTEM,
    an_attestation,
    an_event,
    as_appended,
    as_owner,
    attested,
)

SAID = "I was there, and I saw the old version answer."


def a_word(text=SAID, event_id="attestation/1"):
    """What somebody said, as an event that commits to it, and the words."""
    words = Words.said(text)
    return attested(an_attestation(text=words.commitment), event_id), words


def an_erasure(words):
    return LedgerEvent(
        id=f"erased/{words.commitment}", type="payload.erased", subject=SYSTEM, as_of=AS_OF,
        recorded_at=RECORDED, actor="tool:ops-model",
        data={"words": words.commitment, "reason": "asked for by the person"},
    )  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(path):
    with Ledger.open(path, create=True) as opened:
        yield opened


def problems(path):
    return [str(problem) for problem in verify_ledger(path).problems]


def everywhere(path):
    """All bytes of the ledger's file and of what SQLite keeps beside it."""
    return b"".join(f.read_bytes() for f in sorted(path.parent.glob(f"{path.name}*")))


def test_an_entry_holds_a_commitment_and_the_words_lie_beside_it(ledger):
    event, words = a_word()
    ledger.append(event, words)

    (stored,) = ledger.events()

    assert SAID not in as_appended(stored).model_dump_json()
    assert stored.told()["text"] == words.commitment
    assert ledger.words_of(words.commitment) == SAID
    assert ledger.verify().problems == ()


def test_statements_hold_the_words_or_the_commitments_and_the_digest_is_that_of_the_stored_form(
    ledger,
):
    event, words = a_word()
    ledger.append(event, words)

    (told,), (sealed,) = ledger.statements(SYSTEM), ledger.statements(SYSTEM, words=False)

    assert (told.record.text, told.commitment) == (SAID, words.commitment)
    assert (sealed.record.text, sealed.commitment) == (words.commitment, None)
    assert told.digest == sealed.digest == digest_of(sealed.record) == event.data["digest"]


def test_words_that_their_entry_does_not_commit_to_are_refused_with_it(ledger):
    event, _ = a_word()

    with pytest.raises(LedgerError, match="does not commit to its words"):
        ledger.append(event, Words.said("Something else entirely."))

    assert ledger.size() == 0


@pytest.mark.parametrize("salt", ["", "zz", "0" * 63])
def test_words_with_a_salt_that_is_none_are_refused(ledger, salt):
    event, _ = a_word()

    with pytest.raises(LedgerError, match="32 bytes of salt"):
        ledger.append(event, Words(text=SAID, salt=salt))

    assert ledger.size() == 0


def test_words_beside_an_event_that_holds_none_are_refused(ledger):
    with pytest.raises(LedgerError, match="does not commit to its words"):
        ledger.append(an_event(), Words.said(SAID))


def test_the_same_words_under_the_same_id_are_the_same_entry_whatever_their_salt(ledger):
    first, again = a_word(), a_word()
    ledger.append(*first)

    assert ledger.append(*again) == 0
    assert ledger.append(*first) == 0
    assert ledger.size() == 1
    assert ledger.words_of(first[1].commitment) == SAID
    assert ledger.words_of(again[1].commitment) is None


def test_other_words_under_the_same_id_are_refused(ledger):
    ledger.append(*a_word())

    with pytest.raises(LedgerError, match="is there already with other content"):
        ledger.append(*a_word("I was not there at all, and saw nothing."))


def test_erased_words_are_gone_and_the_ledger_says_so_and_verifies(ledger, path):
    event, words = a_word()
    ledger.append(event, words)

    assert ledger.erase(words.commitment, an_erasure(words))

    (statement,) = ledger.statements(SYSTEM)
    assert ledger.words_of(words.commitment) is None
    assert statement.record.text == words.commitment
    assert [s.event.type for s in ledger.events()] == ["attestation.given", "payload.erased"]
    assert problems(path) == []


def test_erasing_again_changes_nothing(ledger):
    event, words = a_word()
    ledger.append(event, words)
    ledger.erase(words.commitment, an_erasure(words))
    before = ledger.head()

    assert not ledger.erase(words.commitment, an_erasure(words))
    assert ledger.head() == before


def test_an_entry_whose_words_were_erased_can_be_appended_again_without_bringing_them_back(ledger):
    event, words = a_word()
    ledger.append(event, words)
    ledger.erase(words.commitment, an_erasure(words))

    assert ledger.append(event, words) == 0
    assert ledger.words_of(words.commitment) is None


def test_no_byte_of_erased_words_stays_in_the_files_and_all_others_do(ledger, path):
    # So many and so unlike in length that pages are split, merged and moved.
    said = [a_word(f"<{n}> " + f"word-{n:03}-" * (1 + n * 7 % 90), f"a/{n}") for n in range(120)]
    for event, words in said:
        ledger.append(event, words)
    gone, kept = said[::3], [s for n, s in enumerate(said) if n % 3]
    assert all(words.text.encode() in everywhere(path) for _, words in gone[:2])

    for _, words in gone:
        ledger.erase(words.commitment, an_erasure(words))

    left = everywhere(path)
    for event, words in gone:
        number = int(event.id.removeprefix("a/"))
        assert f"<{number}>".encode() not in left
        assert f"word-{number:03}-".encode() not in left
        assert bytes.fromhex(words.salt) not in left
    assert [ledger.words_of(words.commitment) for _, words in kept] == [w.text for _, w in kept]
    assert problems(path) == []


def test_a_reader_who_keeps_an_old_page_alive_is_told_and_the_retry_finishes(ledger, path):
    event, words = a_word()
    ledger.append(event, words)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("BEGIN")
        raw.execute("SELECT count(*) FROM payload").fetchall()

        with pytest.raises(LedgerError, match="the log beside the file still holds a copy"):
            ledger.erase(words.commitment, an_erasure(words))

        assert ledger.words_of(words.commitment) is None
        assert SAID.encode() in everywhere(path)

    ledger.erase(words.commitment, an_erasure(words))

    assert SAID.encode() not in everywhere(path)


def test_what_is_no_commitment_cannot_be_erased(ledger):
    _, words = a_word()

    with pytest.raises(LedgerError, match="is no commitment"):
        ledger.erase("sha256:abc", an_erasure(words))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payload SET bytes = CAST('I was never there, and saw nothing.' AS BLOB)",
        "UPDATE payload SET salt = zeroblob(32)",
        "UPDATE payload SET bytes = x'ff'",
    ],
)
def test_words_that_were_changed_are_found_at_their_entry_and_never_shown(tmp_path, statement):
    path = tmp_path / "ledger.db"
    with Ledger.open(path, create=True) as ledger:
        event, words = a_word()
        ledger.append(an_event())
        ledger.append(event, words)
    as_owner(path, statement)

    assert problems(path) == ["ledger:1: the words of entry 1 are not those that were said"]
    with Ledger.open(path) as ledger:
        (told,) = ledger.statements(SYSTEM)
        assert told.record.text == words.commitment


def test_words_that_vanished_without_having_been_erased_are_found(tmp_path):
    path = tmp_path / "ledger.db"
    with Ledger.open(path, create=True) as ledger:
        ledger.append(*a_word())
    as_owner(path, "DELETE FROM payload")

    assert problems(path) == [
        "ledger:0: the words of entry 0 are gone, and no entry says that they were erased"
    ]


def test_words_that_no_entry_names_and_words_that_came_back_are_found(tmp_path):
    path = tmp_path / "ledger.db"
    event, words = a_word()
    other = Words.said("Said by nobody at all.")
    with Ledger.open(path, create=True) as ledger:
        ledger.append(event, words)
        ledger.erase(words.commitment, an_erasure(words))
    put = "INSERT INTO payload VALUES (?, ?, ?)"
    as_owner(path, *((put, row_of(w)) for w in (words, other)))

    assert problems(path) == [
        "ledger:1: the words that were erased here are there again",
        f"ledger: holds words that no entry names: {other.commitment}",
    ]


def row_of(words):
    commitment = bytes.fromhex(words.commitment.removeprefix("sha256:"))
    return commitment, bytes.fromhex(words.salt), words.text.encode()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payload SET bytes = x'00'",
        "REPLACE INTO payload SELECT commit_hash, zeroblob(32), bytes FROM payload",
        "INSERT INTO payload SELECT commit_hash, salt, bytes FROM payload WHERE true "
        "ON CONFLICT DO UPDATE SET bytes = x'00'",
    ],
)
def test_a_statement_that_would_change_words_is_refused(tmp_path, statement):
    path = tmp_path / "ledger.db"
    with Ledger.open(path, create=True) as ledger:
        ledger.append(*a_word())

    with (
        closing(sqlite3.connect(path, isolation_level=None)) as raw,
        pytest.raises(sqlite3.IntegrityError),
    ):
        raw.execute(statement)

    assert problems(path) == []


def test_the_latest_clock_is_the_largest_ever_recorded(ledger):
    assert ledger.latest_recorded() is None

    for number, days in enumerate((0, 3, 1)):
        ledger.append(an_event(f"e/{number}", recorded_at=RECORDED + timedelta(days=days)))

    assert ledger.latest_recorded() == RECORDED + timedelta(days=3)
