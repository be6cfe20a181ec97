"""How a route of the claims is read: over which channels, to whom, and under which address.

A route is written as people read it, `page: flight-delay primary; mail: daniel-cho`. What stands
before a colon is a channel of `alert_routes` in `ops-model.yaml`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ops_model.domain.workbook import AlertRoute


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


def named_for(part: Part, routes: Sequence[AlertRoute]) -> AlertRoute | None:
    """Which entry of `alert_routes` a part goes by: one of its own, else that of the channel."""
    mine = [route for route in routes if route.channel == part.channel]
    own = next((route for route in mine if route.to == part.to), None)
    return own or next((route for route in mine if route.to is None), None)
