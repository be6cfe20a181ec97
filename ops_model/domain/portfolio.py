"""All systems together: pilots, what became of them, and how much the organisation can operate."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ops_model.domain.scalars import Day, Slug, Text
from ops_model.domain.system import AISystem
from ops_model.domain.values import Claim, ClaimFile, Money

STRANDED_AFTER = timedelta(days=180)
"""How long a pilot that met its targets may wait before it counts as stranded (S3.2)."""


class StallReason(Claim):
    """Why nothing moves, since when and until when."""

    code: Literal[
        "no_owner", "no_operators", "security", "legal", "budget", "data_access", "integration",
        "reorganisation", "priority", "other",
    ]  # fmt: skip
    text: Text
    starts: Day
    ends: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends is not None and self.ends < self.starts:
            msg = f"ends {self.ends} is before starts {self.starts}"
            raise ValueError(msg)
        return self


class Pilot(Claim):
    """One pilot: what it had to reach, what it reached, where it lies, what holds it up.

    `cost_basis` says what `cost_to_close` pays for, and for how long.
    """

    system: Slug
    targets: tuple[Text, ...]
    ended_on: Day | None = None
    targets_met_on: Day | None = None
    value_evidence: Text | None = None
    location: Literal["laptop_notebook", "dark_flag", "sandbox", "test_env", "production"]
    decide_by: Day | None = None
    stall_reasons: tuple[StallReason, ...] = ()
    cost_to_close: Money | None = None
    cost_basis: Text | None = None


PilotOutcome = Literal["RUNNING", "SHIPPED", "PASSED", "STRANDED", "TECH_FAILED"]


class Portfolio(ClaimFile):
    """The file `portfolio.yaml`; a number of operators that nobody wrote is not known."""

    operators_fte: Annotated[Decimal, Field(ge=0)] | None = None
    wip_limit: Annotated[int, Field(ge=0)] = 3
    ceiling_per_day: Money | None = None
    ceiling_override: Text | None = None
    pilots: tuple[Pilot, ...] = ()

    def pilot(self, system_id: str) -> Pilot | None:
        """The pilot of a system, or None when it is none."""
        return next((p for p in self.pilots if p.system == system_id), None)


def outcome_of(pilot: Pilot, system: AISystem | None, *, at: datetime) -> PilotOutcome:
    """What became of a pilot at an instant: a rule, not an opinion (S3.1).

    Whoever serves users has shipped. A pilot that ended without meeting its targets has failed
    technically. One that met them waits, and is stranded after 180 days.
    """
    day = at.date()
    if system is not None and system.in_production_at(at):
        return "SHIPPED"
    if pilot.targets_met_on is None or pilot.targets_met_on > day:
        ended = pilot.ended_on is not None and pilot.ended_on <= day
        return "TECH_FAILED" if ended else "RUNNING"
    return "STRANDED" if day - pilot.targets_met_on >= STRANDED_AFTER else "PASSED"
