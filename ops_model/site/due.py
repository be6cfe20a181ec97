"""Until when a page may be believed: its next report, and whom to ask when that did not come.

A page knows no clock. It says an instant in words, and a script of a few lines compares it with
the clock of whoever reads: so a report that nobody published is seen even where nothing runs any
more that could say so.
"""

from dataclasses import dataclass
from datetime import datetime

from ops_model.domain.awaited import Awaited, earliest, next_slot
from ops_model.domain.schedules import Slot
from ops_model.domain.values import iso_utc
from ops_model.site.links import system_page
from ops_model.site.site_input import SiteInput, SiteRun, SiteSystem

WHOEVER = "whoever runs the schedule of this workbook"


@dataclass(frozen=True)
class DueView:
    """What stands on a page about its next report.

    `late` where that was overdue when the page was written. `newest` leads to where the newest
    report is listed, on the page of a run: it cannot know whether a newer one is there.
    """

    notebook: str
    of: str
    by: datetime
    ask: str
    late: bool = False
    newest: str = ""

    @property
    def iso(self) -> str:
        """The instant as a script reads it."""
        return iso_utc(self.by)


def due_on(pages: SiteInput, system: SiteSystem) -> DueView | None:
    """What the pages of a system say; None where no report of it is scheduled."""
    one = pages.due.get(system.claims.id)
    return None if one is None else _view(pages, one, system)


def due_of_all(pages: SiteInput) -> DueView | None:
    """What the pages of all systems together say: of the report that is due first."""
    one = earliest(pages.due.values())
    if one is None:
        return None
    about = next((s for s in pages.systems if s.claims.id == one.slot.system), None)
    return _view(pages, one, about)


def due_after(pages: SiteInput, run: SiteRun, system: SiteSystem | None = None) -> DueView | None:
    """What the page of a run says: when the next run of its notebook is due.

    It hangs on the run and the schedule only, so that a page stays as it is when others are added.
    """
    settings = pages.settings
    line = next((one for one in settings.schedules if one.notebook == run.notebook), None)
    if line is None or settings.as_of is not None:
        return None
    slot = next_slot(line, settings.zone, after=run.as_of)
    newest = "index.html#runs" if system is None else system_page(system, "history")
    return _view(pages, Awaited(Slot(slot, "", run.notebook), line.due_by(slot)), system, newest)


def _view(pages: SiteInput, one: Awaited, system: SiteSystem | None, newest: str = "") -> DueView:
    return DueView(
        notebook=one.slot.notebook,
        of="the portfolio" if system is None else system.claims.identity.name,
        by=one.due_by,
        ask=_ask(pages, system),
        late=not newest and one.due_by < pages.as_of,
        newest=newest,
    )


def _ask(pages: SiteInput, system: SiteSystem | None) -> str:
    """Who answers for it; a name and no more, so that it stays true on the page of an old run."""
    ownership = None if system is None else system.claims.ownership
    return WHOEVER if ownership is None else pages.people.label(ownership.accountable)
