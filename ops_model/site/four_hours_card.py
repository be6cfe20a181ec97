"""The four hours after a page as rows, for the site's page and the card of a notebook alike."""

from dataclasses import dataclass
from datetime import datetime

from ops_model.domain.people import People
from ops_model.domain.values import zone
from ops_model.domain.walk import FourHours, WalkMinutes, WalkStep
from ops_model.site import words
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import bare, chip, line, quiet, table
from ops_model.site.prose import prose, sentence
from ops_model.site.words import Look

ANSWERED = Look("✓", "answered", words.GREEN, "good")
GAP = Look("✖", "gap", words.RED, "bad")
AVOIDED = Look("✓", "does not happen", words.GREEN, "good")
HAPPENS = Look("✖", "happens", words.RED, "bad")


@dataclass(frozen=True)
class StepRow:
    """A step as it is shown: names for ids, every text safe to stand on a page."""

    minute: str
    look: Look
    question: str
    answer: Html
    details: tuple[Html, ...]
    who: str
    check: str
    places: str


@dataclass(frozen=True)
class FailureRow:
    """One of the three things that must not happen, and why it does or does not."""

    look: Look
    text: str
    why: Html


def step_rows(walk: FourHours, people: People) -> tuple[StepRow, ...]:
    """The steps of a walk in their order."""
    return tuple(_row(walk.system, step, people) for step in walk.steps)


def _row(system_id: str, step: WalkStep, people: People) -> StepRow:
    own = f"systems/{system_id}/"
    places = dict.fromkeys(str(place).removeprefix(own) for place in step.looked_at)
    return StepRow(
        minute=f"T+{step.minute}",
        look=ANSWERED if step.ok else GAP,
        question=step.question,
        answer=sentence(step.answer, people),
        details=tuple(prose(detail, people) for detail in step.details),
        who=people.label(step.who) if step.who else "",
        check=step.check,
        places=", ".join(places),
    )


def failure_rows(walk: FourHours, people: People) -> tuple[FailureRow, ...]:
    """The three automatic failures of a walk."""
    return tuple(
        FailureRow(HAPPENS if one.failed else AVOIDED, one.text, prose(one.why, people))
        for one in walk.automatic
    )


def gaps_look(walk: FourHours, *, shown: bool = False) -> Look:
    """How the whole walk is shown: how many steps are not answered, or that each one is.

    Without a gap on paper it is green only where INC-01 passed, that is `shown`: a game day walked
    it, and found none for any failure.
    """
    gaps = len(walk.gaps)
    if gaps:
        return Look(GAP.glyph, words.plural(gaps, "gap"), GAP.colour, GAP.tone)
    if shown:
        return Look(ANSWERED.glyph, "NO GAP", ANSWERED.colour, ANSWERED.tone)
    walked = f"last walked on {words.day(walk.walked_on)}" if walk.walked_on else "never walked"
    return Look("▲", f"no gap on paper, {walked}", words.AMBER, "warn")


def local_instant(at: datetime, zone_name: str) -> str:
    """`Sat 27 Jul 2013, 02:00 EDT`."""
    local = at.astimezone(zone(zone_name))
    return f"{local:%a} {words.day(local.date())}, {local:%H:%M %Z}"


def minute_facts(minutes: WalkMinutes) -> tuple[tuple[str, str], ...]:
    """The four spans and their sum, by name; what sets no limit says so."""
    drilled = minutes.drilled
    took = (
        f"; drilled: {words.value(drilled)} ({minutes.drilled_means})"
        if drilled is not None
        else ""
    )
    return (
        ("to page", _within(minutes.page)),
        ("to decide", _within(minutes.decide)),
        ("to contain", f"{_within(minutes.contain)}{took}"),
        ("until contained", _from_the_page(minutes.contained_after)),
        ("to tell users", _within(minutes.inform)),
    )


def _within(minutes: float | None) -> str:
    return "no limit is declared" if minutes is None else f"{words.number(minutes)} min at most"


def _from_the_page(minutes: float | None) -> str:
    """The sum counts from the page on: how long it went on unnoticed before is not in it."""
    return _within(minutes) + (", counted from the page" if minutes is not None else "")


def four_hours_card(walk: FourHours, people: People, *, zone_name: str) -> Html:
    """The card of a notebook: inline styles only, glyph and word, readable in both themes."""
    rows = [
        (
            tag("strong", row.minute),
            join([chip(row.look), *_below(row.check)]),
            join([tag("strong", row.question), tag("br"), row.answer, *_details(row)]),
            row.who,
        )
        for row in step_rows(walk, people)
    ]
    spans = ", ".join(f"{name} {value}" for name, value in minute_facts(walk.minutes))
    return bare(
        f"The four hours after {local_instant(walk.at, zone_name)}",
        gaps_look(walk),
        line(prose(walk.happened, people)),
        line(sentence(walk.sentence, people)),
        line(quiet(f"Minutes {spans}.")),
        line("Runbook: ", tag("code", walk.runbook) if walk.runbook else "none is named"),
        table(("minute", "state", "question and answer", "who"), rows),
    )


def _details(row: StepRow) -> list[Html]:
    return [Html(tag("br") + quiet(detail)) for detail in row.details]


def _below(text: str) -> list[Html]:
    return [tag("br"), quiet(text)] if text else []
