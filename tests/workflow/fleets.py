"""Workbooks of many systems, and crews that need no kernel."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

from ops_model.domain.schedules import Slot
from ops_model.notebook.apart import Ran
from ops_model.notebook.fleet import Alone
from ops_model.notebook.spec import RunResult
from ops_model.store.ledger import Ledger
from ops_model.store.seal import verify_bundle
from ops_model.store.workbook import read_workbook
from ops_model.workflow.fleet import Fleet, run_many
from ops_model.workflow.owner import Owner
from ops_model.workflow.run_events import clear_dead_runs
from ops_model.workflow.run_whole import nothing
from tests.workflow.tiny import a_workbook

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
WALL_CLOCK = datetime(2026, 3, 2, 8, tzinfo=UTC)


def many_systems(root, count):
    """The tiny workbook with so many systems, each as the first."""
    a_workbook(root)
    for number in range(2, count + 1):
        shutil.copytree(root / "systems/flight-delay", root / f"systems/system-{number:03d}")
    return root


def systems_in(root):
    return sorted(folder.name for folder in (root / "systems").iterdir())


def slots(root, notebook="good", at=AS_OF):
    return [Slot(at, system, notebook) for system in systems_in(root)]


def fleet(root, notebook="good", *, at=AS_OF, clock=WALL_CLOCK, **more):
    """The outcomes of a notebook for all systems, as they come."""
    model = read_workbook(root)
    return run_many(root, model, slots(root, notebook, at), clock=lambda: clock, **more)


class Copied(Alone):
    """Leaves what a run leaves, without a kernel: a notebook, and no record."""

    def __init__(self, capacity=4):
        super().__init__()
        self.capacity = capacity

    def done(self):
        while self._given:
            spec = self._given.pop()
            yield spec.run_id, lambda spec=spec: _copied(spec)


def _copied(spec):
    folder = Path(spec.staging) / "try-1"
    (folder / "work").mkdir(parents=True)
    source = json.loads(Path(spec.notebook_path).read_text(encoding="utf-8"))
    (folder / "executed.ipynb").write_text(json.dumps(source), encoding="utf-8")
    return Ran(RunResult(run_id=spec.run_id, state="finished", seconds=0.0), str(folder))


def copied(
    root, jobs, *, done=frozenset(), crew=None, once=False, given=None, kept=Ledger,
    progress=nothing,
):  # fmt: skip
    """The outcomes of jobs that such a crew carried out; `kept` is the ledger's class."""
    with kept.open(root / "ledger.db", create=True) as ledger:
        clear_dead_runs(root, ledger, recorded_at=WALL_CLOCK)
        owner = Owner(root, read_workbook(root), ledger, once=once, progress=progress)
        made = Fleet(owner, crew or Copied(), done, lambda: WALL_CLOCK, given or {})
        return list(made.carried_out(jobs))


def events(root):
    with Ledger.open(root / "ledger.db") as ledger:
        return [stored.event for stored in ledger.events()]


def require_whole(root):
    """No bundle is partial, each belongs to a finished run, and the ledger verifies."""
    with Ledger.open(root / "ledger.db") as ledger:
        assert ledger.verify().problems == ()
        told = [stored.event for stored in ledger.events()]
        records = [s.origin.run_id for n in systems_in(root) for s in ledger.statements(n)]
    finished = [e for e in told if e.type == "run.finished"]
    for end in finished:
        assert verify_bundle(root / end.data["bundle"], manifest_digest=end.data["manifest"]) == ()
        assert records.count(end.data["run_id"]) == end.data["records"]
    assert set(records) <= {end.data["run_id"] for end in finished}
    return finished


def require_nothing_left(root):
    """After the next command: each run that began has one end, and nothing else lies there."""
    finished = require_whole(root)
    told = events(root)
    began = [e.data["run_id"] for e in told if e.type == "run.started"]
    ends = {"run.finished", "run.failed", "run.abandoned"}
    ended = [e.data["run_id"] for e in told if e.type in ends]
    assert set(began) <= set(ended)
    assert len(ended) == len(set(ended))
    left = {p.relative_to(root).as_posix() for p in root.glob("runs/*/*/*")}
    assert left == {end.data["bundle"] for end in finished}
