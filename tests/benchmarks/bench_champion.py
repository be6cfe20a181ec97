"""Champion against challenger: how often it is wrong, and how many cases it takes to be right.

Run `python tests/benchmarks/bench_champion.py [TRIALS]`. It simulates trials of which the truth is
known, compares the real pairs of routellm in `../shared/data`, and prints the tables of
`docs/benchmarks.md`. CPU seconds are those of this process.
"""

import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ops_model.analysis.cases_needed import Variation, to_show_no_worse, to_tell_apart
from ops_model.analysis.champion_rules import ComparisonRules, chances_of, verdict_of
from ops_model.analysis.differences import differences_of
from ops_model.analysis.looks import Looks
from ops_model.analysis.paired_tests import tango
from ops_model.workflow.any_log_compare import CompareQuestion, compare_in
from tests.shared_data import SHARED

TRIALS, CASES, LONGEST = 2_000, 1_000, 6_000
ROUTELLM = SHARED / "routellm_paired_correct.parquet"
ONCE = ComparisonRules()


def verdict(seen, rules=ONCE):
    return verdict_of(seen.mean, chances_of(seen, rules))


def asked(rng, cases, repeats, *, ahead=0.0, own=1.5):
    """Right answers of both arms to each case: it is hard or easy, and each arm has its own luck.

    With `own` an arm is better at some cases and worse at others, by no more than chance on
    average; `ahead` shifts the second one's logit.
    """
    hard = rng.normal(1.5, 2.0, cases)
    first, second = (
        rng.binomial(repeats, 1 / (1 + np.exp(-(hard + shift + rng.normal(0, own, cases)))))
        for shift in (0.0, ahead)
    )
    return first, second


def print_repeats(trials):
    print("| repeats of a case | answers taken as independent, McNemar | ours | CPU s |")
    print("|---:|---:|---:|---:|")
    for repeats in (1, 5, 10):
        rng, began = np.random.default_rng(repeats), time.process_time()
        pooled = ours = 0
        for _ in range(trials):
            first, second = asked(rng, CASES, repeats)
            won = rng.hypergeometric(second, repeats - second, repeats - first)
            lost = first - (second - won)
            z = (won.sum() - lost.sum()) / np.sqrt(max(won.sum() + lost.sum(), 1))
            pooled += abs(z) > 1.96
            values = (second - first) / repeats
            seen = differences_of(values, once=repeats == 1, reach=1.0)
            ours += verdict(seen) != "undecided"
        cpu = time.process_time() - began
        print(f"| {repeats} | {pooled / trials:.1%} | {ours / trials:.1%} | {cpu:.0f} |")


def print_power(trials):
    print("\n| repeats | truth, points | found better | CPU s |\n|---:|---:|---:|---:|")
    for repeats in (1, 5, 10):
        rng, began, found, truth = np.random.default_rng(3), time.process_time(), 0, []
        for _ in range(trials):
            first, second = asked(rng, CASES, repeats, ahead=0.185, own=0.3)
            truth.append((second - first).mean() / repeats)
            seen = differences_of((second - first) / repeats, once=repeats == 1, reach=1.0)
            found += verdict(seen) == "better"
        cpu = time.process_time() - began
        print(f"| {repeats} | {np.mean(truth) * 100:.1f} | {found / trials:.0%} | {cpu:.0f} |")


def walked(rng, won, lost, every):
    """Wins and losses of one trial at each look, with the number of cases."""
    flips = np.cumsum(rng.multinomial(1, [won, lost, 1 - won - lost], size=LONGEST), axis=0)
    return np.arange(every, LONGEST + 1, every), flips[every - 1 :: every, :2]


def stopped(cases, flips, rules):
    """The look at which it is decided, and how; None where it never is."""
    unlike = np.abs(flips[:, 0] - flips[:, 1]) / np.sqrt(np.maximum(flips.sum(axis=1), 1))
    for look in np.flatnonzero(unlike > 1.96):
        (won, lost), n = flips[look].tolist(), int(cases[look])
        values = np.repeat([1.0, -1.0, 0.0], [won, lost, n - won - lost])
        found = verdict(differences_of(values, once=True, reach=1.0), rules)
        if found != "undecided":
            return n, found
    return None


