"""Who may decide at 2am: alone, at every hour, and able to do what they decide."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from ops_model.check.api import (
    Attestation,
    Context,
    Outcome,
    Recorded,
    by_tier,
    check,
    counted,
    failed,
    latest_in_date,
    no_file,
    passed,
    unknown,
    valid_until,
)
from ops_model.domain.decisions import Action, DecisionRight, Decisions
from ops_model.domain.on_call import ROLES, CoverageMeasurement, RotaHole
from ops_model.domain.people import People
from ops_model.domain.values import Where, iso_utc

MUST_BE_HELD: tuple[Action, ...] = ("retrain", "edge_case", "override_output")
URGENT: tuple[Action, ...] = ("rollback", "failover", "override_output", "disable")
"""What may have to be decided while customers are harmed."""


@check(
    "DEC-01",
    question="Who retrains, who handles the edge case, who overrides the model, right now?",
    area="decisions",
    source=["S1.1"],
    revision=1,
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
        remedy=f"`ops-model check {ctx.system.id}` resolves the rota and records it",
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
            remedy="the owner gives each right to a person, or to primary or secondary, in "
            "decisions.yaml",
        )
    return passed(
        "; ".join(f"{action}: {person}" for action, person in held.items()),
        looked_at=[*(r.where for r in rights.values() if r is not None), found.where],
        valid_until=valid_until(found, max_age_days=max_age_days),
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
    actions = _decided_at_night(ctx)
    rights = {action: decisions.right(action) for action in actions}
    faults = {a: why for a, right in rights.items() if (why := _why_not_alone(ctx, right))}
    if faults:
        said = "; ".join(f"{action}: {why}" for action, why in faults.items())
        return failed(
            f"{said}; expected a holder who decides alone or tells after",
            looked_at=[_place(decisions, rights[action]) for action in faults],
            remedy="the owner gives each to primary, autonomy alone or tell_after, in "
            "decisions.yaml",
        )
    places = [_place(decisions, right) for right in rights.values()]
    found = latest_in_date(
        ctx,
        CoverageMeasurement,
        max_age_days=max_age_days,
        missing="the rota was never resolved, so nobody knows who may decide at each hour",
        claim=places[0],
        remedy=f"`ops-model check {ctx.system.id}` resolves the rota and records it",
    )
    if isinstance(found, Outcome):
        return found
    gaps = [gap for gap in found.record.undecidable if (gap.action or "rollback") in actions]
    if gaps:
        return failed(
            f"{counted(len(gaps), 'span')} in {found.record.days} days in which nobody may "
            f"decide: {_first_of_each(gaps)}",
            looked_at=[*places, found.where],
            remedy="the owner names a backup for the right, or the reliability owner fills the "
            "rota",
        )
    said = ", ".join(f"{action} by {right.holder}" for action, right in rights.items() if right)
    return passed(
        f"{said}: alone, and at every hour of {found.record.days} days",
        looked_at=[*places, found.where],
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _decided_at_night(ctx: Context) -> tuple[Action, ...]:
    """What somebody on call has to decide; what depends on nothing has nothing to fail over to."""
    if ctx.system.identity.dependencies:
        return ("rollback", "failover", "disable")
    return ("rollback", "disable")


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
    """Two approvers are a meeting, and nobody calls one at 2am in less than an hour."""
    decisions, plan = ctx.system.decisions, ctx.system.rollback
    if decisions is None:
        return no_file(ctx, "decisions")
    rights = [right for action in URGENT if (right := decisions.right(action)) is not None]
    if not rights:
        return unknown(
            "missing",
            f"nobody holds any of {', '.join(URGENT)}",
            looked_at=[decisions.place_of("rights")],
            remedy="the owner writes these rights into decisions.yaml",
        )
    if plan is None:
        return no_file(ctx, "rollback")
    minutes = {right: right.max_minutes_to_decide for right in rights}
    takes = {r: m + (plan.max_seconds / 60) * (r.action == "rollback") for r, m in minutes.items()}
    faults = {r: why for r in rights if (why := _why_too_slow(r, takes[r], max_impact_minutes))}
    looked_at = [*(right.where for right in rights), plan.place_of("max_seconds")]
    if faults:
        return failed(
            "; ".join(f"{right.action}: {why}" for right, why in faults.items()),
            looked_at=[*(right.where for right in faults), plan.place_of("max_seconds")],
            remedy="the owner lets one person on call decide, and sets `max_minutes_to_decide` in "
            "decisions.yaml to what leaves time to act",
        )
    said = ", ".join(f"{right.action} {takes[right]:g} min" for right in rights)
    return passed(
        f"decided and done by one person: {said}, of {max_impact_minutes}", looked_at=looked_at
    )


def _why_too_slow(right: DecisionRight, minutes: float, most: int) -> str:
    if right.autonomy == "needs_approval" and len(right.approvers) > 1:
        return f"needs the approval of {' and '.join(right.approvers)}, which is a meeting"
    if minutes > most:
        doing = " and act" if right.action == "rollback" else ""
        return f"{minutes:g} minutes to decide{doing}; expected at most {most}"
    return ""


@check(
    "DEC-04",
    question="Has each holder of an urgent right shown that they can carry it out?",
    area="decisions",
    source=["S1.33"],
    revision=1,
)
def holder_can_execute(ctx: Context, *, max_age_days: int = 90) -> Outcome:
    """A right without access is a title; a board without authority can only be informed."""
    decisions = ctx.system.decisions
    if decisions is None:
        return no_file(ctx, "decisions")
    holders = {a: _holders(ctx, right) for a in URGENT if (right := decisions.right(a))}
    if not holders.get("rollback"):
        return unknown(
            "missing",
            "nobody can be named who may roll back",
            looked_at=[decisions.place_of("rights")],
            remedy="the owner gives the right to primary, and the reliability owner fills the "
            "rota",
        )
    powerless = {p: why for p in _all(holders) if (why := _why_powerless(ctx.model.people, p))}
    if powerless:
        return failed(
            f"{'; '.join(powerless.values())}; expected people who may act",
            looked_at=[r.where for a in holders if (r := decisions.right(a)) is not None],
            remedy="the owner gives the urgent rights to whoever is on call, in decisions.yaml",
        )
    words = {person: _shown(ctx, person) for person in holders["rollback"]}
    limit = ctx.as_of - timedelta(days=max_age_days)
    silent = [p for p, word in words.items() if word is None]
    stale = [p for p, word in words.items() if word is not None and word.record.as_of < limit]
    if silent or stale:
        return _not_shown(ctx, decisions, silent, stale, max_age_days)
    held = [word for word in words.values() if word is not None]
    return passed(
        f"{', '.join(words)} rolled back with their own access within {max_age_days} days",
        looked_at=[_place(decisions, decisions.right("rollback")), *(w.where for w in held)],
        valid_until=min(valid_until(word, max_age_days=max_age_days) for word in held),
    )


def _holders(ctx: Context, right: DecisionRight) -> tuple[str, ...]:
    """The people behind a right: those of the rota where it names a role, and the backup's too."""
    return tuple(
        dict.fromkeys(
            person
            for name in (right.holder, right.backup)
            if name is not None
            for person in _behind(ctx, name)
        )
    )


