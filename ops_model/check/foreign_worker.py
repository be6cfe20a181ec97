"""The process in which a user's own checks are loaded and judged; it ends with whoever started it.

`python -m ops_model.check.foreign_worker IN OUT` reads requests from one pipe and writes answers
to the other, one JSON object a line. Standard output is not used, so that a check may print. This
keeps faults and secrets apart and is no sandbox: a check file runs with its user's rights.
"""

import json
import os
import resource
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO

from pydantic import ValidationError

from ops_model.check.catalogue import load_catalogue, short_path
from ops_model.check.context import Context
from ops_model.check.foreign import (
    LONGEST_TEXT,
    Answer,
    Description,
    ThresholdValue,
    described,
    first_mistake,
)  # fmt: skip
from ops_model.check.judge import NOT_AN_OUTCOME, last_line
from ops_model.check.outcome import Outcome, crash
from ops_model.check.question import Check, CrashedError
from ops_model.check.recorded import Evidence
from ops_model.domain.assessment import Finding
from ops_model.domain.frameworks import Register
from ops_model.domain.operating_model import OperatingModel, Snapshot
from ops_model.domain.snapshot import read_snapshot
from ops_model.domain.texts import HIDDEN
from ops_model.errors import CatalogueError, Problem

MOST_SECONDS = 3600
"""Seconds of computing; the last resort where a check holds up all threads and nobody waits."""
MOST_MEMORY = 4 * 1024**3
"""Bytes of address space; beyond it a check crashes with a MemoryError, not the machine."""

_MOST_PROBLEMS = 20
_LONGEST_PROBLEM = 500

Message = dict[str, Any]


class _WithdrawnError(Exception):
    """The question that a check asked cannot be answered: it closes a circle."""


class _Wire:
    """The two pipes. A thread reads, and ends this process as soon as the other side is gone."""

    def __init__(self, inbox: int, outbox: int) -> None:
        self._outbox = outbox
        self._process = os.getpid()
        self._read: SimpleQueue[bytes] = SimpleQueue()
        for pipe in (inbox, outbox):
            os.set_inheritable(pipe, False)  # noqa: FBT003 - it takes no name
        # A fork that a check makes must not hold the pipes open, nor speak for this process.
        os.register_at_fork(after_in_child=lambda: _hang_up(inbox, outbox))
        reader = threading.Thread(
            target=self._reading, args=(os.fdopen(inbox, "rb"),), daemon=True
        )
        reader.start()

    def _reading(self, pipe: BinaryIO) -> None:
        for line in pipe:
            self._read.put(line)
        os.killpg(0, signal.SIGKILL)

    def hear(self) -> Message:
        message: Message = json.loads(self._read.get())
        return message

    def say(self, **message: Any) -> None:  # noqa: ANN401 - plain JSON values
        if os.getpid() != self._process:
            os._exit(0)  # a fork of a check that came back from it
        data = json.dumps(message).encode() + b"\n"
        while data:
            data = data[os.write(self._outbox, data) :]


def _hang_up(*pipes: int) -> None:
    for pipe in pipes:
        with suppress(OSError):
            os.close(pipe)