def print_looks(trials):
    print("\n| a look every | flips | difference, points | z test at every look | ours finds one "
          "| mean stop, cases | CPU s |\n|---:|---:|---:|---:|---:|---:|---:|")  # fmt: skip
    for every, flips, ahead in (
        (100, 0.04, 0), (100, 0.10, 0), (100, 0.23, 0), (10, 0.23, 0), (500, 0.23, 0),
        (100, 0.10, 0.02), (100, 0.23, 0.02), (100, 0.10, 0.05), (100, 0.23, 0.05),
    ):  # fmt: skip
        rng, began = np.random.default_rng(11), time.process_time()
        peeked, ends, rules = 0, [], ComparisonRules(looks=Looks(every))
        for _ in range(trials):
            cases, seen = walked(rng, (flips + ahead) / 2, (flips - ahead) / 2, every)
            unlike = np.abs(seen[:, 0] - seen[:, 1]) / np.sqrt(np.maximum(seen.sum(axis=1), 1))
            peeked += bool((unlike > 1.96).any())
            if end := stopped(cases, seen, rules):
                ends.append(end[0])
        stop = f"{np.mean(ends):,.0f}" if ahead else "-"
        cpu = time.process_time() - began
        print(f"| {every} | {flips:.0%} | {ahead * 100:.0f} | {peeked / trials:.1%} | "
              f"{len(ends) / trials:.1%} | {stop} | {cpu:.0f} |")  # fmt: skip


def print_margin(trials):
    print("\n| worse by just the margin of 2 points | cases | found no worse |\n|---|---:|---:|")
    rng, rules = np.random.default_rng(5), ComparisonRules(margin=0.02)
    for flips, cases in ((0.04, 300), (0.04, 1_000), (0.10, 1_000), (0.23, 3_000)):
        passed = 0
        for won, lost, same in rng.multinomial(
            cases, [flips / 2 - 0.01, flips / 2 + 0.01, 1 - flips], size=trials
        ).tolist():
            values = np.repeat([1.0, -1.0, 0.0], [won, lost, same])
            passed += verdict(differences_of(values, once=True, reach=1.0), rules) in (
                "better", "non_inferior",
            )  # fmt: skip
        print(f"| asked once, flips {flips:.0%} | {cases:,} | {passed / trials:.1%} |")
    for won, cases in ((0.0, 300), (0.0, 1_000), (0.02, 300), (0.02, 1_000), (0.10, 300)):
        passed, plain = 0, 0
        for _ in range(trials):
            # Of five repeats one is lost, or won, or all of them.
            drawn, size = rng.uniform(size=cases), rng.choice([0.2, 1.0], cases, p=[0.75, 0.25])
            lost = won + 0.05
            values = np.where(drawn < lost, -size, np.where(drawn < lost + won, size, 0.0))
            plain += stats.ttest_1samp(values, -0.02, alternative="greater").pvalue < 0.05
            passed += verdict(differences_of(values, reach=1.0), rules) in (
                "better", "non_inferior",
            )  # fmt: skip
        print(f"| asked five times, {lost + won:.0%} of cases differ | {cases:,} | "
              f"{passed / trials:.1%}, a plain t test {plain / trials:.1%} |")  # fmt: skip


def print_few(trials):
    print("\n| cases | margin | no worse by Tango's test alone | ours |\n|---:|---:|---:|---:|")
    for cases, margin in (
        (25, 0.1),
        (30, 0.1),
        (59, 0.05),
        (133, 0.02),
        (270, 0.02),
        (1_000, 0.02),
    ):
        bold = passed = 0.0
        for lost in range(cases + 1):
            chance = stats.binom.pmf(lost, cases, margin)
            if stats.norm.sf(tango(cases, 0, lost, -margin)) < 0.05:
                bold += chance
            values = -np.repeat([1.0, 0.0], [lost, cases - lost])
            passed += chance * (differences_of(values, once=True).chance_of_worse(margin) < 0.05)
        print(f"| {cases:,} | {margin * 100:.0f} points | {bold:.1%} | {passed:.1%} |")
    print("\n| cases | worse by 2, 1 is allowed: a plain t test | ours, percent | ours, shares |"
          "\n|---:|---:|---:|---:|")  # fmt: skip
    for cases in (50, 100, 200, 300):
        rng, wrong = np.random.default_rng(11), np.zeros(3)
        for _ in range(trials):
            values = rng.normal(0, 0.5, cases) - 100 * (rng.random(cases) < 0.02)
            plain = stats.ttest_1samp(values, -1, alternative="greater").pvalue < 0.05
            wrong += (plain, *(
                differences_of(values / scale, reach=100 / scale).chance_of_worse(1 / scale) < 0.05
                for scale in (1, 100)
            ))  # fmt: skip
        print(f"| {cases} | {' | '.join(f'{one / trials:.1%}' for one in wrong)} |")


