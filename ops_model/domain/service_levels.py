"""Objectives that the service is held to, and what was promised to others."""

from typing import Annotated, Literal

from pydantic import Field

from ops_model.domain.values import Money, Share, Slug, Text, Value


class Objective(Value):
    """A service-level objective over a rolling window."""

    id: Slug
    indicator: Literal["availability", "latency", "errors", "quality", "freshness"]
    target: Share
    window_days: Annotated[int, Field(gt=0)]
    threshold_ms: int | None = None


class ServiceLevelAgreement(Value):
    """What was promised, to whom, and on which objective it rests."""

    to: Text
    objective: Slug
    target: Share
    credit: Money | None = None


class ServiceLevels(Value):
    """The file `service_levels.yaml`."""

    objectives: tuple[Objective, ...] = ()
    agreements: tuple[ServiceLevelAgreement, ...] = ()
