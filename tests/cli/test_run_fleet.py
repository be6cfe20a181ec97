"""`ops-model run --all`: what is said of many runs, and how it ends."""

import json

import pytest
from click.testing import CliRunner

from ops_model.cli.run import command
from ops_model.store.ledger import Ledger
from tests.workflow.fleets import AS_OF, WALL_CLOCK, copied, many_systems, slots


@pytest.fixture
def root(tmp_path):
    return many_systems(tmp_path, 3)


def run(root, *arguments):
    return CliRunner().invoke(command, ["good", "--all", "--workbook", str(root), *arguments])


def test_what_was_done_before_is_skipped_and_counted(root):
    copied(root, slots(root))

    result = run(root, "--once")

    assert result.exit_code == 0
    assert "3 runs: 3 skipped, since another run did or does them" in result.stderr
    assert result.stdout == ""


def test_those_that_failed_are_listed_with_why_and_the_worst_code_counts(root):
    result = run(root, "-p", "adress=1")

    assert result.exit_code == 2
    assert "3 runs: 3 failed" in result.stderr
    listed = result.stderr.partition("3 runs: 3 failed\n")[2].splitlines()
    assert listed[0].split() == ["system", "notebook", "why"]
    assert [line.split()[:2] for line in listed[1:]] == [
        ["flight-delay", "good"], ["system-002", "good"], ["system-003", "good"],
    ]  # fmt: skip
    assert all("has no parameter 'adress'" in line for line in listed[1:])


def test_json_has_the_runs_as_they_were_asked_for_and_their_instant(root):
    with Ledger.open(root / "ledger.db", create=True) as ledger:
        slot = "system-002/good@2013-07-22T08:00:00Z"
        ledger.claim(slot, "x", subject="system-002", as_of=AS_OF, recorded_at=WALL_CLOCK)
    copied(root, [slots(root)[2], slots(root)[0]])

    runs = json.loads(run(root, "--once", "--json").stdout)["runs"]

    assert [(r["system"], r["state"]) for r in runs] == [
        ("flight-delay", "skipped"), ("system-002", "skipped"), ("system-003", "skipped"),
    ]  # fmt: skip
    assert {r["as_of"] for r in runs} == {"2013-07-22T08:00:00Z"}
