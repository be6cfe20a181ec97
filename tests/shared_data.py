"""Real data beside the repository, which some tests need and no wheel holds."""

from pathlib import Path

from tests.conftest import require

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared(name):
    """The path of a file of real data; skips, or fails where nothing may be skipped."""
    path = SHARED / name
    require(path.exists(), f"the real data {path.name} in ../shared/data")
    return path
