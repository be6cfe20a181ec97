"""How a change begins: asked for by somebody, tried elsewhere first, and decided in time."""

from datetime import date, datetime, time, timedelta

from ops_model.check.api import (
    Context,
    Outcome,
    all_of,
    check,
    counted,
    failed,
    no_file,
    not_applicable,
    passed,
    unknown,
)
from ops_model.domain.change import (
    Change,
    ChangeCandidate,
    ChangeRequest,
)
from ops_model.domain.system import Kind
from ops_model.domain.values import iso_utc, zone


@check(
    "CCH-01",
    question="Is every challenger tried where no customer is?",
    area="change",
    source=["S3.27"],
    revision=1,
)
def challengers_run_in_test(ctx: Context) -> Outcome:
    """An experiment on customers is an incident that somebody planned."""
    change = ctx.system.change
    if change is None:
        return no_file(ctx, "change")
    plans = [(r, r.challenger) for r in change.requests if r.challenger is not None]
    if not plans:
        return not_applicable("no challenger is planned", looked_at=[change.where])
    looked_at = [plan.place_of("environment") for _, plan in plans]
    live = [request for request, plan in plans if plan.environment == "production"]
    if live:
        return failed(
            f"{', '.join(r.id for r in live)}: the challenger is to run in production; expected "
            "test or staging",
            looked_at=looked_at,
            remedy=f"{live[0].requested_by} plans it on recorded cases in test, in change.yaml",
        )
    return passed(
        "; ".join(f"{r.id}: in {plan.environment}, {plan.cases:,} cases" for r, plan in plans),
        looked_at=looked_at,
    )


@check(
    "CCH-03",
    question="Was what serves now asked for and compared before it reached users?",
    area="change",
    source=["S3.29"],
    revision=1,
)
def serving_version_was_asked_for(ctx: Context) -> Outcome:
    """A version that nobody asked for is one that nobody can say why it is there."""
    since = _changed_at(ctx)
    if isinstance(since, Outcome):
        return since
    version = ctx.system.identity.version
    change = ctx.system.change
    if change is None:
        return no_file(ctx, "change")
    requests = [r for r in change.requests if r.to_version == version.label]
    if not requests:
        return failed(
            f"{version.label} serves since {since.date()}, and no change request leads to it",
            looked_at=[version.where, change.place_of("requests")],
            remedy="the owner writes the request in change.yaml with what it was compared with, "
            "or goes back to the version before",
        )
    faults = {r.id: _request_fault(change, r, since) for r in requests}
    sound = [r for r in requests if not faults[r.id]]
    if not sound:
        return failed(
            "; ".join(f"{request}: {fault}" for request, fault in faults.items()),
            looked_at=[
                version.where,
                *(r.place_of("requested_at") if r.challenger else r.where for r in requests),
            ],
            remedy="the owner has the serving version compared with the one before, in test, and "
            "writes the plan in change.yaml",
        )
    return passed(
        f"{sound[0].id} asked for {version.label} on {sound[0].requested_at.date()}, before it "
        "reached users, with a challenger planned",
        looked_at=[version.where, sound[0].where],
    )


@check(
    "CCH-04",
    question="Is it written what a challenger must reach, and how often each case runs?",
    area="change",
    source=["S3.30"],
    revision=1,
)
def margin_and_repeats_written(ctx: Context, *, min_repeats: int = 3) -> Outcome:
    """A margin chosen after the result always fits; one answer of a model that varies is luck."""
    change, kind = ctx.system.change, ctx.system.identity.kind
    if change is None:
        return no_file(ctx, "change")
    requests = [r for r in change.requests if r.challenger is not None]
    if not requests:
        return not_applicable("no challenger is planned", looked_at=[change.where])
    return all_of([_trial(request, kind, min_repeats) for request in requests])


