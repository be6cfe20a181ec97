"""The page of one area: every question that is asked there, its answer and its evidence."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from ops_model.domain.assessment import Finding
from ops_model.domain.evidence import AREAS, Area
from ops_model.site import words
from ops_model.site.game_days import game_days
from ops_model.site.head import head, items
from ops_model.site.links import area_page
from ops_model.site.site_input import SiteInput, SiteSystem
from ops_model.site.verdicts import by_weight

_ABOUT = {
    "model": "Is what stands in the workbook whole, and does each promise rest on something?",
    "ownership": "Who answers for it, who is paged, and who takes over?",
    "decisions": "Who may decide what, and was going live decided by the right people?",
    "rollback": "Can one go back, how fast, and was anything lost?",
    "reliability": "What is promised to users, and what do they get while something is down?",
    "detection": "Would the organisation know before its customers do?",
    "cost": "What does it cost today, and who is told when it costs too much?",
    "compliance": "What binds it, what is kept, and is the evidence what was recorded?",
    "incidents": "What happens after a mistake, and what was learned?",
    "change": "How does a new version reach users, and what stops it on the way?",
    "portfolio": "Where does it stand among all systems? This area informs and never blocks.",
}


class Counted(NamedTuple):
    """The checks of an area that apply: `met`, gaps and those switched off add up to `asked`.

    `gaps` are open, waived or not; `off` are open too, and the policy does not ask them.
    """

    asked: int
    met: int
    gaps: int
    waived: int
    off: int

    @property
    def open(self) -> str:
        """What is not met: `8 gaps (2 waived), 1 switched off`; empty where all is."""
        waived = f" ({self.waived} waived)" if self.waived else ""
        gaps = [f"{words.plural(self.gaps, 'gap')}{waived}"] if self.gaps else []
        return ", ".join([*gaps, *([f"{self.off} switched off"] if self.off else [])])


def counted(findings: Iterable[Finding]) -> Counted:
    """How many of these findings are met, open, and open without being asked."""
    asked = [f for f in findings if f.status != "not_applicable"]
    gaps = [f for f in asked if f.open and not f.switched_off]
    return Counted(
        asked=len(asked),
        met=sum(f.status == "passed" for f in asked),
        gaps=len(gaps),
        waived=sum(f.waived for f in gaps),
        off=sum(f.open and f.switched_off for f in asked),
    )


def areas_of(system: SiteSystem) -> list[Area]:
    """The areas in which something was asked."""
    judged = {f.area for f in system.assessment.findings}
    return [area for area in AREAS if area in judged]


def area(pages: SiteInput, system: SiteSystem, name: Area) -> dict[str, Any]:
    """All that the template of an area's page needs: what is open first."""
    path = area_page(system, name)
    found = by_weight(f for f in system.assessment.findings if f.area == name)
    shown = items(found, system, pages.people, path)
    open_ones = [item for item in shown if item.finding.open and not item.finding.switched_off]
    off = [item for item in shown if item.finding.open and item.finding.switched_off]
    return {
        **head(system, path),
        "area": name,
        "about": _ABOUT[name],
        "look": words.STATUSES[system.assessment.areas.get(name, "not_applicable")],
        "open": open_ones,
        "off": off,
        "rest": [item for item in shown if not item.finding.open],
        "game_days": game_days(system, pages.people, path) if name == "incidents" else [],
        "counted": counted(found),
    }
