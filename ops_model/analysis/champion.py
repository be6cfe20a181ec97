"""A challenger against the champion on the same cases: better, no worse, worse, or undecided.

The margin says how much worse still counts as no worse, and is written before anything is tried;
without one nothing is `non_inferior`. What makes the data doubtful (two judges, rows that
contradict each other, a win too good to be true) is told, and then nothing is decided by them.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

from ops_model.analysis.cases_needed import Variation, to_show_no_worse, to_tell_apart
from ops_model.analysis.champion_beside import Beside, beside_of, mean_of, measured_difference
from ops_model.analysis.champion_faults import PASSES, faults_of, left_out, notes_of, too_good
from ops_model.analysis.champion_rules import (
    ComparisonRules,
    at_worst,
    chances_of,
    differences_in,
    verdict_of,
)  # fmt: skip
from ops_model.analysis.champion_slices import slices_of
from ops_model.analysis.differences import LEAST_NO_WORSE, Differences
from ops_model.analysis.looks import ALPHA, Looks
from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.trial_results import Trial
from ops_model.domain.evidence import Measured
from ops_model.domain.trials import ChallengerVerdict, SliceResult

_RECORDED = (
    "difference", "cases", "repeats", "verdict", "method", "looks", "cases_needed", "champion",
    "challenger", "unpaired", "duplicated", "faults", "slices", "flips", "champion_seconds",
    "challenger_seconds", "cost_multiplier", "cost",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """What came out; differences are challenger less champion, turned so that more is better.

    Attributes:
        difference: of the mean scores over cases, with the interval that decides.
        no_worse_than: the lower bound that the margin is held against, at one-sided 95 %.
        chances: of such results if there is no difference, and if it is worse by the margin.
        cases_needed: in all, to decide; None where it is decided, or no number would.
        to_right: cases that the challenger turned right, `to_wrong` wrong; None of scores that are
            not right or wrong.
        faults: why the data cannot be trusted; with one nothing is decided.
        notes: what was counted and does not change the verdict.
    """

    difference: Measured
    verdict: ChallengerVerdict
    cases: int
    repeats: int
    method: str
    looks: int
    champion: Measured
    challenger: Measured
    no_worse_than: float | None
    chances: tuple[float, float | None]
    beside: Beside
    cases_needed: int | None = None
    unpaired: int = 0
    duplicated: int = 0
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    slices: tuple[SliceResult, ...] = ()

    @property
    def passes(self) -> bool:
        """True where the challenger may take over, as far as the results go."""
        return self.verdict in PASSES

    @property
    def cases_more(self) -> int | None:
        """How many more it takes; None as of `cases_needed`."""
        return None if self.cases_needed is None else max(self.cases_needed - self.cases, 1)

    def recorded(self) -> dict[str, Any]:
        """The fields of a `ChallengerResult` that a comparison fills, by name."""
        return {
            name: getattr(self if hasattr(self, name) else self.beside, name)
            for name in _RECORDED
        }  # fmt: skip


def compare(trial: Trial, rules: ComparisonRules) -> Comparison:
    """The verdict on a trial, how sure it is, and what stands beside quality.

    Args:
        trial: the cases that both answered.
        rules: what was settled before.
    """
    seen = differences_in(trial, rules)
    chances = chances_of(seen, rules)
    beside = beside_of(trial)
    low_high, lower = seen.interval(rules.looks), seen.no_worse_than(rules.looks)
    too_early = _too_early(trial, rules)
    faults = list(faults_of(trial))
    verdict = "undecided" if too_early else verdict_of(seen.mean, chances)
    wins = low_high is not None and low_high[0] > 0
    if verdict in PASSES and low_high is not None:
        faults += _hidden(trial, rules)
        faults += too_good(trial, low_high[0], rules.margin, is_suspect=beside.is_cheaper)
    found = Comparison(
        difference=measured_difference(seen, low_high, trial),
        verdict="undecided" if faults else verdict,
        cases=trial.cases, repeats=trial.repeats, method=_method(seen, rules.looks),
        looks=trial.cases // rules.looks.every if rules.looks else 1,
        champion=mean_of(trial.first, trial), challenger=mean_of(trial.second, trial),
        no_worse_than=None if lower is None else repeatable(lower),
        chances=chances, beside=beside,
        unpaired=trial.only_champion + trial.only_challenger, duplicated=trial.duplicated,
        faults=tuple(faults), notes=(*notes_of(trial), *too_early),
        slices=tuple(
            slices_of(trial, rules, believed=not (too_early or faults),
                      suspect=beside.is_cheaper or not wins)
        ),
    )  # fmt: skip
    if found.verdict != "undecided" or faults:
        return found
    return replace(found, cases_needed=_needed(seen, rules))


def _hidden(trial: Trial, rules: ComparisonRules) -> Iterator[str]:
    """What is missing, where it may be what lets the challenger pass.

    Between looks too: what was not asked yet looks like what was left out.
    """
    if trial.gaps is not None:
        seen = at_worst(trial, trial.gaps, rules)
        yield from left_out(trial, at_worst=verdict_of(seen.mean, chances_of(seen, rules)))


def _too_early(trial: Trial, rules: ComparisonRules) -> tuple[str, ...]:
    if rules.looks is None or trial.cases >= rules.looks.every:
        return ()
    return (
        f"the first look comes after {rules.looks.every:,} cases, and there are "
        f"{trial.cases:,}: nothing is decided before",
    )


def _method(seen: Differences, looks: Looks | None) -> str:
    """How the interval was made, in words."""
    if seen.once:
        what = "score interval of paired shares (Tango)"
        what += "" if looks else ", exact McNemar test of no difference"
    elif seen.clusters == seen.cases:
        what = "paired t interval of case means"
    else:
        what = f"paired t interval of case means, {seen.clusters:,} clusters left out in turn"
    if looks is None:
        return what
    return f"{what.replace('t interval', 'interval')}, as a confidence sequence over all looks"


def _needed(seen: Differences, rules: ComparisonRules) -> int | None:
    """The cases in all that decide it, by whichever verdict is nearest."""
    looks, per_case = rules.looks, seen.units / seen.cases
    variation = Variation(seen.mean, seen.square, seen.clustering)

    def bound(alpha: float) -> Any:  # noqa: ANN401 - a function, or None for one look
        if looks is None:
            return None
        return lambda n: looks.bound(n * per_case, alpha=alpha, per_case=per_case)

    found = [to_tell_apart(variation, bound=bound(ALPHA))]
    if rules.margin is not None:
        enough = to_show_no_worse(variation, rules.margin, bound=bound(2 * ALPHA))
        least = _least(seen, rules.margin, looks)
        found.append(None if enough is None else max(enough, least))
    known = [max(one, seen.cases + 1) for one in found if one is not None]
    if not known:
        return None
    return min(known) if looks is None else math.ceil(min(known) / looks.every) * looks.every


def _least(seen: Differences, margin: float, looks: Looks | None) -> int:
    """With fewer cases no margin is shown even where both agree on every one."""
    if seen.reach is None or margin >= seen.reach:
        return LEAST_NO_WORSE
    if seen.once and looks is None:
        return max(LEAST_NO_WORSE, math.ceil(math.log(ALPHA) / math.log1p(-margin)))
    z = NormalDist().inv_cdf(1 - ALPHA)
    if looks is not None:
        z = looks.bound(looks.narrowest or looks.every, alpha=2 * ALPHA)
    return max(LEAST_NO_WORSE, math.ceil(z * z * (seen.reach / margin - 1)))
