"""Words that are on the ledger and count as nobody's, each with the real reason."""

from dataclasses import replace
from datetime import timedelta

from ops_model.check.context import Context
from ops_model.check.seen import seen
from ops_model.check.sign_off import quorum_of
from ops_model.domain.signers import Signer
from ops_model.domain.values import digest_of
from tests.builders import AS_OF, a_model, a_statement, a_system, an_attestation, an_evidence
from tests.shown_model import a_pack, a_sign_off, an_assessment

SYSTEM = a_system()
WORD = an_attestation(SYSTEM)
"""What ana-ruiz said on 17 July 2013 at 8, without a signature."""
ENTRY = a_statement(WORD, 7)
KEY = Signer(person="ana-ruiz", key="ssh-ed25519 AAAA")


def why(*signers, entry=ENTRY):
    """Why an entry counts as nobody's word; empty where it is heard."""
    told = seen(an_evidence(entry), SYSTEM, AS_OF, signers)
    assert len(told.statements) + len(told.unheard) == 1
    return next((why for _, why in told.unheard), "")


def test_a_key_that_counts_since_always_says_so_and_how_earlier_words_are_kept():
    assert why() == ""
    assert why(KEY) == (
        "the word of ana-ruiz at ledger:7 is not signed, and ana-ruiz has a key enrolled since "
        'always in allowed_signers; a line with valid-after="20130717080001Z" or later keeps what '
        "was said before"
    )


def test_the_line_that_is_named_keeps_the_word():
    after = WORD.as_of + timedelta(seconds=1)

    assert why(KEY.model_copy(update={"valid_after": after})) == ""


def test_a_key_that_was_enrolled_by_then_says_since_when():
    since = KEY.model_copy(update={"valid_after": WORD.as_of - timedelta(days=1)})

    assert why(since).endswith("ana-ruiz has a key enrolled since 2013-07-16T08:00:00Z")


def test_a_word_from_elsewhere_and_one_that_only_says_to_be_signed_are_told_apart():
    forged = ENTRY.model_copy(update={"actor": "person:cy-data"})
    signed = a_statement(an_attestation(SYSTEM, assurance="signed"), 1)
    unsigned = replace(an_evidence(signed), signed=frozenset())

    assert why(entry=forged).endswith("is on the ledger from person:cy-data")
    ((_, told),) = seen(unsigned, SYSTEM, AS_OF).unheard
    assert told.endswith("is not signed with a key that was enrolled for them")


def test_a_pack_that_rests_on_such_a_word_says_why_and_not_that_there_is_none():
    pack = a_pack(SYSTEM, rests_on=(digest_of(WORD),))
    given = an_evidence(WORD, an_assessment(SYSTEM), pack, a_sign_off(SYSTEM, pack=pack))
    model = a_model(SYSTEM).model_copy(update={"signers": (KEY,)})

    evidence = seen(given, SYSTEM, AS_OF, model.signers)
    stale = " ".join(quorum_of(Context(SYSTEM, model, evidence, AS_OF), max_age_days=90).stale)

    assert "ana-ruiz has a key enrolled since always" in stale
    assert "not on record" not in stale
