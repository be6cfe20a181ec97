"""Load checks by path: ours and the user's come through this one door.

Every `*.py` of a check folder is read in name order, except names that begin with `_`. A file that
does not import stops the load, and nothing is ever skipped or shadowed.
"""

import sys
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType

from ops_model.check.api import ID_PATTERN, Check
from ops_model.check.thresholds import problem_of_signature
from ops_model.domain.frameworks import Register
from ops_model.domain.values import Where
from ops_model.errors import CatalogueError, Problem


@dataclass(frozen=True)
class Catalogue:
    """All checks that are judged, by id, the place that each came from, and the frameworks."""

    checks: tuple[Check, ...]
    origins: Mapping[str, Where] = field(default_factory=dict)
    register: Register = field(default_factory=Register)

    def check(self, check_id: str) -> Check | None:
        """The check of this id, or None."""
        return next((c for c in self.checks if c.id == check_id), None)


@dataclass(frozen=True)
class _Found:
    check: Check
    file: Path
    where: Where


class _FreshSource(SourceFileLoader):
    """Compiles what stands in the file now, and writes no bytecode beside a user's files."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def load_catalogue(folders: Sequence[Path]) -> Catalogue:
    """Every check in these folders.

    Raises:
        CatalogueError: a file does not import; an id exists twice or has the wrong form; an area
            is not its file's name; a threshold has no type or default; or there is no check.
    """
    found: list[_Found] = []
    problems: list[Problem] = []
    for folder, package in _packages(folders):
        for file in sorted(folder.glob("*.py")):
            if file.name.startswith("_"):
                continue
            try:
                found += _checks_in(_imported(file, f"{package}.{file.stem}"), file)
            # A check file is foreign code: one that calls `sys.exit(0)` must not end this with 0.
            except (Exception, SystemExit) as error:  # noqa: BLE001 - see above
                problems.append(_import_problem(file, error))
    problems += [problem for f in found for problem in _problems_of(f)]
    problems += _duplicates(found)
    if not found and not problems:
        problems.append(
            Problem(
                "there is no check in these folders",
                ", ".join(_short(folder) for folder in folders),
                "put a check file there, or reinstall ops-model if it lost its own",
            )
        )
    if problems:
        raise CatalogueError(problems=problems)
    ordered = sorted(found, key=lambda f: f.check.id)
    return Catalogue(tuple(f.check for f in ordered), {f.check.id: f.where for f in ordered})


def _packages(folders: Sequence[Path]) -> list[tuple[Path, str]]:
    """A module prefix for each folder; a second folder of the same name gets a number."""
    seen: Counter[str] = Counter()
    named = []
    for folder in dict.fromkeys(folder.resolve() for folder in folders):
        seen[folder.name] += 1
        number = f"_{seen[folder.name]}" if seen[folder.name] > 1 else ""
        named.append((folder, f"ops_model_checks.{folder.name}{number}"))
    return named


def _imported(file: Path, name: str) -> ModuleType:
    spec = spec_from_loader(name, _FreshSource(name, str(file)))
    if spec is None or spec.loader is None:  # only for typing: a loader was given
        raise ImportError(name)
    module = module_from_spec(spec)
    # Before it runs: a dataclass with postponed annotations looks its own module up.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _checks_in(module: ModuleType, file: Path) -> list[_Found]:
    unique = {id(v): v for v in vars(module).values() if isinstance(v, Check)}
    return [
        _Found(check, file, Where(path=_short(file), line=check.function.__code__.co_firstlineno))
        for check in unique.values()
    ]


def _short(path: Path) -> str:
    """The last two parts of a path: a report names no folder of the machine that wrote it."""
    return "/".join(path.parts[-2:])


def _import_problem(file: Path, error: BaseException) -> Problem:
    lines = [
        f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(file)
    ]
    line = error.lineno if isinstance(error, SyntaxError) else next(reversed(lines), None)
    return Problem(
        f"does not import: {type(error).__name__}: {error}",
        str(Where(path=_short(file), line=line)),
        "mend the file or take it out of the folder; a check file is never skipped",
    )


def _problems_of(found: _Found) -> list[Problem]:
    check, where = found.check, str(found.where)
    problems = []
    if not ID_PATTERN.match(check.id):
        problems.append(
            Problem(
                f"the id {check.id!r} has the wrong form; expected letters, a hyphen, two digits",
                where,
                "write it as RBK-02",
            )
        )
    if check.area != _area_of(found.file):
        problems.append(
            Problem(
                f"{check.id} says area {check.area!r}, but its file is {_short(found.file)}",
                where,
                f"move it to {check.area}.py, or write area={_area_of(found.file)!r}",
            )
        )
    if wrong := problem_of_signature(check):
        problems.append(Problem(f"{check.id}: {wrong}", where, "correct the function's arguments"))
    return problems


def _area_of(file: Path) -> str:
    """A file is an area, or a part of one: `decisions.py`, `decisions_review.py`."""
    return file.stem.partition("_")[0]


def _duplicates(found: Sequence[_Found]) -> list[Problem]:
    first: dict[str, _Found] = {}
    problems = []
    for f in found:
        if f.check.id in first:
            problems.append(
                Problem(
                    f"the id {f.check.id} exists twice, at {first[f.check.id].where} and here",
                    str(f.where),
                    "give one of them an id of its own; nobody can shadow a check",
                )
            )
        first.setdefault(f.check.id, f)
    return problems
