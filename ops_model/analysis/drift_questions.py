"""What is asked of a column on two sides: how far it moved, beside what its own blocks do."""

from dataclasses import dataclass, replace

import numpy as np

from ops_model.analysis import by_chance
from ops_model.analysis.cells import same_cells
from ops_model.analysis.column import Column, Metric, categorical_column, numeric_column
from ops_model.analysis.drift_blocks import Blocks, Blockwise, blockwise
from ops_model.analysis.drift_rule import FLOOR, FLOOR_SHARE, Question
from ops_model.analysis.profile import Floats, Profile

_WORDS = {"w1_sd": "W1/sd", "js": "JS distance", "tv": "total variation"}
_MISSING = "the change in the share of values that are missing or no finite number"
_UNSEEN = "the share of rows in values that the reference never held"


@dataclass(frozen=True)
class Asked:
    """The questions about a column; none where either side holds fewer rows than `min_n`.

    `values` are the rows of both sides that hold a value: with `enough` of them the first question
    is the distance, else only missing values are asked about. `blocks` is how many blocks of the
    reference answered for the distance; `calibrated` is true where these were enough.
    """

    rows: tuple[int, int]
    values: tuple[int, int]
    enough: bool
    questions: tuple[Question, ...]
    blocks: int = 0
    calibrated: bool = False


def ask(column: Column, blocks: Blocks, min_n: int) -> Asked:
    """All that is asked of one column."""
    one, other = column.reference.sum(axis=0), column.current.sum(axis=0)
    rows = (int(one[: column.cells].sum()), int(other[: column.cells].sum()))
    values = (int(column.values(one)), int(column.values(other)))
    if min(rows) < min_n:
        return Asked(rows, values, enough=False, questions=())
    beside = blockwise(column, blocks)
    full = beside.full(column, min_n)
    earlier = _earlier(column, min_n)
    missing = _missing(column, one, other, beside, earlier)
    enough = min(values) >= min_n
    questions: tuple[Question, ...] = (missing,)
    if enough:
        distance = _distance(column, one, other, full, earlier)
        questions = (distance, missing, *_unseen(column, one, other, full, earlier))
    return Asked(rows, values, enough, questions, len(full), full.calibrated)


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


def _earlier(column: Column, min_n: int) -> Floats | None:
    """The window before, when it holds enough rows to confirm or to deny anything."""
    if column.before is None:
        return None
    window: Floats = column.before.sum(axis=0)
    return window if window[: column.cells].sum() >= min_n else None


def _distance(
    column: Column,
    one: Floats,
    other: Floats,
    blocks: Blockwise,
    earlier: Floats | None,
) -> Question:
    return Question(
        _WORDS[column.metric],
        float(column.apart(one, other)),
        FLOOR,
        column.chance(one, other),
        blocks.farthest_pair(column.apart),
        None
        if earlier is None or not column.values(earlier)
        else float(column.apart(one, earlier)),
        bounded=column.metric != "w1_sd",
    )


def _missing(
    column: Column,
    one: Floats,
    other: Floats,
    blocks: Blockwise,
    earlier: Floats | None,
) -> Question:
    def change(one: Floats, other: Floats) -> Floats:
        return np.abs(column.missing(other) - column.missing(one))

    n, m = (float(window[: column.cells].sum()) for window in (one, other))
    return Question(
        _MISSING,
        float(change(one, other)),
        FLOOR_SHARE,
        by_chance.share(float(column.missing(one)), float(column.missing(other)), n, m),
        blocks.farthest_pair(change),
        None if earlier is None else float(change(one, earlier)),
    )


def _unseen(
    column: Column,
    one: Floats,
    other: Floats,
    blocks: Blockwise,
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
            blocks.newest(column.unseen),
            None if earlier is None else float(column.unseen(one, earlier)),
        )
    ]
