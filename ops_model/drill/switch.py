"""Which version a target serves: what it says, what it answers, and letting another serve."""

import math
from collections.abc import Mapping
from typing import Any

from ops_model.domain.rollback import HttpTarget
from ops_model.drill.targets import Server, TargetError
from ops_model.drill.traffic import Answer

CONFIRMATIONS = 3
"""Answers that must come from the restored version before it counts as restored."""
# The same arithmetic on the same machine; only the text of a number may be shorter.
SAME = 1e-9


def answers_as(answer: Answer, expected: Mapping[str, Any]) -> bool:
    """True when the target acknowledged the request and gave every expected field."""
    return answer.acknowledged and all(_same(answer.field(k), v) for k, v in expected.items())


def _same(got: object, expected: object) -> bool:
    if isinstance(got, float | int) and isinstance(expected, float) and not isinstance(got, bool):
        return math.isclose(got, expected, rel_tol=SAME, abs_tol=SAME)
    return got == expected


def unlike(server: Server, target: HttpTarget, version: str) -> str:
    """Why the target does not say that it is healthy and serves `version`; empty when it does."""
    try:
        status, said = server.get(target.version_path)
        got = said.get("version") if isinstance(said, dict) else None
        if status != 200 or got != version:
            return f"{target.version_path} says {got!r} (status {status}); expected {version!r}"
        status, _ = server.get(target.health_path)
    except TargetError as error:
        return str(error)
    return "" if status == 200 else f"{target.health_path} answers {status}; expected 200"


def returned_to(
    server: Server,
    target: HttpTarget,
    version: str,
    expected: Mapping[str, Any],
    *,
    prefix: str,
    started_anew: bool,
) -> str:
    """Let `version` serve again and see it answer; why that failed, empty when it did not.

    A target that was started anew says what it has stored; if that is `version`, it is left alone.
    One that has run on is switched in any case: what it says may not be what it has stored.

    `prefix` begins the ids of the requests that confirm it, and is used once only.
    """
    try:
        if not (started_anew and not unlike(server, target, version)):
            status, _ = server.post(target.switch_path, {"version": version})
            if not 200 <= status < 300:
                return f"POST {target.switch_path} answered {status}; expected 200"
        return unlike(server, target, version) or _answers_otherwise(
            server, target, version, expected, prefix
        )
    except TargetError as error:
        return str(error)


def _answers_otherwise(
    server: Server, target: HttpTarget, version: str, expected: Mapping[str, Any], prefix: str
) -> str:
    for number in range(CONFIRMATIONS):
        request_id = f"{prefix}-{number + 1}"
        body = {"request_id": request_id, "features": dict(target.sample)}
        status, answer = server.post(target.predict_path, body)
        if not answers_as(Answer(request_id, 0, 0, status, answer), expected):
            return f"it says {version} and answers otherwise (status {status})"
    return ""
