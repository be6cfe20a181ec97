"""What could be saved and what was billed, on the real traces; and a walk over many prompts.

Run `python tests/benchmarks/bench_savings.py [PROMPTS]`. It reads mooncake_fast25, routellm,
ServeGen, aider, azure and FOCUS in `../shared/data` and prints the tables of
`docs/benchmarks.md`.
"""

import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ops_model.analysis.bill import compare_bill
from ops_model.analysis.compute import best_reserved
from ops_model.analysis.focus import NOT_ADDING_UP, charges_of, focus_version
from ops_model.analysis.load import measure_load
from ops_model.analysis.prefix_cache import Prompt, prompts_of, saving, together, walk
from ops_model.analysis.price_book import book_with_list
from ops_model.analysis.right_sizing import pair_cases, right_size
from ops_model.analysis.spread import wilson
from ops_model.domain.values import Window
from ops_model.store.staged import staged
from ops_model.workflow.usage_logs import UsageSource, usage_table
from tests.analysis import servegen
from tests.benchmarks.memory import own_peak
from tests.shared_data import SHARED

PROMPTS, BLOCK = 2_000_000, 512
START = datetime(2026, 9, 1, tzinfo=UTC)
TTLS = {"5 min": timedelta(minutes=5), "1 h": timedelta(hours=1)}
MODELS = (("openai", "gpt-4o"), ("anthropic", "claude-haiku-4-5"))


def the_prompts(provider="", model=""):
    rows = duckdb.sql(
        f"select * from '{SHARED / 'mooncake_fast25.parquet'}' where trace = 'conversation' "
        "order by timestamp"
    ).to_arrow_table()
    return [
        Prompt(START + timedelta(milliseconds=row["timestamp"]), provider, model,
               row["input_length"], 0, 0, row["hash_ids"])
        for row in rows.to_pylist()
    ]  # fmt: skip


def output_cost(rate):
    """What the answers to the conversation cost, which no cache makes cheaper."""
    tokens = duckdb.sql(
        f"select sum(output_length) from '{SHARED / 'mooncake_fast25.parquet'}' "
        "where trace = 'conversation'"
    ).fetchall()[0][0]
    return tokens * rate.output_per_million / 1_000_000


def print_cache():
    print("| | 5 min | 1 h |\n|---|---:|---:|")
    walks = {name: walk(the_prompts(), block_tokens=BLOCK, ttl=ttl) for name, ttl in TTLS.items()}
    sums = [together(found) for found in walks.values()]
    print("| tokens that begin a prompt seen lately |",
          " | ".join(f"{one.hits / one.tokens:.1%}" for one in sums), "|")  # fmt: skip
    print("| whole prompts seen lately |",
          " | ".join(f"{one.whole / one.requests:.1%}" for one in sums), "|")  # fmt: skip
    prices = book_with_list("USD", asked=True)
    for provider, model in MODELS:
        rate = prices.of_tokens(model, START, provider=provider)
        shares, reading = [], []
        for ttl in TTLS.values():
            found = walk(the_prompts(provider, model), block_tokens=BLOCK, ttl=ttl)
            whole = together(found)
            bill = whole.tokens * rate.input_per_million / 1_000_000 + output_cost(rate)
            saved, _ = saving(found, lambda p, m, at: prices.of_tokens(m, at, provider=p))
            less = rate.input_per_million - rate.cache_read_per_million
            shares.append(f"{saved / bill:.1%}")
            reading.append(f"{whole.hits * less / 1_000_000 / bill:.1%}")
        print(f"| of the bill, {model}: reading alone |", " | ".join(reading), "|")
        print(f"| of the bill, {model}: less what writing costs more |", " | ".join(shares), "|")


