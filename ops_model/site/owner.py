"""The model owner's page of one system: the five questions, and what to fix first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ops_model.check.turns import Turn, turns
from ops_model.domain.assessment import Assessment
from ops_model.domain.detection import QualityMeasurement
from ops_model.domain.evidence import AREAS, Area
from ops_model.domain.system import AISystem
from ops_model.site import cost_in_short, named, words
from ops_model.site.area import counted
from ops_model.site.decided_rows import decided_view, hrefs_of
from ops_model.site.five import five_questions
from ops_model.site.gaps import Gap, gaps_of
from ops_model.site.head import head
from ops_model.site.history import since_in_short
from ops_model.site.in_date import NOT_MEASURED, quality_now, quality_too_old, unknown_since
from ops_model.site.links import area_page, check_hrefs, needed, root_of, seen_from, system_page
from ops_model.site.reach import Reach
from ops_model.site.site_input import SiteInput, SiteSystem
from ops_model.site.verdicts import by_weight, count_open, in_short

MOST_GAPS = 5
"""So many things to do stand on the first page; all of them on the page behind it."""


def owner(pages: SiteInput, system: SiteSystem) -> dict[str, Any]:
    """All that the template of the model owner's page needs."""
    assessment, path = system.assessment, system_page(system)
    gaps = gaps_of(assessment, pages.people)
    decided = decided_view(system.decided, pages.people)
    return {
        **head(system, path),
        "why": in_short(assessment),
        "alarms": alarms(system),
        "since": since_in_short(system),
        "history": root_of(path) + system_page(system, "history"),
        "facts": _facts(pages, system),
        "questions": five_questions(system, path),
        "gaps": gaps[:MOST_GAPS],
        "gap_hrefs": gap_hrefs(system, path),
        "more_gaps": len(gaps) - len(gaps[:MOST_GAPS]),
        "all_gaps": root_of(path) + system_page(system, "gaps"),
        "waivers": _waivers(assessment),
        "decided": decided,
        "decided_hrefs": hrefs_of(decided, check_hrefs(system, path)),
        "change": _would_change(assessment, system),
        "rows": _area_rows(assessment, system, path),
    }


def all_gaps(pages: SiteInput, system: SiteSystem) -> dict[str, Any]:
    """All that the template of the list of gaps needs."""
    path = system_page(system, "gaps")
    gaps = gaps_of(system.assessment, pages.people)
    return {
        **head(system, path),
        "gaps": gaps,
        "gap_hrefs": gap_hrefs(system, path),
        "theirs": _theirs(gaps),
        **_counted(gaps),
    }


def _counted(gaps: Sequence[Gap]) -> dict[str, Any]:
    """How many checks stand in the way, of which kind; each stands in one of three."""
    waived = [gap for gap in gaps if gap.to_do.first.waived]
    waiting = [gap for gap in gaps if gap.waits and gap not in waived]
    now = [gap for gap in gaps if gap not in waived and gap not in waiting]
    kinds = {"now": now, "waiting": waiting, "waived": waived}
    checks = {kind: sum(len(gap.to_do.checks) for gap in of) for kind, of in kinds.items()}
    return {"checks": checks, "things": len(now)}


def gap_hrefs(system: SiteSystem, path: str) -> Mapping[str, str]:
    """Where each finding that stands in the way is answered, seen from `path`."""
    hrefs = check_hrefs(system, path)
    return {f.check: hrefs[f.check] for f in system.assessment.findings if f.blocks}


def alarms(system: SiteSystem) -> list[str]:
    """What the latest measurement of each quality monitor says while its alarm stands.

    Without a measurement, or with one that is too old, that is said: no line would be good news.
    """
    latest = {
        s.statement.record.monitor: s.statement.record
        for s in needed(system)
        if isinstance(s.statement.record, QualityMeasurement)
    }
    if not latest:
        return [NOT_MEASURED]
    said = [_alarm(system, record) for record in latest.values()]
    return [one for one in said if one]


def _alarm(system: SiteSystem, record: QualityMeasurement) -> str:
    if record.alarm_at is not None:
        return quality_now(system, record)
    return unknown_since(record) if quality_too_old(system, record) else ""


def _theirs(gaps: Sequence[Gap]) -> list[tuple[str, str]]:
    """How many things each owner can do, who has most of them first."""
    counts = Counter(g.owner for g in gaps if not g.waits and not g.to_do.first.waived)
    return [(owner, words.plural(n, "thing")) for owner, n in counts.most_common()]


