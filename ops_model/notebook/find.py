"""Which notebook a name means: the workbook's own first, then the shipped one."""

import re
from difflib import get_close_matches
from pathlib import Path

from ops_model.errors import UsageError
from ops_model.shipped import shipped

# The stem becomes a folder under runs/, so it is no more than a plain word.
_STEM = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$")
_NUMBER = re.compile(r"^[Nn]?([0-9]{1,2})$")


def notebooks(root: Path) -> dict[str, Path]:
    """Every notebook that can be run in this workbook, by stem; its own override the shipped."""
    folders = [shipped("notebooks"), root / "notebooks"]
    return {
        p.stem: p for f in folders for p in sorted(f.glob("*.ipynb")) if _STEM.fullmatch(p.stem)
    }


def find_notebook(root: Path, name: str) -> Path:
    """The notebook called `05_drift_quality`, `05_drift_quality.ipynb`, `N05` or `05`.

    Raises:
        UsageError: no notebook has this name (names the nearest), or several have this number, or
            it lies outside the workbook.
    """
    path = _found(root, name)
    if path.parent == root / "notebooks" and not path.resolve().is_relative_to(root.resolve()):
        raise UsageError(
            "is a link that leaves the workbook; a notebook is code, and has to be seen in it",
            where=f"notebooks/{path.name}",
            remedy="copy the notebook into the workbook",
        )
    return path


def _found(root: Path, name: str) -> Path:
    known = notebooks(root)
    stem = name.removesuffix(".ipynb")
    if stem in known:
        return known[stem]
    number = _NUMBER.fullmatch(stem)
    found = [s for s in known if number and s.startswith(f"{int(number[1]):02d}_")]
    if len(found) == 1:
        return known[found[0]]
    if found:
        raise UsageError(
            f"{name!r} could be {' or '.join(sorted(found))}", remedy="write the whole name"
        )
    near = get_close_matches(stem[:80], known, n=1)
    listed = ", ".join(sorted(known)) or "none"
    raise UsageError(
        f"there is no notebook {name[:100]!r} in this workbook, and none is shipped",
        where="notebooks/",
        remedy=f"did you mean {near[0]}?" if near else f"there are: {listed}",
    )
