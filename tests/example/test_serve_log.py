"""The logs that the flight service leaves: which rows, when, and in which file."""

import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from pyarrow import parquet

from ops_model.example import serve_log, train
from ops_model.example.flights import FEATURES, WEATHER, join_weather, tidy_weather
from tests.example.rows import a_flight, an_hour, table

UNTIL = datetime(2013, 3, 8, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def served(all_flights, v2):
    return serve_log.prediction_log(all_flights, v2, until=UNTIL)


@pytest.fixture(scope="module")
def labels(all_flights):
    return serve_log.label_log(all_flights, until=UNTIL)


@pytest.fixture(scope="module")
def trained_on(all_flights, v2):
    return serve_log.training_log(all_flights, v2)


def test_serving_begins_in_march_and_ends_before_the_instant(served):
    assert served["timestamp"].min() >= train.MARCH
    assert served["timestamp"].max() < UNTIL


def test_a_flight_that_was_trained_on_is_not_among_those_served(served, trained_on):
    assert not set(served["request_id"]) & set(trained_on["request_id"])


def test_a_prediction_holds_no_outcome(served):
    assert list(served.columns) == [
        "request_id", "timestamp", "version", *FEATURES, "probability", "prediction",
    ]  # fmt: skip


def test_late_is_predicted_from_the_threshold_on(served, v2):
    assert ((served["probability"] >= v2.threshold) == served["prediction"]).all()
    assert served["prediction"].any()


def test_a_cancelled_flight_was_served_and_has_no_label(all_flights, served, labels):
    never_arrived = set(all_flights.loc[all_flights["late"].isna(), "request_id"])

    assert never_arrived & set(served["request_id"])
    assert not never_arrived & set(labels["request_id"])


def test_a_label_is_known_a_day_after_the_scheduled_departure(served, labels):
    both = served.merge(labels, on="request_id")

    assert (both["label_at"] - both["timestamp"] == timedelta(days=1)).all()


def test_only_labels_known_before_the_instant_are_there(served, labels):
    assert labels["label_at"].max() < UNTIL
    assert served["timestamp"].max() > labels["label_at"].max() - timedelta(days=1)


def test_the_training_log_is_scored_and_labelled(trained_on):
    assert len(trained_on) == 50_009
    assert trained_on[["probability", "prediction", "late"]].notna().all(axis=None)


def test_replicas_follow_the_traffic_and_are_never_fewer_than_two():
    # 05:00 has 51 flights, three replicas of 25; 06:00 has none and keeps two.
    at_five = pd.Series([pd.Timestamp("2013-03-01T05:10Z")] * 51).astype("datetime64[us, UTC]")
    predictions = pd.DataFrame({"timestamp": at_five})

    hours = serve_log.compute_hours(predictions, until=datetime(2013, 3, 1, 7, 30, tzinfo=UTC))

    scoring = hours[hours["service"] == "flight-scoring"]
    assert scoring["hours"].tolist() == [3.0, 2.0]
    assert hours[hours["service"] == "weather-collector"]["hours"].tolist() == [2.0, 2.0]


def test_a_replica_is_busy_for_its_part_of_the_flights_and_the_collector_for_three_minutes():
    at_five = pd.Series([pd.Timestamp("2013-03-01T05:10Z")] * 60).astype("datetime64[us, UTC]")
    predictions = pd.DataFrame({"timestamp": at_five})

    hours = serve_log.compute_hours(predictions, until=datetime(2013, 3, 1, 6, 30, tzinfo=UTC))

    # 60 flights at 25 an hour.
    assert hours["busy_hours"].tolist() == [2.4, 0.05]


def test_the_second_collector_is_gone_from_17_june_and_a_trial_of_training_runs_on_sundays():
    none = pd.DataFrame({"timestamp": pd.Series([], dtype="datetime64[us, UTC]")})

    hours = serve_log.compute_hours(none, until=datetime(2013, 6, 18, tzinfo=UTC))

    collectors = hours[hours["service"] == "weather-collector"].set_index("timestamp")["hours"]
    trials = hours[hours["service"] == "training-trial"]
    assert collectors["2013-06-16"].unique().tolist() == [2.0]
    assert collectors["2013-06-17"].unique().tolist() == [1.0]
    assert trials["timestamp"].dt.day_name().unique().tolist() == ["Sunday"]
    assert trials["run_id"].tolist()[-1] == "trial-2013-06-16"
    assert hours.loc[hours["service"] != "training-trial", "run_id"].isna().all()


def test_the_feed_holds_the_last_day_and_says_null_for_what_was_not_reported():
    weather = tidy_weather(
        table(
            an_hour("2013-07-20T06:00Z"),
            an_hour("2013-07-21T22:00Z", pressure=float("nan")),
            an_hour("2013-07-22T08:00Z"),
        )
    )

    feed = serve_log.weather_feed(weather, until=datetime(2013, 7, 22, 8, tzinfo=UTC))

    assert [hour["known_at"] for hour in feed] == ["2013-07-21T23:00:00Z"]
    assert feed[0]["pressure"] is None
    assert set(feed[0]) == {"origin", "known_at", *WEATHER}


def test_the_feed_is_written_as_plain_json(tmp_path):
    serve_log.write_weather([{"origin": "JFK", "temp": None}], tmp_path / "weather.json")

    written = json.loads((tmp_path / "weather.json").read_text())

    assert written == {"hours": [{"origin": "JFK", "temp": None}]}


def test_a_file_holds_one_day_of_utc_and_all_files_hold_every_row(served, tmp_path):
    count = serve_log.write_by_day(served, tmp_path / "log", time_column="timestamp")

    files = sorted((tmp_path / "log").iterdir())
    read = {file.stem: parquet.read_table(file).to_pandas() for file in files}
    assert count == len(files) == 8
    assert all(set(rows["timestamp"].dt.strftime("%Y-%m-%d")) == {d} for d, rows in read.items())
    assert sum(len(rows) for rows in read.values()) == len(served)


def test_timestamps_are_written_as_microseconds_in_utc_and_flags_as_boolean(tmp_path):
    flights = join_weather(table(a_flight()), tidy_weather(table(an_hour("2013-07-01T23:00Z"))))
    flights["late"] = flights["late"].astype(bool)

    serve_log.write_parquet(flights, tmp_path / "one.parquet")

    schema = parquet.read_schema(tmp_path / "one.parquet")
    assert str(schema.field("timestamp").type) == "timestamp[us, tz=UTC]"
    assert str(schema.field("late").type) == "bool"


def test_equal_rows_give_equal_bytes(served, tmp_path):
    serve_log.write_parquet(served, tmp_path / "a.parquet")
    serve_log.write_parquet(served, tmp_path / "b.parquet")

    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_changed_byte_in_a_page_is_noticed_when_it_is_read(served, tmp_path):
    path = tmp_path / "a.parquet"
    serve_log.write_parquet(served, path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    with pytest.raises(OSError, match=r"(?i)crc|checksum|corrupt"):
        parquet.read_table(path, page_checksum_verification=True)


def test_accuracy_falls_from_march_to_july(all_flights, v2):
    served = all_flights[all_flights["late"].notna()]
    month = served["timestamp"].dt.tz_convert("America/New_York").dt.month
    right = (v2.predict_many(served) >= v2.threshold) == served["late"].astype(bool)

    by_month = right.groupby(month).mean()

    # Of March's flights 77 % came in time, of July's 69 %, and the model knows only winter.
    assert 0.77 < by_month[3] < 0.80
    assert 0.67 < by_month[7] < 0.70
