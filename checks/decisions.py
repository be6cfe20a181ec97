"""Who may decide at 2am: alone, at every hour, and able to do what they decide."""

from collections.abc import Mapping, Sequence

from ops_model.check.api import (
    Context,
    Outcome,
    by_tier,
    check,
    counted,
    earliest,
    failed,
    latest_in_date,
    no_file,
    passed,
    unknown,
    valid_until,
)
from ops_model.check.remedies import resolve_rota
from ops_model.domain.decisions import URGENT, Action, DecisionRight, Decisions
from ops_model.domain.duty import urgent_actions
from ops_model.domain.on_call import CoverageMeasurement, RotaHole
from ops_model.domain.values import Where, iso_utc

MUST_BE_HELD: tuple[Action, ...] = ("retrain", "edge_case", "override_output")


@check(
    "DEC-01",
    question="Who retrains, who handles the edge case, who overrides the model, right now?",
    area="decisions",
    source=["S1.1"],
    revision=2,
)
def three_rights_held(ctx: Context, *, max_age_days: int = 7) -> Outcome:
    """A right that nobody holds is decided by whoever is awake, or by nobody."""
    decisions = ctx.system.decisions
    if decisions is None:
        return no_file(ctx, "decisions")
    rights = {action: decisions.right(action) for action in MUST_BE_HELD}
    found = latest_in_date(
        ctx,
        CoverageMeasurement,
        max_age_days=max_age_days,
        missing="the rota was never resolved, so nobody knows who holds a role now",
        claim=decisions.where,
        remedy=resolve_rota(ctx.system),
    )
    if isinstance(found, Outcome):
        return found
    on_call = {"primary": found.record.primary_now, "secondary": found.record.secondary_now}
    held = {action: _holder(ctx, right, on_call) for action, right in rights.items()}
    nobody = [action for action, person in held.items() if person is None]
    if nobody:
        return failed(
            f"nobody who can be reached holds: {', '.join(nobody)}; expected a person for each of "
            f"{', '.join(MUST_BE_HELD)}",
            looked_at=[*(_place(decisions, rights[action]) for action in nobody), found.where],
            remedy=f"the owner gives the rights {', '.join(nobody)} to a person, or to primary or "
            "secondary, in decisions.yaml",
        )
    return passed(
        "; ".join(f"{action}: {person}" for action, person in held.items()),
        looked_at=[*(r.where for r in rights.values() if r is not None), found.where],
        valid_until=earliest(
            valid_until(found, max_age_days=max_age_days), ctx.until_gone(*held.values())
        ),
    )


