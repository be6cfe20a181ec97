"""Which gaps to close next: those that stand in the way of the most."""

from collections.abc import Iterable
from dataclasses import dataclass

from ops_model.check.api import FIVE_QUESTIONS
from ops_model.check.turns import SUMS_UP
from ops_model.domain.evidence import Area, Assessment, Finding


@dataclass(frozen=True)
class Step:
    """One thing to do, who does it, and what it opens; it may close several findings at once."""

    remedy: str
    owner: str | None
    checks: tuple[str, ...]
    questions: tuple[str, ...]
    areas: tuple[Area, ...]


def next_steps(assessment: Assessment, *, most: int = 3) -> tuple[Step, ...]:
    """The things to do that open the most, at most so many.

    Findings with one remedy are one thing to do. Those that stand in the way of more of the five
    questions come first, then those of more areas, then those that close more checks; checks that
    only sum up others (RDY) come last, since they close by themselves.
    """
    by_remedy: dict[str, list[Finding]] = {}
    # The portfolio informs, and stands in the way of no system.
    for finding in (f for f in assessment.blocking if f.area != "portfolio"):
        by_remedy.setdefault(finding.remedy or finding.message, []).append(finding)
    steps = [_step(remedy, found) for remedy, found in by_remedy.items()]
    return tuple(sorted(steps, key=_weight)[:most])


def _step(remedy: str, findings: list[Finding]) -> Step:
    checks = tuple(finding.check for finding in findings)
    return Step(
        remedy=remedy,
        owner=next((f.owner for f in findings if f.owner), None),
        checks=checks,
        questions=tuple(text for text, asked in FIVE_QUESTIONS if set(asked) & set(checks)),
        areas=_areas(findings),
    )


def _areas(findings: Iterable[Finding]) -> tuple[Area, ...]:
    return tuple(dict.fromkeys(finding.area for finding in findings))


def _weight(step: Step) -> tuple[int, bool, int, int, str]:
    sums_up = SUMS_UP.issuperset(step.checks)
    return (
        -len(step.questions), sums_up, -len(step.areas), -len(step.checks), step.checks[0],
    )  # fmt: skip
