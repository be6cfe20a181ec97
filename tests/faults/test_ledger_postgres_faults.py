"""The PostgreSQL ledger when its clients are killed, and when the server is."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from ops_model.store.ledger import Ledger, verify_ledger
from tests.store.ledger_events import an_event
from tests.store.postgres import ROOT, a_database, a_writer, drop

pytestmark = pytest.mark.faults
SCRIPT = ROOT / ".ci" / "postgres"


@pytest.fixture
def served():
    found = a_database()
    yield found
    drop(found)


def killed(processes, first):
    """Kill the writers; what each had acknowledged, by its prefix."""
    for process in processes.values():
        process.kill()
    acked = {}
    for prefix, process in processes.items():
        rest = process.stdout.read()
        process.communicate()
        # The last line may have been cut in the middle; only whole lines were acknowledged.
        acked[prefix] = [int(n) for n in (first[prefix] + rest).rpartition("\n")[0].split()]
    return acked


def started(address, prefixes):
    """Writers that have each acknowledged something: one killed before that has tested nothing."""
    processes = {prefix: a_writer(address, prefix, 1_000_000) for prefix in prefixes}
    return processes, {prefix: p.stdout.readline() for prefix, p in processes.items()}


def require_all_there(served, acked):
    """Each acknowledged event is there under its number; the number of them."""
    told = {f"{p}/{n}": seq for p, seqs in acked.items() for n, seq in enumerate(seqs)}
    with Ledger.open(served.writer) as ledger:
        stored = {s.event.id: s.seq for s in ledger.events()}
        assert {i: stored.get(i) for i in told} == told
        # The next of each may have landed without an answer; trying again adds it once.
        for prefix, seqs in acked.items():
            number = ledger.append(an_event(f"{prefix}/{len(seqs)}"))
            assert ledger.append(an_event(f"{prefix}/{len(seqs)}")) == number
    return len(told)


def test_no_acknowledged_event_is_lost_when_clients_are_killed(served):
    drawn, told = random.Random(5), 0
    for trial in range(15):
        processes, first = started(served.writer, [f"{trial}-{n}" for n in range(4)])
        time.sleep(drawn.uniform(0.0, 0.3))
        told += require_all_there(served, killed(processes, first))

    assert verify_ledger(served.auditor).problems == ()
    print(f"\n15 kills of 4 clients, {told} acknowledged events, 0 lost")


def test_no_acknowledged_event_is_lost_when_the_server_is_killed(own_server):
    served, drawn, told, slowest = a_database(), random.Random(6), 0, 0.0
    for trial in range(20):
        processes, first = started(served.writer, [f"{trial}-{n}" for n in range(2)])
        time.sleep(drawn.uniform(0.0, 0.3))
        kill_server(own_server)
        acked = killed(processes, first)
        began = time.monotonic()
        restarted = subprocess.run([SCRIPT, "start", own_server], capture_output=True, text=True)
        assert restarted.returncode == 0, (own_server / "log").read_text()[-2000:]
        told += require_all_there(served, acked)
        slowest = max(slowest, time.monotonic() - began)

    assert verify_ledger(served.auditor).problems == ()
    print(f"\n20 kills of the server, {told} acknowledged events, 0 lost; back in {slowest:.1f} s")


def kill_server(folder):
    """SIGKILL to the postmaster and all that it started."""
    master = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    children = subprocess.run(
        ["pgrep", "-P", str(master)], capture_output=True, text=True
    ).stdout.split()
    for process in (master, *map(int, children)):
        os.kill(process, signal.SIGKILL)
    # The server does not start again while one of them still has its memory.
    while any(_alive(process) for process in (master, *map(int, children))):
        time.sleep(0.02)
    # Where nobody waits for orphans, the dead one still has its number, and would look alive.
    for lock in (folder / "data" / "postmaster.pid", *folder.glob(".s.PGSQL.*.lock")):
        lock.unlink()


def _alive(process):
    # A zombie that nobody waits for yet is dead enough.
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def test_eight_writers_of_five_hundred_events_make_no_gap_and_no_fork(served):
    writers = [a_writer(served.writer, f"writer-{n}", 500) for n in range(8)]
    acked = [number for w in writers for number in map(int, w.communicate()[0].split())]

    assert sorted(acked) == list(range(4000))
    assert verify_ledger(served.auditor).problems == ()


def test_ten_thousand_events_give_the_same_root_in_either(served, tmp_path):
    drawn = random.Random(7)
    with (
        Ledger.open(served.writer) as there,
        Ledger.open(tmp_path / "ledger.db", create=True) as here,
    ):
        for batch in range(100):
            events = [
                an_event(f"{batch}/{n}", data={_text(drawn): _value(drawn, 3)}) for n in range(100)
            ]
            assert there.append_all(events) == here.append_all(events)
            assert there.head() == here.head()

        assert there.verify().problems == here.verify().problems == ()


_LETTERS = 'abcXYZ09 "\\/\n\té\u2028\u202eß\U0001f680\uffff'


def _text(drawn):
    return "".join(drawn.choices(_LETTERS, k=drawn.randrange(1, 12)))


def _value(drawn, depth):
    made = [
        lambda: None,
        lambda: drawn.random() < 0.5,
        lambda: drawn.randrange(-(2**53) + 1, 2**53),
        lambda: drawn.uniform(-1, 1) * 10.0 ** drawn.randrange(-300, 300),
        lambda: _text(drawn),
        lambda: [_value(drawn, depth - 1) for _ in range(drawn.randrange(4))],
        lambda: {_text(drawn): _value(drawn, depth - 1) for _ in range(drawn.randrange(4))},
    ]
    return drawn.choice(made if depth else made[:5])()
