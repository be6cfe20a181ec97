"""The demo's workbook while it is filled: notebooks run in it, and its people speak."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops_model.cli.context import now
from ops_model.errors import NotebookError

if TYPE_CHECKING:
    from ops_model.domain.evidence import Record
    from ops_model.domain.operating_model import OperatingModel
    from ops_model.example.said import Said
    from ops_model.store.checkpoint import CheckpointKey
    from ops_model.workflow.run_outcome import RunOutcome
    from ops_model.workflow.watch_answers import Now


@dataclass(frozen=True)
class DemoWorkbook:
    """A workbook, what was read from it, the instant that judges, and the key of checkpoints."""

    root: Path
    model: "OperatingModel"
    as_of: datetime
    key: "CheckpointKey"

    def read_again(self) -> "DemoWorkbook":
        """The same, with what is written in it now."""
        from ops_model.store.workbook import read_workbook

        return replace(self, model=read_workbook(self.root))

    def now(self) -> "Now":
        """The pinned instant, and the wall clock."""
        from ops_model.workflow.watch_answers import Now

        return Now(self.root, self.model, self.as_of, now())

    def checkpoint(self) -> None:
        """Sign the ledger as it is now."""
        from ops_model.workflow.checkpoints import checkpoint

        checkpoint(self.root, self.model.settings, self.key)

    def attest(self, system: str, words: "Sequence[Said]", *, of: str | None = None) -> None:
        """Record what people say about a system; `of` is the record that it is about."""
        from ops_model.workflow.attest import attest

        for said in words:
            attest(
                self.root, self.model, system, topic=said.topic, person=said.person,
                text=said.text, of=of, handoff=said.handoff, knowledge=said.knowledge,
                action=said.action, seconds=said.seconds, as_of=self.as_of, recorded_at=now(),
                event_id=said.event_id,
            )  # fmt: skip

    def last(self, kind: "type[Record]", system: str) -> str:
        """The digest of the record of a kind that was put on the ledger last."""
        from ops_model.workflow.ledgers import open_ledger

        with open_ledger(self.root, self.model.settings, readonly=True) as ledger:
            found = [s for s in ledger.statements(system) if isinstance(s.record, kind)]
        return found[-1].digest

    def run(
        self,
        notebook: str,
        system: str,
        parameters: Mapping[str, object] | None = None,
        *,
        as_of: datetime | None = None,
    ) -> None:
        """Run one notebook, and sign the ledger.

        Args:
            notebook: its name.
            system: which system.
            parameters: what the notebook declares besides.
            as_of: the instant that judges; the pinned one, when not given.

        Raises:
            NotebookError: the run failed; it is recorded as failed, and the demo stops here.
            click.Abort: Ctrl-C; the run is recorded as interrupted.
        """
        from ops_model.workflow.run import run_notebook

        outcome = run_notebook(
            self.root, notebook, system, as_of=as_of or self.as_of, recorded_at=now(),
            parameters=parameters or {}, key=self.key,
        )  # fmt: skip
        self.checkpoint()
        self._require_whole(outcome)

    def run_due(self, notebooks: Sequence[str], *, as_of: datetime, workers: int) -> None:
        """Run what the schedules of some notebooks ask for at an instant, and sign the ledger.

        Args:
            notebooks: their names; each is done before the next one begins.
            as_of: the slot.
            workers: how many run at a time.

        Raises: as `run`; what was begun beside the one that failed is recorded as interrupted.
        """
        from ops_model.workflow.due import slots_between
        from ops_model.workflow.fleet import run_many

        slots = [
            slot
            for notebook in notebooks
            for slot in slots_between(self.root, self.model, notebook, start=as_of, end=as_of)
        ]
        many = run_many(
            self.root, self.model, slots, clock=now, once=True, workers=workers, key=self.key
        )
        with closing(many):
            for outcome in many:
                self._require_whole(outcome)
        self.checkpoint()

    def _require_whole(self, outcome: "RunOutcome") -> None:
        if outcome.interrupted:
            raise click.Abort
        if outcome.state == "failed":
            about = f"{outcome.notebook} {outcome.system}"
            raise NotebookError(
                f"the run failed: {outcome.error}",
                where=f"{outcome.notebook} for {outcome.system}",
                remedy=f"try it alone: ops-model run {about} --workbook {self.root}",
            )

    def run_again(self, notebook: str, system: str) -> None:
        """Execute the first sealed run of a notebook once more, from what was sealed with it.

        Raises:
            NotebookError: it failed, or a record came out otherwise.
        """
        from ops_model.workflow.ledgers import open_ledger
        from ops_model.workflow.reproduce import reproduce
        from ops_model.workflow.verified import finished_in, finished_run

        with open_ledger(self.root, self.model.settings, readonly=True) as ledger:
            runs = [finished_run(stored) for stored in finished_in(ledger, subject=system)]
        first = next(run for run in runs if f"/{notebook}/" in run.bundle)
        found = reproduce(
            self.root, notebook, system, first.run_id, as_of=self.as_of, recorded_at=now(),
            key=self.key,
        )  # fmt: skip
        if found.told is None or not found.told.equal:
            raise NotebookError(
                f"the second run came out otherwise: {found.outcome.error or found.told}",
                where=f"{notebook} for {system}",
                remedy="run it with --reproduce, and look at the fields that it names",
            )
