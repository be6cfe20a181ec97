"""Looking at results before all are there, again and again, without being misled by chance.

A test that is right for one look finds a difference where there is none if it is asked often
enough. A confidence sequence holds at every look at once: the asymptotic one of Waudby-Smith,
Arbour, Sinha, Kennedy and Ramdas (2021). Its bounds are wider than those of one look, and
narrowest for a number of cases that is settled before.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

ALPHA = 0.05
USUAL_LOOKS = 10
"""After so many looks the bounds are narrowest, where no number of cases was planned."""


@dataclass(frozen=True)
class Looks:
    """How often it is looked.

    Attributes:
        every: so many cases lie between two looks; the first comes after as many.
        narrowest: the number of cases that was planned; None is ten looks.
    """

    every: int
    narrowest: int | None = None

    def weight(self, per_case: float = 1.0) -> float:
        """The variance of the mixture, for units of which there are so many to a case."""
        planned = (self.narrowest or self.every * USUAL_LOOKS) * per_case
        return _weight(max(planned, 1.0))

    def bound(self, units: float, *, alpha: float = ALPHA, per_case: float = 1.0) -> float:
        """How many standard errors the bounds lie off the mean at so many independent units."""
        grown = units * self.weight(per_case)
        return math.sqrt(2 * (grown + 1) / grown * math.log(math.sqrt(grown + 1) / alpha))

    def chance(self, z: float, units: float, *, per_case: float = 1.0) -> float:
        """The chance that a value, were it true, is ever left by so many standard errors."""
        grown = units * self.weight(per_case)
        ever = -(z * z) / 2 * grown / (grown + 1)
        return min(1.0, math.sqrt(grown + 1) * math.exp(ever))


@lru_cache(maxsize=256)
def _weight(narrowest: float) -> float:
    """Where the bounds are narrowest, as the paper has it (its appendix on tuning)."""
    twice = -2 * math.log(ALPHA)
    return (twice + math.log(twice) + 1) / narrowest
