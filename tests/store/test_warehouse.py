import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.domain.values import digest_of
from ops_model.errors import WarehouseError
from ops_model.store.warehouse import (
    LogRequest,
    identify,
    kinds_of,
    open_log,
    open_logs,
    readable_logs,
)

NOON = datetime(2013, 3, 1, 12, tzinfo=UTC)
UTC_TIME = pa.timestamp("us", "UTC")


def rows(**columns):
    """Three rows, one a day from noon of 1 March; `columns` replaces or adds."""
    at = pa.array([NOON + timedelta(days=i) for i in range(3)], UTC_TIME)
    return pa.table({"at": at, "x": [1.0, 2.0, 3.0], "name": ["a", "b", "c"]} | columns)


def write(path, table=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows() if table is None else table, path)


def opened(root, *, before=datetime(2020, 1, 1, tzinfo=UTC), **columns):
    return open_log(
        root, "log.parquet", timestamp="at", before=before, columns=columns or {"x": "number"}
    )


def test_a_single_file_is_a_log(tmp_path):
    write(tmp_path / "log.parquet")

    table = opened(tmp_path, x="number", name="text")

    assert table.columns == ("x", "name", "at")
    assert table.x.sum().to_pyarrow().as_py() == 6.0


def test_a_folder_of_days_is_one_log_and_half_written_files_are_no_part_of_it(tmp_path):
    write(tmp_path / "log" / "2013-03-01.parquet")
    write(tmp_path / "log" / "month=4" / "2013-04-01.parquet")
    write(tmp_path / "log" / "_temporary" / "part.parquet")
    write(tmp_path / "log" / ".part.parquet")

    table = open_log(
        tmp_path, "log", timestamp="at", before=datetime(2020, 1, 1, tzinfo=UTC), columns={}
    )

    assert table.count().to_pyarrow().as_py() == 6


def test_rows_at_or_after_the_bound_are_not_read(tmp_path):
    write(tmp_path / "log.parquet")

    table = opened(tmp_path, before=NOON + timedelta(days=2))

    assert table.x.max().to_pyarrow().as_py() == 2.0


def test_a_bound_in_another_zone_is_the_same_instant(tmp_path):
    write(tmp_path / "log.parquet")
    bound = datetime.fromisoformat("2013-03-02T14:00:00+02:00")

    table = opened(tmp_path, before=bound)

    assert table.count().to_pyarrow().as_py() == 1


def test_a_log_that_is_not_there_says_what_to_do(tmp_path):
    with pytest.raises(WarehouseError) as caught:
        opened(tmp_path)

    problem = caught.value.problems[0]
    assert problem.where == "log.parquet"
    assert "no such file" in problem.message
    assert problem.remedy
    assert caught.value.exit_code == 3


def test_a_folder_without_parquet_is_refused(tmp_path):
    (tmp_path / "log.parquet").mkdir()

    with pytest.raises(WarehouseError, match="without a Parquet file"):
        opened(tmp_path)


def test_all_wrong_columns_are_named_at_once_with_the_nearest_names(tmp_path):
    write(tmp_path / "log.parquet", rows(probability=["0.1", "0.2", "0.3"]))

    with pytest.raises(WarehouseError) as caught:
        opened(tmp_path, probability="number", nam="text", X="number")

    said = str(caught.value)
    assert len(caught.value.problems) == 3
    assert "column 'probability' is string; expected number" in said
    assert "did you mean 'name'?" in said
    assert "did you mean 'x'?" in said


def test_problems_of_several_logs_are_told_together(tmp_path):
    write(tmp_path / "log.parquet")

    with pytest.raises(WarehouseError) as caught:
        open_logs(
            tmp_path,
            {
                "one": LogRequest("gone.parquet", {}),
                "two": LogRequest("log.parquet", {"y": "number"}),
            },
        )

    assert [p.where for p in caught.value.problems] == ["gone.parquet", "log.parquet"]


def test_a_column_that_one_day_lacks_names_that_day(tmp_path):
    write(tmp_path / "log" / "1.parquet")
    write(tmp_path / "log" / "2.parquet", rows().drop_columns(["x"]))

    with pytest.raises(WarehouseError) as caught:
        open_logs(tmp_path, {"log": LogRequest("log", {"x": "number"})})

    assert caught.value.problems[0].where == "log/2.parquet"
    assert "in 1 of 2 files" in caught.value.problems[0].message


def test_a_column_whose_type_changes_from_day_to_day_names_the_day(tmp_path):
    write(tmp_path / "log" / "1.parquet")
    write(tmp_path / "log" / "2.parquet", rows(x=["one", "two", "three"]))

    with pytest.raises(WarehouseError, match=r"log/2\.parquet: column 'x' is string"):
        open_logs(tmp_path, {"log": LogRequest("log", {"x": "number"})})


