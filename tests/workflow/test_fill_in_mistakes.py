"""What is no Python in a cell of the fill-in notebook: a card in words, and a failed cell."""

import re

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from ops_model.workflow.fill_in import Page
from ops_model.workflow.fill_in_mistakes import mistake
from ops_model.workflow.start import start_workbook


def cell(value, key="system.purpose"):
    return f'page.answer(\n    "{key}",\n    {value},\n    filled_from="00000000",\n)'


def refused_by_python(source):
    try:
        exec(compile(source, "cell", "exec"), {"page": Page(None, "scorer")})
    except (NameError, SyntaxError, AttributeError, TypeError) as error:
        return error
    pytest.fail("Python took it")


@pytest.mark.parametrize(
    ("value", "wrote", "fix"),
    [
        ("B", "B", 'put text in quotes: `"B"`'),
        ("ana-ruiz", "ana-ruiz", 'put text in quotes: `"ana-ruiz"`'),
        ("[ana.ruiz]", "ana.ruiz", 'put text in quotes: `"ana.ruiz"`'),
        ('["a", mara]', "mara", 'put text in quotes: `"mara"`'),
        ("yes", "yes", "write `True`, without quotes"),
        ("true", "true", "write `True`, without quotes"),
        ("no", "no", "write `False`, without quotes"),
        ("null", "null", "write `None`, without quotes"),
        (
            "A tool that sorts claims.",
            "A tool that sorts claims.",
            'put the sentence in quotes: `"A tool that sorts claims."`',
        ),
        ("It's a tool", "It's a tool", 'put the sentence in quotes: `"It\'s a tool"`'),
        ("500 USD", "500 USD", 'put the sentence in quotes: `"500 USD"`'),
        ("28d", "28d", 'put the sentence in quotes: `"28d"`'),
        ("2027-01-15", "2027-01-15", 'put the date in quotes: `"2027-01-15"`'),
        (
            '{"due": 2027-01-15}',
            '{"due": 2027-01-15}',
            'put the date in quotes: `"2027-01-15"`',
        ),
        ("\u201cA tool\u201d", "\u201cA tool\u201d", 'write straight ones: `"A tool"`'),
        ("- claims", "- claims", 'write a list: `["claims"]`'),
        ("channel: here", "channel: here", 'write a dict: `{"channel": "here"}`'),
        (
            '"a tool',
            '"a tool',
            "put one \" before it and one behind it; for a quote inside a text write '",
        ),
        ('["a" "b"', None, "close each [ with ], each { with } and each ( with )"),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_with_what_to_write(value, wrote, fix):
    source = cell(value)

    said, problem = mistake(source, refused_by_python(source), Page)

    assert problem.remedy == fix
    assert wrote is None or said == wrote


def test_a_name_of_the_page_that_is_misspelt_is_answered_with_the_nearest():
    source = cell('"B"').replace("page.answer", "page.answr")

    _, problem = mistake(source, refused_by_python(source), Page)

    assert problem.remedy == "did you mean `page.answer`?"


def test_a_cell_without_a_value_is_told_what_it_needs():
    source = 'page.answer("system.tier")'

    _, problem = mistake(source, refused_by_python(source), Page)

    assert problem.message == "page.answer needs a key and a value"


@pytest.fixture
def folder(tmp_path):
    start_workbook(tmp_path / "book", "scorer")
    return tmp_path / "book" / "systems" / "scorer"


def run(folder, *sources, allow_errors=True):
    """The cells run in a kernel as JupyterLab runs them, behind the first cell of the notebook."""
    first = 'from ops_model import workflow\n\npage = workflow.fill_in("scorer")'
    cells = [nbformat.v4.new_code_cell(source) for source in (first, *sources)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", allow_errors=allow_errors,
        resources={"metadata": {"path": str(folder)}},
    ).execute()  # fmt: skip
    return [cell.outputs for cell in notebook.cells[1:]]


def text_of(output):
    return " ".join(re.sub(r"<[^>]+>", " ", output["data"]["text/html"]).split())


@pytest.mark.kernel
@pytest.mark.slow
def test_in_a_kernel_each_mistake_is_one_red_card_and_other_cells_keep_their_traceback(folder):
    before = {p: p.read_bytes() for p in folder.rglob("*.yaml")}

    *cards, other, unreadable, later = run(
        folder,
        cell("B", "system.tier"),
        cell("A tool that sorts.", "system.purpose"),
        cell("2027-01-15", "system.go_live_target"),
        cell('"B"').replace("answer", "answr"),
        "nothing_of_ours",
        "1 +",
        "page.gaps()",
    )

    for outputs in cards:
        assert [o["output_type"] for o in outputs] == ["display_data"]
        assert text_of(outputs[0]).startswith("✖ not saved")
    assert text_of(cards[0][0]).startswith("✖ not saved How much harm does a failure do?")
    assert [o["ename"] for o in (*other, *unreadable)] == ["NameError", "SyntaxError"]
    assert "gaps of scorer" in text_of(later[0])
    assert {p: p.read_bytes() for p in folder.rglob("*.yaml")} == before


@pytest.mark.kernel
@pytest.mark.slow
@pytest.mark.parametrize("value", ["B", "A tool that sorts."])
def test_a_run_stops_at_a_mistake_though_it_is_shown_as_a_card(folder, value):
    with pytest.raises(CellExecutionError):
        run(folder, cell(value), allow_errors=False)
