"""What a record shows to be broken, though the question that rests on it has an answer."""

from collections.abc import Callable
from datetime import date

from ops_model.check.wording import counted
from ops_model.domain.detection import QualityMeasurement
from ops_model.domain.evidence import Record
from ops_model.domain.spend import SpendMeasurement


def breach(record: Record, *, day: Callable[[date], str] = str) -> str:
    """`accuracy fell, alarm since 2013-04-24`; empty where nothing is broken.

    Args:
        record: what an answer rests on.
        day: how a day is written.
    """
    match record:
        case SpendMeasurement(days_over_ceiling=days) if days:
            return f"{counted(days, 'day')} over the ceiling"
        case QualityMeasurement(alarm_at=since) if since is not None:
            return f"{record.metric} fell, alarm since {day(since)}"
        case _:
            return ""
