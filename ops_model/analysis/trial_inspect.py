"""Results of inspect-ai as rows of a trial, by the fields of its `EvalLog` and `EvalSample`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ops_model.analysis.trial_results import (
    ANSWERED,
    ARM,
    ASKED,
    CASE,
    COST,
    JUDGE,
    REPEAT,
    SECONDS,
)  # fmt: skip
from ops_model.analysis.trial_rows import SCORE, TrialRows, is_plain, number_of, object_of
from ops_model.errors import WarehouseError

_SHOWN = 10
_WORDS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0, "YES": 1.0, "TRUE": 1.0, "NO": 0.0, "FALSE": 0.0}
"""How inspect-ai reads a score that is a word."""


def rows_of_inspect(
    logs: Iterable[tuple[str, Mapping[str, Any]]], score: str, where: str
) -> TrialRows:
    """One row a sample and epoch of logs of inspect-ai.

    An arm is the model of a log, or its file where all logs are of one model.

    Args:
        logs: the name of each file, and the log: `status`, `eval`, `samples`.
        score: the scorer that is compared, `scorer.key` where it gives several values; `score`
            where there is one only.
        where: the address, for an error.

    Raises:
        WarehouseError: there are several scorers and nobody says which.
    """
    held = list(logs)
    models = {str(log["eval"].get("model")) for _, log in held}
    tasks = {str(log["eval"].get("task")) for _, log in held}
    scorer = _scorer(held, score, where)
    rows, notes, doubts = [], [], []
    as_words: set[bool] = set()
    for name, log in held:
        about = log["eval"]
        arm = str(about.get("model")) if len(models) > 1 else name
        fixed = {
            ARM: arm, ASKED: about.get("model"), JUDGE: _judge(about, scorer),
            "task": str(about.get("task")),
        }  # fmt: skip
        samples = [one for one in log.get("samples") or () if isinstance(one, dict)]
        valid = [one for one in samples if not one.get("invalidation")]
        if len(valid) < len(samples):
            notes.append(f"{len(samples) - len(valid):,} samples of {name} were marked invalid")
        if log.get("status") not in {"success", None}:
            doubts.append(f"the run of {name} ended as {log['status']!r}, so it is not whole")
        as_words |= {
            isinstance(value, str)
            for one in valid
            if (value := _told(object_of(one, "scores"), scorer)) is not None
        }
        rows += [_of_sample(one, fixed, scorer, by_task=len(tasks) > 1) for one in valid]
    if len(as_words) > 1:
        doubts.append(f"some scores of {scorer} are words, such as C, and others numbers")
    return TrialRows(tuple(rows), tuple(notes), tuple(doubts))


def _of_sample(
    sample: Mapping[str, Any], fixed: Mapping[str, Any], scorer: str, *, by_task: bool
) -> dict[str, Any]:
    of_case = {
        key: value for key, value in object_of(sample, "metadata").items() if is_plain(value)
    }
    case = str(sample.get("id"))
    seconds = sample.get("working_time", sample.get("total_time"))
    return {
        **of_case, **fixed,
        CASE: f"{fixed['task']}/{case}" if by_task else case,
        REPEAT: sample.get("epoch", 1),
        SCORE: _value(object_of(sample, "scores"), scorer),
        COST: _cost(object_of(sample, "model_usage"), str(fixed[ASKED])),
        SECONDS: number_of(seconds),
        ANSWERED: object_of(sample, "output").get("model"),
    }  # fmt: skip


def _scorer(logs: Sequence[tuple[str, Mapping[str, Any]]], asked: str, where: str) -> str:
    found = Counter(
        name for _, log in logs for sample in log.get("samples") or ()
        if isinstance(sample, dict) for name in object_of(sample, "scores")
    )  # fmt: skip
    if asked != SCORE or SCORE in found:
        return asked
    if len(found) == 1:
        return next(iter(found))
    names = ", ".join(sorted(found)[:_SHOWN]) or "none"
    raise WarehouseError(
        f"has {len(found)} scorers, and one is compared: {names}",
        where=where, remedy="name it, as --score NAME" if found else "score the samples first",
    )  # fmt: skip


def _told(scores: Mapping[str, Any], scorer: str) -> Any:  # noqa: ANN401 - JSON
    """A score as it was written."""
    name, key = scorer, ""
    if name not in scores and "." in scorer:
        name, _, key = scorer.rpartition(".")
    found = scores.get(name)
    value = found.get("value") if isinstance(found, dict) else found
    if key and isinstance(value, dict):
        value = value.get(key)
    return value


def _value(scores: Mapping[str, Any], scorer: str) -> float | None:
    """A score as inspect-ai's own metrics read it; None where there is none."""
    value = _told(scores, scorer)
    return (
        _WORDS.get(value.upper(), number_of(value)) if isinstance(value, str) else number_of(value)
    )


def _judge(about: Mapping[str, Any], scorer: str) -> str:
    """The scorer, and the model that graded where one did."""
    grader = object_of(object_of(about, "model_roles"), "grader").get("model")
    return f"{scorer.partition('.')[0]} by {grader}" if grader else scorer.partition(".")[0]


def _cost(usage: Mapping[str, Any], model: str) -> float | None:
    """What the model cost that is compared, without whoever graded it."""
    return number_of(object_of(usage, model).get("total_cost"))
