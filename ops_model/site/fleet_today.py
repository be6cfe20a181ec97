"""Why somebody has to look at a system today: what stands now, and what its week says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ops_model.check.grades import TOOL
from ops_model.check.question import FIVE_QUESTIONS
from ops_model.domain.alerts import Alert, AlertAnswer, Concern
from ops_model.domain.detection import QualityMeasurement
from ops_model.domain.incidents import Incident
from ops_model.domain.people import People
from ops_model.domain.service_levels import ServiceLevelMeasurement
from ops_model.domain.spend import SpendMeasurement
from ops_model.domain.values import zone
from ops_model.domain.weekly import VERDICT_ORDER, Summed, WeeklyReport
from ops_model.site import words
from ops_model.site.five import breach
from ops_model.site.links import needed
from ops_model.site.site_input import SiteSystem
from ops_model.site.weekly_words import spend_look

_MOST_NAMED = 3


@dataclass(frozen=True)
class Week:
    """The newest weekly report, where there is one, and whether it is of this week or overdue."""

    report: WeeklyReport | None
    fresh: bool
    overdue: bool


def today(
    system: SiteSystem, parts: Sequence[Summed], week: Week, people: People, as_of: datetime
) -> tuple[str, ...]:
    """Why somebody has to look today at a system that serves users; empty where nobody has to.

    Args:
        system: its claims, the verdict of now, and what was recorded of it.
        parts: the three parts of that verdict.
        week: its newest report.
        people: those of the workbook, of whom one has to be accountable.
        as_of: the instant that judges.
    """
    return (
        *_unowned(system, people, as_of), *_of_now(system, parts),
        *_incidents(system.claims.incidents, as_of), *_alerts(system, as_of),
        *_of_week(system, week),
    )  # fmt: skip


def broken(system: SiteSystem) -> tuple[str, ...]:
    """What the newest measurements show to be broken, in a few words each, what users feel first.

    A verdict may stand as it stood last week while all of this is so.
    """
    measured = [s.statement.record for s in needed(system)]
    quality = {r.monitor: r for r in measured if isinstance(r, QualityMeasurement)}
    levels = {r.objective: r for r in measured if isinstance(r, ServiceLevelMeasurement)}
    spends = [r for r in measured if isinstance(r, SpendMeasurement)][-1:]
    return (
        *(said for record in quality.values() if (said := breach(record))),
        *(said for record in levels.values() if (said := _overspent(record))),
        *(said for record in quality.values() for said in _below(record)),
        *(said for record in spends if (said := breach(record))),
    )


def _overspent(record: ServiceLevelMeasurement) -> str:
    left = record.budget_left
    if left.value is None or left.value >= 0:
        return ""
    over = words.amount(-left.value, left.unit)
    return f"error budget of {record.objective} overspent by {over} ({words.basis(left)})"


def _below(record: QualityMeasurement) -> Iterator[str]:
    """The critical segments that do worse than their floor."""
    for segment in record.segments:
        value, floor = segment.quality.value, segment.floor
        if value is None or floor is None:
            continue
        beyond, side = (value < floor, "below") if record.better == "higher" else (
            value > floor, "above"
        )  # fmt: skip
        if beyond:
            limit = words.amount(floor, record.baseline.unit)
            told = words.full(segment.quality)
            yield f"{segment.column} {segment.value} {side} its floor of {limit}: {told}"


def worse_than(system: SiteSystem, report: WeeklyReport) -> str:
    """How now is worse than it was at a report; empty where it is not.

    `NOT READY became DEMO ONLY, 52 more checks stand in the way`: a verdict may stay as it was
    while much opens behind it.
    """
    then, now = (
        VERDICT_ORDER.index(verdict) for verdict in (report.verdict, system.assessment.verdict)
    )
    fell = [f"{report.verdict} became {system.assessment.verdict}"] if now < then else []
    more = len(system.assessment.blocking) - sum(not gap.waived for gap in report.gaps)
    stand = words.plural(more, "more check stands", "more checks stand")
    return ", ".join([*fell, *([f"{stand} in the way"] if more > 0 else [])])


def got_worse(system: SiteSystem, week: Week) -> bool:
    """True when this week's report says so, or it is worse now than at the newest report."""
    report = week.report
    if report is None:
        return False
    return bool(worse_than(system, report)) or (week.fresh and report.got_worse)


