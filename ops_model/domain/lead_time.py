"""How long a version takes to reach users, beside how long it takes to go back (S1.26)."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ops_model.domain.evidence import Measured, Statement
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.trials import EnvironmentRecord


@dataclass(frozen=True)
class InAndBack:
    """The medians of both: hours in, one for each version, and seconds back, one for each drill.

    None where nothing is on record. `going_back` is the last drill, which is the one to believe.
    """

    into: Measured | None
    back: Measured | None
    going_back: RollbackDrill | None

    @property
    def times(self) -> float | None:
        """How many times as long as going back it takes to deploy."""
        hours = self.into.value if self.into is not None else None
        seconds = self.back.value if self.back is not None else None
        return hours * 3600 / seconds if hours is not None and seconds else None


def in_and_back(statements: Sequence[Statement]) -> InAndBack:
    """Both, from what is on record by then: the last look at each version, each healthy drill."""
    hours: dict[str, float] = {}
    seconds: list[float] = []
    last: RollbackDrill | None = None
    for statement in sorted(statements, key=lambda s: (s.as_of, s.seq)):
        record = statement.record
        if isinstance(record, EnvironmentRecord):
            if record.lead_time is not None and record.lead_time.value is not None:
                hours[record.version_digest] = record.lead_time.value
        elif isinstance(record, RollbackDrill) and record.healthy:
            last = record
            seconds += [] if record.seconds.value is None else [record.seconds.value]
    return InAndBack(_median([*hours.values()], "h"), _median(seconds, "s"), last)


def _median(values: Sequence[float], unit: str) -> Measured | None:
    if not values:
        return None
    return Measured(value=median(values), unit=unit, n=len(values), no_interval="exact")
