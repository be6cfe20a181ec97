"""How many planted gaps the shipped scenarios find and invent, and how long a walk takes.

Each scenario walks each of three systems that it tries, in order and with one thing spoiled at a
time (`tests/planted_gaps.py`). Found is a planted gap whose check is named; invented is a gap of a
system in order, or one beside the planted thing and what it opens elsewhere. The clock of a walk
runs from claims and evidence in memory to the whole walk. `main()` prints a Markdown table.
"""

from collections.abc import Iterator
from statistics import median
from time import perf_counter

from ops_model.domain.game_day import GameDay, walk_scenario
from ops_model.domain.scenarios import Scenario
from ops_model.store.scenarios import shipped_scenarios
from tests.builders import judging
from tests.planted_gaps import PLANTS, Plant, rehearsed
from tests.rehearsed_systems import AT, SYSTEMS


def cases() -> Iterator[tuple[Scenario, str, Plant | None]]:
    """Every scenario on every system that it tries, in order and with each of its plants."""
    for scenario in shipped_scenarios():
        for system_id in SYSTEMS:
            if scenario.tries(system_id, rehearsed(system_id)[1].identity.kind):
                yield scenario, system_id, None
                yield from (
                    (scenario, system_id, plant)
                    for plant in PLANTS
                    if scenario.id in plant.scenarios and system_id in plant.systems
                )


def walked(scenario: Scenario, system_id: str, plant: Plant | None) -> tuple[GameDay, float]:
    """A walk, and the seconds that it took."""
    model, system, told = rehearsed(system_id, plant)
    weighed = judging(model, system, told)
    began = perf_counter()
    day = walk_scenario(model, system, scenario, AT, told, judging=weighed)
    return day, perf_counter() - began


def main() -> None:
    """Print the table."""
    planted = found = invented = good = 0
    seconds = []
    for scenario, system_id, plant in cases():
        day, took = walked(scenario, system_id, plant)
        seconds.append(took)
        checks = {step.check for step in day.steps if not step.ok}
        good += plant is None
        planted += plant is not None
        found += plant is not None and plant.check in checks
        invented += len(checks - ({plant.check} | plant.also if plant is not None else set()))
    print("| walks in order | gaps planted | found | invented | a walk, median | longest |")
    print("|---:|---:|---:|---:|---:|---:|")
    print(
        f"| {good} | {planted} | {found} | {invented} | {median(seconds) * 1000:.2g} ms | "
        f"{max(seconds) * 1000:.2g} ms |"
    )


if __name__ == "__main__":
    main()
