"""What could not be read of a workbook, as its pages say it: unknown, and never a pass.

In such a file may stand anything, and pages are handed on: so what it says is shown as text, and
what looks like a secret is taken out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ops_model.domain.portfolio_status import PORTFOLIO
from ops_model.domain.redact import redacted
from ops_model.domain.values import zone
from ops_model.errors import Problem, gathered
from ops_model.site import words
from ops_model.site.links import page_of
from ops_model.site.reach import CANNOT
from ops_model.site.site_input import SiteInput
from ops_model.site.words import RED, Look
from ops_model.store.sound_part import Broken

LOOK = Look("?", "UNKNOWN", RED, "bad")
_NO_SYSTEM = "systems/"
_FEW = 12
"""So many things that could not be read are told with all that is wrong; of more, the first."""
_MOST_OPEN, _MOST_IN_ALL = 3, 100
_MOST_NAMED = 5


@dataclass(frozen=True)
class Unread:
    """A system that could not be read, as a page tells it.

    `problems` are what is wrong with it first, `folded` what is wrong besides, and `more` counts
    what the page leaves out. What is no system in `systems/` has no page, and nobody who answers
    for it.
    """

    name: str
    href: str
    ask: str
    wrong: str
    problems: Sequence[Problem]
    folded: Sequence[Problem]
    more: int


def unread(pages: SiteInput) -> dict[str, Any] | None:
    """What the pages of all systems say above all else; None where everything could be read."""
    if not pages.broken:
        return None
    systems, entries = _systems(pages), _entries(pages)
    few = len(pages.broken) <= _FEW
    names = [*systems, *([PORTFOLIO] if entries else [])]
    shown = (_MOST_OPEN, _MOST_IN_ALL) if few else (1, 1)
    rows = [_one(pages, name, *shown) for name in names]
    every = words.plural(len(systems) + len(pages.systems), "system")
    return {
        "look": LOOK,
        "systems": f"{len(systems)} of {every} could not be read" if systems else "",
        "entries": _no_systems(entries) if entries else "",
        "rows": rows,
        "named": [row for row in rows if row.href][:_MOST_NAMED],
        "more": max(0, len(systems) - _MOST_NAMED),
        "them": "it" if len(systems) + len(entries) == 1 else "them",
        "scheduled": any(_is_scheduled(pages, name) for name in systems),
    }


def not_counted(pages: SiteInput) -> str:
    """`1 more system could not be read and is not counted`; empty where all could be read."""
    systems, entries = len(_systems(pages)), len(_entries(pages))
    parts = [words.plural(systems, "more system")] if systems else []
    parts += [words.plural(entries, "entry", "entries") + f" of {_NO_SYSTEM}"] if entries else []
    verb = "is" if systems + entries == 1 else "are"
    return f"{' and '.join(parts)} could not be read and {verb} not counted" if parts else ""


def unread_system(pages: SiteInput, system_id: str) -> dict[str, Any]:
    """All that the template of a system needs that could not be read."""
    return {
        "id": system_id,
        "look": LOOK,
        "one": _one(pages, system_id, _MOST_IN_ALL, _MOST_IN_ALL),
        "scheduled": _is_scheduled(pages, system_id),
    }


def unread_systems(pages: SiteInput) -> list[Unread]:
    """The systems that could not be read, in the order of their ids."""
    return [_one(pages, name, 0, 0) for name in _systems(pages)]


def _systems(pages: SiteInput) -> list[str]:
    return sorted(name for name in pages.broken if name != PORTFOLIO)


def _entries(pages: SiteInput) -> Sequence[Problem]:
    return pages.broken[PORTFOLIO].problems if PORTFOLIO in pages.broken else ()


def _no_systems(entries: Sequence[Problem]) -> str:
    told = words.plural(len(entries), "entry", "entries")
    of = "a system" if len(entries) == 1 else "systems"
    return f"{told} of {_NO_SYSTEM} could not be taken for {of}"


def _one(pages: SiteInput, name: str, most_open: int, most: int) -> Unread:
    broken = pages.broken[name]
    once = gathered(broken.problems)
    told = [_shown(problem) for problem in once[:most]]
    is_system = name != PORTFOLIO
    return Unread(
        name=name if is_system else _NO_SYSTEM,
        href=page_of(name) if is_system else "",
        ask=_ask(pages, broken) if is_system else "",
        wrong=words.plural(len(broken.problems), "problem"),
        problems=told[:most_open],
        folded=told[most_open:],
        more=len(once) - len(told),
    )


def _shown(problem: Problem) -> Problem:
    """One problem on one line, as it may be handed on."""
    message = "; ".join(line.strip() for line in problem.message.splitlines())
    return Problem(redacted(message)[0], problem.where, redacted(problem.remedy)[0])


def _ask(pages: SiteInput, broken: Broken) -> str:
    """Who answers for it on the day of the pages, where that much could be read."""
    if broken.accountable is None:
        return "not known"
    named = pages.people.label(broken.accountable)
    person = pages.people.person(broken.accountable)
    today = pages.as_of.astimezone(zone(pages.settings.zone)).date()
    here = person is None or person.active_on(today)
    return named if here else f"{named} ({CANNOT}: is not here on {words.day(today)})"


def _is_scheduled(pages: SiteInput, system_id: str) -> bool:
    """Whether reports of it are scheduled, so that one may be due; none is in a replay."""
    settings = pages.settings
    return settings.as_of is None and any(s.concerns(system_id) for s in settings.schedules)
