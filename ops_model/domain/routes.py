"""How a route of the claims is read: over which channels, to whom, and under which address.

A route is written as people read it, `page: flight-delay primary; mail: daniel-cho`. What stands
before a colon is a channel of `alert_routes` in `ops-model.yaml`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from ops_model.domain.on_call import ROLES, Role
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.people import People
from ops_model.domain.values import zone
from ops_model.domain.workbook import AlertRoute

PAGE = "page"
"""The channel that wakes somebody."""


@dataclass(frozen=True)
class Part:
    """One channel of a route, and whom it is for where the claim says so."""

    channel: str
    to: str | None = None

    def __str__(self) -> str:
        """As the claim writes it."""
        return self.channel if self.to is None else f"{self.channel}: {self.to}"


# A dozen routes are asked for by every check that tells somebody.
@lru_cache(maxsize=1024)
def parts_of(route: str) -> tuple[Part, ...]:
    """The channels of a route, each person of one on its own, each once."""
    found: list[Part] = []
    for text in route.split(";"):
        channel, _, whom = text.partition(":")
        names = [name.strip() for name in whom.split(",") if name.strip()]
        if channel.strip():
            found += [Part(channel.strip(), name) for name in names] or [Part(channel.strip())]
    return tuple(dict.fromkeys(found))


def wakes(route: str) -> bool:
    """True when one of its channels wakes somebody."""
    return any(part.channel == PAGE for part in parts_of(route))


def means_somebody(
    part: Part, system_id: str, people: People, routes: Sequence[AlertRoute]
) -> bool:
    """True where a part is for a person, a team or a role of a system, or has its own address.

    One that names nobody is for everybody on its channel.

    Args:
        part: of a route of the system's claims.
        system_id: whose claims they are.
        people: who there is.
        routes: the entries of `ops-model.yaml`.
    """
    if part.to is None or any((r.channel, r.to) == (part.channel, part.to) for r in routes):
        return True
    return part.to in roles_of(system_id) or part.to in {
        *(person.id for person in people.people), *(team.id for team in people.teams)
    }  # fmt: skip


def behind(
    system: SystemClaims, people: People, *names: str | None, at: datetime
) -> frozenset[str]:
    """These names, with the people of the rota at an instant or of the team that they mean."""
    rota = system.on_call
    named = {name for name in names if name is not None}
    turns = [rota.rostered(role, at) for role in ROLES if role in named and rota is not None]
    members = [tuple(person.id for person in people.members(name)) for name in named]
    return frozenset(named).union(*turns, *members)


def why_nobody(
    part: Part,
    system: SystemClaims,
    people: People,
    routes: Sequence[AlertRoute],
    *,
    at: datetime,
) -> str:
    """Why nobody is behind a part of a route at an instant; empty where somebody is.

    A role is nobody as long as no rota names a holder who works here, and a team as long as
    nobody is in it. A part that names nobody is for everybody on its channel.

    Args:
        part: of a route of the system's claims.
        system: whose claims they are.
        people: who there is.
        routes: the entries of `ops-model.yaml`.
        at: the instant that judges.
    """
    if not means_somebody(part, system.id, people, routes):
        return f"“{part}” means nobody"
    named = part.to is not None
    if not named or any((r.channel, r.to) == (part.channel, part.to) for r in routes):
        return ""
    return why_nobody_is(role_of(part.to or "", system.id), system, people, at=at)


def why_nobody_is(name: str, system: SystemClaims, people: People, *, at: datetime) -> str:
    """Why a person, a team or a role of the rota is nobody who works here; empty where it is."""
    found = (people.person(one) for one in behind(system, people, name, at=at))
    if any(p is not None and p.active_on(at.astimezone(zone(p.zone)).date()) for p in found):
        return ""
    if name in ROLES:
        rota = "" if system.on_call is not None else ": there is no on_call.yaml"
        return f"nobody is {name}{rota}"
    return f"{name} is nobody who works here"


def role_of(name: str, system_id: str) -> str:
    """The role that a route names for a system, such as `flight-delay primary`; else the name."""
    return next((role for role in ROLES if name in _names(role, system_id)), name)


def why_no_address(
    part: Part, system: SystemClaims, people: People, routes: Sequence[AlertRoute], *, at: datetime
) -> str:
    """Why no entry of `alert_routes` takes a part to somebody; empty where one does."""
    meant = behind(system, people, role_of(part.to or "", system.id), at=at) | {part.to, None}
    if any(r.channel == part.channel and r.to in meant for r in routes):
        return ""
    return f"no address for {part.channel} stands in ops-model.yaml (alert_routes)"


@lru_cache(maxsize=1024)
def roles_of(system_id: str) -> frozenset[str]:
    """How a route of a system may name whoever holds a role."""
    return frozenset(name for role in ROLES for name in _names(role, system_id))


def _names(role: Role, system_id: str) -> tuple[str, ...]:
    return role, f"{system_id} {role}", f"{system_id}-{role}"


def named_for(
    part: Part, routes: Sequence[AlertRoute], on_duty: Mapping[str, str] | None = None
) -> AlertRoute | None:
    """Which entry of `alert_routes` a part goes by.

    One of its own; else that of whoever is meant at the moment, where it names a role; else that
    of the channel.

    Args:
        part: of a route.
        routes: the entries of `ops-model.yaml`.
        on_duty: who holds a role at the moment, by how routes name it.
    """
    mine = {route.to: route for route in routes if route.channel == part.channel}
    meant = (on_duty or {}).get(part.to or "")
    wanted = (part.to, *([meant] if meant else []), None)
    return next((mine[to] for to in wanted if to in mine), None)
