"""Two schedulers that call `ops-model run --due` at the same moment: each slot is run once."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from ops_model.store.ledger import Ledger
from tests.workflow.scheduled import a_scheduled

ROUNDS = 3
SLOTS = 4


@pytest.mark.faults
def test_of_two_schedulers_one_wins_each_slot_and_none_is_left(tmp_path):
    now = datetime.now(UTC).replace(microsecond=0)
    for turn in range(ROUNDS):
        since = (now - timedelta(days=SLOTS)).isoformat()
        line = (
            f'- {{notebook: good, cron: "0 6 * * *", systems: [flight-delay], since: "{since}"}}'
        )
        root = a_scheduled(tmp_path / str(turn), line)
        call = [
            sys.executable, "-m", "ops_model", "run", "--due", "--workbook", str(root),
            "--as-of", now.isoformat(), "--jobs", "2",
        ]  # fmt: skip

        both = [subprocess.Popen(call, stdout=subprocess.DEVNULL) for _ in range(2)]

        assert [one.wait(timeout=300) for one in both] == [0, 0]
        with Ledger.open(root / "ledger.db") as ledger:
            ended = [s.event for s in ledger.events() if s.event.type == "run.finished"]
            assert not ledger.verify().problems
        won = Counter(event.as_of for event in ended)
        assert len(won) == SLOTS
        assert set(won.values()) == {1}
