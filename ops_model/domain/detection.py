"""What was measured of quality and drift: whether the model is as good as it was, and why not.

What was measured of the logs themselves, of rules and of the provider is in `detection_served`.
"""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from ops_model.domain.evidence import Measured, Measurement
from ops_model.domain.scalars import Digest, Slug, Text
from ops_model.domain.signals_watched import Signal
from ops_model.domain.values import Value


class ColumnDrift(Value):
    """How far one column moved between the reference and the current window.

    `w1_sd` is the Wasserstein distance in standard deviations of the reference, `js` the
    Jensen-Shannon distance (base 2, 0 to 1), `tv` total variation (categories), `null_change`
    the difference of the null shares, `unseen_share` the share of rows in values the reference
    never held. `limit` is the effect that the drift rule compares with; `before` is the effect of
    the window before this one, since only two in a row count. `psi_by_chance` is the PSI to expect
    of as many rows when nothing moved. `hidden` is true of what lies far by any measure and counts
    for nothing only since the reference's own blocks lie as far apart.
    """

    name: str
    kind: Literal["numeric", "categorical"]
    w1_sd: float | None = None
    js: float | None = None
    psi: float | None = None
    psi_by_chance: float | None = None
    ks: float | None = None
    tv: float | None = None
    null_change: float = 0.0
    unseen_share: float = 0.0
    effect: Measured
    before: Measured | None = None
    limit: float
    drifted: bool
    hidden: bool = False
    reason: str


class DriftMeasurement(Measurement):
    """Drift of inputs or of the score, column by column, between two windows.

    A column drifted when its effect lies above its floor and farther than the reference's own
    blocks lie apart, times `factor`, in this window and in the one before. `spec` is the digest of
    the cells that were counted; `provisional_days` of the window may still get rows.
    """

    kind: Literal["drift"] = "drift"
    monitor: Slug
    signal: Signal
    reference_start: AwareDatetime
    reference_end: AwareDatetime
    rows_reference: int
    rows_current: int
    calibrated: bool
    blocks: int
    factor: float = 1.0
    spec: Digest | None = None
    provisional_days: int = 0
    columns: tuple[ColumnDrift, ...]

    @property
    def drifted(self) -> tuple[ColumnDrift, ...]:
        """The columns that moved, farthest first."""
        moved = [c for c in self.columns if c.drifted]
        return tuple(sorted(moved, key=lambda c: -(c.effect.value or 0.0)))


class QualityDay(Value):
    """Quality of one day; `provisional` while late labels may still change it.

    `low_limit` and `high_limit` are those of a control chart: where a day of the baseline with as
    many rows lies, but for three in a thousand.
    """

    day: date
    quality: Measured
    provisional: bool = False
    low_limit: float | None = None
    high_limit: float | None = None

    @property
    def beyond(self) -> bool:
        """True when the day lies outside of its control limits."""
        value, low, high = self.quality.value, self.low_limit, self.high_limit
        if value is None or low is None or high is None:
            return False
        return not low <= value <= high


class SegmentQuality(Value):
    """Quality of one segment in the current window and in the baseline.

    `floor` is that of a critical segment, by the claim; None of any other.
    """

    column: str
    value: str
    quality: Measured
    baseline: Measured
    floor: float | None = None


class RowsApart(Value):
    """Rows that were counted apart, since they say nothing of quality or might say it twice.

    `labels_early` are labels from before the row that they judge, which judge nothing;
    `labels_repeated` are labels of a row beyond its last one, which counts; `served_repeated` are
    served rows beyond the first of one key, each of which counts; `not_numbers` are scores that
    are no finite number.
    """

    labels_early: int = 0
    labels_repeated: int = 0
    served_repeated: int = 0
    not_numbers: int = 0


MOST_REPEATED = 0.05
"""The share of rows that may repeat the key of another; beyond it a log was written twice."""


def written_twice(days: Sequence[QualityDay], apart: RowsApart) -> bool:
    """True where so many rows repeat the key of another that every interval is too narrow."""
    labelled = sum(day.quality.n or 0 for day in days)
    return bool(labelled) and apart.served_repeated > MOST_REPEATED * labelled


class QualityMeasurement(Measurement):
    """Daily quality with delayed labels, and how small a drop would be seen.

    `min_detectable_drop` is the drop of the windowed share that a one-sided test at 5 % would
    find with 80 % power, at the rows that a window holds. `alarm_at` is the first day on which
    the calibrated CUSUM crossed its limit, `onset_estimate` the day it began to climb.
    `segments_left_out` counts the segments that hold too few rows to say anything about them.
    `days_to_see` is how many days of labels the alarm takes to see a fall of `drop` (the median,
    between the 10th and the 90th percentile), and `exposed_since_onset` how many decisions were
    served since the fall began. `change` and the alarm are in the wanted sense: below 0 is worse,
    also where `better` is lower. `apart` are rows that were counted apart.
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
    drop: float | None = None
    better: Literal["higher", "lower"] = "higher"
    days_to_see: Measured | None = None
    exposed_since_onset: Measured | None = None
    apart: RowsApart = RowsApart()


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


class ColumnRest(Value):
    """What one segment column leaves of a change: what its values of too few rows add to it."""

    column: str
    rest: Measured


class ChangeDecomposition(Measurement):
    """A change of quality, split over segments into mix and quality; `rest` is what is left.

    Each column splits the whole change by itself: its segments and its own of `rests` add up to
    it. `rest` is that of the column which leaves least. As in a quality record, below 0 is worse.
    """

    kind: Literal["change_decomposition"] = "change_decomposition"
    monitor: Slug
    metric: str
    change: Measured
    segments: tuple[SegmentEffect, ...]
    rest: Measured
    rests: tuple[ColumnRest, ...] = ()
    causes: tuple[CauseBranch, ...] = ()


class OutcomeMeasurement(Measurement):
    """The business outcome now against its baseline; `change` is positive in the wanted sense.

    Only days count whose outcome is known. `target` is that of the claim; `apart` tells rows whose
    value is no finite number. `known_share` is the share of rows of the window with an outcome,
    `known_share_before` that of the baseline's: what is not written down may be what went wrong.
    """

    kind: Literal["outcome"] = "outcome"
    outcome: Slug
    current: Measured
    baseline: Measured
    change: Measured
    target: float | None = None
    direction: Literal["up", "down"] = "up"
    apart: RowsApart = RowsApart()
    known_share: float | None = None
    known_share_before: float | None = None


class LinkPeriod(Value):
    """One period of a link: what quality and the outcome were in it."""

    start: date
    quality: float
    outcome: float


class QualityOutcomeLink(Measurement):
    """How quality and the business outcome move together, over periods of one length.

    Neighbouring periods resemble one another, so `correlation` rests on as many independent ones
    as `effective_periods`. `periods_left_out` had too few rows of either.
    """

    kind: Literal["quality_outcome"] = "quality_outcome"
    monitor: Slug
    outcome: Slug
    correlation: Measured
    period_days: int
    direction: Literal["up", "down"] = "up"
    effective_periods: float | None = None
    periods_left_out: int = 0
    periods: tuple[LinkPeriod, ...] = ()


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
