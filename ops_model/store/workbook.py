"""A workbook on disk, read into one frozen operating model, or refused with every problem.

Reading is bounded and builds no object that a file asks for: see `yaml_nodes`. The schema decides
what each text means; an id that names nothing is no problem here but a finding (OM-06).
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from ops_model.domain.incidents import Incident
from ops_model.domain.operating_model import (
    AREA_FILES,
    INCIDENTS_FOLDER,
    OperatingModel,
    SystemClaims,
)
from ops_model.domain.people import People
from ops_model.domain.policy import Policy
from ops_model.domain.portfolio import Portfolio
from ops_model.domain.portfolio_status import PORTFOLIO
from ops_model.domain.scalars import Slug
from ops_model.domain.scenarios import Scenario
from ops_model.domain.values import Claim
from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import Problem, WorkbookError
from ops_model.store.claim_file import read_claim
from ops_model.store.explain import nearest
from ops_model.store.named_files import not_there
from ops_model.store.signers import read_signers
from ops_model.store.sound_part import Broken, SoundPart

SETTINGS_FILE = "ops-model.yaml"
PEOPLE_FILE = "people.yaml"
POLICY_FILE = "policy.yaml"
PORTFOLIO_FILE = "portfolio.yaml"
SYSTEMS_FOLDER = "systems"
SCENARIOS_FOLDER = "scenarios"
RESERVED_IDS = frozenset({"portfolio"})
"""The portfolio's runs lie where a system of this id would have its own."""

_ROOT_FILES = (SETTINGS_FILE, PEOPLE_FILE, POLICY_FILE, PORTFOLIO_FILE)
_AREA_FILES = tuple(file for file, _ in AREA_FILES.values())
_YAML_SUFFIXES = frozenset({".yaml", ".yml"})
_SLUG: TypeAdapter[str] = TypeAdapter(Slug)

V = TypeVar("V", bound=Claim)
N = TypeVar("N", Incident, Scenario)


def read_workbook(root: Path) -> OperatingModel:
    """Everything that the workbook in folder `root` claims.

    Returns:
        The model; each object knows its file (relative to `root`) and line.

    Raises:
        WorkbookError: one or more files are no valid object, are missing, or have a name that
            would be silently ignored; holds all problems of all files.
    """
    reader = _Reader(root.resolve())
    with _without_collector():
        model = reader.read()
    if model is None or reader.problems:
        raise WorkbookError(problems=reader.problems)
    return model


def read_sound_part(root: Path) -> SoundPart:
    """What can be read of the workbook in folder `root`: one broken system stops no other.

    Raises:
        WorkbookError: what all systems share is not valid, such as `people.yaml`; holds all
            problems of all files.
    """
    reader = _Reader(root.resolve())
    with _without_collector():
        model = reader.read()
    apart = {problem for one in reader.broken.values() for problem in one.problems}
    if model is None or not apart.issuperset(reader.problems):
        raise WorkbookError(problems=reader.problems)
    sound = tuple(system for system in model.systems if system.id not in reader.broken)
    return SoundPart(model.model_copy(update={"systems": sound}), reader.broken)


def read_for(root: Path, system_id: str) -> OperatingModel:
    """The workbook in folder `root` as one system needs it; others that are broken are left out.

    Whoever is called in the night does not wait until a colleague has mended another file.

    Raises:
        WorkbookError: this system, or what all systems share, is not valid; holds all that is
            wrong with it.
    """
    sound = read_sound_part(root)
    sound.require(system_id)
    names = sound.broken.get(PORTFOLIO)
    if names is not None and all(system.id != system_id for system in sound.model.systems):
        raise WorkbookError(problems=names.problems)  # its folder may be one of those
    return sound.model


