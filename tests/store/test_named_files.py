"""Whether the files that claims name lie in the workbook."""

import pytest

from ops_model.store.workbook import read_workbook
from ops_model.workflow.start import start_workbook

ON_CALL = "systems/scorer/on_call.yaml"


@pytest.fixture
def root(tmp_path):
    start_workbook(tmp_path / "book", "scorer")
    return tmp_path / "book"


def not_there(root, runbook):
    file = root / ON_CALL
    file.write_text(f"{file.read_text()}\nrunbook: {runbook}\n")
    return read_workbook(root).system("scorer").not_there


@pytest.mark.parametrize(
    "runbook", ["runbooks/nights.md", "./runbooks", "/etc/hosts", "a/" + "b" * 900]
)
def test_a_path_at_which_no_file_lies_below_the_workbook_is_noted(root, runbook):
    (root / "runbooks").mkdir()

    assert not_there(root, runbook) == (runbook,)


@pytest.mark.parametrize(
    "runbook", ["docs/nights.md", "docs/nights.md#storm", "https://wiki.example.org/a", "RB-12"]
)
def test_a_file_that_lies_there_an_address_and_a_name_are_not(root, runbook):
    (root / "docs").mkdir()
    (root / "docs/nights.md").write_text("go back\n")

    assert not_there(root, f"'{runbook}'") == ()


@pytest.mark.parametrize("leads_to", ["../elsewhere.md", "link.md"])
def test_a_link_that_leaves_the_workbook_or_goes_in_a_circle_holds_no_file(root, leads_to):
    (root.parent / "elsewhere.md").write_text("go back\n")
    (root / "link.md").symlink_to(leads_to)

    assert not_there(root, "link.md") == ("link.md",)
