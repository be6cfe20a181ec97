"""Counts that were made before, kept by what they were made of, so that nothing stale is found.

A document lies under the digest of its key, and the key names everything that its content
follows from: the bytes of the log's file, the cells, the timestamp, the span. Rows that change
change the file, so its old counts are never looked up again, and `prune` removes them, with the
counts into cells that nobody has asked for lately. A document that is damaged, or lies under
another key, is ignored and made anew. Who may write here may also write the logs, so no secret
guards it.

When a document was last used is its time of change on disk: the `as_of` of who wrote or read it,
and never the clock's time.

The folder is a cache: it may be deleted at any time, and where it cannot be written the analyses
work without it.
"""

import json
import os
import uuid
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from ops_model.domain.canonical import canonical_json
from ops_model.store.identity import identify, log_files

FOLDER = Path(".ops-model") / "profiles"
UNUSED_DAYS = 35
"""What no analysis asked for in so many days, by `as_of`, is of a plan that is no longer used."""

Key = Mapping[str, object]
"""What a document was made of; `files` are the digests of the log's files among it."""


@dataclass(frozen=True)
class StoredProfiles:
    """The documents of the log at one address, in a folder of its own below the workbook's.

    `as_of` is the instant of who reads and writes them.
    """

    root: Path
    address: str
    as_of: datetime

    def read(self, key: Key) -> Any | None:  # noqa: ANN401 - any JSON value
        """The document with this key, or None where there is no sound one."""
        written = canonical_json(dict(key))
        try:
            head, _, body = self._path(written).read_bytes().partition(b"\n")
            if head != _head(written, body):
                return None
            self._mark(self._path(written))
            return json.loads(body)
        except (OSError, ValueError, RecursionError):
            return None

    def write(self, key: Key, document: object) -> bool:
        """Keep a document; False where the folder cannot be written, which costs only time.

        It is written beside and renamed, so that nobody reads half of it.
        """
        written = canonical_json(dict(key))
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        path = self._path(written)
        beside = path.with_name(f".{uuid.uuid4().hex}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.parent.resolve().is_relative_to(self.root.resolve()):
                return False
            beside.write_bytes(_head(written, body) + b"\n" + body)
            os.utime(beside, (self.as_of.timestamp(),) * 2)
            beside.replace(path)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            return False
        return True

    def prune(self, digests: Collection[str]) -> None:
        """Remove what nobody will look up again.

        That is what was made of a file that is none of the log's any more, or cannot be read; and
        what nobody used for 35 days: documents that differ in their files only go together, such
        as all counts into the cells of one plan. Who prunes by an older list of the files, or by
        a later `as_of`, costs others time, and never a number.
        """
        with suppress(OSError):
            if not self._folder.resolve().is_relative_to(self.root.resolve()):
                return
            for paths in self._without_gone(set(digests)).values():
                if max(map(_used, paths)) < self.as_of - timedelta(days=UNUSED_DAYS):
                    for path in paths:
                        path.unlink(missing_ok=True)

    def _without_gone(self, digests: set[str]) -> dict[str, list[Path]]:
        """Remove what was made of other files than these; tell the rest by what is the same."""
        kept: dict[str, list[Path]] = {}
        for path in self._folder.glob("*.json"):
            files, same = _key_of(path)
            if files <= digests:
                kept.setdefault(same, []).append(path)
            else:
                path.unlink(missing_ok=True)
        return kept

    def _mark(self, path: Path) -> None:
        """Say that a document was used; once a day is enough, and not to be able to is no harm."""
        with suppress(OSError):
            if _used(path) < self.as_of - timedelta(days=1):
                os.utime(path, (self.as_of.timestamp(),) * 2)

    @property
    def _folder(self) -> Path:
        return self.root / FOLDER / sha256(self.address.encode()).hexdigest()[:16]

    def _path(self, written: bytes) -> Path:
        return self._folder / f"{sha256(written).hexdigest()}.json"


def _key_of(path: Path) -> tuple[set[str], str]:
    """The files that a document was made of, and the rest of its key.

    Where it does not say so, the one file is one that there is not.
    """
    try:
        with path.open("rb") as document:
            key = dict(json.loads(document.readline())["key"])
        return {str(digest) for digest in key.pop("files")}, json.dumps(key, sort_keys=True)
    except (ValueError, TypeError, KeyError, RecursionError):
        return {""}, ""


def _used(path: Path) -> datetime:
    """When a document was last used."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _head(key: bytes, body: bytes) -> bytes:
    """The first line: the key, and the digest of key and body."""
    digest = sha256(key + b"\n" + body).hexdigest()
    return b'{"key":' + key + b',"sha256":"' + digest.encode() + b'"}'


def digests_of(root: Path, address: str) -> dict[str, str]:
    """The digest of each Parquet file of a log, by its name below the address, in their order.

    Raises:
        WarehouseError: as `identify` does.
    """
    return {
        name: str(identify(root, f"{address}/{name}" if name else address).digest)
        for name, _ in log_files(root, address)
    }
