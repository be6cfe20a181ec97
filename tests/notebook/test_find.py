"""Which notebook a name means."""

import pytest

from ops_model.errors import UsageError
from ops_model.notebook.find import find_notebook
from ops_model.shipped import shipped
from tests.notebook.builders import a_notebook


@pytest.mark.parametrize(
    "name", ["05_drift_quality", "05_drift_quality.ipynb", "N05", "n05", "05", "5"]
)
def test_a_shipped_notebook_is_found_by_its_name_and_by_its_number(tmp_path, name):
    assert find_notebook(tmp_path, name) == shipped("notebooks") / "05_drift_quality.ipynb"


def test_a_notebook_of_the_workbook_overrides_the_shipped_one_of_the_same_name(tmp_path):
    (tmp_path / "notebooks").mkdir()
    own = a_notebook(tmp_path / "notebooks" / "05_drift_quality.ipynb", "1")

    assert find_notebook(tmp_path, "N05") == own


def test_a_number_that_several_notebooks_have_is_refused(tmp_path):
    (tmp_path / "notebooks").mkdir()
    a_notebook(tmp_path / "notebooks" / "05_own.ipynb", "1")

    with pytest.raises(UsageError, match="could be 05_drift_quality or 05_own"):
        find_notebook(tmp_path, "05")


def test_an_unknown_name_is_refused_with_the_nearest_one(tmp_path):
    with pytest.raises(UsageError, match="did you mean 05_drift_quality"):
        find_notebook(tmp_path, "05_drift_qualty")


@pytest.mark.parametrize("name", ["../secrets", "/etc/passwd", "a/b", "{system}", "", "99"])
def test_a_name_that_is_no_notebook_never_becomes_a_path(tmp_path, name):
    with pytest.raises(UsageError, match="there is no notebook"):
        find_notebook(tmp_path, name)
