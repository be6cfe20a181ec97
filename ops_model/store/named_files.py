"""Whether the files that claims name lie in the workbook; none of them is opened."""

from collections.abc import Mapping
from pathlib import Path

from ops_model.domain.named_files import paths_named
from ops_model.domain.values import ClaimFile


def not_there(root: Path, areas: Mapping[str, ClaimFile | None]) -> tuple[str, ...]:
    """The paths that the files of one system name, and that are no file below the workbook.

    Args:
        root: the folder of the workbook, resolved.
        areas: the system's files, by the attribute of `SystemClaims` that holds each.
    """
    named = dict.fromkeys(paths_named(areas))
    return tuple(path for path in named if not _lies_below(root, path))


def _lies_below(root: Path, path: str) -> bool:
    try:
        found = (root / path).resolve()
        return found.is_relative_to(root) and found.is_file()
    except (OSError, RuntimeError):  # a name that is too long, or links in a circle
        return False
