"""Each objective of `service_levels.yaml`, measured by the log, monitor or feed that it names."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from ops_model.analysis.slots import SlotCounts, count_slots, whole_slots
from ops_model.domain.evidence import InputIdentity
from ops_model.domain.service_levels import (
    DAY_MINUTES,
    Objective,
    ServiceLevelMeasurement,
    ServiceLevels,
)
from ops_model.domain.signals_logged import DataFeed, Log
from ops_model.domain.values import Window
from ops_model.errors import Problem, WarehouseError
from ops_model.workflow import declared
from ops_model.workflow.compared import simulated
from ops_model.workflow.declared import Opened
from ops_model.workflow.log_requests import (
    columns_in,
    condition_over,
    declared_log,
    open_declared,
    request_of,
)

if TYPE_CHECKING:
    import ibis

SLOT_MINUTES = 5
"""A twelfth of an hour, which is the short window of the shortest usual alert."""


@dataclass(frozen=True)
class _Counted:
    """What was counted for an objective, over its own window and as far as its alerts look."""

    counts: SlotCounts
    own: Window
    inputs: tuple[InputIdentity, ...]
    simulated: bool


def lacking(objective: Objective) -> str:
    """What an objective has to name before it can be measured, as text; empty when nothing."""
    if objective.monitor is not None or objective.feed is not None:
        return ""
    by = {"quality": "a monitor", "freshness": "a feed"}.get(objective.indicator)
    if objective.log is None:
        return by or "a log, and good: the condition that its good rows meet"
    return "" if objective.good is not None else "good: the condition that its good rows meet"


def level_of(book: Opened, objective: Objective, *, zone: ZoneInfo) -> ServiceLevelMeasurement:
    """One objective over its own window, what is left of its budget, and how that burns.

    Args:
        book: the system and the instant.
        objective: names what it is measured by, see `lacking`.
        zone: in which a window of the calendar begins.

    Raises:
        WarehouseError: what it names is not declared, or a log cannot be read as declared.
    """
    from ops_model.analysis.service_level import measure_level

    levels = book.system.service_levels or ServiceLevels()
    counted = _counted(book, objective, zone)
    busy: frozenset[int] = frozenset()
    if objective.indicator == "latency" and levels.capacity is not None:
        busy = levels.capacity.batch_hours()
    result = measure_level(counted.counts, objective, start=counted.own.start, batch_hours=busy)
    return ServiceLevelMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("service_levels", "signals"),
        inputs=counted.inputs,
        window=counted.own,
        simulated=counted.simulated,
        objective=objective.id,
        target=float(objective.target),
        indicator=objective.indicator,
        budgeting=objective.budgeting,
        **vars(result),
    )


def _counted(book: Opened, objective: Objective, zone: ZoneInfo) -> _Counted:
    if objective.monitor is not None:
        return _of_monitor(book, objective, objective.monitor, zone)
    if objective.feed is not None:
        return _of_feed(book, objective, objective.feed, zone)
    if objective.log is None or objective.good is None:
        declared.undeclared(
            objective, "log",
            f"objective {objective.id} does not say what it is measured by",
            f"name {lacking(objective)}",
        )  # fmt: skip
    return _of_log(book, objective, objective.log, zone)


def _spans(
    objective: Objective, until: datetime, minutes: int, zone: ZoneInfo
) -> tuple[Window, Window]:
    """The objective's own window, and one that reaches as far back as its alerts look."""
    end = whole_slots(Window(start=until, end=until), minutes).end
    own = whole_slots(objective.own_window(end, zone), minutes)
    farthest = max((alert.lookback_hours for alert in objective.alerts), default=0.0)
    start = min(own.start, end - timedelta(hours=farthest))
    return own, whole_slots(Window(start=start, end=end), minutes)


def _minutes(objective: Objective) -> int:
    if objective.budgeting == "occurrences":
        return SLOT_MINUTES
    return objective.slice_minutes or SLOT_MINUTES


def _of_log(book: Opened, objective: Objective, log_id: str, zone: ZoneInfo) -> _Counted:
    """The rows of a log that are valid, and those of them that are good."""
    from ops_model.store.warehouse import readable_logs

    log = declared_log(declared.signals_of(book), objective, "log", log_id)
    own, span = _spans(objective, book.as_of, _minutes(objective), zone)
    inputs = declared.identities_of(book, [log])
    columns = columns_in(objective.good, objective.valid)
    table = open_declared(book, {"log": (log, columns)})["log"]
    asked = {
        key: condition_over(table, text, objective, key)
        for key, text in (("good", objective.good), ("valid", objective.valid))
        if text is not None
    }
    with readable_logs(log.address):
        counts = count_slots(
            table, timestamp=log.timestamp, window=span, minutes=_minutes(objective), **asked
        )
    return _Counted(counts, own, inputs, simulated(book.system, log))


