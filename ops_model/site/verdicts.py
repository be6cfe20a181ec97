"""A verdict in one sentence, and findings in the order in which somebody must deal with them."""

from collections.abc import Iterable
from dataclasses import dataclass

from ops_model.check.question import FIVE_QUESTIONS
from ops_model.check.remedies import all_made_later, waits
from ops_model.check.steps import felt, urgency
from ops_model.check.turns import SUMS_UP
from ops_model.domain.assessment import Assessment, Finding
from ops_model.site import words

_ORDER = {"failed": 0, "errored": 0, "unknown": 0, "passed": 3, "not_applicable": 4}
_WAIVED, _INFORMS = 1, 2
_FIVE = {check for _, checks in FIVE_QUESTIONS for check in checks}


def by_weight(findings: Iterable[Finding]) -> list[Finding]:
    """In the order of their effect on the verdict: what blocks, waived, then what informs.

    What the portfolio finds wanting stands in no system's way; then come passed, not applicable.

    Among what blocks, the checks of the five questions come first; then what was seen to fail,
    what users feel before what may lie behind it, what is not known, what only sums up others, and
    last what no command can show yet.
    """
    return sorted(findings, key=lambda f: (_rank(f), not felt(f), f.check))


@dataclass(frozen=True)
class ToDo:
    """One thing for one person to do. `found` are the findings that it settles, not empty.

    Findings that say the very same, as those do that one missing file leaves open, are one of
    `found`. `waits` is true of what no command of this release can show, for whoever owns it.
    """

    found: tuple[tuple[Finding, ...], ...]
    remedy: str
    owners: tuple[str | None, ...]
    waits: bool = False

    @property
    def first(self) -> Finding:
        """The finding that weighs most."""
        return self.found[0][0]

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that are left open until it is done."""
        return tuple(finding.check for same in self.found for finding in same)


def to_do(findings: Iterable[Finding]) -> list[ToDo]:
    """Findings as things to do, those with one remedy and one owner together.

    In the order of `urgency`; of equals, as they were given. What no command can show yet is one.
    """
    things: dict[tuple[object, ...], dict[str, list[Finding]]] = {}
    for finding in findings:
        told = (finding.remedy, finding.owner, finding.waived)
        thing = things.setdefault(_WAITS if _awaits(finding) else told, {})
        thing.setdefault(finding.message, []).append(finding)
    made = [_thing(tuple(map(tuple, thing.values())), key) for key, thing in things.items()]
    return sorted(made, key=lambda thing: urgency([f for same in thing.found for f in same]))


_WAITS = ("waits",)


def _thing(found: tuple[tuple[Finding, ...], ...], key: tuple[object, ...]) -> ToDo:
    first = found[0][0]
    owners = tuple(dict.fromkeys(finding.owner for same in found for finding in same))
    checks = [finding.check for same in found for finding in same]
    several = key == _WAITS and len(checks) > 1
    remedy = all_made_later() if several else first.remedy
    return ToDo(found, remedy, owners, waits=key == _WAITS)


def _awaits(finding: Finding) -> bool:
    return finding.blocks and not finding.waived and waits(finding.remedy)


def _rank(finding: Finding) -> tuple[int, int]:
    rank = _WAIVED if _waived(finding) else _ORDER[finding.status]
    if finding.open and not finding.blocks:
        rank = _INFORMS
    if finding.check in _FIVE:
        return rank, 0
    if _awaits(finding):
        return rank, 4
    return rank, 3 if finding.check in SUMS_UP else 1 + (finding.status == "unknown")


def _waived(finding: Finding) -> bool:
    return finding.waived and finding.blocks


def why(assessment: Assessment) -> str:
    """The reason for the verdict in one sentence that names what stands in the way."""
    match assessment.verdict:
        case "DEMO ONLY":
            return _unanswered(assessment)
        case "NOT READY":
            return _blocked(assessment)
        case "CONDITIONAL":
            return f"Nothing else stands in the way, but {_answered_for(assessment)}."
        case _:
            return _passed(assessment)


def _answered_for(assessment: Assessment) -> str:
    """What is open and in no way: waived, switched off, or a condition that stands."""
    waived = [f.check for f in assessment.findings if _waived(f)]
    off = [f.check for f in assessment.findings if f.accepted and f.switched_off]
    conditions = list(assessment.open_conditions)
    said = [f"somebody answers for {_listed(waived)} by a waiver"] if waived else []
    said += [f"the policy does not ask {_listed(off)}"] if off else []
    # A waiver has a day; of conditions alone something has to be said.
    said += [f"a condition stands still ({_listed(conditions)})"] if conditions else []
    return ", and ".join(said)


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


def count_open(assessment: Assessment) -> str:
    """Every check that is not met, by what it does: `14 block, 3 are waived, 1 only informs`."""
    blocking = len(assessment.blocking)
    return ", ".join(
        [f"{blocking or 'none'} block{'' if blocking > 1 else 's'}", *_aside(assessment)]
    )


def aside(assessment: Assessment) -> str:
    """What is open beside the checks that block: `3 are waived, 1 only informs`, or nothing."""
    return ", ".join(_aside(assessment))


def _aside(assessment: Assessment) -> list[str]:
    waived = sum(_waived(f) for f in assessment.findings)
    off = sum(f.open and f.switched_off for f in assessment.findings)
    informs = sum(
        f.open and f.area == "portfolio" and not f.switched_off for f in assessment.findings
    )
    counts = (
        (waived, "is waived", "are waived"), (off, "is switched off", "are switched off"),
        (informs, "only informs", "only inform"),
    )  # fmt: skip
    return [f"{n} {one if n == 1 else many}" for n, one, many in counts if n]


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
