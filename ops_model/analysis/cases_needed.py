"""How many cases it takes to decide, in all, from what was seen of the cases so far.

Source: the sample sizes of paired proportions (Connor 1987), with the mean square of the
differences where they are not just right against wrong.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

from ops_model.analysis.looks import ALPHA

POWER = 0.8
"""The chance that so many cases do decide, if all is as it was seen to be."""
_STEPS, _FAR = 200, 1e9


@dataclass(frozen=True)
class Variation:
    """How the two differ, case by case.

    Attributes:
        difference: the mean difference.
        square: the mean of its square; of right against wrong, the share of cases on which exactly
            one is right (the discordance).
        cost: by how many times more cases it takes since they come in clusters.
    """

    difference: float
    square: float
    cost: float = 1.0

    @property
    def variance(self) -> float:
        """That of a single case."""
        return max(self.square - self.difference**2, 0.0)


def to_tell_apart(
    seen: Variation, *, power: float = POWER, bound: Callable[[float], float] | None = None
) -> int | None:
    """The cases that show that one is better; None where no difference was seen.

    Args:
        seen: what was seen.
        power: how surely they show it.
        bound: the standard errors that a number of cases must lie off zero; None is one look at
            two-sided 5 %.
    """
    if seen.difference == 0:
        return None
    by_power = NormalDist().inv_cdf(power)

    def cases(z: float) -> float:
        half = z * math.sqrt(seen.square) + by_power * math.sqrt(seen.variance)
        return seen.cost * half**2 / seen.difference**2

    return _settled(cases, bound or _always(NormalDist().inv_cdf(1 - ALPHA / 2)))


def to_show_no_worse(
    seen: Variation,
    margin: float,
    *,
    power: float = POWER,
    bound: Callable[[float], float] | None = None,
) -> int | None:
    """The cases that show that it is not worse by `margin`; None where it was, or just that much.

    Args:
        seen: what was seen.
        margin: by how much it may be worse.
        power: how surely they show it.
        bound: as of `to_tell_apart`, to one side; None is one look at 5 %.
    """
    room = margin + seen.difference
    if room <= 0:
        return None
    by_power = NormalDist().inv_cdf(power)

    def cases(z: float) -> float:
        return seen.cost * (z + by_power) ** 2 * seen.variance / room**2

    return _settled(cases, bound or _always(NormalDist().inv_cdf(1 - ALPHA)))


def _always(z: float) -> Callable[[float], float]:
    return lambda _: z


def _settled(cases: Callable[[float], float], bound: Callable[[float], float]) -> int | None:
    """The number that its own bound asks for; a sequence's grows slowly with the cases."""
    found = cases(bound(1.0))
    for _ in range(_STEPS):
        following = cases(bound(max(found, 1.0)))
        if abs(following - found) < 0.01 or following > _FAR:
            break
        found = following
    return None if following > _FAR else max(1, math.ceil(following - 1e-9))
