"""Which decisions on the ledger count as their seat's own: given by whom, on what, and how shown.

This needs the entries about one system and nothing of the workbook, so that whoever has an export
and the keys comes to the same answer. Whether a decision that counts still holds is another
question: see `domain.quorum`.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

from ops_model.domain.decisions import SEATS
from ops_model.domain.evidence import Statement
from ops_model.domain.sign_off import ReviewPack, SignOff, SignOffRevoked
from ops_model.domain.signers import REVOKED_FILE, Signer, keys_of, why_not_enrolled
from ops_model.domain.values import Where

TOOL = "tool:ops-model"
_FROZEN = ("version", "assessment", "policy", "frameworks", "rests_on")
"""What a decision repeats of its pack, so that it is signed too."""


@dataclass(frozen=True)
class Pack:
    """A review pack and the ledger entry that carries it."""

    record: ReviewPack
    statement: Statement

    @property
    def digest(self) -> str:
        """What the seats sign."""
        return self.statement.digest

    @property
    def where(self) -> Where:
        """The ledger entry."""
        return self.statement.place


@dataclass(frozen=True)
class Word:
    """One decision on the ledger, the pack it is on, and why it does not count.

    `taken_back` is the entry with which its own signer took it back. `unenrolled` is true when a
    key signed it, and all that is wrong is whose key that is by `allowed_signers` and
    `revoked_keys`: whoever edits these can take a vote away, and with it a refusal.
    """

    record: SignOff
    statement: Statement
    pack: Pack | None
    faults: tuple[str, ...] = ()
    taken_back: Statement | None = None
    unenrolled: bool = False

    @property
    def where(self) -> Where:
        """The ledger entry."""
        return self.statement.place

    @property
    def said(self) -> str:
        """Who decided, and when, as a sentence names it."""
        return f"{self.record.person} on {self.record.as_of.date()}"


@dataclass
class _Given:
    """What was given before, while the entries are gone through in their order."""

    digests: dict[str, Where] = field(default_factory=dict)
    nonces: dict[str, Where] = field(default_factory=dict)


@dataclass(frozen=True)
class _Keys:
    """What is known of signatures: the enrolled keys, whose hold, and who ever signed here.

    `signed` are the entries that were signed with a key of their person, `held` those that were
    signed with any key.
    """

    signers: Sequence[Signer]
    signed: AbstractSet[int]
    held: AbstractSet[int]
    signing: Mapping[str, int]


def recorded(statements: Sequence[Statement]) -> list[tuple[Statement, datetime]]:
    """Each statement with the latest clock that the ledger had seen by then, in its order.

    A clock that was set back makes no expired key good again.
    """
    found: list[tuple[Statement, datetime]] = []
    for statement in sorted(statements, key=lambda s: s.seq):
        own = max(statement.recorded_at, statement.clock or statement.recorded_at)
        found.append((statement, max(own, found[-1][1] if found else own)))
    return found


def packs_among(statements: Sequence[Statement], as_of: datetime) -> tuple[Pack, ...]:
    """The packs that the tool froze by an instant, oldest first.

    A notebook that prints a pack freezes none.
    """
    found = [
        Pack(s.record, s)
        for s in statements
        if isinstance(s.record, ReviewPack)
        and s.origin is None
        and s.actor == TOOL
        and s.record.system == s.subject
        and max(s.as_of, s.record.as_of) <= as_of
    ]
    return tuple(sorted(found, key=lambda pack: pack.statement.seq))


def words_among(
    statements: Sequence[Statement],
    signed: AbstractSet[int],
    *,
    as_of: datetime,
    signers: Sequence[Signer] = (),
    held: AbstractSet[int] = frozenset(),
    signing: Sequence[tuple[str, int]] = (),
) -> tuple[Word, ...]:
    """Every decision by an instant that the ledger has from its signer, oldest entry first.

    Args:
        statements: what is on the ledger about one system.
        signed: the numbers of the entries whose signature holds (`store.signed`).
        as_of: the instant that judges.
        signers: the enrolled keys; whoever has one decides with it, and by reference no more.
        held: the numbers of the entries that the key beside them signed, whosever it is.
        signing: who signed something that is not among the statements, and their first entry.
    """
    if not any(isinstance(s.record, SignOff) for s in statements):
        return ()
    here = signing_among(statements, signed | held)
    keys = _Keys(signers, signed, held, {**here, **dict(signing)})
    packs: dict[str, Pack] = {}
    for pack in packs_among(statements, as_of):
        packs.setdefault(pack.digest, pack)  # the same frozen twice was frozen the first time
    given = _Given()
    words = []
    for statement, at in recorded(statements):
        record = statement.record
        if not isinstance(record, SignOff) or statement.actor != f"person:{record.person}":
            continue
        if max(statement.as_of, record.as_of) > as_of:
            continue
        word = Word(record, statement, packs.get(record.pack))
        shown = tuple(_why_not_shown(word, keys, at))
        placed = (*_why_again(word, given), *_why_not_in_place(word, at), *_why_not_seated(word))
        faults = (*placed, *shown)
        # Also one that did not count: written once more it would, when its key is enrolled by now.
        given.digests.setdefault(statement.digest, word.where)
        if not faults and record.nonce:
            given.nonces[record.nonce] = word.where
        unenrolled = bool(shown) and not placed and statement.seq in held
        words.append(Word(record, statement, word.pack, faults, unenrolled=unenrolled))
    return _taken_back(words, statements, signed, as_of)


def signing_among(statements: Sequence[Statement], held: AbstractSet[int]) -> dict[str, int]:
    """Who signed something on this ledger, and the number of their first entry that is signed."""
    found: dict[str, int] = {}
    for statement in sorted(statements, key=lambda s: s.seq):
        if statement.seq in held and (said := statement.actor.removeprefix("person:")):
            found.setdefault(said, statement.seq)
    return found


def _why_not_shown(word: Word, keys: _Keys, at: datetime) -> Iterator[str]:
    """Why nothing shows that the signer decided this."""
    proof, how, person = word.statement.proof, word.record.assurance, word.record.person
    if how == "signed":
        if word.statement.seq not in keys.signed:
            yield _why_not_signed(word, keys, at)
    elif how == "referenced":
        if proof is None or proof.kind != "reference" or not proof.reference.strip():
            yield "it does not say where it was decided"
        elif keys_of(keys.signers, person, at):
            yield f"{person} has an enrolled key, and decided without it"
        elif (first := keys.signing.get(person, word.statement.seq)) < word.statement.seq:
            # Else whoever edits allowed_signers could decide for everybody in it.
            yield f"{person} has a key, which signed ledger:{first}, and decided without it"
    else:
        yield "nobody signed it, and it does not say where it was decided"


def _why_not_signed(word: Word, keys: _Keys, at: datetime) -> str:
    """What is wrong with a signature: it does not hold, or whose key it is."""
    proof = word.statement.proof
    if proof is not None and word.statement.seq in keys.held:
        why = why_not_enrolled(keys.signers, word.record.person, proof.key, at)
        if any(signer.key == proof.key and signer.revoked for signer in keys.signers):
            why = f"its key stands in {REVOKED_FILE}"
        if why:
            return why.replace("the key", "its key", 1)
    return "its signature is not one of a key that was enrolled for the signer by then"


def _why_not_in_place(word: Word, at: datetime) -> Iterator[str]:
    """Why a decision is not the one on its pack: moved there, edited, or dated out of order."""
    record, statement, pack = word.record, word.statement, word.pack
    if record.system != statement.subject:
        yield f"it was given on {record.system}"
    if pack is None:
        yield f"the pack that it is on is not on record: {record.pack[:19]}..."
    else:
        other = [n for n in _FROZEN if getattr(record, n) != getattr(pack.record, n)]
        if other:
            yield f"it names another {' and '.join(other).replace('_', ' ')} than its pack"
        if record.as_of < pack.record.as_of or statement.seq < pack.statement.seq:
            yield "it is older than its pack"
    if record.as_of != statement.as_of or record.as_of > at:
        yield f"it is dated {record.as_of.date()}, and was recorded on {at.date()}"
    if record.ledger_size > statement.seq:
        yield f"it saw {record.ledger_size} entries, and is entry {statement.seq}"


def _why_not_seated(word: Word) -> Iterator[str]:
    """Why the signer could not decide on that seat when the pack was frozen."""
    if word.pack is None:
        return
    record, pack = word.record, word.pack.record
    held = [s for s in pack.seats if (s.seat, s.person) == (record.seat, record.person)]
    if not held:
        yield f"{record.person} has no seat of {record.seat} in its pack"
    elif held[0].function not in SEATS[record.seat]:
        expected = " or ".join(sorted(SEATS[record.seat]))
        yield f"{record.person} worked in {held[0].function}; expected {expected}"
    if record.person in pack.builders:
        yield f"{record.person} is among those who built it"


def _why_again(word: Word, given: _Given) -> Iterator[str]:
    first = given.digests.get(word.statement.digest) or given.nonces.get(word.record.nonce)
    if first is not None:
        yield f"it was given before, at {first}"


def _taken_back(
    words: Sequence[Word],
    statements: Sequence[Statement],
    signed: AbstractSet[int],
    as_of: datetime,
) -> tuple[Word, ...]:
    back: dict[tuple[str, str, str], list[Statement]] = {}
    for statement in statements:
        record = statement.record
        if (
            isinstance(record, SignOffRevoked)
            and record.system == statement.subject
            and statement.actor == f"person:{record.person}"
            and max(statement.as_of, record.as_of) <= as_of
        ):
            back.setdefault((record.of, record.person, record.seat), []).append(statement)
    return tuple(_with_taking_back(word, back, signed) for word in words)


def _with_taking_back(
    word: Word, back: dict[tuple[str, str, str], list[Statement]], signed: AbstractSet[int]
) -> Word:
    """The word, with the first entry that takes it back in the way in which it was given."""
    key = (word.statement.digest, word.record.person, word.record.seat)
    for statement in sorted(back.get(key, ()), key=lambda s: s.seq):
        proof = statement.proof
        by_reference = (
            word.record.assurance == "referenced"
            and proof is not None
            and proof.kind == "reference"
            and bool(proof.reference.strip())
        )
        if statement.seq > word.statement.seq and (statement.seq in signed or by_reference):
            return replace(word, taken_back=statement)
    return word
