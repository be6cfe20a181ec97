"""Whether what serves now was asked for, and compared with what served, before users met it."""

from datetime import datetime

from ops_model.check.api import (
    Context,
    Outcome,
    check,
    failed,
    no_file,
    not_applicable,
    passed,
    said,
    unknown,
)
from ops_model.check.compared import result_of
from ops_model.check.remedies import called
from ops_model.check.remedies_drills import compare_challenger
from ops_model.domain.change import Change, ChangeRequest
from ops_model.domain.system import VersionTuple
from ops_model.domain.values import iso_utc


@check(
    "CCH-03",
    question="Was what serves now asked for and compared before it reached users?",
    area="change",
    source=["S3.29"],
    revision=2,
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
    requests = _leading_to(ctx, change)
    if not requests:
        return failed(
            f"{version.label} serves since {since.date()}, and no change request leads to it",
            looked_at=[version.where, change.place_of("requests")],
            remedy=f"the owner writes the request that led to {version.label} in change.yaml, "
            "with what it was compared with, or goes back to the version before",
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
            remedy=f"the owner has {version.label} compared with the version before, in test, and "
            "writes the plan in change.yaml",
        )
    return _compared(ctx, max(sound, key=lambda request: request.requested_at))


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
            f"{called(version.label)}",
            looked_at=[version.where, identity.place_of("stage_history")],
            remedy="the owner writes `version.in_production_since` in system.yaml",
        )
    earlier = [v for v in identity.other_versions if _served_before(v, since)]
    if since <= live and not earlier and not _leading_to(ctx, ctx.system.change):
        return not_applicable(
            f"{version.label} has served from the first day, so nothing was changed since",
            looked_at=[version.where],
        )
    return since


def _compared(ctx: Context, request: ChangeRequest) -> Outcome:
    """Whether the comparison that was asked for in time came out well."""
    version = ctx.system.identity.version
    asked = (
        f"{request.id} asked for {version.label} on {request.requested_at.date()}, before it "
        "reached users"
    )
    found = result_of(ctx, request)
    if found is None:
        return unknown(
            "missing",
            f"{asked}; what the comparison with {request.from_version} came to is not on record",
            looked_at=[version.where, request.where],
            remedy=f"{request.requested_by} {compare_challenger(ctx.system, request)}",
        )
    result, looked_at = found.record, [version.where, request.where, found.where]
    told = f"{result.verdict.replace('_', ' ')}, {said(result.difference)}"
    if result.verdict == "undecided":
        why = "; ".join(result.faults) or "too few cases"
        return unknown(
            "too_few", f"{asked}; the comparison is {told}: {why}", looked_at=looked_at,
            remedy=f"{request.requested_by} asks for more cases, or for new ones where these "
            f"cannot be trusted, and {compare_challenger(ctx.system, request)}",
        )  # fmt: skip
    if result.verdict == "worse":
        return failed(
            f"{asked}; the comparison is {told}", looked_at=looked_at,
            remedy=f"the owner goes back to {request.from_version}, or has {version.label} mended",
        )  # fmt: skip
    return passed(
        f"{asked}; compared with {request.from_version}: {told}",
        looked_at=looked_at, values={"difference": result.difference},
    )  # fmt: skip


def _served_before(version: VersionTuple, since: datetime) -> bool:
    return version.in_production_since is not None and version.in_production_since < since


def _leading_to(ctx: Context, change: Change | None) -> list[ChangeRequest]:
    """The requests made by now that lead to the version that serves."""
    label = ctx.system.identity.version.label
    requests = change.requests if change is not None else ()
    return [r for r in requests if r.to_version == label and r.requested_at <= ctx.as_of]


def _request_fault(change: Change, request: ChangeRequest, served_from: datetime) -> str:
    """Why a request does not show that the version was compared first; empty when it does."""
    rollout = change.rollout(request.rollout)
    # A rollout dated later than the service itself asks for nothing first.
    begun = min(rollout.starts_at, served_from) if rollout else served_from
    if request.challenger is None:
        return "no challenger is planned in it"
    if request.requested_at >= begun:
        return (
            f"was asked for at {iso_utc(request.requested_at)}, after it was rolled out "
            f"({iso_utc(begun)})"
        )
    return ""
