"""A run that is to be done once for an instant: whoever comes second leaves it."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from ops_model.store.ledger import Ledger
from tests.workflow.test_run import AS_OF, WALL_CLOCK, events, run
from tests.workflow.tiny import a_workbook

ROOT = Path(__file__).resolve().parents[2]
SLOT = "flight-delay/good@2013-07-22T08:00:00Z"


@pytest.fixture
def root(tmp_path):
    return a_workbook(tmp_path)


def types(root):
    return [event.type for event in events(root)]


@pytest.mark.kernel
def test_whoever_comes_second_skips_it_and_another_instant_is_run(root):
    first = run(root, "good", once=True)
    second = run(root, "good", once=True)
    later = run(root, "good", once=True, as_of=AS_OF + timedelta(hours=1))

    assert (first.state, second.state, later.state) == ("finished", "skipped", "finished")
    assert second.error == "another run did it for this instant, or is doing it now"
    assert types(root)[:2] == ["run.claimed", "run.started"]
    assert types(root).count("run.claimed") == 2


def test_one_that_somebody_else_is_about_is_skipped_and_leaves_nothing(root):
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        ledger.claim(SLOT, "run-1", subject="flight-delay", as_of=AS_OF, recorded_at=WALL_CLOCK)

    assert run(root, "good", once=True).state == "skipped"
    assert types(root) == ["run.claimed"]
    assert not any(p.is_file() for p in root.glob("runs/**/*"))


@pytest.mark.kernel
def test_one_that_was_done_without_having_been_claimed_is_not_done_again(root):
    run(root, "good")

    assert run(root, "good", once=True).state == "skipped"


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.workflow.test_run import run

run(Path(sys.argv[1]), "good", once=True, run_id="run-1",
    progress=lambda _: os.kill(os.getpid(), signal.SIGKILL))
"""


@pytest.mark.kernel
def test_one_whose_process_was_killed_after_its_claim_is_done_by_the_next(root):
    killed = subprocess.run([sys.executable, "-c", KILLED, str(root)], check=False, cwd=ROOT)
    assert killed.returncode == -9
    assert types(root) == ["run.claimed"]

    assert run(root, "good", once=True).state == "finished"
    assert types(root)[:3] == ["run.claimed", "run.abandoned", "run.claimed"]
    assert events(root)[2].id == f"claim:{SLOT}#2"
