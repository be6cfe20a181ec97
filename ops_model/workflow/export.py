"""What others read: the rota as a calendar."""

from datetime import datetime, timedelta

from ops_model.domain.duty import Duty, window_from
from ops_model.domain.on_call import ROLES
from ops_model.domain.operating_model import OperatingModel, SystemClaims
from ops_model.domain.values import Window
from ops_model.store.calendar import WrittenShift, write_calendar

# A shift lasts 31 days at most; within these, each that touches the window is seen whole.
_SLACK = timedelta(days=32)


def rota_calendar(
    model: OperatingModel, system: SystemClaims, *, as_of: datetime, days: int, names: bool
) -> bytes:
    """The rota of `days` days from `as_of` as iCalendar: one event for each shift as resolved.

    The layers are carried beside the events, so that reading the file back gives these layers.
    A shift keeps its id from export to export, so a calendar that reads the file again changes
    the event and makes no second one. People appear by id, or by name when `names`.

    Raises:
        UsageError: the window is none that a rota can be resolved for.
    """
    window = window_from(as_of, days)
    duty = Duty.of(model, system, Window(start=window.start - _SLACK, end=window.end + _SLACK))
    shifts = [
        WrittenShift(
            uid=f"{system.id}.{role}.{shift.start:%Y%m%dT%H%M%SZ}@ops-model",
            start=shift.start,
            end=shift.end,
            summary=f"{system.id} {role}: "
            f"{model.people.label(shift.person) if names else shift.person}",
            role=role,
        )
        for role in ROLES
        for shift in duty.shifts(role)
        if shift.start < window.end and window.start < shift.end
    ]
    layers = system.on_call.layers if system.on_call is not None else ()
    return write_calendar(shifts, name=f"{system.id} on call", as_of=as_of, layers=layers)
