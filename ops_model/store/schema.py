"""A JSON Schema for each claim file, so that an editor completes keys and flags mistakes.

It is read from the same classes as the files, and says what our reader accepts of a file as an
editor's YAML parser sees it: there `7` is a number before anybody asks what it stands for, so a
text may be one. What only holds between keys (an end after its start) is left to the reader.
"""

import inspect
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import AfterValidator, StringConstraints

from ops_model.domain.cron import CRON_PATTERN, CronLine
from ops_model.domain.incidents import Incident
from ops_model.domain.jurisdictions import NAMES, Jurisdiction
from ops_model.domain.operating_model import AREA_FILES
from ops_model.domain.people import People
from ops_model.domain.policy import Policy
from ops_model.domain.portfolio import Portfolio
from ops_model.domain.scalars import (
    AwareTime,
    CivilTime,
    Day,
    Days,
    Flag,
    RelativePath,
    Route,
    SampleValue,
    Share,
    Text,
    ZoneName,
    zone_names,
)  # fmt: skip
from ops_model.domain.scenarios import Scenario
from ops_model.domain.texts import MAX_ROUTE
from ops_model.domain.values import ClaimFile, Money, Value
from ops_model.domain.workbook import (
    LEDGER_ADDRESS,
    WAREHOUSE_ADDRESS,
    LedgerAddress,
    WarehouseAddress,
    WorkbookSettings,
)
from ops_model.store.expectation import (
    alternatives,
    choices,
    describe,
    fields_of,
    key_type,
    model_of,
    optional,
    plain,
)  # fmt: skip
from ops_model.store.yaml_text import tree_of

SCHEMAS_FOLDER = "schemas"
SCHEMA_FILES: Mapping[str, type[ClaimFile]] = {
    "ops-model": WorkbookSettings,
    "people": People,
    "policy": Policy,
    "portfolio": Portfolio,
    **{file.removesuffix(".yaml"): model for file, model in AREA_FILES.values()},
    "incident": Incident,
    "scenario": Scenario,
}
"""The stem of each kind of file, and what it holds."""
_TITLES = {"incident": "incidents/<id>.yaml", "scenario": "scenarios/<id>.yaml"}

Schema = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCALARS = ["string", "number", "boolean"]
# Not alone blanks and punctuation. Other punctuation than that of ASCII is left to the reader:
# not every editor's regular expressions know the categories of Unicode.
_SAYS_SOMETHING = r"[^\s!\"#%&'()*,\-./:;?@\[\\\]_{}]"
# The reader refuses `.inf`, and whole numbers that canonical JSON cannot hold. It also refuses
# `1e3` for a whole number, and takes a number in quotes; to an editor's parser the one is 1000 and
# the other a text before the schema is asked, so there the two cannot agree.
_LARGEST, _LARGEST_WHOLE = 1.7976931348623157e308, 2**53 - 1
_DAY = r"^\d{4}-\d{2}-\d{2}"
_CLOCK = r"[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?"
_NAMED: tuple[tuple[object, Schema], ...] = (
    (AwareTime, {"type": "string", "pattern": f"{_DAY}{_CLOCK}([Zz]|[+-]\\d{{2}}:?\\d{{2}})$"}),
    (CivilTime, {"type": "string", "pattern": f"{_DAY}{_CLOCK}$"}),
    (Day, {"type": "string", "pattern": f"{_DAY}$"}),
    (Flag, {"type": "boolean"}),
    (Jurisdiction, {"type": "string", "enum": sorted(NAMES)}),
    (
        Route,
        {
            "type": _SCALARS,
            "pattern": rf"^(?!.*://)(?!.*\S@\S).*{_SAYS_SOMETHING}",
            "minLength": 1,
            "maxLength": MAX_ROUTE,
        },
    ),
    (Share, {"type": "number", "minimum": 0, "maximum": 1}),
    (Money, {"type": "string", "pattern": r"^\s*-?\d+(\.\d+)? [A-Z]{3}\s*$"}),
    (SampleValue, {"type": _SCALARS}),
    (CronLine, {"type": "string", "pattern": CRON_PATTERN}),
    (LedgerAddress, {"type": "string", "pattern": LEDGER_ADDRESS}),
    (WarehouseAddress, {"type": "string", "pattern": WAREHOUSE_ADDRESS}),
    (RelativePath, {"type": "string", "pattern": r"^(?!/)(?!(.*/)?\.\.(/|$))[^\\]+$"}),
    (
        Days,
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": 3660},
                {"type": "string", "pattern": r"^\d{1,4}[dw]$"},
            ]
        },
    ),
)
_LIMITS = (
    ("ge", "minimum"), ("gt", "exclusiveMinimum"), ("le", "maximum"), ("lt", "exclusiveMaximum"),
)  # fmt: skip


