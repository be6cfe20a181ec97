"""What several check files ask for or answer alike, above what `api` gives to all of them."""

from collections.abc import Callable
from typing import TypeVar

from ops_model.check.context import Context, latest_in_date
from ops_model.check.measured import ended_long_ago
from ops_model.check.outcome import Outcome, not_applicable, unknown
from ops_model.check.recorded import Recorded
from ops_model.check.remedies_cost import measure_spend
from ops_model.check.version_served import not_of_this_version
from ops_model.domain.access import AccessShown, last_shown
from ops_model.domain.cost import CostPlan
from ops_model.domain.evidence import AccessAction, Attestation, Measurement
from ops_model.domain.outside import signs_of_dependencies
from ops_model.domain.signals import Signals
from ops_model.domain.trials import AccessDrill
from ops_model.domain.values import Where

M = TypeVar("M", bound=Measurement)


def of_this_version(
    ctx: Context,
    kind: type[M],
    *,
    subject: str,
    max_age_days: float,
    missing: str,
    claim: Where,
    remedy: str,
    matching: Callable[[M], bool] | None = None,
    ended_within_days: float | None = None,
    last_days: int | None = None,
) -> Recorded[M] | Outcome:
    """The latest measurement in date that saw the version which serves, or why there is none.

    What was mostly measured before a version began to serve was measured of another one.
    `ended_within_days` is how long ago the days that it counted may have ended, where that
    matters; for `subject` and `last_days` see `not_of_this_version`, for the rest
    `latest_in_date`.
    """
    found = latest_in_date(
        ctx,
        kind,
        max_age_days=max_age_days,
        missing=missing,
        claim=claim,
        remedy=remedy,
        matching=matching,
    )
    if isinstance(found, Outcome):
        return found
    other = not_of_this_version(
        ctx, found, subject=subject, claim=claim, remedy=remedy, last_days=last_days
    )
    if other is not None:
        return other
    if ended_within_days is None:
        return found
    why = ended_long_ago(ctx, found.record, within_days=ended_within_days)
    if not why:
        return found
    return unknown("expired", f"{subject}: {why}", looked_at=[claim, found.where], remedy=remedy)


def own_access(ctx: Context, person: str, action: AccessAction) -> AccessShown | None:
    """The newest of a person's words in date, and of their drills, about one thing."""
    told = [e.statement for e in ctx.evidence.all(Attestation)]
    tried = [e.statement for e in ctx.evidence.all(AccessDrill)]
    return last_shown([*told, *tried], person, action, as_of=ctx.as_of)


def no_served_log(signals: Signals) -> Outcome:
    """The answer where no log says what users got."""
    return unknown(
        "missing",
        "no log of what was served is declared",
        looked_at=[signals.place_of("logs")],
        remedy="the reliability owner names the log of what is served under `logs` in "
        "signals.yaml (`holds: predictions`)",
    )


def no_usage_log(ctx: Context, plan: CostPlan) -> Outcome:
    """The answer where no log says what was used, so that nothing can be told of what it costs."""
    return unknown(
        "missing",
        "cost.yaml declares no usage log, so what it costs is not measured",
        looked_at=[plan.place_of("logs")],
        remedy=measure_spend(ctx.system),
    )


def depends_on_nothing(ctx: Context) -> Outcome:
    """The answer where no dependency is named: an empty list is no proof where others name one."""
    identity = ctx.system.identity
    where = identity.place_of("dependencies")
    said_otherwise = signs_of_dependencies(ctx.system)
    if said_otherwise:
        return unknown(
            "missing",
            f"system.yaml names no dependency, but {' and '.join(said_otherwise)}",
            looked_at=[where],
            remedy="the owner names under `dependencies` in system.yaml whoever serves the model, "
            "and every feed and service that can go down, one's own too",
        )
    version = identity.version
    return not_applicable(
        f"system.yaml names no vendor, feed or service that could go down; it depends on "
        f"{version.label} ({version.model_ref}) alone",
        looked_at=[where],
    )
