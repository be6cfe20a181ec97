"""Where each page lies, and how one page points at another; all links are relative."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ops_model.domain.evidence import Area
from ops_model.domain.values import Where, digest_of
from ops_model.site.site_input import GradedStatement, SiteRun, SiteRuns, SiteSystem

PORTFOLIO_PAGE = "portfolio.html"
"""The page of whoever answers for all systems."""
FLEET_PAGE = "fleet.html"
"""The page with the week of every system."""


@dataclass(frozen=True)
class Link:
    """A text, and the page that it leads to; no page where `href` is empty. `file`: a path."""

    text: str
    href: str = ""
    file: bool = False


def seen_from(path: str, target: str) -> str:
    """The way from a page to another, the shortest where both lie in one folder."""
    folder = path.rpartition("/")[0] + "/"
    return target.removeprefix(folder) if target.startswith(folder) else root_of(path) + target


def system_page(system: SiteSystem, name: str = "index") -> str:
    """The path of one of a system's pages; `index` is that of the model owner."""
    return page_of(system.claims.id, name)


def page_of(system_id: str, name: str = "index") -> str:
    """The path of a page of the system with this id."""
    return f"systems/{system_id}/{name}.html"


def two_am_page(system: SiteSystem) -> str:
    """The path of a system's 2am page."""
    return system_page(system, "2am")


def area_page(system: SiteSystem, area: Area) -> str:
    """The path of the page that answers every question of one area."""
    return system_page(system, f"areas/{area}")


def check_hrefs(system: SiteSystem, path: str) -> Mapping[str, str]:
    """Where each question that was asked of a system is answered, seen from the page at `path`."""
    return {
        f.check: seen_from(path, f"{area_page(system, f.area)}#{f.check}")
        for f in system.assessment.findings
    }


def run_page(ran: SiteRuns, run: SiteRun) -> str:
    """The path of a run's page."""
    stem = _part(PurePosixPath(run.notebook).stem)
    return f"runs/{ran.id}/{stem}/{_part(run.run_id)}.html"


def root_of(path: str) -> str:
    """The way from a page back to the site's folder."""
    return "../" * (len(PurePosixPath(path).parts) - 1)


def entries(system: SiteSystem) -> Mapping[int, str]:
    """Each ledger entry that a page shows, with that page and the anchor there.

    What a run published stands on the run's page, and what the answers rest on besides that, in
    the list of evidence.
    """
    runs = {run.run_id: run_page(system.ran, run) for run in system.runs}
    listed = {s.statement.seq for s in needed(system)}
    shown = {}
    for graded in system.statements:
        statement = graded.statement
        page = runs.get(statement.origin.run_id) if statement.origin else None
        if page is None and statement.seq in listed:
            page = system_page(system, "compliance")
        if page is not None:
            shown[statement.seq] = f"{page}#entry-{statement.seq}"
    return shown


def needed(system: SiteSystem) -> list[GradedStatement]:
    """The statements that the answers rest on, in the order of the ledger."""
    places = [p for f in system.assessment.findings for p in f.looked_at]
    places += [p for q in system.assessment.five_questions for p in q.evidence]
    wanted = {p.line for p in places if p.path == "ledger"}
    return [s for s in system.statements if s.statement.seq in wanted]


def link_to(where: Where, shown: Mapping[int, str], root: str = "") -> Link:
    """A place as a link: ledger entries lead to their page, files of the workbook to none."""
    if where.path == "ledger" and where.line is not None:
        here = shown.get(where.line)
        return Link(f"entry {where.line}", root + here if here else "")
    return Link(str(where), file=True)


def links_to(
    places: Sequence[Where], system: SiteSystem, root: str, shown: Mapping[int, str]
) -> tuple[Link, ...]:
    """Places as links, the lines of one file together; a system's own folder is left out."""
    lines: dict[str, list[str]] = {}
    ledger = [place for place in places if place.path == "ledger"]
    own = f"systems/{system.claims.id}/"
    for place in places:
        if place.path != "ledger":
            known = lines.setdefault(place.path.removeprefix(own), [])
            known += [str(place.line)] if place.line is not None else []
    files = [f"{path}:{', '.join(at)}" if at else path for path, at in lines.items()]
    return (
        *(Link(text, file=True) for text in files), *(link_to(p, shown, root) for p in ledger),
    )  # fmt: skip


def _part(text: str) -> str:
    """A file name for any text: itself, or what is left of it and a digest."""
    kept = re.sub(r"[^A-Za-z0-9._-]", "_", text)[:80].lstrip(".")
    if kept and kept == text:
        return kept
    return f"{kept or '_'}-{digest_of(text.encode('utf-8', 'replace'))[7:19]}"
