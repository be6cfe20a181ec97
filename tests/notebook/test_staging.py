"""The folder that a run fills, and what a dead run leaves."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from ops_model.notebook.staging import RunPlace, dead_runs, occupied
from tests.notebook.builders import AS_OF

PLACE = RunPlace(run_id="run-1", system="flight-delay", notebook="05_drift_quality", as_of=AS_OF)
HOLDER = """
import sys, time
from pathlib import Path
from ops_model.notebook.staging import RunPlace, occupied
with occupied(Path(sys.argv[1]), RunPlace.model_validate_json(sys.argv[2])) as staging:
    (staging / "half.txt").write_text("half")
    print("holding", flush=True)
    time.sleep(300)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that is in the middle of a run."""
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), PLACE.model_dump_json()], cwd=root,
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def test_staging_and_lock_are_gone_after_a_run(tmp_path):
    with occupied(tmp_path, PLACE) as staging:
        (staging / "half.txt").write_text("half", encoding="utf-8")

    assert list((tmp_path / "runs/flight-delay/05_drift_quality").iterdir()) == []


def test_a_run_that_raised_leaves_no_more_than_the_lock_of_a_dead_one(tmp_path):
    with suppress(ValueError), occupied(tmp_path, PLACE) as staging:
        (staging / "half.txt").write_text("half", encoding="utf-8")
        raise ValueError

    assert list((tmp_path / "runs/flight-delay/05_drift_quality").iterdir()) == [
        PLACE.lock(tmp_path)
    ]
    with dead_runs(tmp_path) as dead:
        assert dead == (PLACE,)


def test_a_run_that_still_lives_is_not_dead(tmp_path, holder):
    with dead_runs(tmp_path) as dead:
        assert dead == ()

    assert PLACE.staging(tmp_path).is_dir()


def test_a_run_whose_process_was_killed_is_dead_and_named_with_its_instant(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    with dead_runs(tmp_path) as dead:
        assert dead == (PLACE,)


def test_a_dead_run_is_found_once(tmp_path, holder):
    holder.kill()
    holder.wait()
    with dead_runs(tmp_path):
        pass

    with dead_runs(tmp_path) as dead:
        assert dead == ()


def test_a_dead_run_is_found_again_when_clearing_it_failed(tmp_path, holder):
    holder.kill()
    holder.wait()
    with pytest.raises(ValueError, match="ledger"), dead_runs(tmp_path):
        raise ValueError("ledger")

    with dead_runs(tmp_path) as dead:
        assert dead == (PLACE,)


@pytest.mark.parametrize("run_id", ["../../x", "..", "a/b", ""])
def test_a_lock_file_that_points_elsewhere_is_left_alone(tmp_path, run_id):
    lock = tmp_path / "runs/a/b/.running-x.json"
    lock.parent.mkdir(parents=True)
    told = {"run_id": run_id, "system": "a", "notebook": "b", "as_of": "2013-07-22T08:00:00Z"}
    lock.write_text(json.dumps(told), encoding="utf-8")

    with dead_runs(tmp_path) as dead:
        assert dead == ()

    assert lock.exists()
