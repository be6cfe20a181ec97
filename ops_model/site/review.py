"""The reviewer's page of one system, in the order in which a reviewer decides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ops_model.domain.decisions import SEATS
from ops_model.domain.evidence import (
    AREAS,
    Assessment,
    Finding,
    Measurement,
    NamedValue,
    Record,
)  # fmt: skip
from ops_model.domain.people import People
from ops_model.domain.signals import QualityMeasurement
from ops_model.domain.system import AISystem
from ops_model.domain.values import digest_of
from ops_model.site import words
from ops_model.site.evidence_rows import bundles, evidence_row, inputs, needed
from ops_model.site.gaps import Gap, gaps_of, says
from ops_model.site.links import Link, entries, link_to, links_to, root_of, system_page
from ops_model.site.parts import SVG_SAFE
from ops_model.site.runs import run_rows
from ops_model.site.site_input import GradedStatement, SiteInput, SiteSystem
from ops_model.site.told import told
from ops_model.site.trends import sparkline_svg, trend
from ops_model.site.verdicts import by_weight, why
from ops_model.site.words import Look

_MOST_RUNS = 8
_MOST_HISTORY = 12


@dataclass(frozen=True)
class Item:
    """A finding as the page shows it; `values` are those that its message does not give.

    `gap` is the check with which it is told under what stops go-live.
    """

    finding: Finding
    look: Look
    owner: str
    links: tuple[Link, ...]
    values: tuple[NamedValue, ...]
    gap: str = ""
    first_gap: bool = False


@dataclass(frozen=True)
class Group:
    """The findings of an area."""

    area: str
    look: Look
    items: tuple[Item, ...]


def review(pages: SiteInput, system: SiteSystem) -> dict[str, Any]:
    """All that the template of the review page needs about one system."""
    assessment, identity = system.assessment, system.claims.identity
    root = root_of(system_page(system))
    gaps = gaps_of(assessment, pages.people)
    items = _items(system, pages.people, gaps)
    rests_on = needed(system)
    runs = run_rows(system, root)
    other = assessment.verdict_without_waivers
    return {
        "name": identity.name,
        "folder": f"systems/{system.claims.id}/",
        "version": identity.version.label,
        "simulated": is_simulated(system),
        "simulated_parts": simulated_parts(system),
        "all_simulated": all_made_up(system.statements),
        "verdict": words.VERDICTS[assessment.verdict],
        "other_verdict": other if other != assessment.verdict else "",
        "why": why(assessment),
        "next_steps": _next_steps(items),
        "alarms": _alarms(rests_on),
        "since": _since(system),
        "facts": _facts(pages, system),
        "questions": _questions(system),
        "gaps": gaps,
        "in_the_way": sum(len(gap.to_do.checks) for gap in gaps),
        "groups": _groups(assessment, items),
        "answers": len(items),
        "seats": _seats(pages, system),
        "decision": _decision(system, pages),
        "commands": _commands(system),
        "digest": digest_of(assessment),
        "policy": assessment.policy,
        "ledger_size": assessment.ledger_size,
        "evidence": [evidence_row(s, system, pages.people, root) for s in rests_on],
        "more_evidence": len(system.statements) - len(rests_on),
        "inputs": inputs(rests_on),
        "bundles": bundles(system, rests_on),
        "history": _history(system, root),
        "runs": runs[:_MOST_RUNS],
        "older_runs": runs[_MOST_RUNS:],
    }


def _next_steps(items: Sequence[Item]) -> list[dict[str, str]]:
    """For each owner of a gap the heaviest one's remedy, and how many more are theirs."""
    theirs: dict[str, list[Item]] = {}
    for item in items:
        if item.finding.blocks and not item.finding.waived:
            theirs.setdefault(item.owner, []).append(item)
    return [
        {
            "owner": owner,
            "check": gaps[0].finding.check,
            "remedy": gaps[0].finding.remedy or "nothing is written down",
            "more": f"{words.plural(len(gaps) - 1, 'more gap')}" if len(gaps) > 1 else "",
        }
        for owner, gaps in theirs.items()
    ]


