"""The objectives of a system as OpenSLO v1 documents, one for each."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from ops_model.domain.service_levels import BurnRateAlert, Objective
from ops_model.errors import WorkbookError
from ops_model.store.openslo_durations import PERIODS, told_hours, told_minutes
from ops_model.store.openslo_form import API, INDICATOR, OURS, THRESHOLD
from ops_model.store.yaml_text import scalar

Node = Mapping[str, "Node"] | Sequence["Node"] | str | bool | Decimal
_BUDGETING = {"occurrences": "Occurrences", "timeslices": "Timeslices",
              "ratio_timeslices": "RatioTimeslices"}  # fmt: skip
_START = "2024-01-01 00:00:00"
"""The first day of a week, a month, a quarter and a year."""
_SLICE_MINUTES = 5


def write_openslo(objectives: Sequence[Objective], *, service: str, zone: str) -> str:
    """One YAML document for each objective, with its indicator and its alerts inside.

    Slices of time are written out with what stands for them where nothing is said.

    Args:
        objectives: of `service_levels.yaml`.
        service: the system's id.
        zone: the workbook's zone, in which windows of the calendar begin.

    Raises:
        WorkbookError: an alert looks back over no whole minutes, which OpenSLO cannot say.
    """
    documents = [_document(objective, service, zone) for objective in objectives]
    return "---\n".join("".join(f"{line}\n" for line in _lines(one, 0)) for one in documents)


def _document(objective: Objective, service: str, zone: str) -> Node:
    annotations: dict[str, Node] = {INDICATOR: objective.indicator}
    if objective.threshold_ms is not None:
        annotations[THRESHOLD] = str(objective.threshold_ms)
    spec: dict[str, Node] = {
        "service": service,
        "indicator": {"metadata": {"name": objective.id}, "spec": {"ratioMetric": {
            "counter": True,
            "good": _source(objective, objective.good),
            "total": _source(objective, objective.valid),
        }}},
        "timeWindow": [_window(objective, zone)],
        "budgetingMethod": _BUDGETING[objective.budgeting],
        "objectives": [{"target": objective.target, **_slices(objective)}],
    }  # fmt: skip
    if objective.alerts:
        spec["alertPolicies"] = [
            _policy(objective, number, alert)
            for number, alert in enumerate(objective.alerts, start=1)
        ]
    metadata: dict[str, Node] = {"name": objective.id, "annotations": annotations}
    return {"apiVersion": API, "kind": "SLO", "metadata": metadata, "spec": spec}


def _source(objective: Objective, condition: str | None) -> Node:
    said = {"log": objective.log, "monitor": objective.monitor, "feed": objective.feed,
            "condition": condition}  # fmt: skip
    spec: dict[str, Node] = {key: value for key, value in said.items() if value is not None}
    return {"metricSource": {"type": OURS, "spec": spec}}


def _window(objective: Objective, zone: str) -> Node:
    if objective.calendar is None:
        return {"duration": f"{objective.window_days}d", "isRolling": True}
    calendar: dict[str, Node] = {"startTime": _START, "timeZone": zone}
    return {"duration": PERIODS[objective.calendar], "isRolling": False, "calendar": calendar}


def _slices(objective: Objective) -> dict[str, Node]:
    if objective.budgeting == "occurrences":
        return {}
    found: dict[str, Node] = {
        "timeSliceWindow": told_minutes(objective.slice_minutes or _SLICE_MINUTES)
    }
    if objective.slice_target is not None or objective.budgeting == "timeslices":
        share = objective.slice_target
        found["timeSliceTarget"] = objective.target if share is None else share
    return found


def _policy(objective: Objective, number: int, alert: BurnRateAlert) -> Node:
    lookback = told_hours(alert.lookback_hours)
    if lookback is None:
        raise WorkbookError(
            f"an alert of objective {objective.id} looks back {alert.lookback_hours:g} h; "
            "expected whole minutes, since OpenSLO has no smaller ones",
            where=str(alert.where),
            remedy="write lookback_hours as whole minutes, such as 0.25",
        )
    name = f"{objective.id}-{number}"[-63:].strip("-")
    burn: dict[str, Node] = {
        "kind": "burnrate", "op": "gte", "threshold": Decimal(str(alert.burn_rate)),
        "lookbackWindow": lookback, "alertAfter": f"{alert.alert_after_minutes}m",
    }  # fmt: skip
    condition: dict[str, Node] = {
        "kind": "AlertCondition", "metadata": {"name": name},
        "spec": {"severity": alert.severity, "condition": burn},
    }  # fmt: skip
    spec: dict[str, Node] = {"alertWhenBreaching": True, "conditions": [condition]}
    if alert.alert_route is not None:
        spec["notificationTargets"] = [{
            "kind": "AlertNotificationTarget", "metadata": {"name": name},
            "spec": {"target": alert.alert_route},
        }]  # fmt: skip
    return {"kind": "AlertPolicy", "metadata": {"name": name}, "spec": spec}


def _lines(node: Node, depth: int) -> Iterator[str]:
    """A mapping or a list as YAML, two spaces a level."""
    indent = "  " * depth
    if isinstance(node, Mapping):
        for key, value in node.items():
            if _nested(value):
                yield f"{indent}{scalar(key, str)}:"
                yield from _lines(value, depth + 1)
            else:
                yield f"{indent}{scalar(key, str)}: {_scalar(value)}"
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for item in node:
            first, *rest = _lines(item, 0)
            yield f"{indent}- {first}"
            yield from (f"{indent}  {line}" for line in rest)


def _nested(node: Node) -> bool:
    return not isinstance(node, str | bool | Decimal) and bool(node)


def _scalar(node: Node) -> str:
    if isinstance(node, bool):
        return "true" if node else "false"
    if isinstance(node, Decimal):
        return f"{node:f}"
    return scalar(node, str) if isinstance(node, str) else "{}"
