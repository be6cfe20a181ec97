"""What the service is held to, and what was promised."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    failed,
    no_file,
    not_applicable,
    passed,
    unknown,
)
from ops_model.check.remedies import near
from ops_model.check.telling import why_nobody_is_told
from ops_model.domain.service_levels import Objective, ServiceLevelAgreement
from ops_model.domain.values import Where


@check(
    "SLO-01",
    question="Are there objectives, and is somebody told when a budget burns?",
    area="reliability",
    source=["S4.14"],
    revision=2,
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
    return all_of([_objective(ctx, objective, min_target) for objective in levels.objectives])


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


def _objective(ctx: Context, objective: Objective, min_target: float) -> Outcome:
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
    silent = [why_nobody_is_told(ctx, alert.alert_route) for alert in objective.alerts]
    told_by = zip(objective.alerts, silent, strict=True)
    alerting = [alert for alert, why in told_by if not why]
    if served and not alerting:
        whys = "; ".join(dict.fromkeys(silent))
        return failed(
            f"objective {objective.id} ({objective.indicator}) alerts nobody when its budget "
            f"burns{f': its alert {whys}' if whys else ''}",
            looked_at=looked_at,
            remedy=f"the reliability owner gives objective {objective.id} an alert with an "
            "alert_route in service_levels.yaml, to somebody of people.yaml or on call",
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
