"""Shows that whoever runs this could take a step of the demo's plans, and changes nothing.

`python -m ops_model.example.may rollback`, from the workbook's folder, loads the version before
and sees whether this user may write where the alias is kept; `failover` reads the last good hour
of weather of each airport. It prints what it found.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from ops_model.errors import OpsModelError, UsageError
from ops_model.example.model import FlightModel
from ops_model.example.weather_feed import newest_hours

HOME = Path("data/flight-delay")
BEFORE = "v1"


def may_roll_back(home: Path) -> str:
    """That the version before is there, and that the alias could be pointed at it.

    Raises:
        UsageError: one of these is not so.
    """
    model = FlightModel.load(home / "models" / f"{BEFORE}.json")
    folder = home / "serving"
    there = next(p for p in (folder, *folder.parents) if p.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        raise UsageError(
            "this user may not write the alias here",
            where=str(folder),
            remedy="ask whoever owns the folder for the right to write it",
        )
    return f"{model.version} ({model.digest[:19]}) is there, and the alias may be written"


def may_fail_over(home: Path) -> str:
    """That the last good hour of each airport can be read.

    Raises:
        OpsModelError: it cannot.
    """
    return (
        f"the last good hour is there for {', '.join(sorted(newest_hours(home / 'weather.json')))}"
    )


STEPS: Mapping[str, Callable[[Path], str]] = {
    "rollback": may_roll_back, "failover": may_fail_over
}  # fmt: skip


def main() -> int:
    """Look, and say it; 0, or 3 with one message."""
    parser = argparse.ArgumentParser(description="Whether this user could take a step.")
    parser.add_argument("step", choices=STEPS)
    given = parser.parse_args()
    try:
        print(STEPS[given.step](HOME))  # noqa: T201 - its one output
    except OpsModelError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a process of its own
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
