"""What all tests share: the instant that judges, and the rule about missing parts."""

import os
from datetime import UTC, datetime

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
