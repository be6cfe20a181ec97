"""The volume before and after an action, in one mix: the services and models of after.

Whoever sends more to a small model has trimmed no prompt. So each service and model of before
counts for as much as it does after; one that a single side has says nothing, and counts nowhere.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ops_model.analysis.bridge_sides import RETRY
from ops_model.analysis.cost import PricedSum

Cell = tuple[str, str]
"""A service and a model; only the service where the action chooses the model."""
WHOLE = 10**12
"""The weight of what counts as it is: weights are whole numbers, as counts are."""


@dataclass(frozen=True)
class Volume:
    """What was answered on each day, by cell, and how often on either side."""

    by_day: Mapping[Cell, Mapping[date, int]]
    before: Mapping[Cell, int]
    after: Mapping[Cell, int]

    @property
    def both(self) -> tuple[Cell, ...]:
        """The cells of which something was answered on either side."""
        return tuple(cell for cell in self.by_day if self.before[cell] and self.after[cell])

    @property
    def why_not(self) -> str:
        """Why no volume is the same; '' where it is."""
        for held, where in ((self.before, "before"), (self.after, "after")):
            if not any(held.values()):
                return f"no unit of work was counted {where} it worked, so no volume is the same"
        return "" if self.both else "no service and model answered both before and after it worked"

    def weights_before(self) -> dict[Cell, int]:
        """What each cell counts for before, so that its part of the volume is that of after."""
        later, first = (sum(side[c] for c in self.both) for side in (self.after, self.before))
        return dict.fromkeys(self.by_day, 0) | {
            cell: round_half(self.after[cell] * first * WHOLE, later * self.before[cell])
            for cell in self.both
        }

    def weights_after(self) -> dict[Cell, int]:
        """What each cell counts for after: as it is, or nowhere."""
        return dict.fromkeys(self.by_day, 0) | dict.fromkeys(self.both, WHOLE)


def round_half(part: int, whole: int) -> int:
    """The whole number next to a quotient, without a detour over floats."""
    return (2 * part + whole) // (2 * whole)


def volume_of(
    by_day: Mapping[Cell, Mapping[date, int]], before: Collection[date], after: Collection[date]
) -> Volume:
    """The volume of two spans of days."""
    first, later = (
        {cell: sum(held.get(day, 0) for day in days) for cell, held in by_day.items()}
        for days in (before, after)
    )
    return Volume(by_day, first, later)


def answered(
    sums: Iterable[PricedSum], cell_of: Callable[[PricedSum], Cell]
) -> dict[Cell, dict[date, int]]:
    """How many requests got an answer on each day, tried once or more often.

    A retry that succeeds makes up for the first try that failed, and a retry of what succeeded is
    no work of its own: so there are as many answers as successes, but no more than first tries.
    What used no token at all answered nothing, whatever its status.
    """
    tries: dict[Cell, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    successes: dict[Cell, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for one in sums:
        usage = one.usage
        # Hours are no requests: what they did is counted elsewhere.
        if len(usage.amounts) <= 2:
            continue
        cell = cell_of(one)
        tries[cell][usage.day] += usage.rows if usage.purpose != RETRY else 0
        if any(usage.amounts):
            successes[cell][usage.day] += usage.rows - usage.failed - usage.empty
    return {
        cell: {day: min(many, successes[cell][day]) for day, many in days.items()}
        for cell, days in tries.items()
    }
