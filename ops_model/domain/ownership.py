"""Who is accountable for a system once it is live, who does what, and how that is handed on."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ops_model.domain.evidence import Attestation
from ops_model.domain.scalars import ByKey, CheckId, Day, Slug, Text
from ops_model.domain.values import Claim, ClaimFile, claim_digest


class Domains(Claim):
    """Who answers for reliability, cost and compliance of one system."""

    reliability: Slug | None = None
    cost: Slug | None = None
    compliance: Slug | None = None


DutyName = Literal[
    "feeding", "monitoring", "retraining_judgement", "cost_control", "policy_updates",
    "improvement",
]  # fmt: skip


class DutyAssignment(Claim):
    """Who does one of the standing duties, and who stands in."""

    primary: Slug
    deputy: Slug | None = None


class Seam(Claim):
    """The border between two teams, and the one person who owns what crosses it (S1.31)."""

    from_team: Slug
    to_team: Slug
    owner: Slug


Topic = Literal[
    "purpose", "training", "failure_modes", "runbook", "access", "open_risks", "vendor"
]  # fmt: skip


class HandoffItem(Claim):
    """One thing that was handed over, and what shows it."""

    topic: Topic
    evidence: Text


class Handoff(Claim):
    """From one owner to the next.

    That it was accepted, and that the incoming owner led the drill, is read from evidence: three
    attestations of this very text, and a drill performed by `incoming` by `effective`.
    """

    id: Slug
    outgoing: Slug
    incoming: Slug
    effective: Day
    items: tuple[HandoffItem, ...]
    drill: Literal["rollback", "fallback", "game_day"] = "rollback"

    @model_validator(mode="after")
    def _two_people(self) -> Self:
        if self.outgoing == self.incoming:
            msg = f"incoming is {self.incoming}, who is outgoing too; expected two people"
            raise ValueError(msg)
        return self

    def digest(self) -> str:
        """What those who accept it speak about."""
        return claim_digest(self)

    def parties(self, accountable: str) -> tuple[Slug, ...]:
        """Who has to accept it: outgoing, incoming, and who is accountable; each once."""
        return tuple(dict.fromkeys((self.outgoing, self.incoming, accountable)))


def acceptances(
    handoff: Handoff, words: Iterable[Attestation], *, at: datetime
) -> dict[Slug, Attestation]:
    """Who accepted this very text of a handoff, by their last word in date at `at`."""
    said = [w for w in words if w.topic == "handoff" and w.of == handoff.digest()]
    held = [w for w in said if w.as_of <= at < w.expires]
    return {w.person: w for w in sorted(held, key=lambda w: w.as_of)}


Phase = Literal["partner_led", "shared", "own_led"]


class LadderStep(Claim):
    """From when on a duty is led by whom, and which checks must have passed by then."""

    phase: Phase
    starts: Day
    exit_criteria: tuple[CheckId, ...] = ()


class Ladder(Claim):
    """How one duty passes from the partner to one's own people."""

    duty: DutyName
    steps: Annotated[tuple[LadderStep, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [step.starts for step in self.steps]
        if days != sorted(set(days)):
            msg = "steps do not start one after the other; expected each to start later"
            raise ValueError(msg)
        return self

    def phase_on(self, day: date) -> Phase | None:
        """The phase in force on a day; None before the first."""
        begun = [step.phase for step in self.steps if step.starts <= day]
        return begun[-1] if begun else None


class PartnershipReview(Claim):
    """Whether the partnership is still worth it (S2.17)."""

    due: Day
    value_evidence: Text | None = None
    decision: Literal["keep", "shrink", "end"] | None = None


class TransitionPlan(Claim):
    """Co-managed operation: a partner runs it while one's own people learn to (S2.16).

    `exception` explains a step back, where there is one.
    """

    partner_team: Slug
    ladders: tuple[Ladder, ...]
    reviews: tuple[PartnershipReview, ...] = ()
    exception: Text | None = None

    def own_led(self, day: date) -> tuple[int, int]:
        """How many duties are led by one's own people on a day, of how many."""
        phases = [ladder.phase_on(day) for ladder in self.ladders]
        return phases.count("own_led"), len(phases)


class Ownership(ClaimFile):
    """The file `ownership.yaml`. An owner may be written as a team id; OWN-01 then fails."""

    accountable: Slug
    deputy: Slug | None = None
    lifecycle_owner: Slug | None = None
    domains: Domains = Domains()
    duties: Annotated[Mapping[DutyName, DutyAssignment], ByKey] = {}
    seams: tuple[Seam, ...] = ()
    handoffs: tuple[Handoff, ...] = ()
    transition: TransitionPlan | None = None

    def handoff(self, handoff_id: str) -> Handoff | None:
        """The handoff of this id, or None."""
        return next((h for h in self.handoffs if h.id == handoff_id), None)