def _alarms(told_by: Sequence[GradedStatement]) -> list[str]:
    """What the latest measurement of each quality monitor says while its alarm stands."""
    latest = {
        s.statement.record.monitor: s.statement.record
        for s in told_by
        if isinstance(s.statement.record, QualityMeasurement)
    }
    return [told(record) for record in latest.values() if record.alarm_at is not None]


def _seats(pages: SiteInput, system: SiteSystem) -> list[dict[str, str]]:
    """Each seat of the deploy review (S1.25) with the person who is named for it, or none."""
    decisions = system.claims.decisions
    named = {seat.seat: seat.person for seat in decisions.review.seats} if decisions else {}
    return [
        {"seat": seat, "person": pages.people.label(named[seat]) if seat in named else ""}
        for seat in SEATS
    ]


def is_simulated(system: SiteSystem) -> bool:
    """True when the whole system is declared simulated."""
    return system.claims.identity.simulated


def simulated_parts(system: SiteSystem) -> str:
    """Which measurements of a real system rest on simulated rows, such as `spend`."""
    return "" if is_simulated(system) else parts_made_up(system.statements)


def parts_made_up(told_by: Iterable[GradedStatement]) -> str:
    """Which of these measurements rest on simulated rows."""
    measured = (s.statement.record for s in told_by)
    kinds = {r.kind for r in measured if isinstance(r, Measurement) and r.simulated}
    return ", ".join(sorted(words.KINDS.get(kind, kind).lower() for kind in kinds))


def all_made_up(told_by: Iterable[GradedStatement]) -> bool:
    """True when each of these measurements rests on simulated rows."""
    measured = [s.statement.record for s in told_by]
    return all(r.simulated for r in measured if isinstance(r, Measurement))


def _here(system: SiteSystem) -> Mapping[int, str]:
    """The row of the evidence table that tells more about an entry."""
    return {s.statement.seq: f"#entry-{s.statement.seq}" for s in needed(system)}


def _items(system: SiteSystem, people: People, gaps: Sequence[Gap]) -> list[Item]:
    shown = _here(system)
    told_with = {check: gap.to_do.first.check for gap in gaps for check in gap.to_do.checks}
    items: list[Item] = []
    for finding in by_weight(system.assessment.findings):
        items.append(
            Item(
                finding=finding,
                look=words.look(finding),
                owner=people.label(finding.owner),
                links=links_to(finding.looked_at, shown, system.claims.id),
                values=tuple(v for v in finding.values if not says(finding, v)),
                gap=told_with.get(finding.check, ""),
                first_gap=not items and finding.blocks,
            )
        )
    return items


def _picture(record: Record) -> Mapping[str, str] | None:
    values, label = trend(record)
    svg = sparkline_svg(values, label)
    source = f"data:image/svg+xml,{quote(svg, safe=SVG_SAFE)}"
    return {"source": source, "label": label} if svg else None


def _groups(assessment: Assessment, items: Sequence[Item]) -> list[Group]:
    groups = []
    # `items` come with the heaviest first; an area with gaps stands where its heaviest would.
    with_gaps = [i.finding.area for i in items if i.finding.blocks]
    for area in dict.fromkeys([*with_gaps, *AREAS]):
        inside = tuple(i for i in items if i.finding.area == area)
        if inside:
            status = assessment.areas.get(area, "not_applicable")
            groups.append(Group(area, words.STATUSES[status], inside))
    return groups


def _questions(system: SiteSystem) -> list[dict[str, Any]]:
    shown = _here(system)
    records = {s.statement.seq: s.statement.record for s in system.statements}
    answered = Look("✓", "answered", words.GREEN, "good")
    unanswered = Look("✖", "no answer", words.RED, "bad")
    return [
        {
            "text": q.question,
            "answer": q.answer,
            "look": answered if q.answered else unanswered,
            "links": links_to(q.evidence, shown, system.claims.id),
            "pictures": [
                picture
                for place in q.evidence
                if place.path == "ledger" and place.line in records
                if (picture := _picture(records[place.line]))
            ],
        }
        for q in system.assessment.five_questions
    ]


