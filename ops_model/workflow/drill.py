"""Rehearse a rollback or an outage for real, and make the record of it.

Called in a notebook's kernel. The rehearsal itself is carried out by a supervisor process, which
journals each step; the record rests on that journal.
"""

import secrets
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.rollback import RollbackDrill
from ops_model.drill import leftovers
from ops_model.drill.fallback import path_to_rehearse
from ops_model.drill.launch import supervise
from ops_model.drill.rehearsable import refuse_unrehearsable
from ops_model.drill.scene import wait_until
from ops_model.drill.spec import DrillSpec, drills_folder
from ops_model.errors import DrillError


def rollback_drill(
    root: Path, system: SystemClaims, *, as_of: datetime, performed_by: str | None
) -> RollbackDrill:
    """Go back to the previous version under traffic, reconcile, and return to the first.

    Args:
        root: the workbook's folder.
        system: the claims; the plan is its `rollback.yaml`.
        as_of: the instant that the record carries; only durations come from the stopwatch.
        performed_by: who performs the drill, None when nobody is named.

    Returns:
        The record, also of a drill that did not pass.

    Raises:
        DrillError: there is nothing to rehearse, or it could not be carried out; what was changed
            is put back, or the message says what is left to do.
    """
    plan = system.rollback
    if plan is None:
        raise _undeclared(system, "rollback")
    refuse_unrehearsable(plan)
    spec = DrillSpec(
        kind="rollback", id=_new_id("rollback"), root=str(root.resolve()), system=system.id,
        performed_by=performed_by, rollback=plan,
    )  # fmt: skip
    facts = supervise(spec) | _origin(root, system, spec, as_of)
    made_of = {"from_digest": _digest(system, plan.from_version),
               "to_digest": _digest(system, plan.to_version)}  # fmt: skip
    return RollbackDrill.model_validate(facts | made_of)


def fallback_drill(
    root: Path, system: SystemClaims, *, as_of: datetime, performed_by: str | None
) -> FallbackDrill:
    """Take a dependency away under traffic, see what users get, and give it back.

    The first path of `fallback.yaml` that names a target is rehearsed. Arguments, result and
    errors are like those of `rollback_drill`.
    """
    plan = system.fallback
    if plan is None:
        raise _undeclared(system, "fallback")
    path_to_rehearse(plan)
    spec = DrillSpec(
        kind="fallback", id=_new_id("fallback"), root=str(root.resolve()), system=system.id,
        performed_by=performed_by, fallback=plan,
    )  # fmt: skip
    return FallbackDrill.model_validate(supervise(spec) | _origin(root, system, spec, as_of))


def restore_unfinished(root: Path, system_id: str) -> tuple[str, ...]:
    """Put back what killed drills left changed; their ids, none when nothing was left.

    Raises:
        DrillError: a drill of the system runs, or something cannot be put back.
    """
    return leftovers.restore(root.resolve(), system_id)


def left_unfinished(root: Path, system_id: str) -> tuple[str, ...]:
    """The ids of drills whose target is not put back; a running drill is none of them."""
    if leftovers.drill_runs(root, system_id):
        return ()
    folder = drills_folder(root, system_id)
    return tuple(path.stem for path in leftovers.unfinished(folder))


def wait_for_drill(
    root: Path, system_id: str, seconds: float, *, stopwatch: Callable[[], float]
) -> bool:
    """True as soon as no drill of the system runs, False when one still does after `seconds`."""
    return wait_until(
        lambda: not leftovers.drill_runs(root, system_id), seconds, stopwatch, time.sleep
    )


def _undeclared(system: SystemClaims, area: str) -> DrillError:
    return DrillError(
        f"there is no {area}.yaml, so there is nothing to rehearse",
        where=str(system.missing_file(area)),
        remedy=f"write {area}.yaml with a target to rehearse against",
    )


def _digest(system: SystemClaims, label: str) -> str | None:
    """What a version is made of, by its description; None where there is none."""
    version = system.identity.known_version(label)
    return version.digest() if version is not None else None


def _new_id(kind: str) -> str:
    return f"{kind}-{secrets.token_hex(8)}"


def _origin(root: Path, system: SystemClaims, spec: DrillSpec, as_of: datetime) -> dict[str, Any]:
    """What the record says besides the facts: about what, as of when, by whom, resting on what."""
    from ops_model.store.warehouse import identify

    return {
        "system": system.id,
        "as_of": as_of,
        "done_at": as_of,
        "performed_by": spec.performed_by,
        "claims": system.claim_refs(spec.kind),
        "inputs": (identify(root, spec.journal),),
    }
