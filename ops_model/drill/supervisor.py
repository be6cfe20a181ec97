"""The process that rehearses, apart from the kernel: it journals, and restores on any death.

`python -m ops_model.drill.supervisor` reads one JSON line (`DrillSpec`) from standard input, holds
the system's lock, carries the drill out and prints one JSON line: `{"problems": [...]}`, empty
when the journal ends with a result. Standard input is its lease: when it ends, whoever asked is
gone, and the drill is broken off. SIGTERM, SIGINT and SIGHUP break it off too. In every case what
was changed is put back before it exits. What a killed supervisor left is found in its journal.
"""

import json
import os
import resource
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ops_model.drill import exchange, fallback, rollback, vendor_drill
from ops_model.drill.leftovers import end_marked, refuse_beside_unfinished, sole_drill
from ops_model.drill.record import Journal
from ops_model.drill.scene import BrokenOffError, Interruption, Scene
from ops_model.drill.spec import DrillSpec
from ops_model.errors import OpsModelError, Problem


def main() -> None:
    """Carry out the drill that standard input asks for."""
    # What serves a system is no part of a notebook, so the memory of one is no limit of the other.
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    interruption = Interruption()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda n, _: interruption.give(f"it got {signal.Signals(n).name}"))
    spec = DrillSpec.model_validate_json(sys.stdin.readline())
    threading.Thread(target=_hold_lease, args=(interruption,), daemon=True).start()
    problems = carry_out(spec, interruption)
    try:
        sys.stdout.write(json.dumps({"problems": problems}) + "\n")
        sys.stdout.flush()
    except OSError:
        pass  # whoever asked is gone; the journal says it all
    # Without waiting for a sender that still hangs on a dead target.
    os._exit(0)


def _hold_lease(interruption: Interruption) -> None:
    sys.stdin.read()
    interruption.give("whoever asked for it is gone")


def carry_out(spec: DrillSpec, interruption: Interruption) -> list[dict[str, str]]:
    """Carry out one drill; why there is no result, nothing when its journal holds one."""
    root = Path(spec.root)
    try:
        with sole_drill(root, spec.system) as folder:
            refuse_beside_unfinished(folder, spec.system)
            journal = Journal(root / spec.journal, time.monotonic)
            try:
                scene = Scene(root, spec.id, journal, interruption, time.monotonic)
                problems = _journaled(spec, scene)
            finally:
                journal.close()
                end_marked(spec.id)  # also what the target let go of its own process group
            return problems
    except OpsModelError as error:
        return [_plain(problem) for problem in error.problems]
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return [_plain(Problem(f"the drill's journal cannot be opened: {reason}", spec.journal))]


def _journaled(spec: DrillSpec, scene: Scene) -> list[dict[str, str]]:
    plain = spec.model_dump(mode="json", exclude={"root"})
    scene.journal.write("begun", spec=plain, supervisor=os.getpid())
    problems = []
    try:
        facts = _rehearse(spec, scene)
        scene.journal.write("result", **_judged(facts, scene))
    except OpsModelError as error:
        problems = [_plain(problem) for problem in error.problems]
    except BrokenOffError as error:
        problems = [_plain(Problem(f"the drill was broken off: {error}", spec.journal))]
    except Exception as error:  # noqa: BLE001 - whatever it was, the target was put back, and the journal says so
        problems = [_plain(Problem(f"the drill failed: {type(error).__name__}: {error}"))]
    if problems and scene.problems:
        problems += [_plain(Problem(text, spec.journal)) for text in scene.problems]
    scene.journal.write("ended", problems=problems)
    if scene.journal.failure:
        message = f"the drill's journal could not be written: {scene.journal.failure}"
        problems.append(
            _plain(Problem(message, spec.journal, "make room on the disk, drill again"))
        )
    return problems


def _rehearse(spec: DrillSpec, scene: Scene) -> dict[str, Any]:
    if spec.rollback is not None:
        return rollback.rehearse(spec.rollback, scene, spec.versions)
    if spec.fallback is not None:
        path = fallback.path_to_rehearse(spec.fallback, spec.path)
        rehearse = fallback.rehearse if path.vendor is None else vendor_drill.rehearse
        return rehearse(path, scene)
    if spec.swap is not None:
        return exchange.rehearse(spec.swap, scene)
    raise ValueError("the spec holds no plan")


def _judged(facts: dict[str, Any], scene: Scene) -> dict[str, Any]:
    """The facts with steps, problems and the verdict: passed is a drill without any problem."""
    return {
        **facts,
        "steps": [step.model_dump(mode="json") for step in scene.steps],
        "problems": scene.problems,
        "passed": not scene.problems,
    }


def _plain(problem: Problem) -> dict[str, str]:
    return {"message": problem.message, "where": problem.where, "remedy": problem.remedy}


if __name__ == "__main__":
    main()
