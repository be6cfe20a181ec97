"""A workbook to rehearse in, which must be without processes when a test ends."""

import time

import pytest

from tests.conftest import require
from tests.drill.rehearsal import a_served_workbook, proc_is_there, processes_in


@pytest.fixture
def workbook(tmp_path):
    """Two versions, one hour of weather; whatever was started in it must be gone afterwards."""
    require(proc_is_there(), "/proc")
    yield a_served_workbook(tmp_path)

    deadline = time.monotonic() + 10
    while (left := processes_in(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []
