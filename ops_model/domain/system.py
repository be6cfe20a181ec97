"""What the system is, who built it, what it depends on, and which version serves."""

from typing import Annotated, Literal

from pydantic import Field

from ops_model.domain.values import AwareTime, Digest, Flag, Slug, Text, Value

Tier = Literal["A", "B", "C"]
Kind = Literal["predictive", "llm_app", "agent", "agentic_workflow"]
Stage = Literal[
    "idea", "pilot", "pilot_passed", "ready", "limited", "live", "steady", "retiring", "retired"
]


class StageChange(Value):
    """When a stage of life began, and who said so."""

    stage: Stage
    at: AwareTime
    by: Slug


class Version(Value):
    """What serves in production: enough to name it, rebuild it and go back from it."""

    label: Text
    model_ref: Text
    model_digest: Digest | None = None
    feature_spec: Text | None = None
    trained_by: tuple[Slug, ...] = ()
    in_production_since: AwareTime


class Dependency(Value):
    """Something outside that can go down: a model vendor, or a feed."""

    id: Slug
    kind: Literal["model_provider", "data_feed", "service"]
    name: Text
    expected_outage_hours_per_month: Annotated[float, Field(ge=0)] = 0


class Support(Value):
    """Where users turn to, when, and how soon somebody answers."""

    channel: Text
    hours: Text
    first_response_minutes: Annotated[int, Field(gt=0)]


class AISystem(Value):
    """The file `system.yaml`."""

    name: Text
    kind: Kind
    tier: Tier
    purpose: Text
    users: Text
    customer_facing: Flag
    simulated: Flag = False
    stage_history: tuple[StageChange, ...] = ()
    version: Version
    dependencies: tuple[Dependency, ...] = ()
    documentation: Text | None = None
    support: Support | None = None
