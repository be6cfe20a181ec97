"""The product reviewer's page of one system: is the outcome moving, and for whom is it worst?

Then the words that users read, the decision that is asked of the reviewer, and what a success
costs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ops_model.domain.decisions import SEATS, DecisionRight
from ops_model.domain.detection import OutcomeMeasurement, QualityMeasurement
from ops_model.domain.evidence import Measured
from ops_model.domain.people import People
from ops_model.domain.signals import OutcomeMetric
from ops_model.domain.signals_watched import CriticalSegment
from ops_model.domain.walk_contain import ACTION_WORDS
from ops_model.domain.walk_scene import span
from ops_model.site import cost_in_short, words
from ops_model.site.growth_cards import against
from ops_model.site.head import answers, head, records
from ops_model.site.in_date import (
    last_measured,
    look_now,
    quality_now,
    quality_too_old,
    unknown_since,
)
from ops_model.site.links import system_page
from ops_model.site.seats import seat_view
from ops_model.site.site_input import SiteInput, SiteSystem
from ops_model.site.words import Look

PATH = "product"
MOVING = Look("✓", "moving", words.GREEN, "good")
NO_CHANGE = Look("?", "no clear change", words.AMBER, "warn")
WORSE = Look("✖", "moving the wrong way", words.RED, "bad")
NOT_MEASURED = Look("?", "not measured", words.RED, "bad")
NOT_DECLARED = Look("?", "no outcome is named", words.RED, "bad")
_WORST_FIRST = (WORSE, NOT_DECLARED, NOT_MEASURED, words.UNKNOWN, NO_CHANGE, MOVING)
_MOST_SEGMENTS = 6


@dataclass(frozen=True)
class OutcomeRow:
    """One outcome: what was wanted, what was measured, and which way it goes.

    `last` says when it was last measured, where that no longer tells which way it goes.
    """

    look: Look
    name: str
    wanted: str
    now: str
    change: str
    last: str = ""


@dataclass(frozen=True)
class SegmentRow:
    """A segment now and in the baseline; `floor` and `why` where it was named as critical."""

    name: str
    now: str
    baseline: str
    change: str
    floor: str
    why: str
    look: Look | None


def product(pages: SiteInput, system: SiteSystem) -> dict[str, Any]:
    """All that the template of the product reviewer's page needs."""
    path, people = system_page(system, PATH), pages.people
    outcomes = _outcomes(system)
    look = min((row.look for row in outcomes), key=_WORST_FIRST.index, default=NOT_DECLARED)
    decisions = system.claims.decisions
    return {
        **head(system, path),
        "look": look,
        "last": next((row.last for row in outcomes if row.look is look), ""),
        "outcomes": outcomes,
        "outcome_answers": answers(system, ["QLT-06", "QLT-08"], people, path),
        "segments": segments(system),
        "segments_old": [
            unknown_since(record)
            for record in _latest_quality(system)
            if record.segments and quality_too_old(system, record)
        ],
        "quality": [quality_now(system, record) for record in _latest_quality(system)],
        "segment_answers": answers(system, ["QLT-04"], people, path),
        "notices": _notices(system),
        "notice_answers": answers(system, ["FBK-03"], people, path),
        "statement": (decisions.business_statement or "") if decisions is not None else "",
        "rights": _rights(decisions.rights if decisions is not None else (), people),
        "units": _units(system),
        "spend": cost_in_short.spend_facts(system),
        "grew": cost_in_short.grew(system),
        "cost_answers": answers(system, ["CST-08", "CST-02"], people, path),
        "seat": seat_view(pages, system, "product"),
    }


def _outcomes(system: SiteSystem) -> list[OutcomeRow]:
    signals = system.claims.signals
    measured: dict[str, OutcomeMeasurement] = {}
    for record in records(system, OutcomeMeasurement):
        measured.setdefault(record.outcome, record)
    return [
        _outcome(system, metric, measured.get(metric.id))
        for metric in (signals.outcomes if signals is not None else ())
    ]


def _outcome(
    system: SiteSystem, metric: OutcomeMetric, record: OutcomeMeasurement | None
) -> OutcomeRow:
    way = "up" if metric.direction == "up" else "down"
    unit = metric.unit
    wanted = f"{way} from {metric.baseline:g} to {metric.target:g} ({unit}), as declared"
    if record is None:
        return OutcomeRow(NOT_MEASURED, metric.name, wanted, "no measurement is on record", "")
    look = look_now(moving(record.change), system, "QLT-06", record)
    return OutcomeRow(
        look=look,
        name=metric.name,
        wanted=wanted,
        now=words.full(record.current),
        change=words.full(record.change, unit=words.signed(record.change.unit)),
        last=last_measured(record) if look is words.UNKNOWN else "",
    )


def moving(change: Measured) -> Look:
    """Which way an outcome goes, by the near end of its interval; positive is what was wanted."""
    if change.low is None or change.high is None:
        return NO_CHANGE if change.value is not None else NOT_MEASURED
    if change.low > 0:
        return MOVING
    return WORSE if change.high < 0 else NO_CHANGE


