"""Until when a page may be believed: its next report, and whom to ask when that did not come.

A page knows no clock. It says an instant in words, and a script of a few lines compares it with
the clock of whoever reads: so a report that nobody published is seen even where nothing runs any
more that could say so.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from ops_model.domain.awaited import Awaited, earliest, lived, next_slot
from ops_model.domain.schedules import Schedule, Slot
from ops_model.domain.values import iso_utc, zone
from ops_model.domain.workbook import WorkbookSettings
from ops_model.site.links import system_page
from ops_model.site.site_input import SiteInput, SiteRun, SiteSystem

WHOEVER = "whoever runs the schedule of this workbook"
NOBODY = f"{WHOEVER}: nobody who answers for the system is here any more"


@dataclass(frozen=True)
class DueView:
    """What stands on a page about its next report.

    `late` where that was overdue when the page was written. `newest` leads to where the newest
    report is listed, on the page of a run: it cannot know whether a newer one is there. `many`
    reports are waited for, each of another system, and `overdue` of them were when it was written.
    """

    notebook: str
    of: str
    by: datetime
    ask: str
    late: bool = False
    newest: str = ""
    many: int = 1
    overdue: int = 0

    @property
    def iso(self) -> str:
        """The instant as a script reads it."""
        return iso_utc(self.by)


def due_on(pages: SiteInput, system: SiteSystem) -> DueView | None:
    """What the pages of a system say; None where no report of it is scheduled."""
    one = pages.due.get(system.claims.id)
    return None if one is None else _view(pages, one, system)


def due_of_all(pages: SiteInput) -> DueView | None:
    """What the pages of all systems together say: how many are due, and which is due first."""
    one = earliest(pages.due.values())
    if one is None:
        return None
    about = next((s for s in pages.systems if s.claims.id == one.slot.system), None)
    late = sum(due.due_by < pages.as_of for due in pages.due.values())
    view = replace(_view(pages, one, about), many=len(pages.due), overdue=late)
    # One owner cannot know why those of others are missing.
    return replace(view, ask=WHOEVER) if late > 1 else view


def due_after(pages: SiteInput, run: SiteRun, system: SiteSystem | None = None) -> DueView | None:
    """What the page of a run says: when the next run of its notebook is due.

    It hangs on the run and the schedule only, so that a page stays as it is when others are added.
    """
    settings = pages.settings
    line = _line_of(settings, run, system)
    if line is None or settings.as_of is not None:
        return None
    slot = next_slot(line, settings.zone, after=run.as_of)
    if not lived((slot,), None if system is None else system.claims):
        return None
    newest = "index.html#runs" if system is None else system_page(system, "history")
    return _view(pages, Awaited(Slot(slot, "", run.notebook), line.due_by(slot)), system, newest)


def _line_of(
    settings: WorkbookSettings, run: SiteRun, system: SiteSystem | None
) -> Schedule | None:
    """The line that repeats a run; None where it names other systems."""
    for line in settings.schedules:
        if line.notebook == run.notebook:
            return line if system is None or line.concerns(system.claims.id) else None
    return None


def _view(pages: SiteInput, one: Awaited, system: SiteSystem | None, newest: str = "") -> DueView:
    return DueView(
        notebook=one.slot.notebook,
        of="the portfolio" if system is None else system.claims.identity.name,
        by=one.due_by,
        ask=_ask(pages, system, one.due_by),
        late=not newest and one.due_by < pages.as_of,
        newest=newest,
    )


def _ask(pages: SiteInput, system: SiteSystem | None, by: datetime) -> str:
    """Who answers for it on the day it is due; a name and no more.

    That day and not the one on which the page is written, so that it stays true on the page of an
    old run. Where the owner has left by then, the deputy answers; else nobody does.
    """
    ownership = None if system is None else system.claims.ownership
    if ownership is None:
        return WHOEVER
    day = by.astimezone(zone(pages.settings.zone)).date()
    for name in (ownership.accountable, ownership.deputy):
        person = pages.people.person(name)
        here = person is not None and person.active_on(day)
        if here or pages.people.team(name) is not None:
            return pages.people.label(name)
    return NOBODY
