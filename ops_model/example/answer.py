"""What a version answers, worked out from its own file and not by a server.

`python -m ops_model.example.answer MODEL.json` reads one flight's features as JSON from standard
input and prints `{"version", "digest", "probability"}`. A rollback drill compares the server's
answers with it, so that a server which only says that it went back is found out.
"""

import argparse
import json
import sys
from pathlib import Path

from ops_model.errors import OpsModelError, UsageError
from ops_model.example.model import FlightModel


def answer(path: Path, features: object) -> dict[str, str | float]:
    """The answer of the model in `path`.

    Raises:
        UsageError: `path` holds no model, or the features are not those of the model.
    """
    model = FlightModel.load(path)
    if not isinstance(features, dict):
        raise UsageError("the features are no JSON object", where=str(path))
    return {
        "version": model.version,
        "digest": model.digest,
        "probability": model.predict(features),
    }


def main() -> int:
    """Answer once; 0, or 3 with one message."""
    parser = argparse.ArgumentParser(description="The answer of a model file to one flight.")
    parser.add_argument("model", type=Path)
    given = parser.parse_args()
    try:
        print(json.dumps(answer(given.model, json.loads(sys.stdin.read()))))  # noqa: T201 - its one output
    except (OpsModelError, ValueError) as error:
        print(f"{error}", file=sys.stderr)  # noqa: T201 - a process of its own
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
