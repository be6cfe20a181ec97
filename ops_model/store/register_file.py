"""The register of frameworks in a check folder: one file of YAML and two lists.

`frameworks.yaml` holds the frameworks with their status changes, `control_ids.csv` the controls
that there are, `controls.csv` which checks speak of which control. A folder may have none of them.
What stands in them is data of somebody else's: every row that is wrong is a problem, and none
stops the reading of the others.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from ops_model.domain.frameworks import Control, ControlMapping, Framework, Register
from ops_model.domain.texts import hidden_in
from ops_model.domain.values import Located, Value, Where
from ops_model.errors import Problem
from ops_model.store.claim_file import build, read_claim, text_of
from ops_model.store.yaml_nodes import shown

FRAMEWORKS, CONTROL_IDS, CONTROLS = "frameworks.yaml", "control_ids.csv", "controls.csv"
_LISTS = frozenset({"kinds", "roles", "risk_classes", "jurisdictions", "sectors"})
"""Columns that hold several words, with a blank between them."""

V = TypeVar("V", bound=Value)


class _FrameworkFile(Value):
    """The file `frameworks.yaml`."""

    frameworks: tuple[Framework, ...] = ()


def read_register(folder: Path) -> tuple[Register, list[Problem]]:
    """What a check folder says of frameworks, and everything wrong with how it is written.

    Whether what one row names is there is not asked here; a row that is no valid row is left out.
    """
    root, name = folder.resolve().parent, folder.resolve().name
    problems: list[Problem] = []
    frameworks: tuple[Framework, ...] = ()
    if _is_there(folder / FRAMEWORKS):
        file, wrong = read_claim(root, f"{name}/{FRAMEWORKS}", _FrameworkFile)
        problems += wrong
        frameworks = file.frameworks if file is not None else ()
    controls, wrong = _rows(root, f"{name}/{CONTROL_IDS}", Control)
    mappings, more = _rows(root, f"{name}/{CONTROLS}", ControlMapping)
    problems += [*wrong, *more]
    return Register(frameworks=frameworks, controls=controls, mappings=mappings), problems


def _rows(root: Path, path: str, model: type[V]) -> tuple[tuple[V, ...], list[Problem]]:
    """The rows of a list, each as an object that knows its line; none where there is no file."""
    if not _is_there(root / path):
        return (), []
    text, problems = text_of(root, path)
    if problems:
        return (), problems
    if problems := _hidden(text, path):
        return (), problems
    rows: list[V] = []
    try:
        for row in _read(text, path, model):
            if isinstance(row, Problem):
                problems.append(row)
                continue
            value, wrong = build(row, model)
            problems += wrong
            rows += [value] if value is not None else []
    except csv.Error as error:
        problems.append(Problem(f"cannot be read as CSV: {error}", path, "save it as plain CSV"))
    return tuple(rows), problems


def _is_there(file: Path) -> bool:
    """True for a link that leads nowhere too: what cannot be read is said, never left out."""
    return file.exists() or file.is_symlink()


def _hidden(text: str, path: str) -> list[Problem]:
    return [
        Problem(f"holds {found}; expected visible text", f"{path}:{number}", "remove it")
        for number, line in enumerate(text.splitlines(), start=1)
        if (found := hidden_in(line))
    ]


def _read(text: str, path: str, model: type[Value]) -> Iterator[Located | Problem]:
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


def _needed(model: type[Value]) -> list[str]:
    return [name for name, field in model.model_fields.items() if field.is_required()]


def _wrong_header(header: list[str], model: type[Value]) -> str:
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
