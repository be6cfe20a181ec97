"""All that a check may look at, and its answer where a claim file or a record is not there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, TypeVar

from ops_model.check.outcome import Outcome, unknown
from ops_model.check.recorded import Evidence, Recorded, earliest
from ops_model.check.wording import aged
from ops_model.domain.assessment import Finding
from ops_model.domain.evidence import ClaimRef, Record
from ops_model.domain.frameworks import Register
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.values import Where, zone

R = TypeVar("R", bound=Record)
T = TypeVar("T")


@dataclass(frozen=True)
class Context:
    """All that a check may look at.

    `finding_of` gives another check's finding about the same system (None when no such check is
    loaded); a circle of checks that ask each other is an error of those checks. `register` holds
    the frameworks and their controls; `refs` are the digests of the system's files, for whoever
    has worked them out already.
    """

    system: SystemClaims
    model: OperatingModel
    evidence: Evidence
    as_of: datetime
    finding_of: Callable[[str], Finding | None] = field(default=lambda _: None)
    register: Register = field(default_factory=Register)
    refs: tuple[ClaimRef, ...] | None = None

    def once(self, work: Callable[["Context"], T]) -> T:
        """What several checks ask of the same claims and evidence; it is worked out once."""
        if work not in self._done:
            self._done[work] = work(self)
        found: T = self._done[work]
        return found

    @cached_property
    def _done(self) -> dict[Callable[["Context"], Any], Any]:
        return {}

    @cached_property
    def texts(self) -> Mapping[str, ClaimRef]:
        """The system's claim files as they are now, with their digests, by name."""
        refs = self.refs if self.refs is not None else self.system.claim_refs()
        return {ref.file: ref for ref in refs}

    @cached_property
    def known_until(self) -> datetime:
        """The last instant that the workbook can tell of; what it dates later has not happened.

        A replay may be judged as on an earlier day than the one that it is pinned to.
        """
        return max(self.as_of, self.model.settings.as_of or self.as_of)

    @cached_property
    def today(self) -> date:
        """The day of `as_of`, where the organisation is: whatever offset it was written with."""
        return self.as_of.astimezone(zone(self.model.settings.zone)).date()

    def end_of(self, day: date) -> datetime:
        """The instant at which a day is over, where the organisation is."""
        after = day + timedelta(days=1)
        return datetime.combine(after, time(), zone(self.model.settings.zone))

    @cached_property
    def last_day(self) -> date:
        """The day of that instant, where the organisation is."""
        return self.known_until.astimezone(zone(self.model.settings.zone)).date()

    def why_not_active(self, person_id: str | None) -> str:
        """Why this id is nobody who can answer for anything at `as_of`; empty when it is."""
        if person_id not in self._not_active:
            self._not_active[person_id] = self._why_not_active(person_id)
        return self._not_active[person_id]

    # A hundred checks ask it of the same few people.
    @cached_property
    def _not_active(self) -> dict[str | None, str]:
        return {}

    def _why_not_active(self, person_id: str | None) -> str:
        people = self.model.people
        person = people.person(person_id)
        if person_id is None:
            return "nobody is named"
        if person is None:
            team = people.team(person_id) is not None
            return f"{person_id} is {'a team, not a person' if team else 'nobody in people.yaml'}"
        day = self.as_of.astimezone(zone(person.zone)).date()
        if day < person.active_from:
            return f"{person_id} works here only from {person.active_from}"
        return "" if person.active_on(day) else f"{person_id} left on {person.active_to}"

    def until_gone(self, *names: str | None) -> datetime | None:
        """When the first of these people is gone; None where nobody's last day is written.

        A pass that rests on somebody who works here ends then. Teams and roles stay.
        """
        people = [self.model.people.person(name) for name in names]
        return earliest(*(p.gone_at for p in people if p is not None))

    def why_nobody(self, name: str | None) -> str:
        """Why this person, team or role of the rota can see to nothing; empty when it can."""
        known = name in {"primary", "secondary"} or self.model.people.team(name) is not None
        return "" if known else self.why_not_active(name)


def no_file(ctx: Context, attribute: str) -> Outcome:
    """The answer where the claim file that a check reads is not there."""
    where = ctx.system.missing_file(attribute)
    return unknown(
        "missing",
        f"there is no {where}",
        looked_at=[where],
        remedy=f"the owner starts it with `ops-model new {ctx.system.id} --refresh`, and answers "
        "its questions in the fill-in notebook",
    )


def latest_in_date(
    ctx: Context,
    kind: type[R],
    *,
    max_age_days: float,
    missing: str,
    claim: Where,
    remedy: str,
    matching: Callable[[R], bool] | None = None,
) -> Recorded[R] | Outcome:
    """The latest record of a kind, or the answer where there is none or it is too old to count.

    Args:
        ctx: the check's context.
        kind: the class of the record.
        max_age_days: how old it may be at `as_of`.
        missing: what to say where there is none.
        claim: the claim that the record would show, looked at where there is none.
        remedy: what makes a new one.
        matching: which records count.
    """
    found = ctx.evidence.latest(kind, matching=matching)
    if found is None:
        return unknown("missing", missing, looked_at=[claim], remedy=remedy)
    age = ctx.as_of - found.record.as_of
    if age <= timedelta(days=max_age_days):
        return found
    name = found.record.kind.replace("_", " ")
    return unknown(
        "expired",
        f"the {name} of {found.record.as_of.date()} is {aged(age, timedelta(days=1))} days old; "
        f"expected at most {max_age_days:g}",
        looked_at=[claim, found.where],
        remedy=remedy,
    )
