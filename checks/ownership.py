"""Who answers for the system once it is live: people, never teams, for every part of it."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import get_args

from ops_model.check.api import (
    Context,
    Outcome,
    check,
    failed,
    no_file,
    passed,
)
from ops_model.check.holders import owner_to_act
from ops_model.check.remedies import near
from ops_model.domain.ownership import DutyAssignment, DutyName, Ownership
from ops_model.domain.system import LifecycleTeams
from ops_model.domain.values import NOWHERE, Where


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
            remedy=_another(ctx, owner, "accountable"),
        )
    if deputy == owner:
        return failed(
            f"{owner} is accountable and deputy at once; expected two people",
            looked_at=[where, ownership.place_of("deputy")],
            remedy=f"{owner} names somebody else as `deputy` in ownership.yaml",
            owner=owner,
        )
    if deputy is not None and (reason := ctx.why_not_active(deputy)):
        return failed(
            f"deputy: {reason}; expected a person who works here",
            looked_at=[ownership.place_of("deputy")],
            remedy=_another(ctx, deputy, "deputy"),
            owner=owner,
        )
    return passed(
        f"{owner} is accountable, deputy {deputy or 'nobody'}",
        looked_at=[where, ctx.model.people.where],
        valid_until=ctx.until_gone(owner, deputy),
    )


@check(
    "OWN-03",
    question="Does one person own each seam between the teams, and one the whole way?",
    area="ownership",
    source=["S1.31"],
    revision=1,
)
def seams_owned(ctx: Context) -> Outcome:
    """Data, build, product and customers are four teams; what falls between two is nobody's."""
    ownership, identity = ctx.system.ownership, ctx.system.identity
    if ownership is None:
        return no_file(ctx, "ownership")
    faults = dict(_seam_faults(ctx, ownership, identity.teams))
    looked_at = [
        identity.place_of("teams"),
        ownership.place_of("seams"),
        ownership.place_of("lifecycle_owner"),
    ]
    if faults:
        return failed(
            "; ".join(faults),
            looked_at=looked_at,
            remedy=f"{owner_to_act(ctx, ownership)} "
            f"{', and '.join(dict.fromkeys(faults.values()))}",
        )
    seams = [f"{s.from_team} to {s.to_team}: {s.owner}" for s in ownership.seams]
    seams = seams or [f"all four teams are {identity.teams.build}, so that there is no seam"]
    return passed(
        "; ".join([f"{ownership.lifecycle_owner} owns the whole way", *seams]),
        looked_at=looked_at,
        valid_until=ctx.until_gone(
            ownership.lifecycle_owner, *(seam.owner for seam in ownership.seams)
        ),
    )


def _another(ctx: Context, name: str, key: str) -> str:
    """What is done about a person who cannot hold a place: both ways where the id is unknown."""
    people = ctx.model.people
    elsewhere = f"names another person as `{key}` in ownership.yaml"
    who = "whoever leads the business side"
    # As of a new workbook, whose people are examples.
    if all(ctx.why_not_active(person.id) for person in people.people):
        return (
            f"{who} writes into people.yaml who works here, in the place of those who do not, and "
            f"names one of them as `{key}` in ownership.yaml"
        )
    if people.person(name) is not None or people.team(name) is not None:
        return f"{who} {elsewhere}"
    meant = near(name, [person.id for person in people.people])
    return f"{who} adds {name} to people.yaml, or {elsewhere}" + (f": {meant}" if meant else "")


