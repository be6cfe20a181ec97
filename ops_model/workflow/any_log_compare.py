"""Champion against challenger on any results, without a workbook: nothing is recorded."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ops_model.domain.change import ResultsFormat
from ops_model.domain.workbook import Warehouse
from ops_model.errors import UsageError, WarehouseError

if TYPE_CHECKING:
    import ibis

    from ops_model.analysis.champion import Comparison
    from ops_model.analysis.trial_results import Trial
    from ops_model.analysis.trial_rows import TrialRows
    from ops_model.store.log_columns import ColumnKind

_SCORE, _PASSED = "score", "passed"


@dataclass(frozen=True)
class CompareQuestion:
    """What is asked about the results of a trial.

    Args:
        results: path of the results, a file or a folder.
        written: who wrote them.
        champion: the arm in use; None where the results say it.
        challenger: the other.
        score: the column that is compared; by default `score`, or `passed` where there is none.
        margin: how much worse still counts as no worse, in the unit of the score.
        slices: columns by which the results are taken apart.
        correction: for the number of slices.
        look_every: it is looked each time so many cases came in; None is once, at the end.
        planned: so many cases were planned, where it is looked before all are there.
        lower_is_better: less of the score is better.
        environment: where the trial ran; not in production.
        before: only rows that a table says were answered before this instant.
    """

    results: str
    written: ResultsFormat = "table"
    champion: str | None = None
    challenger: str | None = None
    score: str = _SCORE
    margin: float | None = None
    slices: tuple[str, ...] = ()
    correction: Literal["holm", "bh"] = "holm"
    look_every: int | None = None
    planned: int | None = None
    lower_is_better: bool = False
    environment: Literal["test", "staging", "production"] = "test"
    before: datetime | None = None


@dataclass(frozen=True)
class CompareAnswer:
    """The comparison, the names of both arms, and what was counted while they were read."""

    asked: CompareQuestion
    found: "Comparison"
    champion: str
    challenger: str
    notes: tuple[str, ...]


def compare_in(
    asked: CompareQuestion, *, root: Path | None = None, warehouse: Warehouse | None = None
) -> CompareAnswer:
    """A challenger against the champion, by results in a table or as a tool wrote them.

    Args:
        asked: what is compared, and the rules that were settled before.
        root: the workbook's folder, below which the results have to lie; None is any path.
        warehouse: where a table lies that is no file.

    Raises:
        UsageError: the trial ran in production, or the margin is none.
        WarehouseError: the results cannot be read, or tell no comparison.
    """
    from ops_model.analysis.champion import compare
    from ops_model.analysis.champion_rules import ComparisonRules
    from ops_model.analysis.looks import Looks
    from ops_model.store.warehouse import readable_logs

    _refuse_unclear(asked)
    with readable_logs(asked.results):
        trial, notes = _trial(asked, root, warehouse)
    looks = Looks(asked.look_every, asked.planned) if asked.look_every else None
    rules = ComparisonRules(
        margin=asked.margin,
        lower_is_better=asked.lower_is_better,
        correction=asked.correction,
        looks=looks,
    )
    found = compare(trial, rules)
    return CompareAnswer(asked, found, trial.champion, trial.challenger, notes)


def _refuse_unclear(asked: CompareQuestion) -> None:
    if asked.environment == "production":
        raise UsageError(
            "a challenger is not tried in production: what it answers there reaches users before "
            "anybody knows how good it is",
            where=asked.results,
            remedy="run it on recorded cases in test or staging, and roll it out in stages after",
        )
    margin = asked.margin
    if margin is not None and not (math.isfinite(margin) and margin > 0):
        raise UsageError(
            f"the margin is {margin:g}; expected a number above 0, in the unit of the score",
            where=asked.results,
            remedy="write two points of right answers as --margin 0.02, or leave it out",
        )


def _trial(
    asked: CompareQuestion, root: Path | None, warehouse: Warehouse | None
) -> "tuple[Trial, tuple[str, ...]]":
    from ops_model.analysis.trial_results import trial_of

    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    score = _SCORE
    if asked.written == "table":
        table, score = _table(asked, root, warehouse)
    else:
        rows = _adapted(asked, root)
        table, notes, doubts = rows.table(asked.slices, asked.results), rows.notes, rows.doubts
    trial = trial_of(
        table, score=score, slices=asked.slices, champion=asked.champion,
        challenger=asked.challenger, where=asked.results,
    )  # fmt: skip
    _refuse_wide(asked, trial)
    return replace(trial, doubts=doubts), notes


def _refuse_wide(asked: CompareQuestion, trial: "Trial") -> None:
    """Refuse a margin that no challenger can miss, such as two points that were meant as 0.02."""
    low, high = trial.ends
    margin = asked.margin
    if margin is None or high <= low or margin < high - low:
        return
    of_one = high - low == 1
    lie = "each answer is right or wrong" if trial.binary else (
        f"all scores lie between {low:g} and {high:g}"
    )  # fmt: skip
    raise UsageError(
        f"the margin is {margin:g}, and {lie}; expected "
        + ("a part of one" if of_one else f"less than {high - low:g}"),
        where=asked.results,
        remedy=f"write {margin:g} points as --margin {margin / 100:g}"
        if of_one
        else "say how much worse is still good enough, in the unit of the score",
    )


def _adapted(asked: CompareQuestion, root: Path | None) -> "TrialRows":
    """What a tool wrote, as rows of a trial."""
    from ops_model.analysis.trial_inspect import rows_of_inspect
    from ops_model.analysis.trial_promptfoo import rows_of_promptfoo
    from ops_model.store.eval_logs import documents_of, eval_logs_of

    if asked.written == "inspect_ai":
        rows = rows_of_inspect(eval_logs_of(root, asked.results), asked.score, asked.results)
    else:
        rows = rows_of_promptfoo(documents_of(root, asked.results), asked.score, asked.results)
    return rows


def _table(
    asked: CompareQuestion, root: Path | None, warehouse: Warehouse | None
) -> "tuple[ibis.Table, str]":
    """The long table with the columns that it has, and the one that is compared."""
    from ops_model.analysis import trial_results as of
    from ops_model.store.warehouse import LogRequest, kinds_of, open_logs

    if asked.results.endswith(".eval"):
        raise UsageError(
            "is an archive of inspect-ai, which is no table",
            where=asked.results, remedy="say so: --format inspect_ai",
        )  # fmt: skip
    there = kinds_of(root, asked.results, warehouse)
    score = _PASSED if asked.score == _SCORE and _SCORE not in there else asked.score
    _refuse_lacking(asked, (of.CASE, of.ARM, score, *asked.slices), list(there))
    needed: dict[str, ColumnKind] = {of.CASE: "label", of.ARM: "label"}
    needed |= dict.fromkeys(asked.slices, "label")
    needed[score] = "boolean" if there[score] == "boolean" else "number"
    optional: dict[str, ColumnKind] = dict.fromkeys(
        (of.CLUSTER, of.ENVIRONMENT, of.REPEAT, of.ASKED, of.ANSWERED, of.JUDGE), "label"
    )
    optional |= {of.COST: "number", of.SECONDS: "number"}
    optional = {name: kind for name, kind in optional.items() if name not in needed}
    at = of.ANSWERED_AT if asked.before is not None and of.ANSWERED_AT in there else None
    request = LogRequest(
        asked.results, needed, optional=optional, sparse=True, warehouse=warehouse,
        timestamp=at, before=None if at is None else asked.before,
    )  # fmt: skip
    return open_logs(root, {"results": request})["results"], score


def _refuse_lacking(asked: CompareQuestion, needed: Sequence[str], there: list[str]) -> None:
    """Name every column that the table lacks, and what the table is made of."""
    lacking = [name for name in needed if name not in there]
    if not lacking:
        return
    near = [get_close_matches(name, there, n=1) for name in lacking]
    guess = next((found[0] for found in near if found), "")
    raise WarehouseError(
        f"has no column {', '.join(map(repr, lacking))}; it has: {', '.join(there[:20])}",
        where=asked.results,
        remedy=(f"did you mean {guess!r}? " if guess else "")
        + "a table of results has one row a case_id, arm and repeat, with a score; what a tool "
        "wrote is read with --format",
    )
