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

from ops_model.domain.change import SwapPlan
from ops_model.domain.fallback import FallbackDrill
from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.outside import pinned_model
from ops_model.domain.rollback import RollbackDrill, RollbackPlan
from ops_model.domain.trials import SwapDrill
from ops_model.drill import exchange, leftovers
from ops_model.drill.fallback import path_to_rehearse
from ops_model.drill.launch import supervise
from ops_model.drill.rehearsable import refuse_unrehearsable
from ops_model.drill.scene import wait_until
from ops_model.drill.spec import Described, DrillSpec, drills_folder
from ops_model.errors import DrillError

_FILES = {"rollback": ("rollback",), "fallback": ("fallback",), "swap": ("change", "identity")}
"""What a drill of each kind rests on of the claims."""


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
        performed_by=performed_by, rollback=plan, versions=_described(system, plan),
    )  # fmt: skip
    facts = supervise(spec) | _origin(root, system, spec, as_of)
    made_of = {"from_digest": _digest(system, plan.from_version),
               "to_digest": _digest(system, plan.to_version)}  # fmt: skip
    return RollbackDrill.model_validate(facts | made_of)


def fallback_drill(
    root: Path,
    system: SystemClaims,
    *,
    as_of: datetime,
    performed_by: str | None,
    path: str | None = None,
) -> FallbackDrill:
    """Take a dependency away under traffic, see what users get, and give it back.

    The path of this id is rehearsed, or the first of `fallback.yaml` that can be: against a server
    of one's own, or against a stand-in of the vendor that fails in each known way. The other
    arguments, result and errors are like those of `rollback_drill`.
    """
    plan = system.fallback
    if plan is None:
        raise _undeclared(system, "fallback")
    chosen = path_to_rehearse(plan, path)
    spec = DrillSpec(
        kind="fallback", id=_new_id("fallback"), root=str(root.resolve()), system=system.id,
        performed_by=performed_by, fallback=plan, path=chosen.id,
    )  # fmt: skip
    return FallbackDrill.model_validate(supervise(spec) | _origin(root, system, spec, as_of))


def swap_drill(
    root: Path,
    system: SystemClaims,
    *,
    as_of: datetime,
    performed_by: str | None,
    dependency: str | None = None,
) -> SwapDrill:
    """Retire the pinned model of a provider under traffic, let its successor serve, and return.

    The exchange of this dependency is rehearsed, or the first under `swaps` of `change.yaml`. The
    other arguments, result and errors are like those of `rollback_drill`.
    """
    plan = swap_to_rehearse(system, dependency)
    exchange.refuse_unrehearsable(plan, pinned_model(system.identity, plan.dependency))
    spec = DrillSpec(
        kind="swap", id=_new_id("swap"), root=str(root.resolve()), system=system.id,
        performed_by=performed_by, swap=plan,
    )  # fmt: skip
    return SwapDrill.model_validate(supervise(spec) | _origin(root, system, spec, as_of))


def swap_to_rehearse(system: SystemClaims, dependency: str | None = None) -> SwapPlan:
    """The planned exchange of a dependency's model, or the first.

    Raises:
        DrillError: none is planned.
    """
    plans = system.change.swaps if system.change is not None else ()
    found = next((plan for plan in plans if dependency in {None, plan.dependency}), None)
    if found is not None:
        return found
    of = f" of {dependency}" if dependency is not None else ""
    planned = ", ".join(plan.dependency for plan in plans) or "none yet"
    raise DrillError(
        f"no exchange{of} is planned; planned are: {planned}",
        where=str(system.change.where if system.change else system.missing_file("change")),
        remedy="write under `swaps` in change.yaml the dependency, the model that is to serve "
        "(`to_model`) and the client that is `rehearsed_on`",
    )


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


def _described(system: SystemClaims, plan: RollbackPlan) -> dict[str, Described]:
    """What a drill holds against the server, of the two versions that `system.yaml` describes."""
    known = [system.identity.known_version(v) for v in (plan.from_version, plan.to_version)]
    return {
        v.label: Described(
            model_digest=v.model_digest, feature_spec=v.feature_spec,
            feature_spec_digest=v.feature_spec_digest,
        )
        for v in known if v is not None
    }  # fmt: skip


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
        "claims": system.claim_refs(*_FILES[spec.kind]),
        "inputs": (identify(root, spec.journal),),
    }
