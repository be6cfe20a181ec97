"""What shows that the model itself is in order: owners who know, seats that signed, reports."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from ops_model.check.sign_off import policy_digest
from ops_model.domain.assessment import Assessment
from ops_model.domain.decisions import Seat
from ops_model.domain.evidence import Attestation, OwnerKnowledge, Record
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.people import Function
from ops_model.domain.policy import Policy
from ops_model.domain.sign_off import PackSeat, ReviewPack, SignOff
from ops_model.domain.trials import Reproduction
from ops_model.domain.values import digest_of
from tests.builders import AS_OF, RUN, a_rollback_drill, an_attestation, refs_of

SEATED: dict[Seat, str] = {
    "product": "fay-product",
    "reliability": "bo-li",
    "compliance": "di-legal",
}
FUNCTIONS: dict[Seat, Function] = {
    "product": "product",
    "reliability": "reliability",
    "compliance": "legal",
}
FROZEN = ("version", "assessment", "policy", "frameworks", "rests_on")
"""What a sign-off repeats of its pack."""


def a_knowledge(system: SystemClaims, **changes: Any) -> Attestation:
    """The owner says what it is for, how it was trained, and every way in which it fails."""
    known = OwnerKnowledge(
        purpose="It tells gate staff whether a flight comes late.",
        training="On the flights of last winter, with the weather of each hour.",
        failure_modes=tuple(mode.id for mode in system.identity.failure_modes),
    )
    said = {"topic": "knowledge", "claims": refs_of(system, "identity"), "knowledge": known}
    return an_attestation(system, **{**said, **changes})


def an_attendance(system: SystemClaims, person: str, **changes: Any) -> Attestation:
    """Somebody was there when the rollback was rehearsed."""
    of = digest_of(a_rollback_drill(system))
    said = {"topic": "attendance", "person": person, "of": of, "claims": ()}
    return an_attestation(system, **{**said, "text": "I sat beside Ana and saw it.", **changes})


def a_pack(system: SystemClaims, **changes: Any) -> ReviewPack:
    """What the seats were to decide on, ten days ago: the version as it is, and the drill."""
    from tests.checks.judged import shipped_catalogue  # it builds on the builders

    register = shipped_catalogue().register
    values = {
        "system": system.id,
        "as_of": AS_OF - timedelta(days=10),
        "version": system.identity.version.digest(),
        "label": system.identity.version.label,
        "verdict": "READY",
        "assessment": digest_of(an_assessment(system)),
        "policy": policy_digest(Policy(), system.id),
        "frameworks": register.digest_on(AS_OF.date(), system),
        "rests_on": (digest_of(a_rollback_drill(system)),),
        "seats": tuple(
            PackSeat(seat=seat, person=person, function=FUNCTIONS[seat])
            for seat, person in SEATED.items()
        ),
        "builders": ("cy-data",),
        "by_reference": 1,
    }
    return ReviewPack(**{**values, **changes})


def a_sign_off(
    system: SystemClaims, seat: Seat = "product", *, pack: ReviewPack | None = None, **changes: Any
) -> SignOff:
    """A seat approved a pack, nine days ago; on the ledger its signature holds."""
    on = pack if pack is not None else a_pack(system)
    person = changes.get("person", SEATED[seat])
    values = {
        "system": system.id,
        "as_of": AS_OF - timedelta(days=9),
        "seat": seat,
        "person": person,
        "decision": "approve",
        "meaning": "I have read the pack and answer for my part of it.",
        "pack": digest_of(on),
        "assurance": "signed",
        **{name: getattr(on, name) for name in FROZEN},
        "expires": AS_OF + timedelta(days=100),
    }
    record = SignOff(**{**values, **changes})
    said = record.model_dump(mode="json", exclude={"nonce"})
    return record if record.nonce else record.model_copy(update={"nonce": digest_of(said)[7:39]})


def signed_by_all(system: SystemClaims, **frozen: Any) -> tuple[Record, ...]:
    """A pack and the approval of the three seats on it."""
    pack = a_pack(system, **frozen)
    return (pack, *(a_sign_off(system, seat, pack=pack) for seat in SEATED))


def signed_anew(system: SystemClaims, found: Iterable[Record], **frozen: Any) -> list[Record]:
    """Records, those of the review given on a pack with these changes instead."""
    kept = [r for r in found if r.kind not in {"review_pack", "sign_off"}]
    return [*kept, *signed_by_all(system, **frozen)]


def a_report(system: SystemClaims, **changes: Any) -> Assessment:
    """The assessment in the weekly report of yesterday."""
    values = {
        "system": system.id,
        "as_of": AS_OF - timedelta(days=1),
        "verdict": "READY",
        "verdict_without_waivers": "READY",
        "areas": {},
        "five_questions": (),
        "findings": (),
        "policy": digest_of(Policy()),
        "ledger_size": 40,
    }
    return Assessment(**{**values, **changes})


def an_assessment(system: SystemClaims, **changes: Any) -> Assessment:
    """The assessment that the seats were shown, a day before they signed."""
    return a_report(system, as_of=AS_OF - timedelta(days=10), **changes)


def a_reproduction(system: SystemClaims, **changes: Any) -> Reproduction:
    """A run of last month, executed again, with the same twelve records."""
    values = {
        "system": system.id,
        "as_of": AS_OF - timedelta(days=3),
        "run_id": RUN,
        "notebook": "05_drift_quality",
        "again": "run-again",
        "records": 12,
    }
    return Reproduction(**{**values, **changes})


def records(system: SystemClaims) -> tuple[Record, ...]:
    """What those checks ask to be shown."""
    return (
        a_knowledge(system),
        an_attendance(system, "bo-li"),
        an_assessment(system),
        *signed_by_all(system),
        a_report(system),
        a_reproduction(system),
    )
