"""The first page of the site: every system with its verdict, and the way to each reader's page."""

from typing import Any

from ops_model.site import named, words
from ops_model.site.head import READERS, Way
from ops_model.site.links import PORTFOLIO_PAGE, system_page, two_am_page
from ops_model.site.owner import owner_name
from ops_model.site.runs import RunRow, run_rows
from ops_model.site.simulated import is_simulated, simulated_parts
from ops_model.site.site_input import SiteInput, SiteSystem
from ops_model.site.verdicts import at_a_glance

_MOST_RUNS = 8
_LONGEST = 260


def index(pages: SiteInput) -> dict[str, Any]:
    """All that the template of the first page needs."""
    rows = [_row(pages, system) for system in pages.systems]
    ready = sum(system.assessment.verdict == "READY" for system in pages.systems)
    return {
        "summary": f"{words.plural(len(rows), 'AI system')}, {ready} ready to operate.",
        "note": pages.settings.note or "",
        "rows": rows,
        "portfolio": PORTFOLIO_PAGE if pages.portfolio is not None else "",
        "runs": latest_runs(pages)[:_MOST_RUNS],
    }


def latest_runs(pages: SiteInput) -> list[tuple[str, RunRow]]:
    """The runs of all systems, each with the system's name, the latest first."""
    every = (pages.together, *(system.ran for system in pages.systems))
    found = [(ran.name, row) for ran in every for row in run_rows(ran, "")]
    return sorted(found, key=lambda f: (f[1].run.recorded_at, f[1].run.run_id), reverse=True)


def _row(pages: SiteInput, system: SiteSystem) -> dict[str, Any]:
    assessment = system.assessment
    return {
        "name": system.claims.identity.name,
        "href": system_page(system),
        "ways": _ways(system),
        "tier": system.claims.identity.tier,
        "kind": named.SYSTEM_KINDS[system.claims.identity.kind],
        "simulated": is_simulated(system),
        "simulated_parts": simulated_parts(system),
        "verdict": words.VERDICTS[assessment.verdict],
        "why": words.shortened(at_a_glance(assessment), _LONGEST),
        "answered": sum(q.answered for q in assessment.five_questions),
        "asked": len(assessment.five_questions),
        "gaps": words.plural(len(assessment.blocking), "check"),
        "owner": owner_name(pages, system),
    }


def _ways(system: SiteSystem) -> list[Way]:
    ways = [Way(text, system_page(system, name)) for name, text in READERS.items()]
    if system.walk is not None:
        ways.insert(2, Way("2am card", two_am_page(system)))
    return ways
