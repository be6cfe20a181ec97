"""The week of every system on one page: three answers, what changed, what creeps, what is owed.

The verdict, its three parts and what is open today are of the instant of the pages; what changed,
the slow signs and the spend are those of the newest weekly report, with its day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ops_model.check.parts import three_parts
from ops_model.domain.awaited import Awaited
from ops_model.domain.evidence import Grade
from ops_model.domain.portfolio_status import Standing
from ops_model.domain.values import zone
from ops_model.domain.weekly import Summed, WeeklyReport
from ops_model.site import cost_in_short, words
from ops_model.site.fleet_today import Week, broken, got_worse, today, worse_than
from ops_model.site.history import in_words
from ops_model.site.index import FEW
from ops_model.site.links import run_page, system_page
from ops_model.site.simulated import made_up_among, simulated_parts
from ops_model.site.site_input import SiteInput, SiteSystem
from ops_model.site.unread import not_counted, unread
from ops_model.site.verdicts import by_weight, count_open
from ops_model.site.weekly_words import (
    OVERDUE,
    SIGNS,
    WORSE,
    aside_in_short,
    change_look,
    hypercare_in_short,
    since_in_short,
    slow_look,
    spend_in_short,
    spend_look,
    sum_look,
)
from ops_model.site.words import AMBER, GREEN, GREY, RED, Look

_WEEK = timedelta(days=8)
"""A report counts as this week's for a day longer, since it is judged when the week is over."""
_MOST_NAMED = 5
_WORST, _WORST_CHECKS = 3, 2
TODAY = Look("✖", "today", RED, "bad")
LOOK_AT = Look("▲", "this week", AMBER, "warn")
QUIET = Look("✓", "nothing new", GREEN, "good")
NOBODY = Look("\u2013", "serves nobody", GREY, "quiet")


@dataclass(frozen=True)
class FleetRow:
    """One system's week; `today` says why somebody has to look at it today, `soon` this week.

    `wrong` is what is measured to be broken now, whether it is new or not.
    """

    system: SiteSystem
    parts: tuple[Summed, ...]
    report: WeeklyReport | None
    href: str
    fresh: bool
    live: bool
    worse: bool = False
    today: tuple[str, ...] = ()
    soon: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    overdue: bool = False
    debt: int = 0
    next: str = ""

    @property
    def look(self) -> Look:
        """Whether somebody has to look, and when."""
        if not self.live:
            return NOBODY
        return TODAY if self.today else LOOK_AT if self.soon else QUIET

    @property
    def order(self) -> tuple[object, ...]:
        """The worst first: who needs somebody today, for more reasons, and owes more."""
        failed = sum(part.status != "passed" for part in self.parts)
        name = self.system.claims.identity.name
        tier = self.system.claims.identity.tier
        return (
            not self.live, -len(self.today), -len(self.soon), tier, -failed, -self.debt, name
        )  # fmt: skip


def fleet(pages: SiteInput) -> dict[str, Any]:
    """All that the template of the fleet's page needs."""
    owed = {s.system: s for s in pages.portfolio.systems} if pages.portfolio is not None else {}
    found = (_row(pages, system, owed.get(system.claims.id)) for system in pages.systems)
    rows = sorted(found, key=lambda row: row.order)
    zone_name, apart = pages.settings.zone, not_counted(pages)
    shown = [_shown(row, zone_name) for row in rows]
    return {
        "answer": " ".join(said for said in (_answer(rows), apart and f"{apart}.") if said),
        "unread": unread(pages),
        "apart": apart,
        "rows": shown,
        "many": len(rows) > FEW,
        "looks": list(dict.fromkeys(one["look"].word for one in shown)),
        "verdicts": list(dict.fromkeys(one["verdict"].word for one in shown)),
        "tiers": sorted({one["tier"] for one in shown}),
        "zone": zone_name,
        "made_up_among": made_up_among(pages),
    }


