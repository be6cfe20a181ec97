"""Who is paged: people who operate it, at every instant, and one after the other."""

from collections.abc import Iterator, Sequence
from typing import get_args

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    by_tier,
    check,
    failed,
    latest_in_date,
    no_file,
    passed,
    unknown,
    valid_until,
)
from ops_model.domain.on_call import (
    ROLES,
    CoverageMeasurement,
    Escalation,
    OnCallRotation,
    Role,
    RotaHole,
)
from ops_model.domain.values import Where, iso_utc

OPERATING_FUNCTIONS = ("platform", "reliability")


@check(
    "ONC-01",
    question="Is whoever is paged first from platform or reliability?",
    area="ownership",
    source=["S0.13"],
    revision=1,
)
def primary_operates(ctx: Context) -> Outcome:
    """Who runs the infrastructure can restore service; who trained the model can explain it."""
    rota = ctx.system.on_call
    if rota is None:
        return no_file(ctx, "on_call")
    primaries = rota.rostered("primary", ctx.as_of)
    if not primaries:
        return _nobody(ctx, rota)
    people = {p: ctx.model.people.person(p) for p in primaries}
    wrong = [
        f"{p} ({person.function if person else 'nobody in people.yaml'})"
        for p, person in people.items()
        if person is None or person.function not in OPERATING_FUNCTIONS
    ]
    if wrong:
        return failed(
            f"primary: {', '.join(wrong)}; expected platform or reliability",
            looked_at=_places(rota, "primary"),
            remedy="the reliability owner takes them out of the primary layer in on_call.yaml",
        )
    return passed(
        f"primary: {', '.join(primaries)}, all from platform or reliability",
        looked_at=_places(rota, "primary"),
    )


@check(
    "ONC-02",
    question="Is somebody else paged first than those who trained the version?",
    area="ownership",
    source=["S0.13"],
    revision=1,
)
def primary_did_not_train_it(ctx: Context) -> Outcome:
    """An on-call engineer who built it repairs it; one who did not will roll back first."""
    rota, version = ctx.system.on_call, ctx.system.identity.version
    if rota is None:
        return no_file(ctx, "on_call")
    primaries = rota.rostered("primary", ctx.as_of)
    if not primaries:
        return _nobody(ctx, rota)
    if not version.trained_by:
        return unknown(
            "missing",
            f"nobody is written down as having trained {version.label}",
            looked_at=[version.where],
            remedy="the owner names them under `version.trained_by` in system.yaml",
        )
    both = [p for p in primaries if p in version.trained_by]
    looked_at = [*_places(rota, "primary"), version.place_of("trained_by")]
    if both:
        return failed(
            f"{', '.join(both)}: primary on call, and trained {version.label}",
            looked_at=looked_at,
            remedy="the reliability owner lets others take those turns in on_call.yaml",
        )
    return passed(
        f"{version.label} was trained by {', '.join(version.trained_by)}; none of them is primary",
        looked_at=looked_at,
    )


