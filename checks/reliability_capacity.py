"""What the service can carry, held against what came."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    all_of,
    check,
    counted,
    failed,
    latest_in_date,
    no_file,
    not_applicable,
    passed,
    said,
    unknown,
    valid_until,
)
from ops_model.check.measured import ended_long_ago, measured_at_all
from ops_model.check.remedies_cost import measure_load
from ops_model.domain.evidence import Measured
from ops_model.domain.savings import LoadMeasurement
from ops_model.domain.service_levels import CapacityPlan
from ops_model.domain.values import Where, iso_utc


@check(
    "CAP-01",
    question="Does the service carry its peak with one node gone, and is that the peak?",
    area="reliability",
    source=["S0.10"],
    revision=2,
)
def one_node_may_fail(ctx: Context, *, max_age_days: Annotated[int, Field(ge=7)] = 35) -> Outcome:
    """A node fails at peak, because at peak it has most to do.

    Once people are served, the peak that was written down is held against the one that came.
    """
    capacity = _capacity(ctx)
    if isinstance(capacity, Outcome):
        return capacity
    claimed = _carries_the_claim(capacity)
    if not ctx.system.identity.in_production_at(ctx.as_of):
        return claimed
    return all_of([claimed, _peak_is_true(ctx, capacity, max_age_days)])


def _carries_the_claim(capacity: CapacityPlan) -> Outcome:
    """Whether the peak that was written down is carried with one node gone."""
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


def _peak_is_true(ctx: Context, capacity: CapacityPlan, max_age_days: int) -> Outcome:
    """Whether no more came than the peak that was written down."""
    found = _load(ctx, capacity, max_age_days)
    if isinstance(found, Outcome):
        return found
    seen, claimed = found.record.peak_per_second, capacity.peak_requests_per_second
    looked_at = [capacity.place_of("peak_requests_per_second"), found.where]
    came = (
        f"{said(seen)} came in the {found.record.slot_seconds:,} s from "
        f"{iso_utc(found.record.busiest)}"
    )
    values = {"peak seen": seen}
    if (seen.value or 0.0) > claimed:
        return failed(
            f"{came}; the peak was said to be {claimed:g}",
            looked_at=looked_at,
            remedy="the reliability owner writes the peak that came in service_levels.yaml, and "
            "adds nodes until it is carried with one of them gone",
            values=values,
        )
    return passed(
        came,
        looked_at=looked_at,
        values=values,
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


@check(
    "CAP-02",
    question="Is there something else when scarce compute cannot be had?",
    area="reliability",
    source=["S4.13"],
    revision=2,
)
def scarce_quota_has_alternative(
    ctx: Context, *, max_age_days: Annotated[int, Field(ge=7)] = 35
) -> Outcome:
    """On the day on which more is needed, everybody else asks for it too.

    Compute is scarce where somebody wrote so, and where more came than all of it carries.
    """
    capacity = _capacity(ctx)
    if isinstance(capacity, Outcome):
        return capacity
    quota = f" ({capacity.quota})" if capacity.quota else ""
    where = [capacity.place_of("scarce"), capacity.place_of("alternative")]
    if short := _fell_short(ctx, capacity, max_age_days):
        where.append(short.where)
        if not capacity.alternative:
            return failed(
                f"{said(short.record.peak_per_second)} came, and all of the compute{quota} "
                f"carries {capacity.carried:g}; nothing stands in for it",
                looked_at=where,
                remedy="the reliability owner adds nodes, or writes an alternative in "
                "service_levels.yaml: another kind of node, another region or a smaller model",
                values={"peak seen": short.record.peak_per_second},
            )
    if not capacity.scarce and short is None:
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


def _fell_short(
    ctx: Context, capacity: CapacityPlan, max_age_days: int
) -> Recorded[LoadMeasurement] | None:
    """The last measurement of load, where more came than all nodes carry."""
    found = _load(ctx, capacity, max_age_days)
    if isinstance(found, Outcome):
        return None
    return found if (found.record.peak_per_second.value or 0.0) > capacity.carried else None


@check(
    "CAP-03",
    question="Does work in batches leave enough for those who wait for an answer?",
    area="reliability",
    source=["S4.15"],
    revision=2,
)
def batch_leaves_enough(
    ctx: Context, *, max_age_days: Annotated[int, Field(ge=7)] = 35
) -> Outcome:
    """A report may come an hour later; somebody at a gate will not wait for it.

    Once people are served, it has to be enough for what came, if that was more than was said.
    """
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
    if not ctx.system.identity.in_production_at(ctx.as_of):
        return _leaves(capacity, names, looked_at, capacity.peak_requests_per_second)
    load = _load(ctx, capacity, max_age_days)
    claimed = _leaves(capacity, names, looked_at, capacity.peak_requests_per_second)
    if isinstance(load, Outcome) or claimed.status == "failed":
        return all_of([claimed, load]) if isinstance(load, Outcome) else claimed
    seen = load.record.peak_per_second.value or 0.0
    peak = max(capacity.peak_requests_per_second, seen)
    ends = valid_until(load, max_age_days=max_age_days)
    return _leaves(capacity, names, [*looked_at, load.where], peak, ends)


def _leaves(
    capacity: CapacityPlan,
    names: str,
    looked_at: Sequence[Where],
    peak: float,
    ends: datetime | None = None,
) -> Outcome:
    """Whether batch work at its busiest hour leaves a peak, when serving does not go first."""
    hour, _ = capacity.busiest_batch()
    left = capacity.left_beside_batch()
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
    return passed(leaves, looked_at=looked_at, valid_until=ends)


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


def _load(
    ctx: Context, capacity: CapacityPlan, max_age_days: int
) -> Recorded[LoadMeasurement] | Outcome:
    """The last measurement of what came, in date; or why there is none that says so."""
    again = measure_load(ctx.system)
    claim = capacity.place_of("peak_requests_per_second")
    found = latest_in_date(
        ctx,
        LoadMeasurement,
        max_age_days=max_age_days,
        missing="no such measurement: how much came at the busiest time is on no record",
        claim=claim,
        remedy=again,
    )
    if isinstance(found, Outcome):
        return found
    load = found.record
    if why := ended_long_ago(ctx, load, within_days=max_age_days):
        return unknown("expired", f"the load: {why}", looked_at=[claim, found.where], remedy=again)
    if not measured_at_all(load.peak_per_second):
        return unknown(
            "too_few",
            f"how much came at the busiest time is not known: {said(load.peak_per_second)}",
            looked_at=[claim, found.where],
            remedy=again,
        )
    return found
