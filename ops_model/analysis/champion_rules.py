"""What was settled before a comparison, and what chances it allows to say by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from ops_model.analysis.differences import Differences, differences_of
from ops_model.analysis.looks import ALPHA, Looks
from ops_model.analysis.paired_tests import benjamini_hochberg, holm
from ops_model.analysis.profile import Counts, Floats
from ops_model.analysis.trial_gaps import Gaps
from ops_model.analysis.trial_results import Trial
from ops_model.domain.trials import ChallengerVerdict

Correction = Literal["holm", "bh"]
Chances = tuple[float, float | None]
Among = NDArray[Any]
_CORRECTIONS = {"holm": holm, "bh": benjamini_hochberg}


@dataclass(frozen=True)
class ComparisonRules:
    """What was settled before anybody looked.

    Attributes:
        margin: how much worse still counts as no worse, in the unit of the score.
        lower_is_better: whether less of the score is better.
        correction: for the number of slices: `holm` or `bh`.
        looks: how often it is looked before all cases are there; None is once.
    """

    margin: float | None = None
    lower_is_better: bool = False
    correction: Correction = "holm"
    looks: Looks | None = None


def differences_in(
    trial: Trial, rules: ComparisonRules, among: Among | None = None
) -> Differences:
    """The differences of the cases that both answered, or of some of them."""
    values = trial.first - trial.second if rules.lower_is_better else trial.second - trial.first
    return _of(trial, values, trial.clusters, among)


def at_worst(
    trial: Trial, gaps: Gaps, rules: ComparisonRules, among: Among | None = None
) -> Differences:  # fmt: skip
    """The same, had all that is missing gone against the challenger."""
    values = gaps.against(trial.ends, lower_is_better=rules.lower_is_better)
    return _of(trial, values, gaps.clusters, among)


def _of(
    trial: Trial, values: Floats, clusters: Counts | None, among: Among | None
) -> Differences:  # fmt: skip
    if among is not None:
        values, clusters = values[among], None if clusters is None else clusters[among]
    low, high = trial.ends
    # Of scores that are all alike nobody can say how far they might lie apart.
    return differences_of(values, clusters, once=trial.once, reach=high - low or None)


def chances_of(seen: Differences, rules: ComparisonRules) -> Chances:
    """Of such differences if there is none, and if it is worse by the margin."""
    none = seen.chance_of_none(rules.looks)
    if rules.margin is None:
        return none, None
    return none, seen.chance_of_worse(rules.margin, rules.looks)


def corrected(chances: Sequence[Chances], correction: Correction) -> list[Chances]:
    """The chances of several questions, each kind corrected for their number."""
    adjust = _CORRECTIONS[correction]
    none = adjust([chance for chance, _ in chances])
    worse = [chance for _, chance in chances if chance is not None]
    if len(worse) < len(chances):
        return [(chance, None) for chance in none]
    return list(zip(none, adjust(worse), strict=True))


def verdict_of(mean: float, chances: Chances) -> ChallengerVerdict:
    """What the chances allow to say; a margin goes before a difference that lies within it."""
    none, worse = chances
    if none < ALPHA and mean > 0:
        return "better"
    if worse is not None and worse < ALPHA:
        return "non_inferior"
    return "worse" if none < ALPHA and mean < 0 else "undecided"
