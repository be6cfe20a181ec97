"""A server that follows a file or an alias of MLflow, as a deployment does, instead of being told.

`python follower.py --file PATH` serves the version whose label the file holds; `--registry FILE`
the one that the alias `champion` of `flight` names there (1 is v1, 2 is v2). It looks ten times a
second. Otherwise it is the example's server, so what it answers and stores is real.
"""

import argparse
import contextlib
import json
import signal
import sqlite3
import threading
import time
from pathlib import Path

from ops_model.example.model_service import ModelService, RefusedError
from ops_model.example.record_store import RecordStore
from ops_model.example.serve import HOME, ModelServer
from ops_model.example.serve_faults import Faults

ALIAS = "SELECT version FROM registered_model_aliases WHERE name = 'flight' AND alias = 'champion'"


def label_in(given):
    """The label of the version that is to serve now; empty while nobody says."""
    if given.file is not None:
        return given.file.read_text(encoding="utf-8").strip()
    with contextlib.closing(sqlite3.connect(f"file:{given.registry}?mode=ro", uri=True)) as db:
        return f"v{db.execute(ALIAS).fetchone()[0]}"


def follow(given, service):
    """Serve what is named, as soon as it is seen."""
    while True:
        with contextlib.suppress(OSError, sqlite3.Error, TypeError, RefusedError):
            label = label_in(given)
            if label and label != service.version()["version"]:
                service.switch({"version": label})
        time.sleep(0.1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--file", type=Path)
    parser.add_argument("--registry", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fault", action="append", default=[])
    given = parser.parse_args()
    service = ModelService(
        models=HOME / "models", active="v2", store=RecordStore(HOME / "serving/records.jsonl"),
        feed=None, weather=None, notice="", faults=Faults.parse(given.fault),
    )  # fmt: skip
    with contextlib.suppress(OSError, sqlite3.Error, TypeError):
        service.switch({"version": label_in(given)})
    server = ModelServer(service, given.port)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    threading.Thread(target=follow, args=(given, service), daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
    server.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    main()