def _seam_faults(
    ctx: Context, ownership: Ownership, teams: LifecycleTeams
) -> Iterator[tuple[str, str]]:
    """Each thing that is wrong with the seams, and what puts it right."""
    if reason := ctx.why_not_active(ownership.lifecycle_owner):
        yield (
            f"lifecycle_owner: {reason}",
            "names a person as `lifecycle_owner` in ownership.yaml",
        )
    named = {side: getattr(teams, side) for side in type(teams).model_fields}
    unnamed = [side for side, team in named.items() if team is None]
    teams_of = f"names a team for {', '.join(unnamed)} under `teams` in system.yaml"
    yield from ((f"teams.{side}: no team is named", teams_of) for side in unnamed)
    in_order = [team for team in named.values() if team is not None]
    owner = ctx.model.people.person(ownership.lifecycle_owner)
    if (
        len(in_order) == len(named)
        and len(set(in_order)) == 1
        and (owner is not None and owner.team != in_order[0])
    ):
        yield (
            f"all four teams are {in_order[0]}, and {owner.id}, who owns the whole way, is not of "
            "it",
            "names the teams that there are under `teams` in system.yaml, or a person of "
            f"{in_order[0]} as `lifecycle_owner` in ownership.yaml",
        )
    # One team on both sides has no seam to fall through.
    for one, other in (pair for pair in pairwise(in_order) if len(set(pair)) == 2):
        owners = [s.owner for s in ownership.seams if {s.from_team, s.to_team} == {one, other}]
        seam = f"the seam between {one} and {other}"
        remedy = f"names a person for {seam} under `seams` in ownership.yaml"
        said = [f"{seam.removeprefix('the ')}: {why}" for owner in owners
                if (why := ctx.why_not_active(owner))]  # fmt: skip
        said += [] if owners else [f"nobody owns {seam}"]
        yield from ((fault, remedy) for fault in said)


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
    faults = {name: why for name, h in named.items() if (why := ctx.why_not_active(h))}
    if faults:
        said = "; ".join(f"{name}: {why}" for name, why in faults.items())
        return failed(
            f"{said}; expected a person who works here for each",
            looked_at=_named_at(ownership, faults),
            remedy=f"{owner_to_act(ctx, ownership)} names a person for {_domains(faults)} in "
            "ownership.yaml",
        )
    split = ", ".join(f"{name} {holder}" for name, holder in holders.items())
    return passed(
        f"{ownership.accountable} answers for all: {split}",
        looked_at=[domains.where, ownership.place_of("accountable")],
        valid_until=ctx.until_gone(*named.values()),
    )


def _domains(names: Iterable[str]) -> str:
    """The keys of ownership.yaml in which these domains are named."""
    whole = "all three together"
    return ", ".join("`accountable`" if n == whole else f"`domains.{n}`" for n in names)


def _named_at(ownership: Ownership, names: Iterable[str]) -> list[Where]:
    """Where each of these domains is named, or all three together by who is accountable."""
    domains, whole = ownership.domains, ownership.place_of("accountable")
    written = domains.where != NOWHERE
    places = {
        name: domains.place_of(name) if written else ownership.where
        for name in type(domains).model_fields
    }
    return [places.get(name, whole) for name in names]


@check(
    "OWN-08",
    question="Is each of the six standing duties done by somebody, with a deputy?",
    area="ownership",
    source=["S2.5"],
    revision=1,
)
def six_duties_assigned(ctx: Context) -> Outcome:
    """Feeding, watching, retraining, cost, policy and improvement are work, and need people."""
    ownership = ctx.system.ownership
    if ownership is None:
        return no_file(ctx, "ownership")
    duties = {name: ownership.duties.get(name) for name in get_args(DutyName)}
    faults = {name: why for name, d in duties.items() if (why := _why_not_done(ctx, name, d))}
    if faults:
        return failed(
            "; ".join(f"{name}: {why}" for name, why in faults.items()),
            looked_at=[duty.where for name in faults if (duty := duties[name]) is not None]
            or [ownership.place_of("duties")],
            remedy=f"{owner_to_act(ctx, ownership)} gives {', '.join(faults)} to a person, with "
            "another as deputy, under `duties` in ownership.yaml",
        )
    held = [(name, duty) for name, duty in duties.items() if duty is not None]
    return passed(
        "; ".join(f"{name}: {duty.primary}, deputy {duty.deputy}" for name, duty in held),
        looked_at=[duty.where for _, duty in held],
        valid_until=ctx.until_gone(*(p for _, duty in held for p in (duty.primary, duty.deputy))),
    )


def _why_not_done(ctx: Context, name: DutyName, duty: DutyAssignment | None) -> str:
    if duty is None:
        return "nobody does it"
    if reason := ctx.why_not_active(duty.primary):
        return reason
    if duty.deputy == duty.primary:
        return f"{duty.primary} is primary and deputy at once"
    if reason := ctx.why_not_active(duty.deputy):
        return f"deputy: {reason}"
    both = [ctx.model.people.person(p) for p in (duty.primary, duty.deputy)]
    ours = any(person is not None and person.employer == "internal" for person in both)
    if ours or _partner_leads(ctx, name):
        return ""
    return f"{duty.primary} and {duty.deputy} are a partner's; expected one of our own people"


def _partner_leads(ctx: Context, duty: DutyName) -> bool:
    """True when by the transition a partner leads this duty today."""
    plan = ctx.system.ownership.transition if ctx.system.ownership else None
    ladders = plan.ladders if plan else ()
    phases = {ladder.duty: ladder.phase_on(ctx.today) for ladder in ladders}
    return phases.get(duty) == "partner_led"
