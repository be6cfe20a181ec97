"""Which days can be compared with one another."""

from datetime import timedelta

from ops_model.workflow.priced import priced_logs_of
from ops_model.workflow.whole_days import last_of, whole_days, window_of
from tests.workflow.usage_book import TODAY, at, every_day, opened, write_calls


def whole(tmp_path, rows):
    write_calls(tmp_path, rows)
    return sorted(whole_days(priced_logs_of(opened(tmp_path))))


def day(back):
    return at(back).date()


def test_the_day_on_which_a_log_begins_is_not_whole(tmp_path):
    assert whole(tmp_path, every_day(since=3)) == [day(2), day(1)]


def test_the_day_on_which_a_log_stopped_is_not_whole(tmp_path):
    assert whole(tmp_path, every_day(since=5, until=2)) == [day(4), day(3)]


def test_a_day_without_any_row_is_not_known(tmp_path):
    rows = [row for row in every_day(since=5) if row[0] != 3]

    assert whole(tmp_path, rows) == [day(4), day(2), day(1)]


def test_the_last_days_end_before_today_and_span_that_many(tmp_path):
    days = [day(back) for back in range(9, -1, -1)]

    found = last_of(days, TODAY.date(), 3)

    assert found == (day(3), day(2), day(1))
    assert (window_of(found).end, window_of(found).start) == (TODAY, TODAY - timedelta(days=3))
    assert window_of(()) is None
