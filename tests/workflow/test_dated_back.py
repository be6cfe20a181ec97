"""What happens now is not dated back: a drill that is run today was not run a month ago."""

from datetime import UTC, datetime, timedelta

import pytest

from ops_model.errors import UsageError
from ops_model.workflow.run import run_notebook
from tests.builders import a_workbook

NOW = datetime(2013, 7, 22, 8, tzinfo=UTC)
A_MONTH_AGO = NOW - timedelta(days=30)


@pytest.fixture
def live(tmp_path):
    """A workbook that is judged as of now: it pins no instant."""
    root = a_workbook(tmp_path)
    (root / "ops-model.yaml").write_text("name: Test\nzone: UTC\n", encoding="utf-8")
    return root


@pytest.mark.parametrize("drill", ["03_rollback_drill", "04_fallback_drill"])
def test_a_drill_dated_back_is_refused_before_it_starts(live, drill):
    with pytest.raises(UsageError, match="cannot be dated back"):
        run_notebook(
            live, drill, "flight-delay", as_of=A_MONTH_AGO, recorded_at=NOW,
            parameters={"performed_by": "ana-ruiz"},
        )  # fmt: skip

    assert not (live / "ledger.db").exists()
    assert not (live / "runs").exists()


def test_a_game_day_is_walked_today_and_not_a_month_ago(live):
    with pytest.raises(UsageError, match="cannot be dated back"):
        run_notebook(live, "08_game_day", "flight-delay", as_of=A_MONTH_AGO, recorded_at=NOW)

    assert not (live / "ledger.db").exists()


@pytest.mark.kernel
def test_a_measurement_may_look_at_a_day_of_last_month(live):
    outcome = run_notebook(
        live, "01_readiness", "flight-delay", as_of=A_MONTH_AGO, recorded_at=NOW
    )

    assert outcome.state == "finished"
