"""Where a cheaper model is good enough: the same cases answered by both, slice by slice.

A slice counts when it is shown, with a chance of error that all slices share, that the cheap model
is not worse there by the margin or more. An average over all cases shows nothing about a slice,
and nothing is booked on it. Cases asked more than once are one case each.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

from ops_model.analysis.judged import LARGEST_SCORE
from ops_model.analysis.paired_tests import benjamini_hochberg, tango, tango_bound
from ops_model.analysis.repeatable import repeatable
from ops_model.domain.evidence import Measured
from ops_model.domain.savings import SliceComparison

if TYPE_CHECKING:
    import ibis

FALSE_DISCOVERIES = 0.05
"""The share of wrong ones among the slices that are called good enough."""
IMPLAUSIBLE, IMPLAUSIBLE_MARGINS = 0.1, 2
"""Surely so much better, and by so many margins, a cheaper model is too good to be true."""
WHOLE = "all cases"
_TWO_SIDED = NormalDist().inv_cdf(0.975)
_ROUNDING = 1e-6
"""By so much shares may miss the whole: somebody wrote them with few digits."""


@dataclass(frozen=True)
class Paired:
    """The differences of one slice, cheap less dear, over its cases.

    `better` and `worse` count the cases on which exactly one of both is right; they tell all there
    is when every score is 0 or 1 (`binary`), and `right` those on which any of them is; None where
    nobody counted. `weight` is the slice's part of the traffic.
    """

    slice: str
    cases: int
    total: float
    squares: float
    better: int = 0
    worse: int = 0
    binary: bool = False
    weight: float = 0.0
    right: int | None = None

    @property
    def mean(self) -> float:
        """The mean difference."""
        return self.total / self.cases


@dataclass(frozen=True)
class Sized:
    """Every slice with what was shown, over all cases, and the traffic that may be moved."""

    overall: Measured
    slices: tuple[SliceComparison, ...]
    movable: Measured


def pair_cases(
    table: "ibis.Table",
    *,
    case: str,
    dear: str,
    cheap: str,
    slice_by: str | None = None,
    share: str | None = None,
) -> tuple[Paired, ...]:
    """The slices of a table of cases, one row to each answered case.

    Args:
        table: scores of both models, higher is better.
        case: what tells the cases apart, but for blanks around it; several rows of one are taken
            as their mean.
        dear: the score of the dear model; true is 1.
        cheap: that of the cheap one.
        slice_by: the column by which requests can be told apart; None is one slice of all.
        share: a slice's part of all traffic, compared or not; None counts the cases.

    Raises:
        ValueError: a row lacks a score, or a case its name; leaving out what the cheap model could
            not answer would make it look good. Or a score has no end, a share is below nothing, or
            the shares of all slices are more than the whole.
    """
    import ibis

    named = ibis.literal(WHOLE) if slice_by is None else table[slice_by].cast("string")
    weight = ibis.literal(0.0) if share is None else table[share].cast("float64")
    rows = table.select(
        slice=named.fill_null("(none)"), case=table[case].cast("string").strip(),
        dear=_score(table[dear]), cheap=_score(table[cheap]), weight=weight,
    )  # fmt: skip
    _refuse_gaps(rows)
    cases = rows.group_by("slice", "case").aggregate(
        dear=rows.dear.mean(), cheap=rows.cheap.mean(), weight=rows.weight.mean()
    )
    difference = cases.cheap - cases.dear
    whole = cases.dear.isin([0.0, 1.0]) & cases.cheap.isin([0.0, 1.0])
    right = (cases.dear > 0) | (cases.cheap > 0)
    found = cases.group_by("slice").aggregate(
        cases=cases.count(), total=difference.sum(), squares=(difference * difference).sum(),
        better=(difference > 0).sum(), worse=(difference < 0).sum(), binary=whole.all(),
        weight=cases.weight.mean(), right=right.sum(),
    )  # fmt: skip
    held = sorted(found.to_pyarrow().to_pylist(), key=lambda row: str(row["slice"]))
    if share is None:
        many = sum(row["cases"] for row in held)
        held = [{**row, "weight": row["cases"] / many} for row in held]
    _refuse_too_much(math.fsum(row["weight"] for row in held))
    return tuple(Paired(**row) for row in held)


def right_size(slices: Sequence[Paired], margin: float) -> Sized:
    """Which slices the cheap model may take over.

    Args:
        slices: see `pair_cases`.
        margin: by how much it may score lower, written before it was tried.

    Raises:
        ValueError: there is no case.
    """
    if not slices:
        msg = "there is no case; expected the same cases answered by both models"
        raise ValueError(msg)
    adjusted = benjamini_hochberg([p_not_inferior(one, margin) for one in slices])
    compared = tuple(_compared(one, p, margin) for one, p in zip(slices, adjusted, strict=True))
    cases = sum(one.cases for one in slices)
    moved = math.fsum(one.traffic for one in compared if one.verdict == "non_inferior")
    rests_on = f"a sum of slices, of which {FALSE_DISCOVERIES:.0%} may be wrong"
    uncompared = 1 - math.fsum(one.weight for one in slices)
    if uncompared > _ROUNDING:
        rests_on += f"; {uncompared:.0%} of the traffic is in no slice and not compared"
    return Sized(
        overall=_difference(_all_of(slices)),
        slices=compared,
        movable=Measured(
            value=repeatable(min(moved, 1.0)), unit="share", n=cases, no_interval=rests_on,
        ),
    )  # fmt: skip


def p_not_inferior(one: Paired, margin: float) -> float:
    """The chance of such cases if the cheap model were worse by just the margin; one-sided.

    Scores of 0 and 1 are tested by Tango's score test (1998), which stays right where both models
    agree on every case; others by Student's t.
    """
    if one.binary:
        return 1 - NormalDist().cdf(tango(one.cases, one.better, one.worse, -margin))
    error = _standard_error(one)
    if error is None:
        return 1.0
    from scipy import stats

    return float(stats.t.sf((one.mean + margin) / error, one.cases - 1))


def _score(column: "ibis.Value") -> "ibis.Value":
    # PostgreSQL turns true and false into integers of this size alone.
    number = column.cast("int32") if column.type().is_boolean() else column
    return number.cast("float64")


def _refuse_gaps(rows: "ibis.Table") -> None:
    lacking = rows.case.isnull()
    for name in ("dear", "cheap", "weight"):
        lacking = lacking | rows[name].isnull() | rows[name].isnan()
        lacking = lacking | (rows[name].abs() > LARGEST_SCORE)
    lacking = lacking | (rows.weight < 0)
    gaps = rows.filter(lacking).count().to_pyarrow().as_py()
    if gaps:
        msg = (
            f"{gaps:,} rows lack a case, a score or a share; expected both scores of every case "
            "as finite numbers, 0 where a model did not answer, and no share below 0"
        )
        raise ValueError(msg)


def _refuse_too_much(shares: float) -> None:
    if shares > 1 + _ROUNDING:
        msg = (
            f"the shares of all slices add up to {shares:,.4g}; expected parts of all traffic, "
            "1 at most together"
        )
        raise ValueError(msg)


def _standard_error(one: Paired) -> float | None:
    """That of the mean; None where nothing varies, or two cases are all there is."""
    if one.cases < 3:
        return None
    spread = one.squares - one.cases * one.mean**2
    return math.sqrt(spread / (one.cases - 1) / one.cases) if spread > 1e-12 else None


def _all_of(slices: Iterable[Paired]) -> Paired:
    held = list(slices)
    return Paired(
        WHOLE, sum(one.cases for one in held), math.fsum(one.total for one in held),
        math.fsum(one.squares for one in held), sum(one.better for one in held),
        sum(one.worse for one in held), binary=all(one.binary for one in held),
    )  # fmt: skip


def _compared(one: Paired, p_adjusted: float, margin: float) -> SliceComparison:
    difference = _difference(one)
    verdict: Literal["non_inferior", "not_shown", "implausible"] = "not_shown"
    if _never_right(one) or (
        difference.low is not None
        and difference.low > max(IMPLAUSIBLE, IMPLAUSIBLE_MARGINS * margin)
    ):
        verdict = "implausible"
    elif p_adjusted < FALSE_DISCOVERIES:
        verdict = "non_inferior"
    return SliceComparison(
        slice=one.slice,
        cases=one.cases,
        difference=difference,
        p_adjusted=repeatable(p_adjusted),
        verdict=verdict,
        traffic=repeatable(one.weight),
    )


def _never_right(one: Paired) -> bool:
    """Whether neither model got a single case right, which speaks of whoever judged them."""
    return one.binary and one.right == 0


def _difference(one: Paired) -> Measured:
    """The mean difference with the interval that belongs to the test."""
    value = repeatable(one.mean)
    if one.binary:
        low, high = (
            tango_bound(one.cases, one.better, one.worse, way, _TWO_SIDED) for way in (-1, 1)
        )
    else:
        error = _standard_error(one)
        if error is None:
            return Measured(value=value, unit="score", n=one.cases, no_interval="too few")
        from scipy import stats

        half = float(stats.t.ppf(0.975, one.cases - 1)) * error
        low, high = one.mean - half, one.mean + half
    return Measured(
        value=value, unit="score", n=one.cases, low=repeatable(low), high=repeatable(high)
    )
