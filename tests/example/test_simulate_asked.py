"""What the simulated assistant is asked on purpose: as stated, and the same each time."""

from datetime import UTC, datetime

import pytest

from ops_model.example import simulate_asked
from ops_model.example.simulate import PINNED
from ops_model.example.simulate_asked import CHANGED_ON, PASSED

UNTIL = datetime(2013, 7, 22, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def canaries():
    return simulate_asked.canary_log(until=UNTIL)


def test_a_hundred_questions_are_asked_every_day_and_say_why(canaries):
    per_day = canaries.groupby(canaries["timestamp"].dt.date)["prompt"].nunique()

    assert len(per_day) == 144
    assert set(per_day) == {100}
    assert set(canaries["purpose"]) == {"canary"}
    assert canaries["timestamp"].max() < UNTIL


def test_the_name_that_comes_back_is_the_agreed_one_throughout(canaries):
    assert set(canaries["gen_ai_response_model"]) == {PINNED}


def test_fourteen_questions_are_answered_otherwise_from_9_july_on(canaries):
    before = canaries[canaries["timestamp"] < CHANGED_ON]
    after = canaries[canaries["timestamp"] >= CHANGED_ON]
    usual = before.groupby("prompt")["answer"].agg(lambda a: a.mode()[0])

    now = after.groupby("prompt")["answer"].agg(lambda a: a.mode()[0])

    assert (usual != now).sum() == 14
    assert CHANGED_ON.date().isoformat() == "2013-07-09"


def test_before_that_about_two_of_a_hundred_differ_by_chance(canaries):
    before = canaries[canaries["timestamp"] < CHANGED_ON]
    usual = before.groupby("prompt")["answer"].transform(lambda a: a.mode()[0])

    assert (before["answer"] != usual).mean() == pytest.approx(0.02, abs=0.01)


def test_the_same_seed_gives_the_same_rows(canaries):
    assert canaries.equals(simulate_asked.canary_log(until=UNTIL))
    assert simulate_asked.guardrail_log().equals(simulate_asked.guardrail_log())


def test_every_item_of_every_suite_was_tried_once_and_passed_as_stated():
    log, items = simulate_asked.guardrail_log(), simulate_asked.suite_items()

    for suite, passed in PASSED.items():
        tried = log[log["suite"] == suite]
        assert sorted(tried["item"]) == sorted(set(items[suite]))
        assert tried["passed"].sum() == passed
    assert {suite: len(every) for suite, every in items.items()} == {
        "shop-questions": 200, "not-our-business": 200, "talking-it-round": 150,
    }  # fmt: skip
