"""Which claims name a file by its path below the workbook: the runbooks, and the documentation."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from ops_model.domain.values import ClaimFile

NAMING_A_FILE: tuple[tuple[str, str], ...] = (
    ("identity", "documentation"),
    ("on_call", "runbook"),
    ("rollback", "runbook"),
)
"""The claims that may name one, as (area, key); an address or a few words stand there too."""


def path_in(text: str | None) -> str | None:
    """The path below the workbook that a text is; None for an address, or for words.

    What stands behind a `#` is a place in the file, and no part of its path.
    """
    if text is None or "://" in text or any(c.isspace() for c in text):
        return None
    path = text.partition("#")[0]
    return path if "/" in path or PurePosixPath(path).suffix else None


def paths_named(areas: Mapping[str, ClaimFile | None]) -> Iterator[str]:
    """The paths that the files of a system name.

    Args:
        areas: the files that there are, by the attribute of `SystemClaims` that holds each.
    """
    for area, key in NAMING_A_FILE:
        file = areas.get(area)
        if file is not None and (path := path_in(getattr(file, key))) is not None:
            yield path
