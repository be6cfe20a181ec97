"""Processes that append until they are killed; each notes an entry once it is acknowledged.

A process that starts anew takes longer to import than it lives here, so one server imports once
and forks a child for each writer. It opens no ledger itself.
"""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_SERVER = """
import os, signal, sys, time
from pathlib import Path
import sqlalchemy.dialects.sqlite
from ops_model.store.ledger import Ledger
from tests.store.ledger_events import an_event

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    path, prefix, acks = line.rstrip("\\n").split("|")
    child = os.fork()
    if child == 0:
        noted = os.open(acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        with Ledger.open(Path(path), create=True) as ledger:
            for number in range(1_000_000):
                os.write(noted, b"%d\\n" % ledger.append(an_event(f"{prefix}/{number}")))
                time.sleep(0.0003)  # SQLite is unfair: without it one writer lets nobody else in
    print(child, flush=True)
"""


@contextmanager
def a_server():
    """The process that forks writers."""
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield server
    finally:
        server.stdin.close()
        server.wait()
        server.stdout.close()


def killed_while_appending(server, path, trial, *, writers, chance):
    """Kill all writers once each has acknowledged something; what each did, by prefix."""
    acks = {f"{trial}-{n}": path.parent / f"acks-{trial}-{n}" for n in range(writers)}
    children = []
    for prefix, file in acks.items():
        server.stdin.write(f"{path}|{prefix}|{file}\n")
        server.stdin.flush()
        children.append(int(server.stdout.readline()))
    # A writer that is killed before its first acknowledgement has tested nothing.
    while not all(file.exists() and file.stat().st_size for file in acks.values()):
        time.sleep(0.002)
    time.sleep(chance.uniform(0, 0.6))
    for child in children:
        os.kill(child, signal.SIGKILL)
    while any(Path(f"/proc/{child}").exists() for child in children):
        time.sleep(0.001)
    # The last line may have been cut in the middle; only whole lines were acknowledged.
    return {
        prefix: [int(line) for line in file.read_text().rpartition("\n")[0].splitlines()]
        for prefix, file in acks.items()
    }


def many_kills(path_of, check, *, trials, acked, writers, seed):
    """Kill at least so often, and until so many entries were acknowledged; how often, how many."""
    chance, kills, told = random.Random(seed), 0, 0
    with a_server() as server:
        while kills < trials or (told < acked and kills < 3 * trials):
            path = path_of(kills)
            done = killed_while_appending(server, path, kills, writers=writers, chance=chance)
            told += check(path, done)
            kills += 1
    return kills, told