def _facts(pages: SiteInput, system: SiteSystem) -> list[tuple[str, str]]:
    identity = system.claims.identity
    newest = max((s.statement.as_of for s in system.statements), default=None)
    until = system.assessment.valid_until
    return [
        ("accountable", owner_name(pages, system)),
        ("risk tier", f"{identity.tier}, {named.SYSTEM_KINDS[identity.kind]}"),
        ("in production", _in_production(identity)),
        ("checks met", _met(system.assessment)),
        *cost_in_short.facts(system),
        ("evidence taken", words.instant(newest) if newest else "none on the ledger"),
        ("valid until", words.instant(until) if until else "no end on record"),
        *_unjudged(system.assessment),
    ]


def _in_production(identity: AISystem) -> str:
    """Since when this version serves; one that never did says so."""
    since = identity.version.in_production_since
    return f"since {words.instant(since)}" if since is not None else "never served"


def _met(assessment: Assessment) -> str:
    asked = [f for f in assessment.findings if f.status != "not_applicable"]
    met = sum(f.status == "passed" for f in asked)
    return f"{met} of {len(asked)} that apply; {count_open(assessment)}"


def _unjudged(assessment: Assessment) -> list[tuple[str, str]]:
    judged = {f.area for f in assessment.findings}
    without = [area for area in AREAS if area not in judged]
    return [("not judged", f"{', '.join(without)}: no check looks there")] if without else []


def _waivers(assessment: Assessment) -> dict[str, Any]:
    """Both verdicts, what somebody answers for and until when, and what is not asked at all."""
    waived = [f for f in assessment.findings if f.waived and f.blocks]
    return {
        "with": words.VERDICTS[assessment.verdict],
        "without": words.VERDICTS[assessment.verdict_without_waivers],
        "waived": [
            (f.check, f"until {words.day(f.valid_until.date())}" if f.valid_until else "")
            for f in waived
        ],
        "conditions": [one.replace("-", " ") for one in assessment.open_conditions],
        "off": [f.check for f in assessment.findings if f.switched_off],
    }


def _would_change(assessment: Assessment, system: SiteSystem) -> list[str]:
    """What makes the verdict better, what makes it worse by itself, and what reviewers wrote."""
    review = system.claims.decisions.review if system.claims.decisions else None
    turning = turns(assessment)
    said = [_turn(turn) for turn in turning]
    if assessment.valid_until is not None and not any(turn.at for turn in turning):
        ends = words.instant(assessment.valid_until)
        said.append(f"something that it rests on ends on {ends}, and the verdict stays")
    return [*said, *(review.would_change if review is not None else ())]


def _turn(turn: Turn) -> str:
    checks = ", ".join(turn.checks[:4])
    checks += f" and {len(turn.checks) - 4} more" if len(turn.checks) > 4 else ""
    if turn.at is not None:
        when = words.instant(turn.at)
        return f"{turn.to} from {when}, when what {checks} rests on ends, unless it is shown anew"
    close = f"{checks} {'closes' if len(turn.checks) == 1 else 'close'}" if checks else ""
    close += f", and {', '.join(turn.sums)} with what it sums up" if close and turn.sums else ""
    met = f"{words.plural(len(turn.conditions), 'condition')} met" if turn.conditions else ""
    return f"{turn.to} once {' and '.join(part for part in (close, met) if part)}"


def _area_rows(assessment: Assessment, system: SiteSystem, path: str) -> list[dict[str, Any]]:
    """Each area with its status and what is open there, those with the heaviest gaps first."""
    heavy = [f.area for f in by_weight(assessment.findings) if f.blocks]
    judged = {f.area for f in assessment.findings}
    return [
        _area_row(area, assessment, seen_from(path, area_page(system, area)))
        for area in dict.fromkeys([*heavy, *AREAS])
        if area in judged
    ]


def _area_row(area: Area, assessment: Assessment, href: str) -> dict[str, Any]:
    found = counted(f for f in assessment.findings if f.area == area)
    return {
        "area": area,
        "href": href,
        "look": words.STATUSES[assessment.areas.get(area, "not_applicable")],
        "met": f"{found.met} of {found.asked}",
        "open": found.open or "none",
        "informs": area == "portfolio",
    }


def owner_name(pages: SiteInput, system: SiteSystem) -> str:
    """Who is accountable, as a page names them, and whether they can be reached at all."""
    ownership = system.claims.ownership
    return Reach.of(pages, system).label(ownership.accountable if ownership else None)
