"""The trial of February: two arms on the same flights, neither on a day that it has seen."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from ops_model.example.compare import trial_results


class Champion:
    """Says `late` of every flight; as much of a model as the trial asks for."""

    version, threshold = "v1", 0.5

    def predict_many(self, rows):
        return np.ones(len(rows))


def test_each_flight_of_february_is_answered_once_by_each_arm():
    when = [datetime(2013, 1, 31, 12, tzinfo=UTC), datetime(2013, 2, 1, 12, tzinfo=UTC),
            datetime(2013, 2, 2, 12, tzinfo=UTC)]  # fmt: skip
    rows = pd.DataFrame({
        "request_id": ["a", "b", "c"], "timestamp": when, "version": "v2", "origin": "JFK",
        "prediction": [True, False, False], "late": [True, True, False],
    })  # fmt: skip

    found = trial_results(rows, Champion())

    answers = {(r.case_id, r.arm): r.passed for r in found.itertuples()}
    assert answers == {
        ("b", "v1"): True,
        ("c", "v1"): False,
        ("b", "v2"): False,
        ("c", "v2"): True,
    }
    assert list(found["cluster_id"]) == ["2013-02-01", "2013-02-02"] * 2
