"""What is concluded from claims and evidence: findings, answers, and the verdict on a system."""

import sys
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import AwareDatetime

from ops_model.domain.evidence import Area, Grade, Measured, Record
from ops_model.domain.scalars import CheckId, Digest, Slug
from ops_model.domain.values import Value, Where

Status = Literal["passed", "failed", "unknown", "not_applicable", "errored"]
UnknownReason = Literal["missing", "expired", "too_few", "below_grade"]
Verdict = Literal["READY", "CONDITIONAL", "NOT READY", "DEMO ONLY"]


class NamedValue(Value):
    """A number that a finding speaks of."""

    name: str
    measured: Measured


_IN_EVERY_VERDICT = ("check", "slug", "area", "question", "status", "message", "remedy")


class Finding(Value):
    """One check's answer about one system, with what it looked at.

    `valid_until` is when a pass, a waiver or a switch-off ends by itself because something that it
    rests on expires; None when nothing does. `through` names the checks that alone leave a sum
    open; it is empty where the check found a gap of its own.
    """

    check: str
    slug: str
    revision: int
    area: Area
    question: str
    status: Status
    reason: UnknownReason | None = None
    grade: Grade
    minimum_grade: Grade
    message: str
    remedy: str = ""
    owner: Slug | None = None
    looked_at: tuple[Where, ...] = ()
    values: tuple[NamedValue, ...] = ()
    waived: bool = False
    switched_off: bool = False
    through: tuple[CheckId, ...] = ()
    valid_until: AwareDatetime | None = None

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """As another process sent it; a fleet's verdicts repeat the texts of the first."""
        super().__setstate__(state)
        held = self.__dict__
        for name in _IN_EVERY_VERDICT:
            held[name] = sys.intern(held[name])

    @property
    def accepted(self) -> bool:
        """True when it is open and somebody answers for that: by a waiver, or a switch-off."""
        return self.open and self.area != "portfolio" and (self.waived or self.switched_off)

    @property
    def carries(self) -> bool:
        """True when the verdict rests on it.

        Not on the portfolio, which informs, nor on a pass of what the policy switched off.
        """
        return self.area != "portfolio" and (self.open or not self.switched_off)

    @property
    def blocks(self) -> bool:
        """True when it stands in the way, a waiver aside.

        The portfolio informs only, and so does a check that the policy switched off.
        """
        return self.area != "portfolio" and not self.switched_off and self.open

    @property
    def open(self) -> bool:
        """True when its question is not answered as it should be, whether that blocks or not."""
        return self.status in {"failed", "unknown", "errored"}


class FiveQuestion(Value):
    """One of the five questions and its answer, generated from findings, never typed."""

    question: str
    answered: bool
    answer: str
    evidence: tuple[Where, ...] = ()


AreaStatus = Literal["passed", "waived", "failed", "unknown", "errored", "not_applicable"]


class Assessment(Record):
    """The verdict on one system: a pure function of claims, evidence, policy and `as_of`.

    `frameworks` is the digest of the status of the frameworks that may speak to the system, and
    `open_conditions` are the conditions of the deploy review that stand in decisions.yaml still.
    """

    kind: Literal["assessment"] = "assessment"
    verdict: Verdict
    verdict_without_waivers: Verdict
    areas: Mapping[Area, AreaStatus]
    five_questions: tuple[FiveQuestion, ...]
    findings: tuple[Finding, ...]
    policy: Digest
    frameworks: Digest | None = None
    open_conditions: tuple[Slug, ...] = ()
    ledger_size: int
    valid_until: AwareDatetime | None = None

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that stand in the way and are not waived."""
        return tuple(f for f in self.findings if f.blocks and not f.waived)
