"""What a system's answers rest on: ledger entries, the inputs that were read, sealed bundles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops_model.check.grades import TOOL
from ops_model.domain.detection import DriftMeasurement, QualityMeasurement
from ops_model.domain.evidence import Attestation, Grade, InputIdentity, Record, Statement
from ops_model.domain.people import People
from ops_model.domain.sign_off import SignOff, SignOffRevoked
from ops_model.domain.spend import CeilingAnswer, SpendMeasurement
from ops_model.domain.trials import AccessDrill
from ops_model.domain.words import told_words
from ops_model.site import named, words
from ops_model.site.links import Link, entries, needed
from ops_model.site.site_input import GradedStatement, SiteRun, SiteSystem
from ops_model.site.told import told


@dataclass(frozen=True)
class EvidenceRow:
    """A ledger entry in a table; `until` is when the first answer that rests on it ends."""

    seq: int
    what: str
    grade: Grade
    as_of: datetime
    until: datetime | None
    link: Link


def evidence_rows(system: SiteSystem, people: People, root: str) -> list[EvidenceRow]:
    """What the answers rest on, in the order in which it ends; what never ends, last."""
    shown = entries(system)
    ends = _ends(system)
    rows = [_row(graded, ends, people, root, shown) for graded in needed(system)]
    return sorted(rows, key=lambda row: (row.until is None, row.until or row.as_of, row.seq))


def _row(
    graded: GradedStatement,
    ends: Mapping[int, datetime],
    people: People,
    root: str,
    shown: Mapping[int, str],
) -> EvidenceRow:
    statement = graded.statement
    if statement.origin is not None:
        stem = words.notebook_name(statement.origin.notebook)
        here = shown.get(statement.seq, "")
        link = Link(f"run of {stem}", root + here if here else "")
    else:
        link = Link(_from(statement))
    what = _what(statement.record, people)
    until = ends.get(statement.seq)
    return EvidenceRow(statement.seq, what, graded.grade, statement.as_of, until, link)


def _from(statement: Statement) -> str:
    """Who a record without a run is from: a person, the tool, or what it saw a person do."""
    if isinstance(statement.record, Attestation | SignOff | SignOffRevoked):
        return "a person"
    if statement.actor != TOOL:
        return "whoever wrote it"
    if isinstance(statement.record, CeilingAnswer | AccessDrill):
        return "what the tool saw somebody do"
    return "the tool itself"


def _ends(system: SiteSystem) -> dict[int, datetime]:
    """Until when each entry counts: its own end, or the first end of an answer that it gives."""
    ends: dict[int, list[datetime]] = {}
    for finding in system.assessment.findings:
        for place in finding.looked_at if finding.valid_until and not finding.waived else ():
            if place.path == "ledger" and place.line is not None and finding.valid_until:
                ends.setdefault(place.line, []).append(finding.valid_until)
    for graded in system.statements:
        record = graded.statement.record
        if isinstance(record, Attestation | SignOff):
            # A person says until when; that an answer ends earlier is due to something else.
            ends[graded.statement.seq] = [record.expires]
    return {seq: min(instants) for seq, instants in ends.items()}


def _what(record: Record, people: People) -> str:
    if isinstance(record, Attestation):
        by = people.label(record.person)
        how = "signed" if record.assurance == "signed" else "asserted, unsigned"
        about = words.topic(record)
        return f"Attestation of {about}, by {by}, {how}: “{told_words(record.text)}”"
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
    return named.KINDS.get(record.kind, record.kind)


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
