"""A workbook whose ledger is signed, and what an attacker with its files can do."""

import sqlite3
from contextlib import closing

from ops_model.domain.workbook import WorkbookSettings
from ops_model.store.checkpoint import CheckpointKey
from ops_model.store.checkpoint_file import add_key
from ops_model.store.ledger import Ledger
from ops_model.workflow.checkpoints import checkpoint
from ops_model.workflow.trust import Trust
from tests.store.ledger_events import an_event, as_appended
from tests.workflow.verify_samples import a_run, a_workbook

SETTINGS = WorkbookSettings(name="Test", zone="UTC")
ORIGIN = "example.org/ops-model"


def a_key(name=ORIGIN):
    return CheckpointKey.generate(name)


def append(root, *names):
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        for name in names:
            ledger.append(an_event(name))


def append_and_sign(root, key_file, prefix, count=10):
    """Append and sign one entry after the other, as commands do."""
    key = CheckpointKey.load(key_file)
    for number in range(count):
        append(root, f"{prefix}/{number}")
        checkpoint(root, SETTINGS, key)


def a_signed_workbook(root, key, *, events=3, runs=1):
    """A workbook with runs and events, every entry of which a checkpoint covers."""
    a_workbook(root)
    add_key(root, key.verifier)
    for number in range(runs):
        a_run(root, f"run-{number + 1}")
        checkpoint(root, SETTINGS, key)
    append(root, *(f"event/{number}" for number in range(events)))
    checkpoint(root, SETTINGS, key)
    return root


def trusting(*keys):
    return Trust(tuple(key.verifier for key in keys), named=True)


def rebuilt(path, bodies_of):
    """Put another ledger in the place of one, its hashes all right: what its owner can do.

    `bodies_of` is given the events, and gives those of the new one.
    """
    with Ledger.open(path, readonly=True) as ledger:
        events = [as_appended(stored) for stored in ledger.events()]
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    with Ledger.open(path, create=True) as ledger:
        ledger.append_all(bodies_of(events))


def copied(path, into):
    """A copy of a ledger as SQLite makes one, its pending log in it."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("VACUUM INTO ?", (str(into),))
    return into
