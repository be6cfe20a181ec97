"""What would change a verdict: what has to be closed for a better one, and what ends by itself.

The second is a forecast for a still world: the same claims and evidence, judged later. Whatever
is recorded or edited before then may change it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ops_model.check.question import FIVE_QUESTIONS
from ops_model.domain.assessment import Assessment, Finding, Verdict

SUMS_UP = frozenset({"RDY-01", "RDY-04", "RDY-05", "RDY-06", "EVD-03"})
"""Checks that only sum up others: they close by themselves once the others do."""
_FIVE = frozenset(check for _, checks in FIVE_QUESTIONS for check in checks)


@dataclass(frozen=True)
class Turn:
    """Another verdict, and what leads to it: checks and conditions to close, or an instant.

    Without `at` it is better, and takes that the `checks` close and the `conditions` are met; with
    it the verdict turns at that instant, because the passes or waivers of the `checks` end. `sums`
    stand in the way too, and close with the `checks` that alone leave them open.
    """

    to: Verdict
    checks: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    at: datetime | None = None
    sums: tuple[str, ...] = ()


def turns(assessment: Assessment) -> tuple[Turn, ...]:
    """The next better verdict, if there is one, then the next that time alone brings."""
    return (*_better(assessment), *_later(assessment))


def _better(assessment: Assessment) -> tuple[Turn, ...]:
    if assessment.verdict == "READY":
        return ()
    accepted = _own([f for f in assessment.findings if f.accepted])
    blocking = _own(assessment.blocking)
    after: Verdict = "CONDITIONAL" if accepted or assessment.open_conditions else "READY"
    if assessment.verdict == "DEMO ONLY":
        five = tuple(check for check in blocking if check in _FIVE)
        unasked = () if five else ("RDY-01",)
        rest = set(blocking) - set(five)
        return (Turn("NOT READY" if rest else after, five or unasked),)
    if assessment.verdict == "NOT READY":
        sums = tuple(f.check for f in assessment.blocking if f.check not in blocking)
        return (Turn(after, blocking, sums=sums),)
    return (Turn("READY", accepted, assessment.open_conditions),)


def _own(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The checks that somebody has to act on: a sum closes with what alone leaves it open."""
    here = {f.check for f in findings}
    return tuple(f.check for f in findings if not (f.through and here & set(f.through)))


def _later(assessment: Assessment) -> tuple[Turn, ...]:
    """What the end of the first pass or waiver brings, where it brings another verdict."""
    at = assessment.valid_until
    if at is None:
        return ()
    ends = [f.check for f in assessment.findings if f.carries and f.valid_until == at]
    ending = tuple(check for check in ends if check not in SUMS_UP) or tuple(ends)
    to: Verdict = "DEMO ONLY" if _FIVE & set(ending) else "NOT READY"
    worse = _ORDER.index(to) > _ORDER.index(assessment.verdict)
    return (Turn(to, ending, at=at),) if worse else ()


_ORDER: tuple[Verdict, ...] = ("READY", "CONDITIONAL", "NOT READY", "DEMO ONLY")
