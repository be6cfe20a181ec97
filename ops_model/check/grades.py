"""How well a thing has been shown: derived from where it comes from, never a field of a record.

Here stand the grades, and what a ledger entry is worth by its origin alone; `grading` says what is
left of that for one system at one instant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from operator import attrgetter
from typing import NamedTuple

from ops_model.check.recorded import Evidence
from ops_model.domain.evidence import Attestation, Grade, Record, Statement
from ops_model.domain.policy import SAID_BY_PEOPLE
from ops_model.domain.sign_off import SignOff, SignOffRevoked
from ops_model.domain.spend import CeilingAnswer
from ops_model.domain.trials import AccessDrill

TOOL = "tool:ops-model"
_TEXT_IS_THE_SUBJECT = frozenset({"OM", "EVD", "PRT", "CMP-01", "CMP-03"})
"""The groups and checks that ask about the text itself, or about the evidence as it lies."""
_ASK_WHO = frozenset({"ONC", "TRN"})
"""The groups that ask of a drill who performed it, and not how good the plan is."""


@dataclass(frozen=True)
class Graded:
    """A grade, and what is left of it (`without`) once the attestation in it ends at `until`."""

    grade: Grade
    until: datetime | None = None
    without: Grade = Grade.NONE


DECLARED, OBSERVED = Graded(Grade.DECLARED), Graded(Grade.OBSERVED)


def grade_of(statement: Statement, evidence: Evidence) -> Grade:
    """What a statement is worth by its origin alone.

    An attestation is E2, and so are what somebody answered to an alert and what a command
    showed of somebody's access: the tool saw it happen, and was only told whose it was. What
    the tool itself observed is E3; a record of a run is E3 when the notebook is shipped or
    approved and the runner identified the inputs again, else E1. A witness (E4) and the end of
    an attestation need the system and an instant: see `Grading`.
    """
    kind = type(statement.record)
    if _is_one_of(kind, Attestation, SignOff, SignOffRevoked):
        return Grade.ATTESTED
    if _is_one_of(kind, CeilingAnswer, AccessDrill):
        told = statement.origin is None and statement.actor == TOOL
        return Grade.ATTESTED if told else Grade.DECLARED
    if statement.origin is None:
        return Grade.OBSERVED if statement.actor == TOOL else Grade.DECLARED
    approved = statement.origin.notebook_digest in evidence.approved_notebooks
    return Grade.OBSERVED if approved and statement.origin.inputs_verified else Grade.DECLARED


# Asked of every statement several times, and to say what it is not takes pydantic's classes long.
@cache
def _is_one_of(kind: type[Record], *classes: type[Record]) -> bool:
    return issubclass(kind, classes)


@lru_cache(maxsize=1024)
def text_is_the_subject(check_id: str) -> bool:
    """True for a check that asks about the text itself, or about the evidence as it lies."""
    return not _TEXT_IS_THE_SUBJECT.isdisjoint({check_id, group_of(check_id)})


@lru_cache(maxsize=1024)
def rests_on_a_word(check_id: str) -> bool:
    """True for what only people can say, and for the review of a version (decision 0011)."""
    return check_id in SAID_BY_PEOPLE or group_of(check_id) == "REV"


class Asks(NamedTuple):
    """What it is about a check's question that makes a place worth more or less for it.

    `who` is true of what asks of a drill who performed it, and not how good the plan is; `word` of
    what rests on a person's word; `review` of what asks how a version was reviewed.
    """

    who: bool
    word: bool
    review: bool


@lru_cache(maxsize=1024)
def asks_of(check_id: str) -> Asks:
    """What the question of a check asks for."""
    group = group_of(check_id)
    return Asks(group in _ASK_WHO, rests_on_a_word(check_id), group == "REV")


@lru_cache(maxsize=1024)
def group_of(check_id: str) -> str:
    """The letters that a check's id begins with, such as `RBK`."""
    return check_id.split("-", maxsplit=1)[0]


def best(grades: Sequence[Graded]) -> Graded:
    """The highest; of equals, the one that lasts longest."""
    top = max(g.grade for g in grades)
    equal = [g for g in grades if g.grade == top]
    return max(equal, key=lambda g: (g.until is None, g.until))


def weakest(grades: Sequence[Graded]) -> Graded:
    """The lowest; declared when there is none."""
    return min(grades, key=attrgetter("grade"), default=DECLARED)
