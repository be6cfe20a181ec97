"""Whether a measurement still counts, as the check that asks for it found: no rule of the pages.

What grew too old is unknown, with the day on which it was last measured.
"""

from datetime import UTC

from ops_model.domain.assessment import Finding
from ops_model.domain.detection import QualityMeasurement
from ops_model.domain.evidence import Record
from ops_model.site import words
from ops_model.site.site_input import SiteSystem
from ops_model.site.told import told
from ops_model.site.words import UNKNOWN, Look

NOT_MEASURED = "not measured"


def finding_of(system: SiteSystem, check: str) -> Finding | None:
    """What a check found; None where it was not asked."""
    return next((f for f in system.assessment.findings if f.check == check), None)


def not_known(system: SiteSystem, check: str, record: Record) -> bool:
    """True where a check found that it cannot answer from this record.

    A check that fails tells of what failed alone: what is older than all of that may not count.
    """
    finding = finding_of(system, check)
    if finding is None or finding.status in {"passed", "not_applicable"}:
        return False
    if finding.status == "errored":
        return True
    lines = {place.line for place in finding.looked_at if place.path == "ledger"}
    named = [s.statement.record for s in system.statements if s.statement.seq in lines]
    if finding.status == "failed":
        return bool(named) and all(record.as_of < one.as_of for one in named)
    return any(one is record for one in named)


def too_old(system: SiteSystem, check: str, record: Record) -> bool:
    """True where a check found that this record is too old to count."""
    finding = finding_of(system, check)
    expired = finding is not None and finding.reason == "expired"
    return expired and not_known(system, check, record)


def look_now(look: Look, system: SiteSystem, check: str, record: Record) -> Look:
    """The look of a record where its check lets it count.

    What grew too old is unknown, whatever it said; of what a check cannot answer nothing is good.
    """
    if too_old(system, check, record):
        return UNKNOWN
    return UNKNOWN if look.tone == "good" and not_known(system, check, record) else look


def last_measured(record: Record) -> str:
    """`last measured 22 Jul 2013`."""
    return f"last measured {words.day(record.as_of.astimezone(UTC).date())}"


def quality_now(system: SiteSystem, record: QualityMeasurement) -> str:
    """What a measurement of quality says; once too old, that and when it was measured first."""
    said = told(record)
    return f"{unknown_since(record)}: {said}" if quality_too_old(system, record) else said


def quality_too_old(system: SiteSystem, record: QualityMeasurement) -> bool:
    """True where a check of quality, or of its segments, found that the measurement is too old."""
    return any(too_old(system, check, record) for check in ("QLT-03", "QLT-04"))


def unknown_since(record: Record) -> str:
    """`? unknown, last measured 22 Jul 2013`."""
    return f"{UNKNOWN.text}, {last_measured(record)}"
