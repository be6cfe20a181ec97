"""Load checks by path: ours and the user's come through this one door.

Every `*.py` of a check folder is read in name order, except names that begin with `_`. A file that
does not import stops the load, and nothing is ever skipped or shadowed.
"""

import inspect
import re
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType

from ops_model.check.question import ID_PATTERN, Check
from ops_model.check.thresholds import problem_of_signature
from ops_model.domain.frameworks import Register
from ops_model.domain.policy import DEFAULT_MINIMUM_GRADES
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
        self.code = self.source_to_code(self.get_data(self.path), self.path)
        return self.code


def load_catalogue(
    folders: Sequence[Path], *, before: Callable[[Path], object] = lambda _: None
) -> Catalogue:
    """Every check in these folders.

    Args:
        folders: where check files lie.
        before: is told of each file before it is read.

    Raises:
        CatalogueError: a file does not import; an id exists twice or has the wrong form; an area
            is not its file's name; a threshold has no type or default; or there is no check.
    """
    found: list[_Found] = []
    problems: list[Problem] = []
    for folder, package in _packages(folders):
        for file in check_files(folder):
            before(file)
            try:
                module, code = _imported(file, f"{package}.{file.stem}")
                found += _checks_in(module, file)
                problems += _lost(module, code, file)
            # A check file is foreign code: one that calls `sys.exit(0)` must not end this with 0.
            except (Exception, SystemExit) as error:  # noqa: BLE001 - see above
                problems.append(_import_problem(file, error))
    problems += [problem for f in found for problem in _problems_of(f)]
    problems += _duplicates(found)
    if not found and not problems:
        problems.append(
            Problem(
                "there is no check in these folders",
                ", ".join(short_path(folder) for folder in folders),
                "put a check file there, or reinstall ops-model if it lost its own",
            )
        )
    if problems:
        raise CatalogueError(problems=problems)
    ordered = sorted(found, key=lambda f: f.check.id)
    return Catalogue(tuple(f.check for f in ordered), {f.check.id: f.where for f in ordered})


def check_files(folder: Path) -> list[Path]:
    """The files of a folder that hold checks, in the order of their names."""
    return sorted(f for f in folder.glob("*.py") if not f.name.startswith("_"))


def joined(ours: Catalogue, own: Sequence[tuple[Check, Where]]) -> Catalogue:
    """Our checks and a user's own, which keep their prefixes apart.

    Raises:
        CatalogueError: a user's check has an id under one of our prefixes, or one exists twice.
    """
    first: dict[str, Where] = {}
    problems = []
    for check, where in own:
        if check.group in DEFAULT_MINIMUM_GRADES:
            problems.append(_under_our_prefix(ours, check, where))
        elif check.id in first:
            problems.append(_twice(check.id, first[check.id], where))
        first.setdefault(check.id, where)
    if problems:
        raise CatalogueError(problems=problems)
    checks = sorted((*ours.checks, *(check for check, _ in own)), key=lambda check: check.id)
    return replace(ours, checks=tuple(checks), origins={**ours.origins, **first})


def _under_our_prefix(ours: Catalogue, check: Check, where: Where) -> Problem:
    same = ours.check(check.id) or next((c for c in ours.checks if c.group == check.group), None)
    beside = f" such as {same.id} at {ours.origins[same.id]}" if same is not None else ""
    return Problem(
        f"the id {check.id} has the prefix {check.group}, which is that of checks that come with "
        f"ops-model{beside}",
        str(where),
        "give it a prefix of your own, such as ACME-01; nobody can shadow a check",
    )


def _packages(folders: Sequence[Path]) -> list[tuple[Path, str]]:
    """A module prefix for each folder; a second folder of the same name gets a number."""
    seen: Counter[str] = Counter()
    named = []
    for folder in dict.fromkeys(folder.resolve() for folder in folders):
        seen[folder.name] += 1
        number = f"_{seen[folder.name]}" if seen[folder.name] > 1 else ""
        named.append((folder, f"ops_model_checks.{folder.name}{number}"))
    return named


def _imported(file: Path, name: str) -> tuple[ModuleType, CodeType]:
    source = _FreshSource(name, str(file))
    spec = spec_from_loader(name, source)
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
    return module, source.code


def _lost(module: ModuleType, code: CodeType, file: Path) -> list[Problem]:
    """A check whose function is defined again below it is lost, and must not be in silence."""
    places: dict[str, list[str]] = {}
    for part in code.co_consts:
        if isinstance(part, CodeType):
            place = str(Where(path=short_path(file), line=part.co_firstlineno))
            places.setdefault(part.co_name, []).append(place)
    return [
        Problem(
            f"the function {name} is defined twice, at {found[0]} and here; the first is lost",
            found[1],
            "give each check a name of its own",
        )
        for name, found in places.items()
        if len(found) > 1 and isinstance(vars(module).get(name), Check)
    ]


def _checks_in(module: ModuleType, file: Path) -> list[_Found]:
    unique = {id(v): v for v in vars(module).values() if isinstance(v, Check)}
    return [
        _Found(check, file, Where(path=short_path(file), line=code_of(check).co_firstlineno))
        for check in unique.values()
    ]


def code_of(check: Check) -> CodeType:
    """The code behind a check, whatever it was wrapped in.

    Raises:
        TypeError: it is no function.
    """
    code = getattr(inspect.unwrap(check.function), "__code__", None)
    if not isinstance(code, CodeType):
        msg = f"{check.id} is answered by a {type(check.function).__name__}, not by a function"
        raise TypeError(msg)
    return code


def short_path(path: Path) -> str:
    """The last two parts of a path: a report names no folder of the machine that wrote it."""
    return "/".join(path.parts[-2:])


def _import_problem(file: Path, error: BaseException) -> Problem:
    lines = [
        f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(file)
    ]
    line = error.lineno if isinstance(error, SyntaxError) else next(reversed(lines), None)
    return Problem(
        f"does not import: {type(error).__name__}: {_without_folders(file, str(error))}",
        str(Where(path=short_path(file), line=line)),
        "mend the file or take it out of the folder; a check file is never skipped",
    )


def _without_folders(file: Path, text: str) -> str:
    """A fault of Python's own, its paths cut as ours are."""
    text = text.replace(f"{file.parent.parent}/", "")
    return _LONG_PATH.sub(lambda found: short_path(Path(found[0])), text)


_LONG_PATH = re.compile(r"(?<![\w./])/[^\s'\":,;()]+/[^\s'\":,;()]+/[^\s'\":,;()]+")


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
                f"{check.id} says area {check.area!r}, but its file is {short_path(found.file)}",
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
            problems.append(_twice(f.check.id, first[f.check.id].where, f.where))
        first.setdefault(f.check.id, f)
    return problems


def _twice(check_id: str, one: Where, other: Where) -> Problem:
    return Problem(
        f"the id {check_id} exists twice, at {one} and here",
        str(other),
        "give one of them an id of its own; nobody can shadow a check",
    )
