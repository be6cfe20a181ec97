"""A user's own checks: asked and answered through the worker process of their folder."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ops_model.check.context import Context
from ops_model.check.foreign import (
    Answer,
    ThresholdValue,
    UnansweredError,
    as_check,
    first_mistake,
)
from ops_model.check.foreign_places import Places
from ops_model.check.outcome import NoOutcomeError, Outcome
from ops_model.check.question import Check, CrashedError
from ops_model.domain.values import Where
from ops_model.errors import CatalogueError, Problem
from ops_model.workflow.own_folder import OwnFolder, text_of
from ops_model.workflow.own_worker import Allowance, LateError, Patience, WorkerProcess

_MOST_QUESTIONS = 1000
"""How many findings of others a check may ask for about one system."""
_MOST_DELAYS = 3
"""About how many systems a check may give no answer in time before it is asked no more."""


class _AnewError(Exception):
    """The worker ended while another check was judged in between; ask again."""


class OwnChecks:
    """The checks in folders of a user's own; each folder has a worker of its own.

    What they may take for a system, they may take all together.
    """

    def __init__(self, folders: Sequence[Path], patience: Patience) -> None:
        """Load them.

        Args:
            folders: where they lie.
            patience: how long they may take.

        Raises:
            CatalogueError: those of a folder do not load, or not in time.
        """
        self._patience = patience
        self._folders = tuple(OwnFolder(folder, patience) for folder in folders)
        self._about: Context | None = None
        self._places: Places | None = None
        self._system = Allowance(patience.system)
        self._numbers = count(1)
        self._delays: Counter[str] = Counter()
        self._lock = threading.RLock()
        try:
            self._load()
        except BaseException:
            self.close()
            raise
        self._folder_of = {name: folder for folder in self._folders for name in folder.told}

    def _load(self) -> None:
        problems: list[Problem] = []
        for folder in self._folders:
            folder.start()
        for folder in self._folders:
            try:
                folder.load()
            except CatalogueError as error:
                problems += error.problems
        if problems:
            raise CatalogueError(problems=problems)

    @property
    def checks(self) -> tuple[tuple[Check, Where], ...]:
        """Each check, which asks its worker when it is called, and its place."""
        told = [told for folder in self._folders for told in folder.told.values()]
        return tuple((as_check(one, self), one.place) for one in told)

    def close(self) -> None:
        """End the workers."""
        with self._lock:
            for folder in self._folders:
                folder.close()

    def answer(
        self, check_id: str, ctx: Context, thresholds: Mapping[str, ThresholdValue]
    ) -> Outcome:
        """What the worker says to a check's question about a system.

        Raises:
            UnansweredError: it gave no answer; its process is ended then.
            CrashedError: the check says that what it rests on crashed.
        """
        with self._lock:
            if self._about is not ctx:
                self._about, self._system = ctx, Allowance(self._patience.system)
            if self._delays[check_id] >= _MOST_DELAYS:
                raise UnansweredError(
                    f"gave no answer within {self._patience.answer:g} s about {_MOST_DELAYS} "
                    "systems, and was asked no more"
                )
            while True:
                if self._system.left <= 0:  # no process is started for what is not waited for
                    raise self._used_up()
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
            return self._used_up()
        self._delays[check_id] += 1
        return error

    def _used_up(self) -> UnansweredError:
        return UnansweredError(
            f"was not answered: the checks of one's own may take {self._system.seconds:g} s for a "
            "system, and those asked so far used it up"
        )

    def _asked(
        self, check_id: str, ctx: Context, thresholds: Mapping[str, ThresholdValue]
    ) -> Outcome:
        allowance = Allowance(self._patience.answer, self._system)
        folder = self._folder_of[check_id]
        worker = folder.sitting(ctx, allowance, self._system)
        number = next(self._numbers)
        asked = {"do": "judge", "number": number, "check": check_id, "thresholds": thresholds}
        worker.say(asked, allowance)
        for _ in range(_MOST_QUESTIONS):
            said = worker.hear(allowance)
            if said.get("number") != number:
                folder.close()
                raise UnansweredError("its worker process said what it was not asked")
            if "ask" not in said:
                return self._outcome(check_id, said, ctx)
            self._tell(worker, ctx, str(said["ask"]), allowance)
        folder.close()
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
                    worker.end()
            raise
        if not worker.lives:
            raise _AnewError
        told = None if finding is None else finding.model_dump(mode="json")
        worker.say({"do": "told", "finding": told}, allowance)

    def _outcome(self, check_id: str, said: Mapping[str, Any], ctx: Context) -> Outcome:
        if "errored" in said:
            raise UnansweredError(
                text_of(said["errored"]), self._place(check_id, said.get("line"))
            )
        if "rests_on" in said:
            raise CrashedError(text_of(said["rests_on"]))
        try:
            outcome = Answer.model_validate(said.get("answer")).outcome
        except ValidationError as error:
            why = f"answered what no finding can hold: {first_mistake(error)}"
            raise UnansweredError(why) from error
        except NoOutcomeError as error:
            raise UnansweredError(f"answered what is no outcome: {error}") from error
        if self._places is None or self._places.ctx is not ctx:
            self._places = Places(ctx)
        if lost := self._places.not_there(outcome):
            raise UnansweredError(f"names a place that is not there: {lost}")
        owner = outcome.owner
        if owner is not None and ctx.model.people.person(owner) is None:
            raise UnansweredError(f"names an owner who is no person: {ctx.why_not_active(owner)}")
        return outcome

    def _place(self, check_id: str, line: object) -> Where:
        place = self._folder_of[check_id].told[check_id].place
        return Where(place.path, line) if isinstance(line, int) else place
