"""What stops the go-live of a system, as its review page lists it."""

import re
from dataclasses import dataclass, replace

from ops_model.check.api import FIVE_QUESTIONS
from ops_model.check.remedies import NOT_YET
from ops_model.check.turns import SUMS_UP
from ops_model.domain.evidence import Assessment, Finding, NamedValue
from ops_model.domain.people import People
from ops_model.site import words
from ops_model.site.verdicts import ToDo, by_weight, to_do
from ops_model.site.words import Look

_BLOCKS = Look("✖", "blocks", words.RED, "bad")
_CONDITION = Look("▲", "waived", words.AMBER, "warn")
_LATER = (
    "no command of this release records these yet; until then an executive may answer for each by "
    "a waiver in policy.yaml, with a compensating control"
)


@dataclass(frozen=True)
class Gap:
    """What stops go-live, by what has to be done; `why` says of which kind the findings are.

    `remedy` is what to do. `waits` is true of what no command of this release can close.
    """

    to_do: ToDo
    weight: Look
    why: str
    owner: str
    remedy: str
    waits: bool = False


def gaps_of(assessment: Assessment, people: People) -> list[Gap]:
    """What stops the go-live, what opens most first, waived or not.

    What stands in the way of more of the five questions comes first, then what closes more
    checks. What no command of this release can close is one row at the end, before the waived.
    """
    things = to_do(by_weight(f for f in assessment.findings if f.blocks))
    later = [t for t in things if NOT_YET in t.first.remedy and not t.first.waived]
    now = [_gap(t, people) for t in things if t not in later]
    gaps = sorted(now, key=_order)
    done_now = sum(not gap.to_do.first.waived for gap in gaps)
    return [*gaps[:done_now], *_later(later, people), *gaps[done_now:]]


def _gap(thing: ToDo, people: People) -> Gap:
    return Gap(
        to_do=thing,
        weight=_CONDITION if thing.first.waived else _BLOCKS,
        why=", ".join(dict.fromkeys(_kind(f) for same in thing.found for f in same)),
        owner=people.label(thing.first.owner),
        remedy=thing.first.remedy or "nothing is written down",
    )


def _later(things: list[ToDo], people: People) -> list[Gap]:
    """What waits for a command that is to come, as one thing."""
    if len(things) < 2:
        return [replace(_gap(thing, people), waits=True) for thing in things]
    owners = dict.fromkeys(people.label(t.first.owner) for t in things)
    one = ToDo(tuple(same for thing in things for same in thing.found))
    return [replace(_gap(one, people), remedy=_LATER, owner=", ".join(owners), waits=True)]


def _order(gap: Gap) -> tuple[bool, int, bool, int]:
    checks = set(gap.to_do.checks)
    questions = sum(bool(checks.intersection(asked)) for _, asked in FIVE_QUESTIONS)
    return gap.to_do.first.waived, -questions, SUMS_UP.issuperset(checks), -len(checks)


def _kind(finding: Finding) -> str:
    known = words.REASONS.get(finding.reason or "")
    return known or words.STATUSES[finding.status].word


def says(finding: Finding, item: NamedValue) -> bool:
    """True when the message of a finding gives a number with what it rests on."""
    measured, message = item.measured, finding.message
    if measured.unit == "answered":
        return finding.status == "passed" and item.name.replace("_", " ") in message
    bounds = [b for b in (measured.low, measured.high) if b is not None]
    known = [words.value(measured), *(words.amount(b, measured.unit).split()[0] for b in bounds)]
    known += [f"{measured.n:,}"] if measured.n is not None else []
    return all(re.search(rf"(?<![\d.,]){re.escape(text)}(?![\d%])", message) for text in known)
