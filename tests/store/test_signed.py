"""What a person signs, and that it stands for this record, this pack and this person alone."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.sign_off import SignOffRevoked
from ops_model.domain.signers import NAMESPACE, Signer
from ops_model.domain.values import digest_of
from ops_model.domain.words import Words
from ops_model.store.ledger import Ledger
from ops_model.store.signed import bytes_to_sign, that_hold, why_not_signed
from tests.builders import AS_OF, a_statement, a_system, an_attestation
from tests.shown_model import a_pack, a_sign_off
from tests.store.review_histories import key
from tests.store.ssh_keys import verified

SYSTEM = a_system()
PERSON = "fay-product"
AT = datetime(2026, 5, 1, tzinfo=UTC)
MINE, THEIRS = key(0), key(1)
SIGNERS = (
    Signer(person=PERSON, key=MINE.public.text, namespaces=(NAMESPACE,)),
    Signer(person="bo-li", key=THEIRS.public.text, namespaces=(NAMESPACE,)),
)


def signed(record, by=MINE, **changes):
    """A record on the ledger with a signature of its stored form."""
    proof = by.sign(bytes_to_sign(record.model_dump(mode="json")))
    values = {
        "actor": f"person:{record.person}", "origin": None, "recorded_at": AT, "proof": proof
    }  # fmt: skip
    return a_statement(record, 4, **{**values, **changes})


def why(statement, signers=SIGNERS, at=AT):
    return why_not_signed(statement, signers, at)


SAID = [
    a_sign_off(SYSTEM),
    an_attestation(SYSTEM, person=PERSON, assurance="signed"),
    an_attestation(SYSTEM, person=PERSON, topic="access", action="rollback", claims=()),
    an_attestation(SYSTEM, person=PERSON, topic="witness", of=digest_of(b"drill"), claims=()),
    SignOffRevoked(system=SYSTEM.id, as_of=AS_OF, seat="product", person=PERSON,
                   of=digest_of(b"decision"), meaning="I was wrong."),
]  # fmt: skip


@pytest.mark.parametrize("record", SAID, ids=["sign-off", "claims", "access", "witness", "back"])
def test_every_word_of_a_person_can_be_signed(record):
    assert why(signed(record)) == ""


def test_the_bytes_are_an_in_toto_statement_in_dsse_as_other_tools_read_it():
    from google.protobuf.json_format import ParseDict
    from in_toto_attestation.v1.statement import Statement
    from in_toto_attestation.v1.statement_pb2 import Statement as Wire
    from securesystemslib.dsse import Envelope

    record = a_sign_off(SYSTEM).model_dump(mode="json")
    encoded = bytes_to_sign(record)
    payload = encoded.split(b" ", 4)[4]

    assert Envelope(payload, "application/vnd.in-toto+json", {}).pae() == encoded
    parsed = ParseDict(json.loads(payload), Wire())
    statement = Statement.copy_from_pb(parsed)
    statement.validate()
    assert dict(parsed.subject[0].digest) == {"sha256": record["pack"].removeprefix("sha256:")}


def test_openssh_itself_verifies_the_bytes(tmp_path):
    from ops_model.store.sshsig import SshSignature

    statement = signed(a_sign_off(SYSTEM))
    armor = SshSignature.of_base64(statement.proof.signature).armor
    message = bytes_to_sign(statement.record.model_dump(mode="json"))

    assert verified(tmp_path, armor, message, f"{PERSON} {MINE.public.text}\n", as_whom=PERSON)


def test_an_edit_of_any_field_shows():
    statement = signed(a_sign_off(SYSTEM))
    other = {"decision": "no_go", "seat": "compliance", "meaning": "x", "nonce": "y",
             "expires": AS_OF + timedelta(days=101), "ledger_size": 3}  # fmt: skip

    for name, value in other.items():
        record = statement.record.model_copy(update={name: value})
        edited = statement.model_copy(update={"record": record, "digest": digest_of(record)})
        assert "does not fit" in why(edited), name
        unnoticed = statement.model_copy(update={"record": record})
        assert why(unnoticed) == "the record is not the one that was stored", name


def test_a_signature_on_one_pack_is_none_on_another():
    here = signed(a_sign_off(SYSTEM))
    there = a_sign_off(SYSTEM, pack=a_pack(SYSTEM, label="v3"))

    assert "does not fit" in why(signed(there, proof=here.proof))


def test_mallory_s_key_and_mallory_s_name_are_not_alice_s():
    record = a_sign_off(SYSTEM)

    assert why(signed(record, by=THEIRS)) == "the key is that of bo-li, not of fay-product"
    assert "is enrolled for nobody" in why(signed(record, by=key(2)))
    assert why(signed(record, actor="person:bo-li")) == (
        "the ledger has it from person:bo-li, not from fay-product"
    )


def test_another_key_than_the_one_that_is_named_is_refused():
    statement = signed(a_sign_off(SYSTEM), by=THEIRS)
    named = statement.proof.model_copy(update={"key": MINE.public.text})

    assert why(statement.model_copy(update={"proof": named})) == (
        "the signature is of another key than the one that is named"
    )


def test_what_is_no_signature_is_none():
    statement = signed(a_sign_off(SYSTEM))
    broken = statement.proof.model_copy(update={"signature": "bm9uZQ=="})

    assert why(statement.model_copy(update={"proof": None})) == "no signature is beside it"
    assert "is no signature" in why(statement.model_copy(update={"proof": broken}))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"namespaces": ("git",)}, "the key is enrolled for git, and not for"),
        ({"valid_before": AT - timedelta(seconds=1)}, "the key was enrolled until"),
        ({"valid_after": AT + timedelta(seconds=1)}, "the key is enrolled only from"),
        ({"revoked": True}, "the key stands in revoked_keys"),
    ],
)
def test_a_key_that_was_not_enrolled_for_this_then_does_not_count(line, said):
    signers = [SIGNERS[0].model_copy(update=line), SIGNERS[1]]

    assert said in why(signed(a_sign_off(SYSTEM)), signers)


def test_a_clock_that_was_set_back_makes_no_expired_key_good_again():
    signers = [SIGNERS[0].model_copy(update={"valid_before": AT})]
    word = signed(a_sign_off(SYSTEM), recorded_at=AT - timedelta(hours=1))
    before = a_statement(a_pack(SYSTEM), 3, recorded_at=AT + timedelta(days=1))

    assert that_hold([word], signers) == {4}
    assert that_hold([before, word], signers) == frozenset()


@pytest.fixture
def ledger(tmp_path):
    with Ledger.open(tmp_path / "ledger.db", create=True) as opened:
        yield opened


def test_a_signature_verifies_with_the_words_without_them_and_after_they_were_erased(ledger):
    words = Words.said("I have read the pack and answer for my part.")
    record = a_sign_off(SYSTEM, meaning=words.commitment)
    plain = record.model_dump(mode="json")
    proof = MINE.sign(bytes_to_sign(plain))
    event = LedgerEvent(
        id="signoff/1", type="signoff.given", subject=SYSTEM.id, as_of=record.as_of,
        recorded_at=AT, actor=f"person:{PERSON}",
        data={"record": plain, "digest": digest_of(record),
              "proof": proof.model_dump(mode="json")},
    )  # fmt: skip
    ledger.append(event, words)

    (told,) = ledger.statements(SYSTEM.id)
    (bare,) = ledger.statements(SYSTEM.id, words=False)
    assert told.record.meaning == words.text
    assert bare.record.meaning == words.commitment
    assert that_hold([told], SIGNERS) == that_hold([bare], SIGNERS) == {0}

    gone = LedgerEvent(
        id="erased/1", type="payload.erased", subject=SYSTEM.id, as_of=record.as_of,
        recorded_at=AT, actor="person:bo-li", data={"words": words.commitment},
    )  # fmt: skip
    assert ledger.erase(words.commitment, gone)
    (after,) = ledger.statements(SYSTEM.id)
    assert after.record.meaning == words.commitment
    assert that_hold([after], SIGNERS) == {0}


def test_an_expired_key_signs_no_more_though_only_another_system_saw_the_time(ledger):
    def told(name, system, at, record, by=None):
        plain = record.model_dump(mode="json")
        data = {"record": plain, "digest": digest_of(record)}
        if by is not None:
            data["proof"] = by.sign(bytes_to_sign(plain)).model_dump(mode="json")
        kind, actor = ("signoff.given", f"person:{PERSON}") if by else (
            "evidence.published", "tool:ops-model")  # fmt: skip
        ledger.append(LedgerEvent(id=name, type=kind, subject=system, as_of=record.as_of,
                                  recorded_at=at, actor=actor, data=data))  # fmt: skip

    signers = [SIGNERS[0].model_copy(update={"valid_before": AT})]
    late, early = AT + timedelta(days=9), AT - timedelta(days=1)
    told("one", "shelf-ranker", late, a_pack(a_system("shelf-ranker")))
    told("two", "shelf-ranker", early, a_pack(a_system("shelf-ranker"), label="v9"))
    told("word", SYSTEM.id, early, a_sign_off(SYSTEM), MINE)

    (word,) = ledger.statements(SYSTEM.id)

    assert word.clock == late
    assert that_hold([word], signers) == frozenset()
    assert that_hold([word], SIGNERS) == {word.seq}


def test_a_record_that_leaves_out_its_defaults_is_signed_over_what_it_holds():
    record = an_attestation(SYSTEM, person=PERSON, claims=())
    plain = record.model_dump(mode="json")
    bare = {name: value for name, value in plain.items() if name not in {"of", "claims"}}

    assert bytes_to_sign(bare).startswith(b"DSSEv1")
