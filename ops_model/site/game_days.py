"""The game days of a system on its pages: the last of each scenario, and who was there."""

from dataclasses import dataclass

from ops_model.domain.evidence import Attestation
from ops_model.domain.people import People
from ops_model.domain.trials import GameDayGap, GameDayResult
from ops_model.site import words
from ops_model.site.game_day_cards import gaps_look, night
from ops_model.site.head import entry_href, records
from ops_model.site.site_input import SiteSystem
from ops_model.site.words import Look


@dataclass(frozen=True)
class WalkedDay:
    """One game day: when, of which night, what it found, who was there, and where it is shown."""

    look: Look
    scenario: str
    title: str
    failure: str
    walked: str
    night: str
    there: str
    gaps: tuple[GameDayGap, ...]
    href: str


def game_days(system: SiteSystem, people: People, path: str) -> list[WalkedDay]:
    """The last game day of each scenario, the latest first, as the page at `path` links to it."""
    newest: dict[str, GameDayResult] = {}
    for record in records(system, GameDayResult):
        newest.setdefault(record.scenario, record)
    return [_walked(system, record, people, path) for record in newest.values()]


def _walked(system: SiteSystem, record: GameDayResult, people: People, path: str) -> WalkedDay:
    return WalkedDay(
        look=gaps_look(record),
        scenario=record.scenario,
        title=record.title or "",
        failure=(record.failure_mode or "").replace("-", " "),
        walked=words.day(record.as_of.date()),
        night=night(record.at),
        there=_there(system, record, people),
        gaps=record.gaps,
        href=entry_href(system, record, path),
    )


def _there(system: SiteSystem, record: GameDayResult, people: People) -> str:
    digest = next(s.statement.digest for s in system.statements if s.statement.record is record)
    said = [
        a.person for a in records(system, Attestation)
        if a.topic == "attendance" and a.of == digest
    ]  # fmt: skip
    names = [people.label(person) for person in dict.fromkeys(reversed(said))]
    return ", ".join(names) if names else "nobody has said so: a walk at a desk"
