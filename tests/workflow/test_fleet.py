"""Many runs: each is whole or recorded as failed, and none stops another."""

import multiprocessing
import os
import signal
import threading
import time
from datetime import timedelta

import pytest

from ops_model.domain.schedules import Slot
from ops_model.errors import LedgerError
from ops_model.store.ledger import Ledger
from tests.notebook.builders import a_notebook
from tests.workflow.fleets import (
    AS_OF,
    WALL_CLOCK,
    Copied,
    copied,
    events,
    fleet,
    many_systems,
    require_nothing_left,
    require_whole,
    slots,
)


@pytest.fixture
def root(tmp_path):
    return many_systems(tmp_path, 5)


def states(outcomes):
    return {outcome.system: outcome.state for outcome in outcomes}


def test_each_system_has_its_own_run_on_record(root):
    outcomes = copied(root, slots(root))

    assert set(states(outcomes).values()) == {"finished"}
    assert len({o.run_id for o in outcomes}) == 5
    require_nothing_left(root)


def test_no_more_runs_are_begun_than_the_crew_holds(root):
    class Counting(Copied):
        most = 0

        def submit(self, spec):
            super().submit(spec)
            self.most = max(self.most, len(self._given))

    crew = Counting(capacity=2)
    copied(root, slots(root), crew=crew)

    assert crew.most == 2


def test_a_notebook_is_begun_once_all_runs_of_the_one_before_it_have_ended(root):
    beside = []

    class Noting(Copied):
        def submit(self, spec):
            super().submit(spec)
            beside.append({(s.notebook, s.parameters["as_of"]) for s in self._given})

    crew, before = Noting(capacity=3), AS_OF - timedelta(days=1)
    jobs = [*slots(root, at=before), *slots(root), *slots(root, "bad")]

    assert {o.state for o in copied(root, jobs, crew=crew)} == {"finished"}

    assert [len(together) for together in beside] == [1] * 15
    ended = [(e.as_of, e.data["notebook"]) for e in events(root) if e.type == "run.finished"]
    assert ended == [(slot.as_of, slot.notebook) for slot in jobs]


def test_a_job_that_fits_nothing_is_refused_for_itself(root):
    jobs = [Slot(AS_OF, "nobody", "good"), *slots(root)]

    first, *others = copied(root, jobs)

    assert (first.state, first.run_id, first.exit_code) == ("failed", None, 2)
    assert "there is no system 'nobody'" in first.error
    assert {o.state for o in others} == {"finished"}


def test_what_was_sealed_before_is_skipped_without_being_claimed(root):
    jobs = slots(root)

    outcomes = copied(root, jobs, done=frozenset(jobs[:4]), once=True)

    assert [o.state for o in outcomes] == ["skipped"] * 4 + ["finished"]
    assert [e.type for e in events(root)].count("run.claimed") == 1


def test_what_another_one_is_about_is_skipped(root):
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        slot = "system-002/good@2013-07-22T08:00:00Z"
        ledger.claim(slot, "x", subject="system-002", as_of=AS_OF, recorded_at=WALL_CLOCK)

    outcomes = copied(root, slots(root), once=True)

    assert states(outcomes)["system-002"] == "skipped"
    assert sorted(states(outcomes).values()) == ["finished"] * 4 + ["skipped"]


def test_ctrl_c_ends_what_is_under_way_and_begins_no_more(root):
    class Interrupted(Copied):
        def done(self):
            raise KeyboardInterrupt

    outcomes = copied(root, slots(root), crew=Interrupted(capacity=2))

    assert [o.failure.reason for o in outcomes] == ["interrupted", "interrupted"]
    assert [e.type for e in events(root)].count("run.started") == 2
    require_nothing_left(root)


class Lost(Ledger):
    """A ledger that is gone once a run is to be published."""

    gone = False

    def append_all(self, events):
        self.gone = True
        return self.append(events[0])

    def append(self, event, words=None):
        self.size()
        return super().append(event, words)

    def size(self):
        if self.gone:
            raise LedgerError("cannot be reached")
        return super().size()


def test_a_ledger_that_is_lost_stops_the_fleet_and_the_next_one_puts_it_right(root):
    outcomes = copied(root, slots(root), crew=Copied(capacity=2), once=True, kept=Lost)

    assert [(o.state, o.error, o.exit_code) for o in outcomes] == [
        ("failed", "cannot be reached", 3)
    ] * 2
    assert require_whole(root) == []

    assert set(states(copied(root, slots(root), once=True)).values()) == {"finished"}
    assert [e.type for e in events(root)].count("run.abandoned") == 2
    require_nothing_left(root)


def test_a_run_whose_end_could_not_be_recorded_leaves_no_bundle(root):
    copied(root, slots(root)[:1], kept=Lost)

    assert [p.name[:9] for p in root.glob("runs/*/*/.*")] == [".running-"]
    assert list(root.glob("runs/*/*/[!.]*")) == []


@pytest.mark.kernel
def test_a_process_that_is_killed_takes_no_run_with_it(tmp_path):
    root = many_systems(tmp_path, 3)
    mark = root / "begun"
    wait = f"import pathlib, time\npathlib.Path({str(mark)!r}).touch()\ntime.sleep(1)"
    a_notebook(root / "notebooks/good.ipynb", wait)
    threading.Thread(target=kill_one_worker, args=(mark,)).start()

    outcomes = list(fleet(root, workers=2))

    assert sorted(states(outcomes)) == sorted(s.system for s in slots(root))
    assert {o.state for o in outcomes} == {"finished"}
    assert [e.type for e in events(root)].count("run.started") == 3
    require_nothing_left(root)


def kill_one_worker(mark):
    while not mark.exists():
        time.sleep(0.02)
    os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
