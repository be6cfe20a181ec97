"""Quality of any log, without a workbook: nothing is claimed, and nothing is recorded."""

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from ops_model.domain.detection import RowsApart
from ops_model.domain.values import Window
from ops_model.errors import UsageError

if TYPE_CHECKING:
    import ibis

    from ops_model.analysis.decomposition import DecompositionResult
    from ops_model.analysis.judged import DayCounts
    from ops_model.analysis.quality import QualityResult
    from ops_model.analysis.quality_plan import QualityPlan
    from ops_model.store.warehouse import ColumnKind

_MONTH = timedelta(days=28)


@dataclass(frozen=True)
class LogQuestion:
    """What is asked about the quality of a log.

    Args:
        log: path of the rows.
        timestamp: when a row was served.
        label: what turned out; boolean when there is no prediction. None with a score.
        prediction: what was predicted.
        score: any number per row, in place of label and prediction; null where none is known yet.
        better: whether more of the score, or of what is right, is better.
        key: what identifies a row, to count those that repeat.
        segments: columns to report apart.
        critical: floors of the cases that matter most, by column and value.
        baseline_until: the baseline runs from the first day until then; None is 28 days.
        before: the instant that judges; None is the end of the log's last day.
        window_days: length of the window under watch.
        late_days: days before `before` whose labels may still be missing.
        min_n: with fewer labelled rows nothing is said.
        drop: the fall that the alarm is built to find; None as in `QualityPlan`.
        assume_utc: take naive timestamps as UTC.
    """

    log: str
    timestamp: str
    label: str | None = None
    prediction: str | None = None
    score: str | None = None
    better: Literal["higher", "lower"] = "higher"
    key: str | None = None
    segments: tuple[str, ...] = ()
    critical: tuple[tuple[str, str, float], ...] = ()
    baseline_until: datetime | None = None
    before: datetime | None = None
    window_days: int = 7
    late_days: int = 0
    min_n: int = 100
    drop: float | None = None
    assume_utc: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Every segment column, those of critical cases too."""
        return tuple(dict.fromkeys((*self.segments, *(column for column, *_ in self.critical))))

    @property
    def metric(self) -> str:
        """What quality is here, in words."""
        if self.score is not None:
            return f"mean {self.score}"
        return "accuracy" if self.prediction is not None else f"share of {self.label}"


@dataclass(frozen=True)
class QualityAnswer:
    """Quality of a log, the spans that were compared, and where a change came from."""

    asked: LogQuestion
    result: "QualityResult"
    plan: "QualityPlan"
    segments_left_out: int
    apart: RowsApart
    split: "DecompositionResult | None"

    @property
    def baseline(self) -> Window:
        """The span that is compared with."""
        return self.plan.baseline

    @property
    def window(self) -> Window:
        """The span under watch."""
        return self.plan.as_window()


def quality_in(asked: LogQuestion) -> QualityAnswer:
    """Daily quality of a log that holds its labels, or a score per row.

    Raises:
        UsageError: neither label nor score is named, or both; the fall to find is no number; or
            the baseline reaches into the window.
        WarehouseError: the log cannot be read, lacks a column, or its baseline has no label.
    """
    from ops_model.analysis.decomposition import count_sides, decompose
    from ops_model.analysis.judged import count_apart, count_days, judged_rows
    from ops_model.analysis.quality import Floors, measure_quality
    from ops_model.analysis.segments import count_segments
    from ops_model.store.warehouse import readable_logs

    _refuse_unclear(asked)
    served = _opened(asked)
    floors = Floors({(column, value): floor for column, value, floor in asked.critical})
    with readable_logs(asked.log):
        judged = judged_rows(
            served, timestamp=asked.timestamp, label=asked.label, prediction=asked.prediction,
            score=asked.score, segments=asked.columns, where=asked.log,
        )  # fmt: skip
        counts = count_days(judged)
        plan = _plan(asked, counts)
        found, left_out = count_segments(
            judged, asked.columns, window=plan.window, baseline=plan.baseline_days,
            min_n=asked.min_n, better=asked.better, always=tuple(floors.by_segment),
        )  # fmt: skip
        sides = count_sides(
            judged, asked.columns, window=plan.window, baseline=plan.baseline_days,
            min_n=asked.min_n,
        ) if asked.columns else ()  # fmt: skip
        apart = count_apart(judged, served, key=asked.key, labels=None)
    result = measure_quality(counts, plan, found, floors=floors, where=asked.log)
    known = bool(sides) and result.change.value is not None
    split = decompose(sides, result.change, sign=plan.sign) if known else None
    return QualityAnswer(asked, result, plan, left_out, RowsApart(**apart), split)


def _refuse_unclear(asked: LogQuestion) -> None:
    if (asked.label is None) == (asked.score is None):
        raise UsageError(
            "neither a label nor a score is named" if asked.label is None else
            "both a label and a score are named",
            where=asked.log,
            remedy="name what turned out (--label, with --prediction), or a number per row "
            "(--score)",
        )  # fmt: skip
    if asked.drop is not None and not math.isfinite(asked.drop):
        raise UsageError(
            f"the fall to find is {asked.drop}; expected a number",
            where=asked.log,
            remedy="write --drop 0.02",
        )
    if asked.score is None:
        _refuse_no_share(asked)


def _refuse_no_share(asked: LogQuestion) -> None:
    """A part of what is right lies between 0 and 1; somebody may write it in per cent."""
    if asked.drop is not None and asked.drop >= 1:
        raise UsageError(
            f"the fall to find is {asked.drop:g}; expected a part of one, as 0.02",
            where=asked.log,
            remedy=f"write {asked.drop:g} points as --drop {asked.drop / 100:g}",
        )
    for column, value, floor in asked.critical:
        if not 0 <= floor <= 1:
            raise UsageError(
                f"critical segment {column}={value} has a floor of {floor:g}; expected a part of "
                "one, as 0.7",
                where=asked.log,
                remedy=f"write {floor:g} % as --critical {column}={value}:{floor / 100:g}",
            )


def _opened(asked: LogQuestion) -> "ibis.Table":
    from ops_model.store.warehouse import LogRequest, open_logs

    columns: dict[str, ColumnKind] = dict.fromkeys(asked.columns, "scalar")
    for name in (asked.prediction, asked.score, asked.key):
        if name is not None:
            columns[name] = "scalar"
    if asked.label is not None:
        columns[asked.label] = "scalar" if asked.prediction else "boolean"
    request = LogRequest(
        asked.log, columns, asked.timestamp, asked.before, assume_utc=asked.assume_utc
    )
    return open_logs(None, {"log": request})["log"]


def _plan(asked: LogQuestion, counts: "DayCounts") -> "QualityPlan":
    """The days that are compared; the baseline ends where the window begins, at the latest."""
    from ops_model.analysis.quality_plan import QualityPlan

    first, last = (datetime.combine(day, time(), UTC) for day in (counts.days[0], counts.days[-1]))
    until = asked.baseline_until or first + _MONTH
    if until <= first:
        raise UsageError(
            f"the baseline would end on {until.date()}, and the first day of the log is "
            f"{first.date()}; expected a later day",
            where=asked.log,
            remedy=f"give --baseline-until a day after {first.date()}, or leave it out for the "
            f"first {_MONTH.days} days",
        )
    plan = QualityPlan(
        as_of=asked.before or last + timedelta(days=1),
        baseline=Window(start=first, end=until),
        window_days=asked.window_days,
        late_days=asked.late_days,
        min_n=asked.min_n,
        drop=asked.drop,
        better=asked.better,
        unit="share" if asked.score is None else "score",
    )
    if plan.baseline.end <= plan.as_window().start:
        return plan
    return _shortened(plan, asked.log, given=asked.baseline_until is not None)


def _shortened(plan: "QualityPlan", log: str, *, given: bool) -> "QualityPlan":
    """End the baseline where the window begins; refuse what the user wrote, or if none is left."""
    window = plan.as_window()
    if given or window.start <= plan.baseline.start:
        raise UsageError(
            f"the baseline ends {plan.baseline.end.date()}, after the window under watch begins "
            f"({window.start.date()}): the window would be compared with itself",
            where=log,
            remedy="give an earlier --baseline-until, or a shorter window",
        )
    return replace(plan, baseline=Window(start=plan.baseline.start, end=window.start))


def critical_of(text: str) -> tuple[str, str, float]:
    """`origin=JFK:0.7` as the column, its value and its floor.

    Raises:
        UsageError: it is written otherwise.
    """
    column, is_there, rest = text.partition("=")
    value, _, floor = rest.rpartition(":")
    try:
        number = float(floor)
    except ValueError:
        number = math.nan
    if not (is_there and column and value and math.isfinite(number)):
        raise UsageError(
            f"critical segment {text!r}; expected COLUMN=VALUE:FLOOR",
            remedy="write it as origin=JFK:0.7",
        )
    return column, value, number
