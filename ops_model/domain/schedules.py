"""When notebooks are due: one line for each in `ops-model.yaml`, and the slots that follow.

A slot is a notebook for one system (or for all together) at one instant; the ledger lets one run
have it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from ops_model.domain.cron import CronLine, instants, instants_back
from ops_model.domain.scalars import AwareTime, Route, Slug
from ops_model.domain.values import Claim

NotebookName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$")]
"""The stem of a notebook's file, such as `07_weekly_ops_report`."""
MOST_SLOTS = 10_000
"""So many slots of one line are looked back at; more were a line that runs each minute."""
_MINUTE = timedelta(minutes=1)


class Schedule(Claim):
    """One line: which notebook runs when, in the workbook's zone, and for which systems.

    Without `systems` it runs for each of the workbook (a notebook about all of them together runs
    once). `grace_hours` after its slot a report that is not there is overdue, and `alert_route`
    is told, or whoever is accountable where there is none. `since` is the first instant that
    counts; without it nothing before the first sealed slot is owed, and where none is sealed the
    latest slot alone. What is older than `catch_up_days` is not run by itself any more, and nobody
    is told of it any more, but for the latest slot.
    """

    notebook: NotebookName
    cron: CronLine
    systems: tuple[Slug, ...] = ()
    since: AwareTime | None = None
    grace_hours: Annotated[int, Field(gt=0, le=24 * 31)] = 24
    catch_up_days: Annotated[int, Field(gt=0, le=366)] = 28
    alert_route: Route | None = None

    @model_validator(mode="after")
    def _is_overdue_before_it_is_given_up(self) -> Self:
        if self.grace_hours >= 24 * self.catch_up_days:
            msg = (
                f"grace_hours is {self.grace_hours} and catch_up_days {self.catch_up_days}; "
                f"expected grace_hours below {24 * self.catch_up_days}, or more catch_up_days: "
                "otherwise nobody would ever be told that a report did not arrive"
            )
            raise ValueError(msg)
        return self

    def concerns(self, system_id: str) -> bool:
        """True when the line runs its notebook for this system."""
        return not self.systems or system_id in self.systems

    def after(self, instant: datetime, zone: str) -> Iterator[datetime]:
        """The slots after an instant, in UTC, without end; none before `since`."""
        start = instant if self.since is None else max(instant, self.since - _MINUTE)
        found = instants(self.cron, zone, after=start)
        return (one for one in found if self.since is None or one >= self.since)

    def back(self, until: datetime, zone: str) -> Iterator[datetime]:
        """The slots up to and including an instant, in UTC, the latest first, `since` the last."""
        if self.since is not None and self.since > until:
            return
        for slot in islice(instants_back(self.cron, zone, until=until), MOST_SLOTS):
            if self.since is not None and slot < self.since:
                return
            yield slot

    def has(self, instant: datetime, zone: str) -> bool:
        """True when an instant is a slot of this line."""
        return next(self.back(instant, zone), None) == instant

    def due_by(self, slot: datetime) -> datetime:
        """When a report that is not there is overdue."""
        return slot + timedelta(hours=self.grace_hours)

    def catches_up_from(self, as_of: datetime) -> datetime:
        """What is older than this is not run by itself any more."""
        return as_of - timedelta(days=self.catch_up_days)


@dataclass(frozen=True, order=True)
class Slot:
    """A notebook for one system, or `portfolio`, at one instant."""

    as_of: datetime
    system: str
    notebook: str
