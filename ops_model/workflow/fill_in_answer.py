"""One answer of the fill-in notebook: saved, unchanged, or refused with what to do."""

import reprlib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ops_model.domain.texts import MASKED
from ops_model.domain.values import Money
from ops_model.errors import Problem, WorkbookError
from ops_model.notebook.fill_in import layout, quoted
from ops_model.site.fill_in_card import Answer, Difference
from ops_model.store.expectation import PYTHON, below, fields_of, model_of
from ops_model.store.save import read_answer, save_answer
from ops_model.store.yaml_text import tree_of
from ops_model.workflow.fill_in_memory import Memory
from ops_model.workflow.fill_in_notebook import expected, short_digest
from ops_model.workflow.fill_in_questions import AREAS, MODELS, QUESTIONS, path_of

_SHOWN = 400  # characters of a value in a card


def answered(
    root: Path, system: str, memory: Memory, key: str, value: object, filled_from: str
) -> Answer:
    """What became of an answer. Nothing is saved over a value that the cell never showed."""
    stem, _, name = str(key).partition(".")
    if name not in QUESTIONS.get(stem, {}):
        return _unknown(str(key))
    annotation = fields_of(MODELS[stem])[name]
    path = path_of(f"systems/{system}", stem)
    told: dict[str, Any] = {
        "key": key,
        "question": QUESTIONS[stem][name],
        "expected": expected(annotation),
        "area": AREAS[stem],
        "keys": _keys(annotation),
    }
    try:
        held = read_answer(root, path, (name,))
        before = short_digest(held)
        if tree_of(value) == held:
            if before != filled_from:
                memory.note(key, before)
            return Answer("unchanged", **told)
        if before != filled_from and not memory.knows(key, before):
            return Answer(
                "not saved",
                **{**told, "expected": "", "keys": ()},
                problems=(_newer(system, path, before, filled_from),),
                difference=Difference(_short(value), _short(held)),
            )
        saved = save_answer(root, path, (name,), value, model=MODELS[stem], voice=PYTHON)
    except WorkbookError as error:
        secret = any(MASKED in problem.message for problem in error.problems)
        wrote = "" if secret else _short(value)
        return Answer("not saved", **told, wrote=wrote, problems=error.problems)
    except TypeError as error:
        problem = Problem(f"{key} {error}", "", "write it as text in quotes, or a list of it")
        return Answer("not saved", **told, wrote=_short(value), problems=(problem,))
    memory.note(key, short_digest(saved.after))
    return Answer("saved" if saved.changed else "unchanged", **told)


def _unknown(key: str) -> Answer:
    known = [f"{stem}.{name}" for stem, names in QUESTIONS.items() for name in names]
    near = get_close_matches(key, known, n=1)
    stem = key.partition(".")[0]
    mine = [name for name in known if name.startswith(f"{stem}.")] or [f"{s}...." for s in MODELS]
    problem = Problem(
        f"{key} is no question; expected one of {', '.join(mine)}",
        "",
        f"did you mean {near[0]}?" if near else "copy the key from the notebook as it was written",
    )
    return Answer("not saved", key, key, problems=(problem,))


def _newer(system: str, path: str, before: str, filled_from: str) -> Problem:
    said = f"{path} was changed since this cell was filled in; nothing was saved."
    if not filled_from:
        said = (
            "The cell has lost its filled_from, by which it notices that somebody changed the "
            "file meanwhile; nothing was saved."
        )
    return Problem(
        said,
        "",
        f"to keep yours, write `filled_from={quoted(before)}` in the cell and run it again; to "
        "keep the file's, copy its value into the cell. For many cells at once: "
        f"`ops-model new {system} --refresh` writes the notebook anew, and whatever was typed in "
        "it and not saved is gone",
    )


def _short(value: object) -> str:
    try:
        text = layout(value, 0)
    except RecursionError:
        text = reprlib.repr(value)  # it holds itself, or is too deep for any file
    return f"{text[:_SHOWN]}..." if len(text) > _SHOWN else text


def _keys(annotation: object) -> tuple[tuple[str, str, str], ...]:
    """The keys of a nested object: name, whether it is needed, what may stand there."""
    model = model_of(annotation) or model_of(below(annotation, 0))
    if model is None or model is Money:
        return ()
    return tuple(
        (name, "needed" if model.model_fields[name].is_required() else "", expected(inner))
        for name, inner in fields_of(model).items()
    )
