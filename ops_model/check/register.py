"""One register from what several check folders say of frameworks: ours, and those of a company.

A folder adds to ours: frameworks, controls, and rows that map its own checks. It may not redefine
what is ours, and nothing may name what is not there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from ops_model.check.controls import CLAIMED
from ops_model.check.remedies import near
from ops_model.domain.frameworks import (
    ControlMapping,
    Framework,
    Register,
    StatusChange,
    Unread,
)
from ops_model.domain.policy import DEFAULT_MINIMUM_GRADES
from ops_model.domain.values import Claim
from ops_model.errors import CatalogueError, Problem

OUR_GROUPS = frozenset({*DEFAULT_MINIMUM_GRADES, *CLAIMED})
"""The groups whose rows are ours: those of our checks, and those that claims answer."""

NOTHING_UNREAD = Unread()
_OURS, _OTHER = "ops-model's own ", "another folder's "

V = TypeVar("V", bound=Claim)


def joined(
    parts: Sequence[Register],
    check_ids: Iterable[str],
    *,
    told: Sequence[Problem] = (),
    unread: Unread = NOTHING_UNREAD,
) -> Register:
    """The register that several folders make together, ours first.

    Args:
        parts: what each folder holds.
        check_ids: the checks that are loaded.
        told: what is wrong with how they are written.
        unread: what could not be read for that; what may stand there is not said to be missing.

    Raises:
        CatalogueError: something is written wrongly, stands twice, contradicts itself, or names a
            framework, control, part or check that is not there; with every place.
    """
    register = Register(
        frameworks=tuple(f for part in parts for f in part.frameworks),
        controls=tuple(c for part in parts for c in part.controls),
        mappings=tuple(m for part in parts for m in part.mappings),
        check_ids=tuple(check_ids),
    )
    problems = [
        *told,
        *_twice([part.frameworks for part in parts], lambda f: f.key),
        *_twice([part.controls for part in parts], lambda c: f"{c.framework} {c.id}"),
        *_twice([p.mappings for p in parts], lambda m: f"{m.group} to {m.framework} {m.control}"),
        *(p for f in register.frameworks for p in _of_framework(f, register, unread)),
        *_of_controls(register, unread),
        *_of_mappings(register, unread),
        *_of_others(parts[1:]),
    ]
    if problems:
        raise CatalogueError(problems=problems)
    return register


def _twice(folders: Sequence[Sequence[V]], name: Callable[[V], str]) -> Iterator[Problem]:
    """What stands twice; each place with its folder, as two may have the same name."""
    first: dict[str, tuple[int, V]] = {}
    for folder, value in ((n, value) for n, values in enumerate(folders) for value in values):
        key = name(value)
        if key in first:
            other, before = first[key]
            whose = "" if other == folder else _OTHER if other else _OURS
            yield Problem(
                f"{key} stands twice, at {whose}{before.where} and here",
                str(value.where),
                "take one of the two out; what ops-model brings cannot be redefined",
            )
        first.setdefault(key, (folder, value))


def _of_framework(framework: Framework, register: Register, unread: Unread) -> Iterator[Problem]:
    yield from _of_successor(framework, register, unread)
    yield from _of_days(framework)
    if not framework.of_part(None) and framework.key not in unread.parts:
        yield Problem(
            f"{framework.key} has no change of the whole; expected one without `articles`",
            str(framework.place_of("changes")),
            "write since when the framework itself is published, or a change without `on`",
        )


def _of_successor(framework: Framework, register: Register, unread: Unread) -> Iterator[Problem]:
    after = framework.superseded_by
    if after is None:
        return
    place = str(framework.place_of("superseded_by"))
    if framework.key in _successors(after, register):
        yield Problem(
            f"{framework.key} is superseded by {after}, which leads back to {framework.key}",
            place,
            "write what came after it, or take `superseded_by` out",
        )
    elif register.framework(after) is None and not unread.frameworks:
        yield _no_framework(after, place, register)


def _successors(key: str | None, register: Register) -> set[str]:
    """A framework and all that came after it."""
    found: set[str] = set()
    while key is not None and key not in found:
        found.add(key)
        framework = register.framework(key)
        key = framework.superseded_by if framework is not None else None
    return found


def _of_days(framework: Framework) -> Iterator[Problem]:
    """Changes of one part on one day, or without one, of which nobody could say which holds."""
    first: dict[tuple[str | None, date | None], StatusChange] = {}
    for change in framework.changes:
        before = first.setdefault((change.articles, change.on), change)
        if before is not change:
            of = f"{framework.key} {change.articles}" if change.articles else framework.key
            day = f"on {change.on}" if change.on else "without a day"
            yield Problem(
                f"{of} changes twice {day}, to {before.status} at {before.where} and to "
                f"{change.status} here; expected one status",
                str(change.where),
                "take one of the two out, or correct its `on` or `articles`",
            )


def _of_controls(register: Register, unread: Unread) -> Iterator[Problem]:
    for control in register.controls:
        framework = register.framework(control.framework)
        if framework is None:
            if not unread.frameworks:
                yield _no_framework(control.framework, str(control.where), register)
        elif not (framework.key in unread.parts or _has_part(framework, control.part)):
            parts = [c.articles for c in framework.changes if c.articles]
            yield Problem(
                f"{control.framework} {control.id} is of the part {control.part!r}, which no "
                "change names",
                str(control.where),
                near(control.part or "", parts)
                or "write the part as `articles` of a change has it",
            )


def _has_part(framework: Framework, part: str | None) -> bool:
    return part is None or bool(framework.of_part(part))


def _of_mappings(register: Register, unread: Unread) -> Iterator[Problem]:
    ids = set(register.check_ids)
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
            if not unread.frameworks:
                yield _no_framework(row.framework, str(row.where), register)
        elif (row.framework, row.control) not in known and not unread.controls:
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
    keys = list(dict.fromkeys(f.key for f in register.frameworks))
    message = f"there is no framework {key}; expected one of {', '.join(keys) or 'none at all'}"
    return Problem(message, place, near(key, keys) or "add it to frameworks.yaml")


def _no_control(row: ControlMapping, register: Register) -> Problem:
    ids = [c.id for c in register.controls_of(row.framework)]
    return Problem(
        f"{row.framework} has no control {row.control} that control_ids.csv lists",
        str(row.where),
        near(row.control, ids) or "write an id from control_ids.csv, or add it there",
    )
