"""Who is accountable, and who is paged: people, never teams, at every instant."""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    check,
    failed,
    latest_in_date,
    no_file,
    passed,
    unknown,
    valid_until,
)
from ops_model.domain.on_call import CoverageMeasurement, OnCallRotation, Role, RotaHole
from ops_model.domain.values import Where, iso_utc

OPERATING_FUNCTIONS = ("platform", "reliability")


@check(
    "OWN-01",
    question="Is one person accountable for the system, by name?",
    area="ownership",
    source=["S1.19", "S2.1"],
    revision=1,
)
def owner_is_a_person(ctx: Context) -> Outcome:
    """'The data science team owns it' means that nobody does; a page needs somebody to reach."""
    ownership = ctx.system.ownership
    if ownership is None:
        return no_file(ctx, "ownership")
    owner, deputy = ownership.accountable, ownership.deputy
    where = ownership.place_of("accountable")
    if reason := ctx.why_not_active(owner):
        return failed(
            f"accountable: {reason}; expected a person who works here",
            looked_at=[where],
            remedy="whoever leads the business side names one person in ownership.yaml",
        )
    if deputy == owner:
        return failed(
            f"{owner} is accountable and deputy at once; expected two people",
            looked_at=[where, ownership.place_of("deputy")],
            remedy=f"{owner} names somebody else as deputy",
            owner=owner,
        )
    if deputy is not None and (reason := ctx.why_not_active(deputy)):
        return failed(
            f"deputy: {reason}; expected a person who works here",
            looked_at=[ownership.place_of("deputy")],
            remedy=f"{owner} names another deputy",
            owner=owner,
        )
    return passed(
        f"{owner} is accountable, deputy {deputy or 'nobody'}",
        looked_at=[where, ctx.model.people.where],
    )


@check(
    "OWN-04",
    question="Does somebody answer for reliability, cost and compliance together?",
    area="ownership",
    source=["S2.2"],
    revision=1,
)
def domains_owned_together(ctx: Context) -> Outcome:
    """Three owners without one above them leave every trade-off between them to nobody."""
    ownership = ctx.system.ownership
    if ownership is None:
        return no_file(ctx, "ownership")
    domains = ownership.domains
    holders = {name: getattr(domains, name) for name in type(domains).model_fields}
    named = {**holders, "all three together": ownership.accountable}
    faults = [
        f"{name}: {reason}" for name, h in named.items() if (reason := ctx.why_not_active(h))
    ]
    if faults:
        return failed(
            f"{'; '.join(faults)}; expected a person who works here for each",
            looked_at=[ownership.where],
            remedy=f"{ownership.accountable} names them under `domains` in ownership.yaml",
        )
    split = ", ".join(f"{name} {holder}" for name, holder in holders.items())
    return passed(
        f"{ownership.accountable} answers for all: {split}",
        looked_at=[domains.where, ownership.place_of("accountable")],
    )


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
    primaries = _rostered(rota, "primary", ctx.as_of)
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
    primaries = _rostered(rota, "primary", ctx.as_of)
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
            looked_at=looked_at,
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
    question="Do at least two people share each layer, with no gap and no one twice?",
    area="ownership",
    source=["S1.20"],
    revision=1,
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
            looked_at=[rota.where, *(ly.where for ly in small)],
            remedy="the reliability owner adds people to on_call.yaml",
        )
    found = _coverage(ctx, rota, max_age_days)
    if isinstance(found, Outcome):
        return found
    covered = found.record
    if covered.holes:
        return failed(
            f"{_spans(covered.holes)}; expected no hole in {covered.days} days",
            looked_at=[rota.where, found.where],
            remedy=_fill(ctx),
            values={"covered_share": covered.covered_share},
        )
    return passed(
        f"{len(covered.people)} people share {len(rota.layers)} layers without a gap in "
        f"{covered.days} days",
        looked_at=[rota.where, found.where],
        values={"covered_share": covered.covered_share},
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


def _rostered(rota: OnCallRotation, role: Role, as_of: datetime) -> tuple[str, ...]:
    """Everybody who holds the role by a layer, or by an override that is not over."""
    turns = [p for layer in rota.layers if layer.role == role for p in layer.participants]
    swaps = [o.person for o in rota.overrides if o.role == role and o.end > as_of]
    return tuple(dict.fromkeys([*turns, *swaps]))


def _places(rota: OnCallRotation, role: Role) -> list[Where]:
    return [layer.where for layer in rota.layers if layer.role == role] or [rota.where]


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
