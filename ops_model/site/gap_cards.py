"""The cards of the gap map: what is written down, promised and missing, and what to do next."""

from collections import Counter
from collections.abc import Sequence

from ops_model.check.steps import Step
from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.evidence import AREAS, Area
from ops_model.domain.operating_model import AREA_FILES, INCIDENTS_FOLDER, SystemClaims
from ops_model.domain.people import People
from ops_model.domain.system import StrategyClaim
from ops_model.domain.values import ClaimFile
from ops_model.site import words
from ops_model.site.finding_parts import judged, overall
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import bare, chip, frame, line, quiet, table
from ops_model.site.prose import prose
from ops_model.site.verdicts import by_weight
from ops_model.site.words import AMBER, GREEN, GREY, PASSED, RED, UNKNOWN, Look

_THERE = Look("✓", "there", GREEN, "good")
_MISSING = Look("✖", "missing", RED, "bad")
_ALL_THERE = Look("✓", "all there", GREEN, "good")
_NOT_ASKED = Look("\u2013", "not asked for", GREY, "quiet")
_KEPT = Look("✓", "backed", GREEN, "good")
_EMPTY = Look("✖", "a hope", RED, "bad")
_GAPS = Look("✖", "gaps", RED, "bad")
_NEXT = Look("▲", "next", AMBER, "warn")
_HOLDS = {
    "identity": "what it is, its versions, what it depends on, how it may fail",
    "ownership": "who answers for it, who does which duty, handoffs",
    "on_call": "who is paged, and who after them",
    "decisions": "who may decide what, and the deploy review",
    "rollback": "the way back to the previous version",
    "fallback": "what users get while a dependency is down",
    "service_levels": "objectives, agreements, capacity",
    "signals": "logs, baselines, monitors, playbooks, rules",
    "cost": "ceilings, prices, budgets",
    "compliance": "controls, audit questions, security",
    "change": "change requests, rollouts, environments",
}


def sections_card(system: SystemClaims, assessment: Assessment, people: People) -> str:
    """Each file of claims: there, missing, or not asked for; and what OM-01 says of the whole."""
    asked_for = {p.path for f in assessment.blocking for p in f.looked_at}
    rows = []
    absent = 0
    for attribute in AREA_FILES:
        file: ClaimFile | None = getattr(system, attribute)
        place = str(system.missing_file(attribute))
        look = _THERE if file else _MISSING if place in asked_for else _NOT_ASKED
        absent += look is _MISSING
        name = tag("strong", place.rpartition("/")[2])
        rows.append((chip(look), name, _HOLDS[attribute], quiet(_declared(file, people))))
    reported = words.plural(len(system.incidents), "incident")
    rows.append((chip(_THERE) if system.incidents else chip(_NOT_ASKED),
                 tag("strong", f"{INCIDENTS_FOLDER}/"), "what went wrong, and what was learned",
                 quiet(reported)))  # fmt: skip
    title = f"Sections of {system.id}: {absent} of {len(AREA_FILES)} missing"
    look = _MISSING if absent else _ALL_THERE
    return frame(
        title, overall(look, assessment, ("OM-01",)), assessment,
        table(("", "file", "what it says", "who wrote it"), rows),
        *judged(assessment, ("OM-01",), people),
    )  # fmt: skip


def _declared(file: ClaimFile | None, people: People) -> str:
    if file is None:
        return ""
    if file.declared is None:
        return "version control says it"
    return f"{people.label(file.declared.by)}, {words.day(file.declared.at)}"


def promises_card(system: SystemClaims, assessment: Assessment, people: People) -> str:
    """What the strategy paper promised, beside what makes it true in production (S0.4)."""
    claims = system.identity.strategy
    told = judged(assessment, ("OM-02", "OM-03"), people)
    if not claims:
        said = line("No promise of the strategy paper is written down under `strategy` in "
                    "system.yaml, so none can be held against the system.")  # fmt: skip
        return bare("Promises and mechanisms", UNKNOWN, said, *told)
    bare_ones = [claim for claim in claims if not _kept(claim, system)]
    rows = [
        (
            join([line(tag("q", claim.text)), line(quiet(_source(claim)))]),
            join([line(chip(_behind(claim, system))), *_mechanisms(claim, system)]),
        )
        for claim in sorted(claims, key=lambda c: _kept(c, system))
    ]
    title = f"{len(claims) - len(bare_ones)} of {len(claims)} promises have something behind them"
    head = ("what was promised", "what makes it true in production")
    look = overall(_EMPTY if bare_ones else _KEPT, assessment, ("OM-02", "OM-03"))
    return frame(title, look, assessment, table(head, rows), *told)


