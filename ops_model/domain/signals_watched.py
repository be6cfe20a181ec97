"""What is watched of a system, against what, and what to do when it moves."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from ops_model.domain.decisions import Action
from ops_model.domain.scalars import (
    Digest,
    Flag,
    RelativePath,
    Route,
    Score,
    ScoreSize,
    Share,
    Slug,
    Text,
)  # fmt: skip
from ops_model.domain.values import Claim

Signal = Literal[
    "input_distribution", "confidence", "importance", "output_quality", "outcome", "latency",
    "errors", "uptime", "cost", "freshness", "provider_identity", "rule_violation",
]  # fmt: skip
LEADING: frozenset[Signal] = frozenset({"input_distribution", "confidence", "importance"})
"""Signals that say how the model is going to perform; the others say how it performed."""
WINDOWED: frozenset[Signal] = LEADING | {"output_quality", "outcome"}
"""Signals that are told from chance by many rows only, so that a window has to fill first."""
_CADENCE_HOURS = {"hourly": 1, "daily": 24, "weekly": 7 * 24, "monthly": 31 * 24}


MEAN = "mean"
"""The metric that is the mean of a score; of any other, each row is right or wrong."""


def _no_share(metric: str) -> str:
    return f"expected a share from 0 to 1, since {metric} is one"


class DeclaredModel(Claim):
    """A model file that may be loaded, to ask it what it leans on; no other is ever loaded.

    `loader` is `package.module:function` of an installed package. It is given the path of the
    file, whose bytes were compared with `digest` before, and returns an object whose `predict`
    takes a frame of the monitor's columns and returns one number, or one class, per row.
    """

    file: RelativePath
    digest: Digest
    loader: Text


class Monitor(Claim):
    """One watched signal.

    `tolerable_drop` is in the unit of what is measured: a part of one of a share, 2 of a mean of
    minutes where two minutes matter.

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
    tolerable_drop: ScoreSize | None = None
    detect_within_hours: Annotated[int, Field(gt=0)] | None = None
    cadence: Literal["hourly", "daily", "weekly", "monthly"] = "daily"
    automated: Flag
    alert_route: Route | None = None
    playbook: Slug | None = None

    @field_validator("tolerable_drop")
    @classmethod
    def _in_the_unit_of_its_score(
        cls, value: Decimal | None, info: ValidationInfo
    ) -> Decimal | None:
        # A metric that was refused itself says enough; nothing is known of the unit then.
        if value is not None and info.data.get("metric", MEAN) != MEAN and value > 1:
            raise ValueError(_no_share(str(info.data["metric"])))
        return value

    @property
    def unit(self) -> Literal["share", "score"]:
        """The unit of what it measures of quality: a share, unless it is the mean of a score."""
        return "score" if self.metric == MEAN else "share"

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


class Playbook(Claim):
    """What to do in the first quarter of an hour, which decisions that may take, when to stop."""

    id: Slug
    first_15_minutes: tuple[Text, ...]
    who: Slug
    decisions: tuple[Action, ...] = ()
    stop_when: tuple[Text, ...] = ()


class CriticalSegment(Claim):
    """Cases that matter most, with a floor of their own; a headline hides them (S2.9).

    `floor` is in the unit of what its monitor measures.
    """

    id: Slug
    column: Text
    value: Text
    why: Text
    monitor: Slug
    floor: Score
    min_n: Annotated[int, Field(gt=0)] = 100

    def refuse_unlike(self, monitor: Monitor) -> None:
        """Refuse a floor that is no value of what the monitor measures, such as 70 of a share.

        Raises:
            ValidationError: it is none.
        """
        if monitor.unit == "share" and not 0 <= self.floor <= 1:
            wrong = PydanticCustomError(
                "value_error", "{said}", {"said": _no_share(monitor.metric)}
            )
            where = InitErrorDetails(type=wrong, loc=("floor",), input=self.floor)
            raise ValidationError.from_exception_data(type(self).__name__, [where])


class CanarySet(Claim):
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


class GuardrailSuite(Claim):
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
