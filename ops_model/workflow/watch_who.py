"""Who must know of a concern at this moment, over which route, and why they."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ops_model.domain.alerts import Concern
from ops_model.domain.duty import Duty, window_from
from ops_model.domain.on_call import ROLES
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.routes import PAGE, Part, parts_of, wakes
from ops_model.domain.workbook import AlertRoute

_DAYS_OF_ONE_SHIFT = 32
_MAIL = "mail"
_ANSWERS = "who answers for it"


@dataclass(frozen=True)
class Reached:
    """Whom an alert goes to: the route, the people meant by it, and why they."""

    route: str
    people: tuple[str, ...]
    because: str

    @classmethod
    def together(cls, found: Sequence["Reached"]) -> "Reached":
        """Of several over one route, with each reason once."""
        people = dict.fromkeys(person for one in found for person in one.people)
        whys = dict.fromkeys(one.because for one in found)
        return cls(found[0].route, tuple(people), "; ".join(whys))


@dataclass(frozen=True)
class OnDuty:
    """Who answers for a system at an instant.

    `waking` is whoever is woken, and `because` why it is they; `owner` who reads what can wait.
    `roles` says whom a route means that names a role, such as `flight-delay primary`, and `held`
    why it is they. `known` are all people and teams: what else a route names is none of them.
    `away` says of people why they cannot answer now; a pager wakes none of `teams`.
    """

    waking: str | None = None
    because: str = "nobody is on call, and nobody is accountable"
    owner: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    away: Mapping[str, str] = field(default_factory=dict)
    teams: frozenset[str] = frozenset()

    @classmethod
    def of(cls, model: OperatingModel, system_id: str, *, at: datetime) -> "OnDuty":
        """Of one system of a workbook; of `portfolio`, that has no rota, nobody is known."""
        system = model.system(system_id)
        people = model.people.people
        teams = frozenset(team.id for team in model.people.teams)
        known = teams | {person.id for person in people}
        if system is None:
            return cls(known=known, teams=teams)
        duty = Duty.of(model, system, window_from(at, _DAYS_OF_ONE_SHIFT))
        waking, because = _waking(duty, system, at)
        found: dict[str, tuple[str, str]] = {}
        for role in ROLES:
            person = None if role == "primary" else duty.answering(role, at)
            why = f"{role} at that moment"
            if person is None and waking is not None:
                hole = "" if role == "primary" else f"{duty.hole(role, at)}; "
                person, why = waking, f"{hole}{because}"
            names = (role, f"{system_id} {role}", f"{system_id}-{role}")
            found |= {name: (person, why) for name in names if person is not None}
        return cls(
            waking, because, _reading(duty, system, at),
            roles={name: person for name, (person, _) in found.items()},
            held={name: why for name, (_, why) in found.items()},
            known=known, teams=teams,
            away={p.id: why for p in people if (why := duty.unreachable(p.id, at))},
        )  # fmt: skip

    def reached(self, concern: Concern, routes: Sequence[AlertRoute]) -> Reached:
        """The route of a concern, whom it means, and why it is they.

        It is the claim's own, with the pager of whoever is on call where a page has none, and with
        a calm channel to the owner where what can wait would wake somebody. Whom it names and who
        cannot answer now is not asked alone, and a pager of nobody is that of whoever is on call.
        """
        channels = tuple(dict.fromkeys(route.channel for route in routes))
        own = frozenset((route.channel, route.to) for route in routes if route.to is not None)
        page = concern.severity == "page"
        waking = self.waking, self.because
        asked = _Asked(self, own, waking if page else (self.owner, _ANSWERS))
        if page and not (concern.route and wakes(concern.route)):
            asked.add(Part(PAGE if PAGE in channels else _calm(channels), self.waking), *waking)
        for part in parts_of(concern.route or ""):
            if page or part.channel != PAGE:
                asked.take(part, "whom the route names")
        if not asked.parts:
            asked.take(Part(_calm(channels), concern.owner or self.owner), _ANSWERS)
        return asked.reached

    def meant(self, part: Part) -> str | None:
        """The person or team that a part of a route means now; None where that is nobody."""
        name = self.roles.get(part.to or "", part.to)
        return name if name in self.known else None


@dataclass
class _Asked:
    """A route as it is found: its parts, who is meant by them, and why they.

    `own` are the channels that have an address for somebody, `else_` who is asked for one who
    cannot answer, and why it is they.
    """

    duty: OnDuty
    own: Collection[tuple[str, str]]
    else_: tuple[str | None, str]
    parts: list[Part] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)
    whys: list[str] = field(default_factory=list)

    @property
    def reached(self) -> Reached:
        """What was found; of several people it is said of each why it is they."""
        said = list(self.people.values())
        if len(dict.fromkeys([*said, *self.whys])) > 1 and len(said) > 1:
            said = [f"{person} ({why})" for person, why in self.people.items()]
        because = "; ".join(dict.fromkeys([*said, *self.whys]))
        return Reached("; ".join(map(str, self.parts)), tuple(self.people), because)

    def add(self, part: Part, person: str | None, why: str) -> None:
        """A part, and whom it means, where it means somebody."""
        if part not in self.parts:
            self.parts.append(part)
        if person is None or person not in self.duty.known:
            self.whys.append(why)
        else:
            self.people.setdefault(person, why)

    def take(self, part: Part, why: str) -> None:
        """A part of a route of the claims, and who is asked beside or instead."""
        duty, name = self.duty, part.to
        if name is None:
            self.add(part, None, "the route names nobody in person")
        elif name in duty.roles:
            self.add(part, duty.roles[name], duty.held[name])
        elif part.channel == PAGE and not self._pages(part):
            team = name in duty.teams
            kind = "a team without a pager" if team else "which is nobody's name or role here"
            self._instead(part, f"the route names {name}, {kind}")
        elif name in duty.away:
            self.add(part, name, f"{why}, but {duty.away[name]}")
            self._instead(Part(part.channel, self.else_[0]), f"{name} {duty.away[name]}")
        else:
            self.add(part, name, why)

    def _pages(self, part: Part) -> bool:
        """True where a pager is a person's, or is named with an address of its own."""
        named = part.to in self.duty.known and part.to not in self.duty.teams
        return named or (part.channel, part.to) in self.own

    def _instead(self, part: Part, why: str) -> None:
        person, because = self.else_
        if person is None:
            self.add(part, None, f"{why}, and nobody else is there")
        elif person not in self.people:
            self.add(Part(part.channel, person), person, f"{why}, so {because}")


