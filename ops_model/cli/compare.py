"""`ops-model compare`: champion against challenger on any results, without a workbook."""

from typing import TYPE_CHECKING, Any, get_args

import click

from ops_model.cli.context import json_option, print_json
from ops_model.cli.table import number, points, print_table, visible
from ops_model.domain.change import ResultsFormat

if TYPE_CHECKING:
    from ops_model.domain.evidence import Measured
    from ops_model.domain.trials import SliceResult
    from ops_model.workflow.any_log_compare import CompareAnswer

_SHOWN_SLICES = 20
_ORDER = ("worse", "undecided", "non_inferior", "better")


@click.command()
@click.option("--results", required=True, metavar="P",
              help="The results: a file or a folder of files.")  # fmt: skip
@click.option("--format", "written", type=click.Choice(get_args(ResultsFormat)), default="table",
              show_default=True, help="Who wrote them.")  # fmt: skip
@click.option("--champion", default=None, metavar="A", help="The arm in use.")
@click.option("--challenger", default=None, metavar="B", help="The one that may take its place.")
@click.option("--score", default="score", metavar="C", show_default=True,
              help="The column, scorer or metric that is compared.")  # fmt: skip
@click.option("--margin", type=float, default=None, metavar="M",
              help="How much worse still counts as no worse, settled before.")  # fmt: skip
@click.option("--slice", "slices", multiple=True, metavar="C",
              help="A column to take the results apart by; repeatable.")  # fmt: skip
@click.option("--correction", type=click.Choice(["holm", "bh"]), default="holm",
              show_default=True, help="For the number of slices.")  # fmt: skip
@click.option("--look-every", type=click.IntRange(10), default=None, metavar="N",
              help="Look each time so many cases came in, and stop when decided.")  # fmt: skip
@click.option("--lower-is-better", is_flag=True, help="Less of the score is better.")
@click.option("--environment", type=click.Choice(["test", "staging", "production"]),
              default="test", show_default=True,
              help="Where the trial ran; production is refused.")  # fmt: skip
@click.option("--gate", is_flag=True, help="Exit 1 unless it is better, or no worse.")
@json_option
def command(
    *,
    gate: bool,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - the other options go through by name, each typed by click
) -> None:
    """Whether a challenger is better, no worse, worse, or undecided, and by how much.

    The same cases, answered by both: one row a case_id, arm and repeat, with score or passed;
    cluster_id, cost_usd, latency_s and judge_version where there are any.
    """
    from ops_model.workflow.any_log_compare import CompareQuestion, compare_in

    answer = compare_in(CompareQuestion(**asked))
    if as_json:
        print_json(_as_json(answer))
    else:
        _print(answer)
    if gate and not answer.found.passes:
        raise click.exceptions.Exit(1)


def _as_json(answer: "CompareAnswer") -> dict[str, Any]:
    found, beside = answer.found, answer.found.beside
    return {
        "verdict": found.verdict,
        "difference": found.difference.value,
        "low": found.difference.low,
        "high": found.difference.high,
        "margin": answer.asked.margin,
        "no_worse_than": found.no_worse_than,
        "cases": found.cases,
        "cases_needed": found.cases_needed,
        "cases_more": found.cases_more,
        "repeats": found.repeats,
        "looks": found.looks,
        "method": found.method,
        "champion": {"arm": answer.champion, **_numbers(found.champion)},
        "challenger": {"arm": answer.challenger, **_numbers(found.challenger)},
        "flips": {
            "share": beside.flips.value, "to_right": beside.to_right,
            "to_wrong": beside.to_wrong,
        },
        "cost_multiplier": _known(beside.cost_multiplier),
        "cost_usd": beside.cost.value if beside.cost else None,
        "champion_seconds": _known(beside.champion_seconds),
        "challenger_seconds": _known(beside.challenger_seconds),
        "unpaired": found.unpaired,
        "duplicated": found.duplicated,
        "environment": answer.asked.environment,
        "faults": list(found.faults),
        "notes": [*found.notes, *answer.notes],
        "slices": [
            {
                "name": one.name, "cases": one.cases, "difference": one.difference.value,
                "low": one.difference.low, "high": one.difference.high, "verdict": one.verdict,
                "p_corrected": one.p_corrected, "fault": one.fault,
            }
            for one in found.slices
        ],
    }  # fmt: skip


def _numbers(measured: "Measured") -> dict[str, Any]:
    return measured.model_dump(include={"value", "n", "low", "high"})


def _known(measured: "Measured | None") -> dict[str, Any] | None:
    return None if measured is None else _numbers(measured)


def _print(answer: "CompareAnswer") -> None:
    from ops_model.workflow.compare_words import compare_in_words

    for sentence in compare_in_words(answer):
        click.echo(visible(sentence))
    if answer.found.slices:
        click.echo()
        _print_slices(answer)


def _print_slices(answer: "CompareAnswer") -> None:
    """The slices that a reader should see first: what cannot be right, then the worst."""
    from ops_model.workflow.compare_words import VERDICTS

    slices = sorted(answer.found.slices, key=_worst_first)
    of_share = answer.found.difference.unit == "share"
    column = f"{answer.asked.slices[0]} = " if len(answer.asked.slices) == 1 else ""
    print_table(
        f"the first {min(len(slices), _SHOWN_SLICES)} of {len(slices)} slices, the worst first; "
        "an interval is of its slice alone, a verdict allows for the number of them",
        (column.removesuffix(" = ") or "slice", "points" if of_share else "difference",
         "95 % interval", "cases", "verdict"),
        [
            (one.name.removeprefix(column), _shown(one.difference.value, of_share),
             _between(one.difference, of_share), f"{one.cases or 0:,}",
             "not believed" if one.fault else VERDICTS[one.verdict].lower())
            for one in slices[:_SHOWN_SLICES]
        ],
    )  # fmt: skip


def _worst_first(one: "SliceResult") -> tuple[bool, int, float]:
    return one.fault is None, _ORDER.index(one.verdict), one.difference.value or 0.0


def _between(measured: "Measured", of_share: bool) -> str:  # noqa: FBT001 - the unit of both
    if measured.low is None:
        return measured.no_interval or "-"
    return f"{_shown(measured.low, of_share)} to {_shown(measured.high, of_share)}"


def _shown(value: float | None, of_share: bool) -> str:  # noqa: FBT001 - as above
    return points(value).removesuffix(" points") if of_share else number(value)
