"""What the demo leaves unknown because nothing is on record: a list, each with its reason."""

import tomllib
from pathlib import Path

import pytest

from tests.cli.demo_read import verdict_of

LISTED = tomllib.loads(Path(__file__).with_name("demo_unknown.toml").read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.kernel
@pytest.mark.parametrize("system", LISTED)
def test_what_nothing_is_on_record_about_is_listed_with_a_reason(demo_copy, system):
    _, check = verdict_of(system, demo_copy)

    missing = {
        found["check"]
        for found in check["findings"]
        if found["status"] == "unknown" and found["reason"] == "missing"
    }
    assert missing == set(LISTED[system])


def test_every_reason_is_a_sentence():
    for checks in LISTED.values():
        for check, reason in checks.items():
            assert reason.endswith("."), check
            assert len(reason.split()) > 2, check
