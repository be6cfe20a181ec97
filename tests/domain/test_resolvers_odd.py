"""A workbook that lacks or garbles things is answered, and no resolver ever breaks on it."""

import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ops_model.domain.operating_model import AREA_FILES, OperatingModel, SystemClaims
from ops_model.domain.people import People
from ops_model.domain.resolvers import RESOLVERS
from ops_model.domain.resolving import Answer
from ops_model.domain.walk_scene import Scene
from ops_model.shipped import shipped
from ops_model.store.workbook import read_workbook
from tests.builders import judging
from tests.planted_gaps import rehearsed
from tests.rehearsed_systems import AT, BUILT, SYSTEMS, Rehearsed

CHECK = re.compile(r"(?:[A-Z]{2,8}-\d{2})?")
OPTIONAL = [attribute for attribute in AREA_FILES if attribute != "identity"]
NOBODY = People(people=())


def answers(model: OperatingModel, system: SystemClaims, told=()) -> list[Answer]:
    weighed = judging(model, system, told)
    scene = Scene.of(model, system, at=AT, statements=told, judging=weighed, failure_mode=None)
    return [resolve(scene) for resolve in RESOLVERS.values()]


def sound(found: list[Answer]) -> bool:
    """Each says something, and names no check, or one by its id."""
    return all(
        a.text.strip() and CHECK.fullmatch(a.check) and not (a.not_asked and a.check)
        for a in found
    )  # fmt: skip


@cache
def example() -> OperatingModel:
    return read_workbook(shipped("templates") / "workbook")


@pytest.mark.parametrize("attribute", OPTIONAL)
@pytest.mark.parametrize("system_id", SYSTEMS)
def test_a_file_that_is_missing_is_answered(system_id, attribute):
    model, system, told = rehearsed(system_id)
    bare = system.model_copy(update={attribute: None})

    assert sound(answers(model, bare, told))
    assert sound(answers(example(), example().system(system_id).model_copy(
        update={attribute: None})))  # fmt: skip


@pytest.mark.parametrize("system_id", SYSTEMS)
def test_a_system_of_one_file_is_answered_with_gaps(system_id):
    model, system, _ = rehearsed(system_id)
    alone = SystemClaims(id=system_id, identity=system.identity)
    empty = model.model_copy(update={"people": NOBODY, "portfolio": None})
    found = answers(empty, alone)

    assert sound(found)
    assert sum(bool(a.check) for a in found) > len(RESOLVERS) / 2


@pytest.mark.parametrize("system_id", SYSTEMS)
def test_people_whom_nobody_knows_are_gaps_and_break_nothing(system_id):
    model, system, told = rehearsed(system_id)
    found = answers(model.model_copy(update={"people": NOBODY}), system, told)

    assert sound(found)
    assert any(a.check for a in found)


def test_the_starter_is_answered():
    model = read_workbook(shipped("templates") / "start")

    assert all(sound(answers(model, system)) for system in model.systems)
    assert model.systems


def test_four_hundred_rules_are_answered_in_a_line_that_a_record_can_hold():
    one = Rehearsed.good("flight-delay")
    rule = one.areas["signals"]["rules"][0]
    one.areas["signals"]["rules"] = [
        {**rule, "id": f"rule-{n}", "statement": "a long\nsentence of many words " * 9}
        for n in range(400)
    ]
    system = one.system()
    found = answers(one.model(system), system)

    assert all(len(a.text) < 1600 and "\n" not in a.text for a in found)
    assert sum(a.text.endswith("; and more, which the files hold") for a in found) == 2


def places(node: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every key and place of a list in plain data."""
    steps = node.items() if isinstance(node, dict) else (
        enumerate(node) if isinstance(node, list) else ()
    )  # fmt: skip
    for step, below in steps:
        yield (*way, step)
        yield from places(below, (*way, step))


ALL = {system_id: sorted(places(BUILT[system_id]()), key=str) for system_id in SYSTEMS}


def without(areas: dict[str, Any], way: tuple[Any, ...]) -> None:
    """Take one place away, where it is there still."""
    node = areas
    for step in way[:-1]:
        if not (step in node if isinstance(node, dict) else (
            isinstance(node, list) and step < len(node)
        )):  # fmt: skip
            return
        node = node[step]
    last = way[-1]
    if isinstance(node, dict):
        node.pop(last, None)
    elif isinstance(node, list) and last < len(node):
        node.pop(last)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), system_id=st.sampled_from(SYSTEMS))
def test_whatever_is_taken_out_of_the_files_every_resolver_answers(data, system_id):
    ways = data.draw(st.lists(st.sampled_from(ALL[system_id]), min_size=1, max_size=5))
    one = Rehearsed.good(system_id)
    one.areas = deepcopy(one.areas)
    for way in ways:
        without(one.areas, way)
    try:
        system = one.system()
    except (ValidationError, KeyError):
        return  # no valid object, which the store refuses
    _, _, told = rehearsed(system_id)

    assert sound(answers(one.model(system), system, told))
