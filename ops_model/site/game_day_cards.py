"""The cards of a game day: in short, promised and actual, the walk, the gaps, who tells whom."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ops_model.domain.assessment import Assessment, Finding
from ops_model.domain.decisions import CommunicationPath
from ops_model.domain.game_day import GameDay, GameStep
from ops_model.domain.people import People
from ops_model.domain.scenarios import Inject
from ops_model.domain.trials import GameDayAnswer, GameDayMinutes, GameDayPromise, GameDayResult
from ops_model.domain.walk import PAGED, WalkStep, machine_part
from ops_model.domain.walk_scene import span
from ops_model.site import words
from ops_model.site.four_hours_card import ANSWERED, GAP
from ops_model.site.markup import Html, join, tag
from ops_model.site.parts import Row, bare, chip, frame, line, quiet, table
from ops_model.site.prose import prose, sentence
from ops_model.site.words import AMBER, GREEN, GREY, RED, Look

NOT_ASKED = Look("\u2013", "does not arise", GREY, "quiet")
_BEHIND = Look("✓", "something stands behind it", GREEN, "good")
_NOTHING_BEHIND = Look("✖", "nothing stands behind it", RED, "bad")
_KNOWN = Look("▲", "becomes known", AMBER, "warn")
FEWER = "The workbook's own scenario does not ask what ours does, so it does not count as ours"
"""What is said of a walk whose scenario stands in the place of a shipped one, and asks less."""
TELLING = (30, 45, 60, 90, 120)
"""The minutes of every walk at which somebody is told, or harm is counted and made good."""


def game_day(record: GameDayResult, people: People) -> Html:
    """The record: what happened in short, and each question with its answer."""
    return frame(
        titled(record), gaps_look(record), record,
        *_in_short(record, people),
        *([_promises(record, people)] if record.promises else []),
        *_walk(record, people),
    )  # fmt: skip


def in_short(record: GameDayResult, people: People, *, note: str = "") -> Html:
    """One screen: what happens, how many gaps, the minutes, and the sentence."""
    said = [line(chip(Look("▲", "note", AMBER, "warn")), f" {note}.")] if note else []
    return frame(titled(record), gaps_look(record), record, *said, *_in_short(record, people))


def titled(record: GameDayResult) -> str:
    """`G01 It answers nonsense, Sat 27 Jul 2013, 02:00 UTC-04:00`."""
    name = f"{record.scenario} {record.title}" if record.title else record.scenario
    return f"{name}, {night(record.at)}"


def night(at: datetime) -> str:
    """An instant by the clock that it is written with: `Sat 27 Jul 2013, 02:00 UTC-04:00`."""
    offset = "" if not at.utcoffset() else at.isoformat()[-6:]
    return f"{at:%a} {words.day(at.date())}, {at:%H:%M} UTC{offset}"


def gaps_look(record: GameDayResult) -> Look:
    """How the whole walk is shown."""
    gaps = len(record.gaps)
    if gaps:
        return Look(GAP.glyph, words.plural(gaps, "gap"), RED, "bad")
    return Look(ANSWERED.glyph, "no gap", GREEN, "good")


def _in_short(record: GameDayResult, people: People) -> list[Html]:
    assumed = [line(chip(Look("▲", "assumed", AMBER, "warn")), " ",
                    sentence(record.assumed, people))] if record.assumed else []  # fmt: skip
    fewer = [line(chip(Look("▲", "left out", AMBER, "warn")), " ",
                  f"{FEWER}: {' '.join(record.left_out)}")] if record.left_out else []  # fmt: skip
    return [
        *([line(tag("em", record.prompt))] if record.prompt else []),
        *assumed,
        *fewer,
        table(("", "at most", "shown by a drill"), minute_rows(record)),
        *([line(tag("strong", sentence(record.sentence, people)))] if record.sentence else []),
    ]


def minute_rows(record: GameDayResult) -> list[Row]:
    """The four spans: what the objects promise, and what a drill took."""
    minutes = record.minutes
    rows = [
        (name, tag("strong", _within(value)), _drilled(record) if name == "to contain" else "")
        for name, value in _named(minutes)
    ]
    known = [minutes.page, minutes.decide, minutes.contain]
    total = None if None in known else sum(value or 0 for value in known)
    return [*rows, ("from the page until contained", tag("strong", _within(total)), "")]


def _named(minutes: GameDayMinutes) -> tuple[tuple[str, float | None], ...]:
    return (
        ("to page", minutes.page),
        ("to decide", minutes.decide),
        ("to contain", minutes.contain),
        ("to tell users", minutes.inform),
    )


def _within(minutes: float | None) -> str:
    return "no limit is declared" if minutes is None else f"{words.number(minutes)} min"


def _drilled(record: GameDayResult) -> Html:
    drilled, drills = record.drilled, record.drills
    if drilled is None or drills is None:
        return quiet("never rehearsed")
    taken = f"{words.value(drilled)} in the drill of {words.day(drills.last_at.date())}"
    if drills.works_share is None:
        shown = f"{drills.passed} of {words.plural(drills.tried, 'drill')} passed"
    else:
        shown = (
            f"{words.plural(drills.tried, 'drill')}, all passed: it works in "
            f"{drills.works_share * 100:.0f} % of cases or more (95 % confidence)"
        )
    means = machine_part(drills.environment, drilled)
    return join([tag("span", taken), quiet(means), quiet(shown)], "; ")


def promises_card(record: GameDayResult, people: People) -> Html:
    """What was promised beside what there is, for each promise that this night tries."""
    unkept = [one for one in record.promises if not one.kept]
    title = "Promised against actual"
    if not record.promises:
        none = line("No promise of the strategy is broken by this failure, or asked about here.")
        return bare(title, NOT_ASKED, none)
    look = _NOTHING_BEHIND if unkept else _BEHIND
    return bare(title, look, _promises(record, people))


def _promises(record: GameDayResult, people: People) -> Html:
    rows = [_promise(one, people) for one in record.promises]
    return table(("promised", "what there is"), rows)


def _promise(one: GameDayPromise, people: People) -> Row:
    return (
        join([tag("span", f"“{one.text}”"), tag("br"), quiet(one.source)]),
        join([chip(_BEHIND if one.kept else _NOTHING_BEHIND), tag("br"),
              sentence(one.actual, people)]),
    )  # fmt: skip


def walk_card(day: GameDay, people: People) -> Html:
    """The four hours step by step, with what becomes known and each line to work through."""
    rows: list[Row] = []
    for known, step in day.moments:
        rows += [_inject(inject) for inject in known]
        rows.append(_step(step, people, step.details))
    look = GAP if day.gaps else ANSWERED
    return bare("The walk", Look(look.glyph, _answered(day.steps), look.colour, look.tone),
                table(_HEAD, rows))  # fmt: skip


_HEAD = ("minute", "state", "question and answer", "who")


def _answered(steps: Sequence[GameStep]) -> str:
    asked = [step for step in steps if step.asked]
    return f"{sum(step.ok for step in asked)} of {words.plural(len(asked), 'question')} answered"


def _walk(record: GameDayResult, people: People) -> list[Html]:
    """The same from a record, which holds the answers without their lines."""
    rows: list[Row] = []
    left = sorted(record.injects, key=lambda inject: inject.minute)
    for answer in record.answers:
        while left and left[0].minute <= answer.minute:
            rows.append(_inject(left.pop(0)))
        rows.append(_step(answer, people, ()))
    rows += [_inject(inject) for inject in left]
    return [table(_HEAD, rows)] if rows else []


def _inject(inject: Inject) -> Row:
    return (tag("strong", f"T+{inject.minute}"), chip(_KNOWN), tag("em", inject.text), "")


def _step(step: GameDayAnswer | GameStep, people: People, details: Iterable[str]) -> Row:
    look = ANSWERED if step.ok else GAP
    below = [tag("br"), quiet(step.check)] if step.check else []
    said = [Html(tag("br") + quiet(prose(detail, people))) for detail in details]
    return (
        tag("strong", f"T+{step.minute}"),
        join([chip(look if step.asked else NOT_ASKED), *below]),
        join([tag("strong", step.question), tag("br"), sentence(step.answer, people), *said]),
        people.label(step.who) if step.who else "",
    )


def gaps_card(day: GameDay, assessment: Assessment, people: People) -> Html:
    """Each gap with who mends it and what they do, as the check says that finds it."""
    if not day.gaps:
        return bare("Gaps", Look("✓", "none", GREEN, "good"), line("Every question is answered."))
    found = {finding.check: finding for finding in assessment.findings}
    rows = [_gap(step, found.get(step.check), people) for step in day.gaps]
    look = Look(GAP.glyph, words.plural(len(rows), "gap"), RED, "bad")
    return bare("Gaps", look, table(("minute", "what is missing", "who", "what to do"), rows))


def _gap(step: WalkStep, finding: Finding | None, people: People) -> Row:
    missing = [tag("strong", step.question), tag("br"), sentence(step.answer, people)]
    # What the check says of the whole system may be answered while this failure's step is not.
    opened = finding if finding is not None and finding.open else None
    owner = people.label(opened.owner) if opened is not None else "the owner"
    remedy = (
        opened.remedy if opened is not None
        else f"`ops-model checks explain {step.check}` says what it asks for"
    )  # fmt: skip
    return (
        tag("strong", f"T+{step.minute}"),
        join(missing),
        join([tag("strong", owner), tag("br"), quiet(step.check)]),
        sentence(remedy, people),
    )


def telling_card(
    day: GameDay, paths: Sequence[CommunicationPath], people: People, *, at: datetime
) -> Html:
    """Business and comms: who tells whom in which words by when, the clocks, who makes it good."""
    rows = [_step(s, people, s.details) for s in day.steps if s.minute in TELLING and not s.own]
    open_ones = [s for s in day.steps if s.minute in TELLING and not s.own and not s.ok]
    return bare(
        "Who is told, and how it is made good", GAP if open_ones else ANSWERED,
        paths_table(paths, people, at=at),
        table(_HEAD, rows),
    )  # fmt: skip


def paths_table(paths: Sequence[CommunicationPath], people: People, *, at: datetime) -> Html:
    """Who tells whom in which words, and by when after an instant; a line where nobody does."""
    told = [(path, at + timedelta(minutes=path.within_minutes)) for path in paths]
    by_path = [
        (
            path.audience.replace("_", " "),
            people.label(path.owner),
            join([tag("span", _due(due, at)), quiet(f"within {span(path.within_minutes)}")],
                 ", "),
            join([tag("span", f"“{path.text}”" if path.text else "no words are written"),
                  quiet(path.channel)], "; "),
        )
        for path, due in told
    ]  # fmt: skip
    head = ("to", "who tells them", "by", "in which words, and where")
    none = line("No way to tell anybody is written under `communication` in decisions.yaml.")
    return table(head, by_path) if by_path else none


def _due(due: datetime, at: datetime) -> str:
    """`Sat 02:30` of the same day, else `Tue 30 Jul 2013, 02:00`."""
    day = "" if due.date() == at.date() else f" {words.day(due.date())},"
    return f"{due:%a}{day} {due:%H:%M}"


def attendance_card(record: GameDayResult, people: People, *, digest: str) -> Html:
    """Who should be there, and the command with which each says that they were."""
    called = dict.fromkeys(a.who for a in record.answers if a.who is not None)
    paged = next((a.who for a in record.answers if a.minute == PAGED), None)
    rows: list[Row] = [
        (people.label(who), "is paged first" if who == paged else _falls_to(record, who))
        for who in called
    ]
    command = (
        f"ops-model attest {record.system} --topic attendance --of {digest} --as ID "
        "--text 'I was there, and this is how we answered.'"
    )
    return bare(
        "Who was there", Look("○", "to be said", GREY, "quiet"),
        line("At a desk this is a declaration. Whoever was there says so, each for themselves:"),
        tag("pre", command, style="white-space:pre-wrap;overflow-wrap:anywhere"),
        table(("who is asked for", "why"), rows),
    )  # fmt: skip


def _falls_to(record: GameDayResult, who: str) -> str:
    minutes = dict.fromkeys(f"T+{a.minute}" for a in record.answers if a.who == who)
    return f"answers at {', '.join(minutes)}"
