"""Write a system's fill-in notebook from its YAML, whole or not at all."""

import hashlib
import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import get_origin

from ops_model.domain.scalars import Days, Flag, SampleValue
from ops_model.notebook.fill_in import Question, Section, fill_in_notebook
from ops_model.store.expectation import (
    PYTHON,
    alternatives,
    below,
    describe,
    fields_of,
    optional,
    plain,
)  # fmt: skip
from ops_model.store.save import read_answer
from ops_model.store.yaml_text import Tree, tree_of
from ops_model.workflow.fill_in_examples import examples
from ops_model.workflow.fill_in_memory import forget
from ops_model.workflow.fill_in_questions import FIRST, MODELS, PARTS, QUESTIONS, path_of

NOTEBOOK_FILE = "fill_in.ipynb"


def write_fill_in(root: Path, folder: str, system_id: str) -> Path:
    """Write the notebook of the system in `folder` (relative to `root`) from its present YAML.

    Returns:
        The notebook, relative to `root`.

    Raises:
        WorkbookError: one of the system's files cannot be read as YAML.
    """
    sections = [
        Section(
            part.name or part.area,
            part.title,
            part.text,
            tuple(q for stem in part.stems for q in _questions(root, folder, stem, system_id)),
        )
        for part in PARTS
    ]
    path = Path(folder) / NOTEBOOK_FILE
    beside = root / folder / f".{NOTEBOOK_FILE}.tmp"
    beside.write_text(fill_in_notebook(system_id, sections), encoding="utf-8")
    beside.replace(root / path)
    forget(root / folder)
    return path


def _questions(root: Path, folder: str, stem: str, system_id: str) -> list[Question]:
    said = read_answer(root, path_of(folder, stem), ()) or {}
    fields = fields_of(MODELS[stem])
    return [
        Question(
            f"{stem}.{key}",
            text,
            expected(fields[key]),
            as_literal(said.get(key), fields[key]),
            short_digest(said.get(key)),
            None if said.get(key) else as_literal(examples(stem, system_id).get(key), fields[key]),
            FIRST.get(f"{stem}.{key}", ""),
        )
        for key, text in QUESTIONS[stem].items()
    ]


def short_digest(tree: Tree) -> str:
    """Eight hex digits that change with a value."""
    text = json.dumps(tree, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def expected(annotation: object) -> str:
    """What may stand there, in words for somebody who writes Python values and not YAML."""
    said = describe(annotation, PYTHON)
    listed = get_origin(plain(alternatives(annotation)[0])[0]) is tuple
    none_yet = "; [] while there is none" if listed else ""
    return f"{said}{none_yet}{'; None while there is none' if optional(annotation) else ''}"


def as_literal(tree: Tree, annotation: object) -> Tree:
    """What was read as Python values that are written back as the very same text."""
    if isinstance(tree, dict):
        return {key: as_literal(item, below(annotation, key)) for key, item in tree.items()}
    if isinstance(tree, list):
        return [as_literal(item, below(annotation, 0)) for item in tree]
    if tree is None:
        return None
    kinds = {plain(option)[0] for option in alternatives(annotation)}
    if Flag in alternatives(annotation) and tree in {"true", "false"}:
        return tree == "true"
    numeric = kinds & {int, float, Decimal} or alternatives(annotation)[0] in {Days, SampleValue}
    return _number(tree) if numeric and not kinds & {date, datetime} else tree


def _number(text: str) -> int | float | str:
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text):
        return text
    number = float(text) if "." in text else int(text)
    # 1.10 as a number would come back as 1.1, and a run of the notebook would change the file.
    return number if tree_of(number) == text else text
