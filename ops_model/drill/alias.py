"""Lets another version serve by an alias of MLflow's registry, which the server follows."""

import json
import select
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ops_model.domain.rollback import AliasSwitch, SwitchedBy
from ops_model.drill.targets import MARK, STOP_SECONDS, environment, interpreter_path
from ops_model.errors import DrillError

ALIAS_SECONDS = 60
"""For one answer: MLflow is slow to load, and a registry may be locked for a while."""
# It reports its use to its makers, and a drill speaks to this machine alone.
_SILENT = {"DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true"}


class RegistryAlias:
    """One alias of one registered model; what a drill did not set, it does not take back.

    Args:
        switch: which alias, where.
        labels: the two versions of the plan, of which an alias that stands at another is not one.
        root: the workbook's folder.
        drill_id: by which the worker's process is known.
    """

    by: SwitchedBy = "mlflow_alias"
    follows = True

    def __init__(
        self, switch: AliasSwitch, labels: tuple[str, str], *, root: Path, drill_id: str
    ) -> None:
        self._switch = switch
        self._ours = [v for label in labels if (v := switch.versions.get(label)) is not None]
        self._root = root
        self._drill_id = drill_id
        self._process: subprocess.Popen[bytes] | None = None

    def ready(self, first: str) -> None:
        """See that the alias stands at the first version, and that the registry has both.

        Raises:
            DrillError: it does not, or the registry cannot be read; nothing was changed.
        """
        path = (self._root / self._switch.registry).resolve()
        if not path.is_relative_to(self._root.resolve()) or not path.is_file():
            raise self._refused(
                f"there is no registry {self._switch.registry} in the workbook",
                "name under `registry` the SQLite file that the server reads",
            )
        answer = self._ask(known=self._ours)
        if why := self._why_not(answer, self._switch.versions[first]):
            raise self._refused(
                f"{why}; nothing was switched",
                f"let the alias {self._switch.alias} stand at the version that is our {first}, "
                "or correct `switch` in rollback.yaml",
            )

    def to(self, version: str, check: Callable[[], None]) -> str:
        """Let the alias name a version; why that failed, empty when it did not."""
        check()
        wanted = self._switch.versions[version]
        return self._why_not(self._ask(set=wanted, **{"from": self._ours}), wanted)

    def by_hand(self, version: str) -> str:
        """How somebody lets a version serve by hand, in words."""
        switch = self._switch
        return (
            f"set the alias {switch.alias} of {switch.model} in {switch.registry} to version "
            f"{switch.versions[version]}"
        )

    def close(self) -> None:
        """End the worker."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _why_not(self, answer: Mapping[str, Any], wanted: str) -> str:
        if "error" in answer:
            return f"the registry {self._switch.registry}: {answer['error']}"
        stands = answer.get("version")
        if stands == wanted:
            return ""
        return f"the alias {self._switch.alias} stands at {stands}; expected {wanted}"

    def _refused(self, message: str, remedy: str) -> DrillError:
        return DrillError(message, where=str(self._switch.where), remedy=remedy)

    def _ask(self, **asked: object) -> Mapping[str, Any]:
        process = self._process = self._process or self._begun()
        line, why = b"", f"no answer within {ALIAS_SECONDS} s"
        if process.stdin is not None and process.stdout is not None:
            with suppress(OSError):
                process.stdin.write(json.dumps(asked).encode() + b"\n")
                process.stdin.flush()
            if select.select([process.stdout], [], [], ALIAS_SECONDS)[0]:
                line = process.stdout.readline()
                why = "MLflow ended without an answer"
        if not line:
            self.close()
            return {"error": why}
        answer: Mapping[str, Any] = json.loads(line)
        if "missing" in answer:
            raise self._refused(
                "the target switches an alias of MLflow, which is not installed",
                "pip install 'ops-model[mlflow]'",
            )
        return answer

    def _begun(self) -> "subprocess.Popen[bytes]":
        registry = str((self._root / self._switch.registry).resolve())
        return subprocess.Popen(  # noqa: S603 - our own module, with the workbook's names as arguments
            [sys.executable, "-P", "-m", "ops_model.drill.alias_worker",
             registry, self._switch.model, self._switch.alias],
            cwd=self._root, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True,
            env=environment() | interpreter_path() | _SILENT | {MARK: self._drill_id},
        )  # fmt: skip
