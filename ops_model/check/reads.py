"""What a check reads: the claim files and the kinds of record that its code names.

Found in the code itself and never written beside it, so that it is always of today. A file or
record that is only reached through a name in a text is not seen.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FunctionType

from ops_model.check.question import Check
from ops_model.domain.evidence import Record
from ops_model.domain.operating_model import AREA_FILES, INCIDENTS_FOLDER

_OURS = (
    "ops_model.check.", "ops_model.domain.access", "ops_model.domain.handed_over",
    "ops_model.domain.quorum", "ops_model.domain.reviewed", "ops_model.domain.said",
    "ops_model.domain.superseded",
)  # fmt: skip
"""Where functions are followed; of the domain, how a review, a handoff and access are judged."""
_NOT_FOLLOWED = frozenset(
    f"ops_model.check.{name}" for name in ("context", "outcome", "question", "recorded", "wording")
)
"""What `api` gathers: every check may name it, and it tells nothing of one."""
_OTHERS = {"people": "people.yaml", "portfolio": "portfolio.yaml", "policy": "policy.yaml"}
"""What stands beside the systems, as attributes of the model."""


@dataclass(frozen=True)
class Reads:
    """The files, the kinds of record, and whether the findings of other checks are read too."""

    files: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    findings: bool = False

    def __str__(self) -> str:
        """`rollback.yaml; rollback_drill on record`."""
        parts = [", ".join(self.files)] if self.files else []
        parts += [f"{', '.join(self.records)} on record"] if self.records else []
        parts += ["what other checks found"] if self.findings else []
        return "; ".join(parts) or "nothing that its code names"


def reads_of(check: Check) -> Reads:
    """What the code of a check names, and that of the functions that it calls here."""
    files: set[str] = set()
    records: set[str] = set()
    findings = False
    for function in _reached(inspect.unwrap(check.function)):
        tree = _tree(function)
        files |= set(_files(tree))
        records |= set(_records(tree, function))
        findings = findings or any(
            isinstance(n, ast.Attribute) and n.attr == "finding_of" for n in ast.walk(tree)
        )
    return Reads(tuple(sorted(files)), tuple(sorted(records)), findings)


def _reached(start: Callable[..., object]) -> Iterator[FunctionType]:
    """The function, and those of its own file and of ours for checks that it names, each once."""
    waiting, seen = [start], set[int]()
    while waiting:
        function = waiting.pop()
        if not isinstance(function, FunctionType) or id(function) in seen:
            continue
        seen.add(id(function))
        yield function
        named = (function.__globals__.get(name) for name in _names(_tree(function)))
        called = (f for thing in named for f in _functions(thing))
        waiting += [f for f in called if _followed(f, function)]


def _functions(thing: object) -> Iterator[FunctionType]:
    """A function itself, or what a class of ours can do."""
    if isinstance(thing, FunctionType):
        yield inspect.unwrap(thing)  # of one that remembers its answer, the one that works it out
    elif isinstance(thing, type) and thing.__module__.startswith(_OURS):
        yield from (f for f in vars(thing).values() if isinstance(f, FunctionType))


def _followed(called: FunctionType, caller: FunctionType) -> bool:
    if called.__module__ in _NOT_FOLLOWED:
        return False
    return called.__module__ == caller.__module__ or called.__module__.startswith(_OURS)


def _tree(function: FunctionType) -> ast.AST:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):  # no source at hand, or a lambda in the middle of a call
        return ast.Module(body=[], type_ignores=[])


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _files(tree: ast.AST) -> Iterator[str]:
    """Attributes of a system or of the model that stand for a file."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        owner = _last_name(node.value)
        if owner == "system" and node.attr in AREA_FILES:
            yield AREA_FILES[node.attr][0]
        elif owner == "system" and node.attr == "files":
            yield "every file of the system"
        elif owner == "system" and node.attr == "incidents":
            yield f"{INCIDENTS_FOLDER}/*.yaml"
        elif owner == "model" and node.attr in _OTHERS:
            yield _OTHERS[node.attr]
        elif owner == "ctx" and node.attr == "register":
            yield "frameworks.yaml"


def _records(tree: ast.AST, function: FunctionType) -> Iterator[str]:
    """The kinds of the record classes that the code names."""
    for name in _names(tree):
        found = function.__globals__.get(name)
        if isinstance(found, type) and issubclass(found, Record):
            kind = found.model_fields["kind"].default
            if isinstance(kind, str):
                yield kind


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
