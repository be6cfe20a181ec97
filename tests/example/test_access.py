"""The commands by which the demo's people show their access, and its second build."""

import json
import subprocess
import sys

import pyarrow as pa
import pytest
from pyarrow import parquet

from ops_model.errors import OpsModelError, WarehouseError
from ops_model.example.look_up import look_up
from ops_model.example.may import may_fail_over, may_roll_back
from ops_model.example.train_again import VERSION, train_again
from ops_model.shipped import shipped
from ops_model.store.workbook import read_workbook


@pytest.fixture
def log(tmp_path):
    days = {"2013-07-20": ["a", "b"], "2013-07-21": ["c", "d"]}
    for day, requests in days.items():
        parquet.write_table(pa.table({"request_id": requests}), tmp_path / f"{day}.parquet")
    return tmp_path


def test_the_newest_row_is_looked_up_or_the_one_that_is_named(log):
    assert look_up(log) == {"request_id": "d"}
    assert look_up(log, "a") == {"request_id": "a"}


@pytest.mark.parametrize("request_id", [None, "z"])
def test_what_is_not_there_is_an_error(log, tmp_path, request_id):
    if request_id is None:
        for file in log.iterdir():
            file.unlink()

    with pytest.raises(WarehouseError, match=r"is not in it|there is no row"):
        look_up(log, request_id)


def test_a_damaged_log_is_an_error_and_no_traceback(tmp_path):
    (tmp_path / "x.parquet").write_text("no parquet")

    with pytest.raises(WarehouseError, match="cannot be read"):
        look_up(tmp_path)


@pytest.fixture
def home(tmp_path, v2):
    """What the demo keeps in the place that its commands look at, as far as they do."""
    home = tmp_path / "data" / "flight-delay"
    (home / "models").mkdir(parents=True)
    (home / "predictions").mkdir()
    v2.model_copy(update={"version": "v1"}).save(home / "models" / "v1.json")
    hours = [{"origin": o, "known_at": "2013-07-22T07:00:00Z"} for o in ("JFK", "EWR")]
    (home / "weather.json").write_text(json.dumps({"hours": hours}))
    parquet.write_table(
        pa.table({"request_id": ["a"], "version": ["v2"]}), home / "predictions" / "x.parquet"
    )
    return home


def test_going_back_may_be_done_while_the_version_and_the_folder_of_the_alias_are_there(home):
    assert may_roll_back(home).startswith("v1 (sha256:")
    assert may_fail_over(home) == "the last good hour is there for EWR, JFK"


def test_it_may_not_be_done_without_the_version_or_the_weather(tmp_path):
    for may in (may_roll_back, may_fail_over):
        with pytest.raises(OpsModelError, match="cannot be read"):
            may(tmp_path)


def test_it_may_not_be_done_where_the_alias_cannot_be_written(home):
    (home / "serving").write_text("a file in the place of the folder")

    with pytest.raises(OpsModelError, match="may not write the alias"):
        may_roll_back(home)


def test_a_second_build_has_the_bytes_of_the_first(tmp_path, v2):
    v2.save(tmp_path / "first.json")

    built = train_again(tmp_path)

    assert built.read_bytes() == (tmp_path / "first.json").read_bytes()


def test_each_command_that_the_demo_declares_runs_from_the_workbooks_folder(home):
    system = read_workbook(shipped("templates") / "workbook").system("flight-delay")
    query = system.signals.log_policy.query
    commands = [query, *(right.no_op for right in system.decisions.rights if right.no_op)]

    ran = [
        subprocess.run(
            [sys.executable, *command[1:]], cwd=home.parents[1], capture_output=True, text=True
        )
        for command in commands
    ]

    assert len(commands) == 3
    assert [(done.returncode, done.stderr) for done in ran] == [(0, "")] * 3
    assert json.loads(ran[0].stdout)["version"] == "v2"


def test_the_build_that_the_demo_declares_leaves_the_version_that_serves():
    system = read_workbook(shipped("templates") / "workbook").system("flight-delay")

    assert system.change.build.artefact == f"{VERSION}.json" == "v2.json"
    assert system.identity.version.label == VERSION
