"""What went wrong, how long it lasted, whom it reached, and what was learned."""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ops_model.domain.scalars import AwareTime, CheckId, Day, Flag, ScenarioId, Slug, Text
from ops_model.domain.values import Claim, ClaimFile, Money

Severity = Literal["sev1", "sev2", "sev3"]
IncidentState = Literal[
    "detected", "acknowledged", "contained", "diagnosed", "fixed", "documented", "closed"
]
STATES: tuple[IncidentState, ...] = (
    "detected", "acknowledged", "contained", "diagnosed", "fixed", "documented", "closed",
)  # fmt: skip
"""The order in which an incident passes through its states (S3.36)."""


ClockKind = Literal[
    "eu_serious_incident", "eu_widespread", "eu_death", "eu_tell_provider", "contract_notice",
    "post_mortem",
]  # fmt: skip
DAYS_BY_LAW: Mapping[ClockKind, int] = {
    "eu_serious_incident": 15, "eu_widespread": 2, "eu_death": 10,
}  # fmt: skip
"""The most days from the day on which an incident was known to the report of it, where a law says
a number (Regulation (EU) 2024/1689, Art. 73(2) to (4)). The others say `without undue delay`, or
what was agreed."""


class ClockRun(Claim):
    """A deadline that an incident started: by law, by contract, or our own."""

    clock: ClockKind
    started_at: AwareTime
    due: AwareTime
    met_at: AwareTime | None = None
    owner: Slug

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.due < self.started_at:
            msg = f"due {self.due.isoformat()} is before started_at {self.started_at.isoformat()}"
            raise ValueError(msg)
        return self


class TimelineEntry(Claim):
    """What happened at an instant, without names of customers."""

    at: AwareTime
    text: Text


class FollowUp(Claim):
    """What will keep it from happening again, by whom and when, and the check that proves it."""

    text: Text
    owner: Slug
    due: Day
    proven_by: CheckId | None = None
    done_on: Day | None = None


class PostMortem(Claim):
    """What was learned; it looks for causes in the system and blames nobody."""

    owner: Slug
    due: Day
    held_on: Day | None = None
    causes: tuple[Text, ...] = ()
    actions: tuple[FollowUp, ...] = ()
    new_rules: tuple[Slug, ...] = ()
    new_scenarios: tuple[ScenarioId, ...] = ()
    blameless: Text | None = None


class Incident(ClaimFile):
    """A file `incidents/<id>.yaml`.

    The onset is an estimate, hence an interval. `customer_reported_at` is when a customer first
    told us, whoever had noticed before; None where none did. `technically_correct` is an output
    that was right by the model and wrong for the business: a rule is missing (S1.4).
    """

    id: Slug
    title: Text
    severity: Severity
    state: IncidentState
    detected_by: Literal["monitor", "staff", "customer", "public"]
    monitor: Slug | None = None
    failure_mode: Slug | None = None
    technically_correct: Flag = False
    version: Text | None = None
    onset_earliest: AwareTime | None = None
    onset_latest: AwareTime | None = None
    customer_reported_at: AwareTime | None = None
    detected_at: AwareTime
    acknowledged_at: AwareTime | None = None
    contained_at: AwareTime | None = None
    restored_at: AwareTime | None = None
    closed_at: AwareTime | None = None
    decisions_exposed: Annotated[int, Field(ge=0)] | None = None
    customers_affected: Annotated[int, Field(ge=0)] | None = None
    money_lost: Money | None = None
    remediation: Text | None = None
    clocks: tuple[ClockRun, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    post_mortem: PostMortem | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        written = [(name, at) for name in _IN_ORDER if (at := self._instant(name)) is not None]
        for (before, first), (after, second) in pairwise(written):
            if second < first:
                msg = f"{after} {second.isoformat()} is before {before} {first.isoformat()}"
                raise ValueError(msg)
        return self

    def _instant(self, name: str) -> datetime | None:
        found: datetime | None = getattr(self, name)
        return found

    def has_reached(self, state: IncidentState) -> bool:
        """True when the incident is in that state or a later one."""
        return STATES.index(self.state) >= STATES.index(state)


_IN_ORDER = (
    "onset_earliest", "onset_latest", "detected_at", "acknowledged_at", "contained_at",
    "restored_at", "closed_at",
)  # fmt: skip
