"""Scheduled notebooks whose last run failed: what they measure is known no more."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from ops_model.domain.alerts import Concern
from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.portfolio_status import PORTFOLIO
from ops_model.domain.schedules import Slot
from ops_model.domain.values import iso_utc
from ops_model.domain.wording import counted
from ops_model.workflow.due import MOST_ATTEMPTS, told_by

_TOLD_FOR = timedelta(days=7)
"""What failed longer ago is told by the reports that are overdue since."""
_ENDS = frozenset({"run.finished", "run.failed", "run.abandoned"})


def failed_concerns(
    events: Sequence[LedgerEvent], model: OperatingModel, system_id: str, *, as_of: datetime
) -> Iterator[Concern]:
    """One for each scheduled notebook whose last run failed or died in the last seven days.

    Args:
        events: what the ledger tells of the system, oldest first.
        model: the workbook, with its schedules.
        system_id: the system, or `portfolio`.
        as_of: the instant that judges.
    """
    lines = {line.notebook: line for line in model.settings.schedules}
    system = model.system(system_id)
    ownership = system.ownership if system is not None else None
    often = told_by(events).failed
    for notebook, event in _last_ends(events, as_of).items():
        if notebook not in lines or event.type == "run.finished":
            continue
        if event.as_of + _TOLD_FOR < as_of:
            continue
        slot = Slot(event.as_of, system_id, notebook)
        yield Concern(
            system=system_id, kind="failed", about=notebook, severity="ticket", since=event.as_of,
            why=f"the last run of {notebook}, as of {iso_utc(event.as_of)}, {_ended(event)}; what "
            "it measures is not known since",
            remedy=_remedy(slot, often.get(slot, 0)),
            owner=ownership.accountable if ownership is not None else None,
            route=lines[notebook].alert_route,
        )  # fmt: skip


def _last_ends(events: Iterable[LedgerEvent], as_of: datetime) -> dict[str, LedgerEvent]:
    """How the last run of each notebook ended, in the order of the ledger.

    What somebody interrupted says nothing, nor does a run that only repeats another.
    """
    return {
        str(event.data["notebook"]): event
        for event in events
        if event.type in _ENDS and event.as_of <= as_of and "notebook" in event.data
        and event.data.get("reason") != "interrupted" and not event.data.get("reproduces")
    }  # fmt: skip


def _ended(event: LedgerEvent) -> str:
    """What the ledger says of how a run ended; it holds no values of a log."""
    data = event.data
    if event.type == "run.abandoned":
        return "was abandoned: its process died"
    reason = str(data.get("reason") or "error").replace("_", " ")
    cell = f" in cell {data['cell']}" if data.get("cell") is not None else ""
    said = ": ".join(str(data[key]) for key in ("error", "message") if data.get(key))
    return f"failed ({reason}{cell}){f': {said}' if said else ''}"


def _remedy(slot: Slot, often: int) -> str:
    about = "" if slot.system == PORTFOLIO else f" {slot.system}"
    by_hand = f"`ops-model run {slot.notebook}{about} --as-of {iso_utc(slot.as_of)}`"
    if often < MOST_ATTEMPTS:
        return f"mend what it says; the next `ops-model run --due` tries again, or {by_hand}"
    failures = counted(often, "failure")
    return f"mend what it says, then {by_hand}: after {failures} it is tried once a day only"