class _Worker:
    """Loads once, then sits about one system at a time."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire
        self._checks: dict[str, Check] = {}
        self._ctx: Context | None = None
        self._asking_for = 0

    def serve(self) -> None:
        while True:
            self._carry_out(self._wire.hear())

    def _carry_out(self, request: Message) -> None:
        if request["do"] == "load":
            self._load(Path(request["folder"]))
        elif request["do"] == "sit":
            self._ctx = self._context(request)
        else:
            self._judge(request["number"], request["check"], request["thresholds"])

    def _load(self, folder: Path) -> None:
        try:
            catalogue = load_catalogue(
                [folder], before=lambda file: self._wire.say(reading=short_path(file))
            )
        except CatalogueError as error:
            self._wire.say(reading="")  # what comes now is about no one file
            self._refuse(error.problems)
            return
        self._wire.say(reading="")
        told = [described(check, catalogue.origins[check.id]) for check in catalogue.checks]
        wrong = [t for t in told if isinstance(t, Problem)]
        if wrong:
            self._refuse(wrong)
            return
        self._checks = {check.id: check for check in catalogue.checks}
        self._wire.say(
            loaded=[t.model_dump(mode="json") for t in told if isinstance(t, Description)]
        )

    def _refuse(self, problems: Sequence[Problem]) -> None:
        """Say the first problems, and how many more there are."""
        said = [_as_plain(problem) for problem in problems[:_MOST_PROBLEMS]]
        if more := len(problems) - len(said):
            said.append({"message": f"and {more:,} more", "place": "", "remedy": ""})
        self._wire.say(problems=said)

    def _context(self, request: Message) -> Context:
        snapshot = read_snapshot(request["snapshot"])
        return Context(
            snapshot.system,
            _model_of(snapshot),
            Evidence(
                snapshot.statements,
                frozenset(request["approved"]),
                frozenset(request["signed"]),
                frozenset(request["held"]),
            ),
            snapshot.as_of,
            self._ask,
            Register.model_validate(request["register"]),
        )

    def _judge(self, number: int, check_id: str, thresholds: Mapping[str, ThresholdValue]) -> None:
        check = self._checks[check_id]
        self._asking_for = number
        try:
            answer = _answered(check, self._ctx, thresholds)
            reply: Message = {"answer": answer.model_dump(mode="json")}
        except CrashedError as error:
            reply = {"rests_on": str(error)[:LONGEST_TEXT]}
        # Whatever it raises is this check's own; `sys.exit(0)` and the like too.
        except BaseException as error:  # noqa: BLE001 - see above
            place = last_line(error, check)
            reply = {"errored": _crash(error), "line": place and place.line}
        self._wire.say(number=number, **reply)

    def _ask(self, check_id: str) -> Finding | None:
        """Another check's finding; while it is sought, another check may be judged here."""
        number = self._asking_for
        self._wire.say(number=number, ask=check_id)
        while (request := self._wire.hear())["do"] == "judge":
            self._carry_out(request)
        self._asking_for = number
        if request["do"] == "withdraw":
            raise _WithdrawnError
        told = request["finding"]
        return None if told is None else Finding.model_validate(told)


def _model_of(snapshot: Snapshot) -> OperatingModel:
    return OperatingModel(
        settings=snapshot.settings,
        people=snapshot.people,
        policy=snapshot.policy,
        portfolio=snapshot.portfolio,
        signers=snapshot.signers,
        systems=(snapshot.system,),
        scenarios=snapshot.scenarios,
    )


class _UnfitError(Exception):
    """What a check returned is no outcome, or one that no finding can hold."""


def _answered(
    check: Check, ctx: Context | None, thresholds: Mapping[str, ThresholdValue]
) -> Answer:
    if ctx is None:  # only for typing: a sitting comes first
        raise _UnfitError
    outcome: object = check(ctx, **thresholds)
    if not isinstance(outcome, Outcome):
        raise _UnfitError(NOT_AN_OUTCOME.format(type(outcome).__name__))
    try:
        return Answer.model_validate({name: getattr(outcome, name) for name in _PARTS})
    except ValidationError as error:
        msg = f"answered what no finding can hold: {first_mistake(error)}"
        raise _UnfitError(msg) from error


_PARTS = tuple(Answer.model_fields)


def _crash(error: BaseException) -> str:
    return str(error) if isinstance(error, _UnfitError) else crash(error)


def _as_plain(problem: Problem) -> Message:
    """Without what nobody could show: a fault of Python's own may quote anything."""
    said = {"message": problem.message, "place": problem.where, "remedy": problem.remedy}
    return {name: HIDDEN.sub(" ", _cut(text)) for name, text in said.items()}


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_PROBLEM else f"{text[:_LONGEST_PROBLEM]}..."


def main(inbox: int, outbox: int) -> None:
    """Serve until the other side closes its pipe."""
    with suppress(OSError, ValueError):  # where the machine allows less already
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _Worker(_Wire(inbox, outbox)).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
