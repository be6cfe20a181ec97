"""One claim file: read without trusting it, and built into the object that it claims to be."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from rfc8785 import CanonicalizationError

from ops_model.domain.values import Claim, Located, canonical_bytes
from ops_model.errors import Problem
from ops_model.store.expectation import YAML, Voice, describe
from ops_model.store.explain import explain, path_of
from ops_model.store.yaml_nodes import read_tree, shown

MAX_BYTES = 1024 * 1024
MAX_PROBLEMS = 1000
_USUAL_BYTES = 64 * 1024  # asking for the most at once costs more than the file
_BYTE_ORDER_MARK = "\ufeff"

V = TypeVar("V", bound=Claim)


def read_claim(root: Path, path: str, model: type[V]) -> tuple[V | None, list[Problem]]:
    """The object in the file `path` (relative to `root`), or everything wrong with the file."""
    text, problems = text_of(root, path)
    return (None, problems) if problems else read_claim_text(text, path, model)


def read_claim_text(
    text: str, path: str, model: type[V], *, voice: Voice = YAML
) -> tuple[V | None, list[Problem]]:
    """The object in the text of the file `path`, or everything wrong with it, said in a voice."""
    tree, problems, has_long_number = read_tree(text, path)
    if not isinstance(tree, Located):
        if tree is not None:
            message = f"the file holds {shown(tree)}; expected {describe(model)}"
            problems.append(Problem(message, f"{path}:1", "write `key: value` lines"))
        return None, problems
    value, refused = build(tree, model, voice)
    if value is not None and has_long_number:
        value, refused = _recordable(value, tree, path)
    return value, _at_most([*problems, *refused], path)


def build(tree: Located, model: type[V], voice: Voice = YAML) -> tuple[V | None, list[Problem]]:
    """The object that a tree which was read claims to be, or everything wrong with it."""
    try:
        return model.model_validate(tree), []
    except ValidationError as error:
        return None, explain(error, tree, model, voice)


def _recordable(value: V, tree: Located, path: str) -> tuple[V | None, list[Problem]]:
    # Of what the schema lets pass, canonical JSON refuses only whole numbers of 2**53 or more. To
    # write out every file in search of one would take as long as to read it.
    try:
        canonical_bytes(value)
    except CanonicalizationError:
        return None, list(_too_large(tree)) or [Problem("cannot be recorded exactly", path)]
    return value, []


def _too_large(root: Located) -> Iterator[Problem]:
    """The whole numbers that canonical JSON cannot hold exactly."""
    for steps, text in _texts(root, ()):
        if re.fullmatch(r"\s*[+-]?[0_]*[1-9][\d_]{15,}\s*", text):
            where = root.places.get(".".join(map(str, steps)), root.where)
            message = f"{path_of(steps)} is {shown(text)}; expected a whole number below 2**53"
            yield Problem(message, str(where), "write a smaller number")


def _texts(
    node: object, steps: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(node, str):
        yield steps, node
    elif isinstance(node, dict):
        for key, child in node.items():
            yield from _texts(child, (*steps, key))
    elif isinstance(node, list):
        for position, child in enumerate(node):
            yield from _texts(child, (*steps, position))


def _at_most(problems: list[Problem], path: str) -> list[Problem]:
    ordered = sorted(problems, key=lambda p: _line_of(p.where))
    if len(ordered) <= MAX_PROBLEMS:
        return ordered
    more = Problem(f"has {len(ordered) - MAX_PROBLEMS} more problems", path, "mend these first")
    return [*ordered[:MAX_PROBLEMS], more]


def _line_of(where: str) -> int:
    line = where.rpartition(":")[2]
    return int(line) if line.isdigit() else 0


def text_of(root: Path, path: str) -> tuple[str, list[Problem]]:
    """The text of the file `path` (relative to `root`), or why it cannot be taken as text."""
    try:
        data = _bytes_of(root, path)
    except OSError as error:
        return "", [Problem(f"cannot be read: {error.strerror}", path, "make it a readable file")]
    except RuntimeError:
        message = "cannot be read: a circle of symbolic links"
        return "", [Problem(message, path, _plain_file(path))]
    if isinstance(data, Problem):
        return "", [data]
    try:
        return data.decode("utf-8").removeprefix(_BYTE_ORDER_MARK), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"holds the byte 0x{data[error.start]:02X}, which is no UTF-8 text"
        return "", [Problem(message, f"{path}:{line}", "save the file again as UTF-8")]


def _plain_file(path: str) -> str:
    return f"put a plain file of {'CSV' if path.endswith('.csv') else 'YAML'} in its place"


def _bytes_of(root: Path, path: str) -> bytes | Problem:
    if not _lies_below(root, path):
        message = "is a link that leaves the workbook; expected a file below it"
        return Problem(message, path, "copy the file into the workbook")
    file = f"{root}/{path}"
    # Looked at before it is opened: opening a pipe would wait for a writer for ever.
    if not stat.S_ISREG(os.stat(file).st_mode):  # noqa: PTH116 - a third of the time of a Path
        return Problem("is no plain file", path, _plain_file(path))
    with open(file, "rb") as stream:  # noqa: PTH123 - as above
        data = stream.read(_USUAL_BYTES)
        data += stream.read(MAX_BYTES + 1 - _USUAL_BYTES) if len(data) == _USUAL_BYTES else b""
    if len(data) > MAX_BYTES:
        message = f"holds more than {MAX_BYTES} bytes; expected at most 1 MiB of claims"
        return Problem(message, path, "keep claims here, and data in a log that they name")
    return data


def _lies_below(root: Path, path: str) -> bool:
    """True when the file is in the workbook, through whatever links; `root` is resolved."""
    here = str(root)
    for part in path.split("/"):
        here = f"{here}/{part}"
        if stat.S_ISLNK(os.lstat(here).st_mode):
            return (root / path).resolve(strict=True).is_relative_to(root)
    return True
