"""How a route of the claims is read: over which channels, to whom, and under which address.

A route is written as people read it, `page: flight-delay primary; mail: daniel-cho`. What stands
before a colon is a channel of `alert_routes` in `ops-model.yaml`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ops_model.domain.on_call import ROLES
from ops_model.domain.people import People
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


def roles_of(system_id: str) -> frozenset[str]:
    """How a route of a system may name whoever holds a role."""
    return frozenset(
        name for role in ROLES for name in (role, f"{system_id} {role}", f"{system_id}-{role}")
    )


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
