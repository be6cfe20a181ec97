"""Which records stand at present: the latest about each subject, older ones being superseded."""

from datetime import datetime
from typing import TypeVar

from ops_model.check.api import Evidence, Recorded
from ops_model.domain.evidence import Record
from ops_model.domain.superseded import order, subject_of

R = TypeVar("R", bound=Record)


def latest_of_each(evidence: Evidence) -> list[Recorded[Record]]:
    """The latest record about each subject."""
    in_order = sorted(evidence.all(Record), key=in_time)
    return list({subject_of(found.record): found for found in in_order}.values())


def in_time(found: Recorded[R]) -> tuple[datetime, int]:
    """Where a record stands in the order of time; the later entry wins a tie."""
    return order(found.statement)
