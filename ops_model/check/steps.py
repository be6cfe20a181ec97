"""Which gaps to close next: those that stand in the way of the most.

The one place that puts things to do in an order; the terminal and the pages keep to it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ops_model.check.question import FIVE_QUESTIONS
from ops_model.check.remedies import waits
from ops_model.check.turns import SUMS_UP
from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.evidence import Area

FELT = frozenset({"QLT-02", "QLT-04", "QLT-07", "RUL-01", "RUL-04", "SLO-02"})
"""Checks of what users get: where one fails somebody was answered badly, while a cause behind it,
as inputs that moved, may have cost nobody anything yet."""


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

    Findings with one remedy are one thing to do; see `urgency` for their order.
    """
    by_remedy: dict[str, list[Finding]] = {}
    # The portfolio informs, and stands in the way of no system.
    for finding in (f for f in assessment.blocking if f.area != "portfolio"):
        by_remedy.setdefault(finding.remedy or finding.message, []).append(finding)
    things = sorted(by_remedy.values(), key=lambda found: (urgency(found), found[0].check))
    return tuple(_step(found[0].remedy or found[0].message, found) for found in things[:most])


def urgency(findings: Sequence[Finding]) -> tuple[bool | int, ...]:
    """Where one thing to do stands among others, by the findings that it settles; smaller first.

    What is waived comes last, before it what nobody can do yet. A system without an owner needs
    one first, since nobody else is there to do the rest. Then come what stands in the way of more
    of the five questions, what does more than sum up others, what users feel, what is written down
    before what is rehearsed by it, and what closes more, in more areas.
    """
    checks = {finding.check for finding in findings}
    first = findings[0]
    return (
        first.waived,
        waits(first.remedy),
        not any(f.check == "OWN-01" and f.reason != "below_grade" for f in findings),
        -sum(bool(checks.intersection(asked)) for _, asked in FIVE_QUESTIONS),
        SUMS_UP.issuperset(checks),
        not any(map(felt, findings)),
        "`ops-model drill" in first.remedy,
        -len(_areas(findings)),
        -len(findings),
    )


def felt(finding: Finding) -> bool:
    """True of what was seen to go wrong where users notice it."""
    return finding.status == "failed" and finding.check in FELT


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
