"""Which file of a site a request means, and what a browser may do with it."""

import html
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import unquote_to_bytes

TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}
INERT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""Whatever is no page of this site: nothing of it runs, should it be opened."""
_UNFRAMED = "frame-ancestors 'none'"
# Its own address stays its own, or its style sheet would come from elsewhere. A page with scripts
# has no sandbox: they could leave one that lets them keep their address (docs/decisions/0064).
_SANDBOX = "sandbox allow-same-origin"
_META = re.compile(rb'<meta http-equiv="Content-Security-Policy" content="([^"\r\n]{1,600})">')
_HEAD = 2048
_LONGEST = 2000


@dataclass(frozen=True)
class ServedFile:
    """One open file: its length, type and policy, and a tag that another content would change."""

    file: IO[bytes]
    size: int
    kind: str
    policy: str
    tag: str


def place_of(target: str) -> PurePosixPath | None:
    """The path below the site that a request names; None where it can be none.

    Nothing hidden, nothing above, no name that another system reads as a way; a folder means the
    `index.html` in it.
    """
    path = target.partition("?")[0].partition("#")[0]
    if not path.startswith("/") or len(path) > _LONGEST:
        return None
    try:
        text = unquote_to_bytes(path[1:]).decode("utf-8")
    except UnicodeDecodeError:
        return None
    parts = (text + "index.html" if not text or text.endswith("/") else text).split("/")
    return PurePosixPath(*parts) if all(map(_plain, parts)) else None


def _plain(part: str) -> bool:
    return bool(part) and not part.startswith(".") and part.isprintable() and "\\" not in part


def opened(root: Path, place: PurePosixPath) -> ServedFile | None:
    """The file at a place, open; None where there is none, or a link on the way to it."""
    path = root / place
    try:
        if path.resolve() != path:
            return None
        # A pipe in its place would be waited for, and a link put there just now followed.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (OSError, ValueError, RuntimeError):  # the last of links that go round
        return None
    about = os.fstat(number)
    if not stat.S_ISREG(about.st_mode):
        os.close(number)
        return None
    file = os.fdopen(number, "rb")
    kind = TYPES.get(path.suffix, "application/octet-stream")
    tag = f'"{about.st_ino:x}-{about.st_mtime_ns:x}-{about.st_size:x}"'
    policy = _policy(file) if path.suffix == ".html" else INERT
    return ServedFile(file, about.st_size, kind, policy, tag)


def _policy(file: IO[bytes]) -> str:
    """The policy that a page states of itself, with what only a header can say around it."""
    found = _META.search(file.read(_HEAD))
    file.seek(0)
    stated = ""
    if found is not None:
        with suppress(UnicodeDecodeError):
            stated = html.unescape(found[1].decode("ascii"))
    if not stated.isprintable() or not stated:
        return INERT
    around = _UNFRAMED if "script-src" in stated else f"{_UNFRAMED}; {_SANDBOX}"
    return f"{stated}; {around}"
