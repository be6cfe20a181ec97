"""Whether a measured number keeps a limit, judged on the side of its interval that matters."""

from ops_model.check.measured import bounds
from ops_model.domain.evidence import Measured


def at_least(measured: Measured, limit: float) -> bool | None:
    """True when even its low end reaches the limit, False when its high end does not.

    None where neither holds, so that it cannot be told: the interval is too wide, nothing was
    counted, or the number has no interval and is no exact count.
    """
    ends = bounds(measured)
    if ends is None or ends[0] < limit <= ends[1]:
        return None
    return ends[0] >= limit


def at_most(measured: Measured, limit: float) -> bool | None:
    """True when even its high end keeps the limit, False when its low end is above it."""
    ends = bounds(measured)
    if ends is None or ends[0] <= limit < ends[1]:
        return None
    return ends[1] <= limit


def above(measured: Measured, limit: float) -> bool | None:
    """True when even its low end lies above the limit, False when its high end does not."""
    kept = at_most(measured, limit)
    return None if kept is None else not kept
