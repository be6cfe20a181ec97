"""The alerts of an OpenSLO objective, as ours: how fast its budget may burn, and who is told."""

from typing import Any

from pydantic import ValidationError

from ops_model.domain.service_levels import BurnRateAlert
from ops_model.store.openslo_file import OpenedFile, minutes_in
from ops_model.store.openslo_form import AlertPolicy, ConditionSpec, ObjectiveSpec, PolicySpec
from ops_model.store.yaml_nodes import shown

_SEVERITIES = {"page": "page", "critical": "page", "high": "page", "ticket": "ticket",
               "warning": "ticket", "medium": "ticket", "low": "ticket"}  # fmt: skip


def alerts_of(
    policy: AlertPolicy | str, spec: ObjectiveSpec, file: OpenedFile
) -> list[BurnRateAlert]:
    """The alerts of one policy, which is written here or named."""
    found = _policy(policy, spec, file)
    if found is None:
        return []
    if found.alert_when_no_data or found.alert_when_resolved:
        file.note(found.where, "alertWhenNoData and alertWhenResolved are left out")
    route = _route(found, file)
    made = []
    for condition in found.conditions:
        one = _inlined("AlertCondition", condition, condition.condition_ref, file)
        if one is not None and one.spec is not None:
            made += _alert(one.spec, route, file)
    return made


def _policy(policy: AlertPolicy | str, spec: ObjectiveSpec, file: OpenedFile) -> PolicySpec | None:
    if isinstance(policy, str):
        named = file.inline("AlertPolicy", policy, spec.place_of("alertPolicies"))
    else:
        named = _inlined("AlertPolicy", policy, policy.alert_policy_ref, file)
    found = named.spec if named is not None else None
    return found if isinstance(found, PolicySpec) else None


def _route(policy: PolicySpec, file: OpenedFile) -> str | None:
    """Who is told; OpenSLO may name several, an alert of ours has one route."""
    told = [
        _inlined("AlertNotificationTarget", one, one.target_ref, file)
        for one in policy.notification_targets
    ]
    routes = [one.spec.target for one in told if one is not None and one.spec is not None]
    if len(routes) > 1:
        got = f"tells {len(routes)} targets; expected one"
        file.wrong(policy.where, got, "join them in one target, as `page: a; mail: b`")
    return str(routes[0]) if routes else None


def _inlined(kind: str, form: Any, name: str | None, file: OpenedFile) -> Any:  # noqa: ANN401 - of the form of the kind
    return file.inline(kind, name, form.where) if name is not None else form


def _alert(spec: ConditionSpec, route: str | None, file: OpenedFile) -> list[BurnRateAlert]:
    burn = spec.condition
    severity = _SEVERITIES.get(spec.severity.lower())
    if severity is None:
        got = f"severity is {shown(spec.severity)}; expected page or ticket"
        file.wrong(spec.place_of("severity"), got, "write one of the two")
    if burn.op not in {"gt", "gte"}:
        got = f"op is {burn.op}; expected gte: a budget that burns slowly is no alarm"
        file.wrong(burn.place_of("op"), got, "write gte")
    lookback = minutes_in(burn.lookback_window, burn.place_of("lookbackWindow"), file)
    after = minutes_in(burn.alert_after or "0m", burn.place_of("alertAfter"), file)
    if severity is None or not lookback or after is None:
        return []
    values = {
        "burn_rate": float(burn.threshold), "lookback_hours": lookback / 60,
        "alert_after_minutes": after, "severity": severity, "alert_route": route,
    }  # fmt: skip
    try:
        return [BurnRateAlert.model_validate(values)]
    except ValidationError as error:
        for one in error.errors(include_url=False):
            got = f"{'.'.join(map(str, one['loc']))}: {one['msg']}"
            file.wrong(spec.where, got, "correct it in the file")
        return []
