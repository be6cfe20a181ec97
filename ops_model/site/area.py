"""The page of one area: every question that is asked there, its answer and its evidence."""

from typing import Any

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
    asked = [item for item in shown if item.finding.status != "not_applicable"]
    return {
        **head(system, path),
        "area": name,
        "about": _ABOUT[name],
        "look": words.STATUSES[system.assessment.areas.get(name, "not_applicable")],
        "open": open_ones,
        "rest": [item for item in shown if item not in open_ones],
        "game_days": game_days(system, pages.people, path) if name == "incidents" else [],
        "asked": len(asked),
        "met": sum(item.finding.status == "passed" for item in asked),
    }
