"""The documents of OpenSLO v1, as far as an objective of ours can say the same.

Keys are those of the specification (github.com/OpenSLO/OpenSLO, version v1). A key that is not
named here is refused where it stands.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from ops_model.domain.scalars import Flag, Share, Slug, Text
from ops_model.domain.values import Claim

API = "openslo/v1"
OURS = "ops-model"
"""The type of a metric source that names a log, a monitor or a feed of this workbook."""
INDICATOR, THRESHOLD = f"{OURS}/indicator", f"{OURS}/threshold-ms"
Labels = Mapping[str, Any]


class Form(Claim):
    """Base of what a document holds; keys are written in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=False)


class Metadata(Form):
    """How a document is called."""

    name: Slug
    display_name: Text | None = None
    labels: Labels | None = None
    annotations: Mapping[str, Text] = {}


class OursMeasuredBy(Form):
    """What an objective of ours is measured by; `condition` is over columns of `log`."""

    log: Slug | None = None
    condition: Text | None = None
    monitor: Slug | None = None
    feed: Slug | None = None


class MetricSource(Form):
    """Where numbers come from; one that is not ours is said, and not taken over."""

    metric_source_ref: Text | None = None
    type: Text | None = None
    spec: Mapping[str, Any] = {}


class Metric(Form):
    """A number over time."""

    metric_source: MetricSource


class RatioMetric(Form):
    """Good, or bad, events of all."""

    counter: Flag = True
    good: Metric | None = None
    bad: Metric | None = None
    total: Metric | None = None
    raw_type: Literal["success", "failure"] | None = None
    raw: Metric | None = None


class IndicatorSpec(Form):
    """What is measured, as a share or as a number with a threshold."""

    description: Text | None = None
    ratio_metric: RatioMetric | None = None
    threshold_metric: Metric | None = None


class Indicator(Form):
    """An indicator, inline or as a document of its own."""

    api_version: Literal["openslo/v1"] | None = None
    kind: Literal["SLI"] | None = None
    metadata: Metadata | None = None
    spec: IndicatorSpec


class Calendar(Form):
    """Where the windows of a calendar begin."""

    start_time: Text
    time_zone: Text


class TimeWindow(Form):
    """Over which time an objective is held."""

    duration: Text
    is_rolling: Flag
    calendar: Calendar | None = None


class Target(Form):
    """What is to be reached."""

    display_name: Text | None = None
    op: Text | None = None
    value: Decimal | None = None
    target: Share | None = None
    target_percent: Annotated[Decimal, Field(ge=0, le=100)] | None = None
    time_slice_target: Share | None = None
    time_slice_window: Text | None = None


class Burn(Form):
    """How fast a budget burns when an alert is due."""

    kind: Literal["burnrate"]
    op: Literal["gt", "gte", "lt", "lte"]
    threshold: Annotated[Decimal, Field(gt=0)]
    lookback_window: Text
    alert_after: Text | None = None


class ConditionSpec(Form):
    """One condition of an alert, and how bad it is."""

    description: Text | None = None
    severity: Text
    condition: Burn


class AlertCondition(Form):
    """A condition, inline, as a document of its own, or a reference to one."""

    api_version: Literal["openslo/v1"] | None = None
    kind: Literal["AlertCondition"] | None = None
    condition_ref: Text | None = None
    metadata: Metadata | None = None
    spec: ConditionSpec | None = None


class NotificationSpec(Form):
    """Who is told."""

    description: Text | None = None
    target: Text


class Notification(Form):
    """A target of notifications, inline, as a document of its own, or a reference to one."""

    api_version: Literal["openslo/v1"] | None = None
    kind: Literal["AlertNotificationTarget"] | None = None
    target_ref: Text | None = None
    metadata: Metadata | None = None
    spec: NotificationSpec | None = None


class PolicySpec(Form):
    """When an alert is sent, and to whom."""

    description: Text | None = None
    alert_when_no_data: Flag = False
    alert_when_resolved: Flag = False
    alert_when_breaching: Flag = True
    conditions: tuple[AlertCondition, ...]
    notification_targets: tuple[Notification, ...] = ()


class AlertPolicy(Form):
    """A policy of alerts, inline, as a document of its own, or a reference to one."""

    api_version: Literal["openslo/v1"] | None = None
    kind: Literal["AlertPolicy"] | None = None
    alert_policy_ref: Text | None = None
    metadata: Metadata | None = None
    spec: PolicySpec | None = None


class ObjectiveSpec(Form):
    """An objective: what is measured, over which time, and what is to be reached."""

    description: Text | None = None
    service: Text
    indicator: Indicator | None = None
    indicator_ref: Text | None = None
    time_window: tuple[TimeWindow, ...]
    budgeting_method: Literal["Occurrences", "Timeslices", "RatioTimeslices"]
    objectives: tuple[Target, ...]
    alert_policies: tuple[AlertPolicy | Text, ...] = ()


class ObjectiveForm(Form):
    """The document of one objective."""

    api_version: Literal["openslo/v1"]
    kind: Literal["SLO"]
    metadata: Metadata
    spec: ObjectiveSpec
