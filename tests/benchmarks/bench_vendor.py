"""Clients under a vendor that fails: the documented one, the example's, and three bad ones.

Prints a markdown table with what each answered of twenty and the 95th percentile under each of the
ten faults. Exits 1 unless the documented client reaches its figures.

Run it with `make bench`, or alone (5 minutes): `python tests/benchmarks/bench_vendor.py`.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from ops_model.domain.fallback import FAULT_WORDS, FAULTS, FaultResult
from tests.drill.vendor_plans import a_bad_client, a_vendor_plan, rehearsed

FULL = {"requests": 20, "requests_per_second": 8, "patience_seconds": 5,
        "return_within_seconds": 10}  # fmt: skip
CLIENTS = {
    "documented": lambda: a_vendor_plan(client="fallback_client:ask", **FULL),
    "streaming": lambda: a_vendor_plan(client="fallback_client:ask_streaming", **FULL),
    "example's": lambda: a_vendor_plan(client="ops_model.example.assistant_client:ask", **FULL),
    "no timeout": lambda: a_bad_client("no-timeout", **FULL),
    "retries only": lambda: a_bad_client("retries", **FULL),
    "passes all on": lambda: a_bad_client("passes-all", **FULL),
}


def main() -> int:
    """Rehearse each client and print what it did."""
    drilled = {}
    for name, plan in CLIENTS.items():
        with tempfile.TemporaryDirectory() as folder:
            book = Path(folder)
            shutil.copy(ROOT / "docs" / "examples" / "fallback_client.py", book)
            began = time.monotonic()
            facts = rehearsed(book, plan())
            drilled[name] = (facts, time.monotonic() - began)
    table(drilled)
    facts, seconds = drilled["documented"]
    faults = faults_of(facts)
    reached = {
        "at least 99 % answered": min(f.served_share.value for f in faults.values()) >= 0.99,
        "a notice with every degraded answer": {f.notice_share.value for f in faults.values()}
        == {1.0},
        "0 lost": facts["lost"] == 0,
        "the swap noticed": facts["swap_noticed"] is True,
        "all ten faults": list(faults) == list(FAULTS),
        "under 90 s": seconds < 90,
    }
    print("\nThe documented client: " + "; ".join(
        f"{what}: {'yes' if well else 'NO'}" for what, well in reached.items()
    ))  # fmt: skip
    return 0 if all(reached.values()) else 1


def table(drilled: dict) -> None:
    """Answered of twenty and p95 seconds, one column a client."""
    print("| the vendor | " + " | ".join(drilled) + " |")
    print("|---|" + "---:|" * len(drilled))
    for fault in FAULTS:
        cells = [cell(faults_of(facts)[fault]) for facts, _ in drilled.values()]
        print(f"| {FAULT_WORDS[fault]} | " + " | ".join(cells) + " |")
    rows = {
        "**lost of 200**": lambda facts, _: str(facts["lost"]),
        "**told of the degraded**": lambda facts, _: told(facts),
        "**swap noticed**": lambda facts, _: "yes" if facts["swap_noticed"] else "no",
        "**slowest switch-over, s**": lambda facts, _: number(facts["seconds"]["value"]),
        "**whole drill, s**": lambda _, seconds: f"{seconds:.0f}",
    }
    for name, value in rows.items():
        print(f"| {name} | " + " | ".join(value(*one) for one in drilled.values()) + " |")


def faults_of(facts: dict) -> dict[str, FaultResult]:
    """The scorecard by fault."""
    return {line["fault"]: FaultResult.model_validate(line) for line in facts["faults"]}


def cell(fault: FaultResult) -> str:
    """`20 / 1.51`; of a swapped model that was passed on, that it was."""
    served = round(fault.served_share.value * fault.requests)
    silent = " (in silence)" if fault.silent_swaps else ""
    return f"{served}{silent} / {fault.p95_seconds.value:.2f}"


def told(facts: dict) -> str:
    """Notices of all degraded answers."""
    faults = faults_of(facts).values()
    degraded = [(f.notice_share.value or 0.0, f.notice_share.n or 0) for f in faults]
    return f"{sum(round(part * n) for part, n in degraded)} of {sum(n for _, n in degraded)}"


def number(value: float | None) -> str:
    """Two decimals, or that it never came."""
    return "never" if value is None else f"{value:.2f}"


if __name__ == "__main__":
    sys.exit(main())
