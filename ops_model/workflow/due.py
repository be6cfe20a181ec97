"""What a scheduler has to run: what is due and not sealed, what is to be repeated, what is left.

`ops-model run --due` asks here, whoever calls it and how often: what is sealed is due no more.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.schedules import Schedule, Slot
from ops_model.domain.values import iso_utc
from ops_model.errors import Problem, UsageError
from ops_model.workflow.begun import beginnings
from ops_model.workflow.ledgers import has_ledger, open_ledger
from ops_model.workflow.schedule_faults import schedule_faults, sound_schedules
from ops_model.workflow.slots import Sealed, Standing, run_together, standings, systems_of

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger

MOST_ATTEMPTS = 3
"""A slot whose notebook failed so often is left to a person, but for a try a day."""
AGAIN_AFTER = timedelta(days=1)
_OF_THE_NOTEBOOK = frozenset({"error", "timeout", "memory", "output", "bad_record", "kernel_died"})
"""Reasons that the next try meets again; a full disk or a lost worker it may not."""
_OF_THE_DATA = "WarehouseError"
"""A log that cannot be read now comes back by itself, in most cases."""
_NAMED = {"run_id", "notebook"}
MOST_BACKFILL = 10_000
_SET_BY_THE_RUN = frozenset({"system", "as_of"})


@dataclass(frozen=True)
class History:
    """What the ledger tells of slots: who sealed each, how often its notebook failed, and when.

    `failed_at` is when one failed last, by the wall clock.
    `seen` is since when each system is on it.
    """

    sealed: Mapping[Slot, Sealed] = field(default_factory=dict)
    failed: Mapping[Slot, int] = field(default_factory=dict)
    failed_at: Mapping[Slot, datetime] = field(default_factory=dict)
    seen: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Due:
    """What is not there: owed and overdue, oldest first.

    Of these `left` failed too often, and lately; `faults` are lines that cannot be kept.
    """

    missing: tuple[Standing, ...]
    left: frozenset[Slot]
    faults: tuple[Problem, ...]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """What is to be run, oldest first, and of one instant by notebook."""
        return by_notebook(one.slot for one in self.missing if one.slot not in self.left)


def history_of(root: Path, model: OperatingModel) -> History:
    """What the ledger of a workbook tells of its slots.

    Raises:
        LedgerError: it cannot be read.
    """
    if not has_ledger(root, model.settings):
        return History()
    with open_ledger(root, model.settings, readonly=True) as ledger:
        return _history(ledger)


def _history(ledger: "Ledger") -> History:
    return told_by(stored.event for stored in ledger.events())


def told_by(events: Iterable[LedgerEvent]) -> History:
    """The same of events; a run that repeats another to compare seals no slot.

    Only what the notebook itself did counts as a failure: neither what somebody interrupted, nor
    a full disk, a process that died, or a log that could not be read. An entry that does not name
    its run and its notebook seals nothing; ops-model writes no such thing.
    """
    given: dict[str, Mapping[str, Any]] = {}
    sealed: dict[Slot, Sealed] = {}
    failed: Counter[Slot] = Counter()
    failed_at: dict[Slot, datetime] = {}
    seen: dict[str, datetime] = {}
    for event in events:
        data = event.data
        seen[event.subject] = min(event.as_of, seen.get(event.subject, event.as_of))
        if not data.keys() >= _NAMED:
            continue
        if event.type == "run.started":
            given[str(data["run_id"])] = _free(data.get("parameters") or {})
        elif event.type == "run.finished" and not data.get("reproduces"):
            run_id = str(data["run_id"])
            sealed[_slot(event)] = Sealed(run_id, given.get(run_id, {}))
        elif _ended_badly(event):
            failed[_slot(event)] += 1
            failed_at[_slot(event)] = event.recorded_at
    return History(sealed, failed, failed_at, seen)


def due_now(
    root: Path, model: OperatingModel, history: History, *, as_of: datetime, now: datetime
) -> Due:
    """What a scheduler has to run at an instant.

    A slot that failed `MOST_ATTEMPTS` times is left until a day has passed by the wall clock,
    which `now` is, and after each further try; one whose line cannot be kept is told.
    """
    faults = schedule_faults(root, model)
    found = _standings(root, sound_schedules(model, faults), history, as_of)
    missing = tuple(one for one in found if one.state != "arrived")
    return Due(
        missing=missing,
        left=frozenset(one.slot for one in missing if _is_left(one.slot, history, now)),
        faults=tuple(problem for problems in faults.values() for problem in problems),
    )


def _is_left(slot: Slot, history: History, now: datetime) -> bool:
    often = history.failed.get(slot, 0) >= MOST_ATTEMPTS
    return often and now - history.failed_at[slot] < AGAIN_AFTER


def latest_sealed(
    root: Path, model: OperatingModel, history: History, *, as_of: datetime
) -> tuple[Slot, ...]:
    """The latest sealed slot of each line and system, in the order of `by_notebook`.

    That is what `--again` repeats.
    """
    sound = sound_schedules(model, schedule_faults(root, model))
    found = _standings(root, sound, history, as_of)
    return by_notebook(one.slot for one in found if one.state == "arrived")


def by_notebook(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """Oldest first; of one instant each notebook for all systems, before the next notebook.

    A report reads what those with a lower number recorded of the same instant.
    """
    return tuple(sorted(slots, key=lambda slot: (slot.as_of, slot.notebook, slot.system)))


def _standings(
    root: Path, model: OperatingModel, history: History, as_of: datetime
) -> tuple[Standing, ...]:
    together = run_together(root, model)
    begun = beginnings(model, history.seen, as_of=as_of)
    return standings(model, history.sealed.keys(), as_of=as_of, about_all=together, begun=begun)


def sealed_of(
    history: History, notebook: str, systems: Iterable[str], *, at: datetime | None
) -> tuple[Slot, ...]:
    """The sealed run of a notebook for each of some systems: that of an instant, or the latest.

    Raises:
        UsageError: none of them has one.
    """
    wanted = set(systems)
    found: dict[str, Slot] = {}
    for slot in sorted(history.sealed):
        named = slot.notebook == notebook and slot.system in wanted
        if named and (at is None or slot.as_of == at):
            found[slot.system] = slot
    if not found:
        told = f"of {iso_utc(at)} " if at is not None else ""
        raise UsageError(
            f"no run {told}of {notebook} is sealed for {', '.join(sorted(wanted))}",
            remedy="--again repeats what is sealed; leave it out to run it for the first time",
        )
    return tuple(sorted(found.values()))


def line_of(model: OperatingModel, notebook: str) -> Schedule:
    """The schedule of a notebook.

    Raises:
        UsageError: it has none.
    """
    for line in model.settings.schedules:
        if line.notebook == notebook:
            return line
    raise UsageError(
        f"no line says when {notebook} is due, so there are no slots to fill",
        where="ops-model.yaml",
        remedy=f"write one: schedules: [{{notebook: {notebook}, cron: '0 6 * * 1'}}]; or run it "
        "for a single instant with --as-of",
    )


def slots_between(
    root: Path, model: OperatingModel, notebook: str, *, start: datetime, end: datetime
) -> tuple[Slot, ...]:
    """The slots of a notebook's line from one instant to another, both included, oldest first.

    Raises:
        UsageError: it has no line, or they are too many, or none.
    """
    line, zone = line_of(model, notebook), model.settings.zone
    systems = systems_of(model, line, run_together(root, model))
    found: list[Slot] = []
    for instant in line.back(end, zone):
        if instant < start:
            break
        found += [Slot(instant, system, notebook) for system in systems]
        if len(found) > MOST_BACKFILL:
            raise UsageError(
                f"from {iso_utc(start)} to {iso_utc(end)} are more than {MOST_BACKFILL} slots",
                remedy="name a shorter span with --from and --to",
            )
    if not found:
        raise UsageError(
            f"{notebook} has no slot from {iso_utc(start)} to {iso_utc(end)}",
            where=str(line.place_of("cron")),
            remedy=f"its line is {line.cron!r} in {zone}; name a span that holds one",
        )
    return tuple(sorted(found))


def _slot(event: LedgerEvent) -> Slot:
    return Slot(event.as_of, event.subject, str(event.data["notebook"]))


def _free(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Those that a run does not set by itself."""
    return {name: value for name, value in parameters.items() if name not in _SET_BY_THE_RUN}


def _ended_badly(event: LedgerEvent) -> bool:
    data = event.data
    of_notebook = event.type == "run.failed" and data.get("reason") in _OF_THE_NOTEBOOK
    return of_notebook and data.get("error") != _OF_THE_DATA
