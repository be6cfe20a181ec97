"""What was tried before users met it: challengers, model swaps, second builds, game days."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ops_model.domain.evidence import AccessAction, Measured, Measurement, Record
from ops_model.domain.rollback import DrillStep, Environment
from ops_model.domain.scalars import CheckId, Digest, ScenarioId, Slug, Text
from ops_model.domain.scenarios import Inject
from ops_model.domain.values import Value
from ops_model.domain.walk import FailureName, works_at_least

ChallengerVerdict = Literal["better", "non_inferior", "worse", "undecided"]


class SliceResult(Value):
    """The paired difference on one slice, challenger minus champion.

    `fault` says why it cannot be right, such as a cheap model that wins by more than any can.
    """

    name: str
    difference: Measured
    verdict: ChallengerVerdict
    cases: int | None = None
    p_corrected: float | None = None
    fault: str | None = None


class ChallengerResult(Measurement):
    """A challenger against the champion, paired by case, under the margin written down before.

    All differences are challenger minus champion, turned so that more is better. `method` says how
    the interval was made; `looks` how often the results were looked at until then, and
    `cases_needed` how many cases it takes to decide, where they do not. `unpaired` cases have one
    arm alone and count for nothing; `duplicated` rows repeat a case, arm and repeat.
    `no_worse_than` is the bound that the margin is held against; without a margin nothing counts
    as no worse. With `faults` nothing is decided.
    """

    kind: Literal["challenger"] = "challenger"
    request: Slug
    environment: Literal["test", "staging", "production"]
    from_digest: Digest
    to_digest: Digest
    from_version: Text | None = None
    to_version: Text | None = None
    metric: str
    margin: float | None
    look_every: int | None = None
    difference: Measured
    no_worse_than: float | None = None
    cases: int
    repeats: int
    flips: Measured
    verdict: ChallengerVerdict
    method: str | None = None
    looks: int | None = None
    cases_needed: int | None = None
    champion: Measured | None = None
    challenger: Measured | None = None
    unpaired: int = 0
    duplicated: int = 0
    champion_seconds: Measured | None = None
    challenger_seconds: Measured | None = None
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    slices: tuple[SliceResult, ...] = ()
    cost_multiplier: Measured | None = None
    cost: Measured | None = None


class SwapDrill(Record):
    """A rehearsed exchange of the pinned model, as a provider may force one (S3.33).

    `seconds` run from the decision to the last of twenty answers of the successor running.
    `requests` were sent since the model was retired; `lost` of them got neither an answer nor a
    notice, `lost_after` of those since the successor answered. `returned` says that the pinned
    model answered again at the end.
    """

    kind: Literal["swap_drill"] = "swap_drill"
    dependency: Slug
    from_model: str
    to_model: str
    environment: Environment
    performed_by: Slug | None = None
    done_at: AwareDatetime
    seconds: Measured
    requests: int | None = None
    lost: int | None = None
    lost_after: int | None = None
    returned: bool | None = None
    steps: tuple[DrillStep, ...] = ()
    problems: tuple[str, ...] = ()
    passed: bool


class DifferenceSeen(Value):
    """A member in which an environment was found to differ from production."""

    member: str
    here: str
    in_production: str


class EnvironmentRecord(Record):
    """The tool looked at how a version was built: its CI run, its parity, and a second build.

    `reviewed_by` are readers whom the commit itself names, `reviewers_said` those whom whoever
    recorded it named. `rebuild_problem` says why a second build left nothing. `lead_time` runs
    from the commit to the first user that it served, in hours. What nobody looked at is None.
    """

    kind: Literal["environment"] = "environment"
    version: str
    version_digest: Digest
    commit: str | None = None
    ci_run: str | None = None
    ci_passed: bool | None = None
    tests: int | None = None
    pull_request: str | None = None
    reviewed_by: tuple[Slug, ...] = ()
    reviewers_said: tuple[Slug, ...] = ()
    differences: tuple[DifferenceSeen, ...] = ()
    build_digest: Digest | None = None
    rebuild_digest: Digest | None = None
    rebuild_problem: str | None = None
    compared_with: str | None = None
    lead_time: Measured | None = None
    sources: tuple[str, ...] = ()

    @property
    def rebuilt_alike(self) -> bool | None:
        """Whether a second build came out the same; None where nobody built it again."""
        if self.rebuild_digest is None:
            return None if self.rebuild_problem is None else False
        return self.rebuild_digest == self.build_digest


class AccessAttempt(Value):
    """One thing that a person did with their own access, or could not, by the exit of a command.

    `lines` counts what the query of the logs printed; nothing of it is kept.
    """

    action: AccessAction
    seconds: Measured
    ok: bool
    why: str = ""
    lines: int | None = None


class AccessDrill(Record):
    """The declared query of the logs, and a no-op of each right, run by a person and timed."""

    kind: Literal["access_drill"] = "access_drill"
    person: Slug
    attempts: tuple[AccessAttempt, ...]

    @property
    def passed(self) -> bool:
        """True when every one of them worked."""
        return all(attempt.ok for attempt in self.attempts)

    def shows(self, action: str) -> AccessAttempt | None:
        """The attempt at an action that succeeded, or None."""
        return next((a for a in self.attempts if a.action == action and a.ok), None)


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


class GameDayAnswer(Value):
    """One question of the walk, and what the objects answered; `check` finds the gap.

    `own` is a question of the scenario beside those of every walk; one that is not `asked` does
    not arise for the system.
    """

    minute: int
    question: Text
    answer: Text
    who: Slug | None = None
    ok: bool
    check: CheckId | None = None
    own: bool = False
    asked: bool = True


class GameDayPromise(Value):
    """A sentence of the strategy that the failure makes untrue, and what stands behind it."""

    claim: Slug
    text: Text
    source: Text
    actual: Text
    kept: bool


class DrillsOnRecord(Value):
    """How often the response was drilled by then, and what so many passes show.

    `last_at` and `environment` are of the last drill.
    """

    tried: Annotated[int, Field(ge=1)]
    passed: Annotated[int, Field(ge=0)]
    environment: Environment
    last_at: AwareDatetime

    @property
    def works_share(self) -> float | None:
        """In which part of all cases it works at least, at 95 %; None where a drill failed."""
        return works_at_least(self.tried) if self.passed == self.tried else None


class GameDayResult(Record):
    """A scenario walked through: what the objects answered, and where they did not.

    Who was there is attested (`attendance` of this record); without it, it was a desk walk.
    `automatic` are those of the three failures of S1.36 that occur, `scenario_digest` is of the
    scenario's own text, and `drilled` the last drill's seconds of the response, where known, with
    `drills` that stand behind it. `assumed` says what was walked where the system names no
    failure of the scenario's kind, and `left_out` the questions of the shipped scenario of this id
    that a workbook's own in its place does not ask: such a walk counts as its own alone.
    """

    kind: Literal["game_day"] = "game_day"
    scenario: ScenarioId
    failure_mode: Slug | None = None
    at: AwareDatetime
    minutes: GameDayMinutes = GameDayMinutes()
    steps: int
    gaps: tuple[GameDayGap, ...] = ()
    title: Text | None = None
    answers: tuple[GameDayAnswer, ...] = ()
    promises: tuple[GameDayPromise, ...] = ()
    automatic: tuple[FailureName, ...] = ()
    drilled: Measured | None = None
    scenario_digest: Digest | None = None
    prompt: Text | None = None
    injects: tuple[Inject, ...] = ()
    drills: DrillsOnRecord | None = None
    sentence: Text | None = None
    assumed: Text | None = None
    left_out: tuple[Text, ...] = ()


DRILLS = frozenset({"rollback_drill", "fallback_drill", "swap_drill", "game_day", "access_drill"})
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
    "AccessAttempt", "AccessDrill", "ChallengerResult", "ChallengerVerdict", "DifferenceSeen",
    "DrillsOnRecord", "EnvironmentRecord", "GameDayAnswer", "GameDayGap", "GameDayMinutes",
    "GameDayPromise", "GameDayResult", "Reproduction", "SliceResult", "SwapDrill",
]  # fmt: skip
