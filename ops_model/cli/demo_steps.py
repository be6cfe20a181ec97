"""What `ops-model demo` says while it works: its steps, and how long each took."""

import time
from collections.abc import Callable
from typing import Any

import click


class Steps:
    """A line for each step: its name when it begins, its seconds when it ends."""

    def __init__(self, *, err: bool, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self._err = err
        self._stopwatch = stopwatch
        self._began = self._step_began = stopwatch()
        self._name = ""
        self.done: list[dict[str, Any]] = []

    def __enter__(self) -> None:
        """Start; leaving the block ends the last step, however it is left."""

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._end("done" if error is None else "FAILED")

    @property
    def seconds(self) -> float:
        """Seconds since the first step began."""
        return round(self._stopwatch() - self._began, 3)

    def begin(self, name: str) -> None:
        """End the step before, and begin this one."""
        self._end("done")
        self._name, self._step_began = name, self._stopwatch()
        click.echo(f"{len(self.done) + 1:>3}  {name} ", nl=False, err=self._err)

    def _end(self, how: str) -> None:
        if not self._name:
            return
        seconds = self._stopwatch() - self._step_began
        self.done.append({"step": self._name, "seconds": round(seconds, 3)})
        dots = "." * max(2, 72 - len(self._name))
        said = f"{seconds:6.1f} s" if how == "done" else f" {how} after {seconds:.1f} s"
        click.echo(f"{dots}{said}", err=self._err)
        self._name = ""
