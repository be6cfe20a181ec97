"""Logs as they should not be: a clear error, or a number that is right."""

import math
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.analysis.plan import plan
from ops_model.analysis.profile import profile
from ops_model.errors import WarehouseError
from ops_model.store.warehouse import LogRequest, open_logs, readable_logs

NOON = datetime(2024, 3, 10, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=30)


def write(path, at, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"at": at, **columns}), path, write_page_checksum=True)


def instants(rows, zone="UTC"):
    return pa.array([NOON + timedelta(hours=n) for n in range(rows)], pa.timestamp("us", zone))


def opened(root, **columns):
    request = LogRequest("log", columns, "at", LATER)
    return open_logs(root, {"log": request})["log"]


@pytest.mark.parametrize("other", ["America/New_York", "Asia/Kathmandu", "+02:00"])
def test_files_in_several_zones_are_of_one_time(tmp_path, other):
    write(tmp_path / "log" / "1.parquet", instants(30))
    write(tmp_path / "log" / "2.parquet", instants(30, other))

    table = opened(tmp_path)
    spec = plan(table, [])
    days = table.group_by(day=table["at"].date()).aggregate(n=table.count()).order_by("day")

    assert spec.names == ()
    # 12 rows from noon to midnight, 18 on the next day; twice.
    assert days.n.to_pyarrow().to_pylist() == [24, 36]


def test_a_naive_file_among_zoned_ones_is_named(tmp_path):
    write(tmp_path / "log" / "1.parquet", instants(3))
    write(tmp_path / "log" / "2.parquet", instants(3, None))

    with pytest.raises(WarehouseError, match=r"log/2\.parquet: .* without a zone"):
        opened(tmp_path)


def test_whole_numbers_that_become_fractions_are_numbers_still(tmp_path):
    write(tmp_path / "log" / "1.parquet", instants(2), x=pa.array([1, 2], pa.int32()))
    write(tmp_path / "log" / "2.parquet", instants(2), x=[0.5, None])

    assert opened(tmp_path, x="number").x.sum().to_pyarrow().as_py() == 3.5


@pytest.mark.parametrize("becomes", [["a", "b"], [True, False], [[1], [2]]])
def test_a_number_that_becomes_something_else_names_the_file(tmp_path, becomes):
    write(tmp_path / "log" / "1.parquet", instants(2), x=[1.0, 2.0])
    write(tmp_path / "log" / "2.parquet", instants(2), x=becomes)

    with pytest.raises(WarehouseError, match=r"log/2\.parquet: column 'x' is .*; expected number"):
        opened(tmp_path, x="number")


def test_numbers_without_end_are_counted_and_spoil_no_sum(tmp_path):
    x = [1.0, 2.0, 3.0, 1e308, -1e308, math.inf, -math.inf, math.nan, None]
    write(tmp_path / "log" / "1.parquet", instants(len(x)), x=x)

    table = opened(tmp_path, x="number")
    for native in (True, False):
        found = profile(table, plan(table, ["x"]), timestamp="at", native=native)
        cells = found.numeric["x"].cells.sum(axis=0)

        assert (found.total, int(cells[0])) == (9, 6)
        assert bool(math.isfinite(found.numeric["x"].first.sum()))


@pytest.mark.parametrize(
    "name", ['x"; drop table t; --', "`x`", "x'y", "😀", "a.b", "a b", "select", "$1", "x\ty"]
)
def test_a_column_of_any_name_is_counted(tmp_path, name):
    write(tmp_path / "log" / "1.parquet", instants(3), **{name: [1.0, 2.0, None]})

    table = opened(tmp_path, **{name: "number"})
    found = profile(table, plan(table, [name]), timestamp="at")

    assert found.total == 3
    assert int(found.numeric[name].cells[:, 0].sum()) == 1


def test_an_empty_folder_and_files_without_rows_are_no_log(tmp_path):
    (tmp_path / "log").mkdir()
    with pytest.raises(WarehouseError, match="without a Parquet file"):
        opened(tmp_path)

    write(tmp_path / "log" / "1.parquet", instants(0), x=pa.array([], pa.float64()))
    with pytest.raises(WarehouseError, match="holds no row before"):
        opened(tmp_path, x="number")


def test_damage_that_no_checksum_covers_ends_in_an_error_of_the_log(tmp_path):
    path = tmp_path / "log" / "1.parquet"
    path.parent.mkdir()
    table = pa.table({"at": instants(2000), "x": [float(n) for n in range(2000)]})
    pq.write_table(table, path, compression="zstd")
    content = bytearray(path.read_bytes())
    chunk = pq.read_metadata(path).row_group(0).column(1)
    content[chunk.data_page_offset + 30 : chunk.data_page_offset + 60] = bytes(30)
    path.write_bytes(content)

    with pytest.raises(WarehouseError, match="cannot be read"), readable_logs("log"):
        opened(tmp_path, x="number").x.sum().to_pyarrow()
