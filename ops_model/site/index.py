"""The first page of the site: every system with its verdict, and the way to each reader's page.

Few systems each have a row that says why, and the way to every reader. Of many, a row is short,
and a script of the site finds among them; without it the whole table is there.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from heapq import nlargest
from typing import Any

from ops_model.domain.values import iso_utc
from ops_model.site import named, words
from ops_model.site.head import READERS, Way
from ops_model.site.links import PORTFOLIO_PAGE, system_page, two_am_page
from ops_model.site.owner import owner_name
from ops_model.site.runs import RunRow, run_row
from ops_model.site.simulated import is_simulated, simulated_parts
from ops_model.site.site_input import SiteInput, SiteSystem
from ops_model.site.unread import not_counted, unread
from ops_model.site.verdicts import aside, at_a_glance

FEW = 12
"""So many systems are seen at a glance; of more, one has to be found."""
_MOST_RUNS = 8
_WORST_FIRST = ("DEMO ONLY", "NOT READY", "CONDITIONAL", "READY")


def index(pages: SiteInput) -> dict[str, Any]:
    """All that the template of the first page needs."""
    many = len(pages.systems) > FEW
    found = sorted(pages.systems, key=_weight)
    rows = [_row(pages, system, brief=many) for system in found]
    ready = sum(system.assessment.verdict == "READY" for system in pages.systems)
    apart = not_counted(pages)
    said = f"{words.plural(len(rows), 'AI system')}, {ready} ready to operate"
    return {
        "summary": f"{said}; {apart}." if apart else f"{said}.",
        "unread": unread(pages),
        "apart": apart,
        "note": pages.settings.note or "",
        "rows": rows,
        "many": many,
        "counts": _counts(rows) if many else [],
        "tiers": sorted({row["tier"] for row in rows}),
        "owners": sorted({row["owner"] for row in rows}, key=str.casefold),
        "awaited": any(row["due"] for row in rows),
        "portfolio": PORTFOLIO_PAGE if pages.portfolio is not None else "",
        "runs": latest_runs(pages, _MOST_RUNS),
    }


def latest_runs(pages: SiteInput, most: int) -> list[tuple[str, RunRow]]:
    """So many runs of all systems, each with the system's name, the latest first."""
    every = (pages.together, *(system.ran for system in pages.systems))
    found = ((run.recorded_at, run.run_id, ran, run) for ran in every for run in ran.runs)
    latest = nlargest(most, found, key=lambda one: one[:2])
    return [(ran.name, run_row(ran, run, "")) for _, _, ran, run in latest]


def _weight(system: SiteSystem) -> tuple[int, str]:
    return _WORST_FIRST.index(system.assessment.verdict), system.claims.id


def _counts(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many have each verdict, and where in the table the first of them stands."""
    many = Counter(row["verdict"].word for row in rows)
    found = []
    for word in _WORST_FIRST:
        if many[word]:
            first = next(row for row in rows if row["verdict"].word == word)
            first["anchor"] = anchor = f"first-{word.lower().replace(' ', '-')}"
            found.append({"look": words.VERDICTS[word], "many": many[word], "anchor": anchor})
    return found


def _row(pages: SiteInput, system: SiteSystem, *, brief: bool) -> dict[str, Any]:
    assessment = system.assessment
    blocking = len(assessment.blocking)
    return {
        "name": system.claims.identity.name,
        "href": system_page(system),
        "ways": [] if brief else _ways(system),
        "tier": system.claims.identity.tier,
        "kind": named.SYSTEM_KINDS[system.claims.identity.kind],
        "simulated": is_simulated(system),
        "simulated_parts": simulated_parts(system),
        "verdict": words.VERDICTS[assessment.verdict],
        "why": "" if brief else at_a_glance(assessment),
        "answered": sum(q.answered for q in assessment.five_questions),
        "asked": len(assessment.five_questions),
        "gaps": words.plural(blocking, "check"),
        "aside": aside(assessment),
        "blocking": blocking,
        "owner": owner_name(pages, system),
        "due": _due(pages, system),
        "anchor": "",
    }


def _due(pages: SiteInput, system: SiteSystem) -> dict[str, Any] | None:
    """By when the next report of a system is due, and whether that was over at the build."""
    awaited = pages.due.get(system.claims.id)
    if awaited is None:
        return None
    by: datetime = awaited.due_by
    return {"by": by, "iso": iso_utc(by), "late": by < pages.as_of}


def _ways(system: SiteSystem) -> list[Way]:
    ways = [Way(text, system_page(system, name)) for name, text in READERS.items()]
    if system.walk is not None:
        ways.insert(2, Way("2am card", two_am_page(system)))
    return ways
