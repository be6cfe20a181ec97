import random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops_model.errors import WarehouseError
from ops_model.store.page_checksums import damaged_page
from ops_model.store.warehouse import LogRequest, identify, open_logs

ROWS = 4_000


def write(path, **options):
    rng = np.random.default_rng(3)
    table = pa.table({
        "x": rng.normal(size=ROWS),
        "kind": pa.array([("a", "b", None)[i % 3] for i in range(ROWS)]),
        "many": pa.array([[i] * (i % 3) for i in range(ROWS)]),
    })  # fmt: skip
    pq.write_table(table, path, row_group_size=1_500, write_page_checksum=True, **options)


def reads_the_same(path, table):
    """True when a reader gets what was written, or nothing."""
    try:
        return pq.read_table(path).equals(table)
    except (OSError, pa.ArrowException):
        return True


def flip(path, place, bit=0):
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << bit
    path.write_bytes(content)


@pytest.mark.parametrize("compression", ["zstd", "snappy", "none"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_whole_file_has_no_damaged_page(tmp_path, compression, version):
    path = tmp_path / "log.parquet"
    write(path, compression=compression, data_page_version=version)

    assert damaged_page(path) == ""


@pytest.mark.parametrize("compression", ["zstd", "none"])
def test_no_flipped_bit_makes_another_number(tmp_path, compression):
    path = tmp_path / "log.parquet"
    write(path, compression=compression)
    whole = path.read_bytes()
    table = pq.read_table(path)
    end = len(whole) - pq.read_metadata(path).serialized_size - 8
    places = random.Random(4).sample(range(4, end), 60)

    seen = []
    for place in [4, 5, *places]:
        path.write_bytes(whole)
        flip(path, place, place % 8)
        seen.append(bool(damaged_page(path)))
        assert seen[-1] or reads_the_same(path, table)

    assert sum(seen) > 55  # a header between the pages is covered by no checksum


def test_it_says_which_column_and_group_of_rows(tmp_path):
    path = tmp_path / "log.parquet"
    write(path, use_dictionary=False)
    chunk = pq.read_metadata(path).row_group(1).column(0)
    flip(path, chunk.data_page_offset + chunk.total_compressed_size - 1)

    assert damaged_page(path) == "column 'x', group of rows 2"


def test_a_file_without_checksums_says_nothing(tmp_path):
    path = tmp_path / "log.parquet"
    pq.write_table(pa.table({"x": [1, 2, 3]}), path)

    assert damaged_page(path) == ""


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" * 4, b"{}"])
def test_what_is_no_parquet_is_left_to_others(tmp_path, content):
    path = tmp_path / "log.parquet"
    path.write_bytes(content)

    assert damaged_page(path) == ""


@pytest.fixture
def damaged(tmp_path):
    """A log whose numbers still decode, to others than were written."""
    path = tmp_path / "log.parquet"
    write(path, compression="none", use_dictionary=False)
    before = pq.read_table(path)["x"].to_pylist()
    chunk = pq.read_metadata(path).row_group(1).column(0)
    flip(path, chunk.data_page_offset + chunk.total_compressed_size - 9)
    after = pq.read_table(path)["x"].to_pylist()
    assert before != after
    return tmp_path


def test_a_workbooks_log_is_refused_when_it_is_identified(damaged):
    with pytest.raises(WarehouseError, match=r"log\.parquet: a page is not what was written"):
        identify(damaged, "log.parquet")


def test_a_log_of_a_command_is_refused_when_it_is_opened(damaged):
    request = LogRequest(str(damaged / "log.parquet"), {"x": "number"})

    with pytest.raises(WarehouseError, match="its checksum differs"):
        open_logs(None, {"log": request})


def test_a_file_that_was_mended_is_read_again(damaged):
    with pytest.raises(WarehouseError):
        identify(damaged, "log.parquet")
    write(damaged / "log.parquet")

    assert identify(damaged, "log.parquet").files == 1
