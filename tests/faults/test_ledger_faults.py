"""The ledger when processes are killed, disks fill up or are read-only, and bytes rot."""

import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from ops_model.errors import OpsModelError
from ops_model.store.ledger import Ledger, verify_ledger
from tests.faults.appenders import many_kills
from tests.faults.small_disk import run_on_small_disk
from tests.store.ledger_events import a_ledger, a_writer, an_event

ROOT = Path(__file__).resolve().parents[2]


def kill_while_appending(path, *, writers, after_seconds):
    """Kill all writers with SIGKILL once each has acked something; the acks of each, by prefix."""
    prefixes = [f"{after_seconds:.4f}-{number}" for number in range(writers)]
    processes = {prefix: a_writer(path, prefix, 1_000_000) for prefix in prefixes}
    # A writer that is killed before its first ack has tested nothing.
    first = {prefix: process.stdout.readline() for prefix, process in processes.items()}
    time.sleep(after_seconds)
    for process in processes.values():
        process.kill()
    acked = {}
    for prefix, process in processes.items():
        rest, _ = process.communicate()
        # The last line may have been cut in the middle; only whole lines were acked.
        whole = (first[prefix] + rest).rpartition("\n")[0]
        acked[prefix] = [int(line) for line in whole.splitlines()]
    return acked


def check_after_kill(path, acked):
    with Ledger.open(path) as ledger:
        stored = {s.event.id: s.seq for s in ledger.events()}
        told = {f"{p}/{n}": seq for p, seqs in acked.items() for n, seq in enumerate(seqs)}

        assert all(acked.values())
        assert {i: stored.get(i) for i in told} == told
        assert ledger.verify().problems == ()

        # Each writer's next event may have landed without its ack; trying again adds it once.
        for prefix, seqs in acked.items():
            number = ledger.append(an_event(f"{prefix}/{len(seqs)}"))
            assert ledger.append(an_event(f"{prefix}/{len(seqs)}")) == number
        assert ledger.verify().problems == ()
    return len(told)


def test_no_acknowledged_event_is_lost_when_every_writer_is_killed(tmp_path):
    path = tmp_path / "ledger.db"

    acked = kill_while_appending(path, writers=3, after_seconds=0.2)

    assert check_after_kill(path, acked) >= 3


TRIALS, ACKED, KILLED_WRITERS, PER_LEDGER = 200, 20_000, 4, 2