@check(
    "CCH-06",
    question="Does somebody decide what is worth adopting, and in time?",
    area="change",
    source=["S2.14"],
    revision=1,
)
def adoption_is_decided(ctx: Context) -> Outcome:
    """What nobody decides about is adopted by whoever tries it first."""
    change, decisions = ctx.system.change, ctx.system.decisions
    if change is None:
        return no_file(ctx, "change")
    if decisions is None:
        return no_file(ctx, "decisions")
    right = decisions.right("adopt_change")
    why = "nobody holds it" if right is None else ctx.why_nobody(right.holder)
    if right is None or why:
        return failed(
            f"the right to adopt a change: {why}",
            looked_at=[decisions.where if right is None else right.where],
            remedy="the owner gives the right adopt_change to somebody in decisions.yaml",
        )
    today = ctx.as_of.astimezone(zone(ctx.model.settings.zone)).date()
    held = passed(f"{right.holder} decides what is adopted", looked_at=[right.where])
    return all_of([held, *(_candidate(ctx, c, right.holder, today) for c in change.candidates)])


def _changed_at(ctx: Context) -> datetime | Outcome:
    """When the serving version took the place of another, or the answer where none did."""
    identity, version = ctx.system.identity, ctx.system.identity.version
    live = identity.went_live_at
    if live is None or live > ctx.as_of:
        return not_applicable("no user is served yet", looked_at=[identity.where])
    since = version.in_production_since
    if since is None:
        return unknown(
            "missing",
            f"people are served since {live.date()}, and nobody wrote since when by "
            f"{version.label}",
            looked_at=[version.where, identity.place_of("stage_history")],
            remedy="the owner writes `version.in_production_since` in system.yaml",
        )
    if since <= live:
        return not_applicable(
            f"{version.label} has served from the first day, so nothing was changed since",
            looked_at=[version.where],
        )
    return since


def _request_fault(change: Change, request: ChangeRequest, served_from: datetime) -> str:
    """Why a request does not show that the version was compared first; empty when it does."""
    rollout = change.rollout(request.rollout)
    begun = rollout.starts_at if rollout else served_from
    if request.challenger is None:
        return "no challenger is planned in it"
    if request.requested_at >= begun:
        return (
            f"was asked for at {iso_utc(request.requested_at)}, after it was rolled out "
            f"({iso_utc(begun)})"
        )
    return ""


def _trial(request: ChangeRequest, kind: Kind, min_repeats: int) -> Outcome:
    """Whether one comparison is planned so that its result means something."""
    plan = request.challenger
    if plan is None:  # only for typing: requests without one were left out
        return not_applicable(f"{request.id} plans no challenger", looked_at=[request.where])
    varies = kind != "predictive"
    faults = {} if plan.margin is not None else {"margin": "no margin is written"}
    if varies and plan.repeats < min_repeats:
        faults["repeats"] = (
            f"each case runs {counted(plan.repeats, 'time')}; expected at least {min_repeats}, "
            "since answers vary"
        )
    if faults:
        return failed(
            f"{request.id}: {'; '.join(faults.values())}",
            looked_at=[plan.place_of(key) for key in faults],
            remedy=f"{request.requested_by} writes them in change.yaml before the comparison runs",
        )
    repeats = f", each case {counted(plan.repeats, 'time')}" if varies else ""
    return passed(
        f"{request.id}: {plan.metric} may be worse by less than {plan.margin:g}{repeats}",
        looked_at=[plan.where],
    )


def _candidate(ctx: Context, candidate: ChangeCandidate, holder: str, today: date) -> Outcome:
    """Whether one candidate is decided, or still has time."""
    if candidate.decision is None and candidate.decide_by < today:
        return failed(
            f"{candidate.id} should have been decided by {candidate.decide_by}",
            looked_at=[candidate.where],
            remedy=f"{holder} decides adopt, reject or later, and writes it in change.yaml",
        )
    if candidate.decision is None:
        ends = candidate.decide_by + timedelta(days=1)
        return passed(
            f"{candidate.id} is open until {candidate.decide_by}",
            looked_at=[candidate.where],
            valid_until=datetime.combine(ends, time(), zone(ctx.model.settings.zone)),
        )
    if candidate.decided_by is None:
        return failed(
            f"{candidate.id}: {candidate.decision}, decided by nobody who is named",
            looked_at=[candidate.where],
            remedy=f"{holder} writes decided_by and decided_on in change.yaml",
        )
    return passed(
        f"{candidate.id}: {candidate.decision} ({candidate.decided_by})",
        looked_at=[candidate.where],
    )
