"""What a place of a claim file must hold, in words, read from the schema itself."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import StringConstraints
from pydantic.fields import FieldInfo

from ops_model.domain.compliance import FrameworkKey
from ops_model.domain.system import Mechanism
from ops_model.domain.values import (
    AwareTime,
    CheckId,
    CivilTime,
    CurrencyCode,
    Day,
    Days,
    Digest,
    Flag,
    Money,
    RelativePath,
    SampleValue,
    ScenarioId,
    Share,
    Slug,
    Text,
    Value,
    ZoneName,
)  # fmt: skip

_NAMED: tuple[tuple[Any, str], ...] = (
    (Slug, "an id: lowercase letters, digits and hyphens, at most 63, no device name"),
    (Text, "text of 1 to 4000 characters"),
    (ZoneName, "an IANA time zone, such as Europe/Berlin"),
    (AwareTime, "a time with a zone, such as 2026-03-01T08:00:00Z"),
    (CivilTime, "a civil time without a zone, such as 2026-03-02T09:00:00"),
    (Day, "a day, such as 2026-03-01"),
    (Days, "a whole number of days from 1 to 3660, or 28d or 4w"),
    (Flag, "true or false"),
    (Share, "a share from 0 to 1"),
    (RelativePath, "a path below the workbook, without '..'"),
    (Digest, "a digest: sha256: and 64 hexadecimal digits"),
    (Money, "an amount and a currency, such as 12.50 USD"),
    (CurrencyCode, "a currency of three capitals, such as USD"),
    (CheckId, "the id of a check, such as RBK-02"),
    (ScenarioId, "the id of a scenario, such as G01"),
    (FrameworkKey, "the key of a framework, such as nist-ai-rmf-1.0"),
    (Mechanism, "a file, such as rollback, or a thing in one, such as monitor/accuracy"),
    (SampleValue, "a number or text"),
)
_PATTERNS = {
    r"^[0-9a-f]{7,64}$": "a commit: 7 to 64 hexadecimal digits",
    r"^[A-Za-z0-9._-]+\.db$": "a plain file name that ends in .db",
}
_BOUNDS = (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below"))


@lru_cache(maxsize=256)
def fields_of(model: type[Value]) -> dict[str, Any]:
    """The declared type of each field, names such as `Share` kept."""
    hints = get_type_hints(model, include_extras=True)
    return {name: hints[name] for name in model.model_fields}


def alternatives(annotation: object) -> tuple[Any, ...]:
    """The types that a place may hold, None aside."""
    inner, _ = plain(annotation)
    if get_origin(inner) in {Union, UnionType}:
        return tuple(a for a in get_args(inner) if a is not NoneType)
    return (annotation,)


def optional(annotation: object) -> bool:
    """True when the place may hold nothing."""
    return NoneType in get_args(annotation)


def plain(annotation: object) -> tuple[Any, list[Any]]:
    """The type without its `Annotated` shell, and the constraints from the shell."""
    if get_origin(annotation) is not Annotated:
        return annotation, []
    inner, *shell = get_args(annotation)
    return inner, [m for s in shell for m in (s.metadata if isinstance(s, FieldInfo) else [s])]


def below(annotation: object, step: str | int) -> object:
    """The declared type of what stands at `step`, a key or a position; None when unknown."""
    for option in alternatives(annotation):
        inner, _ = plain(option)
        origin = get_origin(inner)
        if isinstance(inner, type) and issubclass(inner, Value):
            return fields_of(inner).get(str(step))
        if origin is tuple and isinstance(step, int):
            return get_args(inner)[0]
        if origin is Mapping:
            return get_args(inner)[1]
    return None


def key_type(annotation: object) -> object:
    """The declared type of a mapping's keys; None when it is no mapping."""
    inner, _ = plain(annotation)
    return get_args(inner)[0] if get_origin(inner) is Mapping else None


def model_of(annotation: object) -> type[Value] | None:
    """The claim class that a place holds, or None."""
    for option in alternatives(annotation):
        inner, _ = plain(option)
        if isinstance(inner, type) and issubclass(inner, Value):
            return inner
    return None


def choices(annotation: object) -> tuple[str, ...]:
    """The words that a place may hold, when they are a closed list."""
    for option in alternatives(annotation):
        inner, _ = plain(option)
        if get_origin(inner) is Literal:
            return tuple(str(a) for a in get_args(inner))
        if isinstance(inner, type) and issubclass(inner, StrEnum):
            return tuple(member.value for member in inner)
    return ()


def describe(annotation: object) -> str:
    """What may stand there, such as `one of A, B, C` or `a whole number, above 0`."""
    if named := _name_of(annotation):
        return named
    words = (_describe_one(option) for option in alternatives(annotation))
    return " or ".join(dict.fromkeys(words))


def _name_of(option: object) -> str:
    return next((text for known, text in _NAMED if option == known), "")


def _describe_one(option: object) -> str:
    if named := _name_of(option):
        return named
    if words := choices(option):
        return f"one of {', '.join(words)}" if len(words) > 1 else words[0]
    if (model := model_of(option)) is not None:
        needed = [name for name, info in model.model_fields.items() if info.is_required()]
        return f"a mapping with {', '.join(needed)}" if needed else "a mapping"
    inner, shell = plain(option)
    if get_origin(inner) is tuple:
        return "a list, each item in a line that begins with '- '"
    if get_origin(inner) is Mapping:
        return _describe_mapping(*get_args(inner))
    return _describe_scalar(inner, shell)


def _describe_mapping(key: object, value: object) -> str:
    names = ", ".join(choices(key)) or "names"
    return f"a mapping of {names} to {'values' if value is Any else describe(value)}"


def _describe_scalar(inner: object, shell: Sequence[Any]) -> str:
    if inner in {int, float, Decimal}:
        noun = "a whole number" if inner is int else "a number"
        limits = [
            f"{word} {getattr(limit, name):g}"
            for name, word in _BOUNDS
            for limit in shell
            if getattr(limit, name, None) is not None
        ]
        return f"{noun}, {' and '.join(limits)}" if limits else noun
    if inner is date:
        return "a day, such as 2026-03-01"
    patterns = [_pattern(s) for s in shell]
    return next((_PATTERNS[p] for p in patterns if p in _PATTERNS), "text")


def _pattern(shell: object) -> str:
    if isinstance(shell, StringConstraints):
        return str(shell.pattern)
    return str(getattr(shell, "pattern", ""))
