"""What a notebook declares, and which values it takes."""

import ast
from datetime import date
from decimal import Decimal
from pathlib import Path, PurePosixPath

import pytest

from ops_model.errors import NotebookError, ParameterError
from ops_model.notebook.parameters import (
    checked_parameters,
    declared_parameters,
    injected_source,
)
from tests.notebook.builders import a_notebook

DECLARED = """system: str = "none"  # the system
days: int = 7  # length of the window
limit: float = 0.5  # share
strict: bool = True  # refuse more
names: list = []  # people
note: str | None = None  # anything to add"""


@pytest.fixture
def notebook(tmp_path):
    return a_notebook(tmp_path / "n.ipynb", "1 + 1", parameters=DECLARED)


def test_a_parameter_is_read_with_its_type_default_and_comment(notebook):
    days = declared_parameters(notebook)[1]

    assert (days.name, days.annotation, days.default) == ("days", "int", 7)
    assert days.comment == "length of the window"


def test_given_values_replace_defaults_and_the_others_stay(notebook):
    checked = checked_parameters(notebook, {"days": 14, "note": "late"})

    assert checked == {
        "system": "none", "days": 14, "limit": 0.5, "strict": True, "names": [], "note": "late",
    }  # fmt: skip


def test_a_notebook_without_a_parameters_cell_is_refused(tmp_path):
    path = a_notebook(tmp_path / "n.ipynb", "x = 1", parameters=None)

    with pytest.raises(ParameterError, match="has 0 cells tagged `parameters`"):
        checked_parameters(path, {})


def test_a_notebook_with_two_parameters_cells_is_refused(tmp_path):
    path = a_notebook(tmp_path / "n.ipynb", "x: int = 1", tags={1: ["parameters"]})

    with pytest.raises(ParameterError, match="has 2 cells tagged `parameters`"):
        checked_parameters(path, {})


def test_an_unknown_name_is_refused_with_the_nearest_one(notebook):
    with pytest.raises(ParameterError, match="no parameter 'dayz'") as caught:
        checked_parameters(notebook, {"dayz": 7})

    assert caught.value.problems[0].remedy == "did you mean days?"


def test_all_wrong_parameters_are_named_at_once(notebook):
    with pytest.raises(ParameterError) as caught:
        checked_parameters(notebook, {"dayz": 7, "days": "7", "strict": 1})

    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("days", "abc"), ("days", 7.0), ("days", True), ("system", 7), ("system", None),
        ("strict", 1), ("limit", "0.5"), ("limit", float("nan")), ("limit", float("inf")),
        ("names", ("a", "b")), ("names", {"a"}), ("names", [("a",)]), ("names", [{1: "a"}]),
        ("names", [date(2026, 1, 1)]), ("names", [Decimal(1)]), ("system", Path("x")),
        ("system", PurePosixPath('a"+__import__("os").name+"')), ("system", b"x"),
        ("system", "\ud800"), ("system", "x" * 70_000), ("names", [[[[[[[[[1]]]]]]]]]),
    ],
)  # fmt: skip
def test_a_value_of_another_type_or_no_plain_json_is_refused(notebook, name, value):
    with pytest.raises(ParameterError, match=f"parameter {name} "):
        checked_parameters(notebook, {name: value})


def test_a_text_that_only_pretends_to_be_text_is_refused(notebook):
    class Crafted(str):
        def __repr__(self):
            return "__import__('os').system('true')"

    with pytest.raises(ParameterError, match="is Crafted; expected str"):
        checked_parameters(notebook, {"system": Crafted("x")})


@pytest.mark.parametrize(
    "line",
    [
        "x = 1", "x: int", "print: int = 1  # shadows", "class_: int = open('f')", "Days: int = 7",
        "x: date = 1", "import os", "x: int = 'seven'", "x: list = [open]", "os.x: int = 1",
        "_x: int = 1", "x: str = f'{1}'",
    ],
)  # fmt: skip
def test_a_parameters_cell_with_anything_but_annotated_literals_is_refused(tmp_path, line):
    path = a_notebook(tmp_path / "n.ipynb", parameters=line)

    with pytest.raises(ParameterError, match="cell 0, line 1"):
        declared_parameters(path)


def test_a_parameters_cell_that_is_no_python_is_refused_without_a_traceback(tmp_path):
    path = a_notebook(tmp_path / "n.ipynb", parameters="system: str = ")

    with pytest.raises(ParameterError, match="is no Python"):
        declared_parameters(path)


@pytest.mark.parametrize("name", ["x=1;import os;y", "print", "os.environ['A']", "class", "X", ""])
def test_a_name_that_could_be_code_is_unknown(notebook, name):
    with pytest.raises(ParameterError, match="has no parameter"):
        checked_parameters(notebook, {name: 1})


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "'",
        "\\",
        "a\nb",
        "a\rb",
        "\u2028",
        "\0",
        '"""',
        "'''",
        "!ls",
        "%run x",
        "{x}",
        "\\'\n",
    ],
)
def test_the_injected_cell_says_exactly_the_value_whatever_it_holds(text):
    source = injected_source({"note": text})

    assigned = ast.parse(source).body
    assert len(assigned) == 1
    assert ast.literal_eval(assigned[0].value) == text


def test_a_file_that_is_no_notebook_is_refused_without_a_traceback(tmp_path):
    path = tmp_path / "n.ipynb"
    path.write_text('{"cells": [', encoding="utf-8")

    with pytest.raises(NotebookError, match=r"n\.ipynb: is no notebook"):
        declared_parameters(path)
