"""Replays of a log in which nothing was changed: some blocks the reference, others watched.

Every question that the rule asks is measured once; for any factor it follows which are alerts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import chi2

from ops_model.analysis.drift_blocks import blocks_of
from ops_model.analysis.drift_questions import ask, columns_of
from ops_model.analysis.drift_rule import Question
from tests.benchmarks.drift_logs import WEEKS, Log

QUARTER = 13
REFERENCE = 8
SEASONS = ((0, 10), (9, 21), (22, 34), (35, 47))
"""Weeks of 2013, counted from 1 January, that lie inside one season, winter first."""
Cut = tuple[Sequence[int], Sequence[int]]


@dataclass(frozen=True)
class Replay:
    """For each window that was watched, the questions of each column."""

    windows: Sequence[Sequence[tuple[str, Sequence[Question]]]]

    def alerts(self, factor: float, *, alone: bool = False) -> tuple[Counter[str], int]:
        """The alerts by column, a run of alerts of one being one; and the windows judged."""
        found: Counter[str] = Counter()
        alerting: set[str] = set()
        judged = self.windows if alone else self.windows[1:]
        for columns in judged:
            now = {
                name for name, asked in columns
                if any(_decided(question, factor, alone=alone).drifted for question in asked)
            }  # fmt: skip
            found.update(now - alerting)
            alerting = now
        return found, len(judged)


@dataclass(frozen=True)
class Rate:
    """Alerts in 13 windows, the most that they may be at 95 %, and whose they are."""

    rate: float
    most: float
    columns: Counter[str]

    def __str__(self) -> str:
        return f"{self.rate:.2f} ({self.most:.2f})"


def rate(
    replays: Iterable[Replay],
    factor: float,
    *,
    alone: bool = False,
    left_out: Sequence[str] = (),
) -> Rate:
    """The rate over replays: its bound draws whole replays, and is no less than a Poisson one."""
    found = [replay.alerts(factor, alone=alone) for replay in replays]
    for counted, _ in found:
        for name in left_out:
            del counted[name]
    alerts = np.array([counted.total() for counted, _ in found])
    windows = np.array([judged for _, judged in found])
    drawn = np.random.default_rng(1).integers(0, len(found), (2000, len(found)))
    rates = QUARTER * alerts[drawn].sum(axis=1) / windows[drawn].sum(axis=1)
    by_count = QUARTER * chi2.ppf(0.95, 2 * alerts.sum() + 2) / 2 / windows.sum()
    most = max(float(np.quantile(rates, 0.95)), float(by_count))
    everyone = sum((counted for counted, _ in found), Counter())
    return Rate(QUARTER * float(alerts.sum() / windows.sum()), most, everyone)


def replayed(log: Log, cuts: Iterable[Cut]) -> list[Replay]:
    """What the rule asks in each of these replays."""
    return [_replay(log, reference, windows) for reference, windows in cuts]


def shuffled(log: Log, replays: int, reference: int = REFERENCE) -> list[Cut]:
    """Blocks in random order, the first ones the reference, a quarter of the next ones watched."""
    rng = np.random.default_rng(2013)
    orders = (rng.permutation(log.blocks).tolist() for _ in range(replays))
    return [(order[:reference], order[reference : reference + QUARTER]) for order in orders]


def inside_season(log: Log, replays: int) -> list[Cut]:
    """Weeks of one season, eight of them drawn as the reference, the others in their order."""
    if log.blocks != WEEKS:
        return []
    rng = np.random.default_rng(2013)
    cuts = []
    for place in range(replays):
        first, last = SEASONS[place % len(SEASONS)]
        order = (first + rng.permutation(last - first + 1)).tolist()
        cuts.append((sorted(order[:REFERENCE]), sorted(order[REFERENCE:])))
    return cuts


def in_order(log: Log) -> list[Cut]:
    """Blocks as they came, the first eight the reference: the weeks of a season, else 13 more."""
    spans: Sequence[tuple[int, int]] = SEASONS
    if log.blocks != WEEKS:
        step = min(REFERENCE + QUARTER, log.blocks)
        spans = [(first, first + step - 1) for first in range(0, log.blocks - step + 1, QUARTER)]
    return [
        (range(first, first + REFERENCE), range(first + REFERENCE, last + 1))
        for first, last in spans
    ]


def smallest(factors: Sequence[float], holds: Callable[[float], bool]) -> float:
    """The smallest factor that holds, the largest where none does."""
    return next((factor for factor in factors if holds(factor)), factors[-1])


def _replay(log: Log, reference: Sequence[int], windows: Sequence[int]) -> Replay:
    base = log.arranged(reference)
    blocks = blocks_of(base, 1)
    before, found = None, []
    for window in windows:
        current = log.arranged([window])
        if not current.days:
            continue
        columns = columns_of(base, current, before, "w1_sd")
        found.append([(column.name, ask(column, blocks, 100).questions) for column in columns])
        before = current
    return Replay(found)


def _decided(question: Question, factor: float, *, alone: bool) -> Question:
    if alone:
        return replace(question, factor=factor, before=None)
    # A window before without enough rows confirms nothing: the rule's own factor for that.
    return question if question.before is None else replace(question, factor=factor)