def _waking(duty: Duty, system: SystemClaims, at: datetime) -> tuple[str | None, str]:
    """Who is woken: the primary; else the secondary, the escalation, whoever is accountable."""
    why = duty.hole("primary", at)
    primary = duty.paged("primary", at)
    if not why and primary is not None:
        return primary, "primary at that moment"
    if (secondary := duty.answering("secondary", at)) is not None:
        return secondary, f"{why}, so the secondary"
    steps = system.on_call.escalation if system.on_call is not None else ()
    for step in steps:
        person = duty.named(step.target, at)
        if person is not None and not duty.unreachable(person, at):
            return person, f"{why}, nor anybody secondary, so the escalation"
    owner = _reading(duty, system, at)
    if owner is not None:
        return owner, f"{why}, nor anybody secondary or in the escalation, so who is accountable"
    return None, f"{why}, and nobody else is there"


def _reading(duty: Duty, system: SystemClaims, at: datetime) -> str | None:
    """Who answers for the system, else the deputy: the first of both who works here."""
    ownership = system.ownership
    named = (ownership.accountable, ownership.deputy) if ownership is not None else ()
    present = (one for one in named if one is not None and not duty.unreachable(one, at))
    return next(present, None)


def _calm(known: Sequence[str]) -> str:
    """The channel for what can wait: mail where there is one, else any that wakes nobody."""
    if _MAIL in known:
        return _MAIL
    return next((one for one in known if one != PAGE), _MAIL if not known else PAGE)