def test_a_column_that_is_true_on_one_day_and_a_number_on_the_next_is_no_number(tmp_path):
    write(tmp_path / "log" / "a.parquet", rows(p=[0.5, 0.5, 0.5]))
    write(tmp_path / "log" / "b.parquet", rows(p=[True, True, False]))

    with pytest.raises(WarehouseError, match=r"'p' is bool; expected number, as in a.parquet"):
        open_logs(tmp_path, {"log": LogRequest("log", {"p": "scalar"})})


def test_rows_that_hide_by_having_no_instant_are_refused_and_a_few_are_not(tmp_path):
    at = [datetime(2013, 1, 1, tzinfo=UTC)] * 4000
    for lost, path in ((40, "few"), (41, "many")):
        times = pa.array([None] * lost + at[lost:], pa.timestamp("us", "UTC"))
        write(tmp_path / path / "a.parquet", pa.table({"at": times}))

    with pytest.raises(WarehouseError, match="41 of 4,000 rows hold no instant in column 'at'"):
        open_logs(tmp_path, {"log": LogRequest("many", {}, timestamp="at")})
    few = open_logs(tmp_path, {"log": LogRequest("few", {}, timestamp="at")})["log"]
    assert few.count().to_pyarrow().as_py() == 3960


def test_a_timestamp_without_a_zone_is_refused(tmp_path):
    write(tmp_path / "log.parquet", rows(at=pa.array([NOON] * 3, pa.timestamp("us"))))

    with pytest.raises(WarehouseError) as caught:
        opened(tmp_path)

    assert "is a timestamp without a zone; expected a timestamp with a zone" in str(caught.value)


def test_a_timestamp_without_a_zone_is_taken_as_utc_where_that_is_said(tmp_path):
    naive = pa.array([datetime(2013, 3, 1, 23, 30)] * 3, pa.timestamp("us"))
    write(tmp_path / "log.parquet", rows(at=naive))
    request = LogRequest(
        "log.parquet", {}, "at", datetime(2013, 3, 1, 23, 31, tzinfo=UTC), assume_utc=True
    )

    table = open_logs(tmp_path, {"log": request})["log"]

    assert table["at"].max().to_pyarrow().as_py() == datetime(2013, 3, 1, 23, 30, tzinfo=UTC)


def test_a_date_is_no_timestamp(tmp_path):
    write(tmp_path / "log.parquet", rows(at=pa.array([NOON.date()] * 3)))

    with pytest.raises(WarehouseError, match="expected a timestamp with a zone"):
        opened(tmp_path)


def test_nothing_before_the_bound_is_an_error_and_not_a_zero(tmp_path):
    write(tmp_path / "log.parquet")

    with pytest.raises(WarehouseError, match="holds no row before 2013-03-01T12:00:00Z"):
        opened(tmp_path, before=NOON)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not parquet at all"])
def test_a_file_that_is_no_parquet_is_named(tmp_path, content):
    (tmp_path / "log.parquet").write_bytes(content)

    with pytest.raises(WarehouseError, match=r"log\.parquet: .* no whole Parquet file"):
        opened(tmp_path)


def test_a_truncated_file_is_named(tmp_path):
    write(tmp_path / "log" / "1.parquet")
    write(tmp_path / "log" / "2.parquet")
    whole = (tmp_path / "log" / "2.parquet").read_bytes()
    (tmp_path / "log" / "2.parquet").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(WarehouseError, match=r"log/2\.parquet"):
        open_logs(tmp_path, {"log": LogRequest("log", {"x": "number"})})


def test_damage_inside_a_file_is_an_error_of_the_log_and_no_traceback(tmp_path):
    path = tmp_path / "log.parquet"
    table = rows(x=pa.array([0.1, 0.2, 0.3]))
    pq.write_table(table, path, write_page_checksum=True, compression="zstd")
    damaged = bytearray(path.read_bytes())
    damaged[4:60] = b"\xff" * 56
    path.write_bytes(bytes(damaged))

    with pytest.raises(WarehouseError, match="cannot be read"), readable_logs("log.parquet"):
        opened(tmp_path).x.sum().to_pyarrow()


def test_a_path_full_of_glob_characters_reads_that_file_only(tmp_path):
    write(tmp_path / "a[1]*" / "p?.parquet")
    write(tmp_path / "a[1]*" / "pX.parquet")

    table = open_logs(tmp_path, {"log": LogRequest("a[1]*/p?.parquet", {"x": "number"})})["log"]

    assert table.count().to_pyarrow().as_py() == 3


def test_a_column_of_hostile_name_is_only_a_name(tmp_path):
    hostile = 'x"; drop table t; --'
    write(tmp_path / "log.parquet", rows(**{hostile: [1, 2, 3]}))

    table = opened(tmp_path, **{hostile: "number"})

    assert table[hostile].sum().to_pyarrow().as_py() == 6


def test_the_engine_reads_no_other_file(tmp_path):
    write(tmp_path / "log.parquet")
    write(tmp_path / "secret.parquet")
    connection = opened(tmp_path).get_backend()

    with pytest.raises(WarehouseError, match="cannot be read"), readable_logs():
        connection.read_parquet(str(tmp_path / "secret.parquet"))


