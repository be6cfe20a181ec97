"""A scenario of a game day: what happens, what is asked aloud, and what may answer each question.

Scenarios are data. Ours lie in `templates/scenarios`; a workbook adds its own, and replaces ours
by their id, in `scenarios/`. A question names the resolver that answers it from the objects; which
there are stands in `domain.resolver_names`.
"""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from ops_model.domain.resolver_names import ResolverName
from ops_model.domain.scalars import ScenarioId, Slug, Text
from ops_model.domain.system import FailureKind, Kind, Section
from ops_model.domain.values import Claim, ClaimFile

Minute = Annotated[int, Field(ge=0, le=240)]


SHIPPED_SCENARIOS = frozenset(f"G{number:02}" for number in range(1, 25))
"""The ids of the scenarios that come with the tool; a test holds them to the files."""


_AHEAD, _BACK = timedelta(days=7), timedelta(days=1)


def far_off(at: datetime, as_of: datetime) -> str:
    """Why a night counts for no check, when it is walked at `as_of`; empty where it does.

    People meet by day and walk through a page of the Saturday night after, or of the last night.
    A night of long ago would try a rota and drills that are no more.
    """
    if at > as_of + _AHEAD:
        return f"more than {_AHEAD.days} days ahead"
    return "more than a day ago" if at < as_of - _BACK else ""


class Inject(Claim):
    """What becomes known at a minute of the four hours."""

    minute: Minute
    text: Text


class ScenarioQuestion(Claim):
    """A question beyond those of every walk, and the resolver that answers it."""

    minute: Minute
    ask: Text
    resolver: ResolverName


class Scenario(ClaimFile):
    """A file `scenarios/<id>.yaml`.

    `kinds` are the kinds of system that it tries, `failures` the kinds of failure: a failure mode
    that names the scenario is walked, else the first of one of these kinds. `promises` are the
    sections of the strategy that it puts to the test beside those that the failure threatens.
    `learned_from` is the incident whose post-mortem asked for it, as `system/incident`.
    """

    id: ScenarioId
    title: Text
    prompt: Text
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = (
        "predictive", "llm_app", "agent", "agentic_workflow",
    )  # fmt: skip
    failures: Annotated[tuple[FailureKind, ...], Field(min_length=1)]
    injects: tuple[Inject, ...] = ()
    questions: tuple[ScenarioQuestion, ...] = ()
    promises: tuple[Section, ...] = ()
    exposes: tuple[Text, ...] = ()
    systems: tuple[Slug, ...] = ()
    learned_from: Text | None = None

    def tries(self, system_id: str, kind: Kind) -> bool:
        """True when it is about systems of this kind, and about this one where it names some."""
        return kind in self.kinds and (not self.systems or system_id in self.systems)
