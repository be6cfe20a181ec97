"""What the flight service leaves behind: predictions, labels, weather, and the hours it computed.

All by UTC day, as a service would have written it up to `until`: every flight from 1 March on is
scored by v2 at its scheduled departure, and its label is known a day later.

The compute hours are worked out, not measured, since no fleet ran in 2013: each hour has one
replica per 25 flights scored in it, never fewer than two, and one small collector of the weather;
until 17 June a second collector ran beside it, which nobody needed. A replica is busy for its part
of the flights, the collector for three minutes an hour, and every Sunday a trial of training runs
for two. The traffic they follow is the real one.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model.example.flights import FEATURES, WEATHER
from ops_model.example.model import FlightModel
from ops_model.example.train import MARCH, out_of_fold, training_rows

if TYPE_CHECKING:
    import pandas as pd

LABEL_DELAY = timedelta(days=1)
FLIGHTS_PER_REPLICA = 25
FEWEST_REPLICAS = 2
ONE_COLLECTOR_FROM = datetime(2013, 6, 17, tzinfo=UTC)
_COLLECTS = 0.05
"""Part of an hour for which the collector is busy."""
_SUNDAY, _TRIED_AT, _TRIAL_HOURS = 6, 22, 2.0
_WEATHER_HOURS = 24


def training_log(flights: "pd.DataFrame", model: FlightModel) -> "pd.DataFrame":
    """The rows that v2 was trained on, scored by models that did not see their day."""
    rows = training_rows(flights, MARCH)
    rows["probability"] = out_of_fold(rows)
    rows["prediction"] = rows["probability"] >= model.threshold
    rows["late"] = rows["late"].astype(bool)
    rows.insert(2, "version", model.version)
    return rows


def prediction_log(
    flights: "pd.DataFrame", model: FlightModel, *, until: datetime
) -> "pd.DataFrame":
    """Every flight from 1 March to `until` as `model` scored it, cancelled ones included."""
    served = (flights["timestamp"] >= MARCH) & (flights["timestamp"] < until)
    rows = flights.loc[served, ["request_id", "timestamp", *FEATURES]].reset_index(drop=True)
    rows["probability"] = model.predict_many(rows)
    rows["prediction"] = rows["probability"] >= model.threshold
    rows.insert(2, "version", model.version)
    return rows


def label_log(flights: "pd.DataFrame", *, until: datetime) -> "pd.DataFrame":
    """What came of the served flights: `request_id, label_at, late`, as far as known at `until`.

    A flight that was cancelled or diverted gets no label.
    """
    arrived = flights[(flights["timestamp"] >= MARCH) & flights["late"].notna()]
    rows = arrived[["request_id", "timestamp", "late"]].rename(columns={"timestamp": "label_at"})
    rows["label_at"] = rows["label_at"] + LABEL_DELAY
    rows["late"] = rows["late"].astype(bool)
    return rows[rows["label_at"] < until].reset_index(drop=True)


def compute_hours(predictions: "pd.DataFrame", *, until: datetime) -> "pd.DataFrame":
    """Whole hours from 1 March to `until`.

    Columns: `timestamp, service, resource, hours, busy_hours, run_id`; the last for training only.
    """
    import numpy as np
    import pandas as pd

    whole = pd.Timestamp(until).floor("h")
    every_hour = pd.date_range(MARCH, whole, freq="h", inclusive="left", unit="us")
    flights = predictions["timestamp"].dt.floor("h").value_counts()
    scored = flights.reindex(every_hour, fill_value=0).to_numpy()
    replicas = np.maximum(FEWEST_REPLICAS, -(-scored // FLIGHTS_PER_REPLICA)).astype(float)
    one = np.ones(len(every_hour))
    collectors = np.where(every_hour < pd.Timestamp(ONE_COLLECTOR_FROM), 2.0, 1.0)
    fleets = [
        ("flight-scoring", "cpu-2", replicas, scored / FLIGHTS_PER_REPLICA),
        ("weather-collector", "cpu-1", collectors, one * _COLLECTS),
    ]
    parts = [
        pd.DataFrame(
            {"timestamp": every_hour, "service": s, "resource": r, "hours": h, "busy_hours": b}
        )
        for s, r, h, b in fleets
    ]
    hours = pd.concat([*parts, _training_trials(every_hour)], ignore_index=True)
    return hours.sort_values(["timestamp", "service"], ignore_index=True)


def _training_trials(every_hour: "pd.DatetimeIndex") -> "pd.DataFrame":
    """What training on newer flights would bring is tried on Sundays; nobody is served by it."""
    import pandas as pd

    at = every_hour[(every_hour.day_of_week == _SUNDAY) & (every_hour.hour == _TRIED_AT)]
    return pd.DataFrame(
        {
            "timestamp": at, "service": "training-trial", "resource": "cpu-2",
            "hours": _TRIAL_HOURS, "busy_hours": _TRIAL_HOURS,
            "run_id": pd.Series(at.strftime("trial-%Y-%m-%d"), dtype="str"),
        }
    )  # fmt: skip


def weather_feed(weather: "pd.DataFrame", *, until: datetime) -> list[dict[str, Any]]:
    """The last day of hourly weather known at `until`, oldest first, None where not reported."""
    import pandas as pd

    end = pd.Timestamp(until)
    recent = weather[
        (weather["known_at"] <= end)
        & (weather["known_at"] > end - pd.Timedelta(hours=_WEATHER_HOURS))
    ]
    recent = recent.assign(known_at=recent["known_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    rows = recent.astype(object).where(recent.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def weather_log(weather: "pd.DataFrame", *, until: datetime) -> "pd.DataFrame":
    """Every hour of every airport from 1 March on that was known at `until`, as it was observed.

    Columns: `timestamp` (when it was known), `origin`, and the weather. Hours that the source
    lacks are lacking here.
    """
    known = (weather["known_at"] >= MARCH) & (weather["known_at"] < until)
    rows = weather[known].rename(columns={"known_at": "timestamp"}).reset_index(drop=True)
    return rows[["timestamp", "origin", *WEATHER]]


def write_weather(feed: list[dict[str, Any]], path: Path) -> None:
    """One JSON object with `hours`, an hour a line."""
    lines = ",\n".join(json.dumps(hour) for hour in feed)
    path.write_text(f'{{"hours": [\n{lines}\n]}}\n', encoding="utf-8")


def write_by_day(rows: "pd.DataFrame", folder: Path, *, time_column: str) -> int:
    """One Parquet file a UTC day, `<folder>/2013-03-01.parquet`; returns how many."""
    folder.mkdir(parents=True)
    days = rows.groupby(rows[time_column].dt.strftime("%Y-%m-%d"))
    for day, part in days:
        write_parquet(part, folder / f"{day}.parquet")
    return days.ngroups


def write_parquet(rows: "pd.DataFrame", path: Path) -> None:
    """Parquet with zstd and a checksum on each page; equal rows give equal bytes."""
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata(None)
    parquet.write_table(table, path, compression="zstd", write_page_checksum=True)
