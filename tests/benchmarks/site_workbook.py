"""A workbook of many systems and many finished runs, written without running any: for measuring.

Claims are copies of the three example systems. A run is what a run leaves: a sealed bundle with an
executed notebook and its records, and the entries of the ledger that tell of it. Every record is
one of the builders' with three figures among them, so pages, verdicts and bundles are as large as
those of the examples.
"""

import json
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.values import canonical_bytes, digest_of
from ops_model.shipped import shipped_notebook_digests
from ops_model.site.cards import card
from ops_model.site.figures import figure
from ops_model.store.ledger import Ledger
from ops_model.store.seal import Manifest, seal
from tests.benchmarks.bench_workbook import build
from tests.site import samples
from tests.site.notebooks import code, shown, words

EXAMPLES = ("flight-delay", "support-assistant", "invoice-extractor")
NOTEBOOK = "05_drift_quality"
AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
RECORDED = datetime(2026, 11, 21, 9, tzinfo=UTC)
DIGEST = min(shipped_notebook_digests())
"""One that counts as observed, whichever."""


def name_of(number):
    """The id of a system; `build` gives them these names."""
    return f"system-{number:03d}"


def fleet(root, *, systems, runs):
    """A workbook of so many systems, each with the runs of so many weeks, the last one today."""
    root.mkdir(parents=True, exist_ok=True)
    build(root, EXAMPLES, systems)
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        for number in range(systems):
            told = (a_run(root, number, week) for week in reversed(range(runs)))
            ledger.append_all([event for events in told for event in events])
    return root


def add_run(root, number, week=-1):
    """One more run of a system, as after the next Monday; it is judged at the same instant."""
    with Ledger.open(root / "ledger.db") as ledger:
        ledger.append_all(a_run(root, number, week))


def a_run(root, number, week):
    """The events of a run that ended so many weeks ago; its bundle is sealed on the way."""
    system, at = name_of(number), AS_OF - timedelta(weeks=max(week, 0))
    recorded = RECORDED - timedelta(weeks=week)
    run_id = f"{recorded:%Y%m%dT%H%M%SZ}-{number:08x}"
    bundle = f"runs/{system}/{NOTEBOOK}/{run_id}"
    records = [r.model_copy(update={"as_of": at}) for r in records_of(system)]
    manifest = sealed(root, bundle, records, run_id=run_id, system=system, at=at, on=recorded)
    same = {"subject": system, "as_of": at, "recorded_at": recorded, "actor": "runner:ops-model"}
    run = {"run_id": run_id, "notebook": NOTEBOOK}
    yield LedgerEvent(
        id=f"{run_id}/started", type="run.started", **same,
        data={**run, "notebook_digest": DIGEST, "parameters": {"system": system}},
    )  # fmt: skip
    for cell, record in enumerate(records, start=2):
        origin = {**run, "notebook_digest": DIGEST, "cell": cell, "inputs_verified": True}
        data = {"record": record.model_dump(mode="json"), "digest": digest_of(record)}
        yield LedgerEvent(
            id=f"{run_id}/{cell}", type="evidence.published", **same,
            data={**data, "origin": origin},
        )  # fmt: skip
    ended = {**run, "bundle": bundle, "manifest": manifest, "seconds": 4.2}
    yield LedgerEvent(
        id=f"{run_id}/finished", type="run.finished", **same,
        data={**ended, "records": len(records)},
    )  # fmt: skip


def records_of(system):
    """What N05 leaves of a system: its quality, and the drift of its inputs; and what it cost."""
    return samples.quality(system), samples.drift(system), samples.spend(system)


@lru_cache(maxsize=1)
def executed(system):
    """A notebook of ten cells of code that showed these records, as large as one of ours."""
    cells = [words("# Has it drifted, and is it still good?\n\n" + "Read the card first. " * 20)]
    cells.append(code(source='system: str = "flight-delay"  # the id\nas_of: str = ""'))
    for record in records_of(system):
        html, drawn = str(card(record, samples.people())), figure(record)
        kinds = {"html": html, "text": "Shown(...)", "figure": drawn}
        kinds["record"] = record.model_dump(mode="json")
        cells += [words("How to read it: " + "what is beyond its limit stands first. " * 8)]
        cells += [code(shown(**kinds), source="workflow.show(book)")]
    cells += [code(source="# nothing to see here\n" * 6) for _ in range(5)]
    made = {"nbformat": 4, "nbformat_minor": 5, "metadata": METADATA, "cells": cells}
    return json.dumps(made).encode()


METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},
}


def sealed(root, bundle, records, *, run_id, system, at, on):
    """Write and seal the bundle of a run; gives the digest of its manifest."""
    staging = root / "runs" / f".staging-{run_id}"
    staging.mkdir(parents=True)
    (staging / "executed.ipynb").write_bytes(executed(system))
    plain = [
        {"cell": cell, "record": record.model_dump(mode="json")}
        for cell, record in enumerate(records, start=2)
    ]
    (staging / "records.json").write_bytes(canonical_bytes(plain))
    manifest = Manifest(
        run_id=run_id, system=system, notebook=NOTEBOOK, notebook_digest=DIGEST, as_of=at,
        recorded_at=on, ledger_size=0,
    )  # fmt: skip
    return seal(staging, root / bundle, manifest)


def of_all(root, systems, runs):
    """The input of the site of such a fleet, which is written where it is not there yet."""
    from ops_model.workflow.publish import site_input

    if not root.is_dir():
        root.mkdir(parents=True)
        fleet(root, systems=systems, runs=runs)
    return site_input(root, as_of=AS_OF, recorded_at=RECORDED)
