"""What stands in the way of running: the machine, the packages, the workbook, its routes.

Everything is looked at, whatever the look before found; nothing is changed, sent or repeated that
is secret. A problem stops something; a warning may, or will later.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import OpsModelError, Problem, WorkbookError
from ops_model.workflow.doctor_lines import Line, looked
from ops_model.workflow.doctor_machine import machine_lines
from ops_model.workflow.doctor_packages import package_lines
from ops_model.workflow.doctor_waivers import waiver_lines

KERNEL_SECONDS = 20.0
_SHOWN = 3


def examine(
    root: Path | None, *, now: datetime, variables: Mapping[str, str], kernel: bool
) -> Iterator[Line]:
    """Everything that is found, line by line.

    Args:
        root: the workbook's folder; None looks at the machine and the packages alone.
        now: the wall clock.
        variables: the environment, in which addresses stand.
        kernel: also start one, which takes some seconds.
    """
    yield from machine_lines(root)
    yield from package_lines()
    if kernel:
        yield from looked("packages", "kernel", _kernel)
    if root is not None:
        yield from _workbook(root, now, variables)


def _kernel() -> Iterator[Line]:
    from ops_model.notebook.first_kernel import kernel_problem

    if why := kernel_problem(seconds=KERNEL_SECONDS):
        remedy = "see that this machine is not overloaded; else install ipykernel anew"
        yield Line("packages", "kernel", "problem", f"none starts: {why}", remedy)
    else:
        yield Line("packages", "kernel", "ok", "one started, answered and ended")


def _workbook(root: Path, now: datetime, variables: Mapping[str, str]) -> Iterator[Line]:
    from ops_model.workflow.doctor_ledger import bundle_lines, events_of, ledger_lines
    from ops_model.workflow.doctor_left import left_lines
    from ops_model.workflow.doctor_routes import route_lines

    model, lines = _model(root)
    yield from lines
    settings = model.settings if model is not None else _settings(root)
    if settings is None:
        return
    as_of = settings.as_of or now
    ledger = tuple(looked("workbook", "ledger", lambda: ledger_lines(root, settings, now=now)))
    yield from ledger
    # A database that does not answer is waited for once.
    reached = all(line.name != "ledger" or line.state != "problem" for line in ledger)
    events = events_of(root, settings) if reached else ()
    yield from looked("workbook", "bundles", lambda: bundle_lines(root, events))
    yield from left_lines(root, model)
    if model is not None:
        from ops_model.workflow.doctor_reads import read_lines

        yield from read_lines(root, settings, model)
    yield from route_lines(settings, model, variables=variables, as_of=as_of)
    if model is not None:
        from ops_model.workflow.doctor_schedules import schedule_lines

        book = model
        yield from looked(
            "schedules", "lines", lambda: schedule_lines(root, book, events, as_of=as_of)
        )


def _model(root: Path) -> tuple[OperatingModel | None, tuple[Line, ...]]:
    """The claims of each system whose files are valid; and what is said of the others."""
    from ops_model.store.workbook import read_sound_part

    try:
        sound = read_sound_part(root)
    except WorkbookError as error:
        return None, (_mistakes(error.problems),)
    model, waivers = sound.model, tuple(waiver_lines(sound))
    if sound.problems:
        return model, (_mistakes(sound.problems), *waivers)
    many = len(model.systems)
    said = f"{many} {'system' if many == 1 else 'systems'}, every file is valid"
    replay = f"; a replay as of {model.settings.as_of:%Y-%m-%d}" if model.settings.as_of else ""
    return model, (Line("workbook", "files", "ok", f"{said}{replay}"), *waivers)


def _mistakes(problems: Sequence[Problem]) -> Line:
    first = "; ".join(f"{p.where}: {p.message}" for p in problems[:_SHOWN])
    many = len(problems)
    more = f"; and {many - _SHOWN} more" if many > _SHOWN else ""
    said = f"{many} {'mistake' if many == 1 else 'mistakes'}: {first}{more}"
    remedy = "mend the files; ops-model check SYSTEM tells all of it"
    return Line("workbook", "files", "problem", said, remedy)


def _settings(root: Path) -> WorkbookSettings | None:
    from ops_model.workflow.ledgers import settings_of

    try:
        return settings_of(root)
    except OpsModelError:
        return None  # what is wrong with it was told with the other files
