"""What answers a question of a game day: resolvers by name, each a function of the objects alone.

A resolver reads the scene (claims, the rota at the instant, what had been shown by then) and makes
nothing up: where nothing answers, it says so and names the check that finds the gap.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ops_model.domain.values import Where
from ops_model.domain.walk_scene import Scene


@dataclass(frozen=True)
class Answer:
    """What the objects answer; `check` is empty where there is no gap, and finds it where one is.

    `not_asked` says why a question does not arise for this system; it is then no gap.
    """

    text: str
    check: str = ""
    who: str | None = None
    details: tuple[str, ...] = ()
    looked_at: tuple[Where, ...] = ()
    not_asked: bool = False

    @property
    def ok(self) -> bool:
        """True where the objects leave no gap."""
        return not self.check


Resolver = Callable[[Scene], Answer]
"""Names are in `domain.resolver_names`: a claim names a resolver, and a resolver reads claims."""