@pytest.mark.faults
def test_no_acknowledged_event_is_lost_in_two_hundred_kills_of_four_writers(tmp_path):
    def path_of(trial):
        folder = tmp_path / str(trial // PER_LEDGER)
        folder.mkdir(exist_ok=True)
        return folder / "ledger.db"

    kills, acked = many_kills(
        path_of, check_after_kill, trials=TRIALS, acked=ACKED, writers=KILLED_WRITERS, seed=2013
    )

    print(f"\n{kills} kills of {KILLED_WRITERS} writers: {acked:,} acknowledged, 0 lost, 0 twice")
    assert acked >= ACKED


@pytest.mark.faults
def test_eight_writers_append_five_hundred_each_without_gap_or_fork(tmp_path):
    path = tmp_path / "ledger.db"
    writers = [a_writer(path, f"writer-{number}", 500) for number in range(8)]

    acked = [int(line) for writer in writers for line in writer.communicate()[0].splitlines()]

    assert sorted(acked) == list(range(4000))
    assert verify_ledger(path).problems == ()


FILL_UP = """
from ops_model.errors import OpsModelError
from ops_model.store.ledger import Ledger, verify_ledger
from tests.store.ledger_events import an_event

path, acked, refused = DISK / "ledger.db", [], None
(DISK / "other").write_bytes(b"x" * 100_000)
with Ledger.open(path, create=True) as ledger:
    try:
        for number in range(100_000):
            acked.append(ledger.append(an_event(f"event/{number}", data={"text": "x" * 3000})))
    except OpsModelError as error:
        refused = [error.exit_code, str(error)]
    kept = [stored.seq for stored in ledger.events()]
    problems = len(ledger.verify().problems)
    (DISK / "other").unlink()
    again = ledger.append(an_event("after space was freed"))
print(json.dumps([acked, kept, refused, problems, again, len(verify_ledger(path).problems)]))
"""


def test_a_full_disk_refuses_the_entry_and_loses_none(tmp_path):
    acked, kept, refused, problems, again, problems_after = run_on_small_disk(FILL_UP, tmp_path)

    code, message = refused
    assert code == 3
    assert "the disk is full; nothing was appended" in message
    assert "to fix: free some space" in message
    assert len(acked) > 10
    assert kept == acked
    assert again == len(acked)
    assert problems == problems_after == 0


NO_SPACE_AT_ALL = """
from ops_model.errors import OpsModelError
from ops_model.store.ledger import Ledger

try:
    (DISK / "other").write_bytes(b"x" * 2_000_000)
except OSError:
    pass
try:
    Ledger.open(DISK / "ledger.db", create=True)
except OpsModelError as error:
    told = [error.exit_code, str(error)]
print(json.dumps([told, sorted(p.name for p in DISK.iterdir())]))
"""


def test_a_disk_without_room_for_a_ledger_gets_none(tmp_path):
    (code, message), names = run_on_small_disk(NO_SPACE_AT_ALL, tmp_path)

    assert code == 3
    assert "full" in message or "No space left" in message
    assert names == ["other"]


READ_ONLY = """
from ops_model.errors import OpsModelError
from ops_model.store.ledger import Ledger, verify_ledger
from tests.store.ledger_events import a_ledger, an_event

path = a_ledger(DISK / "ledger.db", 3)
subprocess.run(["mount", "-o", "remount,ro", str(DISK)], check=True)
with Ledger.open(path) as ledger:
    read = [stored.seq for stored in ledger.events()]
    try:
        ledger.append(an_event("new"))
    except OpsModelError as error:
        refused = [error.exit_code, str(error)]
try:
    Ledger.open(DISK / "other.db", create=True)
except OpsModelError as error:
    created = [error.exit_code, str(error)]
print(json.dumps([read, refused, created, len(verify_ledger(path).problems)]))
"""


def test_a_read_only_disk_can_be_read_and_verified_and_says_that_it_is_read_only(tmp_path):
    read, refused, created, problems = run_on_small_disk(READ_ONLY, tmp_path)

    assert read == [0, 1, 2]
    assert problems == 0
    assert refused[0] == created[0] == 3
    assert "is read-only; nothing was appended" in refused[1]
    assert "Read-only file system" in created[1]


SEAL_UNTIL_FULL = """
from ops_model.errors import OpsModelError
from ops_model.store.seal import seal
from tests.store.test_seal import a_manifest

staging, final = DISK / ".staging-run-1", DISK / "run-1"
staging.mkdir()
(staging / "executed.ipynb").write_bytes(b"{}")
try:
    (DISK / "other").write_bytes(b"x" * 2_000_000)
except OSError:
    pass
try:
    seal(staging, final, a_manifest(parameters={"text": "x" * 9000}))
except OpsModelError as error:
    told = [error.exit_code, str(error)]
print(json.dumps([told, sorted(p.name for p in DISK.iterdir())]))
"""


def test_a_disk_that_is_full_while_sealing_keeps_neither_bundle_nor_staging(tmp_path):
    (code, message), names = run_on_small_disk(SEAL_UNTIL_FULL, tmp_path)

    assert code == 3
    assert "No space left on device; nothing was kept" in message
    assert names == ["other"]


def test_a_file_that_may_not_grow_refuses_the_entry_and_loses_none(tmp_path):
    path = a_ledger(tmp_path / "ledger.db", 1)
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from ops_model.errors import OpsModelError\n"
        "from ops_model.store.ledger import Ledger\n"
        "from tests.store.ledger_events import an_event\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "with Ledger.open(Path(sys.argv[1])) as ledger:\n"
        "    try:\n"
        "        for number in range(1000):\n"
        "            print(ledger.append(an_event(f'new/{number}', data={'text': 'x' * 5000})))\n"
        "    except OpsModelError as error:\n"
        "        print(error, file=sys.stderr)\n"
    )

    finished = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        check=False, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip

    acked = [int(line) for line in finished.stdout.splitlines()]
    assert "could not be read or written; nothing was appended" in finished.stderr
    assert "Traceback" not in finished.stderr
    with Ledger.open(path) as ledger:
        assert [stored.seq for stored in ledger.events()] == [0, *acked]
        assert ledger.verify().problems == ()


def rows_of(path):
    with closing(sqlite3.connect(path)) as raw:
        return raw.execute("SELECT seq, event_id, prev, hash, body FROM event").fetchall()


@pytest.mark.faults
def test_no_flipped_byte_anywhere_in_the_file_changes_an_entry_unseen(tmp_path):
    path = a_ledger(tmp_path / "ledger.db", 20)
    content, rows, chance = path.read_bytes(), rows_of(path), random.Random(7)
    seen = harmless = 0

    for offset in sorted(chance.sample(range(len(content)), 4000)):
        flipped = bytearray(content)
        flipped[offset] ^= 1 << (offset % 8)
        path.write_bytes(flipped)
        try:
            found = bool(verify_ledger(path).problems)
        except OpsModelError:
            found = True
        if found:
            seen += 1
        else:
            assert rows_of(path) == rows, offset
            harmless += 1
        for beside in path.parent.glob("ledger.db-*"):
            beside.unlink()

    assert seen > 500
    print(f"\n4000 flips: {seen} found, {harmless} in unused bytes, 0 changed an entry unseen")


@pytest.mark.faults
def test_verifying_needs_no_more_memory_for_more_entries(tmp_path):
    peaks = []
    for count in (1_000, 20_000):
        path = grown(tmp_path / f"{count}.db", count)
        script = (
            "import sys\n"
            "from pathlib import Path\n"
            "from ops_model.store.ledger import verify_ledger\n"
            "assert not verify_ledger(Path(sys.argv[1])).problems\n"
            # Not ru_maxrss, in which a child inherits what its parent had when it was forked.
            "peak = Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0]\n"
            "print(peak)\n"
        )
        finished = subprocess.run(
            [sys.executable, "-c", script, str(path)],
            check=True, cwd=ROOT, capture_output=True, text=True,
        )  # fmt: skip
        peaks.append(int(finished.stdout))

    # In KiB; the larger file alone has some 20 MB.
    assert peaks[1] - peaks[0] < 10_000


def grown(path, count):
    """A ledger of `count` entries, appended in one transaction to save the time of the disk."""
    a_ledger(path)
    with Ledger.open(path) as ledger:
        ledger.append_all(
            [an_event(f"event/{seq}", data={"text": "x" * 600}) for seq in range(count)]
        )
    return path
