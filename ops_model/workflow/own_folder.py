"""One folder of a user's own checks, and the worker process that serves it alone.

What a check file does to its process reaches the files beside it, and those of no other folder: a
workbook's checks must not change what a company's say.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ops_model.check.catalogue import check_files, short_path
from ops_model.check.context import Context
from ops_model.check.foreign import (
    LONGEST_TEXT,
    Description,
    Loaded,
    UnansweredError,
    first_mistake,
    one_line,
)  # fmt: skip
from ops_model.domain.operating_model import Snapshot
from ops_model.domain.overclaims import without_overclaims
from ops_model.domain.snapshot import snapshot_as_json
from ops_model.domain.texts import HIDDEN
from ops_model.errors import CatalogueError, Problem
from ops_model.workflow.own_worker import Allowance, LateError, Patience, WorkerProcess

_MOST_VAIN_LOADS = 2
"""How often loading anew may fail before a folder is asked no more."""


class OwnFolder:
    """The checks of one folder; one worker serves for many systems.

    A worker that had to be ended is started anew for the next check.

    Args:
        path: the folder.
        patience: how long its checks may take.
    """

    def __init__(self, path: Path, patience: Patience) -> None:
        self._path, self._patience = path, patience
        self._worker: WorkerProcess | None = None
        self._sits_about: Context | None = None
        self._vain_loads = 0
        self._reading = short_path(path)
        self._told: dict[str, Description] = {}

    @property
    def told(self) -> Mapping[str, Description]:
        """What each check asks, by its id."""
        return self._told

    def start(self) -> None:
        """Start the process and wait for nothing: several need no longer than one."""
        with suppress(OSError):  # said by whoever loads, who tries once more
            self._worker = WorkerProcess(self._path)

    def load(self) -> None:
        """Have the checks told.

        Raises:
            CatalogueError: they do not load, or not in time.
        """
        self._told = self._load(None)

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.end()
        self._worker, self._sits_about = None, None

    def sitting(self, ctx: Context, answer: Allowance, system: Allowance) -> WorkerProcess:
        """A worker that knows the system which is judged.

        Args:
            ctx: what the system is judged by.
            answer: what telling that is charged to.
            system: what loading anew is charged to.

        Raises:
            UnansweredError: there is none, or not in time.
        """
        worker = self._worker
        if worker is None or not worker.lives or not worker.mine:
            worker = self._anew(system)
        if self._sits_about is not ctx:
            worker.say(_as_told(ctx), answer)
            self._sits_about = ctx
        return worker

    def _anew(self, system: Allowance) -> WorkerProcess:
        if self._vain_loads >= _MOST_VAIN_LOADS:
            raise UnansweredError(
                f"its worker process ended, could not be started anew {_MOST_VAIN_LOADS} times, "
                "and was started no more"
            )
        # A fork of the process that loaded needs a worker of its own, for which no check can help.
        forked = self._worker is not None and not self._worker.mine
        self.close()
        try:
            told = self._load(None if forked else system)
        except CatalogueError as error:
            self._vain_loads += 1
            first = error.problems[0]
            raise UnansweredError(
                f"its worker process was started anew, and {first.message}"
            ) from error
        if told != self._told or self._worker is None:
            self._vain_loads += 1
            self.close()
            raise UnansweredError("its file was changed while it was judged")
        return self._worker

    def _load(self, system: Allowance | None) -> dict[str, Description]:
        self._reading = short_path(self._path)
        allowance = Allowance(self._patience.load, system)
        try:
            return self._loaded(self._told_of_all(allowance))
        except LateError as error:
            if error.allowance is system:
                raise
            why = f"did not load within {error.allowance.seconds:g} s"
        except UnansweredError as error:
            why = f"did not load: {error}"
        except OSError as error:
            why = f"did not load: no process can be started for it: {error.strerror}"
        except ValidationError as error:
            why = f"describes what no check can be: {first_mistake(error)}"
        self.close()
        raise CatalogueError(
            why, where=self._reading, remedy="mend the file or take it out; it is never skipped"
        )

    def _told_of_all(self, allowance: Allowance) -> Mapping[str, Any]:
        """What the worker says when it has read the files, of which it names each before."""
        if self._worker is None:
            self._worker = WorkerProcess(self._path)
        worker = self._worker
        worker.say({"do": "load", "folder": str(self._path)}, allowance)
        # As often as there are files, and once when all are read, and no more: who writes without
        # end is not waited for.
        for _ in range(1 + len(check_files(self._path))):
            if "reading" not in (said := worker.hear(allowance)):
                return said
            self._reading = text_of(said["reading"]) or short_path(self._path)
        return worker.hear(allowance)

    def _loaded(self, said: Mapping[str, Any]) -> dict[str, Description]:
        answer = Loaded.model_validate(said)
        if answer.problems:
            self.close()
            raise CatalogueError(
                problems=[Problem(p.message, p.place, p.remedy) for p in answer.problems]
            )
        return {told.id: told for told in answer.loaded}


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


def text_of(said: object) -> str:
    """What a worker said, fit to be shown: one line, not too long, and nothing hidden in it."""
    shown = HIDDEN.sub("\N{REPLACEMENT CHARACTER}", str(said)[:LONGEST_TEXT])
    return without_overclaims(one_line(shown))