def _of_monitor(book: Opened, objective: Objective, monitor: str, zone: ZoneInfo) -> _Counted:
    """The days of a quality monitor: labelled rows, and those that were right."""
    from ops_model.workflow.measure_quality import quality_of

    record = quality_of(book, monitor)
    if record.metric != "accuracy" or record.window is None:
        declared.undeclared(
            objective, "monitor",
            f"monitor {monitor} measures {record.metric}, which is no share of good rows",
            "name a monitor of the metric accuracy",
        )  # fmt: skip
    own, span = _spans(objective, record.window.end, DAY_MINUTES, zone)
    days = (span.end - span.start) // timedelta(days=1)
    rows, good = np.zeros(days, np.int64), np.zeros(days, np.int64)
    for day in record.days:
        place = (day.day - span.start.date()).days
        if 0 <= place < days and day.quality.value is not None and day.quality.n:
            rows[place] = day.quality.n
            good[place] = round(day.quality.value * day.quality.n)
    counts = SlotCounts(span.start, DAY_MINUTES, rows, rows, good)
    return _Counted(counts, own, record.inputs, record.simulated)


def _of_feed(book: Opened, objective: Objective, feed_id: str, zone: ZoneInfo) -> _Counted:
    """The minutes in which the newest row of a feed was young enough, of all minutes."""
    from ops_model.analysis.freshness import minutes_with_rows
    from ops_model.analysis.service_level import fresh_minutes
    from ops_model.store.warehouse import readable_logs

    feed, log = feed_log(book, objective, feed_id)
    minutes = _minutes(objective)
    own, span = _spans(objective, book.as_of, minutes, zone)
    inputs = declared.identities_of(book, [log])
    table = open_feed(book, log)
    since = span.start - timedelta(minutes=feed.freshness_max_minutes)
    with readable_logs(log.address):
        arrived = minutes_with_rows(table, log.timestamp, since=since)
    first, last = (int(at.timestamp()) // 60 for at in (span.start, span.end))
    fresh = fresh_minutes(arrived, first=first, last=last, limit=feed.freshness_max_minutes)
    good = fresh.reshape(-1, minutes).sum(axis=1).astype(np.int64)
    inside = arrived[(arrived >= first) & (arrived < last)] - first
    rows = np.bincount(inside // minutes, minlength=len(good)).astype(np.int64)
    counts = SlotCounts(span.start, minutes, rows, np.full(len(good), minutes, np.int64), good)
    return _Counted(counts, own, inputs, simulated(book.system, log))


def feed_log(book: Opened, place: Objective | DataFeed, feed_id: str) -> tuple[DataFeed, Log]:
    """A feed and the log whose newest row shows when its data last arrived.

    Raises:
        WarehouseError: there is no such feed, or it names no log.
    """
    signals = declared.signals_of(book)
    feed = next((f for f in signals.feeds if f.id == feed_id), None)
    if feed is None:
        ids = ", ".join(f.id for f in signals.feeds) or "none"
        declared.undeclared(
            place, "feed", f"feed is {feed_id!r}, which is no feed; declared are: {ids}",
            "name a declared feed, or declare this one under `feeds:` in signals.yaml",
        )  # fmt: skip
    if feed.log is None:
        declared.undeclared(
            feed, "log", f"feed {feed.id} names no log, so nobody knows when data last arrived",
            "write `log:` with a log that gets a row whenever data arrives",
        )  # fmt: skip
    return feed, declared_log(signals, feed, "log", feed.log)


def open_feed(book: Opened, log: Log) -> "ibis.Table":
    """The log of a feed; that it has no row is an answer, since a feed that is down has none.

    Raises:
        WarehouseError: it cannot be read as declared.
    """
    from ops_model.store.warehouse import open_logs

    request = replace(request_of(log, (), book), may_be_empty=True)
    return open_logs(book.root, {"log": request})["log"]


def levels_of(
    book: Opened,
    *,
    zone: ZoneInfo,
    told: Callable[[Objective, WarehouseError], bool] = lambda *_: False,
) -> tuple[ServiceLevelMeasurement, ...]:
    """Every objective that says what it is measured by, in the order of the file.

    Args:
        book: the system and the instant.
        zone: in which a window of the calendar begins.
        told: True where the caller says itself why an objective cannot be measured.

    Raises:
        WarehouseError: with the problems of all objectives.
    """
    levels = book.system.service_levels
    found: list[ServiceLevelMeasurement] = []
    problems: list[Problem] = []
    for objective in levels.objectives if levels is not None else ():
        if lacking(objective):
            continue
        try:
            found.append(level_of(book, objective, zone=zone))
        except WarehouseError as error:
            problems += () if told(objective, error) else error.problems
    if problems:
        raise WarehouseError(problems=problems)
    return tuple(found)
