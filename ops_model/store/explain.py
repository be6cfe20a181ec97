"""What the schema refused, as problems that a person can act on: place, got, expected, remedy."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ops_model.domain.values import (
    AwareTime,
    CivilTime,
    Flag,
    Located,
    Money,
    Share,
    Slug,
    Value,
    Where,
    ZoneName,
    zone_names,
)  # fmt: skip
from ops_model.errors import Problem
from ops_model.store.expectation import (
    alternatives,
    below,
    choices,
    describe,
    key_type,
    model_of,
    optional,
)  # fmt: skip
from ops_model.store.yaml_nodes import shown

_YES = frozenset({"yes", "y", "on", "1"})
_NO = frozenset({"no", "n", "off", "0"})


def explain(error: ValidationError, root: Located, model: type[Value]) -> list[Problem]:
    """One problem for each place that is wrong; `root` is what was read, `model` what it is."""
    found: dict[tuple[str, str], Problem] = {}
    for detail in error.errors(include_url=False):
        refused = _find(detail["loc"], root, model)
        message, remedy = _SPEAKERS.get(detail["type"], _wrong_value)(refused, detail)
        # The members of a union are refused one by one, for one place.
        found.setdefault(
            (str(refused.where), message), Problem(message, str(refused.where), remedy)
        )
    return list(found.values())


def nearest(name: str, known: Sequence[str], *, cutoff: float = 0.6) -> str:
    """The known name that is most like `name`, capitals aside, or an empty text."""
    by_lower = {known_name.lower(): known_name for known_name in known}
    close = get_close_matches(name[:100].lower(), list(by_lower), n=1, cutoff=cutoff)
    return by_lower[close[0]] if close else ""


def path_of(steps: Sequence[str | int]) -> str:
    """A path such as `objectives[0].target`."""
    path = ""
    for step in steps:
        path += (
            f"[{step}]" if isinstance(step, int) else f".{shown(step)}" if path else shown(step)
        )
    return path


@dataclass
class _Refused:
    """The place that was refused, found again in the tree that was read and in the schema."""

    node: object
    annotation: object
    where: Where
    parent: object = None
    steps: tuple[str | int, ...] = ()

    @property
    def path(self) -> str:
        return path_of(self.steps) or "the file"


def _find(loc: Sequence[str | int], root: Located, model: type[Value]) -> _Refused:
    found = _Refused(root, model, root.where)
    near, dotted = root, ""
    for step in loc:
        # What the reader did not see is no place: a missing key, or the name of a union's member.
        if not _holds(found.node, step):
            break
        found.parent = found.annotation
        found.node = found.node[step]  # type: ignore[index]  # _holds looked
        found.annotation = below(found.annotation, step)
        found.steps += (step,)
        dotted = f"{dotted}.{step}" if dotted else str(step)
        found.where = near.places.get(dotted, found.where)
        if isinstance(found.node, Located):
            near, dotted = found.node, ""
    return found


def _holds(node: object, step: str | int) -> bool:
    if isinstance(node, dict):
        return step in node
    return isinstance(node, list) and isinstance(step, int) and step < len(node)


def _missing(refused: _Refused, detail: ErrorDetails) -> tuple[str, str]:
    key = str(detail["loc"][-1])
    path = path_of([*refused.steps, key])
    expected = describe(below(refused.annotation, key))
    return f"{path} is missing; expected {expected}", f"write `{key}:` here"


def _unknown_key(refused: _Refused, _: ErrorDetails) -> tuple[str, str]:
    key = str(refused.steps[-1])
    model = model_of(refused.parent)
    known = list(model.model_fields) if model is not None else []
    close = nearest(key, known)
    message = f"{refused.path} is an unknown key; expected {', '.join(known)}"
    return message, f"did you mean {close}?" if close else "remove it"


def _said_by_the_domain(refused: _Refused, detail: ErrorDetails) -> tuple[str, str]:
    said = detail["msg"].removeprefix("Value error, ")
    if said.startswith("expected"):
        return f"{refused.path} is {shown(refused.node)}; {said}", _remedy(refused)
    if said.startswith("is "):
        return f"{refused.path}: {shown(refused.node)} {said}", _remedy(refused)
    first = said.split(maxsplit=1)[0]
    if isinstance(refused.node, Located):
        refused.where = refused.node.places.get(first, refused.where)
    return f"{refused.path}: {said}", f"correct `{first}`"


def _wrong_value(refused: _Refused, detail: ErrorDetails) -> tuple[str, str]:
    if detail["loc"][-1:] == ("[key]",):
        keys = key_type(refused.parent)
        close = nearest(str(refused.steps[-1]), choices(keys))
        message = f"{refused.path} is an unknown name; expected {describe(keys)}"
        return message, f"did you mean {close}?" if close else f"write {describe(keys)}"
    expected = describe(refused.annotation)
    return f"{refused.path} is {shown(refused.node)}; expected {expected}", _remedy(refused)


def _too_few(refused: _Refused, detail: ErrorDetails) -> tuple[str, str]:
    needed, got = detail["ctx"]["min_length"], detail["ctx"]["actual_length"]
    return f"{refused.path} holds {got} items; expected at least {needed}", "add an item"


_SPEAKERS: Mapping[str, Callable[[_Refused, ErrorDetails], tuple[str, str]]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "too_short": _too_few,
    "value_error": _said_by_the_domain,
}


def _remedy(refused: _Refused) -> str:
    if refused.node is None:
        fill = f"write what {refused.path} is"
        return f"{fill}, or remove the line" if optional(refused.annotation) else fill
    if isinstance(refused.node, str):
        words = choices(refused.annotation)
        if words and (close := nearest(refused.node, words)):
            return f"did you mean {close}?"
        for option in alternatives(refused.annotation):
            for known, hint in _HINTS:
                if option == known and (remedy := hint(refused.node)):
                    return remedy
    return f"write {describe(refused.annotation)}"


def _share_hint(got: str) -> str:
    number = re.fullmatch(r"\s*(\d{1,3}(?:\.\d{1,12})?)\s*%?\s*", got)
    if number is None or Decimal(number[1]) > 100:
        return ""
    share = (Decimal(number[1]) / 100).normalize()
    return f"write {number[1]} % as {share:f}"


def _flag_hint(got: str) -> str:
    word = got.strip().lower()
    if word in _YES or word == "true":
        return "write true"
    return "write false" if word in _NO or word == "false" else ""


def _slug_hint(got: str) -> str:
    made = re.sub(r"[^a-z0-9]+", "-", got.lower()).strip("-")[:63].strip("-")
    return f"write it as {made}" if made and made != got else "choose another id"


def _zone_hint(got: str) -> str:
    close = nearest(got, sorted(zone_names()))
    return f"did you mean {close}?" if close else ""


def _time_hint(got: str) -> str:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", got):
        return f"write the time and the zone too, such as {got}T08:00:00Z"
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?", got):
        return f"add the zone: {got}Z is UTC, {got}+02:00 two hours ahead of it"
    return ""


def _civil_hint(got: str) -> str:
    civil = re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?", got)
    return f"write {civil[0]}; the zone stands beside it" if civil else ""


def _money_hint(got: str) -> str:
    number = re.fullmatch(r"\d{1,15}(\.\d{1,9})?", got)
    return f"add the currency, such as {got} USD" if number else ""


_HINTS: tuple[tuple[Any, Callable[[str], str]], ...] = (
    (Share, _share_hint),
    (Flag, _flag_hint),
    (Slug, _slug_hint),
    (ZoneName, _zone_hint),
    (AwareTime, _time_hint),
    (CivilTime, _civil_hint),
    (Money, _money_hint),
)
