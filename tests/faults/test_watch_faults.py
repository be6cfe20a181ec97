"""A watch dies while it tells; the next one is not kept waiting, and tells what was left."""

import os
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.domain.alerts import Alert
from ops_model.store.workbook import read_workbook
from ops_model.workflow.ledgers import open_ledger
from tests.listening import a_channel
from tests.workflow.spending import NOON, ROUTES, a_workbook

pytestmark = pytest.mark.faults
OVERDUE = """schedules:
- {notebook: 07_weekly_ops_report, cron: "0 6 * * *", since: 2026-03-18T00:00:00Z, grace_hours: 4}
"""
TIMES = 5


@pytest.fixture
def late(tmp_path):
    root = a_workbook(tmp_path, ceilings=" []\n")
    (root / "systems/answers/ownership.yaml").write_text("accountable: ana\n")
    pinned = f"as_of: {NOON:%Y-%m-%dT%H:%M:%SZ}\n"
    (root / "ops-model.yaml").write_text(f"name: Test\nzone: UTC\n{pinned}{ROUTES}{OVERDUE}")
    return root


def alerts(root):
    with open_ledger(root, read_workbook(root).settings, readonly=True) as ledger:
        return [s.record for s in ledger.statements("answers") if isinstance(s.record, Alert)]


def killed_while_it_tells(words, variables, channel):
    asked = [sys.executable, "-m", "ops_model", *words]
    before = len(channel.got)
    with subprocess.Popen(asked, env={**os.environ, **variables}) as running:
        until = time.monotonic() + 60
        while len(channel.got) == before and time.monotonic() < until:
            time.sleep(0.05)
        running.send_signal(signal.SIGKILL)
    return len(channel.got) - before


def test_a_watch_that_is_killed_while_it_tells_leaves_the_rest_to_the_next(late):
    words = ["watch", "--all", "--tell", "--workbook", str(late)]
    with a_channel() as channel:
        variables = {"TEST_PAGE": channel.address, "TEST_MAIL": channel.address}
        channel.waits = 5.0
        reached = [killed_while_it_tells(words, variables, channel) for _ in range(TIMES)]
        channel.waits = 0.0
        told = CliRunner().invoke(ops_model, words, env=variables)
        again = CliRunner().invoke(ops_model, words, env=variables)

    assert reached == [1] * TIMES
    assert told.exit_code == again.exit_code == 0
    assert again.output.endswith("nothing new to tell\n")
    assert [alert.delivered for alert in alerts(late)] == [True]
