"""What is logged of a system, what of it is kept, and what its rows must look like."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from ops_model.domain.scalars import (
    AwareTime,
    ByKey,
    Digest,
    Flag,
    RelativePath,
    Route,
    Share,
    Slug,
    Text,
)  # fmt: skip
from ops_model.domain.values import Claim

LogContent = Literal[
    "predictions", "labels", "judged_answers", "training", "requests", "outcomes",
    "attributions", "canaries", "guardrail_results", "feed",
]  # fmt: skip
"""What a log holds. The last six: one row per request with how it went, per outcome, per
prediction with a column of attribution for each feature, per fixed question and day, per item
of a guardrail suite, and whatever a data feed delivered."""


class DataFeed(Claim):
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


class Log(Claim):
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


class LogPolicy(Claim):
    """What is written down of each request, for how long, and what is taken out of it.

    `fields` says in which column of which log each of the four capture fields stands (S3.24), as
    `predictions.request`. `query` is an argument list that looks up one request, run without a
    shell by whoever shows that they can read the logs; it has to print something.
    """

    fields: Annotated[Mapping[CaptureField, Text], ByKey] = {}
    coverage_floor: Share = Decimal("0.99")
    retention_days: Annotated[int, Field(gt=0)]
    redaction: Text
    store_ref: Text | None = None
    query: tuple[str, ...] = ()


class Baseline(Claim):
    """The span that a monitor compares with; `digest` pins its content."""

    id: Slug
    log: Slug
    start: AwareTime
    end: AwareTime
    digest: Digest | None = None
    created_by: Slug | None = None
    approved_by: Slug | None = None


class DataContract(Claim):
    """What the rows of a log must look like: a suite of Great Expectations, day by day.

    `suite` is a JSON file below the workbook, or the name of one of ours in `checks/expectations`.
    """

    id: Slug
    log: Slug
    suite: Text
    owner: Slug
