"""What makes the results of a trial doubtful, and what is only counted."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ops_model.analysis.trial_results import Trial
from ops_model.analysis.trial_scale import on_two_scales
from ops_model.domain.trials import ChallengerVerdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

IMPLAUSIBLE, IMPLAUSIBLE_MARGINS = 0.1, 2
"""Surely so much better (of the score's span), and by so many margins, is too good to be true."""
MOST_MISSING = 0.05
"""Where more of an arm is missing, nothing is decided, however well the rest did."""
PASSES: frozenset[ChallengerVerdict] = frozenset({"better", "non_inferior"})
_SHOWN = 3


def faults_of(trial: Trial) -> Iterator[str]:
    """Why nothing should be decided by these results."""
    yield from trial.doubts
    if trial.contradicting:
        yield (
            f"{trial.contradicting:,} rows repeat a case, arm and repeat with another score; "
            "nobody knows which counts"
        )
    versions = {version for of_arm in trial.judges.values() for version in of_arm}
    if len(versions) > 1:
        told = "; ".join(
            f"{arm} by {_listed(trial.judges.get(arm, {}))}"
            for arm in (trial.champion, trial.challenger)
        )
        yield f"{len(versions)} versions of the judge are mixed: {told}"
    if on_two_scales(*trial.spans):
        told = "; ".join(
            f"{arm} from {low:g} to {high:g}"
            for arm, (low, high) in zip(
                (trial.champion, trial.challenger), trial.spans, strict=True
            )
        )
        yield f"the arms are hardly scored on one scale: {told}"


def left_out(
    trial: Trial, *, at_worst: ChallengerVerdict, among: "NDArray[Any] | None" = None
) -> Iterator[str]:
    """Why a challenger does not pass by what is there, where much of either arm is missing.

    Args:
        trial: what was compared.
        at_worst: the verdict, had all that is missing gone against the challenger.
        among: the cases of a slice, of all that either arm has.
    """
    gaps = trial.gaps
    if gaps is None:
        return
    share = gaps.share(among)
    if at_worst in PASSES and share <= MOST_MISSING:
        return
    told = ", ".join(
        f"{count:,} cases {what} of {arm}"
        for counts, what in (
            (gaps.without(among), "have no row"), (gaps.with_fewer(among), "lack repeats"),
        )
        for count, arm in zip(counts, (trial.champion, trial.challenger), strict=True) if count
    )  # fmt: skip
    why = (
        f"those are {share * 100:.0f} % of an arm, and nobody knows whether they are like the rest"
        if at_worst in PASSES
        else f"had they gone against {trial.challenger} it would not pass"
    )
    yield f"{told}; {why}: ask both the same cases as often, and score 0 what was not answered"


def too_good(
    trial: Trial, low: float, margin: float | None, *, is_suspect: bool
) -> tuple[str, ...]:
    """Why a win cannot be right: surely larger than any that a cheaper or weaker model has.

    Args:
        trial: what was compared.
        low: the lower bound of the difference.
        margin: by how much it may be worse.
        is_suspect: it is cheaper, or not better over all cases.
    """
    lowest, highest = trial.span
    width = 1.0 if trial.binary else highest - lowest
    bar = max(IMPLAUSIBLE * width, IMPLAUSIBLE_MARGINS * (margin or 0))
    if not is_suspect or low <= bar:
        return ()
    by = f"{low * 100:.1f} points" if trial.binary else f"{low:.3g}"
    return (f"better by {by} at least, which is too good to be true: look at the answers first",)


def notes_of(trial: Trial) -> Iterator[str]:
    """What was counted, and takes nothing from the verdict."""
    for count, lacking in (
        (trial.only_champion, trial.challenger), (trial.only_challenger, trial.champion),
    ):  # fmt: skip
        if count:
            yield f"{count:,} cases have no row of {lacking} and are in no mean"
    if trial.duplicated > trial.contradicting:
        same = trial.duplicated - trial.contradicting
        yield f"{same:,} rows repeat a case, arm and repeat with the same score and count once"
    if trial.uneven:
        yield (
            f"{trial.uneven:,} cases were asked more often than {trial.repeats} times in an arm; "
            "each counts once, as the mean"
        )
    yield from _supposed(trial)
    for arm, models in trial.answered.items():
        if len(models) > 1:
            yield f"{arm} was answered by {len(models)} models: {_listed(models)}"
    if 0 < trial.priced < trial.asked:
        yield (
            f"{trial.asked - trial.priced:,} of {trial.asked:,} rows of {trial.challenger} have "
            "no cost and are in no sum"
        )


def _supposed(trial: Trial) -> Iterator[str]:
    """What was taken for so, since the results do not say it."""
    if not trial.numbered and (trial.repeats > 1 or trial.uneven):
        yield "rows of a case were taken as its repeats, since no column `repeat` tells them apart"
    if not trial.binary:
        low, high = trial.ends
        yield f"the scores are taken to lie between {low:g} and {high:g}, by those that were seen"


def _listed(counts: Mapping[str, int]) -> str:
    told = [
        f"{name or 'nobody named'} ({rows:,} rows)" for name, rows in list(counts.items())[:_SHOWN]
    ]
    return ", ".join(told) or "nobody named"
