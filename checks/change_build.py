"""How what serves was built: tested before, and built again alike."""

from collections.abc import Iterator
from datetime import timedelta

from ops_model.check.api import (
    Context,
    Outcome,
    Recorded,
    aged,
    by_tier,
    check,
    counted,
    failed,
    passed,
    unknown,
    valid_until,
)
from ops_model.check.builds import how_built
from ops_model.check.remedies import called
from ops_model.check.remedies_drills import build_again, observe_env
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.system import VersionTuple
from ops_model.domain.trials import EnvironmentRecord

SHORT_COMMIT = 7
"""The fewest signs by which a commit is known; fewer begin many commits."""


@check(
    "ENV-01",
    question="Did an automatic build test what serves now, and did it pass?",
    area="change",
    source=["S4.6"],
    revision=2,
)
def build_was_tested(ctx: Context) -> Outcome:
    """What is tested by hand is tested on the day on which there is time for it."""
    version = ctx.system.identity.version
    found = how_built(
        ctx, "automatic build", lambda b: b.ci_run is not None or b.ci_passed is not None
    )
    if isinstance(found, Outcome):
        return found
    build, looked_at = found.record, [version.where, found.where]
    if build.ci_passed is None and build.ci_run is not None:
        return unknown(
            "missing",
            f"whether {build.ci_run} passed is not on record",
            looked_at=looked_at,
            remedy=observe_env(ctx.system),
        )
    if (unnamed := _unnamed_commit(ctx.system, found)) is not None:
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
    revision=2,
)
def build_is_reproducible(ctx: Context, *, max_age_days: int = by_tier(90, 180, 365)) -> Outcome:
    """What cannot be built again cannot be mended on the day on which it has to be."""
    version = ctx.system.identity.version
    again = build_again(ctx.system)
    found = how_built(ctx, "second build", lambda b: b.rebuilt_alike is not None, remedy=again)
    if isinstance(found, Outcome):
        return found
    build, looked_at = found.record, [version.where, found.where]
    age = ctx.as_of - build.as_of
    if age > timedelta(days=max_age_days):
        return unknown(
            "expired",
            f"{called(version.label)} was last built again {aged(age, timedelta(days=1))} days "
            f"ago; expected at most {max_age_days}",
            looked_at=looked_at,
            remedy=again,
        )
    if build.rebuild_problem is not None:
        return failed(
            f"{called(version.label)}: built again on {build.as_of.date()}, it left nothing to "
            f"compare: {build.rebuild_problem}",
            looked_at=looked_at,
            remedy=f"the platform mends `build` in change.yaml or what it runs; then {again}",
        )
    if build.build_digest is None or build.rebuild_digest is None:
        return unknown(
            "missing",
            f"{called(version.label)}: no digest of its build is on record",
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


def _unnamed_commit(system: SystemClaims, found: Recorded[EnvironmentRecord]) -> Outcome | None:
    """The answer where nothing says of which commit the build or the version is."""
    version = system.identity.version
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
            remedy=f"in the checkout that was built, {observe_env(system)}",
        )
    return None


def _short(digest: str) -> str:
    """The beginning of a digest, enough to tell two apart."""
    return digest.removeprefix("sha256:")[:12]
