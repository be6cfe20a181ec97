"""Who can be reached at the instant of a page, in the words of `ops-model oncall`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from ops_model.domain.duty import Duty, window_from
from ops_model.domain.on_call import ROLES
from ops_model.domain.people import People
from ops_model.domain.routes import why_nobody_is
from ops_model.site.prose import plain
from ops_model.site.site_input import SiteInput, SiteSystem

CANNOT = "CANNOT ANSWER"


@dataclass(frozen=True)
class Reach:
    """The people of one system at one instant: whom a role names, and who cannot answer."""

    duty: Duty
    people: People
    at: datetime

    @classmethod
    def of(cls, pages: SiteInput, system: SiteSystem) -> Self:
        """Who can be reached at the instant that judges."""
        people = {person.id: person for person in pages.people.people}
        duty = Duty(system.claims, people, window_from(pages.as_of, 1))
        return cls(duty, pages.people, pages.as_of)

    def label(self, name: str | None) -> str:
        """The name, and why that person cannot answer; a team is reached by whoever is in it."""
        shown = self.people.label(name)
        if name is None or self.people.person(name) is None:
            return shown
        why = self.duty.unreachable(name, self.at)
        return plain(f"{shown} ({CANNOT}: {why})", self.people) if why else shown

    def role(self, name: str) -> str:
        """A role by its word, since its holder changes; a person by `label`."""
        return name if name in ROLES else self.label(name)

    def nobody(self, name: str) -> str:
        """Why a role or a person is nobody who works here; empty where it is somebody."""
        why = why_nobody_is(name, self.duty.system, self.people, at=self.at)
        return plain(why, self.people)

    def paged(self, target: str) -> str:
        """Who a step of the escalation reaches at the instant."""
        person = self.duty.named(target, self.at)
        return self.label(person) if person is not None else f"nobody is {target}"
