"""How we know that quality fell before customers do: logs, monitors, and what they measured."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ops_model.domain.condition import ConditionText
from ops_model.domain.decisions import Action
from ops_model.domain.scalars import (
    AwareTime,
    ByKey,
    Day,
    Days,
    Digest,
    Flag,
    RelativePath,
    Route,
    SampleValue,
    Share,
    Slug,
    Text,
)  # fmt: skip
from ops_model.domain.values import ClaimFile, Value

Signal = Literal[
    "input_distribution", "confidence", "importance", "output_quality", "outcome", "latency",
    "errors", "uptime", "cost", "freshness", "provider_identity", "rule_violation",
]  # fmt: skip
LogContent = Literal[
    "predictions", "labels", "judged_answers", "training", "requests", "outcomes",
    "attributions", "canaries", "guardrail_results", "feed",
]  # fmt: skip
"""What a log holds. The last six: one row per request with how it went, per outcome, per
prediction with a column of attribution for each feature, per fixed question and day, per item
of a guardrail suite, and whatever a data feed delivered."""
LEADING: frozenset[Signal] = frozenset({"input_distribution", "confidence", "importance"})
"""Signals that say how the model is going to perform; the others say how it performed."""
WINDOWED: frozenset[Signal] = LEADING | {"output_quality", "outcome"}
"""Signals that are told from chance by many rows only, so that a window has to fill first."""
_CADENCE_HOURS = {"hourly": 1, "daily": 24, "weekly": 7 * 24, "monthly": 31 * 24}


class DataFeed(Value):
    """Data that arrives from elsewhere, and how soon somebody is told when it does not.

    It is looked at every `check_every_minutes` on the days of `watched`; `owner` is a person or a
    team. A feed that is watched on weekdays only can be gone for a weekend (S0.11). The newest row
    of `log` shows when data last arrived.
    """

    id: Slug
    owner: Slug
    freshness_max_minutes: Annotated[int, Field(gt=0)]
    check_every_minutes: Annotated[int, Field(gt=0)] = 60
    watched: Literal["all_days", "weekdays"]
    log: Slug | None = None
    schema_ref: Text | None = None
    alert_route: Route | None = None

    @property
    def worst_notice_hours(self) -> float:
        """How long after it breaks somebody knows, at worst: a break at the end of Friday."""
        weekend = 48 if self.watched == "weekdays" else 0
        return weekend + (self.freshness_max_minutes + self.check_every_minutes) / 60


class Log(Value):
    """A log of what was served or what came of it.

    `address` is Parquet below the workbook, or `schema.table` where `warehouse` names one of those
    that `ops-model.yaml` declares.
    """

    id: Slug
    holds: LogContent
    address: RelativePath
    warehouse: Slug | None = None
    timestamp: str
    key: str | None = None
    version: str | None = None
    simulated: Flag = False

    @property
    def served(self) -> bool:
        """True when it holds what users got: not what was trained on, nor what came of it."""
        return self.holds in {"predictions", "judged_answers"}


CaptureField = Literal["input", "output", "intent", "outcome", "version", "trace", "at"]


class LogPolicy(Value):
    """What is written down of each request, for how long, and what is taken out of it.

    `fields` says in which column of which log each of the four capture fields stands (S3.24), as
    `predictions.request`.
    """

    fields: Annotated[Mapping[CaptureField, Text], ByKey] = {}
    coverage_floor: Share = Decimal("0.99")
    retention_days: Annotated[int, Field(gt=0)]
    redaction: Text
    store_ref: Text | None = None


class Baseline(Value):
    """The span that a monitor compares with; `digest` pins its content."""

    id: Slug
    log: Slug
    start: AwareTime
    end: AwareTime
    digest: Digest | None = None
    created_by: Slug | None = None
    approved_by: Slug | None = None


class DeclaredModel(Value):
    """A model file that may be loaded, to ask it what it leans on; no other is ever loaded.

    `loader` is `package.module:function` of an installed package. It is given the path of the
    file, whose bytes were compared with `digest` before, and returns an object whose `predict`
    takes a frame of the monitor's columns and returns one number, or one class, per row.
    """

    file: RelativePath
    digest: Digest
    loader: Text


class Monitor(Value):
    """One watched signal.

    For `output_quality`: `log` holds `prediction` (and `labels` names the log that holds `label`,
    joined by key; without it `label` stands in `log`). The metric `accuracy` is the share of rows
    whose prediction equals the label; the metric `mean` is the mean of `score`, any number per row
    that comes with the label, of which `better` says which way is good. For distributions:
    `columns` of `log`. For `importance`: the log of `attributions` with a column for each of
    `columns`, or `model`, which is asked on a sample. For `freshness`: `feed`; for `outcome`:
    `outcome`; for `provider_identity`: `canaries`.
    """

    id: Slug
    signal: Signal
    log: Slug | None = None
    labels: Slug | None = None
    feed: Slug | None = None
    outcome: Slug | None = None
    canaries: Slug | None = None
    attributions: Slug | None = None
    model: DeclaredModel | None = None
    baseline: Slug | None = None
    metric: Literal["accuracy", "w1_sd", "js", "tv", "rate", "rank_correlation", "mean", "match"]
    columns: tuple[str, ...] = ()
    prediction: str | None = None
    label: str | None = None
    score: str | None = None
    better: Literal["higher", "lower"] = "higher"
    segments: tuple[str, ...] = ()
    window_days: Annotated[int, Field(gt=0)] = 7
    min_n: Annotated[int, Field(gt=0)] = 100
    threshold: Annotated[float, Field(gt=0)] | None = None
    tolerable_drop: Share | None = None
    detect_within_hours: Annotated[int, Field(gt=0)] | None = None
    cadence: Literal["hourly", "daily", "weekly", "monthly"] = "daily"
    automated: Flag
    alert_route: Route | None = None
    playbook: Slug | None = None

    @property
    def leading(self) -> bool:
        """True when the signal says how the model is going to perform."""
        return self.signal in LEADING

    @property
    def notices_within_hours(self) -> int | None:
        """How soon it notices: as declared, else by its cadence; None where a window has to fill.

        A signal that compares a window with a baseline sees a fall only once the window shows it,
        so that how often it is looked at says nothing of how soon.
        """
        if self.detect_within_hours is not None:
            return self.detect_within_hours
        return None if self.signal in WINDOWED else _CADENCE_HOURS[self.cadence]


class Playbook(Value):
    """What to do in the first quarter of an hour, which decisions that may take, when to stop."""

    id: Slug
    first_15_minutes: tuple[Text, ...]
    who: Slug
    decisions: tuple[Action, ...] = ()
    stop_when: tuple[Text, ...] = ()


class CriticalSegment(Value):
    """Cases that matter most, with a floor of their own; a headline hides them (S2.9)."""

    id: Slug
    column: Text
    value: Text
    why: Text
    monitor: Slug
    floor: Share
    min_n: Annotated[int, Field(gt=0)] = 100


class OutcomeMetric(Value):
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


class BusinessRule(Value):
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


class DataContract(Value):
    """What the rows of a log must look like: a suite of Great Expectations, day by day.

    `suite` is a JSON file below the workbook, or the name of one of ours in `checks/expectations`.
    """

    id: Slug
    log: Slug
    suite: Text
    owner: Slug


class CanarySet(Value):
    """Fixed questions that the system's own job asks a provider each day, and logs (S3.25).

    `log` holds a row per question and day: which one (`prompt`), what came back (`answer`, or a
    digest of it) and the model that answered by its own account (`response_model`). `baseline` is
    the span in which the agreed model answered: it pins each answer, and measures how many differ
    while nothing had changed. `traffic` is a log of real requests with the same account.
    """

    id: Slug
    dependency: Slug
    log: Slug
    prompt: str
    answer: str
    response_model: str = "gen_ai_response_model"
    baseline: Slug
    traffic: Slug | None = None


class GuardrailSuite(Value):
    """Questions of one scope that the system must take or refuse, and the floor it must reach.

    `log` holds the results: a row per item, with columns `suite`, `item` and `passed`.
    """

    id: Slug
    scope: Literal["in_scope", "out_of_scope", "jailbreak"]
    items: RelativePath | None = None
    items_digest: Digest | None = None
    floor: Share
    min_n: Annotated[int, Field(gt=0)] = 50
    judge: Literal["rule", "human", "model"]
    calibration: Text | None = None
    log: Slug | None = None


class RetrainPolicy(Value):
    """When the model is trained again, who decides, who does it, and what it must pass first."""

    triggers: tuple[Slug, ...]
    decider: Slug
    doer: Slug
    max_days: Days
    must_pass: Text | None = None


class Signals(ClaimFile):
    """The file `signals.yaml`."""

    feeds: tuple[DataFeed, ...] = ()
    logs: tuple[Log, ...] = ()
    log_policy: LogPolicy | None = None
    baselines: tuple[Baseline, ...] = ()
    monitors: tuple[Monitor, ...] = ()
    playbooks: tuple[Playbook, ...] = ()
    critical_segments: tuple[CriticalSegment, ...] = ()
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