def print_clusters(trials):
    print("\n| clusters | sizes | sandwich, t | bootstrap | ours |\n|---:|---|---:|---:|---:|")
    for clusters in (8, 20, 50):
        for sizes_of in ("equal", "geometric", "one holds a third"):
            rng, wrong = np.random.default_rng(clusters), np.zeros(3)
            for _ in range(trials):
                sizes = np.full(clusters, 8)
                if sizes_of == "geometric":
                    sizes = rng.geometric(1 / 8, clusters)
                elif sizes_of != "equal":
                    sizes[0] = 4 * clusters
                groups = np.repeat(np.arange(clusters), sizes)
                shared = rng.normal(0, 0.3, clusters)[groups]
                values = np.clip(np.round(shared + rng.normal(0, 0.6, len(groups))), -1, 1)
                wrong += judged(rng, values, groups, sizes)
            told = " | ".join(f"{one / trials:.1%}" for one in wrong)
            print(f"| {clusters} | {sizes_of} | {told} |")


def judged(rng, values, groups, sizes):
    """Whether each of three intervals leaves out the truth, which is zero."""
    sums, n, clusters = np.bincount(groups, weights=values), len(values), len(sizes)
    residual = sums - sizes * values.mean()
    error = np.sqrt(clusters / (clusters - 1) * (residual**2).sum()) / n
    sandwich = abs(values.mean()) > stats.t.ppf(0.975, clusters - 1) * error
    drawn = rng.multinomial(clusters, np.full(clusters, 1 / clusters), size=400)
    low, high = np.quantile((drawn @ sums) / (drawn @ sizes), [0.025, 0.975])
    ours = verdict(differences_of(values, groups)) != "undecided"
    return np.array([sandwich, low > 0 or high < 0, ours])


def print_needed():
    print("\n| to tell 83 from 81 % | cases at 80 % | at 90 % |\n|---|---:|---:|")
    for flips in (0.04, 0.10, 0.15, 0.23):
        seen = Variation(0.02, flips)
        print(f"| flips {flips:.0%} | {to_tell_apart(seen):,} | "
              f"{to_tell_apart(seen, power=0.9):,} |")  # fmt: skip
    for margin in (0.02, 0.05):
        seen = Variation(0.0, 0.10)
        print(f"| no worse by {margin:.0%}, flips 10 % | {to_show_no_worse(seen, margin):,} | "
              f"{to_show_no_worse(seen, margin, power=0.9):,} |")  # fmt: skip


def write_pairs(path, kinds, copies=1):
    """Real questions: so many that both get right, that one alone does, and that none does."""
    limit = " or ".join(
        f"(dear = {dear} and cheap = {cheap} and place <= {many})"
        for (cheap, dear), many in kinds.items()
    ) or "true"  # fmt: skip
    duckdb.sql(f"""
        copy (
          with read as (
            select row_number() over () as id, task, gpt4_1106::int as dear,
                   mixtral_8x7b::int as cheap
            from '{ROUTELLM}' where bench = 'mmlu'),
          ranked as (
            select *, row_number() over (partition by dear, cheap order by id) as place from read),
          taken as (select * from ranked, range({copies}) c(copy) where {limit})
          select id * 1000 + copy as case_id, 'cheap' as arm, cheap as score, task from taken
          union all select id * 1000 + copy, 'dear', dear, task from taken
        ) to '{path}'
    """)


def print_real():
    print("\n| real questions | champion | challenger | difference (95 %) | verdict | needed |"
          "\n|---:|---:|---:|---:|---|---:|")  # fmt: skip
    kinds = {
        "1": {(1, 1): 705, (0, 1): 125, (1, 0): 105, (0, 0): 65},
        "7": {(1, 1): 4935, (0, 1): 875, (1, 0): 735, (0, 0): 455}, "all": {},
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for name, counts in kinds.items():
            path = f"{folder}/{name}.parquet"
            write_pairs(path, counts)
            found = compare_in(CompareQuestion(path, champion="cheap")).found
            d = found.difference
            print(f"| {found.cases:,} | {found.champion.value:.1%} | {found.challenger.value:.1%} "
                  f"| {d.value * 100:.1f} points ({d.low * 100:.1f} to {d.high * 100:.1f}) | "
                  f"{found.verdict} | {found.cases_needed or '-'} |")  # fmt: skip
        path = f"{folder}/large.parquet"
        write_pairs(path, {}, copies=72)
        began, busy = time.perf_counter(), time.process_time()
        question = CompareQuestion(path, champion="cheap", margin=0.02, slices=("task",))
        found = compare_in(question).found
        wall, cpu = time.perf_counter() - began, time.process_time() - busy
        print(f"\n{found.cases:,} cases of two arms in {len(found.slices)} slices: "
              f"{wall:.1f} s, {cpu:.1f} CPU s")  # fmt: skip


if __name__ == "__main__":
    many = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    print_repeats(many)
    print_power(many)
    print_looks(many)
    print_margin(many)
    print_few(many)
    print_clusters(many)
    print_needed()
    print_real()
