"""Did the inputs, or the score, move: column by column, between a reference and a window.

Asked per column of the distance, of the share of missing values, and of the share of rows in
values that the reference never held; `drift_rule` says when an answer counts. Significance is no
rule: at these sizes everything is significant, and rows of one day are not independent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ops_model.analysis.column import Column, Metric
from ops_model.analysis.drift_blocks import FEWEST_BLOCKS, blocks_of
from ops_model.analysis.drift_questions import Asked, ask, columns_of
from ops_model.analysis.drift_rule import FACTOR, FACTOR_ALONE, FLOOR, Question
from ops_model.analysis.profile import Floats, Profile
from ops_model.analysis.repeatable import repeatable
from ops_model.domain.detection import ColumnDrift
from ops_model.domain.evidence import Measured

BLOCK_DAYS = 7
_RESAMPLES = 400
_SEED = 20130722
_FEWEST_DAYS = 4
_UNITS: Mapping[Metric, str] = {"w1_sd": "sd", "js": "js", "tv": "tv"}


@dataclass(frozen=True)
class DriftResult:
    """What `measure_drift` found; `blocks` is how many weeks of the reference calibrate it."""

    rows_reference: int
    rows_current: int
    calibrated: bool
    blocks: int
    factor: float
    columns: tuple[ColumnDrift, ...]


def measure_drift(
    reference: Profile,
    current: Profile,
    before: Profile | None = None,
    *,
    metric: Metric = "w1_sd",
    min_n: int = 100,
    block_days: int = BLOCK_DAYS,
) -> DriftResult:
    """How far each column moved, and whether that counts as drift.

    Args:
        reference: profile of the baseline, by day; eight whole blocks or more calibrate the rule.
        current: profile of the window under watch, of the same spec.
        before: profile of the window that ended one block earlier; without it `current` decides
            alone, by a larger factor, and says so.
        metric: the effect that the rule compares; `w1_sd` for numbers falls back to `tv` for
            categories and where the reference never varied.
        min_n: with fewer rows on either side nothing is said about a column.
        block_days: length of a block; a window shorter than a week is compared with blocks of its
            own length, since short spans vary more.

    Returns:
        The columns in the order of the spec. An effect's interval covers the sampling of the
        window's days, not that of the reference; days are taken as independent of one another.
    """
    blocks = blocks_of(reference, block_days)
    columns = columns_of(reference, current, before, metric)
    return DriftResult(
        reference.total,
        current.total,
        len(blocks) >= FEWEST_BLOCKS,
        len(blocks),
        FACTOR if before is not None and before.total >= min_n else FACTOR_ALONE,
        tuple(_judged(column, ask(column, blocks, min_n), min_n) for column in columns),
    )


def _judged(column: Column, asked: Asked, min_n: int) -> ColumnDrift:
    if not asked.questions:
        return _too_few(column, asked.rows, min_n)
    first = asked.questions[0]
    told = asked.enough and not first.hopeless
    found = [question for question in asked.questions if question.drifted]
    one, other = column.reference.sum(axis=0), column.current.sum(axis=0)
    statistics = column.statistics(one, other) if asked.enough else {}
    return ColumnDrift(
        name=column.name,
        kind=column.kind,
        **{name: repeatable(value) for name, value in statistics.items()},
        null_change=float(column.missing(other) - column.missing(one)),
        unseen_share=float(column.unseen(one, other)),
        effect=_effect(column, column.current, first.value if told else None, asked.values[1]),
        before=_effect_before(column, first.before if told else None),
        limit=repeatable(first.limit) if asked.enough else FLOOR,
        drifted=bool(found),
        hidden=any(question.hidden for question in asked.questions),
        reason=_reason(column, asked, found),
    )


def _reason(column: Column, asked: Asked, found: Sequence[Question]) -> str:
    hidden = [question for question in asked.questions if question.hidden]
    shown = found or [q for q in asked.questions if q.passed] or hidden or asked.questions[:1]
    said = "; ".join(str(question) for question in shown) + column.note
    if hidden and not found:
        said += "; so far apart, and its reference lies as far apart itself: nobody can tell"
    if not asked.enough:
        before, now = asked.values
        few = f"too few to say: {before} and {now} rows hold a value"
        # What was found stands first, else that nothing can be said.
        said = f"{said}; how far apart, {few}" if found else f"{few}; {said}"
    elif asked.questions[0].hopeless:
        said += "; its own blocks, or so few rows, lie as far apart as can be: no verdict"
    return said + _calibrated_by(asked)


def _calibrated_by(asked: Asked) -> str:
    if asked.blocks >= FEWEST_BLOCKS:
        return ""
    if asked.calibrated:
        return f"; only {asked.blocks} blocks hold enough values to set a limit"
    return f"; not calibrated: {asked.blocks} of the {FEWEST_BLOCKS} blocks that it needs"


def _too_few(column: Column, rows: Sequence[int], min_n: int) -> ColumnDrift:
    return ColumnDrift(
        name=column.name,
        kind=column.kind,
        effect=_effect(column, column.current, None, rows[1]),
        limit=FLOOR,
        drifted=False,
        reason=f"too few to say: {rows[0]} and {rows[1]} rows; expected {min_n} on each side",
    )


def _effect(column: Column, window: Floats, value: float | None, n: int) -> Measured:
    unit = _UNITS[column.metric]
    if value is None:
        return Measured(value=None, unit=unit, n=n, no_interval="too few")
    days = len(window)
    number = Measured(value=repeatable(value), unit=unit, n=n)
    if days < _FEWEST_DAYS:
        reason = f"fewer than {_FEWEST_DAYS} days to resample"
        return number.model_copy(update={"no_interval": reason})
    radius = _radius(column, window)
    low, high = repeatable(max(value - radius, 0.0)), repeatable(value + radius)
    return number.model_copy(update={"low": low, "high": high})


def _effect_before(column: Column, value: float | None) -> Measured | None:
    if column.before is None:
        return None
    return _effect(column, column.before, value, int(column.values(column.before.sum(axis=0))))


def _radius(column: Column, window: Floats) -> float:
    """How far a window itself would move if other days had been drawn, at 95 %.

    By the triangle inequality a distance to the reference cannot be wrong by more than the window
    lies from the truth, so the interval holds at least 95 %. Whole days are drawn, and the radius
    is widened for their small number.
    """
    days = len(window)
    moved = column.apart(window.sum(axis=0), _draws(days) @ window)
    return float(np.quantile(moved, 0.95) * np.sqrt(days / (days - 1)))


# All columns of a window have as many days, and so the same draws.
@lru_cache(maxsize=16)
def _draws(days: int) -> NDArray[np.int64]:
    """How often each of some days is drawn, by resample."""
    drawn = np.random.default_rng(_SEED).multinomial(days, [1 / days] * days, size=_RESAMPLES)
    drawn.flags.writeable = False
    return drawn
