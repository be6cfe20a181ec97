"""Numbers of single weeks: which week is meant, how a sign moves, where quality lies."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ops_model.domain.evidence import Measured
from ops_model.domain.scalars import Slug, Text
from ops_model.domain.values import Value

LEAST_WEEKS = 8
"""So many recorded weeks a slope needs; fewer say nothing."""
MOST_WEEKS = 26
"""So many weeks are looked back: half a year is how long a slow death takes (S2.3)."""
WEEK = timedelta(days=7)
_WIDEST = 0.4
"""A week of shares between limits that are further apart says nothing."""


def week_ends(back: int, *, as_of: datetime) -> datetime:
    """The midnight with which a week ends; 0 is the last whole one before an instant."""
    today = datetime.combine(as_of.astimezone(UTC).date(), time(), UTC)
    return today - back * WEEK


def is_past(ends: datetime, until: datetime) -> bool:
    """True when a week is neither the last before an instant nor the one before that."""
    return ends < until - WEEK


class WeekValue(Value):
    """A number of one week, which ends before `ends`."""

    ends: AwareDatetime
    value: Annotated[float, Field(allow_inf_nan=False)]


SignName = Literal["drift", "cost", "audit_questions", "usage"]
SignState = Literal["worse", "better", "steady", "open", "too_few", "past", "none"]


class SlowSign(Value):
    """How one sign of a slow death moved, week by week.

    `per_week` is the slope in `unit` per week; one below `floor` is not worth a word. `what` says
    what the number is, `left_out` how many weeks were too incomplete to count, `why_none` why
    there is no number at all. `until` is the end of the last week that could have been known.
    """

    sign: SignName
    what: Text
    unit: str = ""
    worse: Literal["up", "down"]
    weeks: tuple[WeekValue, ...] = ()
    per_week: Measured | None = None
    floor: float = 0.0
    left_out: int = 0
    until: AwareDatetime | None = None
    why_none: str = ""

    @property
    def state(self) -> SignState:
        """What the slope and its interval say; `open` where they leave room for several.

        It moves where the whole interval lies on one side of nothing, and the slope beyond the
        floor; it is steady where the whole interval lies within the floor. Where neither of the
        last two weeks is known, it is `past`: how it moved before says nothing of now.
        """
        if not self.weeks:
            return "none"
        if self.until is not None and is_past(self.weeks[-1].ends, self.until):
            return "past"
        slope = self.per_week
        if slope is None or slope.low is None or slope.high is None:
            return "too_few"
        low, high, middle = slope.low, slope.high, slope.value or 0.0
        if self.worse == "down":
            low, high, middle = -high, -low, -middle
        if low > 0 and middle > self.floor:
            return "worse"
        if high < 0 and middle < -self.floor:
            return "better"
        return "steady" if -self.floor <= low and high <= self.floor else "open"


class QualityWeek(Value):
    """Quality of seven days with its n, and where such a week of the baseline would lie."""

    ends: AwareDatetime
    quality: Measured
    low_limit: float | None = None
    high_limit: float | None = None
    provisional: bool = False

    @property
    def beyond(self) -> bool:
        """True when the week lies outside of its control limits."""
        value, low, high = self.quality.value, self.low_limit, self.high_limit
        if value is None or low is None or high is None:
            return False
        return not low <= value <= high


class WeeklyQuality(Value):
    """Quality week by week of one monitor; `why_no_limits` where a control chart needs more."""

    monitor: Slug
    metric: str
    better: Literal["higher", "lower"] = "higher"
    baseline: Measured
    weeks: tuple[QualityWeek, ...] = ()
    why_no_limits: str = ""

    @property
    def before(self) -> QualityWeek | None:
        """The week before the newest; None where that is not known."""
        ends = self.weeks[-1].ends - WEEK if self.weeks else None
        return next((week for week in self.weeks if week.ends == ends), None)

    @property
    def fell(self) -> bool:
        """True when the newest week lies beyond its limits, on the bad side."""
        week = self.weeks[-1] if self.weeks else None
        if week is None or not week.beyond:
            return False
        value, low = week.quality.value, week.low_limit
        below = value is not None and low is not None and value < low
        return below == (self.better == "higher")

    @property
    def too_wide(self) -> bool:
        """True when the newest week can hardly leave its limits, however bad it were."""
        week, level = (self.weeks[-1] if self.weeks else None), self.baseline.value
        if week is None or week.low_limit is None or week.high_limit is None or level is None:
            return False
        if self.baseline.unit == "share" and week.high_limit - week.low_limit > _WIDEST:
            return True
        # By half of the level: quality that is half gone and still "within its limits".
        room = level - week.low_limit if self.better == "higher" else week.high_limit - level
        left = 1 - level if self.baseline.unit == "share" and self.better == "lower" else level
        return room >= abs(left) / 2


class WeekPair(Value):
    """A number of this week, and of the week before where that is known."""

    now: Measured
    before: Measured | None = None
    limit: Measured | None = None
