"""Which records stand at present: the latest about each subject, older ones being superseded."""

from datetime import timedelta
from typing import TypeVar

from ops_model.check.grades import grade_of
from ops_model.check.recorded import Evidence, Recorded
from ops_model.domain.evidence import Grade, Record
from ops_model.domain.superseded import order, subject_of

R = TypeVar("R", bound=Record)


def latest_of_each(evidence: Evidence) -> list[Recorded[Record]]:
    """The latest record about each subject."""
    return list(evidence.by_subject.values())


def shown_of_each(evidence: Evidence) -> list[Recorded[Record]]:
    """The latest record about each subject that shows more than that somebody says so.

    Where all there is was only declared, the latest of that: what is weaker takes the place of
    nothing that was observed, however new it is.
    """
    found = [f for f in evidence.in_time if grade_of(f.statement, evidence) > Grade.DECLARED]
    return list({**evidence.by_subject, **{subject_of(f.record): f for f in found}}.values())


def in_time(found: Recorded[R]) -> tuple[timedelta, int]:
    """Where a record stands in the order of time; the later entry wins a tie."""
    return order(found.statement)
