"""Each shipped scenario on three systems, whole and with one thing spoiled at a time.

A gap that was planted is found with its check, and none is found that was not.
"""

from functools import cache

import pytest

from ops_model.domain.game_day import GameDay, walk_scenario
from ops_model.domain.scenarios import SHIPPED_SCENARIOS, Scenario
from ops_model.shipped import shipped
from ops_model.store.scenarios import shipped_scenarios
from ops_model.store.workbook import read_workbook
from tests.builders import judging
from tests.planted_gaps import PLANTS, Plant, rehearsed
from tests.rehearsed_systems import AT, SYSTEMS

SCENARIOS = {scenario.id: scenario for scenario in shipped_scenarios()}


def tried() -> list[tuple[str, str]]:
    kinds = {s: rehearsed(s)[1].identity.kind for s in SYSTEMS}
    return [
        (scenario.id, system)
        for scenario in SCENARIOS.values()
        for system in SYSTEMS
        if scenario.tries(system, kinds[system])
    ]


TRIED = tried()
PLANTED = [
    pytest.param(plant, scenario, system, id=f"{scenario} {system}: {plant.name}")
    for plant in PLANTS
    for scenario in plant.scenarios
    for system in plant.systems
    if (scenario, system) in TRIED
]


def walked(system_id: str, scenario: Scenario, plant: Plant | None = None) -> GameDay:
    model, system, statements = rehearsed(system_id, plant)
    weighed = judging(model, system, statements)
    return walk_scenario(model, system, scenario, AT, statements, judging=weighed)


def gaps(day: GameDay) -> list[tuple[int, str, str]]:
    return [(step.minute, step.check, step.answer) for step in day.steps if not step.ok]


def test_twenty_four_scenarios_are_shipped_each_with_questions_of_its_own():
    assert set(SCENARIOS) == SHIPPED_SCENARIOS
    assert all(len(s.questions) >= 2 and len(s.injects) >= 3 for s in SCENARIOS.values())


@pytest.mark.parametrize(("scenario", "system"), TRIED)
def test_a_system_in_order_leaves_no_gap_in_any_scenario(scenario, system):
    assert gaps(walked(system, SCENARIOS[scenario])) == []


@pytest.mark.parametrize(("plant", "scenario", "system"), PLANTED)
def test_a_gap_that_was_planted_is_found_and_none_beside(plant: Plant, scenario, system):
    found = gaps(walked(system, SCENARIOS[scenario], plant))
    checks = {check for _, check, _ in found}

    assert plant.check in checks
    assert checks <= {plant.check} | plant.also, found


def test_every_scenario_finds_a_planted_gap_in_every_system_that_it_tries():
    assert {(p.values[1], p.values[2]) for p in PLANTED} == set(TRIED)


MARKED = {
    # What the files of the example mark as gaps, by the scenario that meets it.
    "flight-delay": {"G21": "OBS-01", "G15": "REV-05"},
    "support-assistant": {
        "G01": "DEC-02", "G03": "OBS-04", "G05": "OBS-04", "G08": "FBK-02", "G10": "INC-05",
        "G14": "FBK-04", "G21": "OBS-01", "G22": "OWN-08", "G04": "CAP-02",
    },
    "invoice-extractor": {
        "G01": "QLT-01", "G02": "DEC-01", "G08": "FBK-01", "G09": "CST-01", "G18": "QLT-04",
        "G21": "CMP-02", "G23": "OWN-08", "G24": "PRT-03",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("system_id", "scenario", "check"),
    [(s, scenario, check) for s, found in MARKED.items() for scenario, check in found.items()],
)
def test_the_gaps_that_the_example_marks_are_found(system_id, scenario, check):
    model = example()
    system = model.system(system_id)
    day = walk_scenario(model, system, SCENARIOS[scenario], AT, (), judging=judging(model, system))

    assert check in {step.check for step in day.own_gaps}


@cache
def example():
    return read_workbook(shipped("templates") / "workbook")


def test_the_scenario_of_the_storm_asks_five_questions_of_flight_delay_alone():
    model = example()
    storm = next(s for s in model.scenarios if s.id == "G25")
    system = model.system("flight-delay")
    day = walk_scenario(model, system, storm, AT, (), judging=judging(model, system))

    assert day.failure_mode == "storm-called-clear"
    assert sum(step.own for step in day.steps) == 5
    assert storm.systems == ("flight-delay",)
