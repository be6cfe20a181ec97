"""How a snapshot travels to a kernel and back into a value, file and line of every claim included.

Plain JSON of a claim would lose where it was read from, and findings would name no place. So each
object carries its place beside its content, under `@at`, and those of its keys under `@lines`. A
key of a user's own that begins with the same mark is written with one more.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from ops_model.domain.lines import Lines
from ops_model.domain.operating_model import PortfolioSnapshot, Snapshot
from ops_model.domain.records import read_statement
from ops_model.domain.values import Claim, Located, Where
from ops_model.errors import IntegrityError

S = TypeVar("S", Snapshot, PortfolioSnapshot)
SNAPSHOT_FILE = "snapshot.json"
_MARK = "@"
_AT, _LINES = "@at", "@lines"


def snapshot_as_json(snapshot: Snapshot | PortfolioSnapshot) -> dict[str, Any]:
    """The snapshot as plain JSON values; `read_snapshot` or `read_portfolio` is its inverse."""
    plain = snapshot.model_dump(mode="json")
    of_one = ("system",) if isinstance(snapshot, Snapshot) else ("systems",)
    for name in (*of_one, "people", "policy", "portfolio", "settings", "scenarios"):
        _add_places(getattr(snapshot, name), plain[name])
    return plain


def _add_places(node: object, plain: object, file: str = "") -> None:
    """Write beside each object where it was read; `file` is that of what it lies in."""
    if isinstance(node, Claim) and isinstance(plain, dict):
        for name in type(node).model_fields:
            _add_places(getattr(node, name), plain[name], node.where.path)
        plain[_AT] = _brief(node.where, file)
        if lines := _lines(node.places, node.where.path):
            plain[_LINES] = lines
    elif isinstance(node, Mapping) and isinstance(plain, dict):
        for key, item in node.items():
            _add_places(item, plain[str(key)], file)
        _mark_keys(plain)
    elif isinstance(node, tuple) and isinstance(plain, list):
        for item, below in zip(node, plain, strict=True):
            _add_places(item, below, file)


def _lines(places: Mapping[str, Where], file: str) -> Mapping[str, object]:
    """The place of each key, as it is written."""
    if isinstance(places, Lines) and places.path == file:
        return places.by_key()
    return {key: _brief(place, file) for key, place in places.items()}


def _mark_keys(plain: dict[Any, Any]) -> None:
    """Tell the keys of a user's own from those that are written beside them."""
    if any(str(key).startswith(_MARK) for key in plain):
        kept = {_written(str(key)): item for key, item in plain.items()}
        plain.clear()
        plain.update(kept)  # all anew, so that their order stays


def _written(key: str) -> str:
    """A key of a user's own; where it begins as ours do, it gets the mark once more."""
    return _MARK + key if key.startswith(_MARK) else key


def _read_key(key: str) -> str:
    return key.removeprefix(_MARK) if key.startswith(_MARK * 2) else key


def _brief(where: Where, file: str) -> object:
    """A place as its line, where its file is the one expected: a file names itself once."""
    return where.line if where.path == file else [where.path, where.line]


def read_snapshot(data: Mapping[str, Any]) -> Snapshot:
    """The snapshot of one system that `data` holds.

    Raises:
        IntegrityError: it is no snapshot that this version of ops-model wrote.
    """
    return _read(data, Snapshot)


def read_portfolio(data: Mapping[str, Any]) -> PortfolioSnapshot:
    """The snapshot of all systems that `data` holds.

    Raises:
        IntegrityError: it is no snapshot that this version of ops-model wrote.
    """
    return _read(data, PortfolioSnapshot)


def has_places(data: Mapping[str, Any]) -> bool:
    """True when the claims of one system carry where they were read, as they have to be judged."""
    return _AT in data["system"]["identity"]


def is_of_portfolio(data: Mapping[str, Any]) -> bool:
    """True when a snapshot is about all systems together."""
    return "systems" in data


def _read(data: Mapping[str, Any], of: type[S]) -> S:
    try:
        statements = [read_statement(s) for s in data["statements"]]
        claims = {k: _located(v) for k, v in data.items() if k != "statements"}
        return of.model_validate({**claims, "statements": statements})
    except (ValidationError, KeyError, TypeError, ValueError) as error:
        raise IntegrityError(
            "is no snapshot that this version of ops-model wrote",
            where=SNAPSHOT_FILE,
            remedy="run the notebook again with `ops-model run`",
        ) from error


def _located(plain: object, file: str = "") -> object:
    if isinstance(plain, list):
        return [_located(item, file) for item in plain]
    if not isinstance(plain, dict):
        return plain
    if _AT not in plain:
        return {_read_key(k): _located(v, file) for k, v in plain.items()}
    where = _place(plain[_AT], file)
    content = {k: _located(v, where.path) for k, v in plain.items() if k not in {_AT, _LINES}}
    located = Located(content)
    located.where = where
    located.places = _places(plain.get(_LINES, {}), where.path)
    return located


def _places(lines: Mapping[str, Any], file: str) -> Mapping[str, Where]:
    if all(type(line) is int for line in lines.values()):
        return Lines(file, dict(lines))
    return {key: _place(at, file) for key, at in lines.items()}


def _place(brief: Any, file: str) -> Where:  # noqa: ANN401 - a line, none, or a file and a line
    path, line = brief if isinstance(brief, list) else (file, brief)
    return Where(path=path, line=line)
