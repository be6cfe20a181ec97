"""The journal, the reconciliation and the numbers of a drill."""

import itertools
from pathlib import Path

import pytest

from ops_model.drill.record import (
    Journal,
    StoredRecord,
    p95_seconds,
    read_journal,
    reconcile,
    share,
    single_timing,
)
from tests.conftest import require


def records(*given):
    return [StoredRecord(*record.split(":")) for record in given]


def test_records_that_are_all_there_unchanged_reconcile_to_nothing():
    found = reconcile(records("a:1", "b:2"), records("a:1", "b:2", "c:3"), {"b", "c"})

    assert found.whole
    assert (found.before, found.after) == (2, 3)


def test_an_acknowledged_request_without_a_record_is_lost():
    found = reconcile(records("a:1"), records("a:1"), {"a", "b"})

    assert found.lost == ("b",)


def test_a_record_from_before_that_is_gone_is_lost_once_though_it_was_acknowledged_too():
    found = reconcile(records("a:1", "b:2"), records("a:1"), {"b"})

    assert found.lost == ("b",)


def test_an_id_that_is_stored_twice_is_duplicated_and_not_changed():
    found = reconcile(records("a:1"), records("a:1", "a:1", "b:2", "b:2"), {"b"})

    assert found.duplicated == ("a", "b")
    assert found.changed == ()


def test_an_id_that_was_stored_twice_before_is_not_the_drills_doing():
    found = reconcile(records("a:1", "a:1"), records("a:1", "a:1"), set())

    assert found.whole


def test_a_record_from_before_with_another_content_is_changed():
    found = reconcile(records("a:1", "b:2"), records("a:9", "b:2"), set())

    assert found.changed == ("a",)


def test_the_interval_of_a_share_is_wilsons():
    # z = 1.96, n = 100, p = 1: the lower bound is n / (n + z²) = 100 / 103.8416 = 0.9630.
    all_served = share(100, 100)

    assert (all_served.value, all_served.n, all_served.high) == (1.0, 100, 1.0)
    assert all_served.low == pytest.approx(0.9630, abs=5e-5)


def test_the_interval_of_a_half_is_symmetric():
    # z = 1.96, n = 4: centre 0.5, half width z/(1+z²/4)·√(1/16+z²/64) = 0.35 (Wilson 1927).
    half = share(2, 4)

    assert half.low == pytest.approx(0.15, abs=1e-3)
    assert half.high == pytest.approx(0.85, abs=1e-3)


def test_a_share_of_nothing_has_no_value_and_says_why():
    assert share(0, 0).value is None
    assert share(0, 0).complete


def test_the_95th_percentile_of_twenty_is_the_nineteenth():
    assert p95_seconds([float(n) for n in range(1, 21)]).value == 19.0


def test_a_timing_that_never_happened_has_no_value():
    assert single_timing(None).value is None
    assert single_timing(1.23456).value == 1.235


def test_the_journal_gives_back_what_was_written_with_seconds_since_its_start(tmp_path):
    stopwatch = itertools.count(10.0, 0.5)
    journal = Journal(tmp_path / "j.jsonl", lambda: next(stopwatch))

    journal.write("begun", id="x")
    journal.write("step", ok=True)
    journal.close()

    assert read_journal(tmp_path / "j.jsonl") == [
        {"t": 0.5, "event": "begun", "id": "x"},
        {"t": 1.0, "event": "step", "ok": True},
    ]


def test_a_line_that_a_kill_tore_in_two_is_left_out_and_spoils_no_other(tmp_path):
    path = tmp_path / "j.jsonl"
    path.write_text('{"t": 0, "event": "begun"}\n{"t": 1, "ev')

    journal = Journal(path, lambda: 0.0)
    journal.write("restored", ok=True)
    journal.close()

    assert [e["event"] for e in read_journal(path)] == ["begun", "restored"]


def test_a_full_disk_is_noted_and_never_raised():
    full = Path("/dev/full")
    require(full.exists(), "/dev/full")
    journal = Journal(full, lambda: 0.0)

    journal.write("begun")
    journal.close()

    assert journal.failure == "No space left on device"
