"""The list of shipped notebooks only grows."""

from tests.notebook.builders import a_notebook
from tests.notebooks.refresh_shipped import refresh


def test_an_edited_notebook_gets_a_second_line_and_keeps_its_first(tmp_path):
    a_notebook(tmp_path / "01_x.ipynb", "1")
    refresh(tmp_path)
    first = (tmp_path / "shipped.csv").read_text(encoding="utf-8")
    a_notebook(tmp_path / "01_x.ipynb", "2")

    added = refresh(tmp_path)

    listed = (tmp_path / "shipped.csv").read_text(encoding="utf-8")
    assert added == ["01_x"]
    assert listed.startswith(first)
    assert len(listed.splitlines()) == 3


def test_a_notebook_that_did_not_change_adds_nothing(tmp_path):
    a_notebook(tmp_path / "01_x.ipynb", "1")
    refresh(tmp_path)

    assert refresh(tmp_path) == []
