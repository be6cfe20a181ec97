"""What a system's answers rest on: ledger entries, the inputs that were read, sealed bundles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops_model.domain.cost import SpendMeasurement
from ops_model.domain.evidence import Attestation, Grade, InputIdentity, Record
from ops_model.domain.people import People
from ops_model.domain.signals import DriftMeasurement, QualityMeasurement
from ops_model.site import words
from ops_model.site.links import Link, entries
from ops_model.site.site_input import GradedStatement, SiteRun, SiteSystem
from ops_model.site.told import told


@dataclass(frozen=True)
class EvidenceRow:
    """A ledger entry in a table."""

    seq: int
    what: str
    grade: Grade
    as_of: datetime
    link: Link


def needed(system: SiteSystem) -> list[GradedStatement]:
    """The statements that the answers rest on, in the order of the ledger."""
    places = [p for f in system.assessment.findings for p in f.looked_at]
    places += [p for q in system.assessment.five_questions for p in q.evidence]
    wanted = {p.line for p in places if p.path == "ledger"}
    return [s for s in system.statements if s.statement.seq in wanted]


def evidence_row(
    graded: GradedStatement, system: SiteSystem, people: People, root: str
) -> EvidenceRow:
    """A statement as the table of evidence shows it."""
    statement = graded.statement
    if statement.origin is not None:
        stem = words.notebook_name(statement.origin.notebook)
        link = Link(f"run of {stem}", root + entries(system)[statement.seq])
    else:
        link = Link("a person" if isinstance(statement.record, Attestation) else "the tool itself")
    what = _what(statement.record, people)
    return EvidenceRow(statement.seq, what, graded.grade, statement.as_of, link)


def _what(record: Record, people: People) -> str:
    if isinstance(record, Attestation):
        by = people.label(record.person)
        return (
            f"Attestation of {words.topic(record)}, by {by}, asserted, unsigned: “{record.text}”"
        )
    return told(record)


def inputs(rests_on: Sequence[GradedStatement]) -> list[dict[str, Any]]:
    """Every input that was read, once, with the rows that each record rests on."""
    read: dict[tuple[str, str], tuple[InputIdentity, list[str]]] = {}
    for graded in rests_on:
        record = graded.statement.record
        for identity in record.inputs:
            _, rows = read.setdefault((identity.address, identity.digest), (identity, []))
            rows.append(f"{_what_kind(record)}: {_rows_read(record, identity)}")
    return [
        {"input": identity, "rows": "; ".join(dict.fromkeys(rows))}
        for _, (identity, rows) in sorted(read.items())
    ]


def _what_kind(record: Record) -> str:
    return words.KINDS.get(record.kind, record.kind)


def _rows_read(record: Record, identity: InputIdentity) -> str:
    match record:
        case DriftMeasurement():
            return f"{record.rows_reference:,} reference, {record.rows_current:,} current"
        case QualityMeasurement():
            return f"{sum(d.quality.n or 0 for d in record.days):,} judged"
        case SpendMeasurement():
            return words.count(record.total)
        case _:
            return "one drill" if identity.kind == "journal" else "not counted"


def bundles(system: SiteSystem, rests_on: Sequence[GradedStatement]) -> list[SiteRun]:
    """The runs whose sealed bundles hold what the answers rest on."""
    wanted = {s.statement.origin.run_id for s in rests_on if s.statement.origin}
    return [r for r in system.runs if r.run_id in wanted and r.bundle and r.manifest]
