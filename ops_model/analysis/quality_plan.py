"""How quality is to be measured: which days are compared, and what counts as a fall."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from ops_model.domain.values import Window

DEFAULT_DROP = 0.02


@dataclass(frozen=True)
class QualityPlan:
    """How quality is to be measured.

    Args:
        as_of: the instant that judges; its own UTC day is not over and counts nowhere.
        baseline: UTC days that begin in `[start, end)`.
        window_days: length of the window under watch, in whole days.
        late_days: how long labels take to arrive; that many days before `as_of` are provisional.
        min_n: with fewer labelled rows nothing is said about a window or a segment.
        drop: the fall that the alarm is built to find; None is two points of a share, and of any
            other score the smallest that a window shows.
        better: `lower` where quality gets worse by rising, as the number of corrections does.
        unit: `share` where each row is right or wrong, else `score`.
    """

    as_of: datetime
    baseline: Window
    window_days: int = 7
    late_days: int = 0
    min_n: int = 100
    drop: float | None = None
    better: Literal["higher", "lower"] = "higher"
    unit: Literal["share", "score"] = "share"

    @property
    def sign(self) -> float:
        """By what a difference is multiplied so that below 0 is worse."""
        return -1.0 if self.better == "lower" else 1.0

    @property
    def settled(self) -> date:
        """The first day whose labels may still be on their way."""
        return self.as_of.astimezone(UTC).date() - timedelta(days=self.late_days)

    @property
    def window(self) -> tuple[date, date]:
        """First day of the window under watch, and the day after its last."""
        return self.settled - timedelta(days=self.window_days), self.settled

    @property
    def baseline_days(self) -> tuple[date, date]:
        """First day of the baseline, and the day after its last."""
        return _first_day(self.baseline.start), _first_day(self.baseline.end)

    def as_window(self) -> Window:
        """The window under watch as instants."""
        start, end = (datetime.combine(day, time(), UTC) for day in self.window)
        return Window(start=start, end=end)


def _first_day(instant: datetime) -> date:
    """The first UTC day that begins at the instant or later."""
    at = instant.astimezone(UTC)
    whole = at.time() == time()
    return at.date() if whole else at.date() + timedelta(days=1)
