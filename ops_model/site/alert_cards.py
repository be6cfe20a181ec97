"""The cards of alerts: what somebody was told, when, and who has it after how many minutes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops_model.check.grades import TOOL
from ops_model.domain.alerts import Alert, AlertAnswer, Concern
from ops_model.domain.evidence import Record
from ops_model.domain.people import People
from ops_model.domain.routes import parts_of
from ops_model.domain.spend import CeilingAlert, CeilingAnswer
from ops_model.site import words
from ops_model.site.ceiling_cards import LEVELS
from ops_model.site.markup import Html, tag
from ops_model.site.parts import Row, chip, frame, line, quiet, table
from ops_model.site.prose import prose
from ops_model.site.site_input import SiteSystem
from ops_model.site.words import AMBER, GREEN, GREY, RED, Look

PAGED = Look("✖", "paged", RED, "bad")
TICKET = Look("▲", "ticket", AMBER, "warn")
READ = Look("○", "for reading", GREY, "quiet")
OVER = Look("✓", "over", GREEN, "good")
UNTOLD = Look("✖", "told nobody", RED, "bad")
MOST_SHOWN = 12
"""So many of the latest alerts stand on a page; the ledger has all."""
_SEVERITIES = {"page": PAGED, "ticket": TICKET, "info": READ}


@dataclass(frozen=True)
class AlertRow:
    """One alert as a page shows it; `answer` is empty where nobody said that they have it."""

    look: Look
    what: tuple[str, ...]
    at: datetime
    over: str
    whom: str
    answer: str


def alert(record: Alert, people: People) -> Html:
    """Each concern with why and what to do, over which route it went and whom it was for."""
    rows = [_row(concern, people) for concern in record.concerns]
    got = f"Sent over “{record.route}”"
    if record.why_not:
        got = f"Not told over “{record.route}”: {record.why_not}"
    whom = ", ".join(people.label(person) for person in record.people)
    return frame(
        _title(record), look_of(record), record,
        table(("", "concern", "what to do", "owner"), rows),
        line(f"{got}, {words.instant(record.sent_at)}."),
        *([line(prose(f"For {whom}: {record.because}.", people))] if whom else []),
    )  # fmt: skip


def answer(record: AlertAnswer, people: People) -> Html:
    """Who has an alert, and after how long."""
    return frame(
        f"{people.label(record.person)} has the alert about {', '.join(record.concerns)}",
        OVER, record, line(f"{_minutes(record.seconds.value)} after it was sent."),
    )  # fmt: skip


def look_of(record: Alert) -> Look:
    """How grave it was; that it reached nobody is graver."""
    if not record.delivered and not record.took:
        return UNTOLD
    return OVER if record.over else _SEVERITIES[record.severity]


def alert_rows(system: SiteSystem, people: People) -> list[AlertRow]:
    """The latest alerts about a system, of ceilings too, the newest first."""
    own = [
        s.statement for s in system.statements
        if s.statement.origin is None and s.statement.actor == TOOL
    ]  # fmt: skip
    records = [s.record for s in sorted(own, key=lambda s: (s.as_of, s.seq), reverse=True)]
    answers = _answers(records, people)
    found = [row for record in records for row in _rows(record, answers, people)]
    return found[:MOST_SHOWN]


def _rows(record: Record, answers: dict[str, str], people: People) -> Iterator[AlertRow]:
    if isinstance(record, Alert):
        what = tuple(f"{_made_up(c)}{c.kind} {c.about}: {c.why}" for c in record.concerns)
        named = {part.to for part in parts_of(record.route)}
        whom = ", ".join(people.label(p) for p in record.people if p not in named)
        yield AlertRow(
            look_of(record), what, record.sent_at, record.route, whom,
            answers.get(record.code or "", ""),
        )  # fmt: skip
    if isinstance(record, CeilingAlert):
        look = LEVELS[record.state] if record.delivered or record.took else UNTOLD
        yield AlertRow(
            look, (f"ceiling {record.ceiling} of {record.about}",), record.sent_at, record.route,
            "", answers.get(record.code or "", ""),
        )  # fmt: skip


def _answers(records: list[Record], people: People) -> dict[str, str]:
    """Who answered, by the digest of the code that they typed."""
    sent = {r.code: r.sent_at for r in records if isinstance(r, CeilingAlert) and r.code}
    found = {}
    for record in records:
        if isinstance(record, AlertAnswer):
            after = _minutes(record.seconds.value)
            found[record.code] = f"{people.label(record.person)} after {after}"
        if isinstance(record, CeilingAnswer) and record.code in sent:
            waited = (record.at - sent[record.code]) / timedelta(seconds=1)
            found[record.code] = f"{people.label(record.person)} after {_minutes(waited)}"
    return found


def _made_up(concern: Concern) -> str:
    return "SIMULATED: " if concern.simulated else ""


def _minutes(seconds: float | None) -> str:
    minutes = (seconds or 0.0) / 60
    return "less than a minute" if minutes < 1 else words.plural(round(minutes), "minute")


def _title(record: Alert) -> str:
    first = f"{record.concerns[0].kind} {record.concerns[0].about}"
    more = len(record.concerns) - 1
    over = ": over" if record.over else ""
    return f"{first}{f' and {more} more' if more else ''}{over}"


def _row(concern: Concern, people: People) -> Row:
    judged = f" ({concern.check})" if concern.check else ""
    what = tag("div", tag("strong", f"{_made_up(concern)}{concern.kind} {concern.about}{judged}"),
               line(prose(concern.why, people)),
               line(quiet(f"since {words.instant(concern.since)}")))  # fmt: skip
    owner = people.label(concern.owner) if concern.owner is not None else "nobody"
    return chip(_SEVERITIES[concern.severity]), what, line(prose(concern.remedy, people)), owner
