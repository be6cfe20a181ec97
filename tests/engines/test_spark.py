"""Logs that a Spark session reads. One file, so that one session serves them all."""

from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.domain.workbook import Warehouse
from ops_model.errors import WarehouseError
from ops_model.store.warehouse import LogRequest, identify, identify_log, open_logs
from ops_model.workflow.measure_logs import reconstruction_of
from tests.builders import a_system
from tests.engines.answers import differences
from tests.engines.asked import CASES, plain
from tests.engines.logs import BEFORE, ODD
from tests.engines.opened import SPARK
from tests.workflow.test_measure_levels import Opened
from tests.workflow.test_measure_logs import SIGNALS, write_logs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # Spark, pandas and sockets warn of each other
]


@pytest.mark.parametrize("case", CASES)
def test_spark_answers_as_duckdb_does(case, expected, in_spark):
    assert differences(expected[case], plain(CASES[case](in_spark))) == []


@dataclass
class InSpark(Opened):
    warehouses: tuple = (SPARK,)


def opened(root, address, warehouse=SPARK, **columns):
    request = LogRequest(address, columns, "at", BEFORE, warehouse=warehouse)
    return open_logs(root, {"log": request})["log"]


def refused(root, address, warehouse=SPARK, **columns):
    with pytest.raises(WarehouseError) as caught:
        opened(root, address, warehouse, **columns)
    return str(caught.value)


@pytest.fixture(scope="module")
def catalogue(session, root):
    """The served rows as a table of the catalogue, and as another one in another order."""
    rows = session.read.parquet(f"file://{root}/trials/0.parquet")
    rows.createOrReplaceTempView("trials_now")
    rows.orderBy("item").repartition(3).createOrReplaceTempView("trials_reordered")


def test_a_table_of_the_catalogue_is_opened_and_checked(root, catalogue):
    said = refused(root, "trials_now", passd="boolean", item="number")

    assert "lake:trials_now: has no column 'passd'" in said
    assert "did you mean 'passed'?" in said
    assert "column 'item' is string; expected number" in said
    assert opened(root, "trials_now", passed="boolean").columns == ("passed", "at")


def test_a_table_that_is_not_there_names_the_nearest(root, catalogue):
    assert "did you mean 'trials_now'?" in refused(root, "trials_nou")


def test_a_table_is_identified_by_its_rows_in_any_order(root, catalogue):
    one, other = (
        identify_log(root, LogRequest(name, {}, "at", BEFORE, warehouse=SPARK))
        for name in ("trials_now", "trials_reordered")
    )

    assert (one.kind, one.rows) == ("table", 400)
    assert one.digest == other.digest


def test_a_null_that_moves_to_another_column_is_another_input(session, root):
    for name, columns in (("left", "NULL AS a, 1 AS b"), ("right", "1 AS a, NULL AS b")):
        session.sql(
            f"SELECT TIMESTAMP '2024-03-06 00:00:00' AS at, {columns}"
        ).createOrReplaceTempView(name)

    one, other = (
        identify_log(root, LogRequest(name, {}, "at", BEFORE, warehouse=SPARK))
        for name in ("left", "right")
    )

    assert one.digest != other.digest


def test_files_that_spark_reads_are_identified_as_files(session, root):
    request = LogRequest("trials", {}, "at", BEFORE, warehouse=SPARK)

    assert identify_log(root, request) == identify(root, "trials")


def test_each_question_of_a_decision_is_shown_as_a_query_that_a_person_can_run(
    session, tmp_path, monkeypatch
):
    write_logs(tmp_path, outcome_of=500)
    session.read.parquet(f"file://{tmp_path}/labels").createOrReplaceTempView("landed_now")
    served, landed = (
        {**log, "warehouse": SPARK.id, "address": address}
        for log, address in zip(SIGNALS["logs"][:2], ("log", "landed_now"), strict=True)
    )
    system = a_system(signals={**SIGNALS, "logs": [served, landed]})

    found = reconstruction_of(InSpark(tmp_path, system))

    went_in, *_, got = (question.query.replace("KEY", "f1199") for question in found.questions)
    monkeypatch.chdir(tmp_path)
    assert duckdb.sql(went_in).fetchall() == [(1.0,)]
    assert [tuple(row) for row in session.sql(got).collect()] == [(1,)]


def test_a_path_full_of_glob_characters_reads_that_file_only(session, tmp_path):
    for name in ("p{1,2}.parquet", "p1.parquet"):
        (tmp_path / "a[1]*").mkdir(exist_ok=True)
        at = pa.array([BEFORE.replace(hour=1)], pa.timestamp("us", "UTC"))
        pq.write_table(pa.table({"at": at, ODD: ["x"]}), tmp_path / "a[1]*" / name)

    table = opened(tmp_path, "a[1]*/p{1,2}.parquet", **{ODD: "text"})

    assert table.count().to_pyarrow().as_py() == 1


def test_instants_finer_than_spark_reads_are_refused(session, tmp_path):
    at = pa.array([BEFORE.replace(hour=1)], pa.timestamp("ns", "UTC"))
    pq.write_table(pa.table({"at": at}), tmp_path / "log.parquet")

    assert "Spark reads microseconds at best" in refused(tmp_path, "log.parquet")


def test_another_master_than_the_one_that_runs_is_refused(session, root):
    other = Warehouse(id="big", kind="spark", address="spark://big:7077")

    assert "runs Spark on local[2] already" in refused(root, "trials", other)
