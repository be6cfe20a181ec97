import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.records import read_record
from ops_model.errors import WarehouseError
from ops_model.example.model import CategoryTerm, FlightModel, NumericTerm
from ops_model.workflow.measure_importance import importance_of
from ops_model.workflow.measure_skew import skew_of
from tests.builders import a_system
from tests.workflow.test_measure import MARCH, times, write

AS_OF = datetime(2013, 5, 10, 8, tzinfo=UTC)
DAYS = 70
PER_DAY = 20
LOADER = "ops_model.example.model:load_for_importance"
INPUTS = ("temp", "wind", "hour", "origin")


@dataclass
class Opened:
    root: Path
    system: SystemClaims
    as_of: datetime = AS_OF


def a_flight_model(**numeric):
    """A model that leans on its numbers by these weights."""
    return FlightModel(
        version="v2", feature_spec="f", trained_on="t", trained_with="w", rows=10,
        threshold=0.5, intercept=0.0,
        numeric={n: NumericTerm(fill=0, mean=0, scale=1, weight=w) for n, w in numeric.items()},
        categories={"origin": CategoryTerm(weights={"EWR": 0.1, "JFK": -0.1})},
    )  # fmt: skip


@pytest.fixture
def root(tmp_path):
    """Rows of which `temp` varies in the baseline and stands still in the window."""
    rng = np.random.default_rng(1)
    n = DAYS * PER_DAY
    late = np.arange(n) >= (DAYS - 7) * PER_DAY
    columns = {
        "temp": np.where(late, 0.0, rng.normal(size=n)),
        "wind": rng.normal(size=n),
        "hour": rng.normal(size=n),
        "origin": [("EWR", "JFK")[i % 2] for i in range(n)],
        "version": ["v2"] * n,
        "id": [f"r{i}" for i in range(n)],
    }
    write(tmp_path / "log" / "all.parquet", at=times(MARCH, DAYS, PER_DAY), **columns)
    write(
        tmp_path / "attributed" / "all.parquet", at=times(MARCH, DAYS, PER_DAY),
        **{name: rng.normal(0, w, n) for name, w in zip(INPUTS, (8, 4, 2, 1), strict=True)},
    )  # fmt: skip
    a_flight_model(temp=2.0, wind=1.0, hour=0.5).save(tmp_path / "model.json")
    return tmp_path


def digest_of_file(path):
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def install(folder, name, source):
    """A package of one module, as an installer leaves it."""
    (folder / f"{name}.py").write_text(source)
    facts = folder / f"{name}-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (facts / "top_level.txt").write_text(f"{name}\n")


def book(root, *, model=None, logs=(), monitors=(), **changes):
    watched = {
        "id": "weights", "signal": "importance", "log": "served", "baseline": "spring",
        "metric": "rank_correlation", "columns": list(INPUTS), "automated": True,
        "min_n": "100", **({"model": model} if model else {}), **changes,
    }  # fmt: skip
    signals = {
        "logs": [
            {"id": "served", "holds": "predictions", "address": "log", "timestamp": "at",
             "key": "id", "version": "version"},
            {"id": "attributed", "holds": "attributions", "address": "attributed",
             "timestamp": "at"},
            *logs,
        ],
        "baselines": [{"id": "spring", "log": "served", "start": "2013-03-01T00:00:00Z",
                       "end": "2013-04-01T00:00:00Z"}],
        "monitors": [watched, *monitors],
    }  # fmt: skip
    return Opened(root, a_system(signals=signals))


def declared(root, **changes):
    file = root / "model.json"
    return {"file": "model.json", "digest": digest_of_file(file), "loader": LOADER, **changes}


def test_logged_attributions_are_compared_with_those_of_the_baseline(root):
    found = importance_of(book(root, attributions="attributed"))

    assert (found.monitor, found.method) == ("weights", "logged")
    assert found.rank_correlation.value == 1.0
    assert [f.name for f in found.features] == list(INPUTS)
    assert [i.address for i in found.inputs] == ["attributed"]
    assert all(number.complete for _, number in found.measured())
    assert read_record(found.model_dump(mode="json")) == found


def test_a_declared_model_shows_what_it_leans_on(root):
    found = importance_of(book(root, model=declared(root)))

    weights = {f.name: f for f in found.features}
    assert found.method == "permutation"
    assert weights["temp"].reference > weights["wind"].reference > weights["hour"].reference
    assert weights["temp"].current == 0.0  # it stands still, so that nothing hangs on it
    assert found.rank_correlation.value < 0.8
    assert found.inputs[-1].digest == digest_of_file(root / "model.json")


def test_measuring_importances_twice_gives_equal_records(root):
    opened = book(root, model=declared(root))

    assert importance_of(opened) == importance_of(opened)


