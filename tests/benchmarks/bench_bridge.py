"""Whether a bridge finds what was planted, and how often an interval of a cost holds what is true.

Run `python tests/benchmarks/bench_bridge.py`. It reads ServeGen in `../shared/data`, priced as if
by the token (`tests/analysis/servegen_weeks.py`), and prints the tables of `docs/benchmarks.md`.
"""

import sys
import time
from dataclasses import replace
from itertools import permutations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ops_model.analysis.bridge import OF_TOKENS, Side, bridge_of_tokens
from tests.analysis import servegen_weeks, successes
from tests.shared_data import SHARED

RUNS = 1000
PLANTED = ("volume", "prompt_length", "price")


def the_weeks():
    return servegen_weeks.weeks(
        SHARED / "servegen_arrivals_10min.parquet", SHARED / "servegen_tokens_by_window.parquet"
    )


def residual(bridge):
    return abs(float(bridge.now - bridge.before - sum(bridge.effects.values())))


def changed(week, drivers):
    """The week with some of the planted changes."""
    whole = servegen_weeks.planted(week)
    cells = {
        key: replace(
            cell,
            prompt=whole.cells[key].prompt if "prompt_length" in drivers else cell.prompt,
            given_price=whole.cells[key].given_price if "price" in drivers else cell.given_price,
        )
        for key, cell in week.cells.items()
    }
    return Side(whole.units if "volume" in drivers else week.units, week.per_unit, cells)


def one_at_a_time(week, order):
    """What each planted change adds when they are made in this order."""
    costs = [
        bridge_of_tokens(week, changed(week, order[:many])).now for many in range(len(order) + 1)
    ]
    return {name: costs[place + 1] - costs[place] for place, name in enumerate(order)}


def print_planted(week):
    began = time.perf_counter()
    bridge = bridge_of_tokens(week, servegen_weeks.planted(week))
    seconds = time.perf_counter() - began
    closed = servegen_weeks.closed_form(week)
    tried = [one_at_a_time(week, order) for order in permutations(PLANTED)]
    print(f"{len(week.cells)} services, {week.units:,.0f} requests, {bridge.before:,.0f} USD\n")
    print("| driver | bridge, USD | worked out | one change at a time, by its order |")
    print("|---|---:|---:|---:|")
    for name in PLANTED:
        found = [order[name] for order in tried]
        print(
            f"| {name.replace('_', ' ')} | {bridge.effects[name]:,.0f} | {closed[name]:,.0f} "
            f"| {min(found):,.0f} to {max(found):,.0f} |"
        )
    others = max(abs(bridge.effects[name]) for name in set(OF_TOKENS) - set(PLANTED))
    worst = max(abs(bridge.effects[name] / closed[name] - 1) for name in PLANTED)
    print(
        f"\nresidual {residual(bridge):.1g} USD; farthest from what was worked out {worst:.1g}; "
        f"the four drivers that did not change: {float(others):g} USD; {seconds * 1000:.0f} ms"
    )


def print_weeks(weeks):
    bridge = bridge_of_tokens(*weeks)
    backwards = bridge_of_tokens(
        *(Side(w.units, w.per_unit, dict(reversed(w.cells.items()))) for w in weeks)
    )
    print(f"\nfrom {bridge.before:,.0f} to {bridge.now:,.0f} USD a week\n")
    print("| driver | USD |")
    print("|---|---:|")
    for name in sorted(OF_TOKENS, key=lambda n: -abs(bridge.effects[n])):
        print(f"| {name.replace('_', ' ')} | {bridge.effects[name]:+,.0f} |")
    print(
        f"| all | {bridge.now - bridge.before:+,.0f} |\n\nresidual {residual(bridge):.1g} USD; "
        f"the same with the services the other way round: {backwards.effects == bridge.effects}"
    )


def print_coverage():
    print("\n| a day resembles the one before by | 8 days | 14 days | 28 days |")
    print("|---:|---:|---:|---:|")
    for alike in (0.0, 0.3, 0.5, 0.8):
        shares = [_held(alike, days) for days in (8, 14, 28)]
        print(f"| {alike} | {' | '.join(f'{share:.0%}' for share in shares)} |")


def _held(alike, days):
    found = successes.intervals(alike=alike, days=days, runs=RUNS)
    return sum(one.low <= successes.TRUE_COST <= one.high for one in found) / RUNS


def main():
    weeks = the_weeks()
    print_planted(weeks[0])
    print_weeks(weeks)
    print_coverage()


if __name__ == "__main__":
    main()
