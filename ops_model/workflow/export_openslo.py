"""Objectives as OpenSLO v1: what others read of ours, and what we take over of theirs."""

from dataclasses import dataclass
from pathlib import Path

from ops_model.domain.operating_model import AREA_FILES, OperatingModel, SystemClaims
from ops_model.domain.service_levels import Objective, ServiceLevels
from ops_model.errors import Problem, WorkbookError
from ops_model.store.claim_file import text_of
from ops_model.store.openslo import read_openslo
from ops_model.store.openslo_write import write_openslo
from ops_model.store.yaml_text import to_yaml


@dataclass(frozen=True)
class TakenOver:
    """The objectives of a file, and what of it is left out, each with its line."""

    objectives: tuple[Objective, ...]
    left_out: tuple[Problem, ...]

    def yaml(self) -> str:
        """The key `objectives` of `service_levels.yaml`."""
        return to_yaml(ServiceLevels(objectives=self.objectives))


def openslo_of(model: OperatingModel, system: SystemClaims) -> tuple[str, tuple[str, ...]]:
    """The objectives of a system as OpenSLO documents, and what it has no place for.

    Raises:
        WorkbookError: the system has no objective, or one that OpenSLO cannot say.
    """
    levels = system.service_levels
    if levels is None or not levels.objectives:
        where = system.missing_file("service_levels") if levels is None else levels.where
        raise WorkbookError(
            "declares no objective, so there is nothing to export",
            where=str(where),
            remedy="write one under `objectives:`, with a target below 1 and a window",
        )
    held = {"agreements": levels.agreements, "capacity": levels.capacity}
    left_out = tuple(key for key, value in held.items() if value)
    zone = model.settings.zone
    return write_openslo(levels.objectives, service=system.id, zone=zone), left_out


def take_over(model: OperatingModel, file: Path) -> TakenOver:
    """The objectives that an OpenSLO file says, in our words; nothing is saved.

    Raises:
        WorkbookError: with all that is wrong with the file, or that we cannot say.
    """
    text, problems = text_of(file.resolve().parent, file.name)
    if problems:
        raise WorkbookError(problems=problems)
    found = read_openslo(text, file.name, zone=model.settings.zone)
    return TakenOver(found.objectives, found.left_out)


def save_objectives(root: Path, system: SystemClaims, taken: TakenOver) -> str:
    """Write the objectives into `service_levels.yaml`, in place of those there.

    Comments, and what the file says about all else, stay.

    Returns:
        The file, relative to `root`.

    Raises:
        WorkbookError: the file cannot be changed in place, or would be no valid object.
    """
    from ops_model.store.save import save_answer
    from ops_model.store.yaml_text import tree_of

    path = f"systems/{system.id}/{AREA_FILES['service_levels'][0]}"
    save_answer(root, path, "objectives", tree_of(taken.objectives), model=ServiceLevels)
    return path
