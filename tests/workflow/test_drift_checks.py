"""From logs on disk to the finding: what was really measured lets a check pass, or fails it."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

import numpy as np
import pytest

from ops_model.domain.operating_model import SystemClaims
from ops_model.workflow.measure_drift import drift_of
from ops_model.workflow.measure_importance import importance_of
from ops_model.workflow.measure_skew import skew_of
from tests.builders import AS_OF, a_system
from tests.checks.judged import judged, lacking
from tests.workflow.test_measure import times, write

DAYS, PER_DAY = 70, 40
START = datetime.combine(AS_OF.date(), time(), AS_OF.tzinfo) - timedelta(days=DAYS)
FEATURES = ("wind", "temp", "hour")
LABEL = a_system().identity.version.label


@dataclass
class Opened:
    root: Path
    system: SystemClaims
    as_of: datetime = AS_OF


def signals():
    """56 days of baseline, then the week before the window, then the window; one training log."""
    end = (START + timedelta(days=56)).isoformat()
    watched = {"log": "served", "baseline": "spring", "columns": list(FEATURES), "min_n": "100",
               "automated": True, "window_days": "7"}  # fmt: skip
    return {
        "logs": [
            {"id": "served", "holds": "predictions", "address": "log", "timestamp": "at",
             "version": "version"},
            {"id": "weights", "holds": "attributions", "address": "weights", "timestamp": "at"},
            {"id": "training", "holds": "training", "address": "training", "timestamp": "at",
             "version": "version"},
        ],
        "baselines": [{"id": "spring", "log": "served", "start": START.isoformat(), "end": end}],
        "monitors": [
            {"id": "inputs", "signal": "input_distribution", "metric": "w1_sd", **watched},
            {"id": "importance", "signal": "importance", "metric": "rank_correlation",
             "attributions": "weights", **watched},
        ],
    }  # fmt: skip


def write_logs(root, *, moved=0.0, since=56, order=(4, 2, 1), skew=0.0, wild=0.0):
    """`wind` moves by `moved` from day `since` on, and the weights take another order then.

    In the third week of the baseline it lay `wild` away.
    """
    rng = np.random.default_rng(1)
    n = DAYS * PER_DAY
    late = np.arange(n) >= since * PER_DAY
    third = np.arange(n) // (7 * PER_DAY) == 2
    wind = np.where(late, moved, 0.0) + np.where(third, wild, 0.0)
    shifts = {"wind": wind, "temp": 0.0, "hour": 0.0}
    served = {name: rng.normal(size=n) + shifts[name] for name in FEATURES}
    weights = {
        name: rng.normal(size=n) * np.where(late, now, usual)
        for name, usual, now in zip(FEATURES, (4, 2, 1), order, strict=True)
    }
    taught = {name: rng.normal(size=n) for name in FEATURES}
    taught["temp"] += skew
    version = [LABEL] * n
    at = times(START, DAYS, PER_DAY)
    write(root / "log" / "a.parquet", at=at, version=version, **served)
    write(root / "weights" / "a.parquet", at=at, **weights)
    write(root / "training" / "a.parquet", at=at, version=version, **taught)


def drift(opened):
    return drift_of(opened, "input_distribution")


def found(root, check, measure):
    record = measure(Opened(root, a_system(signals=signals())))
    return judged(
        check,
        records=lambda system: (*lacking(record.kind)(system), record),
        signals=signals(),
    )


@pytest.mark.parametrize(
    ("check", "measure"), [("DRF-02", drift), ("DRF-04", importance_of), ("DRF-06", skew_of)]
)
def test_what_stayed_as_it_was_lets_the_check_pass(tmp_path, check, measure):
    write_logs(tmp_path)

    assert found(tmp_path, check, measure).status == "passed"


def test_inputs_that_moved_for_two_weeks_fail_the_check(tmp_path):
    write_logs(tmp_path, moved=2.0)

    finding = found(tmp_path, "DRF-02", drift)

    assert finding.status == "failed"
    assert "wind by" in finding.message


def test_inputs_that_moved_in_the_last_week_only_do_not_fail_it_yet(tmp_path):
    write_logs(tmp_path, moved=2.0, since=63)

    assert found(tmp_path, "DRF-02", drift).status == "passed"


def test_a_move_that_hides_behind_a_restless_baseline_is_unknown_and_no_pass(tmp_path):
    write_logs(tmp_path, moved=6.0, wild=12.0)

    finding = found(tmp_path, "DRF-02", drift)

    assert finding.status == "unknown"
    assert "far away, where its own baseline lies as far apart: wind by" in finding.message


def test_a_model_that_leans_elsewhere_fails_the_check(tmp_path):
    write_logs(tmp_path, order=(1, 2, 4))

    finding = found(tmp_path, "DRF-04", importance_of)

    assert finding.status == "failed"
    assert "wind went from place 1 to 3" in finding.message


def test_what_is_served_elsewhere_than_trained_fails_the_check(tmp_path):
    write_logs(tmp_path, skew=2.0)

    finding = found(tmp_path, "DRF-06", skew_of)

    assert finding.status == "failed"
    assert "temp by" in finding.message
