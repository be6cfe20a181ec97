"""Results of promptfoo as rows of a trial, by the fields of its results (summary version 3)."""

import json
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
from ops_model.domain.values import digest_of
from ops_model.errors import WarehouseError

_LONGEST = 60  # characters of a prompt in the name of an arm
_ERROR = 2
"""Its reason for a failure that is no wrong answer."""


def rows_of_promptfoo(
    documents: Iterable[tuple[str, Any]], score: str, where: str
) -> TrialRows:  # fmt: skip
    """One row a test, provider and prompt of promptfoo's results.

    An arm is the provider, or the prompt where there is one provider only, or both; or the file,
    where each holds the same of these. A case is what was asked and expected (`vars`, `assert`),
    since repeats of it have numbers of their own.

    Args:
        documents: the name of each file, and what it holds.
        score: `score`, `passed`, or the name of a metric.
        where: the address, for an error.

    Raises:
        WarehouseError: a file holds no list of results.
    """
    results = [(name, one) for name, found in documents for one in _results(found, name, where)]
    arms = _arms(results)
    times: dict[tuple[str, str], list[str]] = {}
    rows, cached = [], 0
    failed: dict[str, int] = {}
    for (_, one), arm in zip(results, arms, strict=True):
        if one.get("failureReason") == _ERROR:
            failed[arm] = failed.get(arm, 0) + 1
            continue
        row = _of_result(one, arm, score)
        cached += object_of(one, "response").get("cached") is True
        seen = times.setdefault((row[CASE], row[ARM]), [])
        number = str(one.get("testIdx"))
        if number not in seen:
            seen.append(number)
        rows.append({**row, REPEAT: seen.index(number) + 1})
    notes = [
        f"{count:,} calls of {arm} ended in an error, which is no answer: they count as missing"
        for arm, count in sorted(failed.items())
    ]
    if cached:
        notes.append(f"{cached:,} answers are out of a cache; their cost and seconds are left out")
    return TrialRows(tuple(rows), tuple(notes))


def _arms(results: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """The arm of each result: what tells the arms apart, and nothing else."""
    told = [
        (_provider(one.get("provider")), _prompt(one), name) for name, one in results
    ]  # fmt: skip
    apart = [len({each[place] for each in told}) > 1 for place in range(3)]
    apart[2] = apart[2] and not any(apart[:2])
    return [
        " with ".join(part for part, tells in zip(each, apart, strict=True) if tells) or each[0]
        for each in told
    ]


def _provider(found: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(found, dict):
        return str(found.get("label") or found.get("id") or "")
    return "" if found is None else str(found)


def _prompt(one: Mapping[str, Any]) -> str:
    """The prompt by its label; the text itself differs from case to case."""
    named = str(object_of(one, "prompt").get("label") or one.get("promptId") or "")
    if len(named) <= _LONGEST:
        return " ".join(named.split())
    return f"{' '.join(named[:_LONGEST].split())} {digest_of(named.encode())[7:15]}"


def _results(found: Any, name: str, where: str) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    held = found
    for _ in range(2):
        held = held.get("results") if isinstance(held, dict) else held
    if not isinstance(held, list):
        raise WarehouseError(
            f"{name} holds no list of results, as promptfoo writes it",
            where=where, remedy="write it with: promptfoo eval --output results.json",
        )  # fmt: skip
    return [one for one in held if isinstance(one, dict)]


def _of_result(one: Mapping[str, Any], arm: str, score: str) -> dict[str, Any]:
    test = object_of(one, "testCase")
    asked = test.get("vars") or one.get("vars")
    told = {**object_of(test, "metadata"), **(asked if isinstance(asked, dict) else {})}
    same = {"test": "" if asked else str(one.get("testIdx"))}
    same |= {name: _text(test.get(name)) for name in ("assert", "description")}
    case = digest_of({**same, "vars": _text(asked)}).removeprefix("sha256:")[:16]
    cached = object_of(one, "response").get("cached") is True
    seconds = number_of(one.get("latencyMs"))
    value = {
        SCORE: one.get("score"), "passed": one.get("success"),
    }.get(score, object_of(one, "namedScores").get(score))  # fmt: skip
    return {
        **{key: value for key, value in told.items() if is_plain(value)},
        CASE: case, ARM: arm, SCORE: number_of(value),
        COST: None if cached else number_of(one.get("cost")),
        SECONDS: None if cached or seconds is None else seconds / 1000,
        ASKED: object_of(one, "provider").get("id") or one.get("provider"),
        ANSWERED: None, JUDGE: None,
    }  # fmt: skip


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    return json.dumps(value, sort_keys=True)