def _answer(rows: Sequence[FleetRow]) -> str:
    """What an executive reads first."""
    live = [row for row in rows if row.live]
    if not rows:
        return "This workbook has no systems yet."
    if not live:
        return f"None of {words.plural(len(rows), 'system')} serves users, so no report is owed."
    fresh = sum(row.fresh for row in live)
    worse = sum(row.worse for row in live)
    needed = [row.system.claims.identity.name for row in live if row.today]
    more = len(needed) - _MOST_NAMED
    named = ", ".join(needed[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    needs = (
        f"{words.plural(len(needed), 'needs', 'need')} somebody today: {named}"
        if needed
        else "none needs somebody today"
    )
    serving = words.plural(len(live), "system that serves users", "systems that serve users")
    return (
        f"{fresh} of {serving} reported this week; {worse} got worse since the report before; "
        f"{needs}{_broken(live)}."
    )


def _broken(live: Sequence[FleetRow]) -> str:
    """What is measured as broken where nobody is needed today; it may be so for long."""
    found = [
        f"{row.system.claims.identity.name} ({row.wrong[0]})"
        for row in live
        if row.wrong and not row.today
    ]
    if not found:
        return ""
    more = len(found) - _MOST_NAMED
    named = ", ".join(found[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"; measured as broken: {named}"


def _row(pages: SiteInput, system: SiteSystem, standing: Standing | None) -> FleetRow:
    report, href = _newest(system)
    live = system.claims.identity.in_production_at(pages.as_of)
    due = pages.due.get(system.claims.id)
    overdue = due is not None and due.due_by < pages.as_of
    fresh = report is not None and pages.as_of - report.as_of <= _WEEK
    week, parts = Week(report, fresh, overdue), three_parts(system.assessment)
    return FleetRow(
        system=system,
        parts=parts,
        report=report,
        href=href,
        fresh=fresh,
        live=live,
        worse=got_worse(system, week),
        today=today(system, parts, week, pages.people, pages.as_of) if live else (),
        soon=_soon(report, system) if live else (),
        wrong=broken(system)[: 1 if len(pages.systems) > FEW else _WORST] if live else (),
        overdue=overdue,
        debt=standing.debt if standing is not None else 0,
        next=_next(pages, due),
    )


def _next(pages: SiteInput, due: Awaited | None) -> str:
    """Until when the next report is due, or since when it is overdue, or why none is awaited."""
    if due is not None and due.due_by < pages.as_of:
        return f"since {words.instant(due.due_by)}"
    if due is not None:
        return f"next by {words.instant(due.due_by)}"
    replay = pages.settings.as_of is not None and pages.settings.schedules
    return "none awaited in a replay" if replay else "none is scheduled"


def _newest(system: SiteSystem) -> tuple[WeeklyReport | None, str]:
    """The newest weekly report that was observed, and the page of its run."""
    told = [
        (s.statement.record, s.statement)
        for s in system.statements
        if isinstance(s.statement.record, WeeklyReport) and s.grade >= Grade.OBSERVED
    ]
    if not told:
        return None, ""
    record, statement = max(told, key=lambda one: (one[1].as_of, one[1].seq))
    run_id = statement.origin.run_id if statement.origin is not None else ""
    run = next((run for run in system.runs if run.run_id == run_id), None)
    return record, run_page(system.ran, run) if run is not None else ""


def _soon(report: WeeklyReport | None, system: SiteSystem) -> tuple[str, ...]:
    """Why somebody has to look this week."""
    stands = system.assessment.blocking
    first = [in_words(finding) for finding in by_weight(stands)[:_WORST_CHECKS]]
    more = len(stands) - len(first)
    named = ", ".join(first) + (f" and {more} more" if more > 0 else "")
    reasons = [f"{named} {'stands' if len(stands) == 1 else 'stand'} in the way"] if stands else []
    if report is None:
        return tuple(reasons)
    reasons += [f"{SIGNS[sign.sign].lower()} worsens" for sign in report.worse]
    late = [one.care for one in report.care if one.overdue]
    return (*reasons, *([f"{', '.join(late)} overdue"] if late else []))


def _shown(row: FleetRow, zone_name: str) -> dict[str, Any]:
    identity, report = row.system.claims.identity, row.report
    return {
        "look": row.look,
        "name": identity.name,
        "href": system_page(row.system),
        "tier": identity.tier,
        "simulated": identity.simulated,
        "simulated_parts": simulated_parts(row.system),
        "spend_simulated": not identity.simulated and cost_in_short.simulated(row.system),
        "verdict": words.VERDICTS[row.system.assessment.verdict],
        "parts": [_part(part) for part in row.parts],
        "why": "; ".join([*row.wrong, *(row.today or row.soon)]),
        "report": _day(report.as_of, zone_name) if report is not None else "",
        "report_href": row.href,
        "changed": _changed(row, zone_name),
        "change_look": _change_look(row),
        "slow": _slow(report),
        "slow_look": slow_look(report) if report is not None and report.signs else words.UNKNOWN,
        "spend": spend_in_short(report.spend) if report is not None else "not on record",
        "over": report is not None and report.spend is not None
        and spend_look(report.spend).tone == "bad",
        "hypercare": hypercare_in_short(report.hypercare) if report is not None else "",
        "gaps": count_open(row.system.assessment),
        "debt": f"{row.debt:,}",
        "next": row.next,
        "overdue": OVERDUE if row.overdue else None,
    }  # fmt: skip


def _day(at: datetime, zone_name: str) -> str:
    """The day in the zone of the workbook, in which its schedule is written."""
    return words.day(at.astimezone(zone(zone_name)).date())


def _changed(row: FleetRow, zone_name: str) -> str:
    """What changed, and by which report; and how it is worse since that."""
    report = row.report
    if report is None:
        return "no report on record"
    told = f"{since_in_short(report)}, by the report of {_day(report.as_of, zone_name)}"
    worse = worse_than(row.system, report)
    return f"{worse} since; before: {told}" if worse else told


def _change_look(row: FleetRow) -> Look:
    if row.report is None:
        return words.UNKNOWN
    return WORSE if worse_than(row.system, row.report) else change_look(row.report)


def _part(part: Summed) -> Look:
    """Glyph of the state, and the part's name in the place of the word."""
    look, aside = sum_look(part), aside_in_short(part)
    name = f"{part.name}, {aside}" if aside else part.name
    return Look(look.glyph, name, look.colour, look.tone)


def _slow(report: WeeklyReport | None) -> str:
    """Which signs worsen, or how many of them can be told at all."""
    if report is None:
        return "not on record"
    if report.worse:
        return ", ".join(dict.fromkeys(SIGNS[sign.sign].lower() for sign in report.worse))
    told = sum(sign.state in {"better", "steady"} for sign in report.signs)
    return f"{told} of {len(report.signs)} signs can be told"
