"""`ops-model drift`: how far one log moved from another, without a workbook."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops_model.cli.context import instant_option, json_option, print_json
from ops_model.cli.report import write_report
from ops_model.cli.table import number, print_table, visible
from ops_model.errors import UsageError

if TYPE_CHECKING:
    from ops_model.analysis.drift import DriftResult
    from ops_model.domain.detection import ColumnDrift

_STATISTICS = ("w1_sd", "js", "psi", "psi_by_chance", "ks", "tv", "null_change", "unseen_share")


@click.command()
@click.option("--reference", required=True, metavar="P", help="Rows to compare with (Parquet).")
@click.option("--current", required=True, metavar="P", help="Rows under watch (Parquet).")
@click.option("--column", "columns", multiple=True, metavar="C", help="Only this one; repeatable.")
@click.option(
    "--timestamp", default=None, metavar="C",
    help="Splits the reference into weeks; eight of them calibrate what counts as unusual.",
)  # fmt: skip
@click.option("--min-n", type=click.IntRange(1), default=100, show_default=True,
              help="With fewer rows nothing is said.")  # fmt: skip
@click.option("--assume-utc", is_flag=True, help="Take timestamps without a zone as UTC.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), default=None,
              metavar="FILE", help="Write one HTML page too, which opens from disk.")  # fmt: skip
@click.option(
    "--gate", is_flag=True, help="Exit 1 when a column drifted or is gone, or nobody can say."
)
@instant_option("every row; needs --timestamp")
@json_option
def command(
    *,
    reference: str,
    current: str,
    columns: tuple[str, ...],
    timestamp: str | None,
    min_n: int,
    assume_utc: bool,
    report: Path | None,
    gate: bool,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """How far each column of one log moved from another, and whether that counts as drift.

    A file or a folder of Parquet files each. Without --timestamp the fixed floors decide alone.
    """
    from ops_model.workflow.any_log_drift import (
        columns_gone,
        drift_between,
        drift_in_words,
        drift_report,
    )

    if as_of is not None and timestamp is None:
        raise UsageError(
            "--as-of is given, and no column says when a row was written",
            remedy="name that column with --timestamp",
        )

    result, left_out = drift_between(
        reference, current, columns=columns, timestamp=timestamp, before=as_of, min_n=min_n,
        assume_utc=assume_utc,
    )  # fmt: skip
    if left_out:
        names = visible(", ".join(left_out))
        click.echo(f"left out, not in both or of no comparable kind: {names}", err=True)
    gone = columns_gone(reference, current, left_out)
    if gone:
        names = visible(", ".join(gone))
        click.echo(f"gone, or of another kind than in the reference: {names}", err=True)
    if report is not None:
        write_report(report, drift_report(result, reference, current, left_out))
    if as_json:
        print_json({**_as_json(result, left_out), "gone": list(gone)})
    else:
        _print(result)
        click.echo(visible(drift_in_words(result)))
    # Unknown is never a pass, and a column that is gone is one.
    if gate and (gone or any(_state(column) != "ok" for column in result.columns)):
        raise click.exceptions.Exit(1)


def _as_json(result: "DriftResult", left_out: Sequence[str]) -> dict[str, Any]:
    return {
        "rows": {"reference": result.rows_reference, "current": result.rows_current},
        "calibrated": result.calibrated,
        "blocks": result.blocks,
        "factor": result.factor,
        "left_out": list(left_out),
        "columns": [_column(column) for column in result.columns],
    }


def _column(column: "ColumnDrift") -> dict[str, Any]:
    shown: dict[str, Any] = {"name": column.name, "kind": column.kind}
    shown |= {name: getattr(column, name) for name in _STATISTICS}
    effect = {"value": column.effect.value, "low": column.effect.low, "high": column.effect.high}
    return shown | {
        "effect": effect,
        "limit": column.limit,
        "drifted": column.drifted,
        "hidden": column.hidden,
        "reason": column.reason,
    }


def _print(result: "DriftResult") -> None:
    moved = sum(column.drifted for column in result.columns)
    rule = (
        f"limits are as far as {result.blocks} weeks of the reference lie apart, times "
        f"{result.factor:g}"
        if result.calibrated
        else f"uncalibrated ({result.blocks} of the 8 weeks of reference that it needs), fixed "
        "floors decide"
    )
    ordered = sorted(result.columns, key=lambda c: (not c.drifted, -(c.effect.value or 0.0)))
    print_table(
        f"{moved} of {len(result.columns)} {'column' if len(result.columns) == 1 else 'columns'} "
        f"drifted; {result.rows_reference:,} rows of reference, {result.rows_current:,} current; "
        f"{rule}",
        ("", "column", "W1/sd", "JS", "TV", "nulls", "unseen", "why"),
        [_row(column) for column in ordered],
    )


def _row(column: "ColumnDrift") -> tuple[str, ...]:
    return (
        _state(column),
        column.name,
        number(column.w1_sd),
        number(column.js),
        number(column.tv),
        number(column.null_change),
        number(column.unseen_share),
        column.reason,
    )


def _state(column: "ColumnDrift") -> str:
    """What is known of a column, in a word; far away beside a restless reference is nothing."""
    if column.drifted:
        return "drifted"
    return "unknown" if column.effect.value is None or column.hidden else "ok"
