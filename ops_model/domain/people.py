"""People and teams, by id; names and contacts stay out of evidence."""

from datetime import date, datetime, time, timedelta
from typing import Literal, Self

from pydantic import model_validator

from ops_model.domain.of_last import of_last
from ops_model.domain.scalars import Day, Flag, Slug, Text, ZoneName
from ops_model.domain.values import Claim, ClaimFile, zone

Function = Literal[
    "data_science", "platform", "reliability", "product", "legal", "compliance",
    "security", "finance", "business", "support", "executive",
]  # fmt: skip
Skill = Literal["ml", "systems", "security", "business_ops"]
"""The disciplines that operating an AI system takes at once (S2.15)."""


class Person(Claim):
    """Somebody who can own, be paged, decide or sign."""

    id: Slug
    name: Text
    function: Function
    team: Slug | None = None
    zone: ZoneName
    employer: Literal["internal", "partner"] = "internal"
    active_from: Day
    active_to: Day | None = None
    skills: tuple[Skill, ...] = ()
    contact_ref: str = ""

    @model_validator(mode="after")
    def _leaves_after_the_first_day(self) -> Self:
        if self.active_to is not None and self.active_to < self.active_from:
            msg = (
                f"active_to {self.active_to} is before active_from {self.active_from}; "
                "expected the last day that they work here, or no line while they do"
            )
            raise ValueError(msg)
        return self

    def active_on(self, day: date) -> bool:
        """True when the person works here on `day`, both ends included."""
        return self.active_from <= day and (self.active_to is None or day <= self.active_to)

    @property
    def gone_at(self) -> datetime | None:
        """When the last day is over, where the person is; None where none is written."""
        if self.active_to is None:
            return None
        return datetime.combine(self.active_to + timedelta(days=1), time(), zone(self.zone))


class Team(Claim):
    """A group; it may own a feed or a seam, never a system or a decision at 2am.

    Its members are the people who name it as their `team`.
    """

    id: Slug
    name: Text
    kind: Literal[
        "data", "build", "platform", "product", "customer", "compliance", "advisory", "partner"
    ]
    has_authority: Flag = True


class People(ClaimFile):
    """The file `people.yaml`."""

    people: tuple[Person, ...]
    teams: tuple[Team, ...] = ()

    def person(self, person_id: str | None) -> Person | None:
        """The person of this id, or None."""
        return _by_id(self).get(person_id)

    def team(self, team_id: str | None) -> Team | None:
        """The team of this id, or None."""
        return next((t for t in self.teams if t.id == team_id), None)

    def members(self, team_id: str | None) -> tuple[Person, ...]:
        """The people of a team."""
        return tuple(p for p in self.people if team_id is not None and p.team == team_id)

    def why_powerless(self, name: str) -> str:
        """Why somebody may not act whatever right they hold; empty when nothing is known of it."""
        person = self.person(name)
        if person is None:
            return f"{name} is a team" if self.team(name) else f"{name} is nobody in people.yaml"
        team = self.team(person.team)
        if team is None:
            return ""
        if team.kind == "advisory":
            return f"{name} is of {team.id}, which only advises"
        return "" if team.has_authority else f"{name} is of {team.id}, which has no authority"

    def label(self, person_id: str | None) -> str:
        """How a page names somebody: the name, the team's name, or the id that names nobody."""
        found = self.person(person_id) or self.team(person_id)
        if found is not None:
            return found.name
        return f"{person_id} (unknown)" if person_id else "nobody yet"

    def without_names(self) -> "People":
        """The same people by id only, as bundles and kernels may hold them."""
        nameless = (p.model_copy(update={"name": p.id, "contact_ref": ""}) for p in self.people)
        return self.model_copy(update={"people": tuple(nameless)})


# Each check of each system looks people up, and an organisation may have many.
@of_last
def _by_id(people: People) -> dict[str | None, Person]:
    return {person.id: person for person in reversed(people.people)}
