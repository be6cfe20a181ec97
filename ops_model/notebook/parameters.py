"""A notebook's declared parameters, checked before any kernel starts.

The cell tagged `parameters` is read as text (`ast`), never executed. It holds annotated literals
only, such as `system: str = "flight-delay"  # the system's id`.
"""

import ast
import builtins
import io
import json
import keyword
import re
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ops_model.errors import NotebookError, ParameterError, Problem

NAME_PATTERN = re.compile(r"^[a-z][a-z0-9_]{0,63}$")
MAX_DEPTH = 8
MAX_BYTES = 64 * 1024
_TYPES: dict[str, type] = {
    "str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict,
}  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """One declared parameter: `annotation` is a type's name, `optional` allows None."""

    name: str
    annotation: str
    optional: bool
    default: Any
    comment: str

    @property
    def expected(self) -> str:
        """The type as it is written in the cell."""
        return f"{self.annotation} | None" if self.optional else self.annotation


def read_cells(path: Path) -> list[dict[str, Any]]:
    """The cells of a notebook file.

    Raises:
        NotebookError: the file is missing, or is no notebook of format 4.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [{**c, "source": "".join(c["source"]), "cell_type": c["cell_type"]} for c in cells]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise NotebookError(
            f"is no notebook that can be read ({type(error).__name__})",
            where=path.name,
            remedy="save it from JupyterLab again, in notebook format 4",
        ) from error


def declared_parameters(path: Path) -> tuple[Parameter, ...]:
    """What the notebook's one parameters cell declares, in its order.

    Raises:
        NotebookError: the file is no notebook.
        ParameterError: there is not exactly one such cell, or it holds anything but annotated
            literals; all problems at once.
    """
    cells = read_cells(path)
    tagged = [
        n for n, c in enumerate(cells) if "parameters" in c.get("metadata", {}).get("tags", [])
    ]
    if len(tagged) != 1:
        raise ParameterError(
            f"has {len(tagged)} cells tagged `parameters`; expected exactly one",
            where=path.name,
            remedy="tag the one cell that holds the parameters, and no other",
        )
    place = f"{path.name}, cell {tagged[0]}"
    source = cells[tagged[0]]["source"]
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise ParameterError(
            f"the parameters cell is no Python: {error.msg}", where=f"{place}, line {error.lineno}"
        ) from error
    comments = _comments(source)
    parameters, problems = [], []
    for statement in body:
        try:
            comment = comments.get(statement.end_lineno or 0, "")
            parameters.append(_declared(statement, comment))
        except ValueError as error:
            problems.append(Problem(str(error), f"{place}, line {statement.lineno}", _HOW))
    names = [p.name for p in parameters]
    problems += [
        Problem(f"declares {name!r} twice", place, "keep one of them")
        for name in sorted({n for n in names if names.count(n) > 1})
    ]
    if problems:
        raise ParameterError(problems=problems)
    return tuple(parameters)


_HOW = "write annotated literals only, such as: window_days: int = 7  # length of the window"


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0]: t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT}


def _declared(statement: ast.stmt, comment: str) -> Parameter:
    """The parameter that a statement declares; `ValueError` says why it declares none."""
    if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
        raise ValueError("is no annotated parameter")  # noqa: TRY004 - of the text, not of a type
    name = statement.target.id
    annotation = ast.unparse(statement.annotation)
    plain = annotation.removesuffix(" | None")
    if problem := _name_problem(name):
        raise ValueError(problem)
    if plain not in _TYPES:
        raise ValueError(f"{name} has the type {annotation}; expected one of {', '.join(_TYPES)}")
    if statement.value is None:
        raise ValueError(f"{name} has no default")
    try:
        default = ast.literal_eval(statement.value)
    except (ValueError, TypeError):
        raise ValueError(f"the default of {name} is no literal") from None
    parameter = Parameter(name, plain, plain != annotation, default, comment)
    if problem := value_problem(parameter, default):
        raise ValueError(f"the default of {name} {problem}")
    return parameter


def _name_problem(name: str) -> str:
    if not NAME_PATTERN.fullmatch(name):
        return f"{name!r} cannot name a parameter; expected lowercase letters, digits and _"
    if keyword.iskeyword(name) or hasattr(builtins, name):
        return f"{name!r} is a word of Python itself; choose another name"
    return ""


def value_problem(parameter: Parameter, value: object) -> str:
    """What is wrong with `value` for this parameter, or nothing.

    Only plain JSON values pass: exact types, at most 8 levels deep and 64 KiB long. A subclass
    of `str`, a tuple, a date or a path is refused, because text made from it could be code.
    """
    if value is None:
        return "" if parameter.optional else f"is None; expected {parameter.expected}"
    kind = _TYPES[parameter.annotation]
    if type(value) is not kind and not (kind is float and type(value) is int):
        return f"is {type(value).__name__}; expected {parameter.expected}"
    if problem := _json_problem(value, MAX_DEPTH):
        return problem
    try:
        size = len(json.dumps(value, allow_nan=False, ensure_ascii=False).encode())
    except (ValueError, UnicodeEncodeError):
        return "holds NaN, an infinity or broken Unicode; expected plain JSON"
    return f"is {size} bytes long; expected at most {MAX_BYTES}" if size > MAX_BYTES else ""


def _json_problem(value: object, depth: int) -> str:
    if type(value) in {str, int, float, bool, type(None)}:
        return ""
    if depth == 0:
        return f"is nested more than {MAX_DEPTH} levels deep"
    if type(value) is list:
        return next(filter(None, (_json_problem(v, depth - 1) for v in value)), "")
    if type(value) is dict:
        if any(type(k) is not str for k in value):
            return "has a key that is no text"
        return next(filter(None, (_json_problem(v, depth - 1) for v in value.values())), "")
    return f"holds {type(value).__name__}; expected plain JSON"


def checked_parameters(path: Path, given: Mapping[str, object]) -> dict[str, Any]:
    """All declared parameters of the notebook with the given values in place of the defaults.

    Raises:
        ParameterError: an unknown name (with the nearest one) or a wrong value; all at once.
    """
    declared = {p.name: p for p in declared_parameters(path)}
    problems = []
    for name, value in given.items():
        if name not in declared:
            near = get_close_matches(str(name), declared, n=1)
            remedy = f"did you mean {near[0]}?" if near else f"it declares {', '.join(declared)}"
            problems.append(Problem(f"has no parameter {name!r}", path.name, remedy))
        elif problem := value_problem(declared[name], value):
            comment = declared[name].comment
            problems.append(Problem(f"parameter {name} {problem}", path.name, comment))
    if problems:
        raise ParameterError(problems=problems)
    return {name: given.get(name, p.default) for name, p in declared.items()}


def injected_source(parameters: Mapping[str, Any]) -> str:
    """The cell that sets checked parameters: one Python literal a line.

    Every value is a plain JSON value by now, so its `repr` is a literal and nothing else; this is
    looked at once more, because a value that is code would run.
    """
    lines = ["# Parameters of this run"]
    for name, value in parameters.items():
        literal = repr(value)
        if _name_problem(name) or ast.literal_eval(literal) != value:
            raise ParameterError(f"parameter {name!r} cannot be written as a literal")
        lines.append(f"{name} = {literal}")
    return "\n".join(lines)
