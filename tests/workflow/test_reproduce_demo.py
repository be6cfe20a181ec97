"""A measurement of the demo, on real flight data, executed again."""

from datetime import UTC, datetime

import pytest

from ops_model.store.ledger import Ledger
from ops_model.workflow.reproduce import reproduce
from ops_model.workflow.verify import verify_path

pytestmark = pytest.mark.kernel

AS_OF = datetime(2013, 7, 22, 8, tzinfo=UTC)
NOW = datetime(2126, 1, 1, tzinfo=UTC)


def test_all_of_detection_in_the_demo_comes_out_the_same_to_the_last_digit(demo_copy):
    with Ledger.open(demo_copy / "ledger.db", readonly=True) as ledger:
        (run_id,) = {
            s.origin.run_id
            for s in ledger.statements("flight-delay")
            if s.origin is not None
            and s.origin.notebook == "05_drift_quality"
            and s.as_of == AS_OF
        }

    found = reproduce(demo_copy, "N05", "flight-delay", run_id, as_of=AS_OF, recorded_at=NOW)

    assert found.outcome.error is None
    assert found.told.differing == ()
    assert found.told.records == 15
    assert verify_path(demo_copy).problems == ()
