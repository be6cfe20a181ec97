"""The five questions on the first page: what is broken first, then the answer, and its course."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ops_model.check.breach import breach as breach_of
from ops_model.check.question import FIVE_QUESTIONS
from ops_model.domain.assessment import FiveQuestion
from ops_model.domain.evidence import Record
from ops_model.site import words
from ops_model.site.links import area_page, entries, links_to, root_of, seen_from, system_page
from ops_model.site.parts import SVG_SAFE
from ops_model.site.site_input import SiteSystem
from ops_model.site.trends import sparkline_svg, trend
from ops_model.site.words import Look

_LONGEST = 480
ANSWERED = Look("✓", "answered", words.GREEN, "good")
BREACHED = Look("▲", "breached", words.AMBER, "warn")
UNANSWERED = Look("✖", "no answer", words.RED, "bad")


def five_questions(system: SiteSystem, path: str) -> list[dict[str, Any]]:
    """Each question with its look, what is broken, the answer in whole sentences, and pictures."""
    return [_question(question, system, path) for question in system.assessment.five_questions]


def _question(asked: FiveQuestion, system: SiteSystem, path: str) -> dict[str, Any]:
    told_by = {s.statement.seq: s.statement.record for s in system.statements}
    places = [place for place in asked.evidence if place.path == "ledger"]
    records = [told_by[place.line] for place in places if place.line in told_by]
    broken, rest = asked.parted
    answer, left_out = whole_sentences(rest, _LONGEST)
    return {
        "text": asked.question,
        "broken": broken,
        "answer": answer,
        "left_out": left_out,
        "rest": seen_from(path, _area_of(asked, system)),
        "look": look_of(asked),
        "links": links_to(places, system, root_of(path), entries(system)),
        "pictures": [picture for record in records if (picture := _picture(record))],
    }


def _area_of(asked: FiveQuestion, system: SiteSystem) -> str:
    """The page that tells all that the question's checks found."""
    checks = dict(FIVE_QUESTIONS).get(asked.question, ())
    found = (f for f in system.assessment.findings if f.check in checks)
    return next((f"{area_page(system, f.area)}#{f.check}" for f in found), system_page(system))


def look_of(asked: FiveQuestion) -> Look:
    """How an answer is marked, wherever it is shown."""
    if not asked.answered:
        return UNANSWERED
    return BREACHED if asked.breached else ANSWERED


def breach(record: Record) -> str:
    """What a record shows to be broken, though the question that rests on it has an answer."""
    return breach_of(record, day=words.day)


def whole_sentences(text: str, longest: int) -> tuple[str, int]:
    """The first sentences that fit, one at least, and how many are left out: none is cut."""
    said = re.split(r"(?<=[.!?…]) (?=[A-Z“])", text)
    kept = 1
    while kept < len(said) and len(" ".join(said[: kept + 1])) <= longest:
        kept += 1
    return " ".join(said[:kept]), len(said) - kept


def _picture(record: Record) -> Mapping[str, str] | None:
    values, label = trend(record)
    svg = sparkline_svg(values, label)
    source = f"data:image/svg+xml,{quote(svg, safe=SVG_SAFE)}"
    return {"source": source, "label": label} if svg else None
