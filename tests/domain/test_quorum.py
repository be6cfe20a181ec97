"""Separation of duties: who decided what, whether it counts, and why not.

Signatures stand as given here (`signed`); that they hold is the matter of `store.signed`.
"""

from datetime import timedelta

import pytest

from ops_model.domain.proof import Proof
from ops_model.domain.quorum import judged
from ops_model.domain.sign_off import PackSeat, SignOffRevoked
from ops_model.domain.signers import Signer
from ops_model.domain.values import digest_of
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
SEEN = an_assessment(SYSTEM)
PACK = a_pack(SYSTEM)
GROUND = (a_rollback_drill(SYSTEM), SEEN, PACK)
BY_REFERENCE = Proof(kind="reference", reference="GOV-118")


def ledger(*records, first=GROUND, **spoiled):
    """The statements of these records; `spoiled` is what is changed on the ledger's last entry."""
    told = [a_statement(record, seq) for seq, record in enumerate((*first, *records), start=1)]
    return [*told[:-1], told[-1].model_copy(update=spoiled)]


def stands(statements, *, signed=None, as_of=AS_OF, signers=()):
    given = signed_among(statements) if signed is None else signed
    return judged(statements, given, as_of=as_of, signers=signers)


def votes(**changes):
    """The three approvals; `changes` by seat."""
    return [a_sign_off(SYSTEM, seat, pack=PACK, **changes.get(seat, {})) for seat in SEATED]


def state(quorum, seat="product"):
    return next(s for s in quorum.seats if s.seat == seat)


def seats(*held):
    return tuple(PackSeat(seat=s, person=p, function=f) for s, p, f in held)


THREE = (("product", "fay-product", "product"), ("reliability", "bo-li", "reliability"),
         ("compliance", "di-legal", "legal"))  # fmt: skip
TWELVE = [
    # what is so, the pack's changes, the votes as (seat, person, decision), may it go live
    ("three of three functions", {}, [(s, p, "approve") for s, p, _ in THREE], True),
    ("two of three", {}, [(s, p, "approve") for s, p, _ in THREE[:2]], False),
    ("nobody", {}, [], False),
    ("one builder among them", {"builders": ("bo-li",)},
     [(s, p, "approve") for s, p, _ in THREE], False),
    ("one person in two seats",
     {"seats": seats(THREE[0], ("reliability", "fay-product", "reliability"), THREE[2])},
     [("product", "fay-product", "approve"), ("reliability", "fay-product", "approve"),
      ("compliance", "di-legal", "approve")], False),
    ("a function that does not fit its seat",
     {"seats": seats(THREE[0], ("reliability", "bo-li", "product"), THREE[2])},
     [(s, p, "approve") for s, p, _ in THREE], False),
    ("somebody without a seat", {},
     [*((s, p, "approve") for s, p, _ in THREE[:2]), ("compliance", "flo-risk", "approve")],
     False),
    ("two approvals of one seat", {},
     [("product", "fay-product", "approve"), ("product", "fay-product", "approve"),
      ("reliability", "bo-li", "approve")], False),
    ("one refusal", {}, [*((s, p, "approve") for s, p, _ in THREE[:2]),
                         ("compliance", "di-legal", "no_go")], False),
    ("one abstention", {}, [*((s, p, "approve") for s, p, _ in THREE[:2]),
                            ("compliance", "di-legal", "abstain")], False),
    ("a refusal taken up again", {}, [("compliance", "di-legal", "no_go"),
                                      *((s, p, "approve") for s, p, _ in THREE)], True),
    ("an approval with conditions", {}, [*((s, p, "approve") for s, p, _ in THREE[:2]),
                                         ("compliance", "di-legal", "approve_with_conditions")],
     True),
]  # fmt: skip


@pytest.mark.parametrize(("case", "frozen", "given", "live"), TWELVE, ids=[c[0] for c in TWELVE])
def test_separation_of_duties(case, frozen, given, live):
    pack = a_pack(SYSTEM, **frozen)
    words = [
        a_sign_off(SYSTEM, seat, pack=pack, person=person, decision=decision,
                   as_of=AS_OF - timedelta(hours=200 - n))
        for n, (seat, person, decision) in enumerate(given)
    ]  # fmt: skip

    quorum = stands(ledger(*words, first=(a_rollback_drill(SYSTEM), SEEN, pack)))

    assert quorum.complete is live
    if live:
        assert len({s.found.record.person for s in quorum.seats}) == 3


