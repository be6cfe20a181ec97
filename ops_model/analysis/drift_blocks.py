"""How far the blocks of a reference lie apart: what moves so much by itself is no drift.

A block is a day or a week. A column that rises through its reference lies far from it a week later
too: that is why the farthest two blocks are taken, of which one may be the first and the other the
last, and not the farthest block from the rest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ops_model.analysis.column import Column
from ops_model.analysis.profile import Floats, Profile

FEWEST_BLOCKS = 8
"""Of fewer blocks nobody can say how far a reference moves by itself."""
FEWEST_FULL = 4
"""So many of eight have to hold a column that is often missing, before they limit it."""
MOST_PAIRED = 60
"""Of more blocks than this only those that lie farthest from the rest are paired.

The two that lie farthest from each other are among them but for odd shapes, and a year of days
costs no more than a year of weeks.
"""
Blocks = Sequence[NDArray[np.bool_]]
Apart = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class Blockwise:
    """The blocks of a column, one row each, and for each the rest of the reference."""

    block: Floats
    rest: Floats
    calibrated: bool

    def __len__(self) -> int:
        return len(self.block)

    def full(self, column: Column, min_n: int) -> "Blockwise":
        """Those that hold enough values: few ones alone would make a distance large."""
        values = column.values(self.block)
        least = min(min_n, float(np.median(values)) / 2) if len(values) else 0.0
        kept = (values > 0) & (values >= least)
        enough = self.calibrated and int(kept.sum()) >= FEWEST_FULL
        return Blockwise(self.block[kept], self.rest[kept], enough)

    def farthest_pair(self, apart: Apart) -> float | None:
        """How far the two lie apart that lie farthest; None where they are too few to tell."""
        if not self.calibrated:
            return None
        blocks = self.block
        if len(blocks) > MOST_PAIRED:
            blocks = blocks[np.argsort(apart(self.rest, blocks))[-MOST_PAIRED:]]
        return max(
            float(apart(blocks[place], blocks[place + 1 :]).max())
            for place in range(len(blocks) - 1)
        )

    def newest(self, unseen: Apart) -> float | None:
        """The most that a block holds of what all others lack; None where they are too few.

        Of the later half of the blocks, what all those before them lack counts as well: values
        come and go with time, and a window too has only what came before it to be compared with.
        """
        if not self.calibrated:
            return None
        half = len(self.block) // 2
        before = np.cumsum(self.block, axis=0)[half - 1 : -1]
        later = unseen(before, self.block[half:])
        return float(max(later.max(), unseen(self.rest, self.block).max()))


def blocks_of(reference: Profile, block_days: int) -> tuple[NDArray[np.bool_], ...]:
    """Whole blocks of the reference, each a mask over its days, counted from its first day.

    Days left over at the end, and blocks with less than half the rows of the median block, set no
    limit: few rows alone make a distance large. They stay part of the reference.
    """
    if not reference.days:
        return ()
    offset = np.array([(day - reference.days[0]).days for day in reference.days])
    whole = (int(offset[-1]) + 1) // block_days
    masks = [offset // block_days == number for number in range(whole)]
    rows = [int(reference.rows[mask].sum()) for mask in masks]
    least = float(np.median(rows)) / 2 if rows else 0.0
    return tuple(m for m, n in zip(masks, rows, strict=True) if n and n >= least)


def blockwise(column: Column, blocks: Blocks) -> Blockwise:
    """The blocks of one column."""
    whole = column.reference.sum(axis=0)
    sums = np.array([column.reference[mask].sum(axis=0) for mask in blocks])
    block: Floats = sums.reshape(-1, len(whole))
    return Blockwise(block, whole - block, len(blocks) >= FEWEST_BLOCKS)
