"""Which words on the ledger are those of whom they name; the others are nobody's.

One pure rule for the workbook and for whoever has an export and the keys, so that the two never
disagree: checks, pages and packs hear by it, and so does `domain.quorum`.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ops_model.domain.evidence import Attestation, Statement
from ops_model.domain.said import recorded, signing_among
from ops_model.domain.signers import SIGNERS_FILE, Signer, keys_of
from ops_model.domain.values import iso_utc


@dataclass(frozen=True)
class Heard:
    """What counts of the ledger about one system at an instant, oldest entry first.

    `unheard` are the digests of the words that are nobody's, each with why. `signing` is who
    signed something by then, and their first such entry: also a word that is not heard any more.
    """

    statements: tuple[Statement, ...]
    unheard: tuple[tuple[str, str], ...]
    signing: tuple[tuple[str, int], ...]


def heard_among(
    statements: Sequence[Statement],
    signed: AbstractSet[int],
    *,
    as_of: datetime,
    signers: Sequence[Signer] = (),
    held: AbstractSet[int] = frozenset(),
) -> Heard:
    """What of the ledger about one system counts at an instant.

    A word that is not on the ledger as its speaker's own is nobody's: a notebook that prints an
    attestation says nothing, and neither does one that says to be signed and is not. What is
    only asserted of somebody who had an enrolled key by then may be anybody's, so it is nobody's.

    Args:
        statements: what is on the ledger about the system, up to some entry.
        signed: the numbers of the entries whose signature holds (`store.signed`).
        as_of: the instant that judges.
        signers: the enrolled keys.
        held: the numbers of the entries that the key beside them signed, whosever it is.
    """
    clocks = {s.seq: at for s, at in recorded(statements)} if signers else {}
    mine = sorted(
        (s for s in statements
         if s.subject == s.record.system and max(s.as_of, s.record.as_of) <= as_of),
        key=lambda s: s.seq,
    )  # fmt: skip
    whys = {s.seq: _why_nobodys(s, signed, signers, clocks) for s in mine}
    return Heard(
        tuple(s for s in mine if not whys[s.seq]),
        tuple((s.digest, whys[s.seq]) for s in mine if whys[s.seq]),
        tuple(signing_among(mine, signed | held).items()),
    )


def _why_nobodys(
    statement: Statement,
    signed: AbstractSet[int],
    signers: Sequence[Signer],
    clocks: Mapping[int, datetime],
) -> str:
    """Why a word is not that of whom it names; empty where it is, and for what nobody says."""
    word = statement.record
    if not isinstance(word, Attestation):
        return ""
    named = f"the word of {word.person} at {statement.place}"
    if statement.actor != f"person:{word.person}":
        return f"{named} is on the ledger from {statement.actor}"
    if word.assurance == "signed":
        mine = statement.seq in signed
        return "" if mine else f"{named} is not signed with a key that was enrolled for them"
    at = clocks.get(statement.seq, statement.recorded_at)
    keys = keys_of(signers, word.person, at)
    return f"{named} is not signed, and {_had_a_key(keys, at)}" if keys else ""


def _had_a_key(keys: Sequence[Signer], at: datetime) -> str:
    """Since when somebody has a key; where that is always, how what was said before is kept.

    A line without `valid-after` says that the key was there before anything was said.
    """
    always = next((key for key in keys if key.valid_after is None), None)
    if always is None:
        since = min(key.valid_after for key in keys if key.valid_after is not None)
        return f"{keys[0].person} has a key enrolled since {iso_utc(since)}"
    after = f"{at.astimezone(UTC) + timedelta(seconds=1):%Y%m%d%H%M%S}Z"
    return (
        f"{always.person} has a key enrolled since always in {SIGNERS_FILE}; a line with "
        f'valid-after="{after}" or later keeps what was said before'
    )
