"""The fill-in notebook as a file: one call per question, prefilled; it holds no answers itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

_WIDTH = 84


@dataclass(frozen=True)
class Question:
    """One cell: the key that it fills, the question, and the value that it is prefilled with."""

    key: str
    text: str
    expected: str
    value: Any
    filled_from: str
    example: Any = None
    """A value to begin with, shown as a comment; None where the answer is simple."""
    first: str = ""
    """The one of the five questions that the answer belongs to."""


@dataclass(frozen=True)
class Section:
    """The questions of one area below their heading."""

    name: str
    title: str
    text: str
    questions: tuple[Question, ...]


def fill_in_notebook(system_id: str, sections: Sequence[Section]) -> str:
    """The notebook as text; equal input gives equal bytes, and each cell keeps its id."""
    import nbformat

    make: Any = nbformat.v4  # its functions have no types
    count = sum(len(section.questions) for section in sections)
    cells = [
        make.new_markdown_cell(_opening(system_id, count), id="about"),
        make.new_code_cell(_start(system_id), id="start"),
    ]
    for section in sections:
        cells.append(
            make.new_markdown_cell(
                f"## {section.title}\n\n{section.text}", id=f"area-{section.name}"
            )
        )
        cells += [
            make.new_code_cell(_call(question), id=_cell_id(question.key))
            for question in section.questions
        ]
    cells += [
        make.new_markdown_cell(
            "## What is still open\n\nRun this cell whenever you like.", id="end"
        ),
        make.new_code_cell("page.gaps()", id="gaps"),
    ]
    notebook = make.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
    )
    nbformat.validate(notebook)
    return str(make.writes(notebook)) + "\n"


def _cell_id(key: str) -> str:
    return key.replace(".", "-")[:64]


def _opening(system_id: str, count: int) -> str:
    return (
        f"# Fill in {system_id}\n\n"
        "**The question.** Who operates this system, how, and what is not known yet?\n\n"
        "**Who reads it.** Whoever is accountable for the system, and those who help to fill it "
        "in.\n\n"
        f"**How long.** {count} questions. A short one takes a minute or two; one whose cell "
        "shows an example takes longer, and often somebody else who knows. Those with a "
        "\N{BLACK STAR} belong to the five questions that decide first: begin with them. Stop and "
        "go on whenever you like; after a restart of the kernel run the first cell again.\n\n"
        "Write your answer in place of the one in a cell, and run the cell (Shift+Enter). A card "
        "below says whether it was saved, what is still missing, and who mends it. Answers are "
        "saved in the YAML files beside this notebook, which are the one truth; `None` leaves a "
        "key out. Text and dates stand in quotes, lists in `[ ]`, and yes and no are `True` and "
        "`False`. Leave `filled_from` as it is: by it a cell notices that somebody changed the "
        "file meanwhile."
    )


def _start(system_id: str) -> str:
    return f'from ops_model import workflow\n\npage = workflow.fill_in("{system_id}")\npage'


def _call(question: Question) -> str:
    key, value = quoted(question.key), layout(question.value, 4)
    lines = [
        *_comment(question.text),
        *(
            _comment(f"\N{BLACK STAR} one of the five questions: {question.first}")
            if question.first
            else []
        ),
        *_comment(f"Expected: {question.expected}"),
        *_example(question.example),
        "page.answer(",
        f"    {key},",
        f"    {value},",
        f"    filled_from={quoted(question.filled_from)},",
        ")",
    ]
    return "\n".join(line.rstrip() for line in lines)


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in wrap(text, _WIDTH)]


def _example(value: Any) -> list[str]:  # noqa: ANN401 - a Python literal of any shape
    if value is None:
        return []
    return ["# For example:", *(f"# {line}" for line in layout(value, 0).split("\n"))]


def layout(value: Any, indent: int) -> str:  # noqa: ANN401 - a Python literal of any shape
    """A value as a Python literal, in several lines where one would be too long."""
    one = _one_line(value)
    if not isinstance(value, dict | list) or not value or len(one) + indent <= _WIDTH:
        return one
    inner = " " * (indent + 4)
    if isinstance(value, dict):
        items = [f"{quoted(k)}: {layout(v, indent + 4)}" for k, v in value.items()]
    else:
        items = [layout(item, indent + 4) for item in value]
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    body = "".join(f"{inner}{item},\n" for item in items)
    return f"{opening}\n{body}{' ' * indent}{closing}"


def _one_line(value: Any) -> str:  # noqa: ANN401 - a Python literal of any shape
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)}: {_one_line(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_one_line(item) for item in value) + "]"
    return repr(value)


def quoted(text: str) -> str:
    """A Python string in double quotes; what cannot be seen is written as an escape."""
    return '"' + "".join(_character(c) for c in text) + '"'


def _character(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else repr(character)[1:-1]
