"""How a folder looks from outside: what is another text after anything was done to its files."""

import os
from pathlib import Path

from ops_model.domain.values import digest_of


def state_of(folder: Path) -> str:
    """A digest of the folder's own state and that of each file in it; no file is opened.

    Nobody sets back easily when a file was changed (its ctime), whatever else they do to it.

    Raises:
        OSError: the folder cannot be looked at.
    """
    with os.scandir(folder) as entries:
        seen = [("", folder.lstat())]
        seen += [(entry.name, entry.stat(follow_symlinks=False)) for entry in entries]
    told = sorted((n, s.st_dev, s.st_ino, s.st_mode, s.st_size, s.st_ctime_ns) for n, s in seen)
    return digest_of(repr(told).encode())