def _unowned(system: SiteSystem, people: People, as_of: datetime) -> Iterator[str]:
    """That nobody who works here answers for the system."""
    ownership = system.claims.ownership
    if ownership is None:
        yield "nobody is accountable for it"
        return
    person = people.person(ownership.accountable)
    if person is None or not person.active_on(as_of.astimezone(zone(person.zone)).date()):
        who = people.label(ownership.accountable)
        yield f"nobody who works here is accountable for it (ownership.yaml names {who})"


def _of_now(system: SiteSystem, parts: Sequence[Summed]) -> Iterator[str]:
    verdict = system.assessment.verdict
    open_now = {f.check for f in system.assessment.blocking}
    asked = [text for text, checks in FIVE_QUESTIONS if open_now.intersection(checks)]
    if verdict == "DEMO ONLY" or (verdict == "NOT READY" and asked):
        yield f"{verdict}, {len(asked)} of the {len(FIVE_QUESTIONS)} questions open"
    legal = next((one for one in parts if one.name == "legal"), None)
    if legal is not None and legal.status == "failed" and system.claims.identity.tier == "A":
        yield f"legal failed at tier A ({_named(legal.open)})"


def _named(checks: Sequence[str]) -> str:
    more = len(checks) - _MOST_NAMED
    return ", ".join(checks[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _incidents(incidents: Sequence[Incident], as_of: datetime) -> Iterator[str]:
    for incident in incidents:
        seen = incident.detected_at <= as_of and not _by(incident.closed_at, as_of)
        grave = incident.severity in {"sev1", "sev2"} and incident.state != "closed"
        if seen and grave and not _by(incident.acknowledged_at, as_of):
            yield f"nobody has acknowledged {incident.id} ({incident.severity})"


def _by(at: datetime | None, as_of: datetime) -> bool:
    return at is not None and at <= as_of


def _alerts(system: SiteSystem, as_of: datetime) -> Iterator[str]:
    """Pages that stand still and that nobody has answered."""
    own = [
        s.statement for s in system.statements
        if s.statement.origin is None and s.statement.actor == TOOL and s.statement.as_of <= as_of
    ]  # fmt: skip
    answered = {s.record.code for s in own if isinstance(s.record, AlertAnswer)}
    open_now: dict[tuple[str, str], Concern] = {}
    taken: set[tuple[str, str]] = set()
    own.sort(key=lambda s: (s.as_of, s.seq))
    for alert in (s.record for s in own if isinstance(s.record, Alert)):
        for concern in alert.concerns:
            if alert.over:
                taken.discard(concern.subject)
            elif concern.severity == "page" and alert.code in answered:
                # Whoever answered one of them has those that were sent again, too.
                taken.add(concern.subject)
            if alert.over or concern.subject in taken:
                open_now.pop(concern.subject, None)
            elif concern.severity == "page":
                open_now[concern.subject] = concern
    for concern in open_now.values():
        yield f"nobody has answered the page about {concern.kind} {concern.about}"


def _of_week(system: SiteSystem, week: Week) -> Iterator[str]:
    report = week.report
    if week.overdue:
        yield "its report is overdue"
    elif not week.fresh:
        yield "no report of this week"
    if report is None:
        return
    day = words.day(report.as_of.date())
    if worse := worse_than(system, report):
        yield f"{worse} since the report of {day}"
    if week.fresh and report.got_worse:
        yield "got worse since last week"
    if week.fresh and report.spend is not None and spend_look(report.spend).tone == "bad":
        yield "spent more than its ceiling"