@contextmanager
def _without_collector() -> Iterator[None]:
    """Claims form no circles; to look for some takes a quarter of the time of reading."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            # Frozen and thawed, what was read counts as old at once; else the next collection
            # would walk through all of it, for a tenth of the time of reading.
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()


class _Reader:
    """Reads file after file and collects what is wrong with any of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.broken: dict[str, Broken] = {}

    def read(self) -> OperatingModel | None:
        if not os.path.lexists(self.root / SETTINGS_FILE):
            self._note(
                f"there is no {SETTINGS_FILE}; expected the folder of a workbook",
                str(self.root),
                "name the folder of a workbook, or start one with `ops-model init`",
            )
            return None
        settings = self._required(SETTINGS_FILE, WorkbookSettings)
        people = self._required(PEOPLE_FILE, People)
        policy = self._optional(POLICY_FILE, Policy) or Policy()
        portfolio = self._optional(PORTFOLIO_FILE, Portfolio)
        self._refuse_near_names()
        systems = [s for folder in self._system_folders() if (s := self._system(folder))]
        scenarios = self._named_files(self.root / SCENARIOS_FOLDER, SCENARIOS_FOLDER, Scenario)
        signers, problems = read_signers(self.root, people, settings.zone if settings else "UTC")
        self.problems += problems
        if settings is None or people is None:
            return None
        return OperatingModel(
            settings=settings,
            people=people,
            policy=policy,
            portfolio=portfolio,
            signers=signers,
            systems=tuple(systems),
            scenarios=scenarios,
        )

    def _note(self, message: str, where: str, remedy: str) -> None:
        self.problems.append(Problem(message, where, remedy))

    def _required(self, path: str, model: type[V]) -> V | None:
        value = self._optional(path, model)
        if value is None and not os.path.lexists(f"{self.root}/{path}"):
            self._note("is missing; expected this file", path, f"write {path}")
        return value

    def _optional(self, path: str, model: type[V]) -> V | None:
        if not os.path.lexists(f"{self.root}/{path}"):
            return None
        value, problems = read_claim(self.root, path, model)
        self.problems += problems
        return value

    def _system_folders(self) -> list[Path]:
        """The folders of systems in order of name; whatever else lies there is noted."""
        parent = self.root / SYSTEMS_FOLDER
        entries = self._entries(parent, SYSTEMS_FOLDER) if os.path.lexists(parent) else []
        folders, begun = [], len(self.problems)
        for entry in entries:
            if entry.is_dir():
                folders.append(entry)
            elif entry.suffix.lower() in _YAML_SUFFIXES:
                self._note(
                    "is a file; expected one folder for each system",
                    f"{SYSTEMS_FOLDER}/{_visible(entry.name)}",
                    "make a folder of the system's name, and move it there as system.yaml",
                )
        proper = [f for f in folders if self._has_a_proper_name(f) and self._lies_below(f)]
        self._set_apart(PORTFOLIO, begun)
        return proper

    def _set_apart(self, system_id: str, begun: int, accountable: str | None = None) -> None:
        """Remember whose the problems are that were noted since there were `begun`."""
        if mine := tuple(self.problems[begun:]):
            self.broken[system_id] = Broken(mine, accountable)

    def _has_a_proper_name(self, folder: Path) -> bool:
        place = f"{SYSTEMS_FOLDER}/{_visible(folder.name)}"
        try:
            _SLUG.validate_python(folder.name)
        except ValidationError:
            self._note(
                "is no id; expected lowercase letters, digits and hyphens, at most 63",
                place,
                "rename the folder",
            )
            return False
        if folder.name in RESERVED_IDS:
            self._note("is a reserved id; expected another", place, "rename the folder")
            return False
        return True

    def _lies_below(self, folder: Path) -> bool:
        below = folder.resolve().is_relative_to(self.root)
        if not below:
            self._note(
                "is a link that leaves the workbook; expected a folder below it",
                f"{SYSTEMS_FOLDER}/{folder.name}",
                "copy the folder into the workbook",
            )
        return below

    def _system(self, folder: Path) -> SystemClaims | None:
        prefix, begun = f"{SYSTEMS_FOLDER}/{folder.name}", len(self.problems)
        areas: dict[str, Any] = {
            attribute: (self._required if attribute == "identity" else self._optional)(
                f"{prefix}/{file}", model
            )
            for attribute, (file, model) in AREA_FILES.items()
        }
        self._refuse_unknown_files(folder, prefix)
        incidents = self._named_files(
            folder / INCIDENTS_FOLDER, f"{prefix}/{INCIDENTS_FOLDER}", Incident
        )
        owned = areas["ownership"]
        self._set_apart(folder.name, begun, owned.accountable if owned is not None else None)
        if areas["identity"] is None:
            return None
        told = {"incidents": incidents, "not_there": not_there(self.root, areas)}
        return SystemClaims.model_validate({"id": folder.name, **areas, **told})

    def _named_files(self, folder: Path, place: str, model: type[N]) -> tuple[N, ...]:
        """The objects of a folder in order of name; each file has the name of its id."""
        if not os.path.lexists(folder):
            return ()
        found = []
        for name in self._yaml_names(folder, place):
            value = self._optional(f"{place}/{name}", model)
            if value is not None and name != f"{value.id}.yaml":
                self._note(
                    f"has id {value.id}; expected the name of the file, {Path(name).stem}",
                    str(value.place_of("id")),
                    f"write `id: {Path(name).stem}`, or rename the file to {value.id}.yaml",
                )
            elif value is not None:
                found.append(value)
        return tuple(found)

    def _refuse_unknown_files(self, folder: Path, prefix: str) -> None:
        for name in self._yaml_names(folder, prefix):
            if name not in _AREA_FILES:
                close = _nearest_file(name, _AREA_FILES, cutoff=0.6)
                self._note(
                    f"is no file of a system; expected {', '.join(_AREA_FILES)}",
                    f"{prefix}/{_visible(name)}",
                    f"did you mean {close}?" if close else "remove it, or keep it elsewhere",
                )

    def _refuse_near_names(self) -> None:
        """A misspelled file would be ignored in silence; the files of other tools are theirs."""
        for name in self._yaml_names(self.root, "."):
            close = _nearest_file(name, _ROOT_FILES, cutoff=0.8)
            if name not in _ROOT_FILES and close:
                message = f"is no file of a workbook; expected {close}"
                self._note(message, _visible(name), f"rename it to {close}, or move it elsewhere")

    def _yaml_names(self, folder: Path, place: str) -> list[str]:
        return [
            entry.name
            for entry in self._entries(folder, place)
            if entry.suffix.lower() in _YAML_SUFFIXES
        ]

    def _entries(self, folder: Path, place: str) -> list[Path]:
        try:
            return sorted(e for e in folder.iterdir() if not _hidden(e.name))
        except OSError as error:
            self._note(f"cannot be listed: {error.strerror}", place, "make it a readable folder")
            return []


def _nearest_file(name: str, known: tuple[str, ...], *, cutoff: float) -> str:
    stems = {Path(file).stem: file for file in known}
    return stems.get(nearest(Path(name).stem, list(stems), cutoff=cutoff), "")


def _hidden(name: str) -> bool:
    """True for what editors and git leave behind; `..x` is nobody's."""
    return name.startswith(".") and not name.startswith("..")


def _visible(name: str) -> str:
    """A file's name as text that can be printed anywhere."""
    return name if name.isprintable() else ascii(name)
