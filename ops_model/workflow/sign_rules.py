"""What a decision on a review pack has to be, so that it counts: refused before it is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass

from ops_model.domain.decisions import SEATS, ReviewSeat, Seat
from ops_model.domain.evidence import Statement
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.quorum import DEFAULT_DAYS, MOST_DAYS
from ops_model.domain.said import Pack, Word, signing_among
from ops_model.domain.sign_off import Decision
from ops_model.domain.signers import SIGNERS_FILE
from ops_model.domain.values import iso_utc
from ops_model.errors import UsageError
from ops_model.workflow.attest_voice import require_person
from ops_model.workflow.clock import Clock
from ops_model.workflow.prove import Means
from ops_model.workflow.review import Review

FEWEST_DIGITS = 12
"""How much of a digest names a pack or a decision."""


@dataclass(frozen=True)
class Ballot:
    """What a seat says: see `sign`."""

    seat: Seat
    decision: Decision
    meaning: str
    person: str | None = None
    pack: str | None = None
    days: int = DEFAULT_DAYS


def present_pack(review: Review, named: str | None, clock: Clock) -> Pack:
    """The pack that may be decided on.

    Raises:
        UsageError: there is none, or another one was read, or it is stale.
    """
    pack, again = review.pack, f"run `ops-model review {review.system.id}`, and read what it shows"
    if named is not None and not _names(named, pack.digest):
        raise UsageError(
            f"--pack names {named}; the present one is {pack.digest}",
            where=str(pack.where),
            remedy=f"{again}, and name its digest, or {FEWEST_DIGITS} digits of it or more",
        )
    if review.stale_because:
        raise UsageError(
            f"the pack is stale: {'; '.join(review.stale_because)}",
            where=str(pack.where),
            remedy="; ".join([*review.first, f"then {again}"]) if review.first else again,
        )
    if clock.as_of < pack.record.as_of:
        raise UsageError(
            f"as of {iso_utc(clock.as_of)} is before the pack was frozen on "
            f"{iso_utc(pack.record.as_of)}",
            remedy="leave --as-of out",
        )
    return pack


def _names(given: str, digest: str) -> bool:
    """True for a digest, or for enough of its beginning."""
    digits = given.removeprefix("sha256:")
    return len(digits) >= FEWEST_DIGITS and digest.removeprefix("sha256:").startswith(digits)


def seated(
    model: OperatingModel, system: SystemClaims, pack: Pack, ballot: Ballot, clock: Clock
) -> str:
    """Whose decision it is.

    Raises:
        UsageError: nobody, or somebody who may not sit there.
    """
    named = [held.person for held in pack.record.seats if held.seat == ballot.seat]
    if ballot.person is None and len(named) != 1:
        raise UsageError(
            f"{len(named)} people have the seat of {ballot.seat}: {', '.join(named) or 'nobody'}",
            where=_review_place(system),
            remedy="name who decides with --person" if named else "the owner fills the seat",
        )
    person = ballot.person or named[0]
    at_work = require_person(model, person, clock.as_of)
    if model.settings.as_of is None:
        require_person(model, person, clock.recorded_at)
    now = [held.person for held in _seats(system) if held.seat == ballot.seat]
    if person not in now:
        raise UsageError(
            f"{person} has not the seat of {ballot.seat}; expected {' or '.join(now) or 'nobody'}",
            where=_review_place(system),
            remedy="let whoever has the seat decide, or the owner gives it to somebody else",
        )
    if person not in named:
        raise UsageError(
            f"{person} has the seat of {ballot.seat} only since the pack was frozen",
            where=str(pack.where),
            remedy=f"run `ops-model review {system.id} --anew`, which seats {person}",
        )
    if person in {*pack.record.builders, *model.builders(system)}:
        raise UsageError(
            f"{person} is among those who built {pack.record.label}; expected somebody else",
            where=str(system.identity.version.place_of("trained_by")),
            remedy="the owner gives the seat to somebody who did not build it",
        )
    if at_work.function not in SEATS[ballot.seat]:
        raise UsageError(
            f"{person} works in {at_work.function}; the seat of {ballot.seat} expects "
            f"{' or '.join(sorted(SEATS[ballot.seat]))}",
            where=str(at_work.where),
            remedy="the owner gives the seat to somebody of that function",
        )
    return person


def _seats(system: SystemClaims) -> tuple[ReviewSeat, ...]:
    return system.decisions.review.seats if system.decisions is not None else ()


def _review_place(system: SystemClaims) -> str:
    decisions = system.decisions
    return str(decisions.place_of("review") if decisions else system.missing_file("decisions"))


def require_ground(system: SystemClaims, ballot: Ballot) -> None:
    """Refuse a term beyond the longest, and conditions that nobody wrote down.

    Raises:
        UsageError: it is so.
    """
    if not 1 <= ballot.days <= MOST_DAYS:
        raise UsageError(
            f"it shall hold {ballot.days} days; expected 1 to {MOST_DAYS}",
            remedy="decide again when it has ended",
        )
    conditions = system.decisions.review.conditions if system.decisions is not None else ()
    if ballot.decision == "approve_with_conditions" and not conditions:
        raise UsageError(
            "it is approved with conditions, and decisions.yaml holds none",
            where=_review_place(system),
            remedy="the owner writes each condition under `review`, with owner and day",
        )


def require_allowance(review: Review, seat: Seat, means: Means) -> None:
    """Refuse one more seat by reference than the policy allows.

    Raises:
        UsageError: it is one.
    """
    if means.assurance != "referenced":
        return
    allowed = review.pack.record.by_reference
    others = [
        state.seat
        for state in review.quorum.seats
        if state.seat != seat
        and state.standing == "approved"
        and state.found is not None
        and state.found.record.assurance == "referenced"
    ]
    if len(others) >= allowed:
        told = f" ({', '.join(others)} is)" if others else ""
        tier = review.system.identity.tier
        raise UsageError(
            f"{allowed} of the seats may be decided by reference at tier {tier}{told}; expected a "
            "signature",
            where="policy.yaml",
            remedy="sign with --key; `seats_by_reference` in policy.yaml says how many may be so",
        )


def decision_of(review: Review, of: str) -> Word:
    """The decision that stands under a digest.

    Raises:
        UsageError: there is none, or it does not count.
    """
    found = [word for word in review.quorum.words if _names(of, word.statement.digest)]
    if not found:
        raise UsageError(
            f"no decision on {review.system.id} has the digest {of}",
            remedy=f"`ops-model review {review.system.id} --json` names the digest of each",
        )
    word = found[0]
    back = ("it was taken back before",) if word.taken_back is not None else word.faults
    if back:
        raise UsageError(
            f"the decision of {word.said} does not count: {'; '.join(back)}",
            where=str(word.where),
            remedy="there is nothing to take back",
        )
    return word


def require_never_signed(statements: Sequence[Statement], person: str, means: Means) -> None:
    """Refuse a decision by reference of somebody who signed something about this system before.

    Raises:
        UsageError: it is one.
    """
    from ops_model.store.signed import signed_by_any

    if means.assurance != "referenced":
        return
    first = signing_among(statements, signed_by_any(statements)).get(person)
    if first is not None:
        raise UsageError(
            f"{person} has a key, which signed ledger:{first}; expected --key with its file",
            where=f"ledger:{first}",
            remedy=f"sign with --key; when the key is lost, have somebody else enrol another in "
            f"{SIGNERS_FILE}",
        )