def test_the_state_is_told_in_one_word():
    def told(*words):
        return stands(ledger(*words)).state

    assert stands(ledger(first=(a_rollback_drill(SYSTEM),))).state == "none"
    assert told() == "open"
    assert told(*votes()) == "approved"
    assert told(*votes(product={"decision": "approve_with_conditions"})) == (
        "approved_with_conditions"
    )
    assert told(*votes(product={"decision": "no_go"})) == "refused"
    later = a_rollback_drill(SYSTEM, passed=False, as_of=AS_OF - timedelta(days=1))
    assert told(*votes(), later) == "stale"


def test_a_decision_counts_only_when_its_signature_holds():
    statements = ledger(*votes())

    quorum = stands(statements, signed={s.seq for s in statements[:-1]})

    assert not quorum.complete
    assert state(quorum, "compliance").standing == "void"
    assert "is not one of a key that was enrolled" in state(quorum, "compliance").why[0]


def test_a_decision_that_is_only_asserted_never_counts():
    statements = ledger(*votes(compliance={"assurance": "asserted"}))

    assert (
        "nobody signed it, and it does not say where"
        in (state(stands(statements), "compliance").why[0])
    )


@pytest.mark.parametrize(("allowed", "live"), [(0, False), (1, False), (2, True)])
def test_no_more_seats_are_decided_by_reference_than_the_policy_allows(allowed, live):
    pack = a_pack(SYSTEM, by_reference=allowed)
    told = ledger(first=(a_rollback_drill(SYSTEM), SEEN, pack))
    for number, seat in enumerate(SEATED):
        how = "signed" if seat == "product" else "referenced"
        word = a_sign_off(SYSTEM, seat, pack=pack, assurance=how)
        proof = None if seat == "product" else BY_REFERENCE
        told.append(a_statement(word, 10 + number, proof=proof))

    quorum = stands(told)

    assert quorum.complete is live
    if not live:
        said = f"{allowed} of the seats may be decided by reference, and this is one more"
        assert state(quorum, "compliance").why == (said,)


def test_a_reference_that_says_nothing_and_one_of_whoever_has_a_key_do_not_count():
    word = a_sign_off(SYSTEM, pack=PACK, assurance="referenced")
    empty = ledger(word, proof=Proof(kind="reference", reference="  "))
    said = ledger(word, proof=BY_REFERENCE)
    key = Signer(person="fay-product", key="ssh-ed25519 AAAA")

    assert "does not say where it was decided" in state(stands(empty)).why[0]
    assert state(stands(said)).standing == "approved"
    assert "fay-product has an enrolled key" in state(stands(said, signers=[key])).why[0]


def test_what_is_given_again_counts_once():
    """The same record, or another with the same nonce, under an id of its own."""
    first = a_sign_off(SYSTEM, pack=PACK, nonce="one")
    back = SignOffRevoked(
        system=SYSTEM.id, as_of=AS_OF - timedelta(days=8), seat="product", person="fay-product",
        of=digest_of(first), meaning="I had not seen the drill.", assurance="signed",
    )  # fmt: skip
    same_nonce = a_sign_off(SYSTEM, pack=PACK, nonce="one", as_of=AS_OF - timedelta(days=7))

    again = stands(told_by_them(first, back, first))
    nonce = stands(told_by_them(first, back, same_nonce))

    for quorum in (again, nonce):
        assert state(quorum).standing == "void"
        assert "took it back" in state(quorum).why[0]
        assert [word.faults for word in quorum.words][-1] == ("it was given before, at ledger:4",)


def test_what_did_not_count_when_it_was_given_does_not_count_when_it_is_written_once_more():
    """Its key was enrolled only later; whoever wants it to count signs anew."""
    word = a_sign_off(SYSTEM, pack=PACK)
    told = ledger(word, word)

    quorum = stands(told, signed={told[-1].seq})

    assert state(quorum).standing == "void"
    assert "it was given before, at ledger:4" in state(quorum).why[0]


def told_by_them(*records):
    """Records on the ledger, each from the person whose word it is."""
    return [
        s.model_copy(update={"actor": f"person:{s.record.person}", "origin": None})
        if isinstance(s.record, SignOffRevoked)
        else s
        for s in ledger(*records)
    ]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"version": digest_of(b"other")}, "it names another version than its pack"),
        ({"rests_on": ()}, "it names another rests on than its pack"),
        ({"policy": digest_of(b"x"), "frameworks": digest_of(b"y")},
         "it names another policy and frameworks than its pack"),
        ({"pack": digest_of(b"never frozen")}, "the pack that it is on is not on record"),
        ({"as_of": AS_OF - timedelta(days=11)}, "it is older than its pack"),
        ({"ledger_size": 99}, "it saw 99 entries, and is entry 4"),
    ],
)  # fmt: skip
def test_a_decision_that_was_moved_to_another_ground_does_not_count(changes, why):
    quorum = stands(ledger(a_sign_off(SYSTEM, pack=PACK).model_copy(update=changes)))

    assert state(quorum).standing == "void"
    assert why in "; ".join(state(quorum).why)


