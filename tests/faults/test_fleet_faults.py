"""Fleets whose owner or workers are killed, whose disk is full, clock set back or ledger gone."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from datetime import timedelta

import pytest

from ops_model.errors import OpsModelError
from ops_model.notebook.cluster import cluster_crew
from ops_model.store.ledger import verify_ledger
from ops_model.store.seal import verify_bundle
from ops_model.workflow.run_whole import STAGES
from tests.faults.fleet_faults import (
    ROOT,
    a_fleet,
    children_of,
    owner_killer,
    require_gone,
    workers_of,
)
from tests.faults.small_disk import run_on_small_disk
from tests.faults.test_ledger_postgres_faults import SCRIPT, kill_server
from tests.notebook.builders import a_notebook
from tests.store.postgres import a_database, drop
from tests.store.test_ledger_claim import won_by_many
from tests.workflow.fleets import (
    WALL_CLOCK,
    copied,
    events,
    fleet,
    many_systems,
    require_nothing_left,
    require_whole,
    slots,
)
from tests.workflow.test_postgres_workbook import name_ledger

pytestmark = [pytest.mark.faults, pytest.mark.kernel]
KILLS = 20
KILLS_OF_A_CLUSTER = 5
SHORT = "import time\ntime.sleep(0.3)"


@pytest.fixture
def root(tmp_path):
    made = many_systems(tmp_path, 4)
    a_notebook(made / "notebooks/short.ipynb", SHORT)
    return made


def outcomes_of(process):
    """What a fleet printed: system, state, error and exit code of each run."""
    return [json.loads(line) for line in process.stdout.read().splitlines()]


def require_all_done(root, notebook, **more):
    """The next fleet does what is left, and nothing twice."""
    left = list(fleet(root, notebook, once=True, **more))
    assert {o.state for o in left} <= {"finished", "skipped"}
    require_nothing_left(root)
    done = [e.subject for e in events(root) if e.type == "run.finished"]
    assert sorted(done) == sorted(slot.system for slot in slots(root))


def test_an_owner_killed_at_any_stage_with_two_notebooks_under_way_loses_nothing(tmp_path):
    for number, stage in enumerate(STAGES):
        root = many_systems(tmp_path / str(number), 3)
        a_notebook(root / "notebooks/good.ipynb", SHORT)

        with a_fleet(root, kill_at=f"{stage} of {1 + number % 2}") as process:
            process.stdout.read()

        assert process.wait() == -signal.SIGKILL
        require_whole(root)
        require_all_done(root, "good")
    print(f"\n{len(STAGES)} kills of the owner, one at each stage: 0 partial bundles, 0 lost runs")


@pytest.mark.parametrize("stage", STAGES)
def test_an_owner_killed_twenty_times_at_a_stage_loses_nothing(tmp_path, stage):
    with owner_killer() as kill:
        for number in range(KILLS):
            root = many_systems(tmp_path / str(number), 3)

            assert kill(root, f"{stage} of {1 + number % 2}") == -signal.SIGKILL
            require_whole(root)
            copied(root, slots(root), once=True)

            require_nothing_left(root)
            done = [e.subject for e in events(root) if e.type == "run.finished"]
            assert sorted(done) == sorted(slot.system for slot in slots(root))
    print(f"\n{KILLS} kills of the owner, {stage}: 0 partial bundles, 0 lost runs")


def test_no_process_outlives_an_owner_that_is_killed(root):
    a_notebook(root / "notebooks/good.ipynb", "import time\ntime.sleep(60)")
    with a_fleet(root) as process:
        while len(children_of(process.pid)) < 5:
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.1)
        began = children_of(process.pid)
        process.kill()

    require_gone(began)


def test_no_run_is_lost_when_a_worker_is_killed(tmp_path):
    drawn = random.Random(7)
    for number in range(KILLS):
        root = many_systems(tmp_path / str(number), 3)
        a_notebook(root / "notebooks/good.ipynb", SHORT)
        with a_fleet(root) as process:
            while not workers_of(process.pid):
                assert process.poll() is None, process.stdout.read()
                time.sleep(0.02)
            time.sleep(drawn.uniform(0.5, 4))
            for worker in workers_of(process.pid)[:1]:
                os.kill(worker, signal.SIGKILL)
            told = outcomes_of(process)

        assert process.wait() == 0
        assert [state for _, state, *_ in told] == ["finished"] * 3
        require_nothing_left(root)
    print(f"\n{KILLS} workers killed: 0 runs lost")


@pytest.fixture
def cluster(tmp_path):
    """A Dask scheduler, and two workers that are started again when they die."""
    pytest.importorskip("distributed")
    told = tmp_path / "scheduler.json"
    asked = {"cwd": ROOT, "stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}

    def begin(what, *options):
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *options]
        more = ["--no-dashboard", "--scheduler-file", str(told)]
        return subprocess.Popen([*command, *more], **asked)

    scheduler = begin("scheduler", "--port", "0", "--host", "127.0.0.1")
    worker = begin("worker", "--nworkers", "2", "--nthreads", "1")
    try:
        while not told.exists():
            time.sleep(0.05)
        address = json.loads(told.read_text(encoding="utf-8"))["address"]
        capacity = 0
        while capacity < 4:
            with suppress(OpsModelError), cluster_crew(address, tmp_path) as crew:
                capacity = crew.capacity
        yield address, (scheduler, worker)
    finally:
        for process in (worker, scheduler):
            process.terminate()
            process.wait()


def test_no_run_is_lost_when_a_worker_of_a_cluster_is_killed(cluster, tmp_path):
    address, (_, nanny) = cluster
    drawn = random.Random(8)
    for number in range(KILLS_OF_A_CLUSTER):
        root = many_systems(tmp_path / str(number), 3)
        a_notebook(root / "notebooks/good.ipynb", SHORT)
        outcomes = fleet(root, cluster=address, once=True)

        told = [next(outcomes)]
        while not (victims := workers_of(nanny.pid)):
            time.sleep(0.1)
        os.kill(drawn.choice(victims), signal.SIGKILL)
        told += outcomes

        assert [o.state for o in told] == ["finished"] * 3
        require_nothing_left(root)
    print(f"\n{KILLS_OF_A_CLUSTER} workers of a cluster killed: 0 runs lost")


def test_a_cluster_that_is_lost_is_said_and_the_next_fleet_does_the_rest(cluster, root):
    address, (scheduler, _) = cluster
    outcomes = fleet(root, "short", cluster=address, once=True)
    next(outcomes)

    scheduler.kill()
    told = []
    with pytest.raises(Exception, match="the cluster is lost"):
        told.extend(outcomes)

    require_whole(root)
    require_all_done(root, "short", workers=2)


def test_of_four_schedulers_exactly_one_gets_each_of_a_thousand_slots(tmp_path):
    won = won_by_many(tmp_path / "ledger.db", processes=4, slots=1000)

    assert sorted(slot for slots in won for slot in slots) == list(range(1000))
    assert verify_ledger(tmp_path / "ledger.db").problems == ()
    print(
        f"\n1,000 slots, 4 schedulers, SQLite: one winner each; they won {[len(w) for w in won]}"
    )


def test_the_same_holds_in_postgresql(tmp_path):
    served = a_database()
    try:
        won = won_by_many(served.writer, processes=4, slots=1000)

        assert sorted(slot for slots in won for slot in slots) == list(range(1000))
        assert verify_ledger(served.auditor).problems == ()
    finally:
        drop(served)
    print(f"\n1,000 slots, 4 schedulers, PostgreSQL: one winner each; {[len(w) for w in won]}")


def test_four_fleets_at_once_do_each_slot_once(root):
    with ExitStack() as stack:
        processes = [stack.enter_context(a_fleet(root)) for _ in range(4)]
        told = [one for process in processes for one in outcomes_of(process)]

    assert [p.wait() for p in processes] == [0] * 4
    assert sorted(s for s, state, *_ in told if state == "finished") == sorted(
        slot.system for slot in slots(root)
    )
    require_nothing_left(root)


FULL = """
from ops_model.store.seal import verify_bundle
from tests.notebook.builders import a_notebook
from tests.workflow.fleets import fleet, many_systems

