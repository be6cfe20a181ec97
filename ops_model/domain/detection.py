"""What was measured about detection beyond quality and drift: logs, rules, outcomes, providers.

The records of `signals.py` that every weekly run makes stay there; these are the further ones that
the checks of detection and of service levels read.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import AwareDatetime

from ops_model.domain.evidence import Measured, Measurement
from ops_model.domain.signals import CaptureField, ColumnDrift
from ops_model.domain.values import Digest, Slug, Text, Value


class SegmentEffect(Value):
    """What one segment adds to a change of quality: by its size (`mix`) and by its own quality."""

    column: str
    value: str
    mix: Measured
    quality: Measured


class CauseBranch(Value):
    """One branch of the cause tree (S3.13): whether something changed there, and what shows it."""

    branch: Literal["data_source", "provider", "prompt"]
    changed: bool | None
    why: Text


class ChangeDecomposition(Measurement):
    """A change of quality, split over segments into mix and quality; `rest` is what is left."""

    kind: Literal["change_decomposition"] = "change_decomposition"
    monitor: Slug
    metric: str
    change: Measured
    segments: tuple[SegmentEffect, ...]
    rest: Measured
    causes: tuple[CauseBranch, ...] = ()


class OutcomeMeasurement(Measurement):
    """The business outcome now against its baseline; `change` is positive in the wanted sense."""

    kind: Literal["outcome"] = "outcome"
    outcome: Slug
    current: Measured
    baseline: Measured
    change: Measured


class QualityOutcomeLink(Measurement):
    """How quality and the business outcome move together, over periods of one length."""

    kind: Literal["quality_outcome"] = "quality_outcome"
    monitor: Slug
    outcome: Slug
    correlation: Measured
    period_days: int


class FeatureImportance(Value):
    """How much one feature weighs, in the reference and now."""

    name: str
    reference: float
    current: float


class ImportanceMeasurement(Measurement):
    """Whether the model rests on the same features as before, by rank correlation."""

    kind: Literal["importance"] = "importance"
    monitor: Slug
    method: Literal["logged", "permutation"]
    rank_correlation: Measured
    features: tuple[FeatureImportance, ...]


class SkewMeasurement(Measurement):
    """What is served against what was trained on, column by column (S1.11)."""

    kind: Literal["train_serve_skew"] = "train_serve_skew"
    log: Slug
    training_log: Slug
    version: str
    rows_training: int
    rows_serving: int
    columns: tuple[ColumnDrift, ...]


class CaptureMeasurement(Measurement):
    """How much of each capture field is really written down, and how often an outcome joins.

    Each number is a share of the served rows. `oldest_row` is the oldest that a retention query
    found.
    """

    kind: Literal["capture"] = "capture"
    log: Slug
    rows: int
    fields: Mapping[CaptureField, Measured]
    outcome_join: Measured
    oldest_row: AwareDatetime | None = None


class AnsweredQuestion(Value):
    """One of the four questions (S3.26), and whether a query answered it, with the query."""

    question: Literal["went_in", "came_out", "purpose", "got_what_we_wanted"]
    answered: Measured
    query: Text


class Reconstruction(Measurement):
    """Served decisions looked up one by one: which of the four questions a query answers."""

    kind: Literal["reconstruction"] = "reconstruction"
    log: Slug
    sampled: int
    questions: tuple[AnsweredQuestion, ...]


class ModelSeen(Value):
    """A model that answered by its own account, and in how many requests."""

    model: Text
    requests: int


class ProviderIdentity(Measurement):
    """Whether the model behind the curtain is the one that was agreed (S3.25).

    `canary` is the share of canary answers that differ from the pinned ones, `noise_floor` that
    share while nothing had changed. `changed` sums both up.
    """

    kind: Literal["provider_identity"] = "provider_identity"
    dependency: Slug
    pinned: str
    seen: tuple[ModelSeen, ...]
    canary: Measured | None = None
    noise_floor: Measured | None = None
    changed: bool


class RuleMeasurement(Measurement):
    """A business rule on served outputs; `error` says why it could not be evaluated.

    `violations` is the share of the rows that break it, `users_exposed` a count.

    `retro_scan` looks back over everything served, for a rule that an incident taught.
    """

    kind: Literal["rule"] = "rule"
    rule: Slug
    log: Slug
    rows: int
    violations: Measured
    users_exposed: Measured | None = None
    good_passed: int
    bad_failed: int
    retro_scan: bool = False
    error: str | None = None


class GuardrailMeasurement(Measurement):
    """The share of a suite's items that were answered as they must be, by one version."""

    kind: Literal["guardrail"] = "guardrail"
    suite: Slug
    scope: Literal["in_scope", "out_of_scope", "jailbreak"]
    version: str
    items_digest: Digest | None = None
    passed: Measured


class BurnRate(Value):
    """How fast the error budget burns over a window, 1 being as fast as it may."""

    hours: float
    rate: Measured
    limit: float


class ServiceLevelMeasurement(Measurement):
    """An objective over its own window, and what is left of its error budget (a share of it)."""

    kind: Literal["service_level"] = "service_level"
    objective: Slug
    target: float
    good: Measured
    budget_left: Measured
    burn: tuple[BurnRate, ...] = ()
