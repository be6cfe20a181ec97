"""What went wrong, where, and what to do about it.

Every error that a user can meet is an `OpsModelError`. It carries its problems (all of them, not
the first) and the exit code of the command line: 1 a blocking finding or a failed drill, 2 wrong
use or YAML that is no valid object, 3 could not run, 4 integrity broken.
"""

from collections.abc import Sequence
from dataclasses import dataclass


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
        super().__init__("\n".join(str(problem) for problem in self.problems))


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


class WarehouseError(OpsModelError):
    """A log cannot be read: no such table, a missing column, a wrong type, no rows."""


class DrillError(OpsModelError):
    """A drill could not be carried out; says what was restored and what is left to do."""


class ShippedFilesMissingError(OpsModelError):
    """The installation lost its notebooks, checks or templates."""


class LedgerError(OpsModelError):
    """The ledger cannot be read or written."""


class StaleHeadError(LedgerError):
    """Another process appended first; nothing was written."""


class BundleError(OpsModelError):
    """A bundle cannot be sealed or read; nothing was published."""


class IntegrityError(OpsModelError):
    """Recorded evidence is not what was recorded: changed, removed or invented."""

    exit_code = 4


class ChainBrokenError(IntegrityError):
    """The ledger's hash chain does not hold."""
