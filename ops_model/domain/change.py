"""How a change reaches users: asked for, tried elsewhere, rolled out in stages, or refused."""

from typing import Annotated, Literal

from pydantic import Field

from ops_model.domain.rollback import Environment
from ops_model.domain.scalars import AwareTime, Day, Digest, Share, Slug, Text
from ops_model.domain.values import ClaimFile, Money, Value

ChangeKind = Literal[
    "model_swap", "prompt_change", "data_source_change", "guardrail", "infra", "provider_forced"
]


class ChallengerPlan(Value):
    """How a challenger is compared with the champion, written down before it is.

    `production` can be written down, and CCH-01 fails it. `margin` is how much worse, in the
    metric's own unit, still counts as no worse; what came out is evidence.
    """

    environment: Literal["test", "staging", "production"]
    metric: Text
    cases: Annotated[int, Field(gt=0)]
    repeats: Annotated[int, Field(gt=0)] = 1
    margin: Annotated[float, Field(gt=0)] | None = None
    cost_multiplier: Annotated[float, Field(gt=0)] | None = None
    estimated_cost: Money | None = None


class ChangeRequest(Value):
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


class RolloutStage(Value):
    """A part of the traffic, how long it stays there, what lets it pass and what stops it."""

    share: Share
    min_hours: Annotated[float, Field(ge=0)] = 0
    gate: Text | None = None
    abort: Text | None = None


class RolloutPlan(Value):
    """From the first requests to all of them."""

    id: Slug
    starts_at: AwareTime
    by: Slug
    stages: tuple[RolloutStage, ...]
    ci_run: Text | None = None


class Difference(Value):
    """Where an environment is not like production, and who answers for that."""

    member: Text
    here: Text
    in_production: Text
    owner: Slug | None = None
    reason: Text | None = None


class EnvironmentSnapshot(Value):
    """What an environment consisted of at an instant, and how it differs from production."""

    id: Slug
    environment: Environment
    taken_at: AwareTime
    packages_digest: Digest | None = None
    image_digest: Digest | None = None
    config_digest: Digest | None = None
    hardware: Text | None = None
    differences: tuple[Difference, ...] = ()


class ChangeCandidate(Value):
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

    def rollout(self, rollout_id: str | None) -> RolloutPlan | None:
        """The rollout of this id, or None."""
        return next((r for r in self.rollouts if r.id == rollout_id), None)
