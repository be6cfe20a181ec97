"""Logs that are tables of a PostgreSQL database."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from ops_model.analysis.plan import plan
from ops_model.domain.signals_logged import Log
from ops_model.domain.workbook import Warehouse, WorkbookSettings
from ops_model.errors import WarehouseError
from ops_model.store import warehouse_postgres
from ops_model.store.warehouse import LogRequest, identify_log, open_logs, readable_logs
from ops_model.workflow.log_places import identities_of, warehouse_of
from tests.engines.answers import differences
from tests.engines.asked import CASES, plain
from tests.engines.logs import BEFORE, ODD


@dataclass
class Placed:
    root: Path
    as_of: object
    warehouses: tuple


@pytest.mark.parametrize("case", CASES)
def test_postgresql_answers_as_duckdb_does(case, expected, in_postgres):
    assert differences(expected[case], plain(CASES[case](in_postgres))) == []


def test_an_answer_that_is_one_row_short_is_seen():
    assert differences({"n": [1, 2]}, {"n": [1, 3]}) == [".n[1]: 2 and 3"]
    assert differences([1.0], [1.0, 2.0]) != []


@pytest.fixture
def run(database):
    """Statements, run by the owner of the tables."""
    with psycopg.connect(database.address, autocommit=True) as session:
        yield session.execute


@pytest.fixture
def small(run):
    """A table of three rows, the last of them at the bound."""
    run("DROP TABLE IF EXISTS served.small CASCADE")
    run('CREATE TABLE served.small (at timestamptz, n int, "a;""b" text, told jsonb)')
    for hours, n in ((2, 1), (1, 2), (0, 3)):
        at = BEFORE - timedelta(hours=hours)
        run("INSERT INTO served.small VALUES (%s, %s, 'x', '{}')", [at, n])
    return "served.small"


def a_request(database, address, timestamp="at", **columns):
    return LogRequest(address, columns, timestamp, BEFORE, warehouse=database)


def opened(database, address, timestamp="at", **columns):
    return open_logs(None, {"log": a_request(database, address, timestamp, **columns)})["log"]


def refused(database, address, timestamp="at", **columns):
    with pytest.raises(WarehouseError) as caught:
        opened(database, address, timestamp, **columns)
    return str(caught.value)


def test_rows_at_the_bound_are_not_read(database, small):
    table = opened(database, small, n="number", **{'a;"b': "text"})

    assert table.columns == ("n", 'a;"b', "at")
    assert table.n.sum().to_pyarrow().as_py() == 3  # 1 + 2


def test_a_view_is_a_table_too_and_public_need_not_be_named(database, run, small):
    run("CREATE OR REPLACE VIEW public.seen AS SELECT * FROM served.small")

    assert opened(database, "seen", n="number").count().to_pyarrow().as_py() == 2


def test_a_table_that_is_not_there_names_the_nearest(database, small):
    said = refused(database, "served.smal")

    assert said.startswith("dwh:served.smal: there is no such table")
    assert "did you mean 'served.small'?" in said


@pytest.mark.parametrize("address", ["a.b.c", "served.", "served.small; DROP TABLE served.small"])
def test_an_address_that_is_no_table_is_refused(database, small, address):
    assert "table" in refused(database, address)
    assert opened(database, small).count().to_pyarrow().as_py() == 2


def test_columns_are_checked_as_those_of_files_are(database, small):
    said = refused(database, small, N="number", n="text", told="value")

    assert "has no column 'N'" in said
    assert "did you mean 'n'?" in said
    assert "column 'n' is int32; expected text" in said
    assert re.search(r"column 'told' is struct<.*json.*>; expected number or text", said)


def test_a_timestamp_without_a_zone_is_refused(database, run, small):
    run("DROP VIEW IF EXISTS public.naive")
    run("CREATE VIEW public.naive AS SELECT at AT TIME ZONE 'UTC' AS at FROM served.small")

    assert "is a timestamp without a zone" in refused(database, "naive")


def test_an_instant_before_all_years_is_refused(database, run, small):
    run("INSERT INTO served.small VALUES ('-infinity', 9, 'x', '{}')")

    assert "holds an instant before 1900" in refused(database, small)


def test_no_row_before_the_bound_is_an_error_and_no_zero(database, run, small):
    run("DELETE FROM served.small WHERE n < 3")

    assert "holds no row before" in refused(database, small)


def test_nothing_can_be_written(database, small):
    table = opened(database, small)

    with pytest.raises(WarehouseError, match="read-only transaction"), readable_logs("log"):
        table.get_backend().con.execute("DELETE FROM served.small")


def test_a_server_that_is_not_there_is_said():
    gone = Warehouse(id="gone", kind="postgresql", address="postgresql://nobody@/none?host=/gone")

    said = refused(gone, "served.small")

    assert "gone:served.small: the database cannot be reached" in said
    assert "ops-model.yaml" in said


def test_a_connection_that_broke_is_made_again(database, run, small):
    session = opened(database, small).get_backend().con
    run("SELECT pg_terminate_backend(%s)", [session.info.backend_pid])
    with pytest.raises(WarehouseError, match="cannot be read"), readable_logs("log"):
        session.execute("SELECT 1")

    assert opened(database, small).count().to_pyarrow().as_py() == 2
    assert warehouse_postgres._connections[database.address].con is not session


def test_a_table_is_identified_by_its_rows_before_the_bound_in_any_order(database, run, small):
    first = identify_log(Path(), a_request(database, small))
    run("CREATE TABLE served.other AS SELECT * FROM served.small ORDER BY n DESC")
    run("INSERT INTO served.other VALUES (%s, 4, 'late', '{}')", [BEFORE])

    again = identify_log(Path(), a_request(database, "served.other"))
    run("DROP TABLE served.other")

    assert (first.address, first.kind, first.rows) == ("dwh:served.small", "table", 2)
    assert again.digest == first.digest


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE served.small SET n = 7 WHERE n = 1",
        "UPDATE served.small SET n = NULL WHERE n = 1",
        "INSERT INTO served.small SELECT * FROM served.small WHERE n = 1",
        "DELETE FROM served.small WHERE n = 1",
        # One value more and another less leave the sums of the column as they were.
        "UPDATE served.small SET n = 3 - n WHERE n < 3",
    ],
)
def test_rows_that_change_are_another_input(database, run, small, change):
    first = identify_log(Path(), a_request(database, small))

    run(change)

    assert identify_log(Path(), a_request(database, small)) != first


def test_a_sample_for_the_cells_is_the_same_in_any_order_of_rows(database, run):
    for name, order in (("one", "n"), ("other", "md5(n::text)")):
        run(f"DROP TABLE IF EXISTS served.{name}")
        run(
            f"CREATE TABLE served.{name} AS SELECT timestamptz '2020-01-01Z' AS at, "
            f"sin(n) * n AS x FROM generate_series(1, 200001) AS n ORDER BY {order}"
        )

    one, other = (plan(opened(database, f"served.{n}", x="number")) for n in ("one", "other"))

    assert one == other


def test_logs_that_are_joined_must_lie_in_one_engine(database, root, small):
    requests = {
        "served": LogRequest("served", {ODD: "text"}, "at", BEFORE),
        "labels": a_request(database, small),
    }

    with pytest.raises(WarehouseError) as caught:
        open_logs(root, requests)

    assert "lies in warehouse dwh, and served in files of the workbook" in str(caught.value)
    assert len(open_logs(root, requests, joined=False)) == 2


def a_log(**changes):
    claim = {"id": "served", "holds": "predictions", "address": "served.small", "timestamp": "at"}
    return Log(**claim | changes)


def test_a_declared_log_is_read_where_its_warehouse_lies(database, tmp_path, small):
    book = Placed(tmp_path, BEFORE, WorkbookSettings(name="x", zone="UTC").warehouses)
    book.warehouses = (database,)
    log = a_log(warehouse="dwh")

    assert warehouse_of(book, log) == database
    assert [one.rows for one in identities_of(book, [log, log])] == [2]


def test_a_warehouse_that_nobody_declared_is_said(database, tmp_path):
    with pytest.raises(WarehouseError, match="lies in warehouse 'dw'; declared are: dwh"):
        warehouse_of(Placed(tmp_path, BEFORE, (database,)), a_log(warehouse="dw"))
