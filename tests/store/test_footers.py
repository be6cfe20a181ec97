"""What the footers of Parquet files say of timestamps, and what they spare."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.errors import WarehouseError
from ops_model.store import warehouse_files
from ops_model.store.footers import Noted, instants
from ops_model.store.warehouse import LogRequest, open_log, open_logs

EARLY, LATE = datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 2, 8, tzinfo=UTC)
AFTER = datetime(2026, 4, 1, tzinfo=UTC)


def written(path, *instants, zone="UTC", **options):
    table = pa.table(
        {"at": pa.array(instants, pa.timestamp("us", zone)), "x": range(len(instants))}
    )
    pq.write_table(table, path, **options)
    return path


def rows(folder, before=AFTER):
    table = open_log(folder, "log", timestamp="at", before=before, columns={"x": "number"})
    return table.count().to_pyarrow().as_py()


def test_the_least_and_the_greatest_are_those_of_all_groups_of_all_files(tmp_path):
    one = written(tmp_path / "1.parquet", LATE, EARLY, row_group_size=1)
    other = written(tmp_path / "2.parquet", AFTER)
    assert instants([one, other], "at") == Noted(EARLY, AFTER)


def test_a_file_without_rows_adds_nothing(tmp_path):
    some, none = written(tmp_path / "1.parquet", EARLY), written(tmp_path / "2.parquet")
    assert instants([some, none], "at") == Noted(EARLY, EARLY)


def test_a_timestamp_without_a_zone_is_taken_as_utc(tmp_path):
    assert instants([written(tmp_path / "1.parquet", EARLY, zone=None)], "at").low == EARLY


@pytest.mark.parametrize(
    ("values", "options"),
    [((EARLY, None), {}), ((EARLY,), {"write_statistics": False}),
     ((EARLY,), {"use_deprecated_int96_timestamps": True})],
)  # fmt: skip
def test_what_a_footer_does_not_settle_is_not_guessed(tmp_path, values, options):
    assert instants([written(tmp_path / "1.parquet", *values, **options)], "at") is None


def test_a_file_that_was_written_again_is_looked_at_again(tmp_path):
    path = written(tmp_path / "1.parquet", EARLY)
    instants([path], "at")
    assert instants([written(path, LATE)], "at") == Noted(LATE, LATE)


@pytest.mark.parametrize("options", [{}, {"write_statistics": False}])
def test_a_log_is_refused_alike_with_and_without_what_footers_say(tmp_path, options):
    (tmp_path / "log").mkdir()
    path = tmp_path / "log" / "1.parquet"
    strange = datetime(1850, 1, 1, tzinfo=UTC)
    written(path, EARLY, LATE, **options)
    assert rows(tmp_path, before=LATE) == 1
    with pytest.raises(WarehouseError, match="holds no row"):
        rows(tmp_path, before=EARLY)
    written(path, strange, EARLY, **options)
    with pytest.raises(WarehouseError, match="before 1900"):
        rows(tmp_path)


def test_rows_that_were_written_since_are_read_by_a_log_that_is_opened_again(tmp_path):
    (tmp_path / "log").mkdir()
    written(tmp_path / "log" / "1.parquet", EARLY)
    assert rows(tmp_path) == 1
    written(tmp_path / "log" / "1.parquet", EARLY, LATE)
    assert rows(tmp_path) == 2
    written(tmp_path / "log" / "2.parquet", EARLY)
    assert rows(tmp_path) == 3


def test_a_small_log_that_is_opened_again_is_read_over_the_same_connection(tmp_path):
    (tmp_path / "log").mkdir()
    written(tmp_path / "log" / "1.parquet", EARLY)
    request = LogRequest("log", {"x": "number"}, timestamp="at", before=AFTER)

    def connection():
        return open_logs(tmp_path, {"log": request})["log"].get_backend()

    assert connection() is connection()


def test_the_connection_of_a_large_log_is_not_kept(tmp_path):
    (tmp_path / "log").mkdir()
    many = np.random.default_rng(1).random(warehouse_files.MOST_KEPT_BYTES // 8)
    pq.write_table(pa.table({"x": many}), tmp_path / "log" / "1.parquet", compression="none")
    found = warehouse_files.look(tmp_path, LogRequest("log", {"x": "number"}))
    assert warehouse_files.connect([found]) is not warehouse_files.connect([found])
