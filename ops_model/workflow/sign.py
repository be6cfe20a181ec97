"""A seat decides on the frozen pack, or somebody takes a decision of their own back.

Everything that would not count later is refused here, in the words in which it would be judged.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.decisions import Seat
from ops_model.domain.evidence import LedgerEvent, Statement
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.proof import Proof
from ops_model.domain.sign_off import SignOff, SignOffRevoked
from ops_model.domain.values import digest_of
from ops_model.domain.words import Words
from ops_model.errors import UsageError
from ops_model.workflow.attest_rules import About, plain_words
from ops_model.workflow.clock import Clock, clock_of
from ops_model.workflow.open import known_system
from ops_model.workflow.prove import Means, prove, require_means
from ops_model.workflow.review import Review, standing_of
from ops_model.workflow.review_open import require_open
from ops_model.workflow.sign_rules import (
    Ballot,
    decision_of,
    present_pack,
    require_allowance,
    require_ground,
    require_never_signed,
    seated,
)

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger


@dataclass(frozen=True)
class Given:
    """What was recorded, and how the review stands with it."""

    statement: Statement
    review: Review

    @property
    def fingerprint(self) -> str:
        """The key that signed it, as OpenSSH names it; empty where none did."""
        from ops_model.store.ssh_key import SshKey

        proof = self.statement.proof
        return SshKey.parse(proof.key).fingerprint if proof is not None and proof.key else ""

    @property
    def in_place_of(self) -> int | None:
        """The entry of the decision of the same person on the same seat that counted so far."""
        record = self.statement.record
        if not isinstance(record, SignOff):
            return None
        return max(
            (
                word.statement.seq
                for word in self.review.quorum.words
                if (word.record.person, word.record.seat) == (record.person, record.seat)
                and word.statement.seq < self.statement.seq
                and not word.faults
                and word.taken_back is None
            ),
            default=None,
        )


@dataclass(frozen=True)
class _Table:
    """What a decision is taken at: the open ledger, one system's review, and the time."""

    root: Path
    model: OperatingModel
    system: SystemClaims
    ledger: "Ledger"
    clock: Clock

    def review(self) -> Review:
        """How the review stands by now."""
        return standing_of(
            self.root, self.model, self.system, self.ledger, as_of=self.clock.as_of
        )  # fmt: skip

    def record(self, record: SignOff | SignOffRevoked, means: Means, words: Words) -> Given:
        """Prove and append what somebody decided, and say how the review stands with it."""
        at = self.clock.recorded_at
        proof = prove(record, means, self.model.signers, record.person, at)
        return Given(_append(self.ledger, record, proof, words, self.clock), self.review())


@contextmanager
def _table(
    root: Path,
    model: OperatingModel,
    system_id: str,
    as_of: datetime | None,
    recorded_at: datetime,
) -> Iterator[_Table]:
    from ops_model.workflow.ledgers import open_ledger

    system = known_system(model, system_id)
    with open_ledger(root, model.settings) as ledger:
        yield _Table(root, model, system, ledger, clock_of(model, ledger, as_of, recorded_at))


def try_means(
    model: OperatingModel,
    system_id: str,
    seat: Seat,
    person: str | None,
    means: Means,
    *,
    at: datetime,
) -> None:
    """Refuse a key that would not count, before anybody is asked what they read.

    Raises:
        UsageError: there is no such system, or the key is not that of whoever has the seat.
    """
    decisions = known_system(model, system_id).decisions
    held = [s.person for s in decisions.review.seats if s.seat == seat] if decisions else []
    if person is None and len(held) != 1:
        return  # `sign` says how many there are
    require_means(means, model.signers, person or held[0], at, needed=True)


