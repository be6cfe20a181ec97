"""Tests of two things tried on the same cases, and what many tests at once are worth.

They count the cases on which exactly one of both is right: `better` and `worse`.
"""

import math
from collections.abc import Sequence

_STEPS = 60


def tango(cases: int, better: int, worse: int, supposed: float) -> float:
    """How many standard errors the difference lies above a supposed one, given that it holds.

    Tango's score test (1998), which stays right where both agree on every case.
    """
    middle = (2 * cases - better + worse) * supposed - better - worse
    root = math.sqrt(max(middle**2 + 8 * cases * worse * supposed * (1 - supposed), 0.0))
    variance = cases * ((root - middle) / (2 * cases) + supposed * (1 - supposed))
    above = better - worse - cases * supposed
    if variance <= 0:
        return math.copysign(math.inf, above) if above else 0.0
    return above / math.sqrt(variance)


def tango_bound(cases: int, better: int, worse: int, way: int, z: float) -> float:
    """The farthest difference to one side (-1 or 1) that the test does not refuse at `z`."""
    inside, outside = (better - worse) / cases, float(way)
    for _ in range(_STEPS):
        middle = (inside + outside) / 2
        if abs(tango(cases, better, worse, middle)) <= z:
            inside = middle
        else:
            outside = middle
    return inside


def few_lost(cases: int, better: int, worse: int, margin: float) -> float:
    """The chance of so few losses if it were worse by just the margin; exact where none is won.

    The score test is too bold where few were lost: of three cases that both get right it would
    say that at most half are lost, which chance alone gives one time in eight.
    """
    from scipy.stats import binom

    return float(binom.cdf(worse, cases, min(margin + better / cases, 1.0)))


def few_lost_bound(cases: int, better: int, worse: int, chance: float) -> float:
    """The difference at which so few losses have just that chance."""
    from scipy.stats import beta

    if worse == cases:
        return -1.0
    return better / cases - float(beta.ppf(1 - chance, worse + 1, cases - worse))


def mcnemar(better: int, worse: int) -> float:
    """The exact chance of so uneven a split if neither is better; two-sided."""
    from scipy.stats import binom

    return min(1.0, 2 * float(binom.cdf(min(better, worse), better + worse, 0.5)))


def benjamini_hochberg(chances: Sequence[float]) -> tuple[float, ...]:
    """The chances adjusted so that those below a level hold at most that share of errors."""
    order = sorted(range(len(chances)), key=lambda place: chances[place], reverse=True)
    adjusted, least = [1.0] * len(chances), 1.0
    for rank, place in zip(range(len(chances), 0, -1), order, strict=True):
        least = min(least, chances[place] * len(chances) / rank)
        adjusted[place] = least
    return tuple(adjusted)


def holm(chances: Sequence[float]) -> tuple[float, ...]:
    """The chances adjusted so that below a level there is an error at most that often at all."""
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    adjusted, most = [1.0] * len(chances), 0.0
    for before, place in enumerate(order):
        most = max(most, min(1.0, chances[place] * (len(chances) - before)))
        adjusted[place] = most
    return tuple(adjusted)
