import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ops_model.analysis.plan import plan
from ops_model.analysis.profile import profile
from ops_model.domain.signals_logged import Log
from ops_model.domain.values import Window
from ops_model.errors import WarehouseError
from ops_model.store.profiles import FOLDER
from ops_model.store.warehouse_bound import FEW_LOST
from ops_model.workflow.declared import open_windows
from ops_model.workflow.measure_drift import drift_of
from ops_model.workflow.profiled import planned, profiled
from tests.workflow.test_measure import book, signals, write_flights

START = datetime(2026, 3, 1, tzinfo=UTC)
LOG = Log(id="served", holds="predictions", address="log", timestamp="at")
COLUMNS = ("x", "c")


@dataclass
class Book:
    """A workbook's folder at an instant."""

    root: Path
    as_of: datetime = START + timedelta(days=60)
    system: Any = None


@contextmanager
def a_book():
    folder = tempfile.mkdtemp()
    try:
        yield Book(Path(folder))
    finally:
        shutil.rmtree(folder)


def write(book, name, rows):
    """Rows of (hours since the start, number, category); None for an instant writes null."""
    path = book.root / "log" / f"{name}.parquet"
    path.parent.mkdir(exist_ok=True)
    at = [None if h is None else START + timedelta(hours=h) for h, _, _ in rows]
    table = {
        "at": pa.array(at, pa.timestamp("us", "UTC")),
        "x": pa.array([x for _, x, _ in rows], pa.float64()),
        "c": pa.array([c for _, _, c in rows], pa.string()),
    }
    pq.write_table(pa.table(table), path)


def days(first, last, hour=0):
    at = START + timedelta(hours=hour)
    return Window(start=at + timedelta(days=first), end=START + timedelta(days=last))


def both_ways(book, span):
    """The profile as it is kept, and the one counted over the rows of the span."""
    (table,) = open_windows(book, [(LOG, span)], COLUMNS)
    spec = planned(book, LOG, span, table, COLUMNS)
    assert spec == plan(table, COLUMNS)
    return profiled(book, LOG, span, table, spec), profile(table, spec, timestamp="at")


def assert_same(one, other):
    assert one.days == other.days
    assert one.rows.tolist() == other.rows.tolist()
    for name, counts in one.numeric.items():
        assert (counts.cells == other.numeric[name].cells).all()
        ours, theirs = counts.table, other.numeric[name].table
        # Sums of numbers of both signs lose by the size of these, which the squares tell.
        size = np.sqrt(np.abs(theirs[np.isfinite(theirs)]).max(initial=1.0))
        assert np.allclose(ours, theirs, rtol=1e-12, atol=1e-9 + 1e-12 * size)
    for name, counts in one.categories.items():
        assert (counts == other.categories[name]).all()


def kept(book):
    return {path.name: path.stat().st_mtime_ns for path in (book.root / FOLDER).rglob("*.json")}


ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 9 * 24 - 1)),
        st.one_of(st.none(), st.floats(width=32), st.sampled_from([1e308, -1e308, 0.0])),
        st.sampled_from([None, "a", "b", "'; --"]),
    ),
    max_size=12,
)


@settings(max_examples=12, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=4), st.integers(0, 23), st.integers(0, 23), ROWS)
def test_what_is_kept_gives_the_numbers_of_the_rows_before_and_after_late_ones(
    files, hour, until, late
):
    # A log in which more rows lack their instant is refused, however few it has.
    assume(sum(at is None for rows in (*files, late) for at, _, _ in rows) <= FEW_LOST)
    with a_book() as book:
        book.as_of = START + timedelta(days=9, hours=until)
        write(book, "anchor", [(5 * 24, 1.0, "a"), (8 * 24, 2.0, "b")])
        for number, rows in enumerate(files):
            write(book, f"{number}", rows)

        for span in (days(0, 9), days(1, 9, hour), days(0, 30)):
            for _ in range(2):
                assert_same(*both_ways(book, span))
        write(book, "0", [*files[0], *late])
        assert_same(*both_ways(book, days(0, 9)))


def a_log_of_days(book, n=5):
    for day in range(n):
        write(book, f"day{day}", [(24 * day + h, float(h), "a") for h in range(24)])


def test_nothing_is_counted_twice(tmp_path):
    book = Book(tmp_path)
    a_log_of_days(book)
    both_ways(book, days(0, 5))
    before = kept(book)

    both_ways(book, days(0, 5))

    assert kept(book) == before
    assert len(before) == 5 + 5 + 1  # an extent and a profile a day, and the plan


def test_a_new_day_costs_that_day(tmp_path):
    book = Book(tmp_path)
    a_log_of_days(book)
    (table,) = open_windows(book, [(LOG, days(0, 4))], COLUMNS)
    spec = planned(book, LOG, days(0, 4), table, COLUMNS)
    profiled(book, LOG, days(0, 5), table, spec)
    before = kept(book)

    write(book, "day5", [(24 * 5, 1.0, "a")])
    again = planned(book, LOG, days(0, 4), table, COLUMNS)
    found = profiled(book, LOG, days(1, 6), table, again)

    assert again == spec
    assert found.rows.tolist() == [24, 24, 24, 24, 1]
    assert len(kept(book).keys() - before.keys()) == 2  # its extent and its profile
    assert {name: kept(book)[name] for name in before} == before


