"""How a change reaches users: asked for, tried elsewhere, rolled out in stages, or refused."""

from typing import Annotated, Literal

from pydantic import Field

from ops_model.domain.fallback import VendorTarget
from ops_model.domain.rollback import Command, Environment
from ops_model.domain.scalars import (
    AwareTime,
    CheckId,
    Day,
    Digest,
    Flag,
    RelativePath,
    Share,
    Slug,
    Text,
)
from ops_model.domain.values import Claim, ClaimFile, Money

ResultsFormat = Literal["table", "inspect_ai", "promptfoo"]
"""The forms in which results of a comparison are read."""
ChangeKind = Literal[
    "model_swap", "prompt_change", "data_source_change", "guardrail", "infra", "provider_forced"
]


class ChallengerPlan(Claim):
    """How a challenger is compared with the champion, written down before it is.

    `production` can be written down, and CCH-01 fails it. `margin` is how much worse, in the
    metric's own unit, still counts as no worse; what came out is evidence.

    `results` is the address of a long table, one row for each case, arm and repeat, of the form
    that `format` names; `champion` and `challenger` are the names of the two arms in it (by
    default the labels of the two versions). `score` is the column that is compared, and more of it
    is better unless `lower_is_better`. `slices` are columns by which it is taken apart, their
    verdicts corrected for their number. With `look_every` the results may be looked at each time
    so many cases came in, under a confidence sequence; without it once, when all are there.
    """

    environment: Literal["test", "staging", "production"]
    metric: Text
    results: Text | None = None
    format: ResultsFormat = "table"
    champion: Text | None = None
    challenger: Text | None = None
    score: Text = "score"
    lower_is_better: Flag = False
    slices: tuple[Text, ...] = ()
    correction: Literal["holm", "bh"] = "holm"
    look_every: Annotated[int, Field(ge=10)] | None = None
    cases: Annotated[int, Field(gt=0)]
    repeats: Annotated[int, Field(gt=0)] = 1
    margin: Annotated[float, Field(gt=0)] | None = None
    cost_multiplier: Annotated[float, Field(gt=0)] | None = None
    estimated_cost: Money | None = None


class ChangeRequest(Claim):
    """One change from a version to another; both are described in `system.yaml` by label."""

    id: Slug
    kind: ChangeKind
    from_version: Text
    to_version: Text
    why: Text
    requested_by: Slug
    requested_at: AwareTime
    challenger: ChallengerPlan | None = None
    rollout: Slug | None = None
    pull_request: Text | None = None


class RolloutStage(Claim):
    """A part of the traffic, how long it stays there, what lets it pass and what stops it.

    `needs` are checks that have to pass before this stage begins.
    """

    share: Share
    min_hours: Annotated[float, Field(ge=0)] = 0
    gate: Text | None = None
    abort: Text | None = None
    needs: tuple[CheckId, ...] = ()


class RolloutPlan(Claim):
    """From the first requests to all of them."""

    id: Slug
    starts_at: AwareTime
    by: Slug
    stages: tuple[RolloutStage, ...]
    ci_run: Text | None = None


class Difference(Claim):
    """Where an environment is not like production, and who answers for that."""

    member: Text
    here: Text
    in_production: Text
    owner: Slug | None = None
    reason: Text | None = None


class SwapPlan(Claim):
    """How the model of a provider is exchanged when it is retired, and what that is rehearsed on.

    `switch` is an argument list that makes the client ask for another model, `{model}` in it;
    without one the client is told by each request (`model`), as a callable is.
    """

    dependency: Slug
    to_model: Text
    rehearsed_on: VendorTarget
    switch: tuple[str, ...] = ()
    max_seconds: Annotated[int, Field(gt=0)] = 3600


class Build(Claim):
    """How what serves is built again: a command, and the file that it must leave as it was.

    `run` is an argument list, run without a shell from the workbook's folder; `{out}` in it stands
    for an empty folder. `artefact` is a file or folder below that.
    """

    run: Command
    artefact: RelativePath
    seconds: Annotated[int, Field(gt=0, le=7200)] = 600


class EnvironmentSnapshot(Claim):
    """What an environment consisted of at an instant, and how it differs from production."""

    id: Slug
    environment: Environment
    taken_at: AwareTime
    packages_digest: Digest | None = None
    image_digest: Digest | None = None
    config_digest: Digest | None = None
    hardware: Text | None = None
    differences: tuple[Difference, ...] = ()


class ChangeCandidate(Claim):
    """Something new that may be worth adopting; somebody decides (S2.14)."""

    id: Slug
    text: Text
    found_on: Day
    decide_by: Day
    decision: Literal["adopt", "reject", "later"] | None = None
    decided_by: Slug | None = None
    decided_on: Day | None = None


class Change(ClaimFile):
    """The file `change.yaml`."""

    requests: tuple[ChangeRequest, ...] = ()
    rollouts: tuple[RolloutPlan, ...] = ()
    environments: tuple[EnvironmentSnapshot, ...] = ()
    candidates: tuple[ChangeCandidate, ...] = ()
    swaps: tuple[SwapPlan, ...] = ()
    build: Build | None = None

    def rollout(self, rollout_id: str | None) -> RolloutPlan | None:
        """The rollout of this id, or None."""
        return next((r for r in self.rollouts if r.id == rollout_id), None)
