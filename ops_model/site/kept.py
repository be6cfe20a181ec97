"""The pages of the site that was built before, and whether one of them can stay as it is.

Beside the pages lies a list of what each was made from, and of the digest of its bytes. A page
stays where both are still the same: then it is linked into the new site, and not written again.
Whoever rewrites a page and the list alike is not found out, so a site can be built afresh too.
"""

import json
import os
import shutil
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from ops_model.domain.values import digest_of

PAGES_FILE: Final = ".ops-model-pages.json"
"""Not a page: it tells the next build what each page was made from."""
_Known = tuple[str, str]


class KeptPages:
    """What is known of the pages of an earlier site; nothing, where there is none.

    Args:
        folder: that site.
        afresh: keep none of them.
    """

    def __init__(self, folder: Path, *, afresh: bool = False) -> None:
        self._folder = folder
        self._known = {} if afresh else _read(folder / PAGES_FILE)

    def link(self, path: str, made_from: str, place: Path) -> str:
        """Give an earlier page a second name, where it was made from the same.

        Args:
            path: the page, below the site's folder.
            made_from: the digest of what it would be made from now; none is never the same.
            place: where it shall lie.

        Returns:
            The digest of what lies there; empty where it has to be written, as nothing is there.

        Raises:
            OSError: the disk refused.
        """
        earlier = self._folder / path
        known = self._known.get(path)
        if not made_from or known is None or known[0] != made_from:
            return ""
        if _digest(earlier) != known[1]:
            return ""
        try:
            os.link(earlier, place, follow_symlinks=False)
        except OSError:
            # No disk has to know of second names; a copy costs no more than the old build did.
            shutil.copy2(earlier, place)
        return known[1]


def list_pages(folder: Path, known: Mapping[str, tuple[str, str]]) -> None:
    """Leave the list for the next build.

    Args:
        folder: the folder of the site.
        known: by page, what it was made from, and the digest of its bytes.

    Raises:
        OSError: the disk refused.
    """
    text = json.dumps(known, separators=(",", ":"))
    (folder / PAGES_FILE).write_text(text, encoding="utf-8")


def _digest(page: Path) -> str:
    """The digest of a page as it lies there; empty where that is no plain file."""
    with suppress(OSError):
        if stat.S_ISREG(page.stat(follow_symlinks=False).st_mode):
            return digest_of(page.read_bytes())
    return ""


def _read(place: Path) -> Mapping[str, _Known]:
    """The list, or none where it cannot be read: then every page is written."""
    with suppress(OSError, ValueError, TypeError, AttributeError, RecursionError):
        told = json.loads(place.read_text(encoding="utf-8"))
        return {path: (str(made), str(digest)) for path, (made, digest) in told.items()}
    return {}
