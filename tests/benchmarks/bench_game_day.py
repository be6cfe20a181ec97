"""How long a walk takes, for every shipped scenario and every example system that it tries.

Run by hand: `python tests/benchmarks/bench_game_day.py [WORKBOOK]`; by default the shipped
example, with 2,000 statements about each system. Prints a markdown table.
"""

import statistics
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

TURNS = 5
STATEMENTS = 2000
AT = datetime(2013, 7, 27, 6, tzinfo=UTC)


def told(system: str) -> list[object]:
    """So many words of people about drills that they attended."""
    from ops_model.domain.evidence import Attestation, Statement
    from ops_model.domain.values import digest_of

    found: list[object] = []
    for seq in range(1, STATEMENTS + 1):
        at = AT - timedelta(hours=seq)
        said = Attestation(
            system=system, as_of=at, topic="attendance", person=f"p{seq % 50:02}",
            text="I was there, and answered.", of=f"sha256:{seq:064x}",
            expires=at + timedelta(days=180),
        )  # fmt: skip
        found.append(
            Statement(
                seq=seq, id=f"a/{seq}", subject=system, as_of=at, recorded_at=at,
                digest=digest_of(said), actor=f"person:p{seq % 50:02}", record=said,
            )
        )  # fmt: skip
    return found


def main(root: Path) -> None:
    """Walk everything that can be walked, and print the medians."""
    from ops_model.check.enough import judging_of
    from ops_model.check.recorded import Evidence
    from ops_model.domain.game_day import walk_scenario
    from ops_model.store.scenarios import shipped_scenarios
    from ops_model.store.workbook import read_workbook

    model = read_workbook(root)
    print("| system | scenarios | median s | slowest s |")
    print("|---|---:|---:|---:|")
    for system in model.systems:
        statements = told(system.id)
        weighed = judging_of(model, system, Evidence(tuple(statements)), as_of=AT)
        taken = []
        for scenario in shipped_scenarios():
            if not scenario.tries(system.id, system.identity.kind):
                continue
            runs = []
            for _ in range(TURNS):
                began = process_time()
                walk_scenario(model, system, scenario, AT, statements, judging=weighed)
                runs.append(process_time() - began)
            taken.append(statistics.median(runs))
        print(
            f"| {system.id} | {len(taken)} | {statistics.median(taken):.3f} | {max(taken):.3f} |"
        )


if __name__ == "__main__":
    from ops_model.shipped import shipped

    main(Path(sys.argv[1]) if len(sys.argv) > 1 else shipped("templates") / "workbook")