def write_schemas(root: Path) -> list[Path]:
    """Write the schema of every kind of file below `root`.

    Returns:
        The files, relative to `root`.
    """
    folder = root / SCHEMAS_FOLDER
    folder.mkdir(exist_ok=True)
    written = []
    for stem in SCHEMA_FILES:
        path = Path(SCHEMAS_FOLDER) / f"{stem}.schema.json"
        text = json.dumps(schema_of(stem), indent=1, ensure_ascii=False) + "\n"
        beside = folder / f".{path.name}.tmp"
        beside.write_text(text, encoding="utf-8")
        beside.replace(root / path)
        written.append(path)
    return written


def schema_of(stem: str) -> Schema:
    """The JSON Schema of the files of one kind, such as `system` or `incident`."""
    model = SCHEMA_FILES[stem]
    definitions: dict[str, Schema] = {}
    own = _object(model, definitions)
    title = _TITLES.get(stem, f"{stem}.yaml")
    return {"$schema": _DIALECT, **own, "title": title, "$defs": definitions}


def _object(model: type[Value], definitions: dict[str, Schema]) -> Schema:
    properties = {
        name: _property(model, name, annotation, definitions)
        for name, annotation in fields_of(model).items()
    }
    required = [name for name, info in model.model_fields.items() if info.is_required()]
    return {
        "title": model.__name__,
        "description": inspect.cleandoc(model.__doc__ or ""),
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _property(
    model: type[Value], name: str, annotation: object, definitions: dict[str, Schema]
) -> Schema:
    info = model.model_fields[name]
    schema = {"description": describe(annotation), **_schema(annotation, definitions)}
    default = None if info.is_required() else info.get_default(call_default_factory=True)
    if isinstance(default, bool | int | float | str) and default != "":
        schema["default"] = default
    elif isinstance(default, Decimal):
        schema["default"] = float(tree_of(default))
    return schema


def _schema(annotation: object, definitions: dict[str, Schema]) -> Schema:
    options = [_one(option, definitions) for option in alternatives(annotation)]
    if optional(annotation):
        options.append({"type": "null"})
    return options[0] if len(options) == 1 else {"anyOf": options}


def _one(option: object, definitions: dict[str, Schema]) -> Schema:
    for known, schema in _NAMED:
        if option == known:
            return dict(schema)
    if option == ZoneName:
        definitions.setdefault("ZoneName", {"type": "string", "enum": sorted(zone_names())})
        return {"$ref": "#/$defs/ZoneName"}
    if words := choices(option):
        return {"type": "string", "enum": list(words)}
    model = model_of(option)
    if model is not None:
        if model.__name__ not in definitions:
            definitions[model.__name__] = {}
            definitions[model.__name__] = _object(model, definitions)
        return {"$ref": f"#/$defs/{model.__name__}"}
    return _shaped(option, definitions)


def _shaped(option: object, definitions: dict[str, Schema]) -> Schema:
    inner, shell = plain(option)
    origin = get_origin(inner)
    if origin is tuple:
        least = [m.min_length for m in shell if getattr(m, "min_length", None) is not None]
        items = _schema(get_args(inner)[0], definitions)
        return {"type": "array", "items": items, **({"minItems": least[0]} if least else {})}
    if origin is Mapping:
        names = _schema(key_type(inner), definitions)
        named = {} if names == {"type": _SCALARS} else {"propertyNames": names}
        return {
            "type": "object",
            **named,
            "additionalProperties": _schema(get_args(inner)[1], definitions),
        }
    if inner in {Any, object, NoneType}:
        return {}
    return _scalar(inner, shell)


def _scalar(inner: object, shell: list[Any]) -> Schema:
    if inner in {int, float, Decimal}:
        limits = {
            name: float(value) if isinstance(value, Decimal) else value
            for own, name in _LIMITS
            for constraint in shell
            if (value := getattr(constraint, own, None)) is not None
        }
        largest = _LARGEST_WHOLE if inner is int else _LARGEST
        bounds = {
            **({} if "exclusiveMinimum" in limits else {"minimum": -largest}),
            **({} if "exclusiveMaximum" in limits else {"maximum": largest}),
        }
        return {"type": "integer" if inner is int else "number", **bounds, **limits}
    if inner in {date, datetime}:
        return {"type": "string"}
    return _text(shell)


def _text(shell: list[Any]) -> Schema:
    """A text; one that a YAML parser takes for a number is still a text to our reader."""
    found: Schema = {"type": _SCALARS}
    for constraint in shell:
        pattern = getattr(constraint, "pattern", None)
        if pattern is not None:
            found = {"type": ["string", "integer"], "minimum": 0, "pattern": str(pattern)}
    for constraint in shell:
        if isinstance(constraint, StringConstraints):
            said = {"minLength": constraint.min_length, "maxLength": constraint.max_length}
            found |= {name: value for name, value in said.items() if value is not None}
    if any(isinstance(own, AfterValidator) and own in get_args(Text) for own in shell):
        found["pattern"] = _SAYS_SOMETHING
    return found
