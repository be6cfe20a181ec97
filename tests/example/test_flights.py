"""Which weather a flight gets, when it departs in UTC, and what its label is."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from ops_model.example.flights import FEATURES, join_weather, tidy_weather
from tests.example.rows import a_flight, an_hour, table

# The flight of `a_flight` is scheduled in the hour that begins at midnight UTC, so the last full
# hour before it began at 23:00.
LAST_FULL_HOUR = "2013-07-01T23:00Z"


def joined(*flights, weather=None):
    weather = weather or [an_hour(LAST_FULL_HOUR)]
    return join_weather(table(*flights), tidy_weather(table(*weather)))


def test_a_flight_gets_the_weather_of_the_last_full_hour_before_it():
    weather = [an_hour(LAST_FULL_HOUR, temp=71.0), an_hour("2013-07-02T00:00Z", temp=99.0)]

    rows = joined(a_flight(), weather=weather)

    assert rows["temp"].tolist() == [71.0]


def test_weather_of_another_airport_is_not_taken():
    weather = [an_hour(LAST_FULL_HOUR, origin="EWR")]

    rows = joined(a_flight(), weather=weather)

    assert rows["temp"].isna().all()


def test_weather_that_is_missing_is_carried_on_for_six_hours():
    # Known at 18:00 UTC: six hours before the hour of the departure, and not seven.
    weather = [an_hour("2013-07-01T17:00Z", temp=60.0)]

    rows = joined(a_flight(), weather=weather)

    assert rows["temp"].tolist() == [60.0]


def test_weather_older_than_six_hours_is_not_known():
    weather = [an_hour("2013-07-01T16:00Z", temp=60.0)]

    rows = joined(a_flight(), weather=weather)

    assert rows["temp"].isna().all()


def test_a_wind_that_cannot_be_is_taken_for_not_reported():
    rows = joined(a_flight(), weather=[an_hour(LAST_FULL_HOUR, wind_speed=1048.36)])

    assert rows["wind_speed"].isna().all()


def test_an_hour_that_was_reported_twice_counts_once():
    weather = [an_hour(LAST_FULL_HOUR, temp=71.0), an_hour(LAST_FULL_HOUR, temp=72.0)]

    rows = joined(a_flight(), weather=weather)

    assert rows["temp"].tolist() == [71.0]


def test_the_timestamp_is_the_scheduled_departure_in_utc():
    rows = joined(a_flight())

    assert rows["timestamp"].tolist() == [datetime(2013, 7, 2, 0, 29, tzinfo=UTC)]


@pytest.mark.parametrize(("minutes", "late"), [(-3, False), (15, False), (16, True), (200, True)])
def test_late_is_more_than_fifteen_minutes(minutes, late):
    rows = joined(a_flight(arr_delay=minutes))

    assert rows["late"].tolist() == [late]


def test_a_flight_that_never_arrives_has_no_label():
    rows = joined(a_flight(arr_delay=float("nan")))

    assert rows["late"].isna().all()


def test_a_request_is_named_by_carrier_number_airport_and_civil_day():
    rows = joined(a_flight())

    assert rows["request_id"].tolist() == ["B6915-JFK-20130701"]


def test_the_weekday_is_the_one_in_new_york():
    # 1 July 2013 was a Monday; in UTC the flight leaves on Tuesday.
    rows = joined(a_flight())

    assert rows["weekday"].tolist() == ["Mon"]


def test_what_is_known_only_after_departure_is_no_feature():
    assert not set(FEATURES) & {
        "late", "dep_delay", "arr_delay", "dep_time", "arr_time", "air_time", "tailnum",
    }  # fmt: skip


def test_only_features_and_label_are_left_of_a_flight():
    rows = joined(a_flight())

    assert set(rows.columns) == {"request_id", "timestamp", "late", *FEATURES}


def test_every_request_of_the_year_has_its_own_id(all_flights):
    assert len(all_flights) == 336_776
    assert all_flights["request_id"].is_unique


def test_the_source_agrees_that_the_civil_time_is_that_of_new_york(all_flights):
    local = all_flights["timestamp"].dt.tz_convert("America/New_York")

    assert (local.dt.hour == all_flights["hour"]).all()


def test_the_weather_of_nearly_every_flight_is_known(all_flights):
    assert all_flights["temp"].isna().mean() < 0.005
    assert all_flights["timestamp"].dtype == pd.DatetimeTZDtype("us", "UTC")
