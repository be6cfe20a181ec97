"""The weekly report: which notebook it is, which statements came with one, when one is due."""

from datetime import datetime, timedelta

from ops_model.domain.evidence import Statement
from ops_model.domain.schedules import Schedule
from ops_model.domain.workbook import WorkbookSettings

WEEKLY_REPORT = "07_weekly_ops_report"
_MOMENT = timedelta(minutes=1)
# Where clocks change, a week of a schedule is an hour longer than seven days.
_CLOCK_CHANGE = timedelta(hours=2)


def is_weekly_report(statement: Statement) -> bool:
    """True for what a run of the weekly report recorded."""
    return statement.origin is not None and statement.origin.notebook == WEEKLY_REPORT


def report_due(
    settings: WorkbookSettings,
    system_id: str,
    *,
    last: datetime | None,
    live: datetime,
    every: timedelta,
    grace: timedelta,
    as_of: datetime,
) -> datetime:
    """When the next weekly report of a system has to be there.

    By the schedule of the workbook, where it has a line that has begun and comes as often as the
    policy asks; else so long after the last report, or after people were first served.

    Args:
        settings: `ops-model.yaml`, with its schedules.
        system_id: whose report.
        last: the instant of the last report; None when none ever arrived.
        live: when people were served first.
        every: how often the policy wants one.
        grace: how long the policy waits for one that the schedule does not know.
        as_of: the instant that judges.
    """
    by_policy = (last or live) + every + grace
    line = _line(settings, system_id, as_of)
    if line is None:
        return by_policy
    begun = max(live, line.since or live)
    # The first slot may be the very instant at which the line, or the service, began.
    waited_from = last if last is not None and last >= begun else begun - _MOMENT
    slot = next(line.after(waited_from, settings.zone), None)
    if slot is None or slot - waited_from > every + _CLOCK_CHANGE:
        return by_policy
    return line.due_by(slot)


def _line(settings: WorkbookSettings, system_id: str, as_of: datetime) -> Schedule | None:
    """The line of the weekly report that counts for a system already."""
    for line in settings.schedules:
        if line.notebook == WEEKLY_REPORT and line.concerns(system_id):
            return line if line.since is None or line.since <= as_of else None
    return None
