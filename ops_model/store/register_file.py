"""The register of frameworks in a check folder: one file of YAML and two lists.

`frameworks.yaml` holds the frameworks with their status changes, `control_ids.csv` the controls
that there are, `controls.csv` which checks speak of which control. A folder may have none of them.
What stands in them is data of somebody else's: every row that is wrong is a problem, and none
stops the reading of the others, or hides what else is wrong with it.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from ops_model.domain.frameworks import Control, ControlMapping, Framework, Register, Unread
from ops_model.domain.texts import hidden_in
from ops_model.domain.values import Claim, Located, Where
from ops_model.errors import Problem
from ops_model.store.claim_file import build, read_claim_text, text_of
from ops_model.store.yaml_nodes import read_tree, shown

FRAMEWORKS, CONTROL_IDS, CONTROLS = "frameworks.yaml", "control_ids.csv", "controls.csv"
_LISTS = frozenset({"kinds", "roles", "risk_classes", "jurisdictions", "sectors"})
"""Columns that hold several words, with a blank between them."""
_NAMES = frozenset({"key", "framework", "id", "group", "control"})
"""What others name a row by, or what it names: without these it cannot be asked about."""
_INSTEAD: Mapping[str, str] = {
    **dict.fromkeys(("title", "shows", "certainty", "source", "reviewed_by"), "not read"),
    "reviewed_on": "2000-01-01",
    "binding": "false",
}
"""Stands where something was refused that no name rests on, so that the names can be asked."""
_NO_CHANGE = {"status": "unknown", "certainty": "unconfirmed"}

V = TypeVar("V", bound=Claim)


class _FrameworkFile(Claim):
    """The file `frameworks.yaml`."""

    frameworks: tuple[Framework, ...] = ()


@dataclass(frozen=True)
class ReadRegister:
    """What a check folder says of frameworks, and everything wrong with how it is written.

    Where something is wrong, `register` holds what names could be read, to be asked whether they
    name something and for nothing else; `unread` says which could not.
    """

    register: Register
    problems: list[Problem]
    unread: Unread


def read_register(folder: Path) -> ReadRegister:
    """The three files of a check folder; whether what a row names is there is not asked here."""
    root, name = folder.resolve().parent, folder.resolve().name
    frameworks, problems, unread = _frameworks(root, f"{name}/{FRAMEWORKS}")
    controls = _rows(root, f"{name}/{CONTROL_IDS}", Control)
    mappings = _rows(root, f"{name}/{CONTROLS}", ControlMapping)
    return ReadRegister(
        Register(
            frameworks=frameworks, controls=tuple(controls.rows), mappings=tuple(mappings.rows)
        ),
        [*problems, *controls.problems, *mappings.problems],
        unread | Unread(controls=controls.has_gap),
    )


def _frameworks(root: Path, path: str) -> tuple[tuple[Framework, ...], list[Problem], Unread]:
    if not _is_there(root / path):
        return (), [], Unread()
    text, problems = text_of(root, path)
    if problems:
        return (), problems, Unread(frameworks=True)
    file, problems = read_claim_text(text, path, _FrameworkFile)
    if file is not None:
        return file.frameworks, problems, Unread(frameworks=bool(problems))
    tree, _, _ = read_tree(text, path)
    items = tree.get("frameworks") if isinstance(tree, Located) else None
    if not isinstance(items, list):
        return (), problems, Unread(frameworks=True)
    kept = [_what_holds(item, Framework) for item in items]
    named = [(framework, refused) for framework, refused in kept if framework is not None]
    return (
        tuple(framework for framework, _ in named),
        problems,
        Unread(
            frameworks=len(named) < len(kept),
            parts=frozenset(f.key for f, refused in named if "changes" in refused),
        ),
    )


def _what_holds(item: object, model: type[V]) -> tuple[V | None, frozenset[str]]:
    """An object without what was refused of it, and the keys of that; None without its names."""
    if not isinstance(item, Located):
        return None, frozenset()
    try:
        return model.model_validate(item), frozenset()
    except ValidationError as error:
        places = [detail["loc"] for detail in error.errors(include_url=False)]
    refused = frozenset(str(place[0]) for place in places if place)
    if refused & _NAMES or () in places:
        return None, refused
    left: dict[str, object] = {key: value for key, value in item.items() if key not in refused}
    left |= {key: _INSTEAD[key] for key in refused & _INSTEAD.keys()}
    if "changes" in refused:
        wrong = {place[1] for place in places if place[0] == "changes" and len(place) > 1}
        written = item.get("changes")
        changes = enumerate(written) if isinstance(written, list) else ()
        left["changes"] = [c for n, c in changes if n not in wrong] or [_NO_CHANGE]
    trimmed = Located(left)
    trimmed.where, trimmed.places = item.where, item.places
    value, _ = build(trimmed, model)
    return value, refused


@dataclass
class _Rows(Generic[V]):
    """The rows of a list, what is wrong with it, and whether some names in it are not known."""

    rows: list[V] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    has_gap: bool = False


def _rows(root: Path, path: str, model: type[V]) -> _Rows[V]:
    """The rows of a list, each as an object that knows its line; none where there is no file."""
    if not _is_there(root / path):
        return _Rows()
    text, problems = text_of(root, path)
    problems = problems or _hidden(text, path)
    found: _Rows[V] = _Rows(problems=problems, has_gap=bool(problems))
    if problems:
        return found
    try:
        for row in _read(text, path, model):
            _add(row, model, found)
    except csv.Error as error:
        message = f"cannot be read as CSV: {error}"
        found.problems.append(Problem(message, path, "save it as plain CSV"))
        found.has_gap = True
    return found


def _add(row: Located | Problem, model: type[V], found: _Rows[V]) -> None:
    if isinstance(row, Problem):
        found.problems.append(row)
        found.has_gap = True
        return
    value, wrong = build(row, model)
    found.problems += wrong
    if value is None:
        value, _ = _what_holds(row, model)
    if value is None:
        found.has_gap = True
    else:
        found.rows.append(value)


def _is_there(file: Path) -> bool:
    """True for a link that leads nowhere too: what cannot be read is said, never left out."""
    return file.exists() or file.is_symlink()


def _hidden(text: str, path: str) -> list[Problem]:
    return [
        Problem(f"holds {found}; expected visible text", f"{path}:{number}", "remove it")
        for number, line in enumerate(text.splitlines(), start=1)
        if (found := hidden_in(line))
    ]


def _read(text: str, path: str, model: type[Claim]) -> Iterator[Located | Problem]:
    """Each row below the header; where the header is wrong, that alone."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(reader, [])
    if wrong := _wrong_header(header, model):
        yield Problem(wrong, f"{path}:1", f"write the header `{','.join(_needed(model))}`")
        return
    start = reader.line_num + 1
    for cells in reader:
        place, start = f"{path}:{start}", reader.line_num + 1
        if not cells:
            continue
        if len(cells) != len(header):
            message = f"has {len(cells)} columns; expected {len(header)}: {', '.join(header)}"
            yield Problem(message, place, "put a text that holds a comma in double quotes")
            continue
        yield _located(dict(zip(header, cells, strict=True)), place)


def _needed(model: type[Claim]) -> list[str]:
    return [name for name, field in model.model_fields.items() if field.is_required()]


def _wrong_header(header: list[str], model: type[Claim]) -> str:
    lacking = [name for name in _needed(model) if name not in header]
    beside = [name for name in header if name not in model.model_fields]
    if lacking:
        return f"has no column {', '.join(lacking)}"
    if beside:
        return f"has a column {shown(beside[0])}; expected one of {', '.join(model.model_fields)}"
    return "names a column twice" if len(set(header)) < len(header) else ""


def _located(row: Mapping[str, str], place: str) -> Located:
    """A row as a tree that knows its line; a cell that is empty was not written."""
    path, _, line = place.rpartition(":")
    where = Where(path=path, line=int(line))
    tree = Located(
        (name, cell.split() if name in _LISTS else cell) for name, cell in row.items() if cell
    )
    tree.where = where
    tree.places = dict.fromkeys(tree, where)
    return tree
