"""Who is paged: people who operate it, at every instant, and one after the other."""

from collections.abc import Collection, Sequence
from typing import Annotated, get_args

from pydantic import Field

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
from ops_model.check.remedies import called, resolve_rota
from ops_model.domain.on_call import (
    ROLES,
    CoverageMeasurement,
    OnCallRotation,
    Role,
    RotaHole,
)
from ops_model.domain.values import Where, iso_utc

OPERATING_FUNCTIONS = ("platform", "reliability")
_MOST_REASONS = 3


@check(
    "ONC-01",
    question="Is whoever is paged first from platform or reliability?",
    area="ownership",
    source=["S0.13"],
    revision=2,
)
def primary_operates(ctx: Context) -> Outcome:
    """Who runs the infrastructure can restore service; who trained the model can explain it."""
    rota = ctx.system.on_call
    if rota is None:
        return no_file(ctx, "on_call")
    primaries = rota.rostered("primary", ctx.as_of)
    if not primaries:
        return _nobody(ctx, rota)
    wrong = [f"{p} ({why})" for p in primaries if (why := _why_not_operating(ctx, p))]
    if wrong:
        return failed(
            f"primary: {', '.join(wrong)}; expected platform or reliability",
            looked_at=_places(rota, "primary"),
            remedy=f"the reliability owner replaces {', '.join(wrong)} in the primary layer of "
            "on_call.yaml by somebody of platform or reliability who works here",
        )
    return passed(
        f"primary: {', '.join(primaries)}, all from platform or reliability",
        looked_at=_places(rota, "primary"),
        valid_until=ctx.until_gone(*primaries),
    )


def _why_not_operating(ctx: Context, name: str) -> str:
    """What a primary is instead of somebody who operates; empty for one who does, or will."""
    person = ctx.model.people.person(name)
    if person is None:
        return "nobody in people.yaml"
    if person.gone_at is not None and person.gone_at <= ctx.as_of:
        return f"left on {person.active_to}"
    return "" if person.function in OPERATING_FUNCTIONS else person.function


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
            f"nobody is written down as having trained {called(version.label)}",
            looked_at=[version.where],
            remedy="the owner names the builders under `version.trained_by` in system.yaml",
        )
    both = [p for p in primaries if p in version.trained_by]
    looked_at = [*_places(rota, "primary"), version.place_of("trained_by")]
    if both:
        return failed(
            f"{', '.join(both)}: primary on call, and trained {version.label}",
            looked_at=looked_at,
            remedy=f"the reliability owner lets others take the turns of {', '.join(both)} as "
            "primary in on_call.yaml",
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
def resolves_at_any_instant(
    ctx: Context, *, days: Annotated[int, Field(ge=28)] = 91, max_age_days: int = 7
) -> Outcome:
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
            remedy=f"the owner runs `ops-model check {ctx.system.id}`, which resolves the rota "
            "anew",
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
def no_gaps_two_people(
    ctx: Context,
    *,
    min_people: Annotated[int, Field(ge=2)] = 2,
    max_age_days: int = 7,
    days: Annotated[int, Field(ge=28)] = 91,
    max_consecutive_days: int = by_tier(14, 21, 28),
) -> Outcome:
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
            remedy=f"the reliability owner gives on_call.yaml a layer for primary and one for "
            f"secondary, each with {min_people} people or more",
        )
    if rota.max_consecutive_days > max_consecutive_days:
        return failed(
            f"one person may be primary for {rota.max_consecutive_days} days without a break; "
            f"expected at most {max_consecutive_days}",
            looked_at=[rota.place_of("max_consecutive_days")],
            remedy="the reliability owner lowers `max_consecutive_days` in on_call.yaml, and lets "
            "others take turns",
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
    return _turns(ctx, rota, found, days, min_people) or passed(
        f"{len(covered.people)} people share {len(rota.layers)} layers without a gap in "
        f"{covered.days} days",
        looked_at=[rota.where, found.where],
        values={"covered_share": covered.covered_share},
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _turns(
    ctx: Context,
    rota: OnCallRotation,
    found: Recorded[CoverageMeasurement],
    days: int,
    min_people: int,
) -> Outcome | None:
    """What is wrong with who really has the turns: one for too long, or one alone; else None."""
    covered = found.record
    tired = [spot for spot in covered.weak if spot.kind == "too_long"]
    if tired:
        return failed(
            f"{_spans(tired)}; expected a break after {rota.max_consecutive_days} days",
            looked_at=[rota.place_of("max_consecutive_days"), found.where],
            remedy="the reliability owner lets others take turns with whoever is on call for too "
            "long, in on_call.yaml",
        )
    if covered.days < days or not covered.people_by_role:
        return unknown(
            "too_few",
            f"who really holds each role was worked out for {covered.days} days; expected {days}",
            looked_at=[rota.where, found.where],
            remedy=resolve_rota(ctx.system),
        )
    paged = {role: covered.people_by_role.get(role, ()) for role in ROLES}
    alone = {role: people for role, people in paged.items() if len(people) < min_people}
    if alone:
        said = "; ".join(f"{role} is {', '.join(p) or 'nobody'}" for role, p in alone.items())
        return failed(
            f"whatever the layers say, in {covered.days} days {said} for half a day or more; "
            f"expected {min_people} people for each role",
            looked_at=[*_places_of_turns(rota, alone), found.where],
            remedy="the reliability owner takes overrides out of on_call.yaml, so that others "
            "have turns",
        )
    return None


def _places_of_turns(rota: OnCallRotation, roles: Collection[Role]) -> list[Where]:
    """The layers of these roles, and what overrides them."""
    return [
        *(place for role in roles for place in _places(rota, role)),
        *(override.where for override in rota.overrides if override.role in roles),
    ]


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
        remedy=resolve_rota(ctx.system),
    )


def _fill(ctx: Context) -> str:
    return (
        "the reliability owner fills the holes of the rota in on_call.yaml; see "
        f"`ops-model oncall {ctx.system.id} --days 91`"
    )


def _spans(holes: Sequence[RotaHole]) -> str:
    """The spans as text by who or what leaves them; a rota turns the same hole up every week."""
    alike: dict[tuple[str, str], list[RotaHole]] = {}
    for hole in holes:
        alike.setdefault((hole.role, hole.person or hole.why), []).append(hole)
    groups = list(alike.values())
    told = [_first_of(group) for group in groups[:_MOST_REASONS]]
    more = sum(len(group) for group in groups[_MOST_REASONS:])
    return ", ".join(told) + (f" and {more} more" if more else "")


def _first_of(alike: Sequence[RotaHole]) -> str:
    first = alike[0]
    span = f"{iso_utc(first.start)} to {iso_utc(first.end)} ({first.why})"
    return span if len(alike) == 1 else f"{len(alike)} spans, the first {span}"
