"""What is on record of how a version was built, as several checks ask for it."""

from collections.abc import Callable

from ops_model.check.context import Context
from ops_model.check.outcome import Outcome, unknown
from ops_model.check.recorded import Recorded
from ops_model.check.remedies import called
from ops_model.check.remedies_drills import observe_env
from ops_model.domain.trials import EnvironmentRecord


def how_built(
    ctx: Context, what: str, speaks: Callable[[EnvironmentRecord], bool], *, remedy: str = ""
) -> Recorded[EnvironmentRecord] | Outcome:
    """The last look at the build of the version in system.yaml that speaks of what is asked.

    Another version's says nothing of it, and whoever builds a version again takes nothing away
    from what its first build has shown. `what` is asked, such as `pull request`.
    """
    version = ctx.system.identity.version
    digest, remedy = version.digest(), remedy or observe_env(ctx.system)
    looks = ctx.evidence.all(
        EnvironmentRecord, matching=lambda build: build.version_digest == digest
    )
    speaking = [look for look in looks if speaks(look.record)]
    if speaking:
        return max(speaking, key=lambda e: (e.record.as_of, e.statement.seq))
    if looks:
        return unknown(
            "missing",
            f"{called(version.label)}: no {what} is on record",
            looked_at=[version.where, looks[-1].where],
            remedy=remedy,
        )
    other = ctx.evidence.latest(EnvironmentRecord)
    if other is None:
        return unknown(
            "missing",
            f"no such measurement: how {called(version.label)} was built is not on record",
            looked_at=[version.where],
            remedy=remedy,
        )
    return unknown(
        "expired",
        f"what is on record is how {other.record.version} of {other.record.as_of.date()} was "
        f"built; {called(version.label)} is made of something else now",
        looked_at=[version.where, other.where],
        remedy=remedy,
    )
