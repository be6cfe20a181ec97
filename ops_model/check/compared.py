"""The last comparison on record of the two versions that a change leads from and to."""

from ops_model.check.context import Context
from ops_model.check.recorded import Recorded
from ops_model.domain.change import ChangeRequest
from ops_model.domain.trials import ChallengerResult


def result_of(ctx: Context, request: ChangeRequest) -> Recorded[ChallengerResult] | None:
    """What was measured of this very change, of both versions as they are described now."""
    known = ctx.system.identity.known_version
    old, new = known(request.from_version), known(request.to_version)
    if old is None or new is None:
        return None
    digests = (old.digest(), new.digest())
    return ctx.evidence.latest(
        ChallengerResult,
        matching=lambda one: (
            one.request == request.id and (one.from_digest, one.to_digest) == digests
        ),
    )
