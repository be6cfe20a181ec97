"""How far operation has passed to one's own people: what a handoff still lacks, who leads what."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from ops_model.domain.evidence import Measured, Record
from ops_model.domain.ownership import DutyName, Handoff, Phase, Topic
from ops_model.domain.people import Skill
from ops_model.domain.scalars import CheckId, Slug, Text
from ops_model.domain.values import Value


class MonthShare(Value):
    """What part of something was led by one's own people in a month, or at its end."""

    month: date
    share: Measured


class DutyPhase(Value):
    """Who leads a duty now, who is to lead it next and when, and what has to pass for it.

    `stepped_back_on` are the days on which somebody had led it who then led it less.
    """

    duty: DutyName
    phase: Phase | None = None
    passed_for_it: tuple[CheckId, ...] = ()
    next_phase: Phase | None = None
    next_from: date | None = None
    passed_for_next: tuple[CheckId, ...] = ()
    stepped_back_on: tuple[date, ...] = ()


class TransitionStatus(Record):
    """Where co-managed operation stands: each duty's phase, and the course of the last months.

    `own_led` is the share of duties led by one's own people at the end of each month (the last one
    at `as_of`), `own_drills` that of the drills that they performed in it. Both are counts of what
    the plan and the ledger say, hence exact.
    """

    kind: Literal["transition"] = "transition"
    partner_team: Slug
    duties: tuple[DutyPhase, ...]
    own_led: tuple[MonthShare, ...]
    own_drills: tuple[MonthShare, ...]
    exception: Text | None = None

    @property
    def step_backs(self) -> tuple[DutyPhase, ...]:
        """The duties that were led less by one's own people at some time than before."""
        return tuple(duty for duty in self.duties if duty.stepped_back_on)


@dataclass(frozen=True)
class HandoffState:
    """What of a handoff is done: topics, acceptances with their instants, and the drill."""

    handoff: Handoff
    missing: tuple[Topic, ...]
    accepted: dict[Slug, datetime]
    to_accept: tuple[Slug, ...]
    drilled_at: datetime | None

    @property
    def complete(self) -> bool:
        """True when every topic was handed over, everybody accepted, and the drill was led."""
        return not self.missing and not self.to_accept and self.drilled_at is not None


@dataclass(frozen=True)
class Leaver:
    """Somebody who answers for the system and leaves soon; `handoff` is theirs, where one is."""

    person: Slug
    leaves: date
    handoff: Slug | None = None


@dataclass(frozen=True)
class Skills:
    """Who has which discipline: one's own people, and those of a partner."""

    own: dict[Skill, tuple[Slug, ...]] = field(default_factory=dict)
    partner: dict[Skill, tuple[Slug, ...]] = field(default_factory=dict)
