"""What can be read of a workbook where some of its systems cannot be."""

from collections.abc import Mapping
from dataclasses import dataclass

from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.portfolio_status import PORTFOLIO
from ops_model.errors import Problem, WorkbookError


@dataclass(frozen=True)
class Broken:
    """What cannot be read of one system, and who answers for it where that much can be."""

    problems: tuple[Problem, ...]
    accountable: str | None = None


@dataclass(frozen=True)
class SoundPart:
    """A workbook without the systems that cannot be read.

    `broken` are those, by id; under `portfolio` stands what is wrong with names in `systems/`.
    """

    model: OperatingModel
    broken: Mapping[str, Broken]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with any of them."""
        return tuple(problem for one in self.broken.values() for problem in one.problems)

    def require(self, system_id: str) -> None:
        """Refuse a system that cannot be read; of `portfolio`, any that cannot.

        What is about all systems together would leave it out, and nobody would see that.

        Raises:
            WorkbookError: it is one of those; holds all that is wrong with it.
        """
        mine = self.broken.get(system_id)
        problems = self.problems if system_id == PORTFOLIO else mine.problems if mine else ()
        if problems:
            raise WorkbookError(problems=problems)
