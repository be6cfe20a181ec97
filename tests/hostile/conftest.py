"""The smallest workbook, made once and copied for each that spoils it."""

import shutil

import pytest

from tests.workflow.tiny import a_workbook


@pytest.fixture(scope="session")
def unspoilt(tmp_path_factory):
    root = tmp_path_factory.mktemp("unspoilt") / "book"
    root.mkdir()
    return a_workbook(root)


@pytest.fixture
def root(unspoilt, tmp_path, monkeypatch):
    """A workbook of a test's own, in the folder that the test stands in."""
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(unspoilt, tmp_path / "book")
