"""`ops-model quality`: daily quality of a log with labels, without a workbook."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops_model.cli.context import instant_option, json_option, print_json
from ops_model.cli.report import write_report
from ops_model.cli.table import number, points, print_table, share, visible

if TYPE_CHECKING:
    from ops_model.domain.detection import SegmentQuality
    from ops_model.domain.evidence import Measured
    from ops_model.workflow.any_log_quality import QualityAnswer

_SHOWN_DAYS = 14
_SHOWN_PARTS = 12


@click.command()
@click.option("--log", required=True, metavar="P", help="The rows served (Parquet).")
@click.option("--timestamp", required=True, metavar="C", help="When a row was served.")
@click.option("--label", default=None, metavar="C", help="What turned out.")
@click.option("--prediction", default=None, metavar="C",
              help="What was predicted; without it the label says true or false.")  # fmt: skip
@click.option("--score", default=None, metavar="C",
              help="Any number per row, in place of label and prediction.")  # fmt: skip
@click.option("--better", type=click.Choice(["higher", "lower"]), default="higher",
              show_default=True, help="Which way is good.")  # fmt: skip
@click.option("--key", default=None, metavar="C",
              help="What identifies a row, to count those that repeat.")  # fmt: skip
@click.option("--segment", "segments", multiple=True, metavar="C", help="Reported apart.")
@click.option("--critical", multiple=True, metavar="C=V:FLOOR",
              help="A case that matters most, with its floor: origin=JFK:0.7.")  # fmt: skip
@click.option("--baseline-until", type=click.DateTime(["%Y-%m-%d"]), default=None, metavar="D",
              help="First day after the baseline (default: 28 days of the log).")  # fmt: skip
@click.option("--window-days", type=click.IntRange(1), default=7, show_default=True,
              help="Length of the window under watch.")  # fmt: skip
@click.option("--late-days", type=click.IntRange(0), default=0, show_default=True,
              help="Days whose labels may still be missing.")  # fmt: skip
@click.option("--min-n", type=click.IntRange(1), default=100, show_default=True,
              help="With fewer labelled rows nothing is said.")  # fmt: skip
@click.option("--drop", type=click.FloatRange(0, min_open=True), default=None,
              help="The fall that the alarm is built to find (default: 0.02 of a share; of a "
              "score the smallest that a window shows).")  # fmt: skip
@click.option("--assume-utc", is_flag=True, help="Take timestamps without a zone as UTC.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), default=None,
              metavar="FILE", help="Write one HTML page too, which opens from disk.")  # fmt: skip
@click.option("--gate", is_flag=True, help="Exit 1 when quality fell, or nobody can say.")
@instant_option("the end of the log's last day")
@json_option
def command(
    *,
    critical: tuple[str, ...],
    baseline_until: datetime | None,
    report: Path | None,
    gate: bool,
    as_of: datetime | None,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - the other options go through by name, each typed by click
) -> None:
    """Daily quality with its interval, the window against the baseline, and since when it fell.

    A row is right when its prediction equals its label; with --score, quality is the mean of any
    number per row.
    """
    from ops_model.workflow.any_log_quality import LogQuestion, critical_of, quality_in

    until = baseline_until.replace(tzinfo=UTC) if baseline_until else None
    floors = tuple(critical_of(one) for one in critical)
    question = LogQuestion(baseline_until=until, before=as_of, critical=floors, **asked)
    answer = quality_in(question)
    if report is not None:
        from ops_model.workflow.quality_report import quality_report

        write_report(report, quality_report(answer))
    if as_json:
        print_json(_as_json(answer))
    else:
        _print(answer)
    if gate and (_fell(answer) or _unknown(answer)):
        raise click.exceptions.Exit(1)


def _fell(answer: "QualityAnswer") -> bool:
    """True for an alarm, a fall beyond doubt, or a critical case that lies below its floor."""
    high = answer.result.change.high
    fell = answer.result.alarm_at is not None or (high is not None and high < 0)
    return fell or any(_below(s) for s in answer.result.segments)


def _unknown(answer: "QualityAnswer") -> bool:
    """True where too few labels, or rows written twice, tell too little: unknown is no pass."""
    from ops_model.domain.detection import written_twice

    told = {(s.column, s.value) for s in answer.result.segments if s.quality.value is not None}
    lacking = [case for case in answer.asked.critical if case[:2] not in told]
    twice = written_twice(answer.result.days, answer.apart)
    return answer.result.current.value is None or bool(lacking) or twice


def _below(segment: "SegmentQuality") -> bool:
    value, floor = segment.quality.value, segment.floor
    return value is not None and floor is not None and value < floor


def _as_json(answer: "QualityAnswer") -> dict[str, Any]:
    result, split = answer.result, answer.split
    exposed = result.exposed_since_onset
    return {
        "baseline": _numbers(result.baseline),
        "current": _numbers(result.current),
        "change": _numbers(result.change),
        "min_detectable_drop": result.min_detectable_drop.value,
        "drop": result.drop,
        "days_to_see": _numbers(result.days_to_see) if result.days_to_see else None,
        "labelled_share": result.labelled_share,
        "alarm_at": _day(result.alarm_at),
        "onset_estimate": _day(result.onset_estimate),
        "exposed_since_onset": int(exposed.value or 0) if exposed else None,
        "false_alarms_per_year": result.false_alarms_per_year,
        "days": [
            {
                "day": _day(d.day), **_numbers(d.quality), "provisional": d.provisional,
                "low_limit": d.low_limit, "high_limit": d.high_limit,
            }
            for d in result.days
        ],
        "segments": [
            {
                "column": s.column, "value": s.value, "floor": s.floor,
                "quality": _numbers(s.quality), "baseline": _numbers(s.baseline),
            }
            for s in result.segments
        ],
        "segments_left_out": answer.segments_left_out,
        "apart": answer.apart.model_dump(),
        "change_by_segment": [
            {
                "column": s.column, "value": s.value,
                "mix": _numbers(s.mix), "quality": _numbers(s.quality),
            }
            for s in (split.segments if split else ())
        ],
        "rests": {r.column: _numbers(r.rest) for r in (split.rests if split else ())},
    }  # fmt: skip


def _numbers(measured: "Measured") -> dict[str, Any]:
    return measured.model_dump(include={"value", "n", "low", "high"})


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _print(answer: "QualityAnswer") -> None:
    from ops_model.workflow.quality_words import quality_in_words

    for sentence in quality_in_words(answer):
        click.echo(visible(sentence))
    click.echo()
    result = answer.result
    shown, moved = (share, points) if result.baseline.unit == "share" else (number, number)
    print_table(
        f"{share(result.labelled_share)} of rows have a label",
        ("", "value", "95 % interval", "rows"),
        [
            _row("baseline", result.baseline, shown),
            _row(f"last {(answer.window.end - answer.window.start).days} days", result.current,
                 shown),
            _row("change", result.change, moved),
            _row("smallest drop it would see", result.min_detectable_drop, moved),
        ],
    )  # fmt: skip
    recent = result.days[-_SHOWN_DAYS:]
    print_table(
        f"the last {len(recent)} of {len(result.days)} days",
        ("day", "value", "95 % interval", "rows", "control limits"),
        [
            (*_row(f"{d.day}{' (provisional)' if d.provisional else ''}", d.quality, shown),
             "-" if d.low_limit is None else f"{shown(d.low_limit)} to {shown(d.high_limit)}")
            for d in recent
        ],
    )  # fmt: skip
    _print_segments(answer, shown, moved)


def _print_segments(
    answer: "QualityAnswer",
    shown: Callable[[float | None], str],
    moved: Callable[[float | None], str],
) -> None:
    """Each segment then and now, and what each adds to the change."""
    if answer.result.segments:
        print_table(
            f"segments, critical ones and the largest fall first; {answer.segments_left_out} with "
            "too few rows left out",
            ("segment", "value", "95 % interval", "rows", "baseline"),
            [
                (*_row(f"{s.column} = {s.value}", s.quality, shown), shown(s.baseline.value))
                for s in answer.result.segments
            ],
        )
    if answer.split is not None:
        parts = answer.split.segments
        most = sorted(parts, key=lambda s: -abs(s.mix.value or 0) - abs(s.quality.value or 0))
        print_table(
            "what each segment adds to the change, by how many there are and by how they did",
            ("segment", "more or fewer", "their quality", "95 % interval", "rows"),
            [(f"{s.column} = {s.value}", moved(s.mix.value), *_row("", s.quality, moved)[1:])
             for s in most[:_SHOWN_PARTS]],
        )  # fmt: skip


def _row(name: str, measured: "Measured", shown: Callable[[float | None], str]) -> tuple[str, ...]:
    bounds = measured.no_interval or "-"
    if measured.low is not None:
        bounds = f"{shown(measured.low)} to {shown(measured.high)}"
    return name, shown(measured.value), bounds, f"{measured.n or 0:,}"
