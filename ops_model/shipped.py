"""Where the shipped notebooks, checks and templates lie, in a wheel or in a checkout."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from ops_model.errors import ShippedFilesMissingError

ShippedFolder = Literal["notebooks", "checks", "templates"]


def shipped(folder: ShippedFolder) -> Path:
    """The shipped folder: inside the installed package, or at the root of a checkout.

    Raises:
        ShippedFilesMissingError: neither is there.
    """
    packed = Path(str(files("ops_model"))) / "_shipped" / folder
    if packed.is_dir():
        return packed
    checkout = Path(__file__).resolve().parent.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / folder).is_dir():
        return checkout / folder
    raise ShippedFilesMissingError(
        f"the folder {folder!r} that comes with ops-model is not there",
        where=str(packed),
        remedy="reinstall ops-model; it lost its files",
    )


def notebook_digest(path: Path) -> str:
    """What identifies a notebook: its cells' kinds, tags and sources; outputs do not count."""
    return cells_digest(json.loads(path.read_text(encoding="utf-8"))["cells"])


def cells_digest(cells: Sequence[Mapping[str, Any]]) -> str:
    """The same of cells that were read already, so that what runs can be compared."""
    content = [
        [c["cell_type"], "".join(c["source"]), sorted(c.get("metadata", {}).get("tags", []))]
        for c in cells
    ]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


@cache
def shipped_notebook_digests() -> frozenset[str]:
    """The digests of every notebook that this or an earlier release shipped.

    They stand in `notebooks/shipped.csv` (digest, notebook), one line for each revision, so that
    evidence of an earlier release keeps its grade.
    """
    listed = shipped("notebooks") / "shipped.csv"
    if not listed.is_file():
        raise ShippedFilesMissingError(
            "the list of shipped notebooks is not there",
            where=str(listed),
            remedy="reinstall ops-model; it lost its files",
        )
    lines = listed.read_text(encoding="utf-8").splitlines()[1:]
    return frozenset(line.split(",")[0] for line in lines if line)