def test_a_model_of_another_digest_is_never_handed_to_its_loader(root):
    model = declared(root)
    (root / "model.json").write_text(json.dumps({"changed": True}))

    with pytest.raises(WarehouseError, match="it was not loaded") as caught:
        importance_of(book(root, model=model))

    assert model["digest"] in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"loader": "not_a_package_of_anybody.models:load"}, "is not installed"),
        ({"loader": "ops_model.example.model:no_such"}, "has no function no_such"),
        ({"loader": "ops_model.example.nothing:load"}, "cannot be imported: ModuleNotFoundError"),
        ({"loader": "load"}, "expected package.module:function"),
        ({"loader": "os:system"}, "package os of loader os:system is not installed"),
        ({"loader": "runpy:run_path"}, "package runpy of loader runpy:run_path is not installed"),
        ({"loader": "__main__:load"}, "is not installed"),
        ({"loader": "ops_model.domain.values:digest_of"}, "could not load model.json: "),
        ({"loader": "ops_model.errors:Problem"}, "without `predict`|could not load"),
    ],
)
def test_a_loader_that_does_not_load_says_why(root, changes, said):
    with pytest.raises(WarehouseError, match=said):
        importance_of(book(root, model=declared(root, **changes)))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("[[1.0, 2.0]] * len(rows)", r"gave \(1400?, 2\)|gave \(\d+, 2\)"),
        ("[1.0]", r"gave \(1,\)"),
        ("[float('nan')] * len(rows)", "not finite"),
        ("1 / 0", "failed: ZeroDivisionError"),
    ],
)
def test_a_model_that_answers_badly_is_one_clear_error(
    root, tmp_path_factory, monkeypatch, answer, said
):
    folder = tmp_path_factory.mktemp("installed")
    name = f"answers_{abs(hash(answer))}"
    install(
        folder, name,
        "class M:\n"
        f"    def predict(self, rows):\n        return {answer}\n"
        "def load(path):\n    return M()\n",
    )  # fmt: skip
    monkeypatch.syspath_prepend(str(folder))

    with pytest.raises(WarehouseError, match=said):
        importance_of(book(root, model=declared(root, loader=f"{name}:load")))


def test_a_module_that_only_lies_on_the_path_is_no_installed_package(root, monkeypatch):
    (root / "loose.py").write_text("raise SystemExit('it was run')\n")
    monkeypatch.syspath_prepend(str(root))

    with pytest.raises(
        WarehouseError, match="package loose of loader loose:load is not installed"
    ):
        importance_of(book(root, model=declared(root, loader="loose:load")))


def test_a_loader_that_lies_in_the_workbook_is_never_run(root, monkeypatch):
    install(root, "planted", "raise SystemExit('it was run')\n")
    monkeypatch.syspath_prepend(str(root))

    with pytest.raises(WarehouseError, match="lies in the workbook"):
        importance_of(book(root, model=declared(root, loader="planted:load")))


def test_a_model_that_lacks_an_input_names_it(root):
    opened = book(root, model=declared(root), columns=["temp", "wind", "hour"])

    with pytest.raises(WarehouseError, match="the model needs origin too"):
        importance_of(opened)


def test_a_monitor_that_names_no_source_of_weights_says_what_to_write(root):
    with pytest.raises(WarehouseError, match="neither a log of attributions nor a model"):
        importance_of(book(root))


def skewed(root, *, shift=0.0, version="v2"):
    """A training log of 60 days, and a monitor of the inputs."""
    rng = np.random.default_rng(2)
    n = 60 * PER_DAY
    write(
        root / "training.parquet",
        at=times(MARCH - timedelta(days=60), 60, PER_DAY),
        wind=rng.normal(shift, 1.0, n), hour=rng.normal(size=n), version=[version] * n,
    )  # fmt: skip
    training = {"id": "training", "holds": "training", "address": "training.parquet",
                "timestamp": "at", "version": "version"}  # fmt: skip
    inputs = {"id": "inputs", "signal": "input_distribution", "log": "served",
              "baseline": "spring", "metric": "w1_sd", "columns": ["wind", "hour"],
              "window_days": "14", "min_n": "100", "automated": True}  # fmt: skip
    return book(root, logs=[training], monitors=[inputs])


def test_what_is_served_as_it_was_trained_shows_no_skew(root):
    found = skew_of(skewed(root))

    assert (found.log, found.training_log) == ("served", "training")
    assert found.version == a_system().identity.version.label
    assert (found.rows_training, found.rows_serving) == (60 * PER_DAY, 14 * PER_DAY)
    assert [c.drifted for c in found.columns] == [False, False]
    assert read_record(found.model_dump(mode="json")) == found


def test_a_feature_that_is_served_elsewhere_than_trained_is_named(root):
    found = skew_of(skewed(root, shift=3.0))

    assert [c.name for c in found.columns if c.drifted] == ["wind"]


def test_rows_of_another_version_are_not_compared(root):
    with pytest.raises(WarehouseError, match="holds no row of version"):
        skew_of(skewed(root, version="v1"))


def test_skew_without_a_training_log_says_what_to_declare(root):
    with pytest.raises(WarehouseError, match="no log holds what was trained on"):
        skew_of(book(root))
