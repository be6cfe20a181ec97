"""What all tests share: the instant that judges, and the rule about missing parts."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest


@pytest.fixture
def as_of() -> datetime:
    """The demo's pinned instant."""
    return datetime(2013, 7, 22, 8, tzinfo=UTC)


def require(present: bool, what: str) -> None:
    """Skip a test that lacks a part of the machine; fail it where everything must be there."""
    if present:
        return
    if os.environ.get("OPS_MODEL_REQUIRE_ALL") == "1":
        pytest.fail(f"{what} is missing, and OPS_MODEL_REQUIRE_ALL=1 allows no skip")
    pytest.skip(f"{what} is not on this machine")


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The demo's workbook, built once by the command that a user calls. Read it, or copy it."""
    into = tmp_path_factory.mktemp("demo") / "demo"
    finished = subprocess.run(
        [sys.executable, "-m", "ops_model", "demo", "--into", str(into), "--no-open"],
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return into


@pytest.fixture
def demo_copy(demo, tmp_path):
    """A copy of the demo's workbook that a test may change."""
    return Path(shutil.copytree(demo, tmp_path / "demo"))
