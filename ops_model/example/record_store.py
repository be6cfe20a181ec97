"""The prediction store of the example server: one line a record, on the disk before the answer."""

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ops_model.domain.values import canonical_bytes, digest_of
from ops_model.errors import UsageError


class RecordStore:
    """JSON lines that one process appends to; a line is whole and synced, or it is not there.

    Raises:
        UsageError: another process holds this store.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._held = path.with_suffix(".lock").open("w")
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._held.close()
            raise UsageError(
                "another server holds these records",
                where=str(path),
                remedy="stop that server, or name another file with --records",
            ) from None
        self._writing = threading.Lock()
        self._file = path.open("ab")
        self._drop_torn_line()

    def append(self, record: Mapping[str, Any]) -> None:
        """Store one record; it is on the disk when this returns, or an `OSError` is raised."""
        line = canonical_bytes(record) + b"\n"
        with self._writing:
            size = self._file.tell()
            try:
                self._file.write(line)
                self._sync()
            except OSError:
                os.truncate(self.path, size)
                raise

    def contents(self) -> Iterator[dict[str, str]]:
        """Id, version and content digest of each record, read from the disk, oldest first."""
        with self._writing:
            size = self._file.tell()
        with self.path.open("rb") as file:
            while file.tell() < size:
                line = file.readline()
                record = json.loads(line)
                yield {
                    "id": record["request_id"],
                    "version": record["version"],
                    "digest": digest_of(line.rstrip(b"\n")),
                }

    def rewrite(self, spoil: Callable[[list[bytes]], list[bytes]]) -> None:
        """Put other lines in the place of all that are stored; a planted fault does this.

        Nothing is appended meanwhile, so that no more is spoilt than was planted.
        """
        with self._writing:
            lines = self.path.read_bytes().splitlines(keepends=True)
            beside = self.path.with_suffix(".new")
            beside.write_bytes(b"".join(spoil(lines)))
            beside.replace(self.path)
            self._file.close()
            self._file = self.path.open("ab")

    def close(self) -> None:
        """Let go of the file, so that another server may hold it."""
        self._file.close()
        self._held.close()

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def _drop_torn_line(self) -> None:
        # A line without its end was never acknowledged: the process died while it wrote it.
        content = self.path.read_bytes()
        if content and not content.endswith(b"\n"):
            os.truncate(self.path, content.rfind(b"\n") + 1)
            self._file.seek(0, os.SEEK_END)
