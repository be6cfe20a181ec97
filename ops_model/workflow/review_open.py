"""Whether a review is open, and whether anybody could decide on what it would freeze."""

from datetime import datetime

from ops_model.check.context import Context
from ops_model.check.recorded import Evidence
from ops_model.check.sign_off import why_not_open
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.reviewed import voids, voids_ended
from ops_model.domain.values import iso_utc
from ops_model.errors import UsageError


def require_open(model: OperatingModel, system: SystemClaims, as_of: datetime) -> None:
    """Refuse to review what nobody may decide on, or not yet.

    Raises:
        UsageError: no seats are named, or the review is not open.
    """
    decisions = system.decisions
    where = str(decisions.place_of("review") if decisions else system.missing_file("decisions"))
    if decisions is None or not decisions.review.seats:
        raise UsageError(
            f"nobody is seated to review {system.id}",
            where=where,
            remedy="the owner names one person for each of the three seats under `review`",
        )
    ctx = Context(system, model, Evidence(), as_of)
    for _ in why_not_open(ctx, as_of):
        opened = decisions.review.opened_at
        when = f"opens only on {iso_utc(opened)}" if opened is not None else "was never opened"
        raise UsageError(
            f"the review of {system.id} {when}",
            where=where,
            remedy="the owner writes since when it is open as `opened_at` under `review`",
        )


def require_none_void(model: OperatingModel, system: SystemClaims, as_of: datetime) -> None:
    """Refuse to freeze what is stale from the start.

    Raises:
        UsageError: something voids all decisions.
    """
    today = Context(system, model, Evidence(), as_of).today
    if void := list(voids(system, at=as_of, today=today)):
        first = voids_ended(system, at=as_of, today=today)
        raise UsageError(
            f"a pack would be stale from the start: {'; '.join(void)}",
            remedy="; ".join([*first, f"then run `ops-model review {system.id}`"]),
        )
