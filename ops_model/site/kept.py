"""The pages of the site that was built before, and whether one of them can stay as it is.

Beside the pages lies a list of what each was made from. A page stays where that is still the same
and its file was not touched since: then it is linked into the new site, and not written again.
"""

import json
import os
import shutil
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

PAGES_FILE: Final = ".ops-model-pages.json"
"""Not a page: it tells the next build what each page was made from."""
_Known = tuple[str, int, int]


class KeptPages:
    """What is known of the pages of an earlier site; nothing, where there is none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = _read(folder / PAGES_FILE)

    def link(self, path: str, made_from: str, place: Path) -> bool:
        """Give an earlier page a second name, where it was made from the same.

        Args:
            path: the page, below the site's folder.
            made_from: the digest of what it would be made from now; none is never the same.
            place: where it shall lie.

        Returns:
            False where it has to be written; nothing is at `place` then.

        Raises:
            OSError: the disk refused.
        """
        earlier = self._folder / path
        known = self._known.get(path)
        if not made_from or known is None or known[0] != made_from:
            return False
        if _touched(earlier, known):
            return False
        try:
            os.link(earlier, place, follow_symlinks=False)
        except OSError:
            # No disk has to know of second names; a copy costs no more than the old build did.
            shutil.copy2(earlier, place)
        return True


def list_pages(folder: Path, made_from: Mapping[str, str]) -> None:
    """Leave the list for the next build: what each page was made from, its size, and when.

    Raises:
        OSError: the disk refused.
    """
    known = {path: _seen(folder / path, made) for path, made in made_from.items() if made}
    text = json.dumps(known, separators=(",", ":"))
    (folder / PAGES_FILE).write_text(text, encoding="utf-8")


def _seen(page: Path, made_from: str) -> _Known:
    found = page.stat()
    return made_from, found.st_size, found.st_mtime_ns


def _touched(page: Path, known: _Known) -> bool:
    """Whether a page is no longer the very file that was written."""
    try:
        found = page.stat(follow_symlinks=False)
    except OSError:
        return True
    as_written = found.st_size == known[1] and found.st_mtime_ns == known[2]
    return not (as_written and stat.S_ISREG(found.st_mode))


def _read(place: Path) -> Mapping[str, _Known]:
    """The list, or none where it cannot be read: then every page is written."""
    with suppress(OSError, ValueError, TypeError, AttributeError, RecursionError):
        told = json.loads(place.read_text(encoding="utf-8"))
        return {path: (str(made), int(size), int(at)) for path, (made, size, at) in told.items()}
    return {}
