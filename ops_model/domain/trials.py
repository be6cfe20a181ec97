"""What was tried before users met it: challengers, model swaps, second builds, game days."""

from typing import Literal

from pydantic import AwareDatetime

from ops_model.domain.evidence import Measured, Measurement, Record
from ops_model.domain.rollback import DrillStep, Environment
from ops_model.domain.scalars import CheckId, Digest, ScenarioId, Slug, Text
from ops_model.domain.values import Value

ChallengerVerdict = Literal["better", "non_inferior", "worse", "undecided"]


class SliceResult(Value):
    """The paired difference on one slice, challenger minus champion."""

    name: str
    difference: Measured
    verdict: ChallengerVerdict


class ChallengerResult(Measurement):
    """A challenger against the champion, paired by case, under the margin written down before."""

    kind: Literal["challenger"] = "challenger"
    request: Slug
    environment: Literal["test", "staging", "production"]
    from_digest: Digest
    to_digest: Digest
    metric: str
    margin: float
    difference: Measured
    cases: int
    repeats: int
    flips: Measured
    verdict: ChallengerVerdict
    slices: tuple[SliceResult, ...] = ()
    cost_multiplier: Measured | None = None
    cost: Measured | None = None


class SwapDrill(Record):
    """A rehearsed exchange of the pinned model, as a provider may force one (S3.33)."""

    kind: Literal["swap_drill"] = "swap_drill"
    dependency: Slug
    from_model: str
    to_model: str
    environment: Environment
    performed_by: Slug | None = None
    done_at: AwareDatetime
    seconds: Measured
    steps: tuple[DrillStep, ...] = ()
    problems: tuple[str, ...] = ()
    passed: bool


class DifferenceSeen(Value):
    """A member in which an environment was found to differ from production."""

    member: str
    here: str
    in_production: str


class EnvironmentRecord(Record):
    """The tool looked at how a version was built: its CI run, its parity, and a second build."""

    kind: Literal["environment"] = "environment"
    version: str
    version_digest: Digest
    commit: str | None = None
    ci_run: str | None = None
    ci_passed: bool | None = None
    tests: int | None = None
    pull_request: str | None = None
    reviewed_by: tuple[Slug, ...] = ()
    differences: tuple[DifferenceSeen, ...] = ()
    build_digest: Digest | None = None
    rebuild_digest: Digest | None = None


class GameDayMinutes(Value):
    """Minutes from the page; None where nothing answers."""

    page: float | None = None
    decide: float | None = None
    contain: float | None = None
    inform: float | None = None


class GameDayGap(Value):
    """Where the walk broke off: the minute, the question, and the check that finds the gap."""

    minute: int
    question: Text
    check: CheckId


class GameDayResult(Record):
    """A scenario walked through: what the objects answered, and where they did not.

    Who was there is attested (`attendance` of this record); without it, it was a desk walk.
    """

    kind: Literal["game_day"] = "game_day"
    scenario: ScenarioId
    failure_mode: Slug | None = None
    at: AwareDatetime
    minutes: GameDayMinutes = GameDayMinutes()
    steps: int
    gaps: tuple[GameDayGap, ...] = ()


DRILLS = frozenset({"rollback_drill", "fallback_drill", "swap_drill", "game_day"})
"""The kinds of record that a rehearsal leaves: another one is no repetition of the first."""


class Reproduction(Record):
    """A sealed run executed again from its own inputs, and whether its records came out equal."""

    kind: Literal["reproduction"] = "reproduction"
    run_id: str
    notebook: str
    again: str
    records: int
    differing: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        """True when every record came out as it was."""
        return self.records > 0 and not self.differing


__all__ = [
    "DRILLS",
    "ChallengerResult", "ChallengerVerdict", "DifferenceSeen", "EnvironmentRecord", "GameDayGap",
    "GameDayMinutes", "GameDayResult", "Reproduction", "SliceResult", "SwapDrill",
]  # fmt: skip
