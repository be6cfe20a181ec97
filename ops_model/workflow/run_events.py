"""What a run tells the ledger, and what is done about runs whose process died."""

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.values import iso_utc
from ops_model.notebook.staging import RunPlace, dead_runs

if TYPE_CHECKING:
    from ops_model.store.ledger import Ledger

ACTOR = "runner:ops-model"
RunEvent = Literal[
    "run.started", "run.finished", "run.failed", "run.abandoned", "evidence.published"
]


def run_event(
    place: RunPlace, part: str, kind: RunEvent, recorded_at: datetime, data: Mapping[str, Any]
) -> LedgerEvent:
    """One event of a run; `part` tells it from the others of the same run."""
    return LedgerEvent(
        id=f"{place.run_id}/{part}",
        type=kind,
        subject=place.system,
        as_of=place.as_of,
        recorded_at=recorded_at,
        actor=ACTOR,
        data=data,
    )


def is_finished(ledger: "Ledger", place: RunPlace) -> bool:
    """True when the ledger holds the end of the run, and so all that it published."""
    return ledger.find(f"{place.run_id}/finished") is not None


def _has_failed(ledger: "Ledger", place: RunPlace) -> bool:
    return ledger.find(f"{place.run_id}/failed") is not None


def claimed(ledger: "Ledger", place: RunPlace, recorded_at: datetime) -> bool:
    """Take the slot of a notebook at an instant; False when another run has taken it or did it."""
    done = any(
        stored.event.type == "run.finished"
        and stored.event.as_of == place.as_of
        and stored.event.data.get("notebook") == place.notebook
        for stored in ledger.events(subject=place.system)
    )
    slot = f"{place.system}/{place.notebook}@{iso_utc(place.as_of)}"
    return not done and ledger.claim(
        slot, place.run_id, subject=place.system, as_of=place.as_of, recorded_at=recorded_at
    )


def clear_dead_runs(root: Path, ledger: "Ledger", *, recorded_at: datetime) -> None:
    """Remove what killed runs left behind, and record each as `run.abandoned`.

    A bundle that was sealed but not published goes too: nothing on the ledger cites it.
    """
    with dead_runs(root) as dead:
        for place in dead:
            shutil.rmtree(place.staging(root), ignore_errors=True)
            if is_finished(ledger, place):
                continue
            shutil.rmtree(root / place.bundle, ignore_errors=True)
            if _has_failed(ledger, place):
                continue
            data = {"run_id": place.run_id, "notebook": place.notebook}
            ledger.append(run_event(place, "abandoned", "run.abandoned", recorded_at, data))
