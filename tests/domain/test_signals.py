import pytest

from ops_model.domain.signals import Signals
from ops_model.domain.system import is_alias

LOGS = [
    {"id": "learned", "holds": "training", "address": "a", "timestamp": "at"},
    {"id": "first", "holds": "predictions", "address": "b", "timestamp": "at"},
    {"id": "judged", "holds": "judged_answers", "address": "c", "timestamp": "at"},
    {"id": "labels", "holds": "labels", "address": "d", "timestamp": "at"},
]


def signals(output=None, logs=LOGS):
    policy = {"retention_days": "90", "redaction": "none"}
    policy["fields"] = {"output": output} if output else {}
    return Signals.model_validate({"logs": logs, "log_policy": policy})


@pytest.mark.parametrize(
    ("output", "log"),
    [
        (None, "first"),
        ("judged.answer", "judged"),
        ("labels.late", "first"),
        ("nowhere.answer", "first"),
    ],
)
def test_what_was_served_is_the_log_that_keeps_the_output_or_else_the_first(output, log):
    assert signals(output).served.id == log


def test_what_was_learned_from_and_what_came_of_it_were_not_served():
    assert signals(logs=[LOGS[0], LOGS[3]]).served is None
    assert Signals().served is None


@pytest.mark.parametrize("name", ["large-latest", "large", "stable-2", "Auto"])
def test_a_name_for_whatever_is_newest_is_an_alias(name):
    assert is_alias(name)


@pytest.mark.parametrize("name", ["large-2013-01-15", "medium-2", "large-v1.1"])
def test_a_name_with_its_number_is_an_exact_one(name):
    assert not is_alias(name)
