"""What the fill-in notebook of a system saved or was shown last, over a restart of its kernel.

A small file beside the notebook, `.fill_in.json`, holds the digest of each such value. With it an
answer that nobody else changed may be changed again; what somebody wrote into the YAML since then
has another digest, and is not saved over. The file may be deleted, and belongs in no repository.
"""

import contextlib
import json
import uuid
from pathlib import Path

MEMORY_FILE = ".fill_in.json"
_MOST_BYTES = 64 * 1024


class Memory:
    """The digests of one system's answers; kept for this session where the disk refuses."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / MEMORY_FILE
        self._here: dict[str, str] = {}

    def knows(self, key: str, digest: str) -> bool:
        """True when this is the value that was saved or shown here last."""
        return digest in {self._here.get(key), self._read().get(key)}

    def note(self, key: str, digest: str) -> None:
        """Remember a value."""
        self._here[key] = digest
        noted = self._read()
        if noted.get(key) == digest:
            return
        text = json.dumps({**noted, key: digest}, indent=1, sort_keys=True) + "\n"
        beside = self._path.with_name(f"{MEMORY_FILE}.{uuid.uuid4().hex[:12]}.tmp")
        # A disk that refuses costs a question after the next restart, and no answer.
        with contextlib.suppress(OSError):
            try:
                beside.write_text(text, encoding="utf-8")
                beside.replace(self._path)
            finally:
                beside.unlink(missing_ok=True)

    def _read(self) -> dict[str, str]:
        try:
            with self._path.open("rb") as stream:
                noted = json.loads(stream.read(_MOST_BYTES))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(noted, dict):
            return {}
        return {key: digest for key, digest in noted.items() if isinstance(digest, str)}


def forget(folder: Path) -> None:
    """Remember nothing: the notebook was written anew, and its cells know their values."""
    with contextlib.suppress(OSError):
        (folder / MEMORY_FILE).unlink(missing_ok=True)
