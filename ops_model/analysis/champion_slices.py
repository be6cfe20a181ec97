"""A comparison taken apart: each slice by itself, and corrected for the number of them."""

from collections.abc import Iterator, Sequence

import numpy as np

from ops_model.analysis.champion_beside import measured_difference
from ops_model.analysis.champion_faults import PASSES, left_out, too_good
from ops_model.analysis.champion_rules import (
    Chances,
    ComparisonRules,
    at_worst,
    chances_of,
    corrected,
    differences_in,
    verdict_of,
)  # fmt: skip
from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.trial_results import Trial
from ops_model.domain.trials import SliceResult


def slices_of(
    trial: Trial, rules: ComparisonRules, *, believed: bool, suspect: bool
) -> Iterator[SliceResult]:
    """Every slice of every column, the chances of all of them corrected together.

    Args:
        trial: what was compared.
        rules: what was settled before.
        believed: whether the whole may be decided at all; no slice is where it may not.
        suspect: a slice that wins by much cannot be right, since the whole does not or is cheaper.
    """
    parts = [
        (name, value, differences_in(trial, rules, values == value))
        for name, values in trial.slices.items()
        for value in np.unique(values)
    ]
    chances = corrected([chances_of(seen, rules) for _, _, seen in parts], rules.correction)
    hidden = _at_worst(trial, rules, [(name, value) for name, value, _ in parts])
    for (name, value, seen), chance, worst in zip(parts, chances, hidden, strict=True):
        bounds = seen.interval(rules.looks)
        verdict = verdict_of(seen.mean, chance)
        odd = _odd(trial, rules, bounds, suspect=suspect)
        if verdict in PASSES and trial.gaps is not None and worst is not None:
            among = trial.gaps.slices[name] == value
            odd += tuple(left_out(trial, at_worst=verdict_of(*worst), among=among))
        none, worse = chance
        behind = none if worse is None or verdict in {"better", "worse"} else worse
        yield SliceResult(
            name=f"{name} = {value}", cases=seen.cases,
            difference=measured_difference(seen, bounds, trial),
            verdict=verdict if believed and not odd else "undecided",
            p_corrected=repeatable(behind), fault=odd[0] if odd else None,
        )  # fmt: skip


def _odd(
    trial: Trial, rules: ComparisonRules, bounds: tuple[float, float] | None, *, suspect: bool
) -> tuple[str, ...]:
    if bounds is None:
        return ()
    return too_good(trial, bounds[0], rules.margin, is_suspect=suspect)


def _at_worst(
    trial: Trial, rules: ComparisonRules, parts: Sequence[tuple[str, str]]
) -> list[tuple[float, Chances] | None]:
    """The mean and the chances of each slice, had what is missing gone against the challenger."""
    gaps = trial.gaps
    if gaps is None:
        return [None] * len(parts)
    found = [
        at_worst(trial, gaps, rules, gaps.slices[name] == value) for name, value in parts
    ]  # fmt: skip
    chances = corrected([chances_of(seen, rules) for seen in found], rules.correction)
    return [(seen.mean, chance) for seen, chance in zip(found, chances, strict=True)]
