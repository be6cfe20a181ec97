"""How we know that quality fell before customers do: logs, monitors, and what they measured."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from ops_model.domain.decisions import Action
from ops_model.domain.evidence import Measured, Measurement
from ops_model.domain.values import (
    AwareTime,
    ByKey,
    ClaimFile,
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
    Value,
)  # fmt: skip

Signal = Literal[
    "input_distribution", "confidence", "importance", "output_quality", "outcome", "latency",
    "errors", "uptime", "cost", "freshness", "provider_identity", "rule_violation",
]  # fmt: skip
LEADING: frozenset[Signal] = frozenset({"input_distribution", "confidence", "importance"})
"""Signals that say how the model is going to perform; the others say how it performed."""
WINDOWED: frozenset[Signal] = LEADING | {"output_quality", "outcome"}
"""Signals that are told from chance by many rows only, so that a window has to fill first."""
_CADENCE_HOURS = {"hourly": 1, "daily": 24, "weekly": 7 * 24, "monthly": 31 * 24}


class DataFeed(Value):
    """Data that arrives from elsewhere, and how soon somebody is told when it does not.

    It is looked at every `check_every_minutes` on the days of `watched`; `owner` is a person or a
    team. A feed that is watched on weekdays only can be gone for a weekend (S0.11).
    """

    id: Slug
    owner: Slug
    freshness_max_minutes: Annotated[int, Field(gt=0)]
    check_every_minutes: Annotated[int, Field(gt=0)] = 60
    watched: Literal["all_days", "weekdays"]
    schema_ref: Text | None = None
    alert_route: Route | None = None

    @property
    def worst_notice_hours(self) -> float:
        """How long after it breaks somebody knows, at worst: a break at the end of Friday."""
        weekend = 48 if self.watched == "weekdays" else 0
        return weekend + (self.freshness_max_minutes + self.check_every_minutes) / 60


class Log(Value):
    """A log of what was served or what came of it; `address` is Parquet below the workbook."""

    id: Slug
    holds: Literal["predictions", "labels", "judged_answers", "training"]
    address: RelativePath
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


class Monitor(Value):
    """One watched signal.

    For `output_quality`: `log` holds `prediction` (and `labels` names the log that holds `label`,
    joined by key; without it `label` stands in `log`). The metric `accuracy` is the share of rows
    whose prediction equals the label. For distributions: `columns` of `log`. For `freshness`:
    `feed`; for `outcome`: `outcome`.
    """

    id: Slug
    signal: Signal
    log: Slug | None = None
    labels: Slug | None = None
    feed: Slug | None = None
    outcome: Slug | None = None
    baseline: Slug | None = None
    metric: Literal["accuracy", "w1_sd", "js", "tv", "rate", "rank_correlation", "mean", "match"]
    columns: tuple[str, ...] = ()
    prediction: str | None = None
    label: str | None = None
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
    """The business outcome that was wanted, and when it can be known."""

    id: Slug
    name: Text
    unit: Text
    direction: Literal["up", "down"]
    baseline: float
    target: float
    label_lag_days: Annotated[int, Field(ge=0)] = 0
    source: Text

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
    expr: Text
    log: Slug
    severity: Literal["block", "warn"]
    owner: Slug
    origin: Literal["known", "incident", "review"]
    incident: Slug | None = None
    active_from: Day
    limit_share: Share = Decimal(0)
    good: tuple[Mapping[str, SampleValue], ...] = ()
    bad: tuple[Mapping[str, SampleValue], ...] = ()


class GuardrailSuite(Value):
    """Questions of one scope that the system must take or refuse, and the floor it must reach."""

    id: Slug
    scope: Literal["in_scope", "out_of_scope", "jailbreak"]
    items: RelativePath | None = None
    items_digest: Digest | None = None
    floor: Share
    min_n: Annotated[int, Field(gt=0)] = 50
    judge: Literal["rule", "human", "model"]
    calibration: Text | None = None


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


class ColumnDrift(Value):
    """How far one column moved between the reference and the current window.

    `w1_sd` is the Wasserstein distance in standard deviations of the reference, `js` the
    Jensen-Shannon distance (base 2, 0 to 1), `tv` total variation (categories), `null_change`
    the difference of the null shares, `unseen_share` the share of rows in values the reference
    never held. `limit` is the effect that the drift rule compares with.
    """

    name: str
    kind: Literal["numeric", "categorical"]
    w1_sd: float | None = None
    js: float | None = None
    psi: float | None = None
    ks: float | None = None
    tv: float | None = None
    null_change: float = 0.0
    unseen_share: float = 0.0
    effect: Measured
    limit: float
    drifted: bool
    reason: str


class DriftMeasurement(Measurement):
    """Drift of inputs or of the score, column by column, between two windows."""

    kind: Literal["drift"] = "drift"
    monitor: Slug
    signal: Signal
    reference_start: AwareDatetime
    reference_end: AwareDatetime
    rows_reference: int
    rows_current: int
    calibrated: bool
    blocks: int
    columns: tuple[ColumnDrift, ...]

    @property
    def drifted(self) -> tuple[ColumnDrift, ...]:
        """The columns that moved, farthest first."""
        moved = [c for c in self.columns if c.drifted]
        return tuple(sorted(moved, key=lambda c: -(c.effect.value or 0.0)))


class QualityDay(Value):
    """Quality of one day; `provisional` while late labels may still change it."""

    day: date
    quality: Measured
    provisional: bool = False


class SegmentQuality(Value):
    """Quality of one segment in the current window and in the baseline."""

    column: str
    value: str
    quality: Measured
    baseline: Measured


class QualityMeasurement(Measurement):
    """Daily quality with delayed labels, and how small a drop would be seen.

    `min_detectable_drop` is the drop of the windowed share that a one-sided test at 5 % would
    find with 80 % power, at the rows that a window holds. `alarm_at` is the first day on which
    the calibrated CUSUM crossed its limit, `onset_estimate` the day it began to climb.
    `segments_left_out` counts the segments that hold too few rows to say anything about them.
    """

    kind: Literal["quality"] = "quality"
    monitor: Slug
    metric: str
    baseline: Measured
    current: Measured
    change: Measured
    min_detectable_drop: Measured
    rows_per_window: float
    windows_with_min_n_share: float
    labelled_share: float
    alarm_at: date | None = None
    onset_estimate: date | None = None
    false_alarms_per_year: float | None = None
    days: tuple[QualityDay, ...]
    segments: tuple[SegmentQuality, ...] = ()
    segments_left_out: int = 0
