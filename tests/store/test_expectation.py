"""Every place of every claim can say in words what may stand there."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

import pytest

from ops_model.domain.incidents import Incident
from ops_model.domain.on_call import OnCallRotation
from ops_model.domain.operating_model import AREA_FILES
from ops_model.domain.ownership import Ownership
from ops_model.domain.people import People
from ops_model.domain.policy import Policy
from ops_model.domain.portfolio import Portfolio
from ops_model.domain.signals import BusinessRule, RetrainPolicy
from ops_model.domain.signals_logged import LogPolicy
from ops_model.domain.system import FailureMode, StrategyClaim, VersionTuple
from ops_model.domain.workbook import WorkbookSettings
from ops_model.store.expectation import alternatives, describe, fields_of, model_of, plain

FILES = [model for _, model in AREA_FILES.values()]
FILES += [WorkbookSettings, Incident, People, Policy, Portfolio]
# Words that would show the reader our types, and not what to write.
INSIDE = ("tuple", "Annotated", "typing", "class ", "Literal", "None", "float", "bool", "Decimal")


def below(annotation):
    """The types of what lies in a list, a mapping or an object."""
    for option in alternatives(annotation):
        inner, _ = plain(option)
        if (model := model_of(option)) is not None:
            yield from fields_of(model).items()
        elif get_origin(inner) in {tuple, Mapping}:
            yield from (("item", a) for a in get_args(inner) if a is not ...)


def places(model, seen):
    for name, annotation in below(model):
        yield f"{getattr(model, '__name__', 'a list')}.{name}", annotation
        inner = model_of(annotation)
        if inner not in seen or inner is None:
            seen.add(inner)
            yield from places(annotation, seen)


PLACES = {name: type_ for model in FILES for name, type_ in places(model, set())}


def test_the_walk_reaches_the_fields_of_every_file_and_below():
    assert len(PLACES) > 300
    assert {"Layer.zone", "Waiver.check_id", "ClockRun.due"} <= set(PLACES)


@pytest.mark.parametrize("name", PLACES)
def test_what_may_stand_at_a_place_is_told_in_words(name):
    said = describe(PLACES[name])

    assert said
    assert not any(word in said for word in INSIDE)
    # Only a place that takes any text at all may say no more than that.
    if said == "text":
        assert all(a in {str, Any} for a in alternatives(PLACES[name]))


@pytest.mark.parametrize(
    ("model", "field", "said"),
    [
        (VersionTuple, "code_commit", "a commit: 7 to 64 hexadecimal digits"),
        (RetrainPolicy, "max_days", "a whole number of days from 1 to 3660, or 28d or 4w"),
        (OnCallRotation, "layers", "a list, each item in a line that begins with '- '"),
        (Ownership, "duties",
         "a mapping of feeding, monitoring, retraining_judgement, cost_control, policy_updates, "
         "improvement to a mapping with primary"),
        (LogPolicy, "fields",
         "a mapping of input, output, intent, outcome, version, trace, at to text of 1 to 4000 "
         "characters"),
        (Policy, "thresholds", "a mapping of names to a mapping of names to values"),
    ],
)  # fmt: skip
def test_a_field_says(model, field, said):
    assert describe(fields_of(model)[field]) == said


@pytest.mark.parametrize(
    ("model", "field", "said"),
    [
        (StrategyClaim, "mechanisms",
         "a file, such as rollback, or a thing in one, such as monitor/accuracy"),
        (FailureMode, "scenarios", "the id of a scenario, such as G01"),
        (BusinessRule, "good", "a mapping of names to a number or text"),
    ],
)  # fmt: skip
def test_an_item_says(model, field, said):
    inner, _ = plain(fields_of(model)[field])

    assert describe(get_args(inner)[0]) == said
