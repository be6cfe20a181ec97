"""Which version a target serves: what it says of itself, and what it answers."""

import math
from collections.abc import Mapping
from typing import Any

from ops_model.domain.rollback import HttpTarget
from ops_model.drill.targets import Server, TargetError
from ops_model.drill.traffic import Answer

CONFIRMATIONS = 20
"""Answers that must come from the restored version before it counts as restored."""
# The same arithmetic on the same machine; only the text of a number may be shorter.
SAME = 1e-9


def answers_as(answer: Answer, expected: Mapping[str, Any]) -> bool:
    """True when the target acknowledged the request and gave every expected field."""
    return answer.acknowledged and all(same(answer.field(k), v) for k, v in expected.items())


def same(got: object, expected: object) -> bool:
    """True when two fields are equal; of numbers only the text may be shorter."""
    if isinstance(got, float | int) and isinstance(expected, float) and not isinstance(got, bool):
        return math.isclose(got, expected, rel_tol=SAME, abs_tol=SAME)
    return got == expected


def says(server: Server, target: HttpTarget) -> Mapping[str, Any]:
    """What the target says of the version that it serves; nothing where it says nothing."""
    try:
        _, said = server.get(target.version_path)
    except TargetError:
        return {}
    return said if isinstance(said, dict) else {}


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


def answers_otherwise(
    server: Server, target: HttpTarget, version: str, expected: Mapping[str, Any], prefix: str
) -> str:
    """Why the target does not answer as `version` does; empty when it does.

    `prefix` begins the ids of the requests that confirm it, and is used once only.
    """
    for number in range(CONFIRMATIONS):
        request_id = f"{prefix}-{number + 1}"
        body = {"request_id": request_id, "features": dict(target.sample)}
        try:
            status, answer = server.post(target.predict_path, body)
        except TargetError as error:
            return str(error)
        if not answers_as(Answer(request_id, 0, 0, status, answer), expected):
            return f"it says {version} and answers otherwise (status {status})"
    return ""
