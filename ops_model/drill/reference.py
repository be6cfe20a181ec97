"""What a version answers, by its own file and not by the server's word."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ops_model.domain.rollback import HttpTarget
from ops_model.drill.commands import filled, shown
from ops_model.drill.targets import START_SECONDS, command_line
from ops_model.errors import DrillError


def expected_answer(
    target: HttpTarget, version: str, *, root: Path, drill_id: str
) -> Mapping[str, Any]:
    """What each answer of `version` holds: its name, and what its own file gives.

    Raises:
        DrillError: the command of the reference failed, or printed no JSON object.
    """
    answer = reference_answer(
        target.reference, version, target.sample, root=root, drill_id=drill_id
    )
    return {**answer, "version": version}


def beside_names(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an answer holds beside the names of its version, which any server can repeat."""
    return {name: value for name, value in answer.items() if name not in {"version", "digest"}}


def reference_answer(
    command: tuple[str, ...],
    version: str,
    sample: Mapping[str, Any],
    *,
    root: Path,
    drill_id: str,
) -> Mapping[str, Any]:
    """What `version` answers to the sample, by its own file; nothing when no command is declared.

    Raises:
        DrillError: the command failed, or printed no JSON object.
    """
    if not command:
        return {}
    asked = filled(command, version)
    arguments, env = command_line(asked, drill_id)
    told = shown(asked)
    remedy = f"let `reference` print the JSON object that {version} answers to the sample"
    try:
        finished = subprocess.run(  # noqa: S603 - the workbook names the command, no shell
            arguments, cwd=root, env=env, input=json.dumps(dict(sample)).encode(),
            capture_output=True, timeout=START_SECONDS, check=True,
        )  # fmt: skip
        answer = json.loads(finished.stdout)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        message = f"{told} ended with code {error.returncode}: {said[0][:300]}"
        raise DrillError(message, remedy=remedy) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or f"no answer within {START_SECONDS} s"
        raise DrillError(f"{told}: {reason}", remedy=remedy) from error
    except (ValueError, RecursionError) as error:
        raise DrillError(f"{told} printed no JSON", remedy=remedy) from error
    if not isinstance(answer, dict) or not answer:
        raise DrillError(f"{told} printed no JSON object", remedy=remedy)
    return answer
