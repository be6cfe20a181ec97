"""Objectives as OpenSLO v1, written and read; what the one cannot say of the other is told.

A file may hold several documents. Each goes through the reader of claims, so that no tag, anchor
or deep nesting does anything, and everything that is wrong is told at once with its line.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ops_model.domain.service_levels import Objective
from ops_model.domain.values import Claim, Located, Where
from ops_model.errors import Problem, WorkbookError
from ops_model.store.claim_file import build
from ops_model.store.openslo_alerts import alerts_of
from ops_model.store.openslo_durations import period_of
from ops_model.store.openslo_file import OpenedFile, minutes_in
from ops_model.store.openslo_form import (
    API,
    INDICATOR,
    OURS,
    THRESHOLD,
    AlertCondition,
    AlertPolicy,
    Indicator,
    Metric,
    Notification,
    ObjectiveForm,
    ObjectiveSpec,
    OursMeasuredBy,
    RatioMetric,
    Target,
)
from ops_model.store.yaml_nodes import read_tree, shown

_READ: Mapping[str, type[Claim]] = {
    "SLO": ObjectiveForm, "SLI": Indicator, "AlertPolicy": AlertPolicy,
    "AlertCondition": AlertCondition, "AlertNotificationTarget": Notification,
}  # fmt: skip
_PASSED_OVER = frozenset({"Service", "DataSource"})
_BUDGETING = {"Occurrences": "occurrences", "Timeslices": "timeslices",
              "RatioTimeslices": "ratio_timeslices"}  # fmt: skip


@dataclass(frozen=True)
class ReadObjectives:
    """The objectives of a file, and what of it we have no place for."""

    objectives: tuple[Objective, ...]
    left_out: tuple[Problem, ...]


def read_openslo(text: str, path: str, *, zone: str) -> ReadObjectives:
    """The objectives that the documents of a file say.

    Args:
        text: the file's text.
        path: how the file is called in a message.
        zone: the workbook's zone, in which windows of the calendar begin.

    Raises:
        WorkbookError: with everything that is no OpenSLO v1, or that no objective of ours can say.
    """
    file = OpenedFile(zone)
    forms: list[ObjectiveForm] = []
    for document in _documents(text):
        forms += _form(document, path, file)
    if not forms and not file.problems:
        file.wrong(Where(path=path, line=1), "holds no document of kind SLO", "export one first")
    found = [objective for form in forms for objective in _objective(form, file)]
    if file.problems:
        raise WorkbookError(problems=file.problems)
    return ReadObjectives(tuple(found), tuple(file.notes))


def _documents(text: str) -> Iterator[str]:
    """Each document on the lines on which it stands in the file."""
    start = 0
    lines = text.split("\n")
    marks = [n for n, line in enumerate(lines) if re.match(r"(---|\.\.\.)(\s|$)", line)]
    for mark in [*marks, len(lines)]:
        chunk = lines[start:mark]
        if any(line.strip() and not line.lstrip().startswith("#") for line in chunk):
            yield "\n" * start + "\n".join(chunk)
        start = mark + 1


def _form(text: str, path: str, file: OpenedFile) -> list[ObjectiveForm]:
    tree, problems, _ = read_tree(text, path)
    file.problems += problems
    if not isinstance(tree, Located):
        return []
    kind, version = tree.get("kind"), tree.get("apiVersion")
    places = tree.places
    if version != API:
        file.wrong(
            places.get("apiVersion", tree.where),
            f"apiVersion is {shown(version)}; expected {API}",
            "convert the file to OpenSLO v1",
        )  # fmt: skip
        return []
    if kind in _PASSED_OVER:
        file.note(tree.where, f"a document of kind {kind} is passed over")
        return []
    form = _READ.get(kind) if isinstance(kind, str) else None
    if form is None:
        expected = ", ".join([*_READ, *sorted(_PASSED_OVER)])
        file.wrong(
            places.get("kind", tree.where), f"kind is {shown(kind)}; expected one of {expected}",
            "take the document out",
        )  # fmt: skip
        return []
    value, refused = build(tree, form)
    file.problems += refused
    if isinstance(value, ObjectiveForm):
        return [value]
    metadata = getattr(value, "metadata", None)
    if metadata is not None:
        file.documents[str(kind), metadata.name] = value
    return []


def _objective(form: ObjectiveForm, file: OpenedFile) -> list[Objective]:
    before = len(file.problems)
    spec, annotations = form.spec, form.metadata.annotations
    for key, said in (("displayName", form.metadata.display_name),
                      ("labels", form.metadata.labels)):  # fmt: skip
        if said:
            file.note(form.metadata.place_of(key), f"{key} of {form.metadata.name} is left out")
    if spec.description:
        file.note(spec.place_of("description"), f"description of {form.metadata.name} is left out")
    values = {
        "id": form.metadata.name,
        "indicator": annotations.get(INDICATOR),
        "threshold_ms": annotations.get(THRESHOLD),
        "budgeting": _BUDGETING[spec.budgeting_method],
        **_target(spec, file),
        **_window(spec, file),
        **_measured_by(form, file),
        "alerts": tuple(
            alert for policy in spec.alert_policies for alert in alerts_of(policy, spec, file)
        ),
    }  # fmt: skip
    if values["indicator"] is None:
        file.wrong(
            form.metadata.where, f"nothing says what objective {form.metadata.name} is about",
            f"write `annotations: {{{INDICATOR}: latency}}`, or availability, errors, quality or "
            "freshness",
        )  # fmt: skip
    if len(file.problems) > before:
        return []
    try:
        return [Objective.model_validate({k: v for k, v in values.items() if v is not None})]
    except ValidationError as error:
        for one in error.errors(include_url=False):
            place = ".".join(map(str, one["loc"])) or form.metadata.name
            file.wrong(form.where, f"{place}: {one['msg']}", "correct it in the file")
        return []


def _target(spec: ObjectiveSpec, file: OpenedFile) -> dict[str, Any]:
    if len(spec.objectives) != 1:
        file.wrong(
            spec.place_of("objectives"),
            f"objectives has {len(spec.objectives)} items; expected one",
            "write an SLO for each",
        )
        return {}
    target = spec.objectives[0]
    if (target.target is None) == (target.target_percent is None):
        file.wrong(target.where, "expected either target or targetPercent", "write one of the two")
        return {}
    if target.op is not None or target.value is not None:
        file.wrong(
            target.where, "op and value belong to a threshold metric, which is not read",
            "write the share of good events as a ratioMetric",
        )  # fmt: skip
    if target.display_name:
        file.note(target.place_of("displayName"), "displayName of an objective is left out")
    percent = target.target_percent
    return {
        "target": target.target if percent is None else percent / 100,
        **_slices(target, spec, file),
    }


def _slices(target: Target, spec: ObjectiveSpec, file: OpenedFile) -> dict[str, Any]:
    """The slices of time; of occurrences there are none."""
    minutes = minutes_in(target.time_slice_window, target.place_of("timeSliceWindow"), file)
    if spec.budgeting_method == "Timeslices" and target.time_slice_window is None:
        file.wrong(target.where, "Timeslices without timeSliceWindow", "write its length, as 5m")
    return {"slice_minutes": minutes, "slice_target": target.time_slice_target}


def _window(spec: ObjectiveSpec, file: OpenedFile) -> dict[str, Any]:
    if len(spec.time_window) != 1:
        file.wrong(spec.place_of("timeWindow"), "expected one time window", "write one")
        return {}
    window = spec.time_window[0]
    where = window.place_of("duration")
    if window.is_rolling:
        minutes = minutes_in(window.duration, where, file)
        days, rest = divmod(minutes or 0, 24 * 60)
        if minutes is not None and (rest or not days):
            file.wrong(where, f"rolls over {window.duration}; expected whole days", "write days")
        return {"window_days": days}
    period, calendar = period_of(window.duration), window.calendar
    if period is None:
        got = f"{shown(window.duration)} is no period; expected 1w, 1M, 1Q or 1Y"
        file.wrong(where, got, "write one of them, or let the window roll over whole days")
    if calendar is None or calendar.time_zone != file.zone:
        got = "no calendar" if calendar is None else f"the zone {shown(calendar.time_zone)}"
        file.wrong(
            window.where, f"the window has {got}; expected the zone of the workbook, {file.zone}",
            "write that zone, since a window of ours begins at its midnight",
        )  # fmt: skip
    elif not re.fullmatch(r"2024-01-01([ T]00:00(:00)?)?", calendar.start_time):
        file.note(
            calendar.place_of("startTime"),
            "startTime is left out: ours begins on the first day of the period, a week on Monday",
        )
    return {"calendar": period}


def _measured_by(form: ObjectiveForm, file: OpenedFile) -> dict[str, Any]:
    spec = form.spec
    indicator = spec.indicator
    if indicator is None:
        indicator = file.inline("SLI", spec.indicator_ref, spec.place_of("indicatorRef"))
    if indicator is None:
        return {}
    ratio = indicator.spec.ratio_metric
    if ratio is None or ratio.good is None or ratio.total is None:
        file.note(indicator.where, f"what {form.metadata.name} is measured by is no share of good "
                  "among all events: write `log` and `good`")  # fmt: skip
        return {}
    return _of_ratio(ratio, file)


def _of_ratio(ratio: RatioMetric, file: OpenedFile) -> dict[str, Any]:
    good, total = (_ours(metric, file) for metric in (ratio.good, ratio.total))
    if good is None or total is None:
        return {}
    if (good.log, good.monitor, good.feed) != (total.log, total.monitor, total.feed):
        file.wrong(ratio.where, "good and total name two sources", "name one for both")
    return {
        "log": good.log, "good": good.condition, "valid": total.condition,
        "monitor": good.monitor, "feed": good.feed,
    }  # fmt: skip


def _ours(metric: Metric | None, file: OpenedFile) -> OursMeasuredBy | None:
    """The source of a metric where it is one of this workbook; another is said."""
    if metric is None:
        return None
    source = metric.metric_source
    if source.type != OURS:
        file.note(source.where, f"a metric source of type {shown(source.type)} is left out: write "
                  "`log`, `good` and `valid` over a log of signals.yaml")  # fmt: skip
        return None
    written = source.spec
    if not isinstance(written, Located):
        return OursMeasuredBy.model_validate(dict(written))
    value, refused = build(written, OursMeasuredBy)
    file.problems += refused
    return value
