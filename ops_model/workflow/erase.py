"""Forget what a person said: the words and their salt go, the entry and its hash stay.

What has been published stays where it is: pages that were built before, and copies of the ledger
that somebody keeps. The command says so.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.domain.evidence import LedgerEvent, Statement
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.scalars import Digest, Slug
from ops_model.domain.values import Value
from ops_model.domain.words import COMMITMENT, WORDS_OF
from ops_model.errors import UsageError
from ops_model.workflow.attest_rules import About, plain_words
from ops_model.workflow.attest_voice import require_person
from ops_model.workflow.ledgers import open_ledger
from ops_model.workflow.open import known_system

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger

_TOOL = "tool:ops-model"


class Erasable(Value):
    """Words that are still kept: which entry commits to them, whose they are, what they say."""

    seq: int
    kind: str
    person: Slug
    as_of: datetime
    words: Digest
    text: str


@dataclass(frozen=True)
class Erased:
    """What was done: which entries hold the commitment, and whether there were words to forget.

    `seq` is the first of them; more than one is a finding of `ops-model verify`.
    """

    seq: int
    subject: str
    there: bool
    also: tuple[int, ...] = ()


def erasable(root: Path, model: OperatingModel, system_id: str) -> tuple[Erasable, ...]:
    """The words that people said about a system and that are still kept.

    Raises:
        UsageError: there is no such system.
        LedgerError: the ledger cannot be read.
    """
    system = known_system(model, system_id)
    with open_ledger(root, model.settings, readonly=True) as ledger:
        told = ledger.statements(system.id)
    return tuple(_erasable(s, s.commitment) for s in told if s.commitment is not None)


def _erasable(statement: Statement, commitment: str) -> Erasable:
    said = statement.record.model_dump(mode="json")
    return Erasable(
        seq=statement.seq,
        kind=said["kind"],
        person=said["person"],
        as_of=statement.as_of,
        words=commitment,
        text=said[WORDS_OF[said["kind"]]],
    )


def erase(
    root: Path,
    model: OperatingModel,
    commitment: str,
    *,
    reason: str,
    person: str | None,
    as_of: datetime,
    recorded_at: datetime,
) -> Erased:
    """Forget the words of a commitment, and record that they were.

    A retry changes nothing, and makes good what an interrupted one left undone.

    Args:
        root: the workbook's folder.
        model: what was read from it.
        commitment: what stands in the entry in the place of the words.
        reason: why, in words that stay: 20 characters or more, without contacts.
        person: who asks for it, an id of people.yaml; None when nobody is named.
        as_of: the logical instant.
        recorded_at: the wall clock.

    Raises:
        UsageError: no entry commits to such words, or the reason cannot stand.
        LedgerError: the ledger cannot be written; or a copy stays in its log for now.
    """
    said = plain_words(reason, About(), remedy="say in a sentence why it is erased")
    by = require_person(model, person, as_of).id if person is not None else None
    if not COMMITMENT.fullmatch(commitment):
        raise UsageError(
            f"{commitment!r} is no commitment; expected sha256: and 64 hex digits",
            remedy="`ops-model erase --list SYSTEM` shows those that there are",
        )
    with open_ledger(root, model.settings) as ledger:
        (seq, subject), *others = _entries_of(ledger, commitment)
        event = LedgerEvent(
            id=f"erased/{commitment}",
            type="payload.erased",
            subject=subject,
            as_of=as_of,
            recorded_at=recorded_at,
            actor=f"person:{by}" if by is not None else _TOOL,
            data={"words": commitment, "of": seq, "reason": said},
        )
        there = ledger.erase(commitment, event)
        return Erased(seq, subject, there, tuple(number for number, _ in others))


def _entries_of(ledger: "Ledger", commitment: str) -> list[tuple[int, str]]:
    """The numbers and subjects of the entries that commit to these words, in their order."""
    from ops_model.store.ledger_chain import read_row
    from ops_model.store.ledger_words import commitment_in

    found = []
    for row in ledger.rows():
        if commitment.encode() in row.body:  # most entries need no reading
            stored = read_row(row)
            if commitment_in(stored.told()) == commitment:
                found.append((stored.seq, stored.event.subject))
    if not found:
        raise UsageError(
            f"no entry of the ledger commits to words by {commitment}",
            remedy="`ops-model erase --list SYSTEM` shows those that there are",
        )
    return found
