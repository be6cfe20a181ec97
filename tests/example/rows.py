"""Rows like those of the data package's tables, made by hand."""

import pandas as pd


def a_flight(**changes):
    """B6 915 from JFK to SFO, scheduled for 20:29 of 1 July in New York, three minutes early."""
    return {
        "year": 2013, "month": 7, "day": 1, "hour": 20, "minute": 29,
        "time_hour": pd.Timestamp("2013-07-02T00:00Z"),
        "carrier": "B6", "flight": 915, "origin": "JFK", "dest": "SFO", "distance": 2586,
        "arr_delay": -3.0, "dep_delay": 0.0, "arr_time": 2350, "air_time": 315.0,
        **changes,
    }  # fmt: skip


def an_hour(time_hour, **changes):
    """A calm hour of weather at JFK, observed in the hour that begins at `time_hour`."""
    return {
        "origin": "JFK", "time_hour": pd.Timestamp(time_hour), "temp": 70.0, "humid": 50.0,
        "wind_speed": 8.0, "precip": 0.0, "pressure": 1013.0, "visib": 10.0, **changes,
    }  # fmt: skip


def table(*rows):
    """The rows as a table."""
    return pd.DataFrame(rows)
