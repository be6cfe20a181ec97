"""Which duties bind the system, which controls answer them, and what an auditor has asked."""

from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from ops_model.domain.jurisdictions import EUROPE, Jurisdiction
from ops_model.domain.scalars import AwareTime, Day, Flag, Slug, Text
from ops_model.domain.system import DataClass
from ops_model.domain.values import Claim, ClaimFile

FrameworkKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,62}$")]
"""A framework as `checks/frameworks.yaml` names it, such as `nist-ai-rmf-1.0`."""


Sector = Literal["bank", "other_financial", "other", "unknown"]
"""What supervisors tell apart: some frameworks speak to banks alone."""


class Sensitivity(Claim):
    """How sensitive the data is, who can reach the system, and how hard its word falls.

    `required_controls` follow from the three; SEC-01 asks for each.
    """

    data: DataClass
    exposure: Literal["internal", "partner", "public"]
    impact: Literal["low", "moderate", "high"]
    personal_data: Flag = False


class SecurityControl(Claim):
    """A safeguard that the sensitivity asks for, and what shows that it is in place."""

    id: Slug
    text: Text
    in_place: Flag
    evidence: Text | None = None
    owner: Slug


class ControlClaim(Claim):
    """That a control of a framework is served, by what, and who keeps it so.

    It is a hypothesis that a reviewer judges; ops-model says `supports`, and never more.
    """

    framework: FrameworkKey
    control: Text
    served_by: Text
    owner: Slug
    reviewed_by: Slug | None = None
    reviewed_on: Day | None = None


class LegalRole(Claim):
    """Where the law places the organisation; `unknown` is an answer that asks for counsel.

    `jurisdictions` are codes, such as DE, US or EU; none at all means that nobody said.
    """

    role: Literal["provider", "deployer", "both", "unknown"] = "unknown"
    risk_class: Literal["none", "limited", "high", "unknown"] = "unknown"
    sector: Sector = "unknown"
    jurisdictions: tuple[Jurisdiction, ...] = ()
    impact_assessment: Text | None = None
    appeal_path: Text | None = None

    @property
    def in_europe(self) -> bool | None:
        """Whether the law of the Union binds; None when no place is written."""
        return bool(EUROPE & set(self.jurisdictions)) if self.jurisdictions else None

    @property
    def high_risk_in_europe(self) -> bool | None:
        """True when both are so, False when one is not, None when that is not known."""
        if self.risk_class in {"none", "limited"} or self.in_europe is False:
            return False
        return True if self.in_europe and self.risk_class == "high" else None


class AuditQuestion(Claim):
    """What an auditor asked, when an answer is due, and what was answered."""

    id: Slug
    asked_by: Text
    asked_at: AwareTime
    due: Day
    question: Text
    owner: Slug
    answer: Text | None = None
    evidence: Text | None = None
    closed_at: AwareTime | None = None

    @model_validator(mode="after")
    def _closed_after_asked(self) -> Self:
        if self.closed_at is not None and self.closed_at < self.asked_at:
            msg = (
                f"closed_at {self.closed_at.isoformat()} is before asked_at "
                f"{self.asked_at.isoformat()}"
            )
            raise ValueError(msg)
        return self


class RuleChangeHandled(Claim):
    """What was decided when a framework's status changed; the change itself is in the register.

    `articles` names the part that changed, as the register does; none means the whole. A part
    whose day nobody knows has no `changed_on`; the decision is then what counsel said of it.
    """

    framework: FrameworkKey
    articles: Text | None = None
    changed_on: Day | None = None
    decided_by: Slug
    decided_on: Day
    decision: Text


class Compliance(ClaimFile):
    """The file `compliance.yaml`."""

    legal: LegalRole = LegalRole()
    sensitivity: Sensitivity | None = None
    security: tuple[SecurityControl, ...] = ()
    controls: tuple[ControlClaim, ...] = ()
    audit_questions: tuple[AuditQuestion, ...] = ()
    rule_changes: tuple[RuleChangeHandled, ...] = ()
