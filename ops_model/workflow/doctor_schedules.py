"""What `ops-model doctor` says of schedules: what is next, what is late, and who calls them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from ops_model.domain.awaited import next_slot
from ops_model.domain.evidence import LedgerEvent
from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.schedules import Schedule
from ops_model.domain.values import iso_utc
from ops_model.workflow.begun import beginnings, first_seen
from ops_model.workflow.doctor_lines import Line, State
from ops_model.workflow.slots import Standing, arrived, run_together, standings

_RUN = "run what is due: ops-model run --due"


def schedule_lines(
    root: Path, model: OperatingModel, events: Sequence[LedgerEvent], *, as_of: datetime
) -> Iterator[Line]:
    """Each line of the schedules, its faults, and who calls them."""
    from ops_model.workflow.schedule_faults import WRITE_ONE, schedule_faults, sound_schedules

    faults = schedule_faults(root, model)
    for notebook, problems in faults.items():
        for problem in problems:
            told = f"{problem.where}: {problem.message}" if problem.where else problem.message
            yield Line("schedules", notebook, "problem", told, problem.remedy)
    sound = sound_schedules(model, faults)
    there = arrived(events)
    found = standings(
        sound, there, as_of=as_of, about_all=run_together(root, sound),
        begun=beginnings(sound, first_seen(events), as_of=as_of),
    )  # fmt: skip
    ever = {slot.notebook for slot in there}
    for line in sound.settings.schedules:
        mine = [one for one in found if one.slot.notebook == line.notebook]
        yield _line(line, model.settings.zone, mine, as_of, sealed=line.notebook in ever)
    if not model.settings.schedules:
        yield Line("schedules", "lines", "absent", "none: nothing is due by itself", WRITE_ONE)
    elif model.settings.as_of is None:
        yield calls_line(found, events)


def _line(
    line: Schedule, zone: str, mine: Sequence[Standing], as_of: datetime, *, sealed: bool
) -> Line:
    late = [one for one in mine if one.state == "overdue"]
    owed = [one for one in mine if one.state == "owed"]
    said = f"next {iso_utc(next_slot(line, zone, after=as_of))}"
    if owed:
        said += f", {len(owed)} owed"
    if mine and not sealed:
        said += ", nothing was ever sealed"
    if not late:
        state: State = "ok" if sealed or not mine else "warning"
        return Line("schedules", line.notebook, state, said, _RUN if state != "ok" else "")
    systems = ", ".join(dict.fromkeys(one.slot.system for one in late))
    return Line(
        "schedules", line.notebook, "warning",
        f"{said}, {len(late)} OVERDUE since {iso_utc(late[0].due_by)} ({systems})",
        _RUN,
    )  # fmt: skip


def calls_line(found: Sequence[Standing], events: Sequence[LedgerEvent]) -> Line:
    """Whether somebody began a scheduled run since the first one that is missing was due."""
    late = [one for one in found if one.state == "overdue"]
    notebooks = {one.slot.notebook for one in found}
    begun = [
        event for event in events
        if event.type == "run.started" and str(event.data.get("notebook")) in notebooks
    ]  # fmt: skip
    latest = max((event.recorded_at for event in begun), default=None)
    state: State = "ok"
    if late and (latest is None or latest < max(one.slot.as_of for one in late)):
        state = "warning"
    when = f"the latest scheduled run began {iso_utc(latest)}" if latest else "none ever began"
    if state == "ok":
        return Line("schedules", "calls", "ok", when if latest else "nothing is late")
    return Line(
        "schedules", "calls", "warning", f"nobody seems to call `ops-model run --due`: {when}",
        "give what calls it: ops-model schedule --as cron (or systemd, github, airflow)",
    )  # fmt: skip
