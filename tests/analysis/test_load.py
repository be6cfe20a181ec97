"""The busiest minute of a log, as a rate."""

from datetime import timedelta

from ops_model.analysis.load import measure_load
from tests.analysis.tables import START, at, table


def test_the_busiest_minute_and_the_mean_are_told_as_rates():
    times = [at(1, 12)] * 30 + [at(1, 12, 1)] * 120 + [at(1, 12, 3)] * 30

    load = measure_load(table(ts=times), timestamp="ts", until=at(1, 12, 4))

    assert (load.peak_per_second.value, load.peak_per_second.n) == (2.0, 180)
    assert load.busiest == at(1, 12, 1)
    assert load.mean_per_second.value == 0.75  # 180 in 240 seconds, the silent one included


def test_of_minutes_that_are_as_busy_the_first_is_told():
    times = [at(1, 12, minute) for minute in (5, 2, 9)]

    assert measure_load(table(ts=times), timestamp="ts", until=at(2)).busiest == at(1, 12, 2)


def test_a_second_before_a_minute_belongs_to_the_one_before():
    times = [at(1, 12) - timedelta(microseconds=1), at(1, 12), at(1, 12)]

    assert measure_load(table(ts=times), timestamp="ts", until=at(2)).busiest == at(1, 12)


def test_a_log_without_a_row_has_no_load():
    log = table(ts=[at(1)])

    assert measure_load(log.filter(log.ts < START), timestamp="ts", until=at(2)) is None
