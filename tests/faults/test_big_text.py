"""A usage log of 2 GB as CSV is summed exactly while it streams, and never held in memory."""

import pytest

from tests.benchmarks.bench_usage_text import expected, summed, write

pytestmark = pytest.mark.faults


def test_two_gigabytes_of_csv_are_summed_exactly_in_half_a_gigabyte_of_memory(tmp_path):
    path = tmp_path / "log.csv"
    rows = write(path, 2)

    found = summed(path)

    assert path.stat().st_size > 1.9e9
    assert (found["rows"], found["amounts"]) == (rows, expected(rows))
    assert found["peak_mb"] < 500
