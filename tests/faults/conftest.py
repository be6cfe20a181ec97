"""What several faults need."""

import subprocess
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.conftest import require
from tests.store import postgres

SCRIPT = postgres.ROOT / ".ci" / "postgres"


@pytest.fixture
def own_server(monkeypatch):
    """A PostgreSQL of the test's own, which it may kill; the folder that it lies in."""
    require(bool(postgres.SERVER), "a PostgreSQL (OPS_MODEL_TEST_POSTGRES, see .ci/postgres)")
    url = subprocess.run([SCRIPT], capture_output=True, text=True, check=True).stdout.strip()
    folder = Path(make_url(url).query["host"])
    monkeypatch.setattr(postgres, "SERVER", url)
    yield folder
    subprocess.run([SCRIPT, "stop", folder], check=True)
