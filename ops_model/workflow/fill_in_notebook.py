"""Write a system's fill-in notebook from its YAML, whole or not at all."""

import hashlib
import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import get_args, get_origin

from ops_model.domain.values import Days, Flag, SampleValue, Slug, Text, Value
from ops_model.notebook.fill_in import Question, Section, fill_in_notebook
from ops_model.store.expectation import (
    alternatives,
    below,
    describe,
    fields_of,
    model_of,
    optional,
    plain,
)  # fmt: skip
from ops_model.store.save import read_answer
from ops_model.store.yaml_text import Tree, tree_of
from ops_model.workflow.fill_in_questions import MODELS, PARTS, QUESTIONS

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
            part.area,
            part.title,
            part.text,
            tuple(q for stem in part.stems for q in _questions(root, folder, stem)),
        )
        for part in PARTS
    ]
    path = Path(folder) / NOTEBOOK_FILE
    beside = root / folder / f".{NOTEBOOK_FILE}.tmp"
    beside.write_text(fill_in_notebook(system_id, sections), encoding="utf-8")
    beside.replace(root / path)
    return path


def _questions(root: Path, folder: str, stem: str) -> list[Question]:
    said = read_answer(root, f"{folder}/{stem}.yaml", ()) or {}
    fields = fields_of(MODELS[stem])
    return [
        Question(
            f"{stem}.{key}",
            text,
            expected(fields[key]),
            as_literal(said.get(key), fields[key]),
            short_digest(said.get(key)),
        )
        for key, text in QUESTIONS[stem].items()
    ]


def short_digest(tree: Tree) -> str:
    """Eight hex digits that change with a value."""
    text = json.dumps(tree, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def expected(annotation: object) -> str:
    """What may stand there, in words for somebody who writes Python values and not YAML."""
    said = " or ".join(dict.fromkeys(_expected(option) for option in alternatives(annotation)))
    return f"{said}; None while there is none" if optional(annotation) else said


_SAID: tuple[tuple[object, str], ...] = (
    (Flag, "True or False"),
    (Text, "text in quotes"),
    (Slug, "an id in quotes, such as ana-ruiz"),
)


def _expected(option: object) -> str:
    for known, text in _SAID:
        if option == known:
            return text
    inner, _ = plain(option)
    if get_origin(inner) is tuple:
        item = get_args(inner)[0]
        return f"a list, [] while there is none; each {_expected(item)}"
    model = model_of(option)
    if model is not None and issubclass(model, Value) and len(fields_of(model)) > 0:
        return _keys(model, describe(option))
    return describe(option)


def _keys(model: type[Value], otherwise: str) -> str:
    needed = [name for name, info in model.model_fields.items() if info.is_required()]
    free = [name for name, info in model.model_fields.items() if not info.is_required()]
    if model.__name__ == "Money":
        return otherwise
    said = f"a dict with {', '.join(needed)}" if needed else "a dict"
    may = f" that may have {', '.join(free)}" if not needed else f"; it may have {', '.join(free)}"
    return said + (may if free else "")


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
