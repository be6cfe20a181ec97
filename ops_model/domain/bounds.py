"""Whether a measured number keeps a limit, judged on the side of its interval that matters."""

from ops_model.domain.evidence import Measured

FEWEST = 20
"""Of fewer rows nothing is said, whatever a claim or a policy allows.

Where all of twenty are right, one in six of all others may still be wrong.
"""


def bounds(measured: Measured) -> tuple[float, float] | None:
    """Between which two numbers it lies; None when it says neither that nor that it is exact.

    Nothing is known of what no row, or nobody knows how many, was counted for.
    """
    if not measured.n:
        return None
    if measured.low is not None and measured.high is not None:
        return measured.low, measured.high
    if measured.value is not None and measured.no_interval == "exact":
        return measured.value, measured.value
    return None


def counts_enough(measured: Measured, fewest: int = FEWEST) -> bool:
    """True when it is known and rests on enough rows, however few were asked for."""
    return measured.value is not None and (measured.n or 0) >= max(fewest, FEWEST)


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
