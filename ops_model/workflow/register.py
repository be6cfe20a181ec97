"""The register of frameworks: read from each check folder, then joined to one."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from ops_model.check.register import joined
from ops_model.domain.frameworks import Register, Unread


def register_of(folders: Sequence[Path], check_ids: Iterable[str]) -> Register:
    """What these check folders say of frameworks, ours being the first.

    Raises:
        CatalogueError: a row is wrong, redefines what is ours, or names what is not there; with
            all problems at once.
    """
    from ops_model.store.register_file import read_register

    read = [read_register(folder) for folder in dict.fromkeys(f.resolve() for f in folders)]
    unread = Unread()
    for part in read:
        unread |= part.unread
    told = [problem for part in read for problem in part.problems]
    return joined([part.register for part in read], check_ids, told=told, unread=unread)
