"""How we know that quality fell before customers do: the file of logs, monitors and rules."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from ops_model.domain.condition import ConditionText
from ops_model.domain.scalars import Day, Days, SampleValue, Share, Slug, Text
from ops_model.domain.signals_logged import Baseline, DataContract, DataFeed, Log, LogPolicy
from ops_model.domain.signals_watched import (
    CanarySet,
    CriticalSegment,
    GuardrailSuite,
    Monitor,
    Playbook,
    Signal,
)
from ops_model.domain.values import Claim, ClaimFile


class OutcomeMetric(Claim):
    """The business outcome that was wanted, and when it can be known.

    It is the mean of column `value` of `log`, a number or true and false per row, over
    `window_days`; `baseline_span` is the span of that log in which `baseline` was so.
    """

    id: Slug
    name: Text
    unit: Text
    direction: Literal["up", "down"]
    baseline: float
    target: float
    label_lag_days: Annotated[int, Field(ge=0)] = 0
    source: Text
    log: Slug | None = None
    value: str | None = None
    baseline_span: Slug | None = None
    window_days: Annotated[int, Field(gt=0)] = 28

    @model_validator(mode="after")
    def _target_lies_ahead(self) -> Self:
        ahead = self.target > self.baseline if self.direction == "up" else (
            self.target < self.baseline
        )  # fmt: skip
        if not ahead:
            msg = (
                f"target {self.target:g} is not {self.direction} from baseline "
                f"{self.baseline:g}; expected it to lie in the wanted direction"
            )
            raise ValueError(msg)
        return self


class BusinessRule(Claim):
    """What an output must never violate, as a condition over named columns of a served log.

    `good` rows satisfy the rule and `bad` rows violate it; `origin` says how one came to know it,
    and `incident` which one taught it.
    """

    id: Slug
    statement: Text
    expr: ConditionText
    log: Slug
    severity: Literal["block", "warn"]
    owner: Slug
    origin: Literal["known", "incident", "review"]
    incident: Slug | None = None
    active_from: Day
    limit_share: Share = Decimal(0)
    good: tuple[Mapping[str, SampleValue], ...] = ()
    bad: tuple[Mapping[str, SampleValue], ...] = ()


class RetrainPolicy(Claim):
    """When the model is trained again, who decides, who does it, and what it must pass first."""

    triggers: tuple[Slug, ...]
    decider: Slug
    doer: Slug
    max_days: Days
    must_pass: Text | None = None


def _like_its_monitor(segment: CriticalSegment, info: ValidationInfo) -> CriticalSegment:
    # A monitor that is none is the finding OM-06, and no mistake of the floor.
    for monitor in info.data.get("monitors", ()):
        if monitor.id == segment.monitor:
            segment.refuse_unlike(monitor)
    return segment


_LikeItsMonitor = Annotated[CriticalSegment, AfterValidator(_like_its_monitor)]


class Signals(ClaimFile):
    """The file `signals.yaml`."""

    feeds: tuple[DataFeed, ...] = ()
    logs: tuple[Log, ...] = ()
    log_policy: LogPolicy | None = None
    baselines: tuple[Baseline, ...] = ()
    monitors: tuple[Monitor, ...] = ()
    playbooks: tuple[Playbook, ...] = ()
    critical_segments: tuple[_LikeItsMonitor, ...] = ()
    outcomes: tuple[OutcomeMetric, ...] = ()
    rules: tuple[BusinessRule, ...] = ()
    contracts: tuple[DataContract, ...] = ()
    canaries: tuple[CanarySet, ...] = ()
    guardrails: tuple[GuardrailSuite, ...] = ()
    retraining: RetrainPolicy | None = None
    late_days: Annotated[int, Field(ge=0)] = 0

    def log(self, log_id: str | None) -> Log | None:
        """The log of this id, or None."""
        return next((log for log in self.logs if log.id == log_id), None)

    def baseline(self, baseline_id: str | None) -> Baseline | None:
        """The baseline of this id, or None."""
        return next((b for b in self.baselines if b.id == baseline_id), None)

    @property
    def served(self) -> Log | None:
        """The log of what users got: the one that keeps the output by the policy, or the first."""
        column = self.log_policy.fields.get("output", "") if self.log_policy else ""
        kept = self.log(column.partition(".")[0])
        if kept is not None and kept.served:
            return kept
        return next((log for log in self.logs if log.served), None)

    def of(self, signal: Signal) -> tuple[Monitor, ...]:
        """The monitors of one signal."""
        return tuple(m for m in self.monitors if m.signal == signal)

    def taught_by(self, incident_id: str) -> tuple[BusinessRule, ...]:
        """The rules that one incident taught."""
        return tuple(
            r for r in self.rules if (r.origin, r.incident) == ("incident", incident_id)
        )  # fmt: skip
