"""What a deploy review decides on, what each seat decided, and what takes a decision back."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ops_model.domain.assessment import Verdict
from ops_model.domain.decisions import Seat
from ops_model.domain.evidence import Record
from ops_model.domain.people import Function
from ops_model.domain.scalars import Digest, Slug, Text
from ops_model.domain.values import Value

MOST_BY_REFERENCE = 2
"""Of the three seats, whatever a policy or a pack says: nobody can check a reference from here."""
Decision = Literal["approve", "approve_with_conditions", "no_go", "abstain"]


class PackSeat(Value):
    """Who may decide on a seat, and the function that they had when the pack was frozen."""

    seat: Seat
    person: Slug
    function: Function


class ReviewPack(Record):
    """What the seats decide on, frozen: the version, what it rests on, and who may decide.

    `version` is the digest of the version's eight members, `assessment` that of the assessment
    that was seen, `policy` and `frameworks` those of the policy and of the frameworks' status that
    it was judged by; `rests_on` are the digests of the latest statement about each subject.
    `builders` may not decide, and `by_reference` seats may be decided without a signature; no more
    than `MOST_BY_REFERENCE` of them count.
    """

    kind: Literal["review_pack"] = "review_pack"
    version: Digest
    label: str
    verdict: Verdict
    assessment: Digest
    policy: Digest
    frameworks: Digest
    rests_on: tuple[Digest, ...] = ()
    seats: tuple[PackSeat, ...] = ()
    builders: tuple[Slug, ...] = ()
    by_reference: Annotated[int, Field(ge=0, le=3)] = 0


class SignOff(Record):
    """One seat's decision on one pack, with what the pack froze, so that it is signed too.

    `meaning` is what the signer says that the decision means; on the ledger it is a commitment
    (`domain.words`). `ledger_size` and `ledger_root` are the ledger that the signer saw, and
    `nonce` makes two decisions of one person two. `assurance` is how it was given; whether its
    proof holds, and whether it counts, is judged and never stored.
    """

    kind: Literal["sign_off"] = "sign_off"
    seat: Seat
    person: Slug
    decision: Decision
    meaning: Text
    pack: Digest
    version: Digest
    assessment: Digest
    policy: Digest
    frameworks: Digest
    rests_on: tuple[Digest, ...] = ()
    assurance: Literal["asserted", "referenced", "signed"] = "asserted"
    ledger_size: int = 0
    ledger_root: str = ""
    nonce: str = ""
    expires: AwareDatetime


class SignOffRevoked(Record):
    """Somebody takes back a decision of their own; `of` is the digest of its record."""

    kind: Literal["sign_off_revoked"] = "sign_off_revoked"
    seat: Seat
    person: Slug
    of: Digest
    meaning: Text
    assurance: Literal["asserted", "referenced", "signed"] = "asserted"
    nonce: str = ""
