"""How a hostile thing is handed to a command, and what may come of it."""

import time
from dataclasses import dataclass

from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.errors import OpsModelError

SECONDS = 1.0
"""The longest that any item of a corpus may keep this processor busy."""


@dataclass(frozen=True)
class Told:
    """The exit code of a command, all that it said, and the seconds of CPU that it took."""

    code: int
    text: str
    seconds: float


def ask(*words):
    """Call a command as `main` does; what `main` would not turn into a message is raised."""
    began = time.process_time()
    result = CliRunner().invoke(ops_model, [str(word) for word in words])
    seconds = time.process_time() - began
    error = result.exception
    if isinstance(error, OpsModelError):
        return Told(error.exit_code, f"{result.output}\n{error}", seconds)
    if isinstance(error, OSError):
        return Told(OpsModelError.exit_code, f"{result.output}\n{error}", seconds)
    if error is not None and not isinstance(error, SystemExit):
        raise error
    return Told(result.exit_code, result.output, seconds)


def shown(item):
    """A hostile item as the name of a test."""
    return ascii(item)[:40]