def _facts(pages: SiteInput, system: SiteSystem) -> list[tuple[str, str]]:
    identity, ownership = system.claims.identity, system.claims.ownership
    newest = max((s.statement.as_of for s in system.statements), default=None)
    until = system.assessment.valid_until
    return [
        ("risk tier", f"{identity.tier}, {words.SYSTEM_KINDS[identity.kind]}"),
        ("in production", _in_production(identity)),
        ("accountable", pages.people.label(ownership.accountable if ownership else None)),
        ("judged as of", words.instant(system.assessment.as_of)),
        ("evidence taken", words.instant(newest) if newest else "none on the ledger"),
        ("valid until", words.instant(until) if until else "no end on record"),
        ("checks met", _met(system.assessment)),
        ("not judged", _unjudged(system.assessment)),
    ]


def _in_production(identity: AISystem) -> str:
    """Since when this version serves; one that never did says so."""
    since = identity.version.in_production_since
    return f"since {words.instant(since)}" if since is not None else "never served"


def _met(assessment: Assessment) -> str:
    asked = [f for f in assessment.findings if f.status != "not_applicable"]
    met = sum(f.status == "passed" for f in asked)
    return f"{met} of {len(asked)} that apply"


def _unjudged(assessment: Assessment) -> str:
    judged = {f.area for f in assessment.findings}
    without = [area for area in AREAS if area not in judged]
    return f"{', '.join(without)}: no check looks there yet" if without else "nothing is left out"


def assessments(system: SiteSystem) -> list[tuple[GradedStatement, Assessment]]:
    """The assessments of a system on the ledger, the latest first."""
    found = [
        (s, s.statement.record)
        for s in system.statements
        if isinstance(s.statement.record, Assessment)
    ]
    return sorted(found, key=lambda f: (f[1].as_of, f[0].statement.seq), reverse=True)


def _since(system: SiteSystem) -> str:
    recorded = assessments(system)
    if not recorded:
        return "No earlier assessment is on the ledger."
    graded, earlier = recorded[0]
    before = {f.check for f in earlier.blocking}
    now = {f.check for f in system.assessment.blocking}
    closed, new = sorted(before - now), sorted(now - before)
    parts = [f"closed {', '.join(closed)}"] if closed else []
    parts += [f"new {', '.join(new)}"] if new else []
    said = "; ".join(parts) or "no gap closed, none new"
    before_now = words.instant(earlier.as_of)
    return f"Since the assessment as of {before_now} (entry {graded.statement.seq}): {said}."


def _history(system: SiteSystem, root: str) -> list[dict[str, Any]]:
    shown = entries(system)
    recorded = assessments(system)
    rows = []
    for place, (graded, assessment) in enumerate(recorded[:_MOST_HISTORY]):
        gaps = len(assessment.blocking)
        change = ""
        if place + 1 < len(recorded):
            difference = gaps - len(recorded[place + 1][1].blocking)
            change = f" ({difference:+d})" if difference else " (unchanged)"
        rows.append(
            {
                "look": words.VERDICTS[assessment.verdict],
                "as_of": assessment.as_of,
                "recorded_at": graded.statement.recorded_at,
                "gaps": f"{words.plural(gaps, 'check')}{change}",
                "link": link_to(graded.statement.place, shown, root),
            }
        )
    return rows


def _decision(system: SiteSystem, pages: SiteInput) -> str:
    assessment, version = system.assessment, system.claims.identity.version.label
    gaps = words.plural(len(assessment.blocking), "gap stops", "gaps stop")
    return (
        f"Decision on {system.claims.id} {version}: [approve | approve with conditions | reject]\n"
        f"By [name], seat [{' | '.join(SEATS)}], on [date]\n"
        f"Seen: {assessment.verdict}, {gaps} go-live, as of {words.instant(pages.as_of)}\n"
        f"Assessment {digest_of(assessment)}\n"
        "Reason: [one sentence]"
    )


def _commands(system: SiteSystem) -> list[str]:
    return [f"ops-model check {system.claims.id}", "ops-model verify ledger.db"]
