"""What the objects answer about quality: what would ring, and what of a fall is known."""

from ops_model.domain.bounds import at_least, bounds, counts_enough
from ops_model.domain.detection import ChangeDecomposition, QualityMeasurement, SegmentQuality
from ops_model.domain.evidence import Measured
from ops_model.domain.resolve import answered, gap, in_date, no_file
from ops_model.domain.resolving import Answer
from ops_model.domain.signals_watched import CriticalSegment, Monitor
from ops_model.domain.values import Where
from ops_model.domain.walk_scene import Scene
from ops_model.domain.wording import said, sized

_GREEN = ("uptime", "latency", "errors")
"""Signals that stay green while a model answers nonsense."""
_ROUNDING = 1e-9
_BRANCHES = {"data_source": "the data", "provider": "the provider", "prompt": "the prompt"}


def more_than_uptime(scene: Scene) -> Answer:
    """Whether anything but uptime would have rung."""
    if scene.system.signals is None:
        return no_file(scene, "signals", "QLT-01")
    watched = scene.signals.of("output_quality")
    ringing = [m for m in watched if m.automated and m.alert_route]
    green = [m.id for m in scene.signals.monitors if m.signal in _GREEN]
    alone = f"{', '.join(green)} would stay green" if green else "nothing else is watched"
    if ringing:
        told = "; ".join(f"{m.id} alerts “{m.alert_route}”" for m in ringing)
        return answered(f"{told}; {alone}", *(m.where for m in ringing))
    why = "no monitor watches the output" if not watched else (
        f"{', '.join(m.id for m in watched)} is looked at by hand or alerts nobody"
    )  # fmt: skip
    return gap(f"{why}, and {alone}", "QLT-01", scene.signals.place_of("monitors"))


def seen_at_this_n(scene: Scene) -> Answer:
    """How small a fall the monitor sees with the rows that it has."""
    found = _measured(scene, "QLT-03")
    if isinstance(found, Answer):
        return found
    monitor, quality, place = found
    drop, matters = quality.min_detectable_drop, monitor.tolerable_drop
    rows = f"with {quality.rows_per_window:,.0f} rows in a window"
    if drop.value is None:
        return gap(f"{monitor.id} cannot tell any fall {rows}", "QLT-03", monitor.where, place)
    sees = f"{monitor.id} sees a fall of {sized(drop.value, drop.unit)} {rows}"
    if matters is None:
        return gap(f"{sees}; which one matters is not written (tolerable_drop)", "QLT-03",
                   monitor.where, place)  # fmt: skip
    owed = f"{sees}, and one of {sized(float(matters), drop.unit)} matters"
    blind = drop.value > float(matters)
    return gap(owed, "QLT-03" if blind else "", monitor.where, place)


def since_when(scene: Scene) -> Answer:
    """Since when quality falls, by the last measurement, or how long it held."""
    found = _measured(scene, "QLT-07")
    if isinstance(found, Answer):
        return found
    monitor, quality, place = found
    now = f"{quality.metric} {said(quality.current)} against {said(quality.baseline)}"
    if quality.alarm_at is not None:
        since = quality.onset_estimate or "an unknown day"
        return gap(f"since {since}, alarm on {quality.alarm_at}, and it still stands: {now}",
                   "QLT-07", monitor.where, place)  # fmt: skip
    return answered(f"it held until {quality.as_of.date()}, when it was last measured: {now}",
                    monitor.where, place)  # fmt: skip


def which_segments(scene: Scene) -> Answer:
    """By which cases a fall is taken apart, and what the last decomposition said."""
    monitor = _watching(scene)
    if isinstance(monitor, str):
        return gap(monitor, "QLT-05", scene.place("signals"))
    by = f"{monitor.id} splits a fall by {', '.join(monitor.segments) or 'nothing'}"
    split = _taken_apart(scene, monitor, by)
    if isinstance(split, Answer):
        return split
    parts, place = split
    most = sorted(parts.segments, key=lambda s: (s.quality.value or 0) + (s.mix.value or 0))[:3]
    lines = tuple(
        f"{s.column} {s.value}: its own quality {_by(s.quality)}, more or fewer {_by(s.mix)}"
        for s in most
    )
    return answered(f"{by}; last taken apart on {parts.as_of.date()}", monitor.where, place,
                    details=lines)  # fmt: skip


def _by(change: Measured) -> str:
    return "not known" if change.value is None else sized(change.value, change.unit)


def _taken_apart(
    scene: Scene, monitor: Monitor, by: str
) -> tuple[ChangeDecomposition, Where] | Answer:
    """What the fall on record was split into, or what is said where it was not.

    A fall that stands and was never taken apart is a gap; where none stands, nothing is due.
    """
    found = scene.latest(QualityMeasurement, lambda q: q.monitor == monitor.id)
    if found is None:
        return gap(f"{monitor.id} has never measured anything", "QLT-05", monitor.where)
    quality, place = found
    split = in_date(
        scene, ChangeDecomposition, "QLT-05", claim=monitor.where,
        missing=f"{by}; the {_fall(quality)} was never taken apart",
        matching=lambda d: d.monitor == monitor.id,
    )  # fmt: skip
    if not _fell(quality):
        return _none_due(monitor, split, by, place)
    if isinstance(split, Answer):
        return split
    other = _of_another_fall(quality, split[0])
    return gap(f"{by}; {other}", "QLT-05", monitor.where, split[1]) if other else split


