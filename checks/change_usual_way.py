"""Which way a change came: by a pull request that somebody else has read, and by a build."""

from collections.abc import Iterator
from datetime import datetime

from ops_model.check.api import Context, Outcome, check, failed, no_file, passed
from ops_model.check.builds import how_built
from ops_model.check.remedies import called
from ops_model.domain.change import Change, ChangeRequest
from ops_model.domain.trials import EnvironmentRecord
from ops_model.domain.values import Where


@check(
    "ENV-06",
    question="Did what serves come by the way of any other change, read by somebody else?",
    area="change",
    source=["S4.9"],
    revision=2,
)
def change_took_the_usual_way(ctx: Context) -> Outcome:
    """A model that is copied to the server by its author is the one change that nobody saw."""
    change, version = ctx.system.change, ctx.system.identity.version
    if change is None:
        return no_file(ctx, "change")
    requests = _begun(ctx, change)
    unwritten = [place for request in requests for place in _unwritten(change, request)]
    if unwritten:
        return failed(
            "; ".join(what for what, _ in unwritten),
            looked_at=[where for _, where in unwritten],
            remedy="whoever asked for it writes the pull_request of the request and the ci_run of "
            "its rollout in change.yaml, or takes that way with the next change",
        )
    found = how_built(ctx, "pull request", lambda b: b.pull_request is not None or any(_named(b)))
    if isinstance(found, Outcome):
        return found
    leading = [r for r in requests if r.to_version == version.label]
    looked_at = [version.where, *(request.where for request in leading), found.where]
    faults = [*_unread(ctx, found.record, leading), *_another_way(change, found.record, leading)]
    if faults:
        return failed(
            f"{called(version.label)}: {'; '.join(faults)}",
            looked_at=looked_at,
            remedy="the owner has somebody who neither built it nor asked for it read the pull "
            "request, and writes in change.yaml which one it is",
        )
    build = found.record
    return passed(
        f"{called(version.label)} came by {build.pull_request}, read by "
        f"{', '.join(_readers(ctx, build, leading))}{_only_said(build)}",
        looked_at=looked_at,
        valid_until=_unwritten_from(ctx, change),
    )


def _begun(ctx: Context, change: Change) -> list[ChangeRequest]:
    """The requests that have reached users by now, or lead to what serves."""
    label = ctx.system.identity.version.label
    begun = []
    for request in change.requests:
        rollout = change.rollout(request.rollout)
        started = rollout is not None and rollout.starts_at <= ctx.as_of
        if started or (request.to_version == label and request.requested_at <= ctx.as_of):
            begun.append(request)
    return begun


def _unwritten_from(ctx: Context, change: Change) -> datetime | None:
    """When the first change that is planned without its build or its review reaches users."""
    planned = [(r, change.rollout(r.rollout)) for r in change.requests]
    starts = [
        rollout.starts_at
        for request, rollout in planned
        if rollout is not None
        and rollout.starts_at > ctx.as_of
        and any(_unwritten(change, request))
    ]
    return min(starts, default=None)


def _unwritten(change: Change, request: ChangeRequest) -> Iterator[tuple[str, Where]]:
    """What is not written of a change that reached users, and where it would stand."""
    rollout = change.rollout(request.rollout)
    if request.pull_request is None:
        yield f"{request.id}: no pull request is named", request.where
    if rollout is None:
        yield f"{request.id}: no rollout is named, so no build of it is", request.where
    elif rollout.ci_run is None:
        yield f"{request.id}: rollout {rollout.id} names no build (ci_run)", rollout.where


def _unread(ctx: Context, build: EnvironmentRecord, leading: list[ChangeRequest]) -> Iterator[str]:
    """Why nobody else has read a change; nothing where somebody has."""
    if build.pull_request is None:
        yield "no pull request of it is on record"
    elif not any(_named(build)):
        yield f"nobody read {build.pull_request}"
    elif not _readers(ctx, build, leading):
        yield (
            f"{build.pull_request} was read by {', '.join(_named(build))} alone, who built it "
            "or asked for it, or did not work here then"
        )


def _readers(
    ctx: Context, build: EnvironmentRecord, leading: list[ChangeRequest]
) -> tuple[str, ...]:
    """Who read a change, worked here then, and neither built it nor asked for it.

    Somebody else of the build team may: that is the way of any other change. It was read between
    the day on which it was asked for and that of the record.
    """
    theirs = {*ctx.system.identity.version.trained_by, *(r.requested_by for r in leading)}
    last = build.as_of.date()
    first = min([last, *(request.requested_at.date() for request in leading)])
    readers = []
    for name in _named(build):
        person = ctx.model.people.person(name)
        if person is None or name in theirs or person.active_from > last:
            continue
        if person.active_to is None or person.active_to >= first:
            readers.append(name)
    return tuple(readers)


def _named(build: EnvironmentRecord) -> tuple[str, ...]:
    """Who is named as a reader: by the commit, or by whoever recorded the build."""
    return tuple(dict.fromkeys([*build.reviewed_by, *build.reviewers_said]))


def _only_said(build: EnvironmentRecord) -> str:
    return "" if build.reviewed_by else ", as whoever recorded it says"


def _another_way(
    change: Change, build: EnvironmentRecord, leading: list[ChangeRequest]
) -> Iterator[str]:
    """Where the build on record is not the one that change.yaml names."""
    last = max(leading, key=lambda request: request.requested_at, default=None)
    if last is None:
        return
    rollout = change.rollout(last.rollout)
    for what, written, seen in (
        ("pull request", last.pull_request, build.pull_request),
        ("build", rollout.ci_run if rollout is not None else None, build.ci_run),
    ):
        if seen is not None and written is not None and seen != written:
            yield f"its {what} is {seen}; {last.id} says {written}"
