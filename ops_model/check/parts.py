"""An assessment read in two more ways: works, legal, economic; and the four pillars.

Nothing is judged anew: each is the minimum over the findings of some areas or checks.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from ops_model.check.steps import urgency
from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.evidence import Area
from ops_model.domain.values import Where
from ops_model.domain.weekly import OpenFinding, PartName, PillarName, Summed, SumStatus, least

PARTS: Mapping[PartName, tuple[Area, ...]] = {
    "works": ("detection", "reliability", "rollback", "incidents", "change"),
    "legal": ("compliance", "decisions"),
    "economic": ("cost",),
}
"""Whether it does what it should, may be used, and is worth its money, by area (S2.6).

What a system is and who owns it, the areas model and ownership, is asked before any of the three.
"""
_LEARNED = frozenset({"INC-03", "INC-04"})
"""What was learned from what went wrong, and whom it reached."""
PILLARS: Mapping[PillarName, Callable[[Finding], bool]] = {
    "ownership": lambda f: f.area == "ownership",
    "monitoring": lambda f: f.area == "detection",
    "incident_response": lambda f: (
        f.area in {"incidents", "rollback", "reliability"} and f.check not in _LEARNED
    ),
    "post_mortems": lambda f: f.check in _LEARNED,
}
"""Which findings hold up each of the four pillars (S1.34)."""
_MOST_TOLD, _MOST_ENTRIES = 2, 12


def three_parts(assessment: Assessment) -> tuple[Summed, ...]:
    """Works, legal, economic: each the minimum over its areas."""
    return tuple(
        _summed(name, (f for f in assessment.findings if f.area in areas))
        for name, areas in PARTS.items()
    )


def four_pillars(assessment: Assessment) -> tuple[Summed, ...]:
    """Ownership, monitoring, incident response, post-mortems: each the minimum over its checks."""
    return tuple(
        _summed(name, filter(belongs, assessment.findings)) for name, belongs in PILLARS.items()
    )


def _summed(name: PartName | PillarName, findings: Iterable[Finding]) -> Summed:
    asked = [f for f in findings if f.status != "not_applicable"]
    mine = [f for f in asked if not f.switched_off]
    standing = [f for f in mine if f.open and not f.waived]
    # As the steps are ordered, so that the first named is what is to be done first.
    standing.sort(key=lambda f: (urgency([f]), f.check))
    entries = _entries(mine)
    return Summed(
        name=name,
        status=least(tuple(map(_status, mine))),
        checks=len(mine),
        passed=sum(f.status == "passed" for f in mine),
        waived=sum(f.open and f.waived for f in mine),
        waived_checks=tuple(f.check for f in mine if f.open and f.waived),
        off=tuple(f.check for f in asked if f.switched_off),
        open=tuple(f.check for f in standing),
        first=tuple(_told(f) for f in standing[:_MOST_TOLD]),
        entries=len(entries),
        rests_on=entries[-_MOST_ENTRIES:],
    )


def _status(finding: Finding) -> SumStatus:
    if not finding.open or finding.waived:
        return "passed"
    return "failed" if finding.status == "failed" else "unknown"


def _told(finding: Finding) -> OpenFinding:
    return OpenFinding.model_validate(
        {
            "check": finding.check, "status": finding.status, "message": finding.message,
            "remedy": finding.remedy, "owner": finding.owner,
        }
    )  # fmt: skip


def _entries(findings: Sequence[Finding]) -> tuple[Where, ...]:
    """The entries of the ledger that were looked at, each once, in order."""
    seen = {place for f in findings for place in f.looked_at if place.path == "ledger"}
    return tuple(sorted(seen, key=lambda place: place.line or 0))
