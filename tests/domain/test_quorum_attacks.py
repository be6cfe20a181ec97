"""What whoever edits keys, policy or ledger tries on a review, and what comes of it."""

from datetime import timedelta

import pytest

from ops_model.check.api import Evidence
from ops_model.check.seen import seen
from ops_model.domain.policy import Policy
from ops_model.domain.proof import Proof
from ops_model.domain.quorum import judged
from ops_model.domain.sign_off import PackSeat
from ops_model.domain.signers import Signer
from ops_model.store.ledger_clocks import Clocks
from tests.builders import (
    AS_OF,
    a_rollback_drill,
    a_statement,
    a_system,
    an_attestation,
    signed_among,
)
from tests.shown_model import SEATED, a_pack, a_sign_off, an_assessment

SYSTEM = a_system()
PACK = a_pack(SYSTEM)
GROUND = (a_rollback_drill(SYSTEM), an_assessment(SYSTEM), PACK)
BY_REFERENCE = Proof(kind="reference", reference="GOV-118")
KEY = "ssh-ed25519 AAAA"
SIGNED = Proof(kind="sshsig", key=KEY, signature="x")


def told(*records, first=GROUND):
    return [a_statement(record, seq) for seq, record in enumerate((*first, *records), start=1)]


def state(quorum, seat="product"):
    return next(s for s in quorum.seats if s.seat == seat)


def no_go(statements, **more):
    """The refusal of product, signed with a key that is enrolled no more; it is entry 4."""
    word = a_sign_off(SYSTEM, pack=PACK, decision="no_go")
    refusal = a_statement(word, 4, proof=SIGNED)
    given = signed_among(statements) - {4}
    return judged([*told(), refusal, *statements], given, as_of=AS_OF, held=frozenset({4}), **more)


def later(seq, **changes):
    word = a_sign_off(SYSTEM, pack=PACK, as_of=AS_OF - timedelta(days=8), **changes)
    return a_statement(word, seq)


@pytest.mark.parametrize(
    ("signers", "why"),
    [
        ((), "its key is enrolled for nobody in allowed_signers"),
        ((Signer(person="fay-product", key=KEY, revoked=True),), "its key stands in revoked_keys"),
    ],
)
def test_a_refusal_stays_though_its_key_is_taken_away(signers, why):
    found = state(no_go([], signers=signers))

    assert found.standing == "refused"
    assert why in found.why[1]
    assert "a refusal stays until the seat decides anew" in found.why[1]


def test_such_a_refusal_ends_with_a_decision_that_counts_and_not_with_one_that_does_not():
    anew = later(5)
    refusal = a_statement(a_sign_off(SYSTEM, pack=PACK, decision="no_go"), 4, proof=SIGNED)
    entries = [*told(), refusal, anew]

    counts = judged(entries, frozenset({5}), as_of=AS_OF, held=frozenset({4, 5}))
    counts_not = judged(entries, frozenset(), as_of=AS_OF, held=frozenset({4}))

    assert state(counts).standing == "approved"
    assert state(counts_not).standing == "refused"


def test_a_refusal_that_no_key_signed_is_none():
    word = a_statement(a_sign_off(SYSTEM, pack=PACK, decision="no_go"), 4, proof=SIGNED)

    assert state(judged([*told(), word], frozenset(), as_of=AS_OF)).standing == "void"


def test_whoever_signed_here_once_decides_by_reference_no_more():
    word = a_sign_off(SYSTEM, pack=PACK, as_of=AS_OF - timedelta(days=8), assurance="referenced")
    signed = a_statement(a_sign_off(SYSTEM, pack=PACK), 4, proof=SIGNED)
    reference = a_statement(word, 5, proof=BY_REFERENCE)
    alone = judged([*told(), reference], frozenset(), as_of=AS_OF)

    quorum = judged([*told(), signed, reference], frozenset(), as_of=AS_OF, held=frozenset({4}))

    assert state(alone).standing == "approved"
    assert state(quorum).standing == "void"
    assert "has a key, which signed ledger:4, and decided without it" in quorum.words[-1].faults[0]


def test_whoever_has_a_key_only_later_has_decided_by_reference_before():
    word = a_sign_off(SYSTEM, pack=PACK, as_of=AS_OF - timedelta(days=8), assurance="referenced")
    reference = a_statement(word, 4, proof=BY_REFERENCE)
    signed = a_statement(an_attestation(SYSTEM, person=word.person), 5, proof=SIGNED)

    quorum = judged([*told(), reference, signed], frozenset(), as_of=AS_OF, held=frozenset({5}))

    assert state(quorum).standing == "approved"


