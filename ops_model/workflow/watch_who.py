"""Who must know of a concern at this moment, over which route, and why they."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ops_model.domain.alerts import Concern
from ops_model.domain.duty import Duty, window_from
from ops_model.domain.on_call import ROLES
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.routes import PAGE, parts_of, wakes
from ops_model.domain.workbook import AlertRoute

_DAYS_OF_ONE_SHIFT = 32
_MAIL = "mail"


@dataclass(frozen=True)
class Reached:
    """Whom an alert goes to: the route, the people meant by it, and why they."""

    route: str
    people: tuple[str, ...]
    because: str


@dataclass(frozen=True)
class OnDuty:
    """Who answers for a system at an instant.

    `waking` is whoever is woken, and `because` why it is they; `owner` who reads what can wait.
    `roles` says whom a route means that names a role, such as `flight-delay primary`, and `known`
    are all people and teams: what else a route names is none of them.
    """

    waking: str | None = None
    because: str = "nobody is on call, and nobody is accountable"
    owner: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()

    @classmethod
    def of(cls, model: OperatingModel, system_id: str, *, at: datetime) -> "OnDuty":
        """Of one system of a workbook; of `portfolio`, that has no rota, nobody is known."""
        system = model.system(system_id)
        people, teams = model.people.people, model.people.teams
        known = frozenset([*(p.id for p in people), *(t.id for t in teams)])
        if system is None:
            return cls(known=known)
        duty = Duty.of(model, system, window_from(at, _DAYS_OF_ONE_SHIFT))
        waking, because = _waking(duty, system, at)
        meant = {
            role: waking if role == "primary" else (duty.answering(role, at) or waking)
            for role in ROLES
        }
        roles = {
            name: person
            for role, person in meant.items() if person is not None
            for name in (role, f"{system_id} {role}", f"{system_id}-{role}")
        }  # fmt: skip
        return cls(waking, because, _reading(duty, system, at), roles, known)

    def reached(self, concern: Concern, routes: Sequence[AlertRoute]) -> Reached:
        """The route of a concern, and whom it means.

        It is the claim's own, with the pager of whoever is on call where a page has none, and with
        a calm channel to the owner where what can wait would wake somebody.
        """
        known = tuple(dict.fromkeys(route.channel for route in routes))
        if concern.severity == "page":
            route = concern.route if concern.route and wakes(concern.route) else "; ".join(
                filter(None, (self._to(PAGE if PAGE in known else _calm(known), self.waking),
                              concern.route))
            )  # fmt: skip
            because = self.because
        else:
            route = _without_pager(concern.route) or self._to(
                _calm(known), concern.owner or self.owner
            )
            because = "who answers for it"
        return Reached(route, self._people(route), because)

    def _to(self, channel: str, person: str | None) -> str:
        return f"{channel}: {person}" if person is not None else channel

    def _people(self, route: str) -> tuple[str, ...]:
        names = (part.to for part in parts_of(route) if part.to is not None)
        meant = (self.roles.get(name, name) for name in names)
        return tuple(dict.fromkeys(one for one in meant if one in self.known))


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


def _without_pager(route: str | None) -> str:
    calm = [str(part) for part in parts_of(route or "") if part.channel != PAGE]
    return "; ".join(calm)


def _calm(known: Sequence[str]) -> str:
    """The channel for what can wait: mail where there is one, else any that wakes nobody."""
    if _MAIL in known:
        return _MAIL
    return next((one for one in known if one != PAGE), _MAIL if not known else PAGE)