def _none_due(
    monitor: Monitor, split: tuple[ChangeDecomposition, Where] | Answer, by: str, place: Where
) -> tuple[ChangeDecomposition, Where] | Answer:
    """What is said while nothing fell: the last decomposition in date, if there is one."""
    if not isinstance(split, Answer):
        return split
    if not monitor.segments:
        return gap(f"{monitor.id} names no segments by which a fall could be taken apart",
                   "QLT-05", monitor.where)  # fmt: skip
    return answered(f"{by}; no alarm stands, so none was due", monitor.where, place)


def _fell(quality: QualityMeasurement) -> bool:
    """True when the alarm stands, or all of the change's interval lies below 0."""
    between = bounds(quality.change)
    return quality.alarm_at is not None or (between is not None and between[1] < 0)


def _fall(quality: QualityMeasurement) -> str:
    if quality.alarm_at is not None:
        return f"alarm of {quality.alarm_at}"
    return f"fall that was measured on {quality.as_of.date()}"


def _of_another_fall(quality: QualityMeasurement, parts: ChangeDecomposition) -> str:
    """Why what was taken apart is another fall than the one on record; empty when it is that."""
    on, whole, between = parts.as_of.date(), parts.change.value, bounds(quality.change)
    if quality.alarm_at is not None and on < quality.alarm_at:
        return f"what was taken apart on {on} is no part of the {_fall(quality)}"
    if whole is None or whole >= 0:
        return ""
    if between is None or not between[0] - _ROUNDING <= whole <= between[1] + _ROUNDING:
        return f"what was taken apart on {on} is another change than the {_fall(quality)}"
    return ""


def which_cause(scene: Scene) -> Answer:
    """Which of the three causes changed: data, provider or prompt (S3.8)."""
    monitor = _watching(scene)
    if isinstance(monitor, str):
        return gap(monitor, "QLT-05", scene.place("signals"))
    split = _taken_apart(scene, monitor, "none of the three is ruled out yet")
    if isinstance(split, Answer):
        return split
    parts, place = split
    words = {True: "changed", False: "did not change", None: "is not known"}
    causes = [f"{_BRANCHES[c.branch]} {words[c.changed]}: {c.why}" for c in parts.causes]
    text = "; ".join(causes) or "none of the three was looked at"
    return answered(f"by the record of {parts.as_of.date()}: {text}", place)


def segment_floors(scene: Scene) -> Answer:
    """Which cases have a floor of their own."""
    if scene.system.signals is None:
        return no_file(scene, "signals", "QLT-04")
    segments = scene.signals.critical_segments
    if not segments:
        return gap("no case has a floor of its own, and the headline hides the worst", "QLT-04",
                   scene.signals.place_of("critical_segments"))  # fmt: skip
    known = {m.id for m in scene.signals.of("output_quality")}
    lost = [s.id for s in segments if s.monitor not in known]
    floors = "; ".join(f"{s.column} {s.value}: {s.floor}" for s in segments)
    unwatched = f"; no monitor of output quality watches {', '.join(lost)}" if lost else ""
    return gap(f"{floors}{unwatched}", "QLT-04" if lost else "", *(s.where for s in segments))


def segment_counts(scene: Scene) -> Answer:
    """What each of these cases got, on how many rows, against its floor."""
    segments = scene.signals.critical_segments
    if not segments:
        return gap("nothing is counted apart from the headline", "QLT-04", scene.place("signals"))
    told = [_counted(scene, segment) for segment in segments]
    check = "QLT-04" if any(not ok for _, ok, _ in told) else ""
    places = [place for _, _, place in told if place is not None]
    return gap("; ".join(text for text, _, _ in told), check,
               *(s.where for s in segments), *dict.fromkeys(places))  # fmt: skip


def _counted(scene: Scene, segment: CriticalSegment) -> tuple[str, bool, Where | None]:
    name = f"{segment.column} {segment.value}"
    found = in_date(
        scene, QualityMeasurement, "QLT-04", claim=segment.where,
        missing=f"{segment.monitor} has never measured anything",
        matching=lambda q: q.monitor == segment.monitor,
    )  # fmt: skip
    if isinstance(found, Answer):
        return f"{name}: {found.text}", False, None
    quality, place = found
    own = (s for s in quality.segments if (s.column, s.value) == (segment.column, segment.value))
    measured: SegmentQuality | None = next(own, None)
    if measured is None:
        return f"{name}: not counted, or too few", False, place
    holds = at_least(measured.quality, float(segment.floor))
    enough = counts_enough(measured.quality, segment.min_n)
    text = f"{name}: {said(measured.quality)}, floor {segment.floor}"
    return text, bool(holds) and enough, place


def _watching(scene: Scene) -> Monitor | str:
    """The monitor of quality that runs by itself, or that there is none."""
    automated = [m for m in scene.signals.of("output_quality") if m.automated]
    return automated[0] if automated else "no monitor of output quality runs by itself"


def _measured(scene: Scene, check: str) -> tuple[Monitor, QualityMeasurement, Where] | Answer:
    """What the monitor of quality measured last, in date, or the gap."""
    monitor = _watching(scene)
    if isinstance(monitor, str):
        return gap(f"{monitor}, so nothing tells", check, scene.place("signals"))
    found = in_date(
        scene, QualityMeasurement, check, claim=monitor.where,
        missing=f"{monitor.id} has never measured anything",
        matching=lambda q: q.monitor == monitor.id,
    )  # fmt: skip
    return found if isinstance(found, Answer) else (monitor, *found)
