"""`ops-model quality`: daily quality of a log with labels, without a workbook."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from ops_model.cli.context import instant_option, json_option, print_json
from ops_model.cli.table import points, print_table, share

if TYPE_CHECKING:
    from ops_model.domain.evidence import Measured
    from ops_model.workflow.any_log import QualityAnswer

_SHOWN_DAYS = 14


@click.command()
@click.option("--log", required=True, metavar="P", help="The rows served (Parquet).")
@click.option("--timestamp", required=True, metavar="C", help="When a row was served.")
@click.option("--label", required=True, metavar="C", help="What turned out.")
@click.option("--prediction", default=None, metavar="C",
              help="What was predicted; without it the label says true or false.")  # fmt: skip
@click.option("--segment", "segments", multiple=True, metavar="C", help="Reported apart.")
@click.option("--baseline-until", type=click.DateTime(["%Y-%m-%d"]), default=None, metavar="D",
              help="First day after the baseline (default: 28 days of the log).")  # fmt: skip
@click.option("--window-days", type=click.IntRange(1), default=7, show_default=True,
              help="Length of the window under watch.")  # fmt: skip
@click.option("--late-days", type=click.IntRange(0), default=0, show_default=True,
              help="Days whose labels may still be missing.")  # fmt: skip
@click.option("--min-n", type=click.IntRange(1), default=100, show_default=True,
              help="With fewer labelled rows nothing is said.")  # fmt: skip
@click.option("--drop", type=click.FloatRange(0, 1, min_open=True), default=0.02,
              show_default=True, help="The fall that the alarm is built to find.")  # fmt: skip
@click.option("--assume-utc", is_flag=True, help="Take timestamps without a zone as UTC.")
@click.option("--gate", is_flag=True, help="Exit 1 when quality fell.")
@instant_option("the end of the log's last day")
@json_option
def command(
    *,
    baseline_until: datetime | None,
    gate: bool,
    as_of: datetime | None,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - the other options go through by name, each typed by click
) -> None:
    """Daily quality with its interval, the window against the baseline, and since when it fell."""
    from ops_model.workflow.any_log import quality_in

    until = baseline_until.replace(tzinfo=UTC) if baseline_until else None
    answer = quality_in(baseline_until=until, before=as_of, **asked)
    if as_json:
        print_json(_as_json(answer))
    else:
        _print(answer)
    if gate and _fell(answer):
        raise click.exceptions.Exit(1)


def _fell(answer: "QualityAnswer") -> bool:
    high = answer.result.change.high
    return answer.result.alarm_at is not None or (high is not None and high < 0)


def _as_json(answer: "QualityAnswer") -> dict[str, Any]:
    result = answer.result
    return {
        "baseline": _numbers(result.baseline),
        "current": _numbers(result.current),
        "change": _numbers(result.change),
        "min_detectable_drop": result.min_detectable_drop.value,
        "labelled_share": result.labelled_share,
        "alarm_at": _day(result.alarm_at),
        "onset_estimate": _day(result.onset_estimate),
        "false_alarms_per_year": result.false_alarms_per_year,
        "days": [
            {"day": _day(d.day), **_numbers(d.quality), "provisional": d.provisional}
            for d in result.days
        ],
        "segments": [
            {
                "column": s.column, "value": s.value,
                "quality": _numbers(s.quality), "baseline": _numbers(s.baseline),
            }
            for s in result.segments
        ],
        "segments_left_out": answer.segments_left_out,
    }  # fmt: skip


def _numbers(measured: "Measured") -> dict[str, Any]:
    return measured.model_dump(include={"value", "n", "low", "high"})


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _print(answer: "QualityAnswer") -> None:
    result = answer.result
    alarm = "no alarm"
    if result.alarm_at:
        alarm = f"alarm on {result.alarm_at}, onset about {result.onset_estimate}"
    rows = [
        _row("baseline", result.baseline),
        _row(f"last {(answer.window.end - answer.window.start).days} days", result.current),
        _row("change", result.change, points),
        _row("smallest drop it would see", result.min_detectable_drop, points),
    ]
    print_table(
        f"{alarm}; {share(result.labelled_share)} of rows have a label",
        ("", "value", "95 % interval", "rows"),
        rows,
    )
    recent = result.days[-_SHOWN_DAYS:]
    print_table(
        f"the last {len(recent)} of {len(result.days)} days",
        ("day", "value", "95 % interval", "rows"),
        [_row(f"{d.day}{' (provisional)' if d.provisional else ''}", d.quality) for d in recent],
    )
    if result.segments:
        print_table(
            f"segments, largest fall first; {answer.segments_left_out} with too few rows left out",
            ("segment", "value", "95 % interval", "rows", "baseline"),
            [
                (*_row(f"{s.column} = {s.value}", s.quality), share(s.baseline.value))
                for s in result.segments
            ],
        )


def _row(
    name: str, measured: "Measured", shown: Callable[[float | None], str] = share
) -> tuple[str, ...]:
    bounds = measured.no_interval or "-"
    if measured.low is not None:
        bounds = f"{shown(measured.low)} to {shown(measured.high)}"
    return name, shown(measured.value), bounds, f"{measured.n or 0:,}"
