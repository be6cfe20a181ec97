"""Events with good defaults, and a second process that appends them.

As a script: `ledger_events.py LEDGER PREFIX COUNT` appends COUNT events and prints the number of
each once it is on the disk.
"""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from ops_model.domain.evidence import Attestation, LedgerEvent, Measured
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.values import digest_of
from ops_model.store.ledger import Ledger
from ops_model.store.ledger_chain import GENESIS, body_of, chain_of, examined
from ops_model.store.ledger_schema import BY_SUBJECT, EVENT_TABLE, EVENT_UPDATE
from ops_model.store.merkle import leaf_hash

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
RECORDED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NOTEBOOK_DIGEST = digest_of(b"a notebook")
SYSTEM = "flight-delay"


def chain_hash(prev, body):
    """The chain hash of an entry with these bytes."""
    return chain_of(prev, leaf_hash(body))


def row_problems(row):
    """What is wrong with one row by itself."""
    return examined(row, leaf_hash(row.body))[0]


def an_event(event_id="run-1/started", **changes):
    fields = {
        "id": event_id,
        "type": "run.started",
        "subject": SYSTEM,
        "as_of": AS_OF,
        "recorded_at": RECORDED,
        "actor": "runner:ops-model",
        "data": {"run_id": "run-1"},
    }
    return LedgerEvent(**{**fields, **changes})


def as_appended(stored):
    """The event of an entry with its record, as it was appended."""
    told = {"record": stored.told()} if stored.record else {}
    return stored.event.model_copy(update={"data": {**stored.event.data, **told}})


def an_attestation(text="I know this service and I answer for it.", **changes):
    fields = {
        "system": SYSTEM, "as_of": AS_OF, "topic": "ownership", "person": "m-ito", "text": text,
        "expires": datetime(2014, 1, 18, 8, tzinfo=UTC),
    }  # fmt: skip
    return Attestation(**{**fields, **changes})


def a_drill(**changes):
    timing = Measured(value=42.0, unit="seconds", n=1, no_interval="single timing")
    fields = {
        "system": SYSTEM, "as_of": AS_OF, "environment": "prod_like", "performed_by": "m-ito",
        "from_version": "v2", "to_version": "v1", "done_at": AS_OF, "seconds": timing,
        "healthy": True, "healthy_needed": 20, "requests": 100, "failed_requests": 0,
        "records_before": 10, "records_after": 110, "lost": 0, "duplicated": 0, "changed": 0,
        "restored": True, "steps": (), "passed": True,
    }  # fmt: skip
    return RollbackDrill(**{**fields, **changes})


def attested(record, event_id="attestation/1"):
    data = {"record": record.model_dump(mode="json"), "digest": digest_of(record)}
    return an_event(event_id, type="attestation.given", actor="person:m-ito", data=data)


def published(record, event_id, *, run_id=None, actor="runner:ops-model"):
    origin = None
    if run_id is not None:
        origin = {
            "run_id": run_id, "notebook": "03_rollback_drill",
            "notebook_digest": NOTEBOOK_DIGEST, "cell": 3, "inputs_verified": True,
        }  # fmt: skip
    data = {
        "record": record.model_dump(mode="json"), "digest": digest_of(record), "origin": origin,
    }  # fmt: skip
    return an_event(event_id, type="evidence.published", actor=actor, data=data)


def finished(run_id="run-1", *, bundle=None, manifest=NOTEBOOK_DIGEST, **changes):
    data = {
        "run_id": run_id, "notebook": "03_rollback_drill",
        "bundle": bundle or f"runs/{SYSTEM}/03_rollback_drill/{run_id}", "manifest": manifest,
        "records": 1, "seconds": 2.5,
    }  # fmt: skip
    return an_event(f"{run_id}/finished", type="run.finished", data=data, **changes)


def a_ledger(path, count=0):
    """A ledger of `count` small events at `path`, closed again."""
    with Ledger.open(path, create=True) as ledger:
        for number in range(count):
            ledger.append(an_event(f"event/{number}", data={"number": number}))
    return path


def a_ledger_of_version_1(path, count=0):
    """What the first version wrote: no tree, no latest clock, no words."""
    head = """CREATE TABLE head (
      one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, hash BLOB NOT NULL
    ) STRICT"""
    link = GENESIS
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode = WAL")
        for statement in (EVENT_TABLE, head, BY_SUBJECT, EVENT_UPDATE):
            raw.execute(statement)
        for seq in range(count):
            event = an_event(f"event/{seq}", data={"number": seq})
            body, prev = body_of(event, seq), link
            link = chain_hash(prev, body)
            raw.execute(
                "INSERT INTO event (seq, event_id, prev, hash, body) VALUES (?, ?, ?, ?, ?)",
                (seq, event.id, prev, link, body.decode()),
            )
        raw.execute("INSERT INTO head VALUES (1, ?, ?)", (count, link))
        raw.execute("PRAGMA user_version = 1")
    return path


def as_owner(path, *statements):
    """Do with the file what its owner can: past the triggers, the schema put back afterwards."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        kept = triggers.fetchall()
        for name, _ in kept:
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            raw.execute(*statement) if isinstance(statement, tuple) else raw.execute(statement)
        for _, sql in kept:
            raw.execute(sql)
    return path


def a_writer(path, prefix, count):
    """Another process that appends `count` events; its output has one line for each ack."""
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.ledger_events", str(path), prefix, str(count)],
        cwd=root, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def main():
    path, prefix, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    with Ledger.open(path, create=True) as ledger:
        for number in range(count):
            print(ledger.append(an_event(f"{prefix}/{number}")), flush=True)


if __name__ == "__main__":
    main()