@check(
    "ONC-03",
    question="Does a page reach somebody at any instant of the next weeks?",
    area="ownership",
    source=["S0.2", "S0.13"],
    revision=1,
)
def resolves_at_any_instant(ctx: Context, *, days: int = 91, max_age_days: int = 7) -> Outcome:
    """A rota that names nobody on one Saturday night is a rota that fails on that night."""
    rota = ctx.system.on_call
    if rota is None:
        return no_file(ctx, "on_call")
    found = _coverage(ctx, rota, max_age_days)
    if isinstance(found, Outcome):
        return found
    covered = found.record
    looked_at = [rota.where, found.where]
    holes = [h for h in covered.holes if h.role == "primary"]
    if holes:
        return failed(
            f"nobody answers as primary in {_spans(holes)}; expected no hole in {days} days",
            looked_at=[*_behind(rota, holes), found.where],
            remedy=_fill(ctx),
        )
    if covered.days < days:
        return unknown(
            "too_few",
            f"the rota was resolved for {covered.days} days; expected {days}",
            looked_at=looked_at,
            remedy=f"`ops-model check {ctx.system.id}` resolves it anew",
        )
    return passed(
        f"at {iso_utc(covered.as_of)} the page goes to {covered.primary_now or 'nobody'}, then to "
        f"{covered.secondary_now or 'nobody'}; a primary answers at every instant of "
        f"{covered.days} days",
        looked_at=looked_at,
        values={"covered_share": covered.covered_share},
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


@check(
    "ONC-04",
    question="Do two people or more share each layer, with no gap and no one for too long?",
    area="ownership",
    source=["S1.20"],
    revision=2,
)
def no_gaps_two_people(ctx: Context, *, min_people: int = 2, max_age_days: int = 7) -> Outcome:
    """One person is a single point of failure; a secondary who is also primary is none."""
    rota = ctx.system.on_call
    if rota is None:
        return no_file(ctx, "on_call")
    missing = [role for role in get_args(Role) if not any(ly.role == role for ly in rota.layers)]
    small = [ly for ly in rota.layers if len(set(ly.participants)) < min_people]
    if missing or small:
        said = [f"no layer for {role}" for role in missing]
        said += [f"layer {ly.id} has {len(set(ly.participants))}" for ly in small]
        return failed(
            f"{'; '.join(said)}; expected {min_people} people in each of two layers",
            looked_at=[rota.place_of("layers"), *(ly.where for ly in small)],
            remedy="the reliability owner adds people to on_call.yaml",
        )
    found = _coverage(ctx, rota, max_age_days)
    if isinstance(found, Outcome):
        return found
    covered = found.record
    if covered.holes:
        return failed(
            f"{_spans(covered.holes)}; expected no hole in {covered.days} days",
            looked_at=[*_behind(rota, covered.holes), found.where],
            remedy=_fill(ctx),
            values={"covered_share": covered.covered_share},
        )
    tired = [spot for spot in covered.weak if spot.kind == "too_long"]
    if tired:
        return failed(
            f"{_spans(tired)}; expected a break after {rota.max_consecutive_days} days",
            looked_at=[rota.place_of("max_consecutive_days"), found.where],
            remedy="the reliability owner lets others take turns in on_call.yaml",
        )
    return passed(
        f"{len(covered.people)} people share {len(rota.layers)} layers without a gap in "
        f"{covered.days} days",
        looked_at=[rota.where, found.where],
        values={"covered_share": covered.covered_share},
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


@check(
    "ONC-06",
    question="Does an unanswered page reach the last person in time?",
    area="ownership",
    source=["S0.13", "S1.20"],
    revision=1,
)
def escalation_within_limit(
    ctx: Context, *, max_minutes: int = by_tier(15, 30, 60), min_steps: int = 2
) -> Outcome:
    """A page that waits an hour for the first answer is an hour in which nobody does anything."""
    rota = ctx.system.on_call
    if rota is None:
        return no_file(ctx, "on_call")
    steps = rota.escalation
    total = sum(step.ack_within_minutes for step in steps)
    faults = list(_escalation_faults(ctx, rota))
    if len(steps) < min_steps:
        faults.insert(0, f"{len(steps)} of at least {min_steps} steps are written")
    if total > max_minutes:
        faults.append(f"the page waits {total} minutes in all; expected at most {max_minutes}")
    if faults:
        return failed(
            "; ".join(faults),
            looked_at=[step.where for step in steps] or [rota.place_of("escalation")],
            remedy="the reliability owner writes under `escalation` in on_call.yaml whom a page "
            "goes to next, and shortens the waits",
        )
    said = ", then ".join(f"{step.target} ({step.ack_within_minutes} min)" for step in steps)
    return passed(
        f"{said}: {total} minutes in all, of {max_minutes}",
        looked_at=[step.where for step in steps],
    )


def _escalation_faults(ctx: Context, rota: OnCallRotation) -> Iterator[str]:
    for step in rota.escalation:
        if why := _why_not_reached(ctx, rota, step):
            yield why


def _why_not_reached(ctx: Context, rota: OnCallRotation, step: Escalation) -> str:
    role = next((role for role in ROLES if role == step.target), None)
    if role is None:
        return ctx.why_not_active(step.target)
    return "" if rota.rostered(role, ctx.as_of) else f"nobody is ever {role}"


def _places(rota: OnCallRotation, role: Role) -> list[Where]:
    return [layer.where for layer in rota.layers if layer.role == role] or [rota.where]


def _behind(rota: OnCallRotation, holes: Sequence[RotaHole]) -> list[Where]:
    """The layers that leave the holes, and the absences that nobody stands in for."""
    layers = [place for hole in holes for place in _places(rota, hole.role)]
    away = [
        absence.where
        for hole in holes
        for absence in rota.absences
        if absence.person == hole.person and absence.start < hole.end and hole.start < absence.end
    ]
    return list(dict.fromkeys([*layers, *away]))


def _nobody(ctx: Context, rota: OnCallRotation) -> Outcome:
    return failed(
        f"nobody is ever primary for {ctx.system.id}",
        looked_at=[rota.where],
        remedy="the reliability owner writes a primary layer in on_call.yaml",
    )


def _coverage(
    ctx: Context, rota: OnCallRotation, max_age_days: int
) -> Recorded[CoverageMeasurement] | Outcome:
    return latest_in_date(
        ctx,
        CoverageMeasurement,
        max_age_days=max_age_days,
        missing="the rota was never resolved",
        claim=rota.where,
        remedy=f"`ops-model check {ctx.system.id}` resolves the rota and records it",
    )


def _fill(ctx: Context) -> str:
    return f"the reliability owner fills them; see `ops-model oncall {ctx.system.id} --days 91`"


def _spans(holes: Sequence[RotaHole]) -> str:
    """The first holes as text, and how many more there are."""
    first = [f"{iso_utc(h.start)} to {iso_utc(h.end)} ({h.why})" for h in holes[:3]]
    more = f" and {len(holes) - 3} more" if len(holes) > 3 else ""
    return ", ".join(first) + more
