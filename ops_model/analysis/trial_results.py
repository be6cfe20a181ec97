"""Results of a trial, one row a case, arm and repeat, as pairs: the same case answered by both.

What cannot be paired, or says a thing twice, is counted; what would make the answer wrong without
anybody seeing it (a row without a score, a case in two clusters) is refused with its number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ops_model.analysis.judged import LARGEST_SCORE
from ops_model.analysis.profile import Counts, Floats
from ops_model.analysis.trial_arms import arms_of
from ops_model.analysis.trial_gaps import Gaps, clusters_of, gaps_of
from ops_model.analysis.trial_refused import (
    refuse_gaps,
    refuse_many,
    refuse_production,
    refuse_two,
)
from ops_model.analysis.trial_scale import Span, ends_of
from ops_model.errors import WarehouseError

if TYPE_CHECKING:
    import ibis
    import pandas as pd

CASE, ARM, CLUSTER, REPEAT = "case_id", "arm", "cluster_id", "repeat"
COST, SECONDS = "cost_usd", "latency_s"
ANSWERED_AT, ENVIRONMENT = "answered_at", "environment"
ASKED, ANSWERED, JUDGE = "model_requested", "model_returned", "judge_version"
MOST_PAIRS = 5_000_000
"""So many cases of both arms are held at once; whoever has more takes a sample of cases."""
_NAMED = 5  # of what an arm was answered by, so many are told


@dataclass(frozen=True)
class Trial:
    """Two arms on the same cases; each array has one value a case.

    Attributes:
        champion: what is in use, `challenger` what may take its place.
        first: the champion's mean score of a case over its repeats, `second` the challenger's.
        clusters: to which cluster a case belongs; None where each is its own.
        binary: every score is right or wrong.
        spans: the lowest and the highest score of each arm.
        repeats: how often a case was asked, at the least; `uneven` cases were asked otherwise.
        numbered: whether the rows say which repeat they are.
        slices: the value of each case in each column by which the results are taken apart.
        costs: mean cost of a case, of both arms, NaN where none is told; `seconds` likewise.
        gaps: what one arm has no row of; None where nothing is missing.
        duplicated: rows beyond the first of a case, arm and repeat; `contradicting` of them with
            another score.
        judges: rows of each version of the judge, by arm, "" where a row names none; empty where
            no row does. `answered` is of each model that answered.
        spent: what the challenger's rows cost in all, `priced` of its `asked` rows.
        doubts: why whoever wrote the results would not decide by them.
    """

    champion: str
    challenger: str
    first: Floats
    second: Floats
    binary: bool
    spans: tuple[Span, Span]
    repeats: int
    numbered: bool = True
    clusters: Counts | None = None
    uneven: int = 0
    slices: Mapping[str, "NDArray[Any]"] = field(default_factory=dict)
    costs: tuple[Floats, Floats] | None = None
    seconds: tuple[Floats, Floats] | None = None
    gaps: Gaps | None = None
    duplicated: int = 0
    contradicting: int = 0
    judges: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    answered: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    spent: float | None = None
    priced: int = 0
    asked: int = 0
    doubts: tuple[str, ...] = ()

    @property
    def cases(self) -> int:
        """Cases that both answered."""
        return len(self.first)

    @property
    def span(self) -> Span:
        """The lowest and the highest score there is."""
        (low, high), (other_low, other_high) = self.spans
        return min(low, other_low), max(high, other_high)

    @property
    def ends(self) -> Span:
        """The lowest and the highest score that is possible, as far as the scores tell."""
        return ends_of(self.span)

    @property
    def once(self) -> bool:
        """True where each answer is right or wrong, and was asked for once."""
        plain = self.repeats == 1 and not self.uneven and not self.contradicting
        return self.binary and plain

    @property
    def only_champion(self) -> int:
        """Cases that the challenger has no row of."""
        return self.gaps.without()[1] if self.gaps else 0

    @property
    def only_challenger(self) -> int:
        """Cases that the champion has no row of."""
        return self.gaps.without()[0] if self.gaps else 0


def trial_of(
    table: "ibis.Table",
    *,
    score: str,
    slices: Sequence[str] = (),
    champion: str | None = None,
    challenger: str | None = None,
    where: str = "",
) -> Trial:
    """The cases of a long table that both arms answered.

    Args:
        table: one row a case, arm and repeat, with the columns above; `cluster_id`, `repeat`,
            cost, seconds, models and judge may be missing.
        score: the column that is compared: a number, or true for right.
        slices: columns by which the results are taken apart.
        champion: the arm in use; None where the table has two, and one is called `champion`.
        challenger: the other.
        where: the address, for an error.

    Raises:
        WarehouseError: there is one arm only, or more and nobody says which two; a row has no
            case, arm or score, or says that it ran in production; a case is in two clusters or
            slices; no case has both arms.
    """
    names = {f"s{n}": name for n, name in enumerate(slices)}
    rows = _rows(table, score, names)
    first, second = arms_of(_counted_by(rows, "arm"), champion, challenger, where)
    rows = rows.filter(rows.arm.isin([first, second]))
    refuse_gaps(rows, where)
    refuse_production(rows, where)
    frame = _cases(rows, names).limit(2 * MOST_PAIRS + 1).to_pyarrow().to_pandas()
    if len(frame) > 2 * MOST_PAIRS:
        raise WarehouseError(
            f"holds more than {MOST_PAIRS:,} cases of each arm, which are too many to compare",
            where=where, remedy="take a sample of the cases, the same for both arms",
        )  # fmt: skip
    refuse_two(frame, "cluster", CLUSTER, where)
    for column, name in names.items():
        refuse_two(frame, column, name, where)
        refuse_many(frame[f"{column}_min"].nunique(), name, where)
    found = _paired(frame, rows, first, second, names, where)
    return found if REPEAT in table.columns else replace(found, numbered=False)


def _rows(table: "ibis.Table", score: str, names: Mapping[str, str]) -> "ibis.Table":
    """The columns by what they mean, in the types that every engine adds up alike."""
    import ibis

    def told(column: str, kind: str) -> Any:  # noqa: ANN401 - Ibis columns have no common type to name
        found = table[column] if column in table.columns else ibis.null("string")
        return found.cast(kind)

    number = table[score]
    # PostgreSQL turns true and false into integers of this size alone.
    number = number.cast("int32") if number.type().is_boolean() else number
    repeat = told(REPEAT, "string")
    if REPEAT not in table.columns:
        # Several rows of a case are then its repeats.
        repeat = ibis.row_number().cast("string")
    return table.select(
        case=told(CASE, "string").nullif(""), arm=told(ARM, "string").nullif(""), repeat=repeat,
        score=number.cast("float64"), cluster=told(CLUSTER, "string").nullif(""),
        cost=_finite(told(COST, "float64")), seconds=_finite(told(SECONDS, "float64")),
        judge=told(JUDGE, "string").nullif(""), answered=told(ANSWERED, "string").nullif(""),
        environment=told(ENVIRONMENT, "string").lower(),
        **{key: told(name, "string").fill_null("(none)") for key, name in names.items()},
    )  # fmt: skip


def _finite(number: Any) -> Any:  # noqa: ANN401 - as above
    """The number, or null where it is none, or below nothing, as no cost and no time is."""
    import ibis

    known = ~number.isnan() & (number >= 0) & (number <= LARGEST_SCORE)
    return known.fill_null(False).ifelse(number, ibis.null("float64"))  # noqa: FBT003 - the value that stands for NULL


def _counted_by(rows: "ibis.Table", column: str) -> dict[str, int]:
    counts = rows.group_by(column).aggregate(rows=rows.count()).limit(1000).to_pyarrow()
    return {str(r[column]): r["rows"] for r in counts.to_pylist() if r[column] is not None}


def _cases(rows: "ibis.Table", names: Mapping[str, str]) -> "ibis.Table":
    """One row a case and arm; a repeat that was written twice counts once, as its mean."""
    apart = {f"{c}_{way}": getattr(rows[c], way)() for c in ("cluster", *names)
             for way in ("min", "max")}  # fmt: skip
    whole = rows.score.isin([0.0, 1.0])
    once = rows.group_by("case", "arm", "repeat").aggregate(
        score=rows.score.mean(), low=rows.score.min(), high=rows.score.max(), rows=rows.count(),
        cost=rows.cost.mean(), seconds=rows.seconds.mean(), whole=whole.all(), **apart,
    )  # fmt: skip
    told = {column: getattr(once[column], column[-3:])() for column in apart}
    return once.group_by("case", "arm").aggregate(
        score=once.score.mean(), low=once.low.min(), high=once.high.max(), repeats=once.count(),
        more=(once.rows - 1).sum(), contradicting=((once.high > once.low).cast("int32")
                                                   * (once.rows - 1)).sum(),
        cost=once.cost.mean(), seconds=once.seconds.mean(), whole=once.whole.all(), **told,
    )  # fmt: skip


def _paired(
    frame: "pd.DataFrame", rows: "ibis.Table", first: str, second: str,
    names: Mapping[str, str], where: str,
) -> Trial:  # fmt: skip
    one, other = (
        frame[frame.arm == arm].set_index("case").sort_index() for arm in (first, second)
    )
    both = one.index.intersection(other.index).sort_values()
    if not len(both):
        raise WarehouseError(
            f"no case has both arms: {len(one):,} cases of {first}, {len(other):,} of {second}",
            where=where, remedy="give a case the same case_id in both arms",
        )  # fmt: skip
    gaps = gaps_of(one, other, names)
    one, other = one.loc[both], other.loc[both]
    common = int(min(one.repeats.min(), other.repeats.min()))
    mine = rows.filter(rows.arm == second)
    spent = mine.aggregate(cost=mine.cost.sum(), priced=mine.cost.count(), rows=mine.count())
    paid = spent.to_pyarrow().to_pylist()[0]
    return Trial(
        champion=first, challenger=second,
        first=_floats(one.score), second=_floats(other.score),
        binary=bool(one.whole.all() and other.whole.all()),
        spans=(_span(one), _span(other)),
        repeats=common, uneven=int((np.maximum(one.repeats, other.repeats) != common).sum()),
        clusters=clusters_of(one, other),
        slices={name: np.asarray(one[f"{key}_min"], dtype=str) for key, name in names.items()},
        costs=_both(one.cost, other.cost), seconds=_both(one.seconds, other.seconds),
        gaps=gaps, duplicated=int(frame.more.sum()), contradicting=int(frame.contradicting.sum()),
        judges=_judges(rows), answered=_by_arm(rows, "answered"),
        spent=paid["cost"] if paid["priced"] else None, priced=paid["priced"], asked=paid["rows"],
    )  # fmt: skip


def _span(arm: "pd.DataFrame") -> Span:
    return float(arm.low.min()), float(arm.high.max())


def _both(one: "pd.Series[Any]", other: "pd.Series[Any]") -> tuple[Floats, Floats] | None:
    found = _floats(one), _floats(other)
    return None if all(np.isnan(values).all() for values in found) else found


def _floats(values: "pd.Series[Any]") -> Floats:
    return np.asarray(values, dtype=np.float64)


def _judges(rows: "ibis.Table") -> dict[str, dict[str, int]]:
    """Who judged how many rows of each arm; that some say nobody counts where others do."""
    found = _by_arm(rows.mutate(judge=rows.judge.fill_null("")), "judge")
    return found if any(name for of_arm in found.values() for name in of_arm) else {}


def _by_arm(rows: "ibis.Table", column: str) -> dict[str, dict[str, int]]:
    """How many rows of each arm hold each of the commonest values of a column."""
    known = rows.filter(rows[column].notnull())
    counts = known.group_by("arm", column).aggregate(rows=known.count()).to_pyarrow().to_pylist()
    found: dict[str, dict[str, int]] = {}
    for row in sorted(counts, key=lambda row: (row["arm"], -row["rows"], row[column])):
        of_arm = found.setdefault(row["arm"], {})
        if len(of_arm) < _NAMED:
            of_arm[row[column]] = row["rows"]
    return found