root = many_systems(DISK / "book", 4)
a_notebook(root / "notebooks/large.ipynb", "print('x' * 600_000)")
told = [o.state for o in fleet(root, "good", workers=2)]
before = {p: p.read_bytes() for p in root.glob("runs/*/good/*/*")}
full = [[o.state, o.failure and o.failure.reason, o.exit_code]
        for o in fleet(root, "large", workers=2)]
kept = all(p.read_bytes() == content for p, content in before.items())
whole = all(verify_bundle(p) == () for p in root.glob("runs/*/*/[!.]*"))
print(json.dumps([told, full, kept, whole]))
"""


def test_a_full_disk_fails_the_runs_that_it_meets_and_keeps_the_good_ones(tmp_path):
    told, full, kept, whole = run_on_small_disk(FULL, tmp_path, size="1100k")

    assert told == ["finished"] * 4
    assert ["failed", "disk_full", 3] in full
    assert len(full) == 4
    assert kept
    assert whole


def test_a_clock_that_was_set_back_stops_no_fleet_and_is_on_record(root):
    list(fleet(root, "short", workers=2))
    back = list(fleet(root, "short", workers=2, clock=WALL_CLOCK - timedelta(hours=3)))

    assert [o.state for o in back] == ["finished"] * 4
    assert "clock.regressed" in [e.type for e in events(root)]
    require_whole(root)


def test_a_server_that_is_killed_in_mid_fleet_loses_nothing_good(own_server, tmp_path):
    served = a_database()
    root = many_systems(tmp_path, 4)
    a_notebook(root / "notebooks/good.ipynb", "import time\ntime.sleep(1)")
    name_ledger(root, served.writer)

    with a_fleet(root) as process:
        first = json.loads(process.stdout.readline())
        kill_server(own_server)
        told = outcomes_of(process)
    assert process.wait() == 0
    subprocess.run([SCRIPT, "start", own_server], check=True)

    assert first[1] == "finished"
    assert told
    assert {(state, code) for _, state, _, code in told} == {("failed", 3)}
    assert all("server" in error or "cannot be reached" in error for _, _, error, _ in told)
    left = list(fleet(root, once=True))
    assert sorted(o.state for o in left) == ["finished"] * 3 + ["skipped"]
    assert verify_ledger(served.auditor).problems == ()
    assert len(list(root.glob("runs/*/*/*"))) == 4
    assert all(verify_bundle(bundle) == () for bundle in root.glob("runs/*/*/*"))
