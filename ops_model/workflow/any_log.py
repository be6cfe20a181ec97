"""The analyses on any log, without a workbook: nothing is claimed, and nothing is recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ops_model.domain.cost import HourPrice, TokenPrice
from ops_model.domain.values import Window
from ops_model.errors import UsageError, WarehouseError
from ops_model.workflow.declared import OPTIONAL_USAGE_COLUMNS, USAGE_COLUMNS

if TYPE_CHECKING:
    from ops_model.analysis.cost import PriceBook, SpendResult
    from ops_model.analysis.drift import DriftResult
    from ops_model.analysis.quality import QualityPlan, QualityResult
    from ops_model.analysis.usage import UsageUnit
    from ops_model.store.warehouse import ColumnKind

_MONTH = timedelta(days=28)
REPORTED = ("x_reported_cost_usd", "cost")
"""Columns with the cost of a row, as the log itself reports it; the first is in USD."""
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
Prices = Mapping[str, tuple[Decimal, ...]]


def drift_between(
    reference: str,
    current: str,
    *,
    columns: Sequence[str] = (),
    timestamp: str | None = None,
    before: datetime | None = None,
    min_n: int = 100,
    assume_utc: bool = False,
) -> "tuple[DriftResult, tuple[str, ...]]":
    """How far the columns of one log moved from those of another.

    Args:
        reference: path of the rows to compare with.
        current: path of the rows under watch.
        columns: which columns; none takes all numbers, texts and booleans that both hold.
        timestamp: splits the reference into weeks, which calibrates the rule; needed for that.
        before: with a timestamp, later rows are not read.
        min_n: with fewer rows nothing is said.
        assume_utc: take naive timestamps as UTC.

    Returns:
        The drift, and the columns that were left out because they are of no comparable kind.

    Raises:
        WarehouseError: a log cannot be read, or lacks a column, or they share none.
    """
    from ops_model.analysis.drift import measure_drift
    from ops_model.analysis.plan import plan
    from ops_model.analysis.profile import profile
    from ops_model.store.warehouse import LogRequest, open_logs, readable_logs

    taken, left_out = _columns(reference, current, columns, timestamp)
    kinds: dict[str, ColumnKind] = dict.fromkeys(taken, "scalar")
    tables = open_logs(
        None,
        {
            path_of: LogRequest(path, kinds, timestamp, before, assume_utc=assume_utc)
            for path_of, path in (("reference", reference), ("current", current))
        },
    )
    with readable_logs(reference):
        spec = plan(tables["reference"], taken)
        first = profile(tables["reference"], spec, timestamp=timestamp)
    with readable_logs(current):
        second = profile(tables["current"], spec, timestamp=timestamp)
    return measure_drift(first, second, min_n=min_n), left_out


def _columns(
    reference: str, current: str, columns: Sequence[str], timestamp: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    from ops_model.store.warehouse import kinds_of

    if columns:
        return tuple(columns), ()
    one, other = kinds_of(None, reference), kinds_of(None, current)
    shared = [name for name in one if name in other and name != timestamp]
    known = {"number", "text", "boolean"}
    taken = tuple(n for n in shared if one[n] in known and other[n] in known)
    if not taken:
        raise WarehouseError(
            f"shares no column of numbers, text or booleans with {reference}",
            where=current,
            remedy="give two logs of the same kind of rows",
        )
    return taken, tuple(name for name in {**one, **other} if name not in (*taken, timestamp))


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


@dataclass(frozen=True)
class QualityAnswer:
    """Quality of a log, and the spans that were compared."""

    result: "QualityResult"
    baseline: Window
    window: Window
    segments_left_out: int


def quality_in(
    log: str,
    *,
    timestamp: str,
    label: str,
    prediction: str | None = None,
    segments: Sequence[str] = (),
    baseline_until: datetime | None = None,
    before: datetime | None = None,
    window_days: int = 7,
    late_days: int = 0,
    min_n: int = 100,
    drop: float = 0.02,
    assume_utc: bool = False,
) -> QualityAnswer:
    """Daily quality of a log that holds its labels.

    Args:
        log: path of the rows.
        timestamp: when a row was served.
        label: what turned out; boolean when there is no prediction.
        prediction: what was predicted.
        segments: columns to report apart.
        baseline_until: the baseline runs from the first day until then; None is 28 days.
        before: the instant that judges; None is the end of the log's last day.
        window_days: length of the window under watch.
        late_days: days before `before` whose labels may still be missing.
        min_n: with fewer labelled rows nothing is said.
        drop: the fall that the alarm is built to find.
        assume_utc: take naive timestamps as UTC.

    Raises:
        WarehouseError: the log cannot be read, lacks a column, or its baseline has no label.
    """
    from ops_model.analysis.judged import count_days, count_segments, judged_rows
    from ops_model.analysis.quality import QualityPlan, measure_quality
    from ops_model.store.warehouse import LogRequest, open_logs, readable_logs

    columns: dict[str, ColumnKind] = dict.fromkeys(segments, "scalar")
    columns[label] = "scalar" if prediction else "boolean"
    if prediction:
        columns[prediction] = "scalar"
    request = LogRequest(log, columns, timestamp, before, assume_utc=assume_utc)
    served = open_logs(None, {"log": request})["log"]
    with readable_logs(log):
        judged = judged_rows(
            served, timestamp=timestamp, label=label, prediction=prediction, segments=segments,
            where=log,
        )  # fmt: skip
        counts = count_days(judged)
        first, last = (
            datetime.combine(day, time(), UTC) for day in (counts.days[0], counts.days[-1])
        )
        plan = QualityPlan(
            as_of=before or last + timedelta(days=1),
            baseline=Window(start=first, end=max(first, baseline_until or first + _MONTH)),
            window_days=window_days,
            late_days=late_days,
            min_n=min_n,
            drop=drop,
        )
        if plan.baseline.end > plan.as_window().start:
            plan = _shortened(plan, log, given=baseline_until is not None)
        found, left_out = count_segments(
            judged, segments, window=plan.window, baseline=plan.baseline_days, min_n=min_n
        )
    result = measure_quality(counts, plan, found, where=log)
    return QualityAnswer(result, plan.baseline, plan.as_window(), left_out)


def cost_in(
    usage: str,
    *,
    before: datetime,
    prices: Prices,
    currency: str = "USD",
    timestamp: str = "timestamp",
    ceiling_per_day: Decimal | None = None,
    assume_utc: bool = False,
) -> "SpendResult":
    """Daily cost of a usage log.

    Args:
        usage: path of the rows: columns of the usage contract, or a reported cost of each row.
        before: the instant that judges; later rows are not read.
        prices: per model three prices per million tokens (input, cached input, output), per
            resource one price per hour; none takes what the log reports.
        currency: that of the prices.
        timestamp: when a row was written.
        ceiling_per_day: the most that a day may cost.
        assume_utc: take naive timestamps as UTC.

    Raises:
        UsageError: there is nothing to price with.
        WarehouseError: the log cannot be read or lacks a column.
    """
    from ops_model.analysis.cost import measure_spend
    from ops_model.analysis.usage import sum_usage
    from ops_model.store.warehouse import LogRequest, kinds_of, open_logs, readable_logs

    book = _price_book(prices, currency)
    kinds = kinds_of(None, usage)
    unit, reported = _unit(usage, tuple(kinds), prices, currency)
    columns: dict[str, ColumnKind]
    optional: dict[str, ColumnKind]
    if unit == "reported":
        columns, optional = {reported: "number"}, {"service": "text"}
    else:
        columns, optional = dict(USAGE_COLUMNS[unit]), dict(OPTIONAL_USAGE_COLUMNS[unit])
    request = LogRequest(
        usage, columns, timestamp, before, optional=optional, assume_utc=assume_utc
    )
    table = open_logs(None, {"usage": request})["usage"]
    with readable_logs(usage):
        sums = sum_usage(table, unit, timestamp=timestamp, changes=book.changes, reported=reported)
    return measure_spend([sums], book, as_of=before, ceiling_per_day=ceiling_per_day)


def _price_book(prices: Prices, currency: str) -> "PriceBook":
    from ops_model.analysis.cost import PriceBook

    source = "prices given on the command line"
    tokens = [
        TokenPrice(
            model=item, valid_from=_ALWAYS, input_per_million=given[0],
            cache_read_per_million=given[1], output_per_million=given[2], source=source,
        )
        for item, given in prices.items()
        if len(given) == len(("input", "cache", "output"))
    ]  # fmt: skip
    hours = [
        HourPrice(resource=item, valid_from=_ALWAYS, per_hour=given[0], source=source)
        for item, given in prices.items()
        if len(given) == 1
    ]
    return PriceBook(currency, tuple(tokens), tuple(hours))


def _unit(
    usage: str, columns: Sequence[str], prices: Prices, currency: str
) -> "tuple[UsageUnit, str]":
    """What the rows are priced by: the given prices first, else the cost that the log reports."""
    if prices:
        return ("hours" if {"resource", "hours"} <= set(columns) else "tokens"), ""
    for name in REPORTED:
        if name in columns and (name != REPORTED[0] or currency == "USD"):
            return "reported", name
    raise UsageError(
        f"no price is given, and it has none of the columns {', '.join(REPORTED)} in {currency}",
        where=usage,
        remedy="give each model its prices per million tokens: --price MODEL=IN,CACHE,OUT",
    )
