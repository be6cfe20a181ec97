"""What the service is held to, what was promised, and what it can carry."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    counted,
    failed,
    no_file,
    not_applicable,
    passed,
    unknown,
)
from ops_model.check.remedies import near
from ops_model.domain.evidence import Measured
from ops_model.domain.service_levels import CapacityPlan, Objective, ServiceLevelAgreement
from ops_model.domain.values import Where


@check(
    "SLO-01",
    question="Are there objectives, and is somebody told when a budget burns?",
    area="reliability",
    source=["S4.14"],
    revision=1,
)
def objectives_defined(
    ctx: Context, *, min_target: Annotated[float, Field(ge=0.5, le=1)] = 0.5
) -> Outcome:
    """Without an objective every slow answer is an argument, and without an alert a surprise.

    A service that may be down most of the time has none; of other indicators every aim is one.
    """
    levels = ctx.system.service_levels
    if levels is None:
        return no_file(ctx, "service_levels")
    if not levels.objectives:
        return unknown(
            "missing",
            "service_levels.yaml has no objective",
            looked_at=[levels.where],
            remedy="the reliability owner writes an objective in service_levels.yaml, with a "
            "target below 1 and a window",
        )
    return all_of([_objective(objective, min_target) for objective in levels.objectives])


@check(
    "SLO-03",
    question="Is no more promised to others than the service aims at?",
    area="reliability",
    source=["S4.14"],
    revision=1,
)
def promises_within_objectives(ctx: Context) -> Outcome:
    """Whoever promises 99.9 % and aims at 99 % breaks the promise while all is well."""
    levels = ctx.system.service_levels
    if levels is None:
        return no_file(ctx, "service_levels")
    if not levels.agreements:
        return not_applicable(
            "nothing was promised to anybody", looked_at=[levels.place_of("agreements")]
        )
    objectives = {objective.id: objective for objective in levels.objectives}
    return all_of([_promise(a, objectives) for a in levels.agreements])


@check(
    "CAP-01",
    question="Does the service carry its peak with one node gone?",
    area="reliability",
    source=["S0.10"],
    revision=1,
)
def one_node_may_fail(ctx: Context) -> Outcome:
    """A node fails at peak, because at peak it has most to do."""
    capacity = _capacity(ctx)
    if isinstance(capacity, Outcome):
        return capacity
    headroom = capacity.one_node_loss_headroom
    nodes, rate = capacity.nodes, capacity.requests_per_second_per_node
    carried = (
        f"{nodes - 1} of {counted(nodes, 'node')} carry {(nodes - 1) * rate:g} requests per "
        f"second; the peak is {capacity.peak_requests_per_second:g}"
    )
    values = {
        "one_node_loss_headroom": Measured(
            value=headroom, unit="share", n=nodes, no_interval="exact"
        )
    }
    if headroom < 0:
        return failed(
            f"{carried}; expected enough with one node gone",
            looked_at=[capacity.where],
            remedy="the reliability owner adds a node, or says in fallback.yaml what is left out "
            "at peak, and writes the new numbers in service_levels.yaml",
            values=values,
        )
    return passed(carried, looked_at=[capacity.where], values=values)


@check(
    "CAP-02",
    question="Is there something else when scarce compute cannot be had?",
    area="reliability",
    source=["S4.13"],
    revision=1,
)
def scarce_quota_has_alternative(ctx: Context) -> Outcome:
    """On the day on which more is needed, everybody else asks for it too."""
    capacity = _capacity(ctx)
    if isinstance(capacity, Outcome):
        return capacity
    quota = f" ({capacity.quota})" if capacity.quota else ""
    where = [capacity.place_of("scarce"), capacity.place_of("alternative")]
    if not capacity.scarce:
        return not_applicable(
            f"the compute{quota} is not written down as scarce", looked_at=where[:1]
        )
    if not capacity.alternative:
        return failed(
            f"the compute{quota} is scarce, and nothing stands in for it",
            looked_at=where,
            remedy="the reliability owner writes an alternative in service_levels.yaml: another "
            "kind of node, another region or a smaller model",
        )
    return passed(
        f"the compute{quota} is scarce; instead: {capacity.alternative}", looked_at=where
    )


@check(
    "CAP-03",
    question="Does work in batches leave enough for those who wait for an answer?",
    area="reliability",
    source=["S4.15"],
    revision=1,
)
def batch_leaves_enough(ctx: Context) -> Outcome:
    """A report may come an hour later; somebody at a gate will not wait for it."""
    capacity = _capacity(ctx)
    if isinstance(capacity, Outcome):
        return capacity
    if not capacity.batch:
        return not_applicable(
            "no work in batches shares the machines with serving", looked_at=[capacity.where]
        )
    looked_at = [capacity.place_of("priority"), *(window.where for window in capacity.batch)]
    names = ", ".join(window.name for window in capacity.batch)
    if capacity.priority == "serving_first":
        return passed(f"serving goes before {names}", looked_at=looked_at)
    hour, taken = _busiest(capacity)
    carried = Decimal(str(capacity.nodes * capacity.requests_per_second_per_node))
    left, peak = max(carried * (1 - taken), Decimal(0)), capacity.peak_requests_per_second
    leaves = (
        f"at {hour:02d}:00 UTC {float(left):g} requests per second are left beside {names}; the "
        f"peak is {peak:g}"
    )
    if left < Decimal(str(peak)):
        return failed(
            f"{leaves}, and serving does not go first",
            looked_at=looked_at,
            remedy="the reliability owner lets serving go first (`priority: serving_first`), or "
            f"gives {names} less, in service_levels.yaml",
        )
    return passed(leaves, looked_at=looked_at)


def _objective(objective: Objective, min_target: float) -> Outcome:
    """Whether one objective can be held, and burns unseen."""
    looked_at: list[Where] = [objective.where]
    served = objective.indicator in {"availability", "latency"}
    if objective.target == 0 or (served and objective.target < Decimal(str(min_target))):
        least = f"at least {min_target:g}" if served else "more than 0"
        return failed(
            f"objective {objective.id} ({objective.indicator}) aims at {objective.target}, which "
            f"is no objective; expected {least}",
            looked_at=[objective.place_of("target")],
            remedy=f"the reliability owner writes the target of objective {objective.id} that "
            "users need in service_levels.yaml",
        )
    if objective.indicator == "latency" and objective.threshold_ms is None:
        return failed(
            f"objective {objective.id} is about latency and has no threshold_ms",
            looked_at=looked_at,
            remedy=f"the reliability owner writes threshold_ms of objective {objective.id} in "
            "service_levels.yaml: from how many milliseconds an answer is slow",
        )
    alerting = [alert for alert in objective.alerts if alert.alert_route]
    if served and not alerting:
        return failed(
            f"objective {objective.id} ({objective.indicator}) alerts nobody when its budget "
            "burns",
            looked_at=looked_at,
            remedy=f"the reliability owner gives objective {objective.id} an alert with an "
            "alert_route in service_levels.yaml",
        )
    over = f"{objective.window_days} days" if objective.window_days else f"a {objective.calendar}"
    told = f", alerts {', '.join(str(a.alert_route) for a in alerting)}" if alerting else ""
    return passed(
        f"{objective.id}: {objective.indicator} {objective.target} over {over}{told}",
        looked_at=looked_at,
    )


def _promise(agreement: ServiceLevelAgreement, objectives: Mapping[str, Objective]) -> Outcome:
    """Whether one promise is no tighter than the objective that it rests on."""
    objective = objectives.get(agreement.objective)
    if objective is None:
        meant = near(agreement.objective, objectives)
        return unknown(
            "missing",
            f"what was promised to {agreement.to} rests on {agreement.objective}, which is no "
            "objective",
            looked_at=[agreement.where],
            remedy=f"the reliability owner writes objective {agreement.objective} in "
            f"service_levels.yaml, or corrects its name in what was promised to {agreement.to}"
            + (f": {meant}" if meant else ""),
        )
    both = f"{agreement.target} was promised to {agreement.to}, {objective.id} aims at"
    looked_at = [agreement.where, objective.where]
    if agreement.target == 0:
        return failed(
            f"0 of objective {objective.id} was promised to {agreement.to}, which is no promise",
            looked_at=looked_at,
            remedy=f"the owner agrees with {agreement.to} on more than 0 in service_levels.yaml, "
            "or takes the promise out",
        )
    if agreement.target > objective.target:
        return failed(
            f"{both} {objective.target} only",
            looked_at=looked_at,
            remedy=f"the owner promises {agreement.to} less, or the reliability owner raises the "
            f"target of objective {objective.id} and has the service carry it, in "
            "service_levels.yaml",
        )
    return passed(f"{both} {objective.target}", looked_at=looked_at)


def _capacity(ctx: Context) -> CapacityPlan | Outcome:
    """The capacity plan, or the answer where there is none."""
    identity, levels = ctx.system.identity, ctx.system.service_levels
    if levels is not None and levels.capacity is not None:
        return levels.capacity
    if identity.kind != "predictive":
        return not_applicable(
            f"kind {identity.kind} and no capacity plan: it calls a model that runs on somebody "
            "else's nodes",
            looked_at=[identity.place_of("kind")],
        )
    if levels is None:
        return no_file(ctx, "service_levels")
    return unknown(
        "missing",
        "service_levels.yaml does not say how much the service can carry",
        looked_at=[levels.where],
        remedy="the reliability owner writes `capacity` in service_levels.yaml: the peak, the "
        "nodes, and what one of them carries",
    )


def _busiest(capacity: CapacityPlan) -> tuple[int, Decimal]:
    """The hour (UTC) at which batch work takes most, and the share that it takes."""
    taken = [Decimal(0)] * 24
    for window in capacity.batch:
        for hour in range(window.starts_hour_utc, window.starts_hour_utc + window.hours):
            taken[hour % 24] += window.capacity_share
    hour = max(range(24), key=lambda h: taken[h])
    return hour, taken[hour]
