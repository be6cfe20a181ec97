"""The tests that the demo's build runs, run on what it built and on what it did not."""

import shutil
from xml.etree import ElementTree as Xml

import pytest

from ops_model.example import serve_log
from ops_model.example.self_test import TESTS, write_report
from ops_model.store.junit_file import read_junit


@pytest.fixture(scope="module")
def v1(v2):
    """A version before; what it learned is no matter here."""
    return v2.model_copy(update={"version": "v1"})


@pytest.fixture(scope="module")
def built(tmp_path_factory, all_flights, v1, v2):
    """The models, one day of the log, and a few rows of training that are scored well."""
    home = tmp_path_factory.mktemp("built") / "flight-delay"
    (home / "models").mkdir(parents=True)
    for model in (v1, v2):
        model.save(home / "models" / f"{model.version}.json")
    served = serve_log.prediction_log(all_flights, v2, until=serve_log.MARCH.replace(day=2))
    serve_log.write_by_day(served, home / "predictions", time_column="timestamp")
    trained = served.head(40).assign(late=served["prediction"].head(40))
    trained.loc[trained.index[:4], ["late", "prediction"]] = True
    serve_log.write_by_day(trained, home / "training", time_column="timestamp")
    return home


@pytest.fixture
def spoilt(built, tmp_path):
    """A copy that a test may spoil."""
    return shutil.copytree(built, tmp_path / "flight-delay")


def wrong(home, into):
    return {name for name, why in write_report(home, into / "tests.xml").items() if why}


def says_nothing(home):
    """Rows of training in which every flight is said to be on time, and some are late."""
    shutil.rmtree(home / "training")
    from pyarrow import parquet

    day = next((home / "predictions").glob("*.parquet"))
    rows = parquet.read_table(day).to_pandas().head(40)
    rows = rows.assign(prediction=False, late=[number % 4 == 0 for number in range(40)])
    serve_log.write_by_day(rows, home / "training", time_column="timestamp")


def test_what_the_demo_built_passes_each_of_its_tests(built, tmp_path):
    assert wrong(built, tmp_path) == set()

    run = read_junit(tmp_path / "tests.xml")
    assert (run.ran, run.not_passed) == (len(TESTS), 0)


def test_a_model_that_does_not_give_what_is_on_record_is_found(spoilt, v2, tmp_path):
    v2.model_copy(update={"intercept": v2.intercept + 0.1}).save(spoilt / "models" / "v2.json")

    assert wrong(spoilt, tmp_path) == {"the_log_holds_what_the_version_says"}


def test_a_version_before_with_other_features_is_found(spoilt, v1, tmp_path):
    numeric = {name: term for name, term in v1.numeric.items() if name != "temp"}
    v1.model_copy(update={"numeric": numeric}).save(spoilt / "models" / "v1.json")

    assert wrong(spoilt, tmp_path) == {"both_versions_read_the_same_features"}


def test_a_model_that_is_never_right_about_a_late_flight_is_found(spoilt, tmp_path):
    says_nothing(spoilt)

    assert wrong(spoilt, tmp_path) == {"it_is_right_more_often_than_saying_that_all_are_on_time"}


def test_a_model_that_is_no_model_fails_each_test_that_asks_it_and_says_why(spoilt, tmp_path):
    (spoilt / "models" / "v2.json").write_text("{}")

    found = wrong(spoilt, tmp_path)

    assert len(found) == len(TESTS) - 1
    report = Xml.parse(tmp_path / "tests.xml").getroot()
    assert report.get("failures") == str(len(found))
    assert all("is no model" in f.get("message") for f in report.iter("failure"))
    assert str(tmp_path) not in (tmp_path / "tests.xml").read_text()
