"""A share with an interval that takes days, or hours, and not rows for what could have differed.

The rows of one hour share its load, its release and its outage: a thousand failures in one hour
are one event. So the spread between blocks sets how many independent rows the rows are worth.
"""

import numpy as np

from ops_model.analysis.profile import Counts, Floats
from ops_model.analysis.repeatable import repeatable
from ops_model.analysis.spread import spread_of, wilson
from ops_model.domain.evidence import Measured

FEWEST_BLOCKS = 8
"""Of fewer blocks nobody can say how far blocks lie apart."""


def blocks_of(values: Counts | Floats, per_block: int) -> Counts | Floats:
    """Sums of so many values each, from the end; what is left over at the front is one too."""
    left_over = len(values) % per_block
    whole = values[left_over:].reshape(-1, per_block).sum(axis=1)
    return np.concatenate([[values[:left_over].sum()], whole]) if left_over else whole


def share_by_blocks(good: Counts | Floats, valid: Counts, *, unit: str = "share") -> Measured:
    """The good part of what is valid, of blocks of which those without any count nowhere."""
    n = int(valid.sum())
    if n == 0:
        return Measured(value=None, unit=unit, n=0, no_interval="too few")
    share, blocks = repeatable(float(good.sum()) / n), int((valid > 0).sum())
    if blocks < FEWEST_BLOCKS:
        return Measured(
            value=share, unit=unit, n=n, no_interval=f"too few: {blocks} blocks of time"
        )
    error = spread_of(good, valid).standard_error
    worth = float(n)
    if error and 0 < share < 1:
        worth = min(worth, share * (1 - share) / error**2)
    low, high = wilson(share * worth, worth)
    return Measured(value=share, unit=unit, n=n, low=repeatable(low), high=repeatable(high))
