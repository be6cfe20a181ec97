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

from ops_model.domain.canonical import MOST_WHOLE
from ops_model.domain.redact import SECRETS, redacted_tree
from ops_model.errors import ParameterError, Problem
from ops_model.notebook.cells import read_cells

NAME_PATTERN = re.compile(r"^[a-z][a-z0-9_]{0,63}$")
MAX_DEPTH = 8
MAX_BYTES = 64 * 1024
MAX_SOURCE = 64 * 1024
"""The longest parameters cell, in characters."""
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:tokens?|secrets?|pass(?:word|wd|phrase)s?|pwd|credentials?|auth|bearer)(?:_|$)"
    r"|^key$|(?:api|access|private|secret|signing|encryption)_?keys?(?:_|$)"
)
_INSTEAD = "parameters are kept for ever; let the notebook read a secret where it lies"
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
    # A text cell would be taken for its word and never run, and the run be about nothing.
    if len(tagged) != 1 or cells[tagged[0]]["cell_type"] != "code":
        raise ParameterError(
            f"has {len(tagged)} cells tagged `parameters`; expected exactly one, of code",
            where=path.name,
            remedy="tag the one code cell that holds the parameters, and no other",
        )
    place = f"{path.name}, cell {tagged[0]}"
    source = cells[tagged[0]]["source"]
    body = _parsed(source, place)
    comments = _comments(source)
    parameters, problems = [], []
    for statement in body:
        try:
            comment = comments.get(statement.end_lineno or 0, "")
            parameters.append(_declared(statement, comment))
        except (ValueError, RecursionError) as error:
            said = str(error) if isinstance(error, ValueError) else "is nested too deeply"
            problems.append(Problem(said, f"{place}, line {statement.lineno}", _HOW))
    names = [p.name for p in parameters]
    problems += [
        Problem(f"declares {name!r} twice", place, "keep one of them")
        for name in sorted({n for n in names if names.count(n) > 1})
    ]
    if problems:
        raise ParameterError(problems=problems)
    return tuple(parameters)


def _parsed(source: str, place: str) -> list[ast.stmt]:
    if len(source) > MAX_SOURCE:
        message = (
            f"the parameters cell has {len(source)} characters; expected at most {MAX_SOURCE}"
        )
        raise ParameterError(message, where=place, remedy=_HOW)
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError) as error:
        said, line = getattr(error, "msg", str(error)), getattr(error, "lineno", None) or 1
    except (RecursionError, MemoryError):  # what Python's parser says of too many levels
        said, line = "it is nested too deeply", 1
    raise ParameterError(
        f"the parameters cell is no Python: {said}", where=f"{place}, line {line}", remedy=_HOW
    )


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
    if _SECRET_NAME.search(name):
        return f"{name!r} names a secret, which no parameter may be: they are kept for ever"
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
    return (
        _json_problem(value, MAX_DEPTH)
        or _text_problem(value)
        or _secret_problem(parameter.name, value)
    )


def _text_problem(value: object) -> str:
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        size = len(text.encode())
    except (ValueError, UnicodeEncodeError):
        return "holds NaN, an infinity or broken Unicode; expected plain JSON"
    if "\\u0000" in text.replace("\\\\", ""):
        return "holds NUL, which no record can hold; expected visible text"
    return f"is {size} bytes long; expected at most {MAX_BYTES}" if size > MAX_BYTES else ""


def _secret_problem(name: str, value: object) -> str:
    """Said without the value: a run's parameters stand in its notebook, bundle and ledger."""
    found = sorted(redacted_tree({name: value})[1].keys() & SECRETS)
    return f"holds what looks like a secret ({', '.join(found)}), not shown here" if found else ""


def _json_problem(value: object, depth: int) -> str:
    if type(value) in {str, int, float, bool, type(None)}:
        too_large = type(value) is int and abs(value) > MOST_WHOLE
        return "holds a whole number that no record can hold; expected below 2**53" * too_large
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
            shown = repr(str(name)[:100])
            problems.append(Problem(f"has no parameter {shown}", path.name, remedy))
        elif problem := value_problem(declared[name], value):
            remedy = _INSTEAD if "a secret" in problem else declared[name].comment
            problems.append(Problem(f"parameter {name} {problem}", path.name, remedy))
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