def test_the_engine_can_not_be_unlocked_again(tmp_path):
    write(tmp_path / "log.parquet")
    connection = opened(tmp_path).get_backend()

    with pytest.raises(WarehouseError, match="cannot be read"), readable_logs():
        connection.raw_sql("SET enable_external_access = true")


def test_two_logs_can_be_joined(tmp_path):
    write(tmp_path / "one.parquet")
    write(tmp_path / "two.parquet", rows(x=[10.0, 20.0, 30.0]))
    requests = {
        n: LogRequest(f"{n}.parquet", {"x": "number", "name": "text"}) for n in ("one", "two")
    }

    tables = open_logs(tmp_path, requests)

    joined = tables["one"].join(tables["two"], "name", rname="{name}_2")
    assert (joined.x * joined.x_2).sum().to_pyarrow().as_py() == 140.0  # 10 + 40 + 90


def test_an_optional_column_is_taken_where_it_is(tmp_path):
    write(tmp_path / "log.parquet")

    requests = {"log": LogRequest("log.parquet", {}, optional={"x": "number", "y": "number"})}

    assert open_logs(tmp_path, requests)["log"].columns == ("x",)


def test_kinds_are_read_from_the_footer(tmp_path):
    table = rows(
        yes=[True, False, True],
        money=pa.array([Decimal("1.5")] * 3),
        category=pa.array(["a", "b", "a"]).dictionary_encode(),
        naive=pa.array([NOON] * 3, pa.timestamp("us")),
        nested=[[1], [2], [3]],
    )
    write(tmp_path / "log.parquet", table)

    assert kinds_of(tmp_path, "log.parquet") == {
        "at": "time", "x": "number", "name": "text", "yes": "boolean", "money": "number",
        "category": "text", "naive": "naive time", "nested": "other",
    }  # fmt: skip


def test_a_file_is_identified_by_its_bytes(tmp_path):
    (tmp_path / "log.parquet").write_bytes(b"abc")

    seen = identify(tmp_path, "log.parquet")

    assert (seen.kind, seen.files, seen.bytes) == ("file", 1, 3)
    assert seen.digest == digest_of(b"abc")


def test_a_folder_is_identified_by_path_size_and_digest_of_each_file(tmp_path):
    write(tmp_path / "log" / "1.parquet")
    write(tmp_path / "log" / "2.parquet")
    first = identify(tmp_path, "log")

    (tmp_path / "log" / "2.parquet").rename(tmp_path / "log" / "3.parquet")

    assert (first.kind, first.files) == ("folder", 2)
    assert first.bytes == sum(p.stat().st_size for p in (tmp_path / "log").iterdir())
    assert identify(tmp_path, "log").digest != first.digest


def test_a_changed_file_of_the_same_size_is_identified_anew(tmp_path):
    path = tmp_path / "log.parquet"
    path.write_bytes(b"abc")
    first = identify(tmp_path, "log.parquet")
    beside = tmp_path / "beside"
    beside.write_bytes(b"abd")
    os.utime(beside, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    beside.replace(path)

    assert identify(tmp_path, "log.parquet").digest != first.digest
    assert identify(tmp_path, "log.parquet").digest == digest_of(b"abd")


def test_a_drill_journal_is_a_journal(tmp_path):
    journal = tmp_path / "runs" / "one" / ".drills" / "d1.jsonl"
    journal.parent.mkdir(parents=True)
    journal.write_text("{}\n")

    assert identify(tmp_path, "runs/one/.drills/d1.jsonl").kind == "journal"


def test_what_is_not_there_cannot_be_identified(tmp_path):
    with pytest.raises(WarehouseError, match="no such file"):
        identify(tmp_path, "gone.parquet")


def count(root, address):
    request = LogRequest(address, {"x": "number"})
    return open_logs(root, {"log": request})["log"].count().to_pyarrow().as_py()


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_a_file_that_has_two_names_in_a_folder_is_read_once(tmp_path, link):
    write(tmp_path / "log" / "all.parquet")
    before = identify(tmp_path, "log")
    getattr(tmp_path / "log" / "latest.parquet", link)(tmp_path / "log" / "all.parquet")

    assert count(tmp_path, "log") == 3
    assert identify(tmp_path, "log") == before


@pytest.mark.parametrize(
    "name", ["f.jsonl.1", "f.parquet.2026-03-01", "f.csv.old", "e.log", "f.jsonl.1.gz"]
)
def test_what_was_rotated_in_a_folder_of_a_log_is_named_and_not_left_out(tmp_path, name):
    write(tmp_path / "log" / "all.parquet")
    (tmp_path / "log" / name).write_text("{}")

    with pytest.raises(WarehouseError, match="which is not read") as caught:
        count(tmp_path, "log")

    assert name in str(caught.value)


def test_what_describes_a_log_may_lie_beside_it(tmp_path):
    write(tmp_path / "log" / "all.parquet")
    for name in ("README.md", "LICENSE.txt", "all.parquet.sha256"):
        (tmp_path / "log" / name).write_text("text")

    assert count(tmp_path, "log") == 3