def _source(claim: StrategyClaim) -> str:
    return f"{claim.section.replace('_', ' ').replace(' ai', ' AI')}; {claim.source}"


def _kept(claim: StrategyClaim, system: SystemClaims) -> bool:
    """True when the claim names something, and all that it names is there."""
    return bool(claim.mechanisms) and all(system.has(name) for name in claim.mechanisms)


def _behind(claim: StrategyClaim, system: SystemClaims) -> Look:
    return _KEPT if _kept(claim, system) else _EMPTY


def _mechanisms(claim: StrategyClaim, system: SystemClaims) -> list[Html]:
    if not claim.mechanisms:
        return [line("no mechanism is named")]
    return [
        line(chip(_THERE if system.has(name) else _MISSING), " ", name.replace("_", " "))
        for name in claim.mechanisms
    ]


def gap_map_card(assessment: Assessment, people: People) -> str:
    """Every gap by area: check, what is missing and where, what to do and who; with counts."""
    gaps = [f for f in assessment.findings if f.blocks]
    blocks = [_area_gaps(area, assessment, people) for area in AREAS]
    clear = [a for a in AREAS if a in assessment.areas and not any(f.area == a for f in gaps)]
    areas = len({finding.area for finding in gaps})
    title = f"Gap map of {assessment.system}: {words.plural(len(gaps), 'gap')} in {words.plural(areas, 'area')}"  # noqa: E501 - one title
    return frame(
        title, _GAPS if gaps else PASSED, assessment,
        line(*_counts(assessment)),
        *[block for block in blocks if block],
        *([line(chip(PASSED), " no gap in: ", ", ".join(clear))] if clear else []),
        line(quiet(f"verdict: {words.VERDICTS[assessment.verdict].text}")),
    )  # fmt: skip


def _counts(assessment: Assessment) -> list[object]:
    looks = Counter(words.look(finding) for finding in assessment.findings)
    every = (*words.STATUSES.values(),)
    said = [join([chip(look), Html(f" {looks[look]}")]) for look in every if looks[look]]
    total = words.plural(len(assessment.findings), "check")
    return [join(said, " · "), " ", quiet(f"of {total}")]


def _area_gaps(area: Area, assessment: Assessment, people: People) -> Html:
    mine = [f for f in assessment.findings if f.area == area]
    gaps = [f for f in by_weight(mine) if f.blocks]
    if not gaps:
        return Html("")
    count = f"{words.plural(len(gaps), 'gap')} in {words.plural(len(mine), 'check')}"
    informs = ", which inform and do not block" if area == "portfolio" else ""
    heading = line(tag("strong", area.capitalize()), " ", quiet(count, informs))
    head = ("", "check", "what is missing, and where", "what to do", "owner")
    return join([heading, table(head, [_gap(finding, people) for finding in gaps])])


def _gap(finding: Finding, people: People) -> tuple[Html, ...]:
    places = list(dict.fromkeys(str(place) for place in finding.looked_at))
    more = f" and {len(places) - 2} more" if len(places) > 2 else ""
    return (
        line(chip(words.look(finding))),
        line(tag("strong", finding.check, style="white-space:nowrap")),
        join([line(prose(finding.message, people)), line(quiet(", ".join(places[:2]) + more))]),
        line(prose(finding.remedy, people)),
        line(tag("strong", people.label(finding.owner))),
    )


def steps_card(assessment: Assessment, steps: Sequence[Step], people: People) -> str:
    """The next things to do, what each opens, and the commands with which to go on."""
    system = assessment.system
    on = line(
        "Write the answers in the notebook ", tag("code", f"systems/{system}/fill_in.ipynb"),
        ", then look again with ", tag("code", f"ops-model check {system}"), ".",
    )  # fmt: skip
    if not steps:
        return frame("Nothing stands in the way", PASSED, assessment, on)
    rows = [
        (
            line(tag("strong", str(number))),
            join([line(prose(step.remedy, people)), line(quiet(_opens(step)))]),
            line(tag("strong", people.label(step.owner))),
        )
        for number, step in enumerate(steps, start=1)
    ]
    gaps = words.plural(sum(len(step.checks) for step in steps), "gap")
    close = "closes" if len(steps) == 1 else "close"
    title = f"{words.plural(len(steps), 'thing')} to do {close} {gaps}"
    return frame(title, _NEXT, assessment, table(("", "what to do", "owner"), rows), on)


def _opens(step: Step) -> str:
    asked = " ".join(f"“{question}”" for question in step.questions)
    stops = f"stands in the way of {asked} " if asked else ""
    return f"{stops}({', '.join(step.checks)} in {', '.join(step.areas)})"
