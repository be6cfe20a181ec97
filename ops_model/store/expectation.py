"""What a place of a claim file must hold, in words, read from the schema itself.

The words have two voices: one for somebody who writes YAML, one for somebody who writes the same
answer as a Python value in the fill-in notebook.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import StringConstraints
from pydantic.fields import FieldInfo

from ops_model.domain.compliance import FrameworkKey
from ops_model.domain.condition import ConditionText
from ops_model.domain.cron import CronLine
from ops_model.domain.jurisdictions import Jurisdiction
from ops_model.domain.scalars import (
    AwareTime,
    CheckId,
    CivilTime,
    CurrencyCode,
    Day,
    Days,
    Digest,
    Flag,
    RelativePath,
    Route,
    SampleValue,
    ScenarioId,
    Score,
    ScoreSize,
    Share,
    Slug,
    Text,
    ZoneName,
)  # fmt: skip
from ops_model.domain.schedules import NotebookName
from ops_model.domain.system import Mechanism
from ops_model.domain.values import Money, Value
from ops_model.domain.workbook import LedgerAddress, VariableName, WarehouseAddress

_NAMED: tuple[tuple[Any, str], ...] = (
    (Slug, "an id: lowercase letters, digits and hyphens, at most 63, no device name"),
    (Text, "text of 1 to 4000 characters"),
    (Route, "the name of a route, such as page: flight-delay primary"),
    (NotebookName, "the name of a notebook, such as 07_weekly_ops_report"),
    (CronLine, "minute, hour, day, month and weekday, such as 0 6 * * 1"),
    (ZoneName, "an IANA time zone, such as Europe/Berlin"),
    (AwareTime, "a time with a zone, such as 2026-03-01T08:00:00Z"),
    (CivilTime, "a civil time without a zone, such as 2026-03-02T09:00:00"),
    (Day, "a day, such as 2026-03-01"),
    (Days, "a whole number of days from 1 to 3660, or 28d or 4w"),
    (Flag, "true or false"),
    (Share, "a share from 0 to 1"),
    (Score, "a share from 0 to 1, or a number in the unit of another score"),
    (ScoreSize, "a share from 0 to 1, or a size in the unit of another score"),
    (RelativePath, "a path below the workbook, without '..'"),
    (LedgerAddress, "a file that ends in .db, or postgresql://ROLE@HOST/DATABASE"),
    (WarehouseAddress, "postgresql://ROLE@HOST/DATABASE, local[N] or spark://HOST:PORT"),
    (VariableName, "the name of an environment variable, such as OPS_MODEL_PAGE"),
    (Digest, "a digest: sha256: and 64 hexadecimal digits"),
    (Money, "an amount and a currency, such as 12.50 USD"),
    (CurrencyCode, "a currency of three capitals, such as USD"),
    (CheckId, "the id of a check, such as RBK-02"),
    (ScenarioId, "the id of a scenario, such as G01"),
    (Jurisdiction, "a country code such as DE, or EU"),
    (FrameworkKey, "the key of a framework, such as nist-ai-rmf-1.0"),
    (Mechanism, "a file, such as rollback, or a thing in one, such as monitor/accuracy"),
    (SampleValue, "a number or text"),
    (ConditionText, "a condition over columns, such as delay >= -60"),
)
_NAMED_IN_PYTHON: tuple[tuple[Any, str, str], ...] = (
    (Slug, "an id in quotes, such as ana-ruiz", '"ana-ruiz"'),
    (Text, "text in quotes", '"..."'),
    (Route, "the name of a route in quotes", '"page: the primary"'),
    (ZoneName, "an IANA time zone in quotes, such as Europe/Berlin", '"Europe/Berlin"'),
    (AwareTime, "a time with a zone, in quotes", '"2026-03-01T08:00:00Z"'),
    (CivilTime, "a civil time without a zone, in quotes", '"2026-03-02T09:00:00"'),
    (Day, 'a day in quotes, such as "2026-03-01"', '"2026-03-01"'),
    (Days, 'a whole number of days from 1 to 3660, or "28d" or "4w"', "28"),
    (Flag, "True or False", "True"),
    (Share, "a share from 0 to 1", "0.5"),
    (Score, "a share from 0 to 1, or a number in the unit of another score", "0.5"),
    (ScoreSize, "a share from 0 to 1, or a size in the unit of another score", "0.05"),
    (RelativePath, "a path below the workbook in quotes, without '..'", '"docs/a.md"'),
    (
        LedgerAddress,
        "a file that ends in .db, or postgresql://ROLE@HOST/DATABASE, in quotes",
        '"ledger.db"',
    ),
    (Digest, "a digest in quotes: sha256: and 64 hexadecimal digits", '"sha256:..."'),
    (Money, 'an amount and a currency in quotes, such as "12.50 USD"', '"12.50 USD"'),
    (CurrencyCode, 'a currency of three capitals in quotes, such as "USD"', '"USD"'),
    (Jurisdiction, 'a country code in quotes, such as "DE", or "EU"', '"DE"'),
    (CheckId, 'the id of a check in quotes, such as "RBK-02"', '"RBK-02"'),
    (ScenarioId, 'the id of a scenario in quotes, such as "G01"', '"G01"'),
    (Jurisdiction, 'a country code in quotes, such as "DE", or "EU"', '"DE"'),
    (FrameworkKey, "the key of a framework in quotes", '"nist-ai-rmf-1.0"'),
    (
        Mechanism,
        "a file in quotes, such as rollback, or a thing in one, such as monitor/accuracy",
        '"rollback"',
    ),
    (SampleValue, "a number, or text in quotes", "1"),
)
"""The same for Python: the words, and a literal to begin with."""
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


@dataclass(frozen=True)
class Voice:
    """How a place is spoken of."""

    mapping: str
    named: Mapping[object, str]
    quote: str = ""

    def text(self, word: str) -> str:
        """A word as it is written there."""
        return f"{self.quote}{word}{self.quote}"


YAML = Voice("a mapping", dict(_NAMED))
PYTHON = Voice("a dict", {known: text for known, text, _ in _NAMED_IN_PYTHON}, '"')


def describe(annotation: object, voice: Voice = YAML) -> str:
    """What may stand there, such as `one of A, B, C` or `a whole number, above 0`."""
    if named := voice.named.get(annotation):
        return named
    options = alternatives(annotation)
    words = (voice.named.get(o) or _describe_one(o, voice) for o in options)
    return " or ".join(dict.fromkeys(words))


def sample(annotation: object) -> str:
    """A Python literal to begin with: what is needed, with dots where a text belongs."""
    option = alternatives(annotation)[0]
    if literal := next((text for known, _, text in _NAMED_IN_PYTHON if known == option), ""):
        return literal
    if words := choices(option):
        return f'"{words[0]}"'
    if (model := model_of(option)) is not None:
        needed = [name for name, info in model.model_fields.items() if info.is_required()]
        items = (f'"{name}": {sample(fields_of(model)[name])}' for name in needed)
        return "{" + ", ".join(items) + "}"
    inner, _ = plain(option)
    if get_origin(inner) is tuple:
        return f"[{sample(get_args(inner)[0])}]"
    if get_origin(inner) is Mapping:
        key, value = get_args(inner)
        return f'{{"{next(iter(choices(key)), "name")}": {sample(value)}}}'
    return "1" if inner in {int, float, Decimal} else '"..."'


def _describe_one(option: object, voice: Voice) -> str:
    if words := choices(option):
        said = ", ".join(map(voice.text, words))
        return f"one of {said}" if len(words) > 1 else said
    if (model := model_of(option)) is not None:
        return _describe_model(model, voice)
    inner, shell = plain(option)
    if get_origin(inner) is tuple:
        if voice is YAML:
            return "a list, each item in a line that begins with '- '"
        return f"a list, each item {describe(get_args(inner)[0], voice)}"
    if get_origin(inner) is Mapping:
        key, value = get_args(inner)
        return _describe_mapping(key, value, voice)
    return _describe_scalar(inner, shell, voice)


def _describe_model(model: type[Value], voice: Voice) -> str:
    needed = [name for name, info in model.model_fields.items() if info.is_required()]
    free = [name for name in model.model_fields if name not in needed]
    said = f"{voice.mapping} with {', '.join(needed)}" if needed else voice.mapping
    if voice is YAML or not free:
        return said
    return f"{said}{'; it' if needed else ' that'} may have {', '.join(free)}"


def _describe_mapping(key: object, value: object, voice: Voice) -> str:
    names = ", ".join(choices(key)) or "names"
    held = "values" if value is Any else describe(value, voice)
    if voice is YAML:
        return f"a mapping of {names} to {held}"
    any_of = f"any of {names}" if choices(key) else "names of your own"
    return f"a dict with {any_of} as keys, each {held}"


def _describe_scalar(inner: object, shell: Sequence[Any], voice: Voice) -> str:
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
        return voice.named[Day]
    patterns = [_pattern(s) for s in shell]
    said = next((_PATTERNS[p] for p in patterns if p in _PATTERNS), "text")
    return said if voice is YAML else f"{said} in quotes"


def _pattern(shell: object) -> str:
    if isinstance(shell, StringConstraints):
        return str(shell.pattern)
    return str(getattr(shell, "pattern", ""))
