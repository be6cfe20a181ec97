"""Taking a slot: of all who want to run what is due, one does."""

import subprocess
import sys
from pathlib import Path

import pytest

from ops_model.store.ledger import Ledger, verify_ledger
from tests.store.ledger_events import AS_OF, RECORDED, SYSTEM, an_event

ROOT = Path(__file__).resolve().parents[2]
SLOT = f"{SYSTEM}/05_drift_quality@2013-07-22T08:00:00Z"


@pytest.fixture
def ledger(tmp_path):
    with Ledger.open(tmp_path / "ledger.db", create=True) as opened:
        yield opened


def claim(ledger, run_id, slot=SLOT, recorded_at=RECORDED):
    return ledger.claim(slot, run_id, subject=SYSTEM, as_of=AS_OF, recorded_at=recorded_at)


def ended(run_id, how):
    return an_event(f"{run_id}/{how}", type=f"run.{how}", data={"run_id": run_id})


def test_the_first_to_claim_a_slot_has_it_and_nobody_else(ledger):
    assert claim(ledger, "run-1")
    assert not claim(ledger, "run-2")

    (stored,) = ledger.events()
    assert stored.event.id == f"claim:{SLOT}#1"
    assert stored.event.data == {"run_id": "run-1", "slot": SLOT, "attempt": 1}


def test_the_winner_may_ask_again_and_has_it_still(ledger):
    claim(ledger, "run-1")

    assert claim(ledger, "run-1")
    assert ledger.size() == 1


@pytest.mark.parametrize("how", ["failed", "abandoned"])
def test_a_slot_whose_run_ended_without_a_result_can_be_taken_once_more(ledger, how):
    claim(ledger, "run-1")
    ledger.append(ended("run-1", how))

    assert claim(ledger, "run-2")
    assert not claim(ledger, "run-3")
    assert [s.event.id for s in ledger.events()][-1] == f"claim:{SLOT}#2"


def test_a_slot_whose_run_finished_is_taken_for_good(ledger):
    claim(ledger, "run-1")
    ledger.append(ended("run-1", "finished"))

    assert not claim(ledger, "run-2")


def test_other_slots_are_free(ledger):
    claim(ledger, "run-1")

    assert claim(ledger, "run-2", slot=SLOT.replace("05_drift_quality", "06_cost"))


CLAIMER = """
import sys
from pathlib import Path
from ops_model.store.ledger import Ledger
from tests.store.test_ledger_claim import claim

address, name, slots = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Ledger.open(address if "://" in address else Path(address), create=True) as ledger:
    for number in range(slots):
        if claim(ledger, f"{name}-{number}", slot=f"slot-{number}"):
            print(number, flush=True)
"""


def won_by_many(path, *, processes, slots):
    """For each process, the slots that it won."""
    claimers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMER, str(path), f"run-{n}", str(slots)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )
        for n in range(processes)
    ]  # fmt: skip
    return [[int(line) for line in p.communicate()[0].splitlines()] for p in claimers]


def test_of_four_processes_exactly_one_gets_each_of_forty_slots(tmp_path):
    path = tmp_path / "ledger.db"

    won = won_by_many(path, processes=4, slots=40)

    assert sorted(slot for slots in won for slot in slots) == list(range(40))
    assert verify_ledger(path).size == 40


@pytest.mark.faults
def test_of_eight_processes_exactly_one_gets_each_of_a_thousand_slots(tmp_path):
    path = tmp_path / "ledger.db"

    won = won_by_many(path, processes=8, slots=1000)

    assert sorted(slot for slots in won for slot in slots) == list(range(1000))
    assert verify_ledger(path).problems == ()
    print(f"\n1,000 slots, 8 processes: one winner each; they won {[len(w) for w in won]}")