def test_a_word_that_is_heard_no_more_still_says_who_had_a_key():
    """Whoever takes a key out of allowed_signers cannot decide by reference for its owner."""
    word = a_sign_off(SYSTEM, pack=PACK, as_of=AS_OF - timedelta(days=8), assurance="referenced")
    signed = an_attestation(SYSTEM, person=word.person, assurance="signed")
    entries = [
        *told(), a_statement(signed, 4, proof=SIGNED), a_statement(word, 5, proof=BY_REFERENCE)
    ]  # fmt: skip
    held = frozenset({4})
    evidence = seen(Evidence(tuple(entries), held=held), SYSTEM, AS_OF)

    alone = judged(entries, frozenset(), as_of=AS_OF, held=held)
    left_out_before = judged(
        evidence.statements, frozenset(), as_of=AS_OF, held=held, signing=evidence.signing
    )  # fmt: skip

    assert 4 not in {s.seq for s in evidence.statements}
    assert state(alone).standing == state(left_out_before).standing == "void"


def test_one_of_three_seats_is_always_signed():
    pack = a_pack(SYSTEM, by_reference=3)
    words = [
        a_statement(a_sign_off(SYSTEM, seat, pack=pack, assurance="referenced"), n,
                    proof=BY_REFERENCE)
        for n, seat in enumerate(SEATED, start=4)
    ]  # fmt: skip
    statements = [*told(first=(*GROUND[:2], pack)), *words]

    assert not judged(statements, frozenset(), as_of=AS_OF).complete
    loose = Policy.model_construct(seats_by_reference={"A": 3})
    assert loose.by_reference_at("A") == 2
    with pytest.raises(ValueError, match="less than or equal to 2"):
        Policy.model_validate({"seats_by_reference": {"A": 3}})


def test_what_is_only_declared_makes_a_decision_fall_and_never_stand_again():
    votes = [a_sign_off(SYSTEM, seat, pack=PACK) for seat in SEATED]
    bad = a_rollback_drill(SYSTEM, passed=False, as_of=AS_OF - timedelta(hours=9))
    good = a_rollback_drill(SYSTEM, as_of=AS_OF - timedelta(hours=3))

    def live(*records, declared):
        entries = told(*votes, *records)
        given = signed_among(entries)
        return judged(entries, given, as_of=AS_OF, declared=frozenset(declared)).complete

    assert live(bad, good, declared=())
    assert not live(bad, good, declared={8})
    assert not live(bad, declared={7})
    assert live(good, declared={7})


def test_what_was_only_declared_before_the_pack_was_frozen_makes_nothing_fall():
    """It was there to be read, and the pack rests on what was observed instead."""
    bad = a_rollback_drill(SYSTEM, passed=False, as_of=PACK.as_of)
    later = bad.model_copy(update={"as_of": PACK.as_of + timedelta(hours=1)})
    votes = [a_sign_off(SYSTEM, seat, pack=PACK) for seat in SEATED]

    def live(found):
        entries = told(*votes, first=(GROUND[0], found, *GROUND[1:]))
        return judged(
            entries, signed_among(entries), as_of=AS_OF, declared=frozenset({2})
        ).complete  # fmt: skip

    assert live(bad)
    assert not live(later)


def test_one_more_pack_makes_nothing_lighter():
    """It seats others, names no builder, and allows what the first one did not."""
    first = a_pack(SYSTEM, builders=("bo-li",), by_reference=0)
    no = a_sign_off(SYSTEM, pack=first, decision="no_go")
    others = tuple(
        PackSeat(seat=seat, person=person, function=function)
        for seat, person, function in (
            ("product", "gus-desk", "product"), ("reliability", "bo-li", "reliability"),
            ("compliance", "di-legal", "legal"),
        )
    )  # fmt: skip
    loose = a_pack(SYSTEM, seats=others, builders=(), by_reference=3,
                   as_of=AS_OF - timedelta(days=9, hours=12))  # fmt: skip
    at = AS_OF - timedelta(days=8)
    words = [
        a_sign_off(SYSTEM, held.seat, pack=loose, person=held.person, as_of=at) for held in others
    ]
    entries = told(no, loose, *words, first=(*GROUND[:2], first))

    quorum = judged(entries, signed_among(entries), as_of=AS_OF)

    assert state(quorum).standing == "refused"
    assert state(quorum, "reliability").standing == "void"


def test_what_is_asserted_of_whoever_has_a_key_is_nobodys():
    word = a_statement(
        an_attestation(SYSTEM, person="fay-product"), 4, actor="person:fay-product", origin=None
    )
    signer = Signer(person="fay-product", key=KEY)
    after = signer.model_copy(update={"valid_after": word.recorded_at + timedelta(days=1)})

    def counts(*signers):
        return seen(Evidence((word,)), SYSTEM, AS_OF, signers).statements == (word,)

    assert counts()
    assert not counts(signer)
    assert counts(after)


def test_a_clock_that_another_system_saw_is_seen():
    clocks = Clocks()
    for instant in ("2026-01-01T00:00:00Z", "2027-02-01T00:00:00Z", "2027-01-10T00:00:00Z", None):
        clocks.see(instant)

    assert {seq: f"{at:%Y-%m-%d}" for seq, at in clocks.behind.items()} == {
        2: "2027-02-01", 3: "2027-02-01"
    }  # fmt: skip
