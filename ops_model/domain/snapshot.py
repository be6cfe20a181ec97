"""How a snapshot travels to a kernel and back into a value, file and line of every claim included.

Plain JSON of a claim would lose where it was read from, and findings would name no place. So each
object carries its place beside its content, under `@where` and `@places`.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import ValidationError

from ops_model.domain.operating_model import Snapshot
from ops_model.domain.records import read_statement
from ops_model.domain.values import Located, Value, Where
from ops_model.errors import IntegrityError

SNAPSHOT_FILE = "snapshot.json"
_WHERE, _PLACES = "@where", "@places"


def snapshot_as_json(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot as plain JSON values; `read_snapshot` is its inverse."""
    plain = snapshot.model_dump(mode="json")
    for name in ("system", "people", "policy", "portfolio", "settings"):
        _add_places(getattr(snapshot, name), plain[name])
    return plain


def _add_places(node: object, plain: object) -> None:
    if isinstance(node, Value) and isinstance(plain, dict):
        for name in type(node).model_fields:
            _add_places(getattr(node, name), plain[name])
        plain[_WHERE] = asdict(node.where)
        plain[_PLACES] = {key: asdict(place) for key, place in node.places.items()}
    elif isinstance(node, Mapping) and isinstance(plain, dict):
        for key, item in node.items():
            _add_places(item, plain[str(key)])
    elif isinstance(node, tuple) and isinstance(plain, list):
        for item, below in zip(node, plain, strict=True):
            _add_places(item, below)


def read_snapshot(data: Mapping[str, Any]) -> Snapshot:
    """The snapshot that `data` holds.

    Raises:
        IntegrityError: it is no snapshot that this version of ops-model wrote.
    """
    try:
        statements = [read_statement(s) for s in data["statements"]]
        claims = {k: _located(v) for k, v in data.items() if k != "statements"}
        return Snapshot.model_validate({**claims, "statements": statements})
    except (ValidationError, KeyError, TypeError, ValueError) as error:
        raise IntegrityError(
            "is no snapshot that this version of ops-model wrote",
            where=SNAPSHOT_FILE,
            remedy="run the notebook again with `ops-model run`",
        ) from error


def _located(plain: object) -> object:
    if isinstance(plain, list):
        return [_located(item) for item in plain]
    if not isinstance(plain, dict):
        return plain
    content = {k: _located(v) for k, v in plain.items() if k not in {_WHERE, _PLACES}}
    if _WHERE not in plain:
        return content
    located = Located(content)
    located.where = Where(**plain[_WHERE])
    located.places = {key: Where(**place) for key, place in plain[_PLACES].items()}
    return located