def write_prompts(path, many):
    """The real prompts again and again, an hour each time, with new hashes; `prod` alone."""
    rounds = -(-many // 12_031)
    duckdb.sql(f"""
        copy (
          select timestamptz '2026-09-01 00:00:00+00' + to_milliseconds(timestamp)
                   + r * interval 1 hour as timestamp,
                 'chat' as service, 'openai' as gen_ai_provider_name,
                 'gpt-4o' as gen_ai_request_model,
                 input_length as gen_ai_usage_input_tokens,
                 output_length as gen_ai_usage_output_tokens,
                 list_transform(hash_ids, h -> hash(h * 100000 + r)) as prompt_prefix
          from '{SHARED / "mooncake_fast25.parquet"}', range({rounds}) t(r)
          where trace = 'conversation' order by timestamp limit {many}
        ) to '{path}'
    """)
    return rounds


def print_walk(many):
    """The walk in a process of its own, so that its peak of memory is its own too."""
    print("| log | prompts | blocks | hits | seconds | CPU seconds | peak MB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "prompts.parquet"
        hours = write_prompts(path, many)
        as_csv = Path(folder) / "prompts.csv"
        # A list is JSON in a text.
        duckdb.sql(f"copy (select * replace (to_json(prompt_prefix) as prompt_prefix) "
                   f"from '{path}') to '{as_csv}'")  # fmt: skip
        for log, way in ((path, "one"), (as_csv, "copied"), (as_csv, "read again each time")):
            command = [sys.executable, __file__, "--walk", str(log), str(hours), way]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            print(done.stdout, end="", flush=True)


def walk_alone(path, hours, way):
    window = Window(start=START, end=START + timedelta(hours=hours + 1))
    log = usage_table(UsageSource(path, prefix="prompt_prefix"), before=window.end)
    began, busy = time.perf_counter(), time.process_time()
    stage = staged if way == "copied" else nullcontext
    prompts = prompts_of(log, timestamp="timestamp", window=window, stage=stage)
    found = together(walk(prompts, block_tokens=BLOCK, ttl=TTLS["5 min"]))
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    name = f"{Path(path).suffix[1:]}, {way}".removesuffix(", one")
    share, blocks = found.hits / found.tokens, found.tokens // BLOCK
    print(f"| {name} | {found.requests:,} | {blocks:,} | {share:.1%} | {seconds:.0f} | "
          f"{cpu:.0f} | {own_peak():.0f} |")  # fmt: skip


def print_right_sizing():
    table = ibis.duckdb.connect().read_parquet(SHARED / "routellm_paired_correct.parquet")
    table = table.filter(table.bench == "mmlu").mutate(case=ibis.row_number())
    slices = pair_cases(
        table, case="case", dear="gpt4_1106", cheap="mixtral_8x7b", slice_by="task"
    )
    print("| margin | slices | within it | of them implausible | traffic that may move | "
          "difference of all cases |\n|---:|---:|---:|---:|---:|---:|")  # fmt: skip
    for margin in (0.02, 0.05, 0.10):
        sized = right_size(slices, margin)
        shown = [one for one in sized.slices if one.verdict != "not_shown"]
        odd = [one for one in shown if one.verdict == "implausible"]
        d = sized.overall
        print(f"| {margin:.0%} | {len(slices)} | {len(shown)} "
              f"({sum(one.traffic for one in shown):.1%}) | {len(odd)} "
              f"({', '.join(one.slice for one in odd)}) | {sized.movable.value:.1%} | "
              f"{d.value:.3f} ({d.low:.3f} to {d.high:.3f}) |")  # fmt: skip


def print_reserved():
    load = servegen.read(
        SHARED / "servegen_arrivals_10min.parquet", SHARED / "servegen_tokens_by_window.parquet"
    ).costs.sum(axis=0)
    print(
        "| price ratio | last reserved unit busy | saved | peak reserved |\n|---:|---:|---:|---:|"
    )
    for ratio in (0.4, 0.6, 0.8):
        found = best_reserved(load, ratio)
        print(f"| {ratio:.0%} | {found.busy:.0%} | {found.saving_share:.1%} | "
              f"{found.peak_share:+.0%} |")  # fmt: skip


def print_successes():
    runs = pq.read_table(SHARED / "aider_leaderboards.parquet").to_pylist()
    held = [
        {**run, "passed": round(run["pass_rate_2"] / 100 * run["test_cases"])}
        for run in runs
        if run["board"] == "polyglot_leaderboard" and (run["total_cost"] or 0) > 0
        and run["pass_rate_2"] and run["test_cases"]
    ]  # fmt: skip
    held.sort(key=lambda run: run["total_cost"] / run["passed"])
    print("| model | cost of the run | cases | passed | cost of a pass (95 %) |\n"
          "|---|---:|---:|---:|---:|")  # fmt: skip
    chosen = [held[round(part * (len(held) - 1) / 9)] for part in range(10)]
    for run in chosen:
        low, high = wilson(run["passed"], run["test_cases"])
        cost, cases = run["total_cost"], run["test_cases"]
        print(f"| {run['model']} | {cost:.2f} | {cases} | {run['passed']} | "
              f"{cost / run['passed']:.4f} ({cost / (high * cases):.4f} to "
              f"{cost / (low * cases):.4f}) |")  # fmt: skip
    dearest = held[-1]["total_cost"] / held[-1]["passed"]
    cheapest = held[0]["total_cost"] / held[0]["passed"]
    print(f"\n{len(held)} runs have a cost and a pass; the dearest pass costs "
          f"{dearest / cheapest:,.0f} times the cheapest.")  # fmt: skip


def print_bill():
    rows = pq.read_table(SHARED / "focus_1_0_sample_1000.parquet")
    held = [f.name for f in rows.schema if not pa.types.is_null(f.type)]
    began = time.perf_counter()
    charges = charges_of(ibis.memtable(rows.select(held)))
    compared = compare_bill(
        charges, [], currency="USD", as_of=datetime(2024, 11, 1, tzinfo=UTC),
        tolerance=Decimal("0.02"),
    )  # fmt: skip
    seconds = time.perf_counter() - began
    billed = sum(charge.billed for charge in charges)
    exact = duckdb.sql(
        f"select sum(BilledCost::decimal(38, 12)) from "
        f"'{SHARED / 'focus_1_0_sample_1000.parquet'}'"
    ).fetchall()[0][0]
    print("| rows | version | months | billed | off the exact sum | not counted | do not add up | "
          "seconds |\n|---:|---|---:|---:|---:|---:|---:|---:|")  # fmt: skip
    apart = {key: rows for key, rows in compared.apart.items() if key != NOT_ADDING_UP}
    print(f"| {compared.rows:,} | {focus_version(held)} | {len(compared.months)} | "
          f"{billed:.6f} USD | {billed - exact:f} | {sum(apart.values())} | "
          f"{compared.apart.get(NOT_ADDING_UP, 0)} | {seconds:.2f} |")  # fmt: skip
    by: dict[str, list] = {}
    for charge in charges:
        entry = by.setdefault(charge.category, [0, Decimal(0)])
        entry[0] += charge.rows
        entry[1] += charge.billed
    print("\n| category | rows | billed |\n|---|---:|---:|")
    for category, (many, cost) in sorted(by.items()):
        print(f"| {category} | {many} | {cost:.6f} |")


def print_load():
    log = ibis.duckdb.connect().read_parquet(SHARED / "azure_llm_2023.parquet")
    at = log.TIMESTAMP.cast("timestamp('UTC')")
    print("| service | requests | busiest minute | mean | times the mean |")
    print("|---|---:|---:|---:|---:|")
    for service in ("code", "conv"):
        mine = log.mutate(TIMESTAMP=at).filter(log.service == service)
        until = mine.TIMESTAMP.max().to_pyarrow().as_py()
        load = measure_load(mine, timestamp="TIMESTAMP", until=until)
        peak, mean = load.peak_per_second, load.mean_per_second
        print(f"| {service} | {peak.n:,} | {peak.value:.2f} a second | {mean.value:.2f} | "
              f"{peak.value / mean.value:.1f} |")  # fmt: skip


def main():
    if sys.argv[1:2] == ["--walk"]:
        walk_alone(sys.argv[2], int(sys.argv[3]), sys.argv[4])
        return
    many = int(sys.argv[1]) if len(sys.argv) > 1 else PROMPTS
    for title, table in (
        ("A cache of prompt prefixes, mooncake_fast25", print_cache),
        (f"A walk over {many:,} prompts", lambda: print_walk(many)),
        ("A smaller model, routellm_paired_correct", print_right_sizing),
        ("Reserved units, ServeGen", print_reserved),
        ("The busiest minute, azure_llm_2023", print_load),
        ("The cost of a pass, aider_leaderboards (ten of the runs, from cheap to dear)",
         print_successes),
        ("A bill, focus_1_0_sample_1000", print_bill),
    ):  # fmt: skip
        print(f"\n### {title}\n", flush=True)
        table()


if __name__ == "__main__":
    main()