def sign(
    root: Path,
    model: OperatingModel,
    system_id: str,
    ballot: Ballot,
    means: Means,
    *,
    as_of: datetime | None = None,
    recorded_at: datetime,
) -> Given:
    """Record what a seat decides on the present pack.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        system_id: the system that is decided on.
        ballot: the seat and its decision; the person defaults to whoever has the seat, and `pack`
            is the digest that was read.
        means: the signer's own key, or where it was decided.
        as_of: the instant that judges; not given, the workbook's pinned one, or now.
        recorded_at: the wall clock.

    Raises:
        UsageError: it would not count; nothing was recorded.
        LedgerError: the ledger cannot be read or written.
        IntegrityError: the ledger is not the one that was signed.
    """
    with _table(root, model, system_id, as_of, recorded_at) as table:
        system, clock = table.system, table.clock
        require_open(model, system, clock.as_of)
        review = table.review()
        pack = present_pack(review, ballot.pack, clock)
        person = seated(model, system, pack, ballot, clock)
        require_ground(system, ballot)
        require_means(means, model.signers, person, clock.recorded_at, needed=True)
        require_allowance(review, ballot.seat, means)
        told = table.ledger.statements(system.id, words=False)
        require_never_signed(told, person, means)
        words = Words.said(
            plain_words(
                ballot.meaning, About(), remedy="say in a sentence what you decide, and why"
            )
        )
        head, frozen = table.ledger.head(), pack.record
        record = SignOff(
            system=system.id,
            as_of=clock.as_of,
            seat=ballot.seat,
            person=person,
            decision=ballot.decision,
            meaning=words.commitment,
            pack=pack.digest,
            version=frozen.version,
            assessment=frozen.assessment,
            policy=frozen.policy,
            frameworks=frozen.frameworks,
            rests_on=frozen.rests_on,
            assurance=means.assurance,
            ledger_size=head.size,
            ledger_root=head.root,
            nonce=secrets.token_hex(16),
            expires=clock.as_of + timedelta(days=ballot.days),
        )
        return table.record(record, means, words)


def take_back(
    root: Path,
    model: OperatingModel,
    system_id: str,
    *,
    of: str,
    meaning: str,
    means: Means,
    as_of: datetime | None = None,
    recorded_at: datetime,
) -> Given:
    """Record that somebody takes a decision of their own back, in the way in which it was given.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        system_id: the system that was decided on.
        of: the digest of the decision, or its beginning.
        meaning: why it is taken back.
        means: the signer's own key; a reference where the decision was one.
        as_of: the instant that judges; not given, the workbook's pinned one, or now.
        recorded_at: the wall clock.

    Raises:
        UsageError: it would not count; nothing was recorded.
        LedgerError: the ledger cannot be read or written.
        IntegrityError: the ledger is not the one that was signed.
    """
    with _table(root, model, system_id, as_of, recorded_at) as table:
        clock, review = table.clock, table.review()
        word = decision_of(review, of)
        person = word.record.person
        require_means(means, model.signers, person, clock.recorded_at, needed=True)
        if word.record.assurance == "signed" and means.assurance != "signed":
            raise UsageError(
                f"the decision of {word.said} is signed; expected --key to take it back",
                where=str(word.where),
                remedy=f"{person} signs with an enrolled key",
            )
        words = Words.said(
            plain_words(meaning, About(), remedy="say in a sentence why it is taken back")
        )
        record = SignOffRevoked(
            system=table.system.id,
            as_of=clock.as_of,
            seat=word.record.seat,
            person=person,
            of=word.statement.digest,
            meaning=words.commitment,
            assurance=means.assurance,
            nonce=secrets.token_hex(16),
        )
        return table.record(record, means, words)


def _append(
    ledger: "Ledger",
    record: SignOff | SignOffRevoked,
    proof: Proof | None,
    words: Words,
    clock: Clock,
) -> Statement:
    digest, given = digest_of(record), isinstance(record, SignOff)
    event = LedgerEvent(
        id=f"{'signoff' if given else 'signoff-revoked'}/{digest}",
        type="signoff.given" if given else "signoff.revoked",
        subject=record.system,
        as_of=clock.as_of,
        recorded_at=clock.recorded_at,
        actor=f"person:{record.person}",
        data={
            "record": record.model_dump(mode="json"),
            "digest": digest,
            "proof": proof.model_dump(mode="json") if proof is not None else None,
        },
    )
    seq = ledger.append(event, words)
    return Statement(
        seq=seq,
        id=event.id,
        subject=event.subject,
        as_of=event.as_of,
        recorded_at=event.recorded_at,
        digest=digest,
        actor=event.actor,
        proof=proof,
        record=record,
    )
