"""The four hours after something went wrong, as values: steps, minutes, and what must not happen.

People appear by id, so that a walk can be sealed; pages put names for them.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ops_model.domain.evidence import Measured
from ops_model.domain.scalars import Slug
from ops_model.domain.system import Response
from ops_model.domain.values import Value, Where

NOBODY_SENTENCE = (
    "Nobody had to be looked up, no log access had to be worked out, no meeting was needed."
)
"""What may be said of a walk in which none of the three failures of S1.36 occurs."""
PAGED = 5
"""The minute at which somebody's phone rings."""


class WalkStep(Value):
    """One question asked aloud at a minute of the four hours, and what the objects answer.

    `who` is the person that the step falls to. `check` is the check that finds the gap, and empty
    where there is none; `details` are the lines to work through, and `looked_at` what was read.
    """

    minute: Annotated[int, Field(ge=0)]
    question: str
    answer: str
    details: tuple[str, ...] = ()
    who: Slug | None = None
    ok: bool
    check: str = ""
    looked_at: tuple[Where, ...] = ()


FailureName = Literal["owner_looked_up", "log_access_worked_out", "meeting_convened"]


class AutomaticFailure(Value):
    """One of the three things that fail a walk at once (S1.36), whether it happens, and why."""

    name: FailureName
    failed: bool
    why: str

    @property
    def text(self) -> str:
        """What happens, in words."""
        return _FAILURES[self.name]


_FAILURES: dict[FailureName, str] = {
    "owner_looked_up": "the owner has to be looked up",
    "log_access_worked_out": "log access has to be worked out",
    "meeting_convened": "a meeting has to be convened",
}


def machine_part(environment: str, seconds: Measured | None = None) -> str:
    """What the time of a drill does and does not hold: `machine part only, in test, n 1; ...`.

    How often it was timed is left out where the time itself, which says so, stands before it.
    """
    n = f", n {seconds.n}" if seconds is not None and seconds.n is not None else ""
    where = environment.replace("_", "-")
    return f"machine part only, in {where}{n}; steps by hand are not in it"


def works_at_least(passes: int) -> float:
    """In which part of all cases it works at least, at 95 %, after so many passes of as many.

    The chance that it works lies above the k-th root of 0.05.
    """
    return float(0.05 ** (1 / passes))


class WalkMinutes(Value):
    """How long each part may take, by the limits that the objects set; None where none is set.

    `page` is the sum of the windows to answer, up to the first who can answer. `contain` is the
    limit of the plan, and `drilled` what the machine took in its last drill, `drilled_in` which
    environment; what people do by hand is not in it. A drill of an earlier text of the plan is
    none of this one.
    """

    page: float | None = None
    decide: float | None = None
    contain: float | None = None
    inform: float | None = None
    drilled: Measured | None = None
    drilled_in: str = ""

    @property
    def drilled_means(self) -> str:
        """What the time of the drill does and does not hold; empty where there was none."""
        return "" if self.drilled is None else machine_part(self.drilled_in, self.drilled)

    @property
    def contained_after(self) -> float | None:
        """Minutes from the page until it is contained, at the latest; None when one is unknown."""
        parts = (self.page, self.decide, self.contain)
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) else None


class FourHours(Value):
    """One system's next four hours from an instant, answered from the objects alone.

    `runbook` is where the runbook lies, and empty when none is named. `failure_mode` is the one
    that is walked through, `response` what is done about it first. `walked_on` is the day of the
    last game day on record, whatever it found; None where nobody ever walked it.
    """

    system: Slug
    version: str
    at: AwareDatetime
    failure_mode: Slug | None = None
    happened: str
    response: Response | None = None
    runbook: str = ""
    steps: tuple[WalkStep, ...]
    automatic: tuple[AutomaticFailure, ...]
    minutes: WalkMinutes
    walked_on: date | None = None

    @property
    def first_paged(self) -> str | None:
        """The id of the first who answers the page; None where it reaches nobody."""
        return next((step.who for step in self.steps if step.minute == PAGED), None)

    @property
    def walked_said(self) -> str:
        """Whether anybody ever walked it, and when last: paper alone shows no more."""
        return f"last walked on {self.walked_on}" if self.walked_on else "never walked"

    @property
    def gaps(self) -> tuple[WalkStep, ...]:
        """The steps that the objects leave without an answer."""
        return tuple(step for step in self.steps if not step.ok)

    @property
    def sentence(self) -> str:
        """The sentence that one wants to say afterwards, or which of the three failed."""
        failed = [one for one in self.automatic if one.failed]
        if not failed:
            return NOBODY_SENTENCE
        said = "; ".join(f"{one.text} ({one.why})" for one in failed)
        return f"{len(failed)} of the three that must not happen: {said}."
