"""A verdict in one sentence, and findings in the order in which somebody must deal with them."""

from collections.abc import Iterable
from dataclasses import dataclass

from ops_model.check.api import FIVE_QUESTIONS
from ops_model.check.turns import SUMS_UP
from ops_model.domain.evidence import Assessment, Finding
from ops_model.site import words

_ORDER = {"failed": 0, "errored": 0, "unknown": 0, "passed": 3, "not_applicable": 4}
_WAIVED, _INFORMS = 1, 2

_FIVE = {check for _, checks in FIVE_QUESTIONS for check in checks}


def by_weight(findings: Iterable[Finding]) -> list[Finding]:
    """In the order of their effect on the verdict: what blocks, waived, then what informs.

    What the portfolio finds wanting stands in no system's way; then come passed, not applicable.

    Among what blocks, the checks of the five questions come first, and those which only sum up
    others, last.
    """
    return sorted(findings, key=lambda f: (_rank(f), f.check))


@dataclass(frozen=True)
class ToDo:
    """One thing for one person to do. `found` are the findings that it settles, not empty.

    Findings that say the very same, as those do that one missing file leaves open, are one of
    `found`.
    """

    found: tuple[tuple[Finding, ...], ...]

    @property
    def first(self) -> Finding:
        """The finding that weighs most."""
        return self.found[0][0]

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that are left open until it is done."""
        return tuple(finding.check for same in self.found for finding in same)


def to_do(findings: Iterable[Finding]) -> list[ToDo]:
    """Findings as things to do, in their order; those with one remedy and one owner together."""
    things: dict[tuple[object, ...], dict[str, list[Finding]]] = {}
    for finding in findings:
        thing = things.setdefault((finding.remedy, finding.owner, finding.waived), {})
        thing.setdefault(finding.message, []).append(finding)
    return [ToDo(tuple(map(tuple, thing.values()))) for thing in things.values()]


def _rank(finding: Finding) -> tuple[int, int]:
    rank = _WAIVED if _waived(finding) else _ORDER[finding.status]
    if finding.open and not finding.blocks:
        rank = _INFORMS
    sums_up = 2 if finding.check in SUMS_UP else 1
    return rank, 0 if finding.check in _FIVE else sums_up


def _waived(finding: Finding) -> bool:
    return finding.waived and finding.blocks


def why(assessment: Assessment) -> str:
    """The reason for the verdict in one sentence that names what stands in the way."""
    waived = [f for f in assessment.findings if _waived(f)]
    match assessment.verdict:
        case "DEMO ONLY":
            return _unanswered(assessment)
        case "NOT READY":
            return _blocked(assessment)
        case "CONDITIONAL":
            names = _listed([f.check for f in waived]) or "a condition"
            return f"Nothing else stands in the way, but somebody answers for {names} by a waiver."
        case _:
            return _passed(assessment)


def at_a_glance(assessment: Assessment) -> str:
    """The reason for the verdict beside those of other systems: no check is told in full."""
    return in_short(assessment) if assessment.verdict == "NOT READY" else why(assessment)


def in_short(assessment: Assessment) -> str:
    """The reason for the verdict in numbers, where the page tells the rest below."""
    if assessment.verdict not in {"DEMO ONLY", "NOT READY"}:
        return why(assessment)
    asked = assessment.five_questions
    answered = sum(q.answered for q in asked)
    stands = words.plural(len(assessment.blocking), "check stands", "checks stand")
    questions = f"All {answered}" if answered == len(asked) else f"{answered} of {len(asked)}"
    return f"{questions} questions are answered; {stands} in the way."


def _passed(assessment: Assessment) -> str:
    informs = [f.check for f in assessment.findings if f.open]
    aside = f"; the portfolio finds something wanting ({_listed(informs)})" if informs else ""
    return f"Every check that applies passes, at the grade that the policy asks for{aside}."


def _unanswered(assessment: Assessment) -> str:
    asked = [q for q in assessment.five_questions if not q.answered]
    texts = " ".join(f"“{q.question}”" for q in asked)
    verb = "has" if len(asked) == 1 else "have"
    count = f"{len(asked)} of the {len(assessment.five_questions)} questions {verb} no answer"
    return f"{count}, which no other result makes up for: {texts}"


def _blocked(assessment: Assessment) -> str:
    said = [f"{f.message.rstrip('.')} ({f.check})" for f in by_weight(assessment.blocking)]
    asked = len(assessment.five_questions)
    count = words.plural(len(assessment.blocking), "check stands", "checks stand")
    told = _listed(said, most=2, between="; ")
    return f"All {asked} questions are answered, but {count} in the way: {told}."


def _listed(items: list[str], *, most: int = 4, between: str = ", ") -> str:
    rest = len(items) - most
    return between.join(items[:most]) + (f" and {rest} more" if rest > 0 else "")
