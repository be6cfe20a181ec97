"""How soon an incident is told, whether a quiet day is left alone, what a forecast covers.

Run `python tests/benchmarks/bench_ceilings.py`. It reads ServeGen in `../shared/data`, priced as
if by the token (`tests/analysis/servegen.py`), and prints the tables of `docs/benchmarks.md`.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ops_model.analysis.conformal import held_left_out, held_next
from ops_model.analysis.forecast import errors
from tests.analysis import servegen
from tests.shared_data import SHARED

TIMES = (1.8, 3, 5, 10)
ORIGINS = (5, 7, 10, 12)
LATER = ((5, 2), (7, 3), (8, 3), (9, 4), (10, 3), (10, 4))
"""On which day a forecast is made, and for how many days; and one as far before it."""


def the_load():
    return servegen.read(
        SHARED / "servegen_arrivals_10min.parquet", SHARED / "servegen_tokens_by_window.parquet"
    )


def minutes(values):
    """Median and 95th percentile, as whole minutes."""
    both = np.quantile(values, (0.5, 0.95), method="inverted_cdf")
    return " / ".join("never" if np.isinf(value) else f"{value:.0f}" for value in both)


def print_incidents(load):
    print("| rule | " + " | ".join(f"x{times}" for times in TIMES) + " | days of 7 |")
    print("|---|" + "---:|" * (len(TIMES) + 1))
    found = {times: servegen.minutes_to_alert(load, times) for times in TIMES}
    states = servegen.quiet_states(load)
    rules = {
        "sum": ("daily sum above the ceiling", {"crossed"}),
        "page": ("page: burn rate, or the ceiling", {"page", "crossed"}),
        "any": ("page or ticket (projected end of day)", {"page", "crossed", "ticket"}),
    }
    for rule, (name, meant) in rules.items():
        cells = [minutes(found[times][rule]) for times in TIMES]
        alarms = sum(bool(seen & meant) for seen in states)
        print(f"| {name} | {' | '.join(cells)} | {alarms} |")


def print_coverage(series):
    print("| made after day | days ahead | covered, same days |")
    print("|---|---:|---:|")
    for origin in ORIGINS:
        ahead = servegen.DAYS - origin
        held, tried = held_left_out(
            list(errors(series, servegen.day(servegen.DAYS), ahead, ahead).values())
        )
        print(f"| {origin} | {ahead} | {held} of {tried} ({held / tried:.0%}) |")
    print()
    print("| made after day | days ahead | covered, band of the days before |")
    print("|---|---:|---:|")
    all_held = all_tried = 0
    for origin, ahead in LATER:
        today = servegen.day(origin + ahead)
        before = errors(series, today, ahead, 2 * ahead)
        after = errors(series, today, ahead, ahead)
        both = [place for place in before if place in after]
        held, tried = held_next([before[p] for p in both], [after[p] for p in both])
        all_held, all_tried = all_held + held, all_tried + tried
        print(f"| {origin} | {ahead} | {held} of {tried} ({held / tried:.0%}) |")
    print(f"| all of them | | {all_held} of {all_tried} ({all_held / all_tried:.0%}) |")


def main():
    load = the_load()
    series = servegen.qualifying(load)
    days = load.days().sum(axis=0)
    ceiling = servegen.ceiling_of(load)
    print(
        f"{len(load.services)} services, {days.sum():,.0f} USD in {servegen.DAYS} days; ceiling "
        f"{ceiling.amount} USD a day, the dearest quiet day at "
        f"{days[list(servegen.QUIET)].max() / float(ceiling.amount):.2f} of it\n"
    )
    print_incidents(load)
    print(f"\n{len(series)} services that cost something every day and over 50 USD\n")
    print_coverage(series)


if __name__ == "__main__":
    if SHARED.is_dir():
        main()
    else:
        print("left out: there is no ../shared/data")
