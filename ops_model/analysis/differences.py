"""The difference of two things tried on the same cases: how large, how surely, and either way.

A case is one value, the mean of its repeats: asking the same thing ten times does not show ten
times as much. Cases that belong together (one conversation, one customer) are one cluster, and
clusters are what varies. See docs/decisions/0055.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from ops_model.analysis.looks import ALPHA, Looks
from ops_model.analysis.paired_tests import (
    few_lost,
    few_lost_bound,
    mcnemar,
    tango,
    tango_bound,
)  # fmt: skip
from ops_model.analysis.profile import Floats

FEWEST = 8
"""Of fewer clusters, or cases that differ, a mean tells nothing about how far it may be off."""
LEAST_NO_WORSE = 30
"""Fewer cases never show that a challenger is no worse, however much is allowed."""
_SAME = 1e-12


@dataclass(frozen=True)
class Differences:
    """The differences of some cases, challenger less champion, more being better.

    Attributes:
        cases: how many.
        clusters: how many are independent: clusters, or the cases themselves.
        units: how many clusters of one size tell as much; where one is large, they are few.
        mean: the mean difference.
        error: its standard error, with units as what varies.
        square: the mean of the squared differences.
        better: cases on which the challenger did better, `worse` those on which it did worse.
        once: each is right or wrong, asked once, and no cluster: the counts tell all.
        reach: how far apart two scores can lie; None where nobody knows.
    """

    cases: int
    clusters: int
    units: float
    mean: float
    error: float
    square: float
    better: int
    worse: int
    once: bool = False
    reach: float | None = None

    @property
    def too_few(self) -> str:
        """Why nothing can be said of them; empty where it can."""
        if self.clusters < FEWEST:
            what = "cases" if self.clusters == self.cases else "clusters"
            return f"too few: {self.clusters} {what}"
        if not self.once and self.reach is None and self.better + self.worse < FEWEST:
            return f"too few: they differ on {self.better + self.worse} cases"
        return ""

    @property
    def _too_few_for_a_margin(self) -> bool:
        return bool(self.too_few) or self.cases < LEAST_NO_WORSE

    @property
    def clustering(self) -> float:
        """By how much the variance exceeds that of as many independent cases."""
        independent = (self.square - self.mean**2) / self.cases
        if self.clusters == self.cases or independent <= _SAME or not self.error:
            return 1.0
        return self.error**2 / independent

    def chance_of_none(self, looks: Looks | None = None) -> float:
        """The chance of such a difference, or more, if there is none; two-sided."""
        if self.too_few:
            return 1.0
        if self.once and looks is None:
            return mcnemar(self.better, self.worse)
        z = max(self._above(0.0, -1), -self._above(0.0, 1), 0.0)
        return min(1.0, 2 * self._chance(z, looks))

    def chance_of_worse(self, margin: float, looks: Looks | None = None) -> float:
        """The chance of such differences if it were worse by just the margin; one-sided."""
        if self._too_few_for_a_margin:
            return 1.0
        chance = self._chance(self._above(-margin, -1), looks)
        if self.once and looks is None:
            return max(chance, few_lost(self.cases, self.better, self.worse, margin))
        return chance

    def interval(self, looks: Looks | None = None) -> tuple[float, float] | None:
        """The two-sided 95 % interval that belongs to the tests; None where it is too few."""
        if self.too_few:
            return None
        low, high = (self._bound(way, ALPHA, looks) for way in (-1, 1))
        if self.chance_of_none(looks) >= ALPHA:
            # The exact test of no difference refuses less than the score test about any other.
            low, high = min(low, 0.0), max(high, 0.0)
        return low, high

    def no_worse_than(self, looks: Looks | None = None) -> float | None:
        """The lower bound at one-sided 95 %: what a margin is held against."""
        if self._too_few_for_a_margin:
            return None
        bound = self._bound(-1, 2 * ALPHA, looks)
        if self.once and looks is None:
            return min(bound, few_lost_bound(self.cases, self.better, self.worse, ALPHA))
        return bound

    def _chance(self, z: float, looks: Looks | None) -> float:
        """The chance to lie so many standard errors above, or more."""
        if looks is not None:
            chance = looks.chance(z, self.units, per_case=self.units / self.cases)
            return chance / 2 if z > 0 else 1.0
        if self.once:
            return 1 - NormalDist().cdf(z)
        return float(_student().sf(z, self._freedom))

    def _bound(self, way: int, alpha: float, looks: Looks | None) -> float:
        if looks is not None:
            z = looks.bound(self.units, alpha=alpha, per_case=self.units / self.cases)
        elif self.once:
            z = NormalDist().inv_cdf(1 - alpha / 2)
        else:
            z = float(_student().ppf(1 - alpha / 2, self._freedom))
        if self.once:
            return tango_bound(self.cases, self.better, self.worse, way, z)
        mean, error = self._with_one_more(way)
        return mean + way * z * error

    def _above(self, supposed: float, way: int) -> float:
        """How many standard errors the difference lies above a supposed one."""
        if self.once:
            return tango(self.cases, self.better, self.worse, max(supposed, -1.0))
        mean, error = self._with_one_more(way)
        above = mean - supposed
        if error > _SAME:
            return above / error
        return math.copysign(math.inf, above) if above else 0.0

    def _with_one_more(self, way: int) -> tuple[float, float]:
        """The mean and its error, had one more case been lost (-1) or won (1) as far as can be.

        What is rare was mostly not seen yet: where cases lose a little, and one in a hundred is
        lost whole, a t test is wrong twice as often as it says.
        """
        if self.reach is None:
            return self.mean, self.error
        more, cases = way * self.reach, self.cases
        spread = math.hypot(cases * self.error, more - self.mean)
        return (cases * self.mean + more) / (cases + 1), spread / (cases + 1)

    @property
    def _freedom(self) -> float:
        return max(self.units - 1, 1.0)


def differences_of(
    values: Floats,
    clusters: "np.ndarray[Any, np.dtype[np.int64]] | None" = None,
    *,
    once: bool = False,
    reach: float | None = None,
) -> Differences:
    """What some cases' differences say.

    Args:
        values: one difference a case, at least one.
        clusters: to which cluster each case belongs, counted from 0; None is each to its own.
        once: each score is right or wrong and was asked for once.
        reach: how far apart two scores can lie.
    """
    places = np.arange(len(values))
    if clusters is not None:
        _, places = np.unique(clusters, return_inverse=True)
    sums = np.bincount(places, weights=values).astype(np.float64)
    sizes = np.bincount(places).astype(np.float64)
    return Differences(
        cases=len(values),
        clusters=len(sums),
        units=float(sizes.sum() ** 2 / (sizes**2).sum()),
        mean=float(values.mean()),
        error=_error(sums, sizes),
        square=float((values**2).mean()),
        better=int((values > _SAME).sum()),
        worse=int((values < -_SAME).sum()),
        once=once and len(sums) == len(values),
        reach=reach,
    )


def _error(sums: Floats, sizes: Floats) -> float:
    """The standard error of the mean, by leaving out each cluster in turn.

    Of few clusters that differ in size this one is not too sure, with the freedom of as many
    clusters of one size; `tests/benchmarks/bench_champion.py` holds it against two others.
    """
    clusters = len(sums)
    if clusters < 2:
        return 0.0
    off = (sums.sum() - sums) / (sizes.sum() - sizes) - sums.sum() / sizes.sum()
    return math.sqrt(float((clusters - 1) / clusters * (off**2).sum()))


def _student() -> Any:  # noqa: ANN401 - a distribution of scipy, which has no types
    from scipy.stats import t

    return t
