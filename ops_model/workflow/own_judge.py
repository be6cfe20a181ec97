"""A user's own checks: described, asked and answered through their worker process."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ops_model.check.catalogue import check_files, short_path
from ops_model.check.context import Context
from ops_model.check.foreign import (
    LONGEST_TEXT,
    Answer,
    Description,
    Loaded,
    ThresholdValue,
    UnansweredError,
    as_check,
    first_mistake,
    one_line,
)  # fmt: skip
from ops_model.check.foreign_places import Places
from ops_model.check.outcome import Outcome
from ops_model.check.question import Check, CrashedError
from ops_model.domain.operating_model import Snapshot
from ops_model.domain.snapshot import snapshot_as_json
from ops_model.domain.texts import HIDDEN
from ops_model.domain.values import Where
from ops_model.errors import CatalogueError, Problem
from ops_model.workflow.own_worker import Allowance, LateError, Patience, WorkerProcess

_MOST_QUESTIONS = 1000
"""How many findings of others a check may ask for about one system."""
_MOST_DELAYS = 3
"""About how many systems a check may give no answer in time before it is asked no more."""


class _AnewError(Exception):
    """The worker ended while another check was judged in between; ask again."""


class OwnChecks:
    """The checks in folders of a user's own; one worker serves for many systems.

    A worker that had to be ended is started anew for the next check.
    """

    def __init__(self, folders: Sequence[Path], patience: Patience) -> None:
        """Load them.

        Raises:
            CatalogueError: they do not load, or not in time.
        """
        self._folders, self._patience = folders, patience
        self._worker: WorkerProcess | None = None
        self._sits_about: Context | None = None
        self._places: Places | None = None
        self._system = Allowance(patience.system)
        self._numbers = count(1)
        self._delays: Counter[str] = Counter()
        self._lock = threading.RLock()
        self._told = {told.id: told for told in self._load()}

    @property
    def checks(self) -> tuple[tuple[Check, Where], ...]:
        """Each check, which asks the worker when it is called, and its place."""
        return tuple((as_check(told, self), told.place) for told in self._told.values())

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            if self._worker is not None:
                self._worker.end()
            self._worker = None

    def answer(
        self, check_id: str, ctx: Context, thresholds: Mapping[str, ThresholdValue]
    ) -> Outcome:
        """What the worker says to a check's question about a system.

        Raises:
            UnansweredError: it gave no answer; its process is ended then.
            CrashedError: the check says that what it rests on crashed.
        """
        with self._lock:
            if self._sits_about is not ctx:
                self._system = Allowance(self._patience.system)
            if self._delays[check_id] >= _MOST_DELAYS:
                raise UnansweredError(
                    f"gave no answer within {self._patience.answer:g} s about {_MOST_DELAYS} "
                    "systems, and was asked no more"
                )
            while True:
                try:
                    return self._asked(check_id, ctx, thresholds)
                except _AnewError:
                    continue
                except LateError as error:
                    raise self._late(check_id, error) from error
                except (KeyboardInterrupt, SystemExit):
                    self.close()  # in the middle of a conversation
                    raise

    def _late(self, check_id: str, error: LateError) -> UnansweredError:
        if error.allowance is self._system:
            return UnansweredError(
                f"was not answered: the checks of one's own may take {error.allowance.seconds:g} "
                "s for a system, and those asked so far used it up"
            )
        self._delays[check_id] += 1
        return error

    def _asked(
        self, check_id: str, ctx: Context, thresholds: Mapping[str, ThresholdValue]
    ) -> Outcome:
        allowance = Allowance(self._patience.answer, self._system)
        worker = self._sitting(ctx, allowance)
        number = next(self._numbers)
        asked = {"do": "judge", "number": number, "check": check_id, "thresholds": thresholds}
        worker.say(asked, allowance)
        for _ in range(_MOST_QUESTIONS):
            said = worker.hear(allowance)
            if said.get("number") != number:
                self.close()
                raise UnansweredError("its worker process said what it was not asked")
            if "ask" not in said:
                return self._outcome(check_id, said, ctx)
            self._tell(worker, ctx, str(said["ask"]), allowance)
        self.close()
        raise UnansweredError(f"asked for more than {_MOST_QUESTIONS:,} findings of others")

    def _tell(
        self, worker: WorkerProcess, ctx: Context, check_id: str, allowance: Allowance
    ) -> None:
        """Give a check another's finding; what that takes is not counted against its own time."""
        try:
            finding = ctx.finding_of(check_id)
        except Exception:
            # The judge goes on: it is in the middle of a circle of checks that ask each other.
            if worker.lives:
                worker.say({"do": "withdraw"}, allowance)
                if "ask" in worker.hear(allowance):
                    self.close()
            raise
        if not worker.lives:
            raise _AnewError
        told = None if finding is None else finding.model_dump(mode="json")
        worker.say({"do": "told", "finding": told}, allowance)

    def _outcome(self, check_id: str, said: Mapping[str, Any], ctx: Context) -> Outcome:
        if "errored" in said:
            raise UnansweredError(_text(said["errored"]), self._place(check_id, said.get("line")))
        if "rests_on" in said:
            raise CrashedError(_text(said["rests_on"]))
        try:
            outcome = Answer.model_validate(said.get("answer")).outcome
        except ValidationError as error:
            why = f"answered what no finding can hold: {first_mistake(error)}"
            raise UnansweredError(why) from error
        except ValueError as error:
            raise UnansweredError(f"answered what is no outcome: {error}") from error
        if self._places is None or self._places.ctx is not ctx:
            self._places = Places(ctx)
        if lost := self._places.not_there(outcome):
            raise UnansweredError(f"names a place that is not there: {lost}")
        return outcome

    def _place(self, check_id: str, line: object) -> Where:
        place = self._told[check_id].place
        return Where(place.path, line) if isinstance(line, int) else place

    def _sitting(self, ctx: Context, allowance: Allowance) -> WorkerProcess:
        """A worker that knows the system which is judged."""
        worker = self._worker
        if worker is None or not worker.lives or not worker.mine:
            self._load_anew()
            worker = self._worker
        if worker is None:  # only for typing: it was loaded
            raise _AnewError
        if self._sits_about is not ctx:
            worker.say(_as_told(ctx), allowance)
            self._sits_about = ctx
        return worker

    def _load_anew(self) -> None:
        try:
            told = {told.id: told for told in self._load()}
        except CatalogueError as error:
            first = error.problems[0]
            raise UnansweredError(
                f"its worker process was started anew, and {first.message}"
            ) from error
        if told != self._told:
            self.close()
            raise UnansweredError("its file was changed while it was judged")

    def _load(self) -> tuple[Description, ...]:
        reading = folders = ", ".join(short_path(folder) for folder in self._folders)
        allowance = Allowance(self._patience.load)
        self._sits_about = None
        try:
            self._worker = worker = WorkerProcess(self._folders[0])
            worker.say({"do": "load", "folders": [str(f) for f in self._folders]}, allowance)
            # As often as there are files, and once when all are read, and no more: who writes
            # without end is not waited for.
            for _ in range(1 + sum(len(check_files(folder)) for folder in self._folders)):
                if "reading" not in (said := worker.hear(allowance)):
                    return self._loaded(said)
                reading = _text(said["reading"]) or folders
            return self._loaded(worker.hear(allowance))
        except LateError as error:
            why = f"did not load within {error.allowance.seconds:g} s"
        except UnansweredError as error:
            why = f"did not load: {error}"
        except OSError as error:
            why = f"did not load: no process can be started for it: {error.strerror}"
        except ValidationError as error:
            why = f"describes what no check can be: {first_mistake(error)}"
        self.close()
        raise CatalogueError(
            why, where=reading, remedy="mend the file or take it out; it is never skipped"
        )

    def _loaded(self, said: Mapping[str, Any]) -> tuple[Description, ...]:
        answer = Loaded.model_validate(said)
        if answer.problems:
            self.close()
            raise CatalogueError(
                problems=[Problem(p.message, p.place, p.remedy) for p in answer.problems]
            )
        return answer.loaded


def _as_told(ctx: Context) -> dict[str, Any]:
    """What a worker learns of a system; people by their ids, as in a notebook."""
    model = ctx.model
    snapshot = Snapshot(
        workbook="",
        system=ctx.system,
        people=model.people.without_names(),
        policy=model.policy,
        portfolio=model.portfolio,
        signers=model.signers,
        settings=model.settings,
        as_of=ctx.as_of,
        ledger_size=0,
        statements=ctx.evidence.statements,
        scenarios=model.scenarios,
    )
    return {
        "do": "sit",
        "snapshot": snapshot_as_json(snapshot),
        "approved": sorted(ctx.evidence.approved_notebooks),
        "signed": sorted(ctx.evidence.signed),
        "held": sorted(ctx.evidence.held),
        "register": ctx.register.model_dump(mode="json"),
    }


def _text(said: object) -> str:
    """What a worker said, fit to be shown: one line, not too long, and nothing hidden in it."""
    return one_line(HIDDEN.sub("\N{REPLACEMENT CHARACTER}", str(said)[:LONGEST_TEXT]))
