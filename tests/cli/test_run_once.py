"""`ops-model run --once`, as a schedule calls it."""

import json

import pytest
from click.testing import CliRunner

from ops_model.cli.run import command
from ops_model.errors import UsageError
from ops_model.store.ledger import Ledger
from tests.workflow.test_run import AS_OF, WALL_CLOCK
from tests.workflow.test_run_once import SLOT
from tests.workflow.tiny import a_workbook


@pytest.fixture
def root(tmp_path):
    made = a_workbook(tmp_path)
    with Ledger.open(made / "ledger.db", create=True) as ledger:
        ledger.claim(SLOT, "run-1", subject="flight-delay", as_of=AS_OF, recorded_at=WALL_CLOCK)
    return made


PINNED = ("--as-of", AS_OF.isoformat())


def run(root, *arguments, as_of=PINNED):
    given = ["good", "flight-delay", "--workbook", str(root), *as_of]
    return CliRunner().invoke(command, [*given, *arguments])


def test_a_run_that_another_is_about_is_skipped_and_that_is_no_failure(root):
    result = run(root, "--once")

    assert result.exit_code == 0
    assert "flight-delay: good skipped: another run did it for this instant" in result.stdout


def test_where_now_would_judge_it_is_refused_since_that_is_another_instant_each_time(root):
    settings = root / "ops-model.yaml"
    settings.write_text("name: Test\nzone: UTC\n", encoding="utf-8")

    result = run(root, "--once", as_of=())

    assert isinstance(result.exception, UsageError)
    assert "now is another one each time" in str(result.exception)
    assert "--as-of 2026-11-26T00:00:00Z" in str(result.exception)
    assert run(root, "--once").exit_code == 0


def test_the_instant_that_a_workbook_pins_is_one_too(root):
    assert "skipped" in run(root, "--once", as_of=()).stdout


def test_json_says_that_it_was_skipped(root):
    (told,) = json.loads(run(root, "--once", "--json").stdout)["runs"]

    assert (told["state"], told["bundle"]) == ("skipped", None)


def test_a_sealed_run_is_executed_again_without_a_slot(root):
    result = run(root, "--once", "--reproduce", "run-1")

    assert isinstance(result.exception, UsageError)
    assert "--reproduce takes no --once" in str(result.exception)
