"""How long `ops-model oncall --days 91` takes beyond starting, in CPU seconds of its process.

Run by hand: `python tests/benchmarks/bench_oncall.py [WORKBOOK SYSTEM]`. Without a workbook a
small one is written: daily turns, absences, overrides, 300 statements on the ledger. Starting is
a process that imports the same modules and does nothing with them. Prints a markdown table.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

TURNS = 5
IMPORTS = (
    "import sys; sys.argv = ['ops-model', 'oncall', '--help']; "
    "import ops_model.cli.oncall, ops_model.cli.oncall_text, ops_model.store.workbook, "
    "ops_model.workflow.oncall, ops_model.workflow.open, ops_model.store.ledger; "
    "from ops_model.cli import main; main()"
)
SYSTEM = """name: Scorer
kind: predictive
tier: B
purpose: scores claims
users: clerks
customer_facing: false
version: {label: "7", model_ref: models/7, in_production_since: 2026-01-01T00:00:00Z}
"""
RIGHTS = """rights:
  - {action: rollback, holder: primary, backup: secondary, autonomy: alone}
  - {action: disable, holder: primary, autonomy: alone}
"""


def a_ledger(path: Path) -> None:
    """What 300 people of old said about drills that they attended."""
    from ops_model.domain.evidence import Attestation, LedgerEvent
    from ops_model.domain.values import digest_of
    from ops_model.store.ledger import Ledger

    with Ledger.open(path, create=True) as ledger:
        for n in range(300):
            at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=n)
            said = Attestation(
                system="scorer", as_of=at, topic="attendance", person=f"p{n % 50:02}",
                text="I was there", of=f"sha256:{n:064x}", expires=at + timedelta(days=90),
            )  # fmt: skip
            told = {"record": said.model_dump(mode="json"), "digest": digest_of(said)}
            event = LedgerEvent(
                id=f"attendance/{n}", type="attestation.given", subject="scorer", as_of=at,
                recorded_at=at, actor=f"person:{said.person}", data={**told, "origin": None},
            )  # fmt: skip
            ledger.append(event)


def a_workbook(root: Path) -> None:
    """Fifty people, two layers of daily turns, and a swap and an absence in each week."""
    folder = root / "systems/scorer"
    folder.mkdir(parents=True)
    people = [f"p{n:02}" for n in range(50)]
    listed = "".join(
        f"  - {{id: {p}, name: Person {p}, function: platform, zone: Europe/Berlin, "
        "active_from: 2020-01-01}\n"
        for p in people
    )
    (root / "ops-model.yaml").write_text(
        "name: Ours\nzone: Europe/Berlin\nas_of: 2026-03-01T00:00:00Z\n"
    )
    (root / "people.yaml").write_text(f"people:\n{listed}")
    (folder / "system.yaml").write_text(SYSTEM)
    (folder / "decisions.yaml").write_text(RIGHTS)
    layers = "".join(
        f"  - {{id: {role}, role: {role}, zone: Europe/Berlin, starts: 2020-01-06T09:00:00, "
        f"rule: FREQ=DAILY, shift_hours: 24, participants: [{', '.join(turns)}]}}\n"
        for role, turns in (("primary", people), ("secondary", [*people[1:], people[0]]))
    )
    swaps = "".join(
        f"  - {{role: primary, person: p{n:02}, start: 2026-03-{n + 1:02}T12:00:00Z, "
        f"end: 2026-03-{n + 1:02}T18:00:00Z}}\n"
        for n in range(0, 28, 2)
    )
    away = "".join(
        f"  - {{person: p{n:02}, start: 2026-04-{n + 1:02}T00:00:00Z, "
        f"end: 2026-04-{n + 2:02}T00:00:00Z}}\n"
        for n in range(0, 28, 7)
    )
    (folder / "on_call.yaml").write_text(f"layers:\n{layers}overrides:\n{swaps}absences:\n{away}")


def cpu_seconds(arguments: list[str]) -> float:
    """The median CPU time of the child process over a few turns."""
    seen = []
    for _ in range(TURNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
        seen.append(spent)
    return statistics.median(seen)


def main(given: list[str]) -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        root, system = (Path(given[0]), given[1]) if given else (Path(folder) / "book", "scorer")
        if not given:
            a_workbook(root)
            a_ledger(root / "ledger.db")
        asked = ["-m", "ops_model", "oncall", system, "--workbook", str(root)]
        bare = cpu_seconds(["-m", "ops_model", "--help"])
        imported = cpu_seconds(["-c", IMPORTS])
        now, weeks = cpu_seconds(asked), cpu_seconds([*asked, "--days", "91"])
    rows = (
        ("`ops-model --help`", bare), ("importing what `oncall` needs", imported),
        ("`oncall SYSTEM`", now), ("`oncall SYSTEM --days 91`", weeks),
        ("of that beyond starting", weeks - imported),
    )  # fmt: skip
    print("| | CPU seconds |\n|---|---|")
    print("\n".join(f"| {name} | {seconds:.2f} |" for name, seconds in rows))


if __name__ == "__main__":
    main(sys.argv[1:])
