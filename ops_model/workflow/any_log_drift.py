"""Drift between any two logs, without a workbook: nothing is claimed, and nothing is recorded."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ops_model.errors import WarehouseError
from ops_model.workflow.compared import same_kind

if TYPE_CHECKING:
    from ops_model.analysis.drift import DriftResult
    from ops_model.analysis.profile import Profile
    from ops_model.store.warehouse import ColumnKind


def drift_between(
    reference: str,
    current: str,
    *,
    columns: Sequence[str] = (),
    timestamp: str | None = None,
    before: datetime | None = None,
    min_n: int = 100,
    assume_utc: bool = False,
) -> "tuple[DriftResult, tuple[str, ...]]":
    """How far the columns of one log moved from those of another.

    Args:
        reference: path of the rows to compare with.
        current: path of the rows under watch.
        columns: which columns; none takes all numbers, texts and booleans that both hold.
        timestamp: splits the reference into weeks, which calibrates the rule; needed for that.
            Where the rows under watch fill two weeks or more, those without the last week have to
            show the same before it counts.
        before: with a timestamp, later rows are not read.
        min_n: with fewer rows nothing is said.
        assume_utc: take naive timestamps as UTC.

    Returns:
        The drift, and the columns that were left out because they are of no comparable kind.

    Raises:
        WarehouseError: a log cannot be read, or lacks a column, or they share none.
    """
    from ops_model.analysis.drift import BLOCK_DAYS, measure_drift
    from ops_model.analysis.plan import plan
    from ops_model.analysis.profile import profile
    from ops_model.store.warehouse import LogRequest, open_logs, readable_logs

    taken, left_out = _columns(reference, current, columns, timestamp)
    kinds: dict[str, ColumnKind] = dict.fromkeys(taken, "scalar")
    tables = open_logs(
        None,
        {
            path_of: LogRequest(path, kinds, timestamp, before, assume_utc=assume_utc)
            for path_of, path in (("reference", reference), ("current", current))
        },
    )
    for name in taken:
        same_kind(
            tables["reference"], tables["current"], name, reference=reference, current=current
        )
    with readable_logs(reference):
        spec = plan(tables["reference"], taken)
        first = profile(tables["reference"], spec, timestamp=timestamp)
    with readable_logs(current):
        second = profile(tables["current"], spec, timestamp=timestamp)
    earlier = _without_last_block(second, BLOCK_DAYS) if timestamp else None
    return measure_drift(first, second, earlier, min_n=min_n), left_out


def _without_last_block(log: "Profile", block_days: int) -> "Profile | None":
    """The window that ended one block earlier, where the log is two blocks long or longer."""
    from ops_model.analysis.window import days_between

    if not log.days or (log.days[-1] - log.days[0]).days + 1 < 2 * block_days:
        return None
    return days_between(log, log.days[0], log.days[-1] - timedelta(days=block_days - 1))


def _columns(
    reference: str, current: str, columns: Sequence[str], timestamp: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    from ops_model.store.warehouse import kinds_of

    if columns:
        return tuple(columns), ()
    one, other = kinds_of(None, reference), kinds_of(None, current)
    shared = [name for name in one if name in other and name != timestamp]
    known = {"number", "text", "boolean"}
    taken = tuple(n for n in shared if one[n] in known and other[n] in known)
    if not taken:
        raise WarehouseError(
            f"shares no column of numbers, text or booleans with {reference}",
            where=current,
            remedy="give two logs of the same kind of rows",
        )
    return taken, tuple(name for name in {**one, **other} if name not in (*taken, timestamp))


def columns_gone(reference: str, current: str, left_out: Sequence[str]) -> tuple[str, ...]:
    """Those of the columns left out that the reference holds and the rows under watch do not.

    A column that is gone, or of another kind, moved farther than any distance says.
    """
    from ops_model.store.warehouse import kinds_of

    if not left_out:
        return ()
    one, other = kinds_of(None, reference), kinds_of(None, current)
    return tuple(n for n in left_out if n in one and other.get(n) != one[n])


def drift_report(
    result: "DriftResult", reference: str, current: str, left_out: Sequence[str] = ()
) -> str:
    """The same as one HTML page that opens from disk and loads nothing from elsewhere."""
    from ops_model.site.drift_cards import calibration, drift_table, look_of
    from ops_model.site.parts import bare, line
    from ops_model.site.report import report

    rule = calibration(calibrated=result.calibrated, blocks=result.blocks, factor=result.factor)
    card = bare(
        "Column by column", look_of(result.columns), line(rule), *drift_table(result.columns)
    )
    facts = [
        f"Reference: {reference}, {result.rows_reference:,} rows",
        f"Current: {current}, {result.rows_current:,} rows",
        *([f"Left out, not in both or of no comparable kind: {', '.join(left_out)}"]
          if left_out else []),
    ]  # fmt: skip
    return report("Drift between two logs", drift_in_words(result), [card], facts=facts)


def drift_in_words(result: "DriftResult") -> str:
    """The answer in a sentence or two."""
    moved = [column for column in result.columns if column.drifted]
    unknown = [c.name for c in result.columns if not c.drifted and c.effect.value is None]
    few = f" Of {', '.join(unknown)} nothing can be said." if unknown else ""
    hidden = [c.name for c in result.columns if c.hidden and not c.drifted]
    if hidden:
        few += (
            f" Of {', '.join(hidden)} nobody can tell: far away, but the reference lies as far "
            "apart itself."
        )
    of = f"{len(result.columns)} {'column' if len(result.columns) == 1 else 'columns'}"
    if not moved:
        return f"None of {of} moved beyond its limit.{few}"
    farthest = sorted(moved, key=lambda c: -(c.effect.value or 0.0))
    names = ", ".join(column.name for column in farthest)
    limit = "its limit" if len(moved) == 1 else "their limits"
    return f"{len(moved)} of {of} moved beyond {limit}: {names}.{few}"
