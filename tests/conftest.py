"""What all tests share: the instant that judges, and the rule about missing parts."""

import fcntl
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

# Machines are shared and noisy: a slow example is no failure.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")

WORKER = "PYTEST_XDIST_WORKER" in os.environ
LONG = {"kernel", "browser", "slow"}


def pytest_collection_modifyitems(items):
    """Workers begin with what takes long, so that none is left with it when the others end.

    One of them builds the demo at once; whatever else reads it comes later, so that no other
    waits for it.
    """
    if not WORKER:
        return

    def reads_demo(item):
        return "demo" in getattr(item, "fixturenames", ())  # a notebook's cell has none

    first = next((item.path for item in items if reads_demo(item)), None)

    def turn(item):
        if item.path == first:
            return 0
        long = not LONG.isdisjoint(mark.name for mark in item.iter_markers())
        return 1 + reads_demo(item) if long else 3

    items.sort(key=turn)


ZYGOTE = pytest.StashKey()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """The kernels of a worker's tests, and of the commands that they call, are forked from one.

    It starts with the first test that needs it. A test that wants a kernel from nothing takes
    OPS_MODEL_ZYGOTE out of its environment.
    """
    if ZYGOTE in item.config.stash or sys.platform != "linux":
        return
    if item.get_closest_marker("kernel") or "demo" in getattr(item, "fixturenames", ()):
        from ops_model.notebook.environment import kernel_environment
        from ops_model.notebook.warm import Zygote

        zygote = item.config.stash[ZYGOTE] = Zygote(kernel_environment(os.environ, Path("/")))
        os.environ["OPS_MODEL_ZYGOTE"] = zygote.address


def pytest_unconfigure(config):
    """End it, and every kernel with it."""
    if zygote := config.stash.get(ZYGOTE, None):
        zygote.close()


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


def built_once(tmp_path_factory, name, build):
    """A folder that one worker builds while the others wait, so that a run builds it once."""
    base = tmp_path_factory.getbasetemp()
    if WORKER:
        base = base.parent  # a worker's own folder lies in that of the run
    whole = base / f"{name}.whole"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a worker that dies lets go of it
        if not whole.exists():
            shutil.rmtree(base / name, ignore_errors=True)
            build(base / name)
            whole.touch()
    return base / name


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The demo's workbook, built once by the command that a user calls. Read it, or copy it."""

    def build(into):
        finished = subprocess.run(
            [sys.executable, "-m", "ops_model", "demo", "--into", str(into), "--no-open"],
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr

    return built_once(tmp_path_factory, "demo", build)


@pytest.fixture
def demo_copy(demo, tmp_path):
    """A copy of the demo's workbook that a test may change."""
    return Path(shutil.copytree(demo, tmp_path / "demo"))
