"""A pickle is a program: none is ever loaded, wherever one is planted."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from ops_model.errors import UsageError, WarehouseError
from ops_model.example.model import FlightModel
from ops_model.store.warehouse import LogRequest, open_logs
from tests.hostile.asking import SECONDS, ask


class Planted:
    """Touches a marker when it is unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


@pytest.fixture
def marker(tmp_path):
    return tmp_path / "ran"


@pytest.fixture
def planted(marker):
    return pickle.dumps(Planted(marker))


def test_the_planted_pickle_does_run_when_somebody_loads_it(planted, marker):
    pickle.loads(planted)

    assert marker.exists()


@pytest.mark.parametrize("name", ["v3.json", "v3.pkl", "v3.joblib", "v3"])
def test_a_pickle_in_a_models_place_is_refused_and_does_not_run(tmp_path, planted, marker, name):
    path = tmp_path / name
    path.write_bytes(planted)

    with pytest.raises(UsageError, match="is no model"):
        FlightModel.load(path)

    assert not marker.exists()


def test_a_server_refuses_a_folder_with_a_planted_model_and_does_not_run_it(
    tmp_path, planted, marker
):
    (tmp_path / "models").mkdir()
    (tmp_path / "models/v2.json").write_bytes(planted)
    command = ["-m", "ops_model.example.serve", "--models", tmp_path / "models",
               "--records", tmp_path / "records.jsonl", "--no-weather-feed"]  # fmt: skip

    finished = subprocess.run(
        [sys.executable, *map(str, command)], capture_output=True, text=True, timeout=60
    )

    assert finished.returncode == 3
    assert "is no model" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not marker.exists()


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"version":' * 5_000, '{"version": NaN}', '{"intercept": 1e999}', "null", "",
     '{"rows": ' + "9" * 5_000 + "}"],
    ids=range(7),
)  # fmt: skip
def test_a_model_that_is_no_model_is_refused_and_not_followed_into_its_depth(tmp_path, text):
    path = tmp_path / "v3.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(UsageError, match="is no model"):
        FlightModel.load(path)


@pytest.mark.parametrize("name", ["log.parquet", "log.pkl"])
def test_a_pickle_in_a_logs_place_is_refused_and_does_not_run(tmp_path, planted, marker, name):
    (tmp_path / name).write_bytes(planted)

    with pytest.raises(WarehouseError, match="no whole Parquet file"):
        open_logs(tmp_path, {"log": LogRequest(name, {"x": "number"})})

    assert not marker.exists()


PLACES = [
    "people.yaml", "policy.yaml", "systems/flight-delay/cost.yaml", "notebooks/good.ipynb",
    "notebooks/05_drift_quality.ipynb", "checks/frameworks.yaml", "checks/controls.csv",
    "systems/flight-delay/incidents/storm.yaml", "runs/flight-delay/good/r-1/manifest.json",
    "runs/flight-delay/good/.running-r-1.json", "ledger.db", "data/usage.csv",
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_pickle_anywhere_in_a_workbook_does_not_run(root, planted, marker, place):
    (root / place).parent.mkdir(parents=True, exist_ok=True)
    (root / place).write_bytes(planted)

    asked = [ask("check", "flight-delay", "--workbook", root), ask("verify", root)]
    if place.endswith(".ipynb"):
        name = Path(place).stem
        asked.append(ask("run", name, "flight-delay", "--workbook", root))

    assert {told.code for told in asked} <= {0, 1, 2, 3, 4}
    assert all(told.seconds < 2 * SECONDS for told in asked)
    assert not marker.exists()