def _behind(ctx: Context, name: str) -> tuple[str, ...]:
    role = next((role for role in ROLES if role == name), None)
    if role is None:
        return (name,)
    rota = ctx.system.on_call
    return rota.rostered(role, ctx.as_of) if rota is not None else ()


def _all(holders: Mapping[Action, Sequence[str]]) -> Iterator[str]:
    yield from dict.fromkeys(person for people in holders.values() for person in people)


def _why_powerless(people: People, name: str) -> str:
    person = people.person(name)
    if person is None:
        return f"{name} is a team" if people.team(name) else f"{name} is nobody in people.yaml"
    team = people.team(person.team)
    if team is None:
        return ""
    if team.kind == "advisory":
        return f"{name} is of {team.id}, which only advises"
    return "" if team.has_authority else f"{name} is of {team.id}, which has no authority"


def _shown(ctx: Context, person: str) -> Recorded[Attestation] | None:
    """The last word of a person that they rolled back with their own access."""
    return ctx.evidence.latest(
        Attestation,
        matching=lambda a: (
            a.topic == "access"
            and a.person == person
            and a.action == "rollback"
            and ctx.as_of < a.expires
        ),
    )


def _not_shown(
    ctx: Context, decisions: Decisions, silent: Sequence[str], stale: Sequence[str], days: int
) -> Outcome:
    said = [f"{', '.join(silent)} never said so"] if silent else []
    said += [f"{', '.join(stale)} said so more than {days} days ago"] if stale else []
    commands = [
        f"`ops-model attest {ctx.system.id} --topic access --action rollback --as {person} "
        "--text '...'`"
        for person in (*silent, *stale)
    ]
    return unknown(
        "missing" if silent else "expired",
        f"who may roll back has to have done it with their own access; {'; '.join(said)}",
        looked_at=[_place(decisions, decisions.right("rollback"))],
        remedy=f"each rolls back in a test environment and says so: {', '.join(commands)}",
    )


def _holder(
    ctx: Context, right: DecisionRight | None, on_call: Mapping[str, str | None]
) -> str | None:
    """The person who holds a right now, or the backup; None when neither can be reached."""
    named = () if right is None else (right.holder, right.backup)
    people = [on_call.get(name, name) for name in named if name is not None]
    return next((p for p in people if p is not None and _reachable(ctx, p)), None)


def _reachable(ctx: Context, person: str) -> bool:
    rota = ctx.system.on_call
    away = rota is not None and rota.absent(person, ctx.as_of)
    return not away and not ctx.why_not_active(person)
