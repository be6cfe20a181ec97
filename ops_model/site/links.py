"""Where each page lies, and how one page points at another; all links are relative."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ops_model.domain.values import Where, digest_of
from ops_model.site.site_input import SiteRun, SiteSystem


@dataclass(frozen=True)
class Link:
    """A text, and the page that it leads to; no page where `href` is empty. `file`: a path."""

    text: str
    href: str = ""
    file: bool = False


def system_page(system: SiteSystem) -> str:
    """The path of a system's review page."""
    return f"systems/{system.claims.id}/index.html"


def two_am_page(system: SiteSystem) -> str:
    """The path of a system's 2am page."""
    return f"systems/{system.claims.id}/2am.html"


def run_page(system: SiteSystem, run: SiteRun) -> str:
    """The path of a run's page."""
    stem = _part(PurePosixPath(run.notebook).stem)
    return f"runs/{system.claims.id}/{stem}/{_part(run.run_id)}.html"


def root_of(path: str) -> str:
    """The way from a page back to the site's folder."""
    return "../" * (len(PurePosixPath(path).parts) - 1)


def entries(system: SiteSystem) -> Mapping[int, str]:
    """Each ledger entry about a system, with the page and anchor that show it."""
    runs = {run.run_id: run_page(system, run) for run in system.runs}
    shown = {}
    for graded in system.statements:
        statement = graded.statement
        page = runs.get(statement.origin.run_id) if statement.origin else None
        shown[statement.seq] = f"{page or system_page(system)}#entry-{statement.seq}"
    return shown


def link_to(where: Where, shown: Mapping[int, str], root: str = "") -> Link:
    """A place as a link: ledger entries lead to their page, files of the workbook to none."""
    if where.path == "ledger" and where.line is not None and where.line in shown:
        return Link(f"entry {where.line}", root + shown[where.line])
    return Link(str(where), file=True)


def links_to(
    places: Sequence[Where], shown: Mapping[int, str], system_id: str
) -> tuple[Link, ...]:
    """Places as links, the lines of one file together; a system's own folder is left out."""
    lines: dict[str, list[str]] = {}
    ledger = [place for place in places if place.path == "ledger"]
    for place in places:
        if place.path != "ledger":
            known = lines.setdefault(place.path.removeprefix(f"systems/{system_id}/"), [])
            known += [str(place.line)] if place.line is not None else []
    files = [f"{path}:{', '.join(at)}" if at else path for path, at in lines.items()]
    return (*(Link(text, file=True) for text in files), *(link_to(p, shown) for p in ledger))


def _part(text: str) -> str:
    """A file name for any text: itself, or what is left of it and a digest."""
    kept = re.sub(r"[^A-Za-z0-9._-]", "_", text)[:80].lstrip(".")
    if kept and kept == text:
        return kept
    return f"{kept or '_'}-{digest_of(text.encode('utf-8', 'replace'))[7:19]}"
