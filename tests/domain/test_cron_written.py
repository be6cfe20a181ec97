"""A cron line in the words of others comes at least whenever the line comes."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.domain.cron import instants
from ops_model.domain.cron_written import in_utc, offsets_of, on_calendar
from tests.conftest import require

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("0 6 * * 1", ("Mon *-*-* 06:00:00 Europe/Berlin",)),
        ("*/15 * * * *", ("*-*-* *:00,15,30,45:00 Europe/Berlin",)),
        ("5 6-9 1,15 jan-mar *", ("*-01..03-01,15 06..09:05:00 Europe/Berlin",)),
        ("0 6 * * 7", ("Sun *-*-* 06:00:00 Europe/Berlin",)),
        # Either the first or a Monday.
        ("0 6 1 * 1", ("*-*-01 06:00:00 Europe/Berlin", "Mon *-*-* 06:00:00 Europe/Berlin")),
    ],
)
def test_a_line_as_systemd_writes_it(line, said):
    assert on_calendar(line, "Europe/Berlin") == said


@pytest.mark.parametrize(
    "line", ["0 6 * * 1", "*/15 * * * *", "5 6-9 1,15 jan-mar *", "0 6 1 * 1", "30 0 31 12 *"]
)
def test_systemd_itself_reads_it_and_names_the_same_next_instant(line):
    require(shutil.which("systemd-analyze") is not None, "systemd-analyze")
    texts = on_calendar(line, "America/New_York")
    base = "2026-03-01 00:00:00 UTC"

    read = subprocess.run(
        ["systemd-analyze", "calendar", f"--base-time={base}", *texts],
        capture_output=True, text=True, check=True, env={"TZ": "UTC", "PATH": "/usr/bin:/bin"},
    ).stdout  # fmt: skip

    elapses = [part for part in read.splitlines() if "Next elapse:" in part]
    found = min(
        datetime.strptime(e.split(": ", 1)[1], "%a %Y-%m-%d %H:%M:%S UTC") for e in elapses
    )
    ours = next(instants(line, "America/New_York", after=datetime(2026, 3, 1, tzinfo=UTC)))
    assert found.replace(tzinfo=UTC) == ours


@pytest.mark.parametrize(
    ("line", "zone", "said"),
    [
        ("0 6 * * 1", "UTC", ("0 6 * * 1",)),
        ("0 6 * * 1", "Europe/Berlin", ("0 4 * * 1", "0 5 * * 1")),
        # 01:00 on Monday in Berlin is 23:00 on Sunday in UTC, in summer.
        ("0 1 * * 1", "Europe/Berlin", ("0 23 * * 0", "0 0 * * 1")),
        ("0 22 * * 0", "America/New_York", ("0 2 * * 1", "0 3 * * 1")),
        ("*/15 * * * *", "Europe/Berlin", ("0,15,30,45 * * * *",)),
        ("0 6 * * *", "Asia/Kathmandu", ("15 0 * * *",)),
    ],
)
def test_a_line_in_utc_stands_once_for_each_offset_of_the_year(line, zone, said):
    found = in_utc(line, offsets_of(zone, at=START))

    assert found == said


@given(
    minute=st.sampled_from(["0", "30", "*/20"]),
    hour=st.sampled_from(["*", "0", "1", "6", "23", "0-3"]),
    day=st.sampled_from(["*", "1", "31", "1,15"]),
    month=st.sampled_from(["*", "3", "12"]),
    weekday=st.sampled_from(["*", "0", "1", "5-6"]),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]),
)
@settings(max_examples=40, deadline=None)
def test_in_utc_it_never_misses_an_instant(minute, hour, day, month, weekday, zone):
    line = f"{minute} {hour} {day} {month} {weekday}"
    end = START + timedelta(days=200)
    wanted = list(takewhile(lambda one: one < end, instants(line, zone, after=START)))

    found = {
        one
        for text in in_utc(line, offsets_of(zone, at=START))
        for one in takewhile(lambda one: one < end, instants(text, "UTC", after=START))
    }

    # What spring skips comes right after the gap, at a time of day that no line names.
    skipped = [one for one in wanted if one not in found]
    assert len(skipped) <= 1
    assert all(one.minute == 0 for one in skipped)
