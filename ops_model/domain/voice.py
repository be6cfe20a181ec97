"""Who may say that a claim file is right: whoever answers for it by the present `ownership.yaml`.

A word is asked of its speaker twice: when it is given, and each time that it is judged.
"""

from collections.abc import Mapping

from ops_model.domain.evidence import Attestation, AttestationTopic
from ops_model.domain.operating_model import AREA_FILES, SystemClaims
from ops_model.domain.ownership import Ownership

OWNERS_WORD: frozenset[AttestationTopic] = frozenset({"ownership", "decisions", "knowledge"})
"""What only the accountable owner or the deputy can say: it makes their claims count for more."""
ABOUT_CLAIMS: frozenset[AttestationTopic] = OWNERS_WORD | {"claims"}
"""The topics that are about the text of claim files."""
DOMAIN_FILES: Mapping[str, frozenset[str]] = {
    "reliability": frozenset(
        {"on_call", "rollback", "fallback", "service_levels", "signals", "change", "incidents"}
    ),
    "cost": frozenset({"cost"}),
    "compliance": frozenset({"compliance"}),
}
"""The areas whose claims may be confirmed by the person who answers for a domain."""


def owners(ownership: Ownership) -> tuple[str, ...]:
    """The accountable owner and the deputy, as far as they are named."""
    return tuple(owner for owner in (ownership.accountable, ownership.deputy) if owner)


def domains_of(ownership: Ownership, person_id: str) -> tuple[str, ...]:
    """The domains that a person answers for."""
    return tuple(d for d in DOMAIN_FILES if getattr(ownership.domains, d) == person_id)


def area_of(file: str) -> str:
    """The area of a claim file, which is named relative to the system's folder."""
    named = {written: area for area, (written, _) in AREA_FILES.items()}
    return named.get(file, "incidents")


def may_still_say(system: SystemClaims, word: Attestation, file: str) -> bool:
    """Whether the speaker of a word about claims may say it of this file now.

    Owner and deputy may speak of every file, the holder of a domain of its files alone.
    """
    ownership = system.ownership
    if ownership is None or word.topic not in ABOUT_CLAIMS:
        return False
    if word.person in owners(ownership):
        return True
    held = domains_of(ownership, word.person)
    return word.topic == "claims" and any(area_of(file) in DOMAIN_FILES[d] for d in held)
