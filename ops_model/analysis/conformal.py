"""How wrong a forecast has to be expected to be, from how wrong it was about other series.

Split-conformal: of `n` errors seen, the interval leaves the outermost tenth out, counted as one of
`n + 1`, so that the error to come is taken for one more of the same kind. The history of a series
alone covers too little: about half, where 90 of 100 were meant (`docs/benchmarks.md`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

MIN_SERIES = 20
"""Below it the outermost errors seen are the interval, and one series more would move it."""
LEVEL = 0.9


@dataclass(frozen=True)
class ErrorBand:
    """Between which two errors, as logarithms of actual by forecast, one has to be expected."""

    low: float
    high: float
    series: int

    def holds(self, error: float) -> bool:
        """True when an error lies within."""
        return self.low <= error <= self.high


def error_band(errors: Sequence[float], *, level: float = LEVEL) -> ErrorBand | None:
    """The band of the errors seen; None of too few for the level."""
    seen, outside = sorted(errors), (1 - level) / 2
    # A sum of floats such as 0.05 x 20 may miss the whole number by a hair.
    low = floor((len(seen) + 1) * outside + 1e-9)
    high = ceil((len(seen) + 1) * (1 - outside) - 1e-9)
    if low < 1 or high > len(seen):
        return None
    return ErrorBand(seen[low - 1], seen[high - 1], len(seen))


def held_left_out(errors: Sequence[float], *, level: float = LEVEL) -> tuple[int, int]:
    """How many errors lie in the band of the others, of how many for which there is one."""
    return held_next(errors, errors, level=level)


def held_next(
    before: Sequence[float], after: Sequence[float], *, level: float = LEVEL
) -> tuple[int, int]:
    """How many errors lie in the band that the other series had before, of how many.

    Args:
        before: the error of each series in an earlier span, in some order.
        after: that of the same series in a later one, in the same order.
        level: how many of 100 shall lie within, as a share.
    """
    held = tried = 0
    for place, error in enumerate(after):
        band = error_band([*before[:place], *before[place + 1 :]], level=level)
        if band is not None:
            tried += 1
            held += band.holds(error)
    return held, tried