def test_a_day_whose_rows_changed_is_counted_again(tmp_path):
    book = Book(tmp_path)
    a_log_of_days(book)
    both_ways(book, days(0, 5))

    write(book, "day2", [(24 * 2, 3.0, "late")])

    found, _ = both_ways(book, days(0, 5))
    assert found.rows.tolist() == [24, 24, 1, 24, 24]


def test_what_is_kept_does_not_grow_with_days_that_change_or_go(tmp_path):
    book = Book(tmp_path)
    a_log_of_days(book)
    (table,) = open_windows(book, [(LOG, days(0, 2))], COLUMNS)
    spec = planned(book, LOG, days(0, 2), table, COLUMNS)
    profiled(book, LOG, days(0, 5), table, spec)
    before = len(kept(book))

    for late in range(3):
        write(book, "day2", [(24 * 2, float(late), "late")])
        profiled(book, LOG, days(0, 5), table, spec)
        assert len(kept(book)) == before
    (tmp_path / "log" / "day4.parquet").unlink()
    write(book, "day3", [(24 * 3, 1.0, "a")])
    profiled(book, LOG, days(0, 5), table, spec)

    assert len(kept(book)) == before - 2  # the extent and the profile of the day that is gone


def test_what_is_kept_does_not_grow_with_a_baseline_that_moves(tmp_path):
    book = Book(tmp_path)
    for day in range(8):
        write(book, f"day{day}", [(24 * day, day + 0.25, "a"), (24 * day + 1, day + 9.0, "b")])
    sizes = []

    for turn in range(7):
        book.as_of = START + timedelta(days=20 + 14 * turn)
        (table,) = open_windows(book, [(LOG, days(turn, turn + 2))], COLUMNS)
        spec = planned(book, LOG, days(turn, turn + 2), table, COLUMNS)
        profiled(book, LOG, days(turn, turn + 2), table, spec)
        sizes.append(len(kept(book)))

    # An extent a day; of each of three plans, which are those of 35 days, the plan and two days.
    assert sizes == [8 + 3, 8 + 6, 8 + 9, 8 + 9, 8 + 9, 8 + 9, 8 + 9]


def test_a_baseline_that_starts_within_a_day_holds_its_own_rows_only(tmp_path):
    book = Book(tmp_path)
    a_log_of_days(book)

    found, rows = both_ways(book, days(0, 3, hour=5))

    assert_same(found, rows)
    assert found.rows.tolist() == [19, 24, 24]


def test_no_row_after_the_instant_that_judges_is_counted(tmp_path):
    book = Book(tmp_path, as_of=START + timedelta(days=2, hours=6))
    a_log_of_days(book)

    found, _ = both_ways(book, days(0, 5))

    assert found.rows.tolist() == [24, 24, 6]


def test_without_a_folder_to_write_in_the_numbers_are_the_same(tmp_path):
    book = Book(tmp_path)
    a_log_of_days(book)
    (tmp_path / FOLDER.parts[0]).write_text("no folder")

    assert_same(*both_ways(book, days(0, 5)))


@pytest.mark.parametrize("document", ["[]", '{"days":["2026-03-01"]}', "null", "[" * 100_000])
def test_a_document_of_another_shape_is_made_anew(tmp_path, document):
    book = Book(tmp_path)
    a_log_of_days(book)
    both_ways(book, days(0, 5))
    from hashlib import sha256

    for path in (tmp_path / FOLDER).rglob("*.json"):
        head = path.read_bytes().partition(b"\n")[0]
        key = head[len(b'{"key":') : head.rindex(b',"sha256"')]
        digest = sha256(key + b"\n" + document.encode()).hexdigest().encode()
        path.write_bytes(b'{"key":' + key + b',"sha256":"' + digest + b'"}\n' + document.encode())

    assert_same(*both_ways(book, days(0, 5)))


def test_a_damaged_log_is_said_and_never_a_traceback(tmp_path):
    book = Book(tmp_path)
    a_log_of_days(book, 1)
    (table,) = open_windows(book, [(LOG, days(0, 1))], COLUMNS)
    spec = planned(book, LOG, days(0, 1), table, COLUMNS)
    (tmp_path / "log" / "day0.parquet").write_bytes(b"PAR1 but no more")

    with pytest.raises(WarehouseError, match="no whole Parquet"):
        profiled(book, LOG, days(0, 1), table, spec)


def test_drift_says_into_which_cells_it_counted_and_which_days_may_still_get_rows(tmp_path):
    write_flights(tmp_path)
    claims = signals() | {"late_days": 2}

    found = drift_of(book(tmp_path, signals=claims), "input_distribution")
    again = drift_of(book(tmp_path, signals=claims), "input_distribution")

    assert found.spec.startswith("sha256:")
    assert found.provisional_days == 2
    assert again == found
    assert list((tmp_path / FOLDER).rglob("*.json"))
