"""Whether what was shown is enough for a check, as a walk of the four hours asks it.

A walk knows neither grades nor policies. It is handed this, so that it leaves a step open wherever
the check that finds the gap would not pass.
"""

from datetime import datetime

from ops_model.check.context import Context
from ops_model.check.grades import weakest
from ops_model.check.grading import Grading
from ops_model.check.raising import Raising, below
from ops_model.check.recorded import Evidence
from ops_model.check.seen import seen
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.values import Where
from ops_model.domain.walk_scene import Judging


def judging_of(
    model: OperatingModel, system: SystemClaims, evidence: Evidence, *, as_of: datetime
) -> Judging:
    """How a walk weighs what is on record about a system, as its checks do at an instant.

    Args:
        model: the workbook; its people, policy and signers are read.
        system: whose walk it is.
        evidence: what is on record, with words that are nobody's still among it.
        as_of: the instant that judges.
    """
    told = seen(evidence, system, as_of, model.signers)
    return judging_by(Context(system, model, told, as_of))


def judging_by(ctx: Context) -> Judging:
    """How a walk weighs the ledger entries of one system: as its checks do at `ctx.as_of`."""
    raising, policy = ctx.once(raising_of), ctx.model.policy
    grading = raising.grading
    tier = ctx.system.identity.tier

    def why_short(place: Where, check_id: str) -> str:
        minimum = policy.minimum_grade(check_id, tier)
        grade = weakest([graded for _, graded in grading.places([place], check_id)]).grade
        if grade >= minimum:
            return ""
        said = below(place, grade, minimum, tier)
        return raising.shown_before(place) or raising.performed_by_author(place, check_id) or said

    return Judging(ctx.as_of, why_short)


def raising_of(ctx: Context) -> Raising:
    """What the records of one system are worth, and what would raise that."""
    texts = tuple(ctx.texts.values())
    return Raising(
        Grading(ctx.system, ctx.model.people, ctx.evidence, ctx.as_of, texts, ctx.model.signers)
    )
