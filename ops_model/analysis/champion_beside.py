"""What stands beside the quality of a challenger: flips, cost, seconds, each arm's own mean."""

import math
from dataclasses import dataclass

import numpy as np

from ops_model.analysis.differences import FEWEST, Differences, differences_of
from ops_model.analysis.profile import Floats
from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.spread import wilson
from ops_model.analysis.trial_results import Trial
from ops_model.domain.evidence import Measured

_HALF = 0.5


@dataclass(frozen=True)
class Beside:
    """What else changes with the challenger.

    Attributes:
        flips: the share of cases that turned from right to wrong, or back.
        to_right: how many turned right, `to_wrong` how many wrong; None of scores of any kind.
        cost_multiplier: a case of the challenger costs so many times as much.
        cost: what its rows cost in all, the price of the trial.
        champion_seconds: the median case of each arm.
    """

    flips: Measured
    to_right: int | None = None
    to_wrong: int | None = None
    cost_multiplier: Measured | None = None
    cost: Measured | None = None
    champion_seconds: Measured | None = None
    challenger_seconds: Measured | None = None

    @property
    def is_cheaper(self) -> bool:
        """True where the challenger surely costs less."""
        found = self.cost_multiplier
        return found is not None and found.high is not None and found.high < 1


def beside_of(trial: Trial) -> Beside:
    """Flips, cost and seconds of a trial, as far as it tells them."""
    to_right, to_wrong = _turned(trial)
    first, second = (None, None) if trial.seconds is None else map(_median, trial.seconds)
    return Beside(
        flips=_flips(trial, to_right, to_wrong), to_right=to_right, to_wrong=to_wrong,
        cost_multiplier=_multiplier(trial), cost=_spent(trial),
        champion_seconds=first, challenger_seconds=second,
    )  # fmt: skip


def measured_difference(
    seen: Differences, bounds: tuple[float, float] | None, trial: Trial
) -> Measured:
    """The mean difference of some cases, between the bounds that decide."""
    value, unit = repeatable(seen.mean), "share" if trial.binary else "score"
    if bounds is None:
        return Measured(value=value, unit=unit, n=seen.cases, no_interval=seen.too_few)
    low, high = (repeatable(bound) for bound in bounds)
    return Measured(value=value, unit=unit, n=seen.cases, low=low, high=high)


def mean_of(scores: Floats, trial: Trial) -> Measured:
    """The mean score of one arm, with the interval that its cases allow."""
    value, n = repeatable(float(scores.mean())), len(scores)
    unit = "share" if trial.binary else "score"
    seen = differences_of(scores, trial.clusters)
    if trial.once and seen.clusters == n:
        low, high = wilson(float(scores.sum()), n)
    else:
        bounds = _about(seen.mean, seen)
        if bounds is None:
            return Measured(value=value, unit=unit, n=n, no_interval="too few to vary")
        low, high = bounds
    if trial.binary:
        low, high = max(low, 0.0), min(high, 1.0)
    return Measured(value=value, unit=unit, n=n, low=repeatable(low), high=repeatable(high))


def _about(mean: float, seen: Differences, scale: float = 1.0) -> tuple[float, float] | None:
    if seen.clusters < FEWEST or seen.error <= 0:
        return None
    from scipy.stats import t

    half = float(t.ppf(0.975, max(seen.units - 1, 1.0))) * seen.error / scale
    return mean - half, mean + half


def _turned(trial: Trial) -> tuple[int | None, int | None]:
    """Cases that turned right and wrong, by the majority of their repeats."""
    if not trial.binary:
        return None, None
    was, now = trial.first > _HALF, trial.second > _HALF
    return int((now & ~was).sum()), int((was & ~now).sum())


def _flips(trial: Trial, to_right: int | None, to_wrong: int | None) -> Measured:
    if to_right is None or to_wrong is None:
        why = "scores that are not right or wrong do not flip"
        return Measured(value=None, unit="share", n=trial.cases, no_interval=why)
    turned = to_right + to_wrong
    low, high = wilson(turned, trial.cases)
    return Measured(
        value=repeatable(turned / trial.cases), unit="share", n=trial.cases,
        low=repeatable(low), high=repeatable(high),
    )  # fmt: skip


def _multiplier(trial: Trial) -> Measured | None:
    """Cost of the challenger over that of the champion, on the cases that tell both."""
    if trial.costs is None:
        return None
    known = ~np.isnan(trial.costs[0]) & ~np.isnan(trial.costs[1])
    first, second = (costs[known] for costs in trial.costs)
    if not known.any() or first.sum() <= 0:
        why = "no case tells what both cost" if not known.any() else "the champion cost nothing"
        return Measured(value=None, unit="times", n=int(known.sum()), no_interval=why)
    ratio = float(second.sum() / first.sum())
    clusters = None if trial.clusters is None else trial.clusters[known]
    # A ratio of sums varies as its residuals do, over the mean that it is divided by.
    seen = differences_of((second - ratio * first) / first.mean(), clusters)
    n, value = int(known.sum()), repeatable(ratio)
    if seen.clusters < FEWEST or ratio <= 0:
        return Measured(value=value, unit="times", n=n, no_interval=f"too few: {n} cases")
    # Where every case costs as many times as much, there is nothing between the bounds.
    bounds = _about(0.0, seen, ratio) or (0.0, 0.0)
    low, high = (repeatable(ratio * math.exp(bound)) for bound in bounds)
    return Measured(value=value, unit="times", n=n, low=low, high=high)


def _spent(trial: Trial) -> Measured | None:
    if trial.spent is None:
        return None
    why = "exact"
    if trial.priced < trial.asked:
        why = f"{trial.asked - trial.priced:,} of {trial.asked:,} rows have no cost"
    return Measured(
        value=repeatable(trial.spent), unit="USD", n=trial.priced, no_interval=why
    )  # fmt: skip


def _median(seconds: Floats) -> Measured | None:
    """The median case, between two cases that hold it at 95 % whatever the times are like."""
    known = np.sort(seconds[~np.isnan(seconds)])
    if not len(known):
        return None
    value = repeatable(float(np.median(known)))
    from scipy.stats import binom

    below = int(binom.ppf(0.025, len(known), 0.5))
    if below < 1:
        why = f"too few: {len(known)} cases"
        return Measured(value=value, unit="seconds", n=len(known), no_interval=why)
    low, high = repeatable(float(known[below - 1])), repeatable(float(known[-below]))
    return Measured(value=value, unit="seconds", n=len(known), low=low, high=high)
