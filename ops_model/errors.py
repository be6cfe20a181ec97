"""What went wrong, where, and what to do about it.

Every error that a user can meet is an `OpsModelError`. It carries its problems (all of them, not
the first) and the exit code of the command line: 1 a blocking finding or a failed drill, 2 wrong
use or YAML that is no valid object, 3 could not run, 4 integrity broken.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_MANY = 4  # as often as this in one file, a mistake is told once, with its lines
_LINES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: the place, what was got and expected, and the remedy."""

    message: str
    where: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        """`place: message`, and the remedy indented below it."""
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head}\n  to fix: {self.remedy}" if self.remedy else head


def told(problems: Sequence[Problem]) -> str:
    """The problems as text, one after the other; what stands often in one file is told once.

    The first of the same is told at its place, with the lines of the others, and the last line
    counts them all.
    """
    once = gathered(problems)
    texts = [str(problem) for problem in once]
    if len(once) < len(problems):
        texts.append(f"{len(problems)} problems in all")
    return "\n".join(texts)


def gathered(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """The problems in their order, of what stands often in one file the first, with the lines.

    Two problems are the same when message and remedy are, positions in lists aside.
    """
    groups: dict[tuple[str, ...], list[Problem]] = {}
    for problem in problems:
        groups.setdefault(_kind(problem), []).append(problem)
    once = []
    for problem in problems:
        same = groups[_kind(problem)]
        if not _is_told_once(same):
            once.append(problem)
        elif problem is same[0]:
            once.append(_told_once(same))
    return tuple(once)


def _kind(problem: Problem) -> tuple[str, ...]:
    file, _, line = problem.where.rpartition(":")
    place = file if line.isdigit() else problem.where
    return (place, *(re.sub(r"\[\d+\]", "[]", t) for t in (problem.message, problem.remedy)))


def _is_told_once(same: Sequence[Problem]) -> bool:
    return len(same) >= _MANY and same[0].where.rpartition(":")[2].isdigit()


def _told_once(same: Sequence[Problem]) -> Problem:
    lines = list(dict.fromkeys(problem.where.rpartition(":")[2] for problem in same))
    shown = ", ".join(lines[:_LINES_SHOWN])
    more = f" and {len(lines) - _LINES_SHOWN} more" if len(lines) > _LINES_SHOWN else ""
    said = f"{len(same)} times, in {'lines' if len(lines) > 1 else 'line'} {shown}{more}"
    first = same[0]
    return Problem(f"{first.message}\n  {said}", first.where, first.remedy)


class OpsModelError(Exception):
    """The root of all errors shown to a user.

    Args:
        message: what was got and what was expected.
        where: the place, such as `systems/credit-scorer/cost.yaml:7`.
        remedy: one thing to do.
        problems: instead of the three above, when there are several.
    """

    exit_code = 3

    def __init__(
        self,
        message: str = "",
        *,
        where: str = "",
        remedy: str = "",
        problems: Sequence[Problem] = (),
    ) -> None:
        self.problems = tuple(problems) or (Problem(message, where, remedy),)
        super().__init__(told(self.problems))


class UsageError(OpsModelError):
    """The command or call was wrong: an unknown system, notebook or option value."""

    exit_code = 2


class WorkbookError(OpsModelError):
    """A file of the workbook is no valid object, or there is no workbook."""

    exit_code = 2


class PolicyError(WorkbookError):
    """`policy.yaml` names a check, threshold or tier that does not exist."""


class CatalogueError(OpsModelError):
    """A check file cannot be loaded, or two checks share an id."""

    exit_code = 2


class NotebookError(OpsModelError):
    """A notebook could not be run: a failed cell, a dead kernel, a time limit."""


class ParameterError(NotebookError):
    """A notebook's parameters are wrong; found before any kernel starts."""

    exit_code = 2


class AlertError(OpsModelError):
    """Nothing could be sent: the extra `alerts` is not installed."""


class WarehouseError(OpsModelError):
    """A log cannot be read: no such table, a missing column, a wrong type, no rows."""


class DrillError(OpsModelError):
    """A drill could not be carried out; says what was restored and what is left to do."""


class ShippedFilesMissingError(OpsModelError):
    """The installation lost its notebooks, checks or templates."""


class LedgerError(OpsModelError):
    """The ledger cannot be read or written."""


class BundleError(OpsModelError):
    """A bundle cannot be sealed or read; nothing was published."""


class IntegrityError(OpsModelError):
    """Recorded evidence is not what was recorded: changed, removed or invented."""

    exit_code = 4


class ChainBrokenError(IntegrityError):
    """The ledger's hash chain does not hold."""
