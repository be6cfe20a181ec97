"""What every drill has around it: stopwatch, journal, timed steps, and the word to break off."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ops_model.domain.rollback import DrillStep
from ops_model.drill.record import Journal, single_timing
from ops_model.errors import DrillError

LOOK_SECONDS = 0.02
"""Between two looks at what the traffic has brought."""
LONGEST_WAIT_SECONDS = 660
"""The longest that a drill waits for anything; a cell of a drill notebook may run 1200 seconds."""


class BrokenOffError(Exception):
    """Somebody or something ended the drill; whatever was changed is put back first."""


class Interruption:
    """The word to break off, and why; given once, by a signal or the death of the parent."""

    def __init__(self) -> None:
        self.reason = ""
        self._given = threading.Event()

    def give(self, reason: str) -> None:
        """Break off; the first reason stays."""
        self.reason = self.reason or reason
        self._given.set()

    def check(self) -> None:
        """Go on, unless the word was given.

        Raises:
            BrokenOffError: it was.
        """
        if self._given.is_set():
            raise BrokenOffError(self.reason)

    def sleep(self, seconds: float) -> None:
        """Wait that long.

        Raises:
            BrokenOffError: the word was given meanwhile.
        """
        self._given.wait(seconds)
        self.check()


@dataclass
class Step:
    """How a step went; whoever carries it out says so."""

    ok: bool = True
    detail: str = ""

    def failed(self, why: str) -> None:
        """The step did not do what it should."""
        self.ok, self.detail = False, why


@dataclass
class Scene:
    """One drill's surroundings."""

    root: Path
    drill_id: str
    journal: Journal
    interruption: Interruption
    stopwatch: Callable[[], float]
    steps: list[DrillStep] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Time one step and journal it, however it ends."""
        step, began = Step(), self.stopwatch()
        self.journal.write("begin", name=name)
        try:
            yield step
        except Exception as error:
            step.failed(str(error))
            raise
        finally:
            seconds = self.stopwatch() - began
            self.journal.write(
                "step", name=name, seconds=round(seconds, 4), ok=step.ok, detail=step.detail
            )
            self.steps.append(
                DrillStep(
                    name=name, seconds=single_timing(seconds), ok=step.ok, detail=step.detail
                )
            )

    def point_of_no_return(self, event: str, **facts: object) -> None:
        """Note that the target is about to be changed; without that note nothing may be.

        Raises:
            DrillError: the journal cannot be written, so a kill could not be put back.
            BrokenOffError: the drill is to break off.
        """
        self.interruption.check()
        self.journal.write(event, **facts)
        if self.journal.failure:
            raise DrillError(
                f"the drill's journal cannot be written: {self.journal.failure}; "
                "nothing was changed",
                remedy="make room on the disk, then drill again",
            )

    def problem(self, text: str) -> None:
        """Something that keeps the drill from passing."""
        self.problems.append(text)

    def wait_until(self, met: Callable[[], bool], *, seconds: float) -> bool:
        """True as soon as `met`, False when the time is up.

        Raises:
            BrokenOffError: the drill is to break off.
        """
        return wait_until(met, seconds, self.stopwatch, self.interruption.sleep)


def wait_until(
    met: Callable[[], bool],
    seconds: float,
    stopwatch: Callable[[], float],
    sleep: Callable[[float], None],
) -> bool:
    """True as soon as `met`, False after `seconds` by `stopwatch`."""
    deadline = stopwatch() + seconds
    while not met():
        if stopwatch() >= deadline:
            return met()
        sleep(LOOK_SECONDS)
    return True
