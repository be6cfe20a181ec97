"""Builds the model of the demo a second time: `python -m ops_model.example.train_again FOLDER`.

It writes `v2.json` there, from the same flights and by the same code as the first build. Nothing
in it is drawn at random, so that it has the same bytes.
"""

import argparse
import sys
from pathlib import Path

from ops_model.errors import OpsModelError
from ops_model.example import flights, train

VERSION = "v2"


def train_again(into: Path) -> Path:
    """The file of the version that serves, built anew in a folder.

    Raises:
        WarehouseError: the packages of the demo are not installed.
    """
    model = train.train(flights.read_flights(), version=VERSION, until=train.MARCH)
    path = into / f"{VERSION}.json"
    model.save(path)
    return path


def main() -> int:
    """Build once; 0, or 3 with one message."""
    parser = argparse.ArgumentParser(description="The model of the demo, built again.")
    parser.add_argument("into", type=Path)
    try:
        train_again(parser.parse_args().into)
    except OpsModelError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a process of its own
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
