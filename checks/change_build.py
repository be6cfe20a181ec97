"""How what serves was built: tested before, built again alike, and read by somebody else."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    aged,
    by_tier,
    check,
    counted,
    failed,
    no_file,
    passed,
    unknown,
    valid_until,
)
from ops_model.check.remedies import called, made_later
from ops_model.domain.change import Change, ChangeRequest
from ops_model.domain.system import VersionTuple
from ops_model.domain.trials import EnvironmentRecord
from ops_model.domain.values import Where

SHORT_COMMIT = 7
"""The fewest signs by which a commit is known; fewer begin many commits."""


@check(
    "ENV-01",
    question="Did an automatic build test what serves now, and did it pass?",
    area="change",
    source=["S4.6"],
    revision=1,
)
def build_was_tested(ctx: Context) -> Outcome:
    """What is tested by hand is tested on the day on which there is time for it."""
    version = ctx.system.identity.version
    found = _built(ctx, "ENV-01")
    if isinstance(found, Outcome):
        return found
    build, looked_at = found.record, [version.where, found.where]
    if build.ci_passed is None and build.ci_run is not None:
        return unknown(
            "missing",
            f"whether {build.ci_run} passed is not on record",
            looked_at=looked_at,
            remedy=made_later("environment", "ENV-01"),
        )
    if (unnamed := _unnamed_commit(version, found)) is not None:
        return unnamed
    faults = list(_untested(version, build))
    if faults:
        return failed(
            f"{called(version.label)}: {'; '.join(faults)}",
            looked_at=looked_at,
            remedy="the platform runs the build of this very commit with its tests, mends what "
            "fails, and the owner writes the commit in system.yaml",
        )
    return passed(
        f"{called(version.label)}: {build.ci_run} passed, {counted(build.tests or 0, 'test')}",
        looked_at=looked_at,
    )


@check(
    "ENV-05",
    question="Does a second build of what serves come out the same?",
    area="change",
    source=["S4.8"],
    revision=1,
)
def build_is_reproducible(ctx: Context, *, max_age_days: int = by_tier(90, 180, 365)) -> Outcome:
    """What cannot be built again cannot be mended on the day on which it has to be."""
    version = ctx.system.identity.version
    found = _built(ctx, "ENV-05")
    if isinstance(found, Outcome):
        return found
    build, looked_at = found.record, [version.where, found.where]
    again = made_later("environment", "ENV-05")
    age = ctx.as_of - build.as_of
    if age > timedelta(days=max_age_days):
        return unknown(
            "expired",
            f"{called(version.label)} was last built again {aged(age, timedelta(days=1))} days "
            f"ago; expected at most {max_age_days}",
            looked_at=looked_at,
            remedy=again,
        )
    if build.build_digest is None or build.rebuild_digest is None:
        what = "digest of its build" if build.build_digest is None else "second build"
        return unknown(
            "missing",
            f"{called(version.label)}: no {what} is on record",
            looked_at=looked_at,
            remedy=again,
        )
    if build.build_digest != build.rebuild_digest:
        return failed(
            f"{called(version.label)}: built again it is {_short(build.rebuild_digest)}; what "
            f"serves is {_short(build.build_digest)}",
            looked_at=looked_at,
            remedy="the platform finds what the build takes from outside (packages without a "
            "lock, times, order), pins it, and the owner writes the new version in system.yaml",
        )
    return passed(
        f"{called(version.label)}: built again on {build.as_of.date()}, it came out as "
        f"{_short(build.build_digest)} both times",
        looked_at=looked_at,
        valid_until=valid_until(found, max_age_days=max_age_days),
    )


@check(
    "ENV-06",
    question="Did what serves come by the way of any other change, read by somebody else?",
    area="change",
    source=["S4.9"],
    revision=1,
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
    found = _built(ctx, "ENV-06")
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
        f"{', '.join(_readers(ctx, build, leading))}",
        looked_at=looked_at,
        valid_until=_unwritten_from(ctx, change),
    )


def _built(ctx: Context, check_id: str) -> Recorded[EnvironmentRecord] | Outcome:
    """The last look at how the version of system.yaml was built; another's says nothing of it."""
    version = ctx.system.identity.version
    digest = version.digest()
    found = ctx.evidence.latest(
        EnvironmentRecord, matching=lambda build: build.version_digest == digest
    )
    if found is not None:
        return found
    other = ctx.evidence.latest(EnvironmentRecord)
    if other is None:
        return unknown(
            "missing",
            f"no such measurement: how {called(version.label)} was built is not on record",
            looked_at=[version.where],
            remedy=made_later("environment", check_id),
        )
    return unknown(
        "expired",
        f"what is on record is how {other.record.version} of {other.record.as_of.date()} was "
        f"built; {called(version.label)} is made of something else now",
        looked_at=[version.where, other.where],
        remedy=made_later("environment", check_id),
    )


def _untested(version: VersionTuple, build: EnvironmentRecord) -> Iterator[str]:
    """What keeps a build from being a test of a version."""
    if build.ci_run is None:
        yield "no automatic build of it is known"
    if build.ci_passed is False:
        yield f"{build.ci_run or 'its build'} did not pass"
    if not build.tests:
        yield "no test ran"
    known, built = version.code_commit or "", build.commit or ""
    # A short name of a commit begins the long one.
    if not (known.startswith(built) or built.startswith(known)):
        yield f"what was tested is commit {built}; what serves is {known}"


def _unnamed_commit(version: VersionTuple, found: Recorded[EnvironmentRecord]) -> Outcome | None:
    """The answer where nothing says of which commit the build or the version is."""
    if len(version.code_commit or "") < SHORT_COMMIT:
        return unknown(
            "missing",
            f"{called(version.label)}: system.yaml names no commit that a build could be of",
            looked_at=[version.place_of("code_commit"), found.where],
            remedy="the owner writes `version.code_commit` in system.yaml, at least "
            f"{SHORT_COMMIT} signs of it",
        )
    if len(found.record.commit or "") < SHORT_COMMIT:
        return unknown(
            "missing",
            f"{called(version.label)}: which commit {found.record.ci_run or 'its build'} tested "
            "is not on record",
            looked_at=[version.where, found.where],
            remedy=made_later("environment", "ENV-01"),
        )
    return None


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
    elif not build.reviewed_by:
        yield f"nobody read {build.pull_request}"
    elif not _readers(ctx, build, leading):
        yield (
            f"{build.pull_request} was read by {', '.join(build.reviewed_by)} alone, who built it "
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
    for name in build.reviewed_by:
        person = ctx.model.people.person(name)
        if person is None or name in theirs or person.active_from > last:
            continue
        if person.active_to is None or person.active_to >= first:
            readers.append(name)
    return tuple(readers)


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


def _short(digest: str) -> str:
    """The beginning of a digest, enough to tell two apart."""
    return digest.removeprefix("sha256:")[:12]
