"""What is asked of a column on two sides: how far it moved, beside what its own blocks do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ops_model.analysis import by_chance
from ops_model.analysis.cells import same_cells
from ops_model.analysis.column import Column, Metric, categorical_column, numeric_column
from ops_model.analysis.drift_rule import FLOOR, FLOOR_SHARE, Question, largest
from ops_model.analysis.profile import Floats, Profile

_WORDS = {"w1_sd": "W1/sd", "js": "JS distance", "tv": "total variation"}
_MISSING = "the change in the share of missing values"
_UNSEEN = "the share of rows in values that the reference never held"
Blocks = Sequence[NDArray[np.bool_]]


@dataclass(frozen=True)
class Asked:
    """The questions about a column; none where either side holds fewer rows than `min_n`.

    `values` are the rows of both sides that hold a value: with `enough` of them the first question
    is the distance, else only missing values are asked about. `blocks` is how many blocks of the
    reference answered for the distance.
    """

    rows: tuple[int, int]
    values: tuple[int, int]
    enough: bool
    questions: tuple[Question, ...]
    blocks: int


def ask(column: Column, blocks: Blocks, min_n: int) -> Asked:
    """All that is asked of one column."""
    one, other = column.reference.sum(axis=0), column.current.sum(axis=0)
    rows = (int(one[: column.cells].sum()), int(other[: column.cells].sum()))
    values = (int(column.values(one)), int(column.values(other)))
    if min(rows) < min_n:
        return Asked(rows, values, enough=False, questions=(), blocks=0)
    beside = _beside(column, blocks)
    full = _full(column, beside, min_n)
    earlier = _earlier(column, min_n)
    missing = _missing(column, one, other, beside, earlier)
    if min(values) < min_n:
        return Asked(rows, values, enough=False, questions=(missing,), blocks=len(full))
    distance = _distance(column, one, other, full, earlier)
    unseen = _unseen(column, one, other, full, earlier)
    questions = (distance, missing, *unseen)
    return Asked(rows, values, enough=True, questions=questions, blocks=len(full))


def columns_of(
    reference: Profile, current: Profile, before: Profile | None, metric: Metric
) -> list[Column]:
    """All columns of these profiles on both sides, numbers first.

    Raises:
        SpecError: they counted into different cells.
    """
    for other in (current, before or current):
        same_cells(reference.spec, other.spec)
    found = [
        numeric_column(grid, reference.numeric[grid.name], current.numeric[grid.name], metric)
        for grid in reference.spec.grids
    ]
    found += [
        categorical_column(c, reference.categories[c.name], current.categories[c.name], metric)
        for c in reference.spec.categories
    ]
    if before is None:
        return found
    tables = {name: counts.table for name, counts in before.numeric.items()}
    tables |= {name: counts.astype(np.float64) for name, counts in before.categories.items()}
    return [replace(column, before=tables[column.name]) for column in found]


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


def _earlier(column: Column, min_n: int) -> Floats | None:
    """The window before, when it holds enough rows to confirm or to deny anything."""
    if column.before is None:
        return None
    window: Floats = column.before.sum(axis=0)
    return window if window[: column.cells].sum() >= min_n else None


def _beside(column: Column, blocks: Sequence[NDArray[np.bool_]]) -> list[tuple[Floats, Floats]]:
    """For each block the rest of the reference, and the block."""
    whole = column.reference.sum(axis=0)
    sums = [column.reference[mask].sum(axis=0) for mask in blocks]
    return [(whole - block, block) for block in sums]


def _full(
    column: Column, beside: Sequence[tuple[Floats, Floats]], min_n: int
) -> list[tuple[Floats, Floats]]:
    """The blocks that hold enough values: few ones alone would make a distance large."""
    values = [float(column.values(block)) for _, block in beside]
    least = min(min_n, float(np.median(values)) / 2) if values else 0.0
    return [pair for pair, n in zip(beside, values, strict=True) if n and n >= least]


def _distance(
    column: Column,
    one: Floats,
    other: Floats,
    blocks: Sequence[tuple[Floats, Floats]],
    earlier: Floats | None,
) -> Question:
    return Question(
        _WORDS[column.metric],
        float(column.apart(one, other)),
        FLOOR,
        column.chance(one, other),
        largest([float(column.apart(rest, block)) for rest, block in blocks]),
        None
        if earlier is None or not column.values(earlier)
        else float(column.apart(one, earlier)),
        bounded=column.metric != "w1_sd",
    )


def _missing(
    column: Column,
    one: Floats,
    other: Floats,
    blocks: Sequence[tuple[Floats, Floats]],
    earlier: Floats | None,
) -> Question:
    def change(rest: Floats, block: Floats) -> float:
        return abs(float(column.missing(block) - column.missing(rest)))

    n, m = (float(window[: column.cells].sum()) for window in (one, other))
    return Question(
        _MISSING,
        change(one, other),
        FLOOR_SHARE,
        by_chance.share(float(column.missing(one)), float(column.missing(other)), n, m),
        largest([change(rest, block) for rest, block in blocks]),
        None if earlier is None else change(one, earlier),
    )


def _unseen(
    column: Column,
    one: Floats,
    other: Floats,
    blocks: Sequence[tuple[Floats, Floats]],
    earlier: Floats | None,
) -> list[Question]:
    if column.kind == "numeric":
        return []
    return [
        Question(
            _UNSEEN,
            float(column.unseen(one, other)),
            FLOOR_SHARE,
            by_chance.unseen(one[1:], float(column.values(other))),
            largest([float(column.unseen(rest, block)) for rest, block in blocks]),
            None if earlier is None else float(column.unseen(one, earlier)),
        )
    ]
