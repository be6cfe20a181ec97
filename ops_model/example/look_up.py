"""Looks up one request in a log of the demo, as whoever is paged would.

`python -m ops_model.example.look_up FOLDER [REQUEST]`, from the workbook's folder, prints the row
of that request as one JSON line, or the newest row of the log.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ops_model.errors import OpsModelError, WarehouseError


def look_up(log: Path, request: str | None = None) -> dict[str, Any]:
    """One row of a log that lies in one Parquet file a day; the newest day is looked at first.

    Raises:
        WarehouseError: there is no such log, or no such request in it.
    """
    from pyarrow import ArrowException, compute, parquet

    files = sorted(log.glob("*.parquet"), reverse=True)
    try:
        for file in files:
            rows = parquet.read_table(file)
            found = rows if request is None else rows.filter(
                compute.equal(rows["request_id"], request)
            )  # fmt: skip
            if found.num_rows:
                newest: dict[str, Any] = found.slice(found.num_rows - 1).to_pylist()[0]
                return newest
    except (OSError, ArrowException) as error:
        raise WarehouseError("cannot be read", where=str(log)) from error
    what = f"request {request!r} is not in it" if files and request else "there is no row in it"
    raise WarehouseError(what, where=str(log), remedy="look at the name of the log")


def main() -> int:
    """Print one row; 0, or 3 with one message."""
    parser = argparse.ArgumentParser(description="One request of a log.")
    parser.add_argument("log", type=Path)
    parser.add_argument("request", nargs="?")
    given = parser.parse_args()
    try:
        print(json.dumps(look_up(given.log, given.request), default=str))  # noqa: T201 - its one output
    except OpsModelError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a process of its own
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