@check(
    "DEC-02",
    question="Can somebody awake decide, alone, to go back, to fail over, to switch it off?",
    area="decisions",
    source=["S1.5"],
    revision=2,
)
def rollback_decidable_alone(ctx: Context, *, max_age_days: int = 7) -> Outcome:
    """On Saturday at 2am an approver is asleep; waiting for one is the length of the outage."""
    decisions = ctx.system.decisions
    if decisions is None:
        return no_file(ctx, "decisions")
    actions = urgent_actions(ctx.system)
    rights = {action: decisions.right(action) for action in actions}
    faults = {a: why for a, right in rights.items() if (why := _why_not_alone(ctx, right))}
    if faults:
        said = "; ".join(f"{action}: {why}" for action, why in faults.items())
        return failed(
            f"{said}; expected a holder who decides alone or tells after",
            looked_at=[_place(decisions, rights[action]) for action in faults],
            remedy=f"the owner gives the rights {', '.join(faults)} to primary, autonomy alone or "
            "tell_after, in decisions.yaml",
        )
    places = [_place(decisions, right) for right in rights.values()]
    found = latest_in_date(
        ctx,
        CoverageMeasurement,
        max_age_days=max_age_days,
        missing="the rota was never resolved, so nobody knows who may decide at each hour",
        claim=places[0],
        remedy=resolve_rota(ctx.system),
    )
    if isinstance(found, Outcome):
        return found
    gaps = [gap for gap in found.record.undecidable if (gap.action or "rollback") in actions]
    if gaps:
        return failed(
            f"{counted(len(gaps), 'span')} in {found.record.days} days in which nobody may "
            f"decide: {_first_of_each(gaps)}",
            looked_at=[*places, found.where],
            remedy="the owner names a backup for the rights in decisions.yaml, or the reliability "
            "owner fills the rota in on_call.yaml",
        )
    said = ", ".join(f"{action} by {right.holder}" for action, right in rights.items() if right)
    return passed(
        f"{said}: alone, and at every hour of {found.record.days} days",
        looked_at=[*places, found.where],
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _why_not_alone(ctx: Context, right: DecisionRight | None) -> str:
    """Tiers A and B ask for a holder who needs nobody; at C one who is awake may be consulted."""
    if right is None:
        return "nobody holds it"
    consults = ctx.system.identity.tier == "C" and right.autonomy != "needs_approval"
    return "" if consults or right.needs_nobody_else else f"{right.holder} {right.autonomy}"


def _place(decisions: Decisions, right: DecisionRight | None) -> Where:
    return decisions.place_of("rights") if right is None else right.where


def _first_of_each(gaps: Sequence[RotaHole]) -> str:
    first = {gap.action or "rollback": gap for gap in reversed(gaps)}
    return "; ".join(
        f"{action} from {iso_utc(gap.start)} to {iso_utc(gap.end)} ({gap.why})"
        for action, gap in sorted(first.items())
    )


@check(
    "DEC-03",
    question="Is each urgent step decided without a meeting, before customers are hurt?",
    area="decisions",
    source=["S1.36"],
    revision=1,
)
def no_step_needs_a_meeting(
    ctx: Context, *, max_impact_minutes: int = by_tier(20, 30, 60)
) -> Outcome:
    """Two approvers are a meeting, and one is a wait: at 2am nobody can say how long."""
    decisions, plan = ctx.system.decisions, ctx.system.rollback
    if decisions is None:
        return no_file(ctx, "decisions")
    rights = [right for action in URGENT if (right := decisions.right(action)) is not None]
    if not rights:
        return unknown(
            "missing",
            f"nobody holds any of {', '.join(URGENT)}",
            looked_at=[decisions.place_of("rights")],
            remedy=f"the owner writes the rights {', '.join(URGENT)} into decisions.yaml",
        )
    if plan is None:
        return no_file(ctx, "rollback")
    to_go_back = plan.max_seconds / 60
    takes = [r.max_minutes_to_decide + to_go_back * (r.action == "rollback") for r in rights]
    timed = list(zip(rights, takes, strict=True))
    faults = [(r, why) for r, m in timed if (why := _why_too_slow(r, m, max_impact_minutes))]
    looked_at = [*(right.where for right in rights), plan.place_of("max_seconds")]
    if faults:
        return failed(
            "; ".join(f"{right.action}: {why}" for right, why in faults),
            looked_at=[*(right.where for right, _ in faults), plan.place_of("max_seconds")],
            remedy="the owner lets one person on call decide, and sets `max_minutes_to_decide` in "
            "decisions.yaml to what leaves time to act",
        )
    said = ", ".join(f"{right.action} {minutes:g} min" for right, minutes in timed)
    return passed(
        f"decided and done by one person: {said}, of {max_impact_minutes}", looked_at=looked_at
    )


def _why_too_slow(right: DecisionRight, minutes: float, most: int) -> str:
    if right.autonomy == "needs_approval":
        asked = " and ".join(right.approvers) or "somebody"
        wait = "a meeting" if len(right.approvers) > 1 else "a wait until they are awake"
        return f"needs the approval of {asked}, which is {wait}"
    if minutes > most:
        doing = " and act" if right.action == "rollback" else ""
        return f"{minutes:g} minutes to decide{doing}; expected at most {most}"
    return ""


def _holder(
    ctx: Context, right: DecisionRight | None, on_call: Mapping[str, str | None]
) -> str | None:
    """The person who holds a right now, or the backup; None when neither can be reached.

    Nobody retrains at night; the other two are decided now, by whoever is on call.
    """
    if right is None:
        return None
    named = (right.holder, right.backup)
    people = [on_call.get(name, name) for name in named if name is not None]
    awake = None if right.action == "retrain" else set(on_call.values())
    return next(
        (
            person
            for person in people
            if person is not None
            and (awake is None or person in awake)
            and _reachable(ctx, person)
        ),
        None,
    )


def _reachable(ctx: Context, person: str) -> bool:
    rota = ctx.system.on_call
    away = rota is not None and rota.absent(person, ctx.as_of)
    return not away and not ctx.why_not_active(person)
