"""What somebody must know of now: concerns, who was told of them when, and who answered.

What is sent of a ceiling has records of its own, in `spend`: its checks judge amounts and days.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ops_model.domain.evidence import Measured, Record
from ops_model.domain.scalars import CheckId, Digest, Route, Slug
from ops_model.domain.values import Value

ConcernKind = Literal[
    "ceiling", "monitor", "silent", "feed", "rule", "contract", "guardrail", "budget",
    "expiring", "expired", "overdue", "failed", "incident", "rota", "unread",
]  # fmt: skip
AlertSeverity = Literal["info", "ticket", "page"]
SEVERITIES: tuple[AlertSeverity, ...] = ("info", "ticket", "page")
"""From what can be read some day to what wakes somebody."""


class Concern(Value):
    """One thing that somebody must know of, and what to do about it.

    `about` is what stays the same while it stands: a monitor, a feed, a check, a notebook. `of` is
    which time of several, such as the day of a report that did not arrive. `route` is that of the
    claim, `check` what judges it, where there is one. `simulated` says that what was measured
    never happened.
    """

    system: Slug
    kind: ConcernKind
    about: str
    of: str = ""
    severity: AlertSeverity
    since: AwareDatetime
    why: str
    remedy: str
    owner: Slug | None = None
    route: Route | None = None
    check: CheckId | None = None
    simulated: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """By which one is told once."""
        return self.kind, self.about, self.of

    @property
    def subject(self) -> tuple[str, str]:
        """What it is about, whichever time: when none of them stands any more, it is over."""
        return self.kind, self.about

    def is_graver_than(self, severity: AlertSeverity) -> bool:
        """True when it asks for more haste."""
        return SEVERITIES.index(self.severity) > SEVERITIES.index(severity)


class Alert(Record):
    """One message about one or more concerns of a system, and what became of it.

    `people` are those whom it was for, and `because` why them. `over` says that the concerns stand
    no more. `delivered` says that every channel that was asked took it, not that somebody read it;
    `took` are those that did. `code` is the digest of what stood in the message, which whoever got
    it types to answer.
    """

    kind: Literal["alert"] = "alert"
    severity: AlertSeverity
    concerns: Annotated[tuple[Concern, ...], Field(min_length=1)]
    over: bool = False
    route: Route
    people: tuple[Slug, ...] = ()
    because: str = ""
    sent_at: AwareDatetime
    delivered: bool
    why_not: str | None = None
    took: tuple[str, ...] = ()
    code: Digest | None = None


class AlertAnswer(Record):
    """Somebody has an alert, by the code that stood in it.

    `seconds` is by the wall clock, from the entry of the alert to this one.
    """

    kind: Literal["alert_answer"] = "alert_answer"
    person: Slug
    at: AwareDatetime
    code: Digest
    concerns: tuple[str, ...] = ()
    seconds: Measured
