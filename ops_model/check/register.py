"""One register from what several check folders say of frameworks: ours, and those of a company.

A folder adds to ours: frameworks, controls, and rows that map its own checks. It may not redefine
what is ours, and nothing may name what is not there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from ops_model.check.controls import CLAIMED
from ops_model.check.remedies import near
from ops_model.domain.frameworks import ControlMapping, Framework, Register
from ops_model.domain.policy import DEFAULT_MINIMUM_GRADES
from ops_model.domain.values import Value
from ops_model.errors import CatalogueError, Problem

OUR_GROUPS = frozenset({*DEFAULT_MINIMUM_GRADES, *CLAIMED})
"""The groups whose rows are ours: those of our checks, and those that claims answer."""

V = TypeVar("V", bound=Value)


def joined(parts: Sequence[Register], check_ids: Iterable[str]) -> Register:
    """The register that several folders make together, ours first.

    Args:
        parts: what each folder holds.
        check_ids: the checks that are loaded.

    Raises:
        CatalogueError: something stands twice, or names a framework, control, part or check that
            is not there; with every place.
    """
    register = Register(
        frameworks=tuple(f for part in parts for f in part.frameworks),
        controls=tuple(c for part in parts for c in part.controls),
        mappings=tuple(m for part in parts for m in part.mappings),
    )
    problems = [
        *_twice(register.frameworks, lambda f: f.key),
        *_twice(register.controls, lambda c: f"{c.framework} {c.id}"),
        *_twice(register.mappings, lambda m: f"{m.group} to {m.framework} {m.control}"),
        *(p for framework in register.frameworks for p in _of_framework(framework, register)),
        *_of_controls(register),
        *_of_mappings(register, check_ids),
        *_of_others(parts[1:]),
    ]
    if problems:
        raise CatalogueError(problems=problems)
    return register


def _twice(values: Iterable[V], name: Callable[[V], str]) -> Iterator[Problem]:
    first: dict[str, V] = {}
    for value in values:
        key = name(value)
        if key in first:
            yield Problem(
                f"{key} stands twice, at {first[key].where} and here",
                str(value.where),
                "take one of the two out; what ops-model brings cannot be redefined",
            )
        first.setdefault(key, value)


def _of_framework(framework: Framework, register: Register) -> Iterator[Problem]:
    after = framework.superseded_by
    if after is not None and register.framework(after) is None:
        place = str(framework.place_of("superseded_by"))
        yield _no_framework(after, place, register)
    if not framework.of_part(None):
        yield Problem(
            f"{framework.key} has no change of the whole; expected one without `articles`",
            str(framework.place_of("changes")),
            "write since when the framework itself is published, or a change without `on`",
        )


def _of_controls(register: Register) -> Iterator[Problem]:
    for control in register.controls:
        framework = register.framework(control.framework)
        if framework is None:
            yield _no_framework(control.framework, str(control.where), register)
        elif control.part is not None and not framework.of_part(control.part):
            parts = [c.articles for c in framework.changes if c.articles]
            yield Problem(
                f"{control.framework} {control.id} is of the part {control.part!r}, which no "
                "change names",
                str(control.where),
                near(control.part, parts) or "write the part as `articles` of a change has it",
            )


def _of_mappings(register: Register, check_ids: Iterable[str]) -> Iterator[Problem]:
    ids = set(check_ids)
    groups = {*ids, *(i.partition("-")[0] for i in ids), *OUR_GROUPS}
    known = {(c.framework, c.id) for c in register.controls}
    for row in register.mappings:
        if row.group not in groups:
            yield Problem(
                f"{row.group} is neither a check nor a group of checks that is loaded",
                str(row.where),
                near(row.group, groups) or "see `ops-model checks list` for what there is",
            )
        if register.framework(row.framework) is None:
            yield _no_framework(row.framework, str(row.where), register)
        elif (row.framework, row.control) not in known:
            yield _no_control(row, register)


def _of_others(parts: Sequence[Register]) -> Iterator[Problem]:
    """Rows in a folder that is not ours which speak of our checks."""
    for row in (row for part in parts for row in part.mappings):
        if row.group.partition("-")[0] in OUR_GROUPS:
            yield Problem(
                f"{row.group} is a group of ops-model's; expected one of your own",
                str(row.where),
                "map a check of your own, with your own letters",
            )


def _no_framework(key: str, place: str, register: Register) -> Problem:
    keys = [f.key for f in register.frameworks]
    message = f"there is no framework {key}; expected one of {', '.join(keys) or 'none at all'}"
    return Problem(message, place, near(key, keys) or "add it to frameworks.yaml")


def _no_control(row: ControlMapping, register: Register) -> Problem:
    ids = [c.id for c in register.controls_of(row.framework)]
    return Problem(
        f"{row.framework} has no control {row.control} that control_ids.csv lists",
        str(row.where),
        near(row.control, ids) or "write an id from control_ids.csv, or add it there",
    )
