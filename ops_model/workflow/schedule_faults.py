"""Schedules that cannot be kept: what names nothing, and what only a person can perform."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from ops_model.domain.operating_model import OperatingModel
from ops_model.domain.schedules import Schedule
from ops_model.errors import OpsModelError, Problem, UsageError
from ops_model.notebook.find import notebooks
from ops_model.workflow.run_about import about_all, about_one_thing, performed_by_somebody

WRITE_ONE = "write one: schedules: [{notebook: 07_weekly_ops_report, cron: '0 6 * * 1'}]"


def no_schedules() -> UsageError:
    """What is said where somebody asks for schedules and there is no line of them."""
    return UsageError(
        "no line says when a notebook is due, so nothing ever will be",
        where="ops-model.yaml", remedy=WRITE_ONE,
    )  # fmt: skip


def schedule_faults(root: Path, model: OperatingModel) -> Mapping[str, tuple[Problem, ...]]:
    """What is wrong with schedules, by the notebook of the line; a sound line is not in it.

    A line with a fault is not run by itself and stops no other.
    """
    known = notebooks(root) if model.settings.schedules else {}
    found = {
        line.notebook: (*_of_notebook(line, known), *_of_systems(line, root, model))
        for line in model.settings.schedules
    }
    return {notebook: problems for notebook, problems in found.items() if problems}


def sound_schedules(model: OperatingModel, faults: Mapping[str, object]) -> OperatingModel:
    """The workbook with the lines alone that can be kept."""
    sound = tuple(line for line in model.settings.schedules if line.notebook not in faults)
    settings = model.settings.model_copy(update={"schedules": sound})
    return model.model_copy(update={"settings": settings})


def _of_notebook(line: Schedule, known: Mapping[str, Path]) -> Iterator[Problem]:
    where = str(line.place_of("notebook"))
    if (path := known.get(line.notebook)) is None:
        near = get_close_matches(line.notebook, known, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"there are: {', '.join(sorted(known))}"
        yield Problem(f"there is no notebook {line.notebook}", where, remedy)
        return
    try:
        yield from _of_parameters(line, path)
    except OpsModelError as error:
        yield from error.problems


def _of_parameters(line: Schedule, path: Path) -> Iterator[Problem]:
    where = str(line.place_of("notebook"))
    if thing := about_one_thing(path):
        yield Problem(
            f"{line.notebook} is about one {thing}, so no schedule can say about which",
            where,
            f"take the line out; ops-model run {line.notebook} SYSTEM -p {thing}=ID runs it",
        )
    elif performed_by_somebody(path, {}):
        yield Problem(
            f"{line.notebook} is performed by somebody, so no schedule can run it",
            where,
            "take the line out; put the drill into the calendar of whoever performs it",
        )
    elif line.systems and about_all(path):
        yield Problem(
            f"{line.notebook} is about all systems together; got {', '.join(line.systems)}",
            str(line.place_of("systems")),
            "take `systems` out of the line",
        )


def _of_systems(line: Schedule, root: Path, model: OperatingModel) -> Iterator[Problem]:
    known = [system.id for system in model.systems]
    for name in line.systems:
        # One that is there and cannot be read is told with what is wrong with it.
        if name not in known and not (root / "systems" / name).is_dir():
            near = get_close_matches(name, known, n=1)
            yield Problem(
                f"there is no system {name}",
                str(line.place_of("systems")),
                f"did you mean {near[0]}?" if near else "take it out, or write its system.yaml",
            )