def _latest_quality(system: SiteSystem) -> list[QualityMeasurement]:
    latest: dict[str, QualityMeasurement] = {}
    for record in records(system, QualityMeasurement):
        latest.setdefault(record.monitor, record)
    return list(latest.values())


def segments(system: SiteSystem) -> list[SegmentRow]:
    """The segments of each quality monitor, the one that fell farthest first."""
    signals = system.claims.signals
    critical = signals.critical_segments if signals is not None else ()
    units = {m.id: m.unit for m in signals.monitors} if signals is not None else {}
    rows: list[tuple[float, SegmentRow]] = []
    for record in _latest_quality(system):
        old = quality_too_old(system, record)
        for segment in record.segments:
            named = next(
                (c for c in critical
                 if (c.monitor, c.column, c.value)
                 == (record.monitor, segment.column, segment.value)),
                None,
            )  # fmt: skip
            name = f"{segment.column} = {segment.value}"
            fall, row = _segment(name, segment.quality, segment.baseline, named)
            if row.look is not None and old:
                row = replace(row, look=words.UNKNOWN)
            rows.append((-fall if record.better == "lower" else fall, row))
    order = sorted(rows, key=lambda row: (row[0], row[1].name))
    kept = [row for place, (_, row) in enumerate(order) if place < _MOST_SEGMENTS or row.floor]
    return kept + _unmeasured(critical, units, {row.name for row in kept})


def _segment(
    name: str, now: Measured, baseline: Measured, critical: CriticalSegment | None
) -> tuple[float, SegmentRow]:
    fall = 0.0
    if now.value is not None and baseline.value is not None:
        fall = now.value - baseline.value
    unit = "signed points" if now.unit == "share" else now.unit
    floor, why, look = "", "", None
    if critical is not None:
        floor = words.amount(float(critical.floor), now.unit)
        why, look = critical.why, _against(now, float(critical.floor))
    row = SegmentRow(
        name, words.brief(now), words.brief(baseline), words.amount(fall, unit), floor, why, look
    )
    return fall, row


def _against(now: Measured, floor: float) -> Look:
    """A segment against its floor, by the near end of its interval."""
    if now.low is None or now.high is None:
        return words.UNKNOWN
    if now.low >= floor:
        return Look("✓", "above its floor", words.GREEN, "good")
    if now.high < floor:
        return Look("✖", "below its floor", words.RED, "bad")
    return Look("?", "too close to tell", words.AMBER, "warn")


def _unmeasured(
    critical: Sequence[CriticalSegment], units: Mapping[str, str], shown: set[str]
) -> list[SegmentRow]:
    return [
        SegmentRow(name, "not measured", "", "",
                   words.amount(float(one.floor), units.get(one.monitor, "share")), one.why,
                   words.UNKNOWN)
        for one in critical
        if (name := f"{one.column} = {one.value}") not in shown
    ]  # fmt: skip


def _notices(system: SiteSystem) -> list[tuple[str, str, str]]:
    """The words that users read, when, and where."""
    fallback, decisions = system.claims.fallback, system.claims.decisions
    support = system.claims.identity.support
    told_by = [
        (f"while {path.replaces} is down", path.user_notice.text,
         f"{path.user_notice.channel}, within {path.user_notice.within_seconds:,} s")
        for path in (fallback.paths if fallback is not None else ())
        if path.user_notice is not None
    ]  # fmt: skip
    told_by += [
        (f"to {path.audience}, when something is wrong", path.text or "no words are written yet",
         f"{path.channel}, within {span(path.within_minutes)}")
        for path in (decisions.communication if decisions is not None else ())
        if path.audience in {"users", "public"}
    ]  # fmt: skip
    if support is not None:
        first = f"a first answer within {span(support.first_response_minutes)}"
        told_by.append(("where users turn to", support.channel, f"{support.hours}; {first}"))
    return told_by


def _rights(rights: Sequence[DecisionRight], people: People) -> list[tuple[str, str, str]]:
    """The decisions that wait for somebody of the product: action, as what, within."""
    rows = []
    for right in rights:
        roles = {"decides": (right.holder,), "stands in": (right.backup,),
                 "approves": right.approvers}  # fmt: skip
        mine = [
            f"{people.label(one)} {role}"
            for role, named in roles.items()
            for one in named
            if _of_product(one, people)
        ]
        if mine:
            verb = ACTION_WORDS.get(right.action, right.action.replace("_", " "))
            rows.append((verb, ", ".join(mine), span(right.max_minutes_to_decide)))
    return rows


def _of_product(person_id: str | None, people: People) -> bool:
    person = people.person(person_id)
    return person is not None and person.function in SEATS["product"]


def _units(system: SiteSystem) -> list[tuple[Look, str, str, str, str]]:
    """What one success cost, by unit, beside its target, its worth, and a person's work."""
    return [
        (cost_in_short.success_look(system, r), r.unit.replace("-", " "),
         words.full(r.cost_per_success), against(r) or "nothing is written to hold it against",
         words.full(r.cost_per_unit))
        for r in cost_in_short.units(system)
    ]  # fmt: skip