def test_a_decision_on_another_system_or_of_another_day_than_its_entry_does_not_count():
    word = a_sign_off(SYSTEM, pack=PACK)

    moved = stands(ledger(word, subject="shelf-ranker"))
    ahead = stands(ledger(word, recorded_at=AS_OF - timedelta(days=30)))
    dated = stands(ledger(word, as_of=AS_OF))

    assert "it was given on flight-delay" in state(moved).why[0]
    assert "it is dated 2013-07-13, and was recorded on 2013-07-12" in state(ahead).why[0]
    assert "it is dated" in state(dated).why[0]


def test_a_pack_that_a_notebook_prints_is_none():
    told = ledger(*votes())
    printed = [
        s.model_copy(update={"actor": "run:1"}) if s.record is PACK or s.record == PACK else s
        for s in told
    ]

    assert stands(printed).pack is None
    assert not stands(printed).complete


def test_a_decision_ends_after_180_days_whatever_it_says():
    far = votes(product={"expires": AS_OF + timedelta(days=4000)})

    until = state(stands(ledger(*far))).until
    later = stands(ledger(*far), as_of=AS_OF + timedelta(days=172))

    assert until == AS_OF - timedelta(days=9) + timedelta(days=180)
    assert state(later).standing == "expired"


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ({}, "void"),
        ({"assurance": "asserted"}, "approved"),
        ({"person": "bo-li"}, "approved"),
        ({"seat": "compliance"}, "approved"),
        ({"of": digest_of(b"other")}, "approved"),
        ({"system": "shelf-ranker"}, "approved"),
    ],
)
def test_only_the_signer_takes_a_decision_back_with_a_signature(changes, standing):
    word = a_sign_off(SYSTEM, pack=PACK)
    values = {
        "system": SYSTEM.id, "as_of": AS_OF, "seat": "product", "person": "fay-product",
        "of": digest_of(word), "meaning": "I had not seen the drill.", "assurance": "signed",
    }  # fmt: skip
    back = SignOffRevoked(**{**values, **changes})
    told = told_by_them(word, back)
    told[-1] = told[-1].model_copy(update={"subject": SYSTEM.id})

    assert state(stands(told)).standing == standing


def test_a_refusal_that_was_taken_back_refuses_no_more():
    no = a_sign_off(SYSTEM, pack=PACK, decision="no_go")
    back = SignOffRevoked(
        system=SYSTEM.id, as_of=AS_OF, seat="product", person="fay-product", of=digest_of(no),
        meaning="The drill was repeated.", assurance="signed",
    )  # fmt: skip

    assert stands(told_by_them(no)).state == "refused"
    assert stands(told_by_them(no, back)).state == "open"


def test_who_turns_a_clock_back_before_refusing_still_refuses():
    """The ledger's order tells which word is the last."""
    yes = a_sign_off(SYSTEM, pack=PACK)
    no = a_sign_off(SYSTEM, pack=PACK, decision="no_go", as_of=AS_OF - timedelta(days=9, hours=12))

    assert state(stands(ledger(yes, no))).standing == "refused"
    assert state(stands(ledger(no, yes))).standing == "approved"


def test_without_a_workbook_the_newest_pack_says_what_stands_now():
    new = a_pack(SYSTEM, version=digest_of(b"v3"), as_of=AS_OF - timedelta(days=1))

    quorum = stands(ledger(*votes(), new))

    assert not quorum.complete
    assert "names another version" in state(quorum).why[0]


def test_a_word_that_it_rests_on_and_that_ends_makes_it_fall():
    word = an_attestation(SYSTEM, as_of=AS_OF - timedelta(days=20))
    pack = a_pack(SYSTEM, rests_on=(digest_of(word),))
    given = [a_sign_off(SYSTEM, seat, pack=pack) for seat in SEATED]
    told = ledger(*given, first=(word, SEEN, pack))

    assert stands(told).complete
    ended = stands(told, as_of=word.expires)
    assert not ended.complete
    assert "ended on" in ended.stale[0]
