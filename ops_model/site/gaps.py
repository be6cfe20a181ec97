"""What stops the go-live of a system, as its review page lists it."""

import re
from dataclasses import dataclass

from ops_model.domain.assessment import Assessment, Finding, NamedValue
from ops_model.domain.people import People
from ops_model.site import words
from ops_model.site.verdicts import ToDo, by_weight, to_do
from ops_model.site.words import Look

_BLOCKS = Look("✖", "blocks", words.RED, "bad")
_CONDITION = Look("▲", "waived", words.AMBER, "warn")


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

    What no command of this release can close is one row at the end, before the waived.
    """
    things = to_do(by_weight(f for f in assessment.findings if f.blocks))
    return [_gap(thing, people) for thing in things]


def _gap(thing: ToDo, people: People) -> Gap:
    return Gap(
        to_do=thing,
        weight=_CONDITION if thing.first.waived else _BLOCKS,
        why=", ".join(dict.fromkeys(_kind(f) for same in thing.found for f in same)),
        owner=", ".join(dict.fromkeys(map(people.label, thing.owners))),
        remedy=thing.remedy or "nothing is written down",
        waits=thing.waits,
    )


def _kind(finding: Finding) -> str:
    known = words.REASONS.get(finding.reason or "")
    return known or words.STATUSES[finding.status].word


def says(finding: Finding, item: NamedValue) -> bool:
    """True when the message of a finding gives a number with what it rests on."""
    measured, message = item.measured, finding.message
    if measured.unit == "answered":
        return finding.status == "passed" and item.name.replace("_", " ") in message
    unit = words.named_unit(item)
    bounds = [b for b in (measured.low, measured.high) if b is not None]
    known = [words.value(measured, unit=unit), *(words.amount(b, unit).split()[0] for b in bounds)]
    known += [f"{measured.n:,}"] if measured.n is not None else []
    said = (re.escape(_as_checks_say(text)) for text in known)
    return all(re.search(rf"(?<![\d.,-]){text}(?![\d%])", message) for text in said)


def _as_checks_say(number: str) -> str:
    """A number of the pages as a message writes it: a hyphen for minus, no plus, no `.0`."""
    plain = re.sub(r"\.0(?!\d)", "", number.replace("\N{MINUS SIGN}", "-").removeprefix("+"))
    return re.sub(r" sd$", " standard deviations", plain)
