"""How a route of the claims is read: over which channels, to whom, and under which address.

A route is written as people read it, `page: flight-delay primary; mail: daniel-cho`. What stands
before a colon is a channel of `alert_routes` in `ops-model.yaml`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
