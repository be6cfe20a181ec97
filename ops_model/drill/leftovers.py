"""What drills left behind whose supervisor was killed: find it, end it, put it back."""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ops_model.domain.rollback import HttpTarget, RollbackPlan
from ops_model.drill.exchange import by_hand, put_back
from ops_model.drill.fallback import path_to_rehearse, seen_normal
from ops_model.drill.record import Journal, last_of, read_journal
from ops_model.drill.reference import expected_answer
from ops_model.drill.rehearsable import refuse_unrehearsable
from ops_model.drill.scene import wait_until
from ops_model.drill.spec import DrillSpec, drills_folder
from ops_model.drill.switches import switch_of
from ops_model.drill.targets import MARK, Server, TargetError, running_server, start_server
from ops_model.drill.way_back import WayBack, still_changed
from ops_model.errors import DrillError

END_SECONDS = 5.0


@contextmanager
def sole_drill(root: Path, system_id: str) -> Iterator[Path]:
    """The folder of the system's drills, held alone; any death of this process lets go of it.

    Raises:
        DrillError: a drill of this system runs.
    """
    folder = drills_folder(root, system_id)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DrillError(
                f"another drill of {system_id} runs; one at a time",
                where=str(folder.relative_to(root)),
                remedy="wait for it to end, or break it off where it was started",
            ) from None
        yield folder


def drill_runs(root: Path, system_id: str) -> bool:
    """True while a drill of this system holds its lock."""
    if not drills_folder(root, system_id).is_dir():
        return False
    try:
        with sole_drill(root, system_id):
            return False
    except DrillError:
        return True


def unfinished(folder: Path) -> list[Path]:
    """Journals whose drill changed the target and did not put it back."""
    return [path for path in sorted(folder.glob("*.jsonl")) if is_unfinished(path)]


def is_unfinished(path: Path) -> bool:
    """True when this drill changed the target and did not put it back."""
    entries = read_journal(path)
    restored = last_of(entries, "restored")
    if restored is not None:
        return restored.get("ok") is not True
    # Before `decided` or `injected` nothing was changed, and the leash ends what was started.
    return any(entry["event"] in {"decided", "injected"} for entry in entries)


def refuse_beside_unfinished(folder: Path, system_id: str) -> None:
    """No new drill while an old one waits to be put back.

    Raises:
        DrillError: one does.
    """
    left = unfinished(folder)
    if left:
        raise DrillError(
            f"drill {left[0].stem} was left unfinished, and its target not put back",
            remedy=f"ops-model drill --restore {system_id}",
        )


def restore(root: Path, system_id: str) -> tuple[str, ...]:
    """Put back what drills left changed; the ids of those that were unfinished.

    Raises:
        DrillError: a drill runs; or something cannot be put back, and what is left to do.
    """
    if not drills_folder(root, system_id).is_dir():
        return ()
    with sole_drill(root, system_id) as folder:
        left = unfinished(folder)
        for path in left:
            _restore_one(root, path)
        return tuple(path.stem for path in left)


def _restore_one(root: Path, path: Path) -> None:
    entries = read_journal(path)
    spec = _spec(root, path, entries)
    end_marked(spec.id)
    journal = Journal(path, time.monotonic)
    try:
        left = "give the dependency back by hand"
        if spec.rollback is not None:
            why, left = _put_rollback_back(root, spec, spec.rollback, entries, journal)
        elif spec.swap is not None:
            why = put_back(spec.swap, root=root, drill_id=spec.id)
            left = by_hand(spec.swap)
        else:
            why = _put_fallback_back(root, spec)
        journal.write("restored", ok=not why, why=why, by="drill --restore")
    finally:
        journal.close()
    if why:
        raise DrillError(
            f"drill {spec.id} could not be put back: {why}",
            where=spec.journal,
            remedy=f"{left}, then run the command again",
        )


def _spec(root: Path, path: Path, entries: Sequence[Mapping[str, Any]]) -> DrillSpec:
    begun = last_of(entries, "begun")
    try:
        return DrillSpec.model_validate({**(begun or {})["spec"], "root": str(root)})
    except (KeyError, TypeError, ValidationError) as error:
        raise DrillError(
            "does not say which drill it was",
            where=str(path.relative_to(root)),
            remedy="let the first version serve by hand, then move this journal away",
        ) from error


def _put_rollback_back(
    root: Path,
    spec: DrillSpec,
    plan: RollbackPlan,
    entries: Sequence[Mapping[str, Any]],
    journal: Journal,
) -> tuple[str, str]:
    """Why it could not be put back, empty when it was; and what is left to do by hand."""
    target = refuse_unrehearsable(plan)
    with _target_of(root, spec, target) as server:
        switch = switch_of(plan, target, lambda: server, root=root, drill_id=spec.id)
        try:
            way_back = WayBack(
                plan, target, switch, root=root, journal=journal,
                expected=expected_answer(
                    target, plan.from_version, root=root, drill_id=spec.id
                ),
                changed=still_changed(plan, entries),
            )  # fmt: skip
            why = way_back.walk(server, prefix=f"{spec.id}-{_once()}", started_anew=server.ours)
            return why, way_back.by_hand()
        finally:
            switch.close()


@contextmanager
def _target_of(root: Path, spec: DrillSpec, target: HttpTarget) -> Iterator[Server]:
    """The target started for this, or the one that runs already."""
    if target.url is not None:
        yield running_server(target.url)
        return
    with _started(root, spec, target.start) as server:
        yield server


def _put_fallback_back(root: Path, spec: DrillSpec) -> str:
    if spec.fallback is None:
        return "the journal holds no plan"
    target = path_to_rehearse(spec.fallback, spec.path).target
    if target is None:
        return ""  # a vendor's stand-in ends with its drill, and nothing of the user's was changed
    with _started(root, spec, target.start) as server:
        try:
            status, _ = server.post(target.outage_path, {"on": False})
        except TargetError as error:
            return str(error)
        if not 200 <= status < 300:
            return f"POST {target.outage_path} answered {status}; expected 200"
        prefix = f"{spec.id}-{_once()}"
        return seen_normal(server, target, prefix=prefix, stopwatch=time.monotonic)


def _once() -> str:
    return os.urandom(4).hex()


@contextmanager
def _started(root: Path, spec: DrillSpec, command: tuple[str, ...]) -> Iterator[Server]:
    server = start_server(command, root=root, drill_id=spec.id, check=lambda: None)
    try:
        yield server
    finally:
        server.stop()


def end_marked(drill_id: str) -> None:
    """End every process that carries the mark of this drill, and wait until all are gone.

    The leash has ended them, unless it was killed with the supervisor.
    """
    if sys.platform == "linux":
        wait_until(lambda: not _kill_marked(drill_id), END_SECONDS, time.monotonic, time.sleep)


def _kill_marked(drill_id: str) -> int:
    """Kill the marked processes that there are; how many there were.

    The mark is compared after the process is pinned, so a number that was given to another
    process in between is never hit.
    """
    mark, found = f"{MARK}={drill_id}".encode(), 0
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            pinned = os.pidfd_open(int(entry.name))
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    signal.pidfd_send_signal(pinned, signal.SIGKILL)
                    found += 1
            finally:
                os.close(pinned)
    return found
