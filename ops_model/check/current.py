"""Which records stand at present: the latest about each subject, older ones being superseded."""

from datetime import datetime
from functools import cache
from typing import TypeVar

from ops_model.check.api import Evidence, Recorded
from ops_model.domain.evidence import Attestation, Record

R = TypeVar("R", bound=Record)
_SUBJECT = (
    "monitor", "path", "rule", "suite", "dependency", "objective", "ceiling", "unit", "outcome",
    "log", "incident", "route", "request", "scenario", "notebook", "seat", "topic", "person",
    "action", "handoff", "of",
)  # fmt: skip
"""The fields that tell apart what two records of one kind are about."""


def subject_of(record: Record) -> tuple[object, ...]:
    """What a record is about; a newer record of the same takes the place of an older one."""
    named = tuple(getattr(record, field) for field in _fields(type(record)))
    # A word that a text is right is about that text, another about another.
    files = tuple(ref.file for ref in record.claims) if isinstance(record, Attestation) else ()
    return (record.kind, *named, *files)


@cache
def _fields(kind: type[Record]) -> tuple[str, ...]:
    return tuple(field for field in _SUBJECT if field in kind.model_fields)


def latest_of_each(evidence: Evidence) -> list[Recorded[Record]]:
    """The latest record about each subject."""
    in_order = sorted(evidence.all(Record), key=in_time)
    return list({subject_of(found.record): found for found in in_order}.values())


def in_time(found: Recorded[R]) -> tuple[datetime, int]:
    """Where a record stands in the order of time; the later entry wins a tie."""
    return found.record.as_of, found.statement.seq
