"""What one arm of a trial has no row of: cases, and repeats of a case.

Nobody knows why a row is missing. Where an arm leaves out what it could not answer, the rest of it
looks good; so what is missing is also counted as if all of it had gone against the challenger.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ops_model.analysis.profile import Counts, Floats

if TYPE_CHECKING:
    import pandas as pd

_PLANNED = 0.95
"""An arm was asked as often as this share of its cases was, or less; a stray row is no plan."""


@dataclass(frozen=True)
class Gaps:
    """Every case that either arm has, one value a case.

    Attributes:
        scores: the mean of the rows that an arm has of a case, of both arms; 0 where it has none.
        known: which part of the rows it should have those are.
        clusters: to which cluster a case belongs; None where each is its own.
        slices: the value of each case in each column by which the results are taken apart.
    """

    scores: tuple[Floats, Floats]
    known: tuple[Floats, Floats]
    clusters: Counts | None = None
    slices: Mapping[str, "NDArray[Any]"] = field(default_factory=dict)

    def without(self, among: "NDArray[Any] | None" = None) -> tuple[int, int]:
        """Cases that an arm has no row of, of both arms; of all cases or of some."""
        return self._counted(among, lambda known: known == 0)

    def with_fewer(self, among: "NDArray[Any] | None" = None) -> tuple[int, int]:
        """Cases that an arm has too few repeats of, of both arms."""
        return self._counted(among, lambda known: (known > 0) & (known < 1))

    def share(self, among: "NDArray[Any] | None" = None) -> float:
        """Which part of the rows is missing, of the arm that lacks more."""
        return max(float((1 - one).mean()) for one in self._of(among))

    def _counted(
        self, among: "NDArray[Any] | None", lacks: "Callable[[Floats], NDArray[Any]]"
    ) -> tuple[int, int]:
        first, second = (int(lacks(known).sum()) for known in self._of(among))
        return first, second

    def _of(self, among: "NDArray[Any] | None") -> tuple[Floats, Floats]:
        first, second = self.known
        return (first, second) if among is None else (first[among], second[among])

    def against(self, ends: tuple[float, float], *, lower_is_better: bool) -> Floats:
        """The differences, had the challenger failed in all that is missing, and the other not.

        Args:
            ends: the lowest and the highest score that is possible.
            lower_is_better: whether less of the score is better.
        """
        worst, best = reversed(ends) if lower_is_better else ends
        first, second = (
            scores * known + supposed * (1 - known)
            for scores, known, supposed in zip(self.scores, self.known, (best, worst), strict=True)
        )
        return first - second if lower_is_better else second - first


def gaps_of(
    one: "pd.DataFrame", other: "pd.DataFrame", names: Mapping[str, str]
) -> Gaps | None:  # fmt: skip
    """What is missing of two arms; None where nothing is.

    Args:
        one: a row a case of the champion, by case, with its score and its number of repeats.
        other: the same of the challenger.
        names: the columns of `one` that are slices, and what they are called.
    """
    both = one.index.intersection(other.index)
    asked = [np.asarray(arm.repeats.loc[both], dtype=np.float64) for arm in (one, other)]
    planned = _planned(asked[0], asked[1]), _planned(asked[1], asked[0])
    alike = all((plan == own).all() for plan, own in zip(planned, asked, strict=True))
    if alike and len(one) == len(other) == len(both):
        return None
    every = one.index.union(other.index)
    place = every.get_indexer(both)
    scores, known = [], []
    for arm, plan, own in zip((one, other), planned, asked, strict=True):
        part = np.asarray(every.isin(arm.index), dtype=np.float64)
        part[place] = own / plan
        known.append(part)
        scores.append(np.asarray(arm.score.reindex(every).fillna(0.0), dtype=np.float64))
    one, other = one.reindex(every), other.reindex(every)
    return Gaps(
        scores=(scores[0], scores[1]), known=(known[0], known[1]),
        clusters=clusters_of(one, other),
        slices={
            name: np.asarray(one[f"{key}_min"].fillna(other[f"{key}_min"]), dtype=str)
            for key, name in names.items()
        },
    )  # fmt: skip


def _planned(own: Floats, other: Floats) -> Floats:
    """How often an arm should have been asked each case, by what both arms have of it.

    An arm that was asked equally often was asked as planned, however often the other was.
    """
    if own.min() == own.max():
        return own
    most = np.maximum(own, other)
    if other.min() < other.max():
        return most
    return np.maximum(most, np.quantile(own, _PLANNED, method="higher"))


def clusters_of(one: "pd.DataFrame", other: "pd.DataFrame") -> Counts | None:
    """A number for each cluster; a case that names none is one of its own."""
    named = one.cluster_min.fillna(other.cluster_min)
    if named.isna().all():
        return None
    codes = named.astype("category").cat.codes.to_numpy().astype(np.int64)
    own = codes < 0
    codes[own] = codes.max() + 1 + np.arange(int(own.sum()))
    return codes
