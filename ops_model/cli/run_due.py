"""`ops-model run` for slots: what is due, what is repeated, what is filled in afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ops_model.cli.context import find_workbook, judged_at, now, print_json, require_slug
from ops_model.cli.run_fleet import cores, run_fleet
from ops_model.cli.sound import sound_part_alone
from ops_model.domain.portfolio_status import PORTFOLIO
from ops_model.domain.values import iso_utc
from ops_model.errors import UsageError, WorkbookError, told

if TYPE_CHECKING:
    from ops_model.domain.operating_model import OperatingModel
    from ops_model.domain.schedules import Slot
    from ops_model.store.sound_part import SoundPart
    from ops_model.workflow.due import Due

_MOST_TOLD = 20
_HOW = "ops-model run --due, or ops-model run NOTEBOOK --all --from T --to T"


@dataclass(frozen=True)
class Call:
    """What was written on the command line of `ops-model run`."""

    notebook: str | None
    system: str | None
    every: bool
    due: bool
    again: bool
    start: datetime | None
    end: datetime | None
    given: tuple[str, ...]
    once: bool
    run_id: str | None
    jobs: int | None
    cluster: str | None
    workbook_dir: Path | None
    as_of: datetime | None
    as_json: bool

    @property
    def spans(self) -> bool:
        """True when a span of time was named."""
        return self.start is not None or self.end is not None


def notebook_of(call: Call) -> str:
    """The notebook to run now; where the call is about slots, they are run, and this exits.

    Raises:
        UsageError: the call says neither, or several at a time.
        OpsModelError: nothing could be begun.
    """
    if call.due or call.again or call.spans:
        _refuse_mixed(call)
        _Slots.of(call).run()
    if call.notebook is None:
        raise UsageError(
            "name a notebook, or say --due", remedy="ops-model run NOTEBOOK SYSTEM, or " + _HOW
        )
    return call.notebook


def _refuse_mixed(call: Call) -> None:
    named = call.notebook is not None or call.every
    mixed = {
        "--once": call.once,
        "--reproduce": call.run_id is not None,
        "-p": bool(call.given),
        "NOTEBOOK": call.due and named,
        "--due": call.due and call.spans,
        "--again": call.again and call.spans,
        "--as-of": call.spans and call.as_of is not None,
    }
    if any(mixed.values()):
        what = next(name for name, is_so in mixed.items() if is_so)
        raise UsageError(
            f"{_asked(call)} takes no {what}: its slots say by themselves what is run", remedy=_HOW
        )
    if call.spans and (call.start is None or call.end is None):
        raise UsageError("--from and --to go together", remedy=_HOW)
    if not call.due and call.notebook is None:
        raise UsageError(
            f"{_asked(call)} needs a notebook",
            remedy="name one; or `ops-model run --due --again`" if call.again else "name one",
        )


def _asked(call: Call) -> str:
    if call.spans:
        return "--from and --to"
    return "--again" if call.again else "--due"


@dataclass(frozen=True)
class _Slots:
    """A call about slots, of a workbook at an instant."""

    call: Call
    root: Path
    sound: "SoundPart"
    instant: datetime

    @classmethod
    def of(cls, call: Call) -> "_Slots":
        from ops_model.store.workbook import read_sound_part
        from ops_model.workflow.open import refuse_ahead

        root = find_workbook(call.workbook_dir)
        sound = read_sound_part(root)
        at = judged_at(call.as_of, sound.model.settings.as_of)
        refuse_ahead(at, now())
        return cls(call, root, sound, at)

    @property
    def model(self) -> "OperatingModel":
        """The workbook without what cannot be read of it."""
        return self.sound.model

    def run(self) -> NoReturn:
        """Run the slots that are asked for, and exit."""
        named = self.call.system and require_slug(self.call.system, "system")
        with sound_part_alone(self.sound, named):
            if self.call.spans:
                self._fill()
            if self.call.again:
                self._repeat()
            self._due()
        raise click.exceptions.Exit(0)

    def _due(self) -> NoReturn:
        from ops_model.workflow.due import due_now, history_of
        from ops_model.workflow.schedule_faults import no_schedules

        if not self.model.settings.schedules:
            raise no_schedules()
        due = due_now(self.root, self.model, history_of(self.root, self.model), as_of=self.instant,
                      now=now())  # fmt: skip
        left = sorted(due.left)
        for line in _told_of_left(left):
            click.echo(line, err=True)
        code = self._carried_out(self._readable(due.slots), once=True, left=left, due=due)
        if due.faults:
            click.echo(told(due.faults), err=True)
        lowest = (3 if left else 0, WorkbookError.exit_code if due.faults else 0)
        raise click.exceptions.Exit(max(code, *lowest))

    def _carried_out(
        self, slots: "Sequence[Slot]", *, once: bool, left: "Sequence[Slot]", due: "Due"
    ) -> int:
        """Run what is due; the exit code that this alone gives."""
        more = {
            "left": [
                {"notebook": s.notebook, "system": s.system, "as_of": iso_utc(s.as_of)}
                for s in left
            ],
            "problems": [
                {"where": p.where, "what": p.message} for p in (*due.faults, *self.sound.problems)
            ],
        }  # fmt: skip
        if not slots:
            but = f" but what is left: {_counted(left)}" if left else ""
            # Of a line that cannot be kept nobody knows whether it is due.
            if not due.faults:
                click.echo(
                    f"nothing is due at {iso_utc(self.instant)}{but}", err=self.call.as_json
                )
            if self.call.as_json:
                print_json({"runs": [], **more})
            return 0
        click.echo(f"{_counted(slots)} due, the oldest of {iso_utc(slots[0].as_of)} ...", err=True)
        try:
            self._fleet(slots, once=once, more=more)
        except click.exceptions.Exit as ended:
            return ended.exit_code

    def _readable(self, slots: "Sequence[Slot]") -> "Sequence[Slot]":
        """Without those about all systems together, where one of them cannot be read."""
        held = [s for s in slots if s.system == PORTFOLIO] if self.sound.problems else []
        for slot in held:
            click.echo(f"held back: {slot.notebook} of {iso_utc(slot.as_of)} is about all systems "
                       "together, and not all of them can be read", err=True)  # fmt: skip
        return [slot for slot in slots if slot not in held]

    def _repeat(self) -> NoReturn:
        from ops_model.workflow.due import history_of, latest_sealed, sealed_of

        history = history_of(self.root, self.model)
        if self.call.due:
            found = latest_sealed(self.root, self.model, history, as_of=self.instant)
            slots = self._readable(found)
            if not found:
                raise UsageError(
                    f"no slot is sealed by {iso_utc(self.instant)}, so there is none to repeat",
                    remedy="ops-model run --due",
                )
        else:
            notebook, systems = self._named()
            slots = sealed_of(history, notebook, systems, at=self.call.as_of)
        for slot in slots:
            run_id = history.sealed[slot].run_id
            click.echo(f"{slot.system}: {slot.notebook} of {iso_utc(slot.as_of)} again, in the "
                       f"place of {run_id} ...", err=True)  # fmt: skip
        self._fleet(slots, once=False, repeats={slot: history.sealed[slot] for slot in slots})

    def _fill(self) -> NoReturn:
        from ops_model.workflow.due import slots_between

        notebook, systems = self._named()
        start, end = self.call.start, self.call.end
        if start is None or end is None:
            raise UsageError("--from and --to go together", remedy=_HOW)
        found = slots_between(self.root, self.model, notebook, start=start, end=min(end, now()))
        slots = [slot for slot in found if slot.system in systems]
        if not slots:
            raise UsageError(
                f"the line of {notebook} does not name {', '.join(sorted(systems))}",
                where="ops-model.yaml",
                remedy="add the system to the line, or run it for one instant with --as-of",
            )
        click.echo(f"{_counted(slots)} from {iso_utc(slots[0].as_of)} to "
                   f"{iso_utc(slots[-1].as_of)} ...", err=True)  # fmt: skip
        self._fleet(slots, once=True)

    def _named(self) -> tuple[str, frozenset[str]]:
        """The notebook of the call, by its whole name, and the systems that it is for."""
        from ops_model.notebook.find import find_notebook
        from ops_model.workflow.open import known_system
        from ops_model.workflow.run_about import about_all

        path = find_notebook(self.root, self.call.notebook or "")
        if about_all(path):
            self.sound.require(PORTFOLIO)
            return path.stem, frozenset({PORTFOLIO})
        if self.call.every == bool(self.call.system):
            raise UsageError("name one system, or say --all", remedy=_HOW)
        if self.call.system:
            system = require_slug(self.call.system, "system")
            return path.stem, frozenset({known_system(self.model, system).id})
        return path.stem, frozenset(system.id for system in self.model.systems)

    def _fleet(
        self,
        slots: "Sequence[Slot]",
        *,
        once: bool,
        **more: Any,  # noqa: ANN401 - what `run_fleet` takes beside
    ) -> NoReturn:
        run_fleet(
            self.root, self.model, slots, given={}, once=once, workers=self.call.jobs or cores(),
            cluster=self.call.cluster, as_json=self.call.as_json, **more,
        )  # fmt: skip


def _counted(slots: "Sequence[Slot]") -> str:
    return f"{len(slots)} slot{'' if len(slots) == 1 else 's'}"


def _told_of_left(left: "Sequence[Slot]") -> list[str]:
    """What is not tried any more, and how somebody runs it once it is mended."""
    from ops_model.workflow.due import MOST_ATTEMPTS

    lines = [
        f"left: {slot.notebook} of {slot.system} at {iso_utc(slot.as_of)} failed {MOST_ATTEMPTS} "
        f"times, and is tried once a day; once it is mended: ops-model run {slot.notebook}"
        f"{'' if slot.system == PORTFOLIO else f' {slot.system}'} --as-of {iso_utc(slot.as_of)}"
        for slot in left[:_MOST_TOLD]
    ]
    more = len(left) - len(lines)
    return [*lines, f"left: {more} more"] if more else lines
