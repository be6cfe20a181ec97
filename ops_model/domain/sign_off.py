"""What a seat of the deploy review decided, what it rested on, and what voids it."""

from typing import Literal

from pydantic import AwareDatetime

from ops_model.domain.decisions import Seat
from ops_model.domain.evidence import Record
from ops_model.domain.values import Digest, Slug, Text

Decision = Literal["approve", "approve_with_conditions", "no_go", "abstain"]


class SignOff(Record):
    """One seat's decision on one version.

    `version` is the digest of the version's eight members, `assessment` that of the assessment
    that was seen, `policy` and `frameworks` those of the policy and of the frameworks' status that
    it was judged by; `rests_on` are the digests of the statements that it relied on. `meaning` is
    what the signer says that the decision means. Whether it still holds is judged, never stored.
    """

    kind: Literal["sign_off"] = "sign_off"
    seat: Seat
    person: Slug
    decision: Decision
    meaning: Text
    version: Digest
    assessment: Digest
    policy: Digest
    frameworks: Digest
    rests_on: tuple[Digest, ...] = ()
    assurance: Literal["asserted", "referenced", "signed"] = "asserted"
    expires: AwareDatetime
