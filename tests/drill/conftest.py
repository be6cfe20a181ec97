"""A workbook to rehearse in, which must be without processes when a test ends."""

import shutil
import time
from importlib.util import find_spec

import pytest

from tests.conftest import require
from tests.drill.registry import make_registry
from tests.drill.rehearsal import a_served_workbook, proc_is_there, processes_in
from tests.drill.switched import FLAG, SERVES


@pytest.fixture
def workbook(tmp_path):
    """Two versions, one hour of weather; whatever was started in it must be gone afterwards."""
    require(proc_is_there(), "/proc")
    yield a_served_workbook(tmp_path)

    deadline = time.monotonic() + 10
    while (left := processes_in(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


@pytest.fixture
def followed(workbook):
    """A workbook whose server follows a file that says v2."""
    (workbook / SERVES).write_text("v2", encoding="utf-8")
    (workbook / FLAG).write_text("on", encoding="utf-8")
    return workbook


@pytest.fixture(scope="session")
def registry(tmp_path_factory):
    """A registry of MLflow, to be copied."""
    require(find_spec("mlflow") is not None, "mlflow")
    path = tmp_path_factory.mktemp("registry") / "mlflow.db"
    make_registry(path, path.parent)
    return path


@pytest.fixture
def registered(workbook, registry):
    """A workbook whose server follows an alias that stands at version 2."""
    shutil.copy(registry, workbook / "mlflow.db")
    return workbook
