"""False alerts, planted changes, accuracy: what the drift rule does to logs whose truth is known.

Run `python tests/benchmarks/bench_drift.py`; it prints Markdown tables. `replays` or `planted`
prints one half only, `--quick` takes fewer seeds and replays. `drift_logs` says which logs are
replayed, `planted` what was changed.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ops_model.analysis.drift import DriftResult, measure_drift
from ops_model.analysis.drift_rule import FACTOR, FACTOR_ALONE
from ops_model.analysis.plan import plan
from ops_model.analysis.profile import Profile, profile
from ops_model.analysis.window import days_between
from tests.benchmarks import planted
from tests.benchmarks.drift_logs import AIRPORTS, Log, logs, opened
from tests.benchmarks.drift_replays import (
    Rate,
    Replay,
    in_order,
    inside_season,
    rate,
    replayed,
    shuffled,
    smallest,
)

FACTORS = (1.0, 1.25, 1.5, 1.75)
"""On which the factor is chosen."""
SHOWN = FACTORS[:3]
IN_ORDER = "in order, the first 8 the reference"
WARMTH = ("temp", "dewp")
"""What rises and falls through a season, and so really drifts."""
CHANGED_DAYS = 14
REFERENCE_DAYS = 56
ROWS = 1_000_000


def main(*, halves: Sequence[str], quick: bool) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        if "replays" in halves:
            print_replays(Path(folder), 6 if quick else 40)
        if "planted" in halves:
            print_planted(Path(folder), 2 if quick else 20)


@dataclass(frozen=True)
class Watched:
    """A log and its replays by kind."""

    log: Log
    replays: dict[str, list[Replay]]


def watched(log: Log, replays: int) -> Watched:
    """Replay a log in all ways that its blocks allow."""
    cuts = {
        "shuffled, 8 the reference": shuffled(log, replays),
        "inside one season, 8 the reference": inside_season(log, replays),
        IN_ORDER: in_order(log),
    }
    if log.kind == "flights":
        for blocks in (13, 26):
            cuts[f"shuffled, {blocks} the reference"] = shuffled(log, replays // 2, blocks)
    return Watched(log, {name: replayed(log, each) for name, each in cuts.items() if each})


def print_replays(folder: Path, replays: int) -> None:
    """False alerts per model and quarter: by factor, on logs it was not chosen on, in order."""
    every = [watched(log, replays) for log in logs(folder)]
    kinds = list(dict.fromkeys(each.log.kind for each in every))
    print("### False alerts per model and quarter\n")
    heads = [f"x {factor:g}" for factor in SHOWN] + [f"alone, x {FACTOR_ALONE:g}"]
    print(f"| blocks | replays | n | {' | '.join(heads)} |")
    print(f"|---|---|---|{'---|' * len(heads)}")
    for kind in kinds:
        for way in (each for each in _ways(every, kind) if each != IN_ORDER):
            found = _of(every, way, lambda log, kind=kind: log.kind == kind)
            cells = [str(rate(found, factor)) for factor in SHOWN]
            cells.append(str(rate(found, FACTOR_ALONE, alone=True)))
            print(f"| {kind} | {way} | {len(found)} | {' | '.join(cells)} |", flush=True)
    _print_left_out(every, kinds)
    _print_in_order(every, kinds)


def _ways(every: Sequence[Watched], kind: str) -> list[str]:
    return list(dict.fromkeys(w for each in every if each.log.kind == kind for w in each.replays))


def _of(every: Sequence[Watched], way: str, wanted: Callable[[Log], bool]) -> list[Replay]:
    return [
        replay
        for each in every
        if wanted(each.log) and way in each.replays
        for replay in each.replays[way]
    ]


def _print_left_out(every: Sequence[Watched], kinds: Sequence[str]) -> None:
    print("\n### The factor chosen without the logs that it is judged on\n")
    print(f"| judged on | chosen on | factor | shuffled | inside one season | x {FACTOR:g} |")
    print("|---|---|---|---|---|---|")
    for kind in kinds[1:]:
        inside = [each for each in every if each.log.kind == kind]
        others = [each for each in every[1:] if each.log.kind != kind]
        _print_judged(f"{kind} ({len(inside)} logs)", inside, "the other kinds", others)
    for each in every[1:]:
        if each.log.name in AIRPORTS:
            rest = [other for other in every[1:] if other is not each]
            _print_judged(each.log.name, [each], "all other logs", rest)


def _print_judged(
    name: str, judged: Sequence[Watched], how: str, others: Sequence[Watched]
) -> None:
    factor = smallest(FACTORS, lambda each: _holds(others, each))
    rates = [_rate_of(judged, way, factor) for way in ("shuffled, 8", "inside")]
    taken = [_rate_of(judged, way, FACTOR) for way in ("shuffled, 8", "inside")]
    cells = [str(each or "") for each in rates]
    final = ", ".join(str(each) for each in taken if each)
    print(f"| {name} | {how} | {factor:g} | {' | '.join(cells)} | {final} |", flush=True)


def _rate_of(judged: Sequence[Watched], way: str, factor: float) -> Rate | None:
    found = [
        replay
        for each in judged
        for name, replays in each.replays.items()
        if name.startswith(way)
        for replay in replays
    ]
    return rate(found, factor) if found else None


def _holds(chosen_on: Sequence[Watched], factor: float) -> bool:
    """Whether each kind of log gives at most one alert, the bound included."""
    for kind in {each.log.kind for each in chosen_on}:
        own = [each for each in chosen_on if each.log.kind == kind]
        rates = [_rate_of(own, way, factor) for way in ("shuffled, 8", "inside")]
        if any(each.most > 1 for each in rates if each):
            return False
    return True


def _print_in_order(every: Sequence[Watched], kinds: Sequence[str]) -> None:
    print(f"\n### Blocks in their order, x {FACTOR:g}\n")
    print("| blocks | n | all columns | without temp and dewp | which |")
    print("|---|---|---|---|---|")
    for kind in kinds:
        found = _of(every, IN_ORDER, lambda log, kind=kind: log.kind == kind)
        whole, rest = rate(found, FACTOR), rate(found, FACTOR, left_out=WARMTH)
        who = ", ".join(f"{name} {n}" for name, n in whole.columns.most_common()) or "none"
        print(f"| {kind} | {len(found)} | {whole} | {rest} | {who} |")


def print_planted(folder: Path, seeds: int) -> None:
    """What is found of the planted changes, a million rows on each side."""
    print("\n### Planted changes, one million rows on each side\n")
    found: dict[str, list[str]] = {}
    began = time.process_time()
    for seed in range(1, seeds + 1):
        for way, result in _judged_ways(*_halves(folder, seed)).items():
            moved = {column.name for column in result.columns if column.drifted}
            wrong = [f"missed {name} (seed {seed})" for name in planted.MATERIAL - moved]
            wrong += [f"false {name} (seed {seed})" for name in moved - planted.MATERIAL]
            found.setdefault(way, []).extend(sorted(wrong))
    print("| how it is judged | seeds | of nine material changes missed, and false alerts |")
    print("|---|---|---|")
    for way, wrong in found.items():
        print(f"| {way} | {seeds} | {', '.join(wrong) or 'none'} |")
    print(f"\n{time.process_time() - began:.0f} CPU s. Error against scipy on the same rows, the")
    print(f"largest of 21 columns, seed 1: {against_scipy(folder)}.")


def _halves(folder: Path, seed: int) -> tuple[Profile, Profile]:
    paths = [
        planted.write(folder / f"{drifted}.parquet", ROWS, drifted=drifted, seed=seed, days=days)
        for drifted, days in ((False, REFERENCE_DAYS), (True, CHANGED_DAYS))
    ]
    counted = [opened(path, planted.COLUMNS, planted.TIMESTAMP) for path in paths]
    spec = plan(counted[0], planted.COLUMNS)
    reference, changed = (profile(log, spec, timestamp=planted.TIMESTAMP) for log in counted)
    return reference, changed


def _judged_ways(reference: Profile, changed: Profile) -> dict[str, DriftResult]:
    def part(log: Profile, first: int, last: int) -> Profile:
        start = log.days[0]
        return days_between(log, start + timedelta(days=first), start + timedelta(days=last))

    before, current = part(changed, 0, 7), part(changed, 7, CHANGED_DAYS)
    return {
        f"8 weeks of reference, two weeks in a row, x {FACTOR:g}": measure_drift(
            reference, current, before
        ),
        f"8 weeks of reference, both weeks alone, x {FACTOR_ALONE:g}": measure_drift(
            reference, changed
        ),
        "4 weeks of reference, uncalibrated": measure_drift(
            part(reference, 0, REFERENCE_DAYS // 2), changed
        ),
    }


def against_scipy(folder: Path) -> str:
    """The largest error of W1/sd and KS over the numbers of the planted set."""
    from scipy.stats import ks_2samp, wasserstein_distance

    paths = [
        planted.write(folder / f"{drifted}.parquet", ROWS, drifted=drifted)
        for drifted in (False, True)
    ]
    names = (*planted.NUMBERS, planted.PREDICTION)
    counted = [opened(path, names, planted.TIMESTAMP) for path in paths]
    spec = plan(counted[0], names)
    profiles = (profile(log, spec, timestamp=planted.TIMESTAMP) for log in counted)
    w1, ks = {}, {}
    for column in measure_drift(*profiles).columns:
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
    halves = [half for half in ("replays", "planted") if half in sys.argv]
    main(halves=halves or ("replays", "planted"), quick="--quick" in sys.argv)
