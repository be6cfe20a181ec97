"""What every page of a system begins with, and the answers as any of its pages tells them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ops_model.domain.assessment import Finding, NamedValue
from ops_model.domain.evidence import AREAS, Record
from ops_model.domain.people import People
from ops_model.site import words
from ops_model.site.gaps import says
from ops_model.site.links import (
    Link,
    area_page,
    entries,
    links_to,
    root_of,
    system_page,
    two_am_page,
)
from ops_model.site.simulated import all_made_up, is_simulated, simulated_parts
from ops_model.site.site_input import SiteSystem
from ops_model.site.words import Look

R = TypeVar("R", bound=Record)

READERS: Mapping[str, str] = {
    "index": "Model owner",
    "on-call": "On-call",
    "product": "Product",
    "compliance": "Compliance",
    "history": "Runs and history",
}
"""The pages of a system by their reader, in the order of the navigation."""


@dataclass(frozen=True)
class Way:
    """A link of a navigation; `here` on the page that it leads to."""

    text: str
    href: str
    here: bool = False
    tone: str = ""


@dataclass(frozen=True)
class Item:
    """A finding as a page shows it; `values` are those that its message does not give."""

    finding: Finding
    look: Look
    owner: str
    links: tuple[Link, ...]
    values: tuple[NamedValue, ...]
    href: str


def head(system: SiteSystem, path: str) -> dict[str, Any]:
    """What the frame of a system's page at `path` needs."""
    root = root_of(path)
    return {
        "path": path,
        "name": system.claims.identity.name,
        "id": system.claims.id,
        "folder": f"systems/{system.claims.id}/",
        "version": system.claims.identity.version.label,
        "owner_href": root + system_page(system),
        "simulated": is_simulated(system),
        "simulated_parts": simulated_parts(system),
        "all_simulated": all_made_up(system.statements),
        "ways": _ways(system, path),
        "areas": _areas(system, path),
        "verdict": words.VERDICTS[system.assessment.verdict],
    }


def _ways(system: SiteSystem, path: str) -> list[Way]:
    root = root_of(path)
    ways = [
        Way(text, root + system_page(system, name), here=system_page(system, name) == path)
        for name, text in READERS.items()
    ]
    if system.walk is not None:
        night = two_am_page(system)
        ways.insert(2, Way("2am card", root + night, here=night == path))
    return ways


def _areas(system: SiteSystem, path: str) -> list[Way]:
    judged = {f.area for f in system.assessment.findings}
    status = system.assessment.areas
    return [
        Way(
            area,
            root_of(path) + area_page(system, area),
            here=area_page(system, area) == path,
            tone=words.STATUSES[status.get(area, "not_applicable")].tone,
        )
        for area in AREAS
        if area in judged
    ]


def items(
    findings: Sequence[Finding], system: SiteSystem, people: People, path: str
) -> list[Item]:
    """These findings, in their order, as the page at `path` shows them."""
    root, shown = root_of(path), entries(system)
    return [
        Item(
            finding=finding,
            look=words.look(finding),
            owner=people.label(finding.owner),
            links=links_to(finding.looked_at, system, root, shown),
            values=tuple(v for v in finding.values if not says(finding, v)),
            href=f"{root}{area_page(system, finding.area)}#{finding.check}",
        )
        for finding in findings
    ]


def answers(system: SiteSystem, checks: Sequence[str], people: People, path: str) -> list[Item]:
    """What these checks found, in this order; one that was not judged is left out."""
    by_check = {finding.check: finding for finding in system.assessment.findings}
    return items([by_check[c] for c in checks if c in by_check], system, people, path)


def records(system: SiteSystem, kind: type[R]) -> list[R]:
    """The records of a class about a system, the latest first."""
    found = [s.statement for s in system.statements if isinstance(s.statement.record, kind)]
    latest = sorted(found, key=lambda s: (s.as_of, s.seq), reverse=True)
    return [s.record for s in latest if isinstance(s.record, kind)]


def entry_href(system: SiteSystem, record: Record, path: str) -> str:
    """The place of a record on the site, seen from `path`; empty where none shows it."""
    shown = entries(system)
    found = next((s.statement.seq for s in system.statements if s.statement.record is record), 0)
    return root_of(path) + shown[found] if found in shown else ""
