"""What a weekly report says: three answers, what changed, what creeps, and what is owed.

Whatever is judged in it was judged by checks, and whatever is measured was recorded before; the
report puts both side by side, as of one instant.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime

from ops_model.domain.assessment import Verdict
from ops_model.domain.evidence import Measured, Record
from ops_model.domain.scalars import ByKey, CheckId, Digest, Slug, Text
from ops_model.domain.system import Tier
from ops_model.domain.values import Value, Where
from ops_model.domain.weeks import SlowSign, WeeklyQuality, WeekPair

PartName = Literal["works", "legal", "economic"]
PillarName = Literal["ownership", "monitoring", "incident_response", "post_mortems"]
SumStatus = Literal["passed", "failed", "unknown", "not_applicable"]


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
    finding does not count against it, and is counted in `waived` and named in `waived_checks`.
    `off` are those that the policy does not ask, which are in no other number. `first` are the
    most urgent in full; `rests_on` are the newest of the `entries` of the ledger that the checks
    looked at.
    """

    name: PartName | PillarName
    status: SumStatus
    checks: int
    passed: int
    waived: int = 0
    waived_checks: tuple[CheckId, ...] = ()
    off: tuple[CheckId, ...] = ()
    open: tuple[CheckId, ...] = ()
    first: tuple[OpenFinding, ...] = ()
    entries: int = 0
    rests_on: tuple[Where, ...] = ()


class SinceReport(Value):
    """What changed since the weekly report of `at`.

    `opened` are checks that stand in the way now and did not then, `closed` those that were open
    then and are passed or do not apply now. `accepted` are open, and newly waived or switched off.
    `changed` say something else, or are not asked any more. `worsened` are parts that were passed
    or unknown and are less now, and quality that has left its limits. `aside` says that `at` is no
    week back, in which case the report of that week is missing. Sign-offs and incidents are those
    of the time since; `refused` are the seats whose last word since then was no.
    """

    at: AwareDatetime
    days: int
    verdict: Verdict
    opened: tuple[CheckId, ...] = ()
    closed: tuple[CheckId, ...] = ()
    accepted: tuple[CheckId, ...] = ()
    changed: tuple[CheckId, ...] = ()
    worsened: tuple[Text, ...] = ()
    signed: tuple[Text, ...] = ()
    refused: tuple[Slug, ...] = ()
    incidents: tuple[Text, ...] = ()

    @property
    def aside(self) -> bool:
        """True when this is not the report of about a week before."""
        return not 4 <= self.days <= 10


class HypercareCount(Value):
    """The first weeks in production: how many are left, and what is due in them.

    `reviewed_on` is the day of the first sign-off that counts as the review of `review_on`: one
    from a week before that day on.
    """

    live_since: AwareDatetime
    days: int
    day: int
    ends: date
    drill_by: date
    drilled_on: date | None = None
    review_on: date | None = None
    reviewed_on: date | None = None
    owner: Slug | None = None
    monitoring_every_days: int | None = None

    @property
    def left(self) -> int:
        """Days left of them, none below 0."""
        return max(self.days - self.day, 0)

    def review_is_late(self, today: date) -> bool:
        """True when the day of the review is over and none was held."""
        return self.review_on is not None and self.reviewed_on is None and today > self.review_on


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
    ceiling per day. `debt` is in days of open gaps, weighted by tier. `asked` are the checks that
    are named in it, each in a few words.
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
    asked: Annotated[Mapping[CheckId, str], ByKey] = {}

    @property
    def worse(self) -> tuple[SlowSign, ...]:
        """The signs of a slow death that are there."""
        return tuple(sign for sign in self.signs if sign.state == "worse")

    @property
    def got_worse(self) -> bool:
        """True when the verdict fell since the report before, or stayed and something opened.

        And whenever a part of it did, or quality left its limits.
        """
        if self.since is None:
            return False
        if self.since.worsened:
            return True
        now, then = map(VERDICT_ORDER.index, (self.verdict, self.since.verdict))
        return now < then or (now == then and bool(self.since.opened))


VERDICT_ORDER: tuple[Verdict, ...] = ("DEMO ONLY", "NOT READY", "CONDITIONAL", "READY")
"""The worst first."""


def least(statuses: "tuple[SumStatus, ...]") -> SumStatus:
    """The minimum: `failed`, then `unknown`, then `passed`; nothing asked is `not_applicable`."""
    order: tuple[SumStatus, ...] = ("failed", "unknown", "passed", "not_applicable")
    return min(statuses, key=order.index, default="not_applicable")
