"""The register of frameworks: read from each check folder, then joined to one."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from ops_model.check.register import joined
from ops_model.domain.frameworks import Register
from ops_model.errors import CatalogueError


def register_of(folders: Sequence[Path], check_ids: Iterable[str]) -> Register:
    """What these check folders say of frameworks, ours being the first.

    Raises:
        CatalogueError: a row is wrong, redefines what is ours, or names what is not there; with
            all problems at once.
    """
    from ops_model.store.register_file import read_register

    read = [read_register(folder) for folder in dict.fromkeys(f.resolve() for f in folders)]
    if problems := [problem for _, wrong in read for problem in wrong]:
        raise CatalogueError(problems=problems)
    return joined([part for part, _ in read], check_ids)
