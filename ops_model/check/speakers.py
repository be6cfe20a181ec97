"""Whose word raises a claim file: somebody who works here, and whose word is not refused.

Without this a remedy sends its reader to a command that turns them away. The rules themselves
stand in `domain/voice.py`.
"""

from datetime import datetime
from typing import NamedTuple

from ops_model.domain.operating_model import SystemClaims, builders_of
from ops_model.domain.people import People
from ops_model.domain.values import zone
from ops_model.domain.voice import DOMAIN_FILES, area_of, owners


class Speaker(NamedTuple):
    """Who may say it, as a sentence names them; `person` is None where nobody is named yet."""

    called: str
    person: str | None = None

    @property
    def option(self) -> str:
        """What a command says after `--as`."""
        return self.person or "ID"


def speaker_about(
    system: SystemClaims, people: People, as_of: datetime, file: str, *, owners_only: bool
) -> Speaker:
    """Who says that a file is right: who answers for its domain, else owner or deputy.

    `owners_only` is true of what nobody else is believed, as of who owns a system.
    """
    ownership = system.ownership
    if ownership is None:
        return Speaker("the owner")
    named: list[tuple[str, str | None]] = []
    if not owners_only:
        area = area_of(file)
        held = [d for d, areas in DOMAIN_FILES.items() if area in areas]
        named += [(f"the {d} owner", getattr(ownership.domains, d)) for d in held]
    named += [("the owner", ownership.accountable), ("the deputy", ownership.deputy)]
    for title, person in named:
        if person and works_here(people, person, as_of):
            return Speaker(f"{title} {person}", person)
    return Speaker("the owner")


def speaker_on_review(system: SystemClaims, people: People, as_of: datetime) -> Speaker:
    """Who speaks of the review of a version: owner or deputy, and nobody who built it."""
    if system.ownership is None:
        return Speaker("the owner")
    built = builders_of(system, people)
    for person in owners(system.ownership):
        if person not in built and works_here(people, person, as_of):
            return Speaker(f"{person}, who did not build the version,", person)
    return Speaker(
        "a deputy who did not build the version, whom the owner names in ownership.yaml,"
    )


def works_here(people: People, person_id: str, as_of: datetime) -> bool:
    """True for a person, no team, who works here on that day where they are."""
    person = people.person(person_id)
    return person is not None and person.active_on(as_of.astimezone(zone(person.zone)).date())
