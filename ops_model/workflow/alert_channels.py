"""Over which channels a route of the claims tells somebody, and whether they took it.

A route is written as people read it, `page: flight-delay primary; mail: daniel-cho`. What stands
before a colon is a channel of `alert_routes` in `ops-model.yaml`, which names the environment
variable with the address; whom it is for may have one of their own there.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ops_model.domain.routes import PAGE, Part, named_for, parts_of
from ops_model.domain.workbook import AlertRoute

if TYPE_CHECKING:
    from ops_model.alert import Message


@dataclass(frozen=True)
class Post:
    """How alerts are sent: where addresses stand, the variables that hold them, and who sends.

    `on_duty` is who holds a role at the moment, by how routes name it.
    """

    routes: Sequence[AlertRoute]
    variables: Mapping[str, str]
    send: "Callable[[str, Message], str]"
    on_duty: Mapping[str, str] = field(default_factory=dict)

    def when_on_duty(self, roles: Mapping[str, str]) -> "Post":
        """The same, where a route that names a role means these people."""
        return replace(self, on_duty=roles)

    def over(self, route: str, message: "Message", *, waking: bool = True) -> str:
        """Send over every channel of a route; empty when each took it, else what did not and why.

        Args:
            route: as the claim says it.
            message: what is told.
            waking: also over a channel that wakes somebody, where there is another.
        """
        return not_taken(self.over_each(route, message, waking=waking))

    def over_each(
        self, route: str, message: "Message", *, waking: bool, but: Collection[str] = ()
    ) -> Mapping[str, str]:
        """Send as `over`, and say of each part why it did not take it; empty where it did.

        Args:
            route: as the claim says it.
            message: what is told.
            waking: also over a channel that wakes somebody, where there is another.
            but: the parts that have it already.
        """
        left = [part for part in asked_of(route, waking=waking) if str(part) not in but]
        return {str(part): self._one(part, message) for part in left}

    def _one(self, part: "Part", message: "Message") -> str:
        found = named_for(part, self.routes, self.on_duty)
        if found is None:
            return "ops-model.yaml names no address for it (alert_routes)"
        address = self.variables.get(found.address_in, "").strip()
        if not address:
            return f"the environment variable {found.address_in} is not set"
        return self.send(address, message)


def asked_of(route: str, *, waking: bool) -> tuple[Part, ...]:
    """The parts of a route that are asked: of what wakes nobody, those that are calm, if any."""
    parts = parts_of(route)
    calm = tuple(part for part in parts if part.channel != PAGE)
    return parts if waking or not calm else calm


def not_taken(outcome: Mapping[str, str]) -> str:
    """Which parts of a route did not take a message, and why; empty where each did."""
    return "; ".join(f"{part}: {why}" for part, why in outcome.items() if why)
