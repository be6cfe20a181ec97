"""What a weekly report says: three answers, what changed, what creeps, and what is owed.

Whatever is judged in it was judged by checks, and whatever is measured was recorded before; the
report puts both side by side, as of one instant.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ops_model.domain.assessment import Verdict
from ops_model.domain.evidence import Measured, Record
from ops_model.domain.scalars import CheckId, Digest, Slug, Text
from ops_model.domain.system import Tier
from ops_model.domain.values import Value, Where

PartName = Literal["works", "legal", "economic"]
PillarName = Literal["ownership", "monitoring", "incident_response", "post_mortems"]
SumStatus = Literal["passed", "failed", "unknown", "not_applicable"]
LEAST_WEEKS = 8
"""So many recorded weeks a slope needs; fewer say nothing."""
MOST_WEEKS = 26
"""So many weeks are looked back: half a year is how long a slow death takes (S2.3)."""


class OpenFinding(Value):
    """One finding that is open, in the words of its check."""

    check: CheckId
    status: Literal["failed", "unknown", "errored"]
    message: str
    remedy: str = ""
    owner: Slug | None = None


class Summed(Value):
    """The minimum over some checks: their number, and those that are open, the most urgent first.

    `status` is `failed` before `unknown` (also of a check that crashed) before `passed`; a waived
    finding does not count against it, and is counted in `waived`. `first` are the most urgent in
    full; `rests_on` are the newest of the `entries` of the ledger that the checks looked at.
    """

    name: PartName | PillarName
    status: SumStatus
    checks: int
    passed: int
    waived: int = 0
    open: tuple[CheckId, ...] = ()
    first: tuple[OpenFinding, ...] = ()
    entries: int = 0
    rests_on: tuple[Where, ...] = ()


class WeekValue(Value):
    """A number of one week, which ends before `ends`."""

    ends: AwareDatetime
    value: Annotated[float, Field(allow_inf_nan=False)]


SignName = Literal["drift", "cost", "audit_questions", "usage"]
SignState = Literal["worse", "better", "steady", "open", "too_few", "none"]


class SlowSign(Value):
    """How one sign of a slow death moved, week by week.

    `per_week` is the slope in `unit` per week; one below `floor` is not worth a word. `what` says
    what the number is, `left_out` how many weeks were too incomplete to count, `why_none` why
    there is no number at all.
    """

    sign: SignName
    what: Text
    unit: str = ""
    worse: Literal["up", "down"]
    weeks: tuple[WeekValue, ...] = ()
    per_week: Measured | None = None
    floor: float = 0.0
    left_out: int = 0
    why_none: str = ""

    @property
    def state(self) -> SignState:
        """What the slope and its interval say; `open` where they leave room for several.

        It moves where the whole interval lies on one side of nothing, and the slope beyond the
        floor; it is steady where the whole interval lies within the floor.
        """
        if not self.weeks:
            return "none"
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


class WeekPair(Value):
    """A number of this week, and of the week before where that is known."""

    now: Measured
    before: Measured | None = None
    limit: Measured | None = None


class SinceReport(Value):
    """What changed since the weekly report of `at`.

    `opened` and `closed` are checks that stand in the way now and did not then, and the other way
    round; `changed` say something else. `aside` says that `at` is no week back, in which case the
    report of that week is missing. Sign-offs and incidents are those of the time since.
    """

    at: AwareDatetime
    days: int
    verdict: Verdict
    opened: tuple[CheckId, ...] = ()
    closed: tuple[CheckId, ...] = ()
    changed: tuple[CheckId, ...] = ()
    signed: tuple[Text, ...] = ()
    incidents: tuple[Text, ...] = ()

    @property
    def aside(self) -> bool:
        """True when this is not the report of about a week before."""
        return not 4 <= self.days <= 10


class HypercareCount(Value):
    """The first weeks in production: how many are left, and what is due in them."""

    live_since: AwareDatetime
    days: int
    day: int
    ends: date
    drill_by: date
    drilled_on: date | None = None
    review_on: date | None = None
    owner: Slug | None = None
    monitoring_every_days: int | None = None

    @property
    def left(self) -> int:
        """Days left of them, none below 0."""
        return max(self.days - self.day, 0)


class CareDue(Value):
    """One of the four kinds of care: when it was done last, and when it is due next.

    `wrong` says why it is not as it should be; empty when it is.
    """

    care: Literal["monitoring", "evaluation", "retraining", "governance"]
    every_days: int | None = None
    owner: Slug | None = None
    done_on: date | None = None
    due_on: date
    overdue: bool = False
    wrong: str = ""


class OwedGap(Value):
    """One open gap, since when it has stood on record, and its weight in the ops debt."""

    check: CheckId
    since: AwareDatetime
    days: int
    weight: int
    waived: bool = False


class OwedStep(Value):
    """One of the next things to do, and who does it."""

    what: Text
    owner: Slug | None = None
    checks: tuple[CheckId, ...] = ()


class WeeklyReport(Record):
    """The weekly report of one system.

    `assessment` is the digest of the verdict that it rests on. `since` is None where there was no
    weekly report before. `spend` is that of the last seven whole days, its limit seven times the
    ceiling per day. `debt` is in days of open gaps, weighted by tier.
    """

    kind: Literal["weekly_report"] = "weekly_report"
    assessment: Digest
    verdict: Verdict
    tier: Tier
    live: bool
    parts: tuple[Summed, ...]
    since: SinceReport | None = None
    quality: tuple[WeeklyQuality, ...] = ()
    spend: WeekPair | None = None
    signs: tuple[SlowSign, ...] = ()
    pillars: tuple[Summed, ...]
    hypercare: HypercareCount | None = None
    care: tuple[CareDue, ...] = ()
    gaps: tuple[OwedGap, ...] = ()
    debt: Measured
    steps: tuple[OwedStep, ...] = ()

    @property
    def worse(self) -> tuple[SlowSign, ...]:
        """The signs of a slow death that are there."""
        return tuple(sign for sign in self.signs if sign.state == "worse")

    @property
    def got_worse(self) -> bool:
        """True when the verdict fell since the report before, or stayed and something opened."""
        if self.since is None:
            return False
        now, then = map(VERDICT_ORDER.index, (self.verdict, self.since.verdict))
        return now < then or (now == then and bool(self.since.opened))


VERDICT_ORDER: tuple[Verdict, ...] = ("DEMO ONLY", "NOT READY", "CONDITIONAL", "READY")
"""The worst first."""


def least(statuses: "tuple[SumStatus, ...]") -> SumStatus:
    """The minimum: `failed`, then `unknown`, then `passed`; nothing asked is `not_applicable`."""
    order: tuple[SumStatus, ...] = ("failed", "unknown", "passed", "not_applicable")
    return min(statuses, key=order.index, default="not_applicable")
