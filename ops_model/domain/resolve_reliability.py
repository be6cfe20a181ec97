"""What the objects answer about load: room with one node gone, what waits, and who is told."""

from ops_model.domain.resolve import answered, gap, no_file, not_asked
from ops_model.domain.resolving import Answer
from ops_model.domain.savings import LoadMeasurement
from ops_model.domain.service_levels import CapacityPlan, ServiceLevelMeasurement
from ops_model.domain.walk_scene import Scene
from ops_model.domain.wording import said


def headroom(scene: Scene) -> Answer:
    """What is left at the busiest time with one node gone."""
    capacity = _capacity(scene, "CAP-01")
    if isinstance(capacity, Answer):
        return capacity
    left = (capacity.nodes - 1) * capacity.requests_per_second_per_node
    peak, seen = capacity.peak_requests_per_second, scene.latest(LoadMeasurement)
    text = f"{capacity.nodes - 1} of {capacity.nodes} nodes carry {left:g} requests per second"
    text += f"; the peak is written as {peak:g}"
    places = [capacity.where]
    came = None
    if seen is not None:
        came = seen[0].peak_per_second.value
        places.append(seen[1])
        text += f", and {said(seen[0].peak_per_second)} came"
    more = scene.system.identity.in_production_at(scene.at) and (came or 0.0) > peak
    short = capacity.one_node_loss_headroom < 0 or more
    return gap(text, "CAP-01" if short else "", *places)


def compute_instead(scene: Scene) -> Answer:
    """What stands in when compute is scarce."""
    capacity = _capacity(scene, "CAP-02")
    if isinstance(capacity, Answer):
        return capacity
    quota = f" ({capacity.quota})" if capacity.quota else ""
    place = capacity.place_of("alternative")
    if capacity.alternative:
        return answered(f"{capacity.alternative.rstrip('.')}{quota}", place)
    if not capacity.scarce:
        return not_asked(f"the compute{quota} is not written down as scarce", place)
    return gap(f"the compute{quota} is scarce, and nothing stands in for it", "CAP-02", place)


def serving_first(scene: Scene) -> Answer:
    """What waits first, and what is left for those who wait for an answer."""
    capacity = _capacity(scene, "CAP-03")
    if isinstance(capacity, Answer):
        return capacity
    if not capacity.batch:
        return not_asked("no work in batches shares the machines, so nothing can wait first",
                         capacity.where)  # fmt: skip
    names = ", ".join(window.name for window in capacity.batch)
    if capacity.priority == "serving_first":
        return answered(f"{names} waits first; serving goes before it",
                        capacity.place_of("priority"))  # fmt: skip
    hour, taken = capacity.busiest_batch()
    left, peak = float(capacity.left_beside_batch()), capacity.peak_requests_per_second
    text = (
        f"nothing waits first; at {hour:02d}:00 UTC {names} takes {taken} of the machines and "
        f"{left:g} requests per second are left, where the peak is {peak:g}"
    )
    return gap(text, "CAP-03" if left < peak else "", capacity.place_of("priority"))


def slow_is_alerted(scene: Scene) -> Answer:
    """From how many milliseconds an answer is slow, for how many, and who is told."""
    levels = scene.system.service_levels
    if levels is None:
        return no_file(scene, "service_levels", "SLO-01")
    slow = [o for o in levels.objectives if o.indicator == "latency"]
    if not slow and not levels.objectives:
        return gap("no objective is written, so nobody says from when on an answer is slow",
                   "SLO-01", levels.where)  # fmt: skip
    if not slow:
        return answered("no objective is about latency, so nobody counts who waits",
                        levels.place_of("objectives"))  # fmt: skip
    lines, faults = [], False
    for o in slow:
        routes = [str(a.alert_route) for a in o.alerts if a.alert_route]
        faults = faults or not routes or o.threshold_ms is None
        rest = float(1 - o.target) * 100
        told = f"“{', '.join(routes)}” is told" if routes else "nobody is told"
        from_ms = f"{o.threshold_ms} ms" if o.threshold_ms is not None else "a time nobody wrote"
        lines.append(f"{o.id}: {rest:g} of 100 may take longer than {from_ms}; {told}")
    return gap("; ".join(lines), "SLO-01" if faults else "", *(o.where for o in slow))


def slow_beside_batch(scene: Scene) -> Answer:
    """How fast answers were while work in batches ran, and while it did not."""
    levels = scene.system.service_levels
    capacity = _capacity(scene, "CAP-03")
    if isinstance(capacity, Answer):
        return capacity
    if not capacity.batch:
        return not_asked("no work in batches shares the machines", capacity.where)
    slow = [o for o in levels.objectives if o.indicator == "latency"] if levels else []
    if not slow:
        return answered("no objective is about latency, so it is not counted", capacity.where)
    told = [_beside(scene, o.id) for o in slow]
    check = next((a.check for a in told if a.check), "")
    places = [*(o.where for o in slow), *(p for a in told for p in a.looked_at)]
    return gap("; ".join(a.text for a in told), check, *dict.fromkeys(places))


def _beside(scene: Scene, objective: str) -> Answer:
    found = scene.latest(ServiceLevelMeasurement, lambda m: m.objective == objective)
    if found is None:
        return gap(f"{objective} was never measured", "SLO-02")
    record, place = found
    if record.in_batch is None or record.outside_batch is None:
        return answered(
            f"{objective}: {said(record.good)} were fast enough on {record.as_of.date()}, the "
            "hours of batches not apart",
            place,
        )
    return answered(f"{objective}: {said(record.in_batch)} beside batches, "
                    f"{said(record.outside_batch)} at other hours", place)  # fmt: skip


def _capacity(scene: Scene, check: str) -> CapacityPlan | Answer:
    """The capacity plan, or what is said where there is none."""
    identity, levels = scene.system.identity, scene.system.service_levels
    if levels is not None and levels.capacity is not None:
        return levels.capacity
    if identity.kind != "predictive":
        return not_asked(f"kind {identity.kind}, and no capacity plan: the model that it calls "
                         "runs on somebody else's nodes", identity.place_of("kind"))  # fmt: skip
    if levels is None:
        return no_file(scene, "service_levels", check)
    return gap("how much the service can carry is not written", check, levels.where)
