"""A notebook file read as data: its cells, whatever the file holds, or why it is no notebook.

Nothing of a notebook that does not have this shape is looked at again, so what reads the cells
later, by digest or to run them, meets lists and texts where it expects them.
"""

import json
import stat
from pathlib import Path
from typing import Any

from ops_model.errors import NotebookError

MAX_BYTES = 64 * 1024 * 1024
"""The longest notebook that is read; one with every output of a year has less."""


def read_cells(path: Path) -> list[dict[str, Any]]:
    """The cells of a notebook file, each with its source as one text and its tags as a list.

    Raises:
        NotebookError: the file is missing or no plain file, too long, or no notebook of format 4.
    """
    try:
        cells = json.loads(_text(path))["cells"]
        # RecursionError: the reader of JSON follows brackets as deep as they go.
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _no_notebook(path, type(error).__name__) from error
    if not isinstance(cells, list):
        raise _no_notebook(path, "its cells are no list")
    return [_cell(path, number, cell) for number, cell in enumerate(cells)]


def _text(path: Path) -> str:
    # Looked at before it is opened: opening a pipe would wait for a writer for ever.
    seen = path.stat()
    if not stat.S_ISREG(seen.st_mode):
        raise _no_notebook(path, "no plain file")
    if seen.st_size > MAX_BYTES:
        raise _no_notebook(path, f"{seen.st_size} bytes; expected at most {MAX_BYTES}")
    return path.read_text(encoding="utf-8")


def _cell(path: Path, number: int, cell: object) -> dict[str, Any]:
    if not isinstance(cell, dict):
        raise _no_notebook(path, f"cell {number} is no object")
    metadata = cell.get("metadata", {})
    tags = metadata.get("tags", []) if isinstance(metadata, dict) else None
    source = cell.get("source")
    if isinstance(source, list) and _all_text(source):
        source = "".join(source)
    if not isinstance(source, str) or not isinstance(cell.get("cell_type"), str):
        raise _no_notebook(path, f"cell {number} has no kind or no source")
    if not isinstance(tags, list) or not _all_text(tags):
        raise _no_notebook(path, f"the tags of cell {number} are no list of texts")
    try:
        "".join([source, *tags]).encode()
    except UnicodeEncodeError:
        raise _no_notebook(path, f"cell {number} holds half a character") from None
    return {**cell, "source": source}


def _all_text(values: list[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _no_notebook(path: Path, why: str) -> NotebookError:
    return NotebookError(
        f"is no notebook that can be read ({why})",
        where=path.name,
        remedy="save it from JupyterLab again, in notebook format 4",
    )
