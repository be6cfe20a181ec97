"""What each stage of a rollout may do: open with a verdict, held by a check, done, or later."""

from datetime import timedelta

import pytest

from ops_model.domain.rollout import staged
from tests.builders import AREAS, AS_OF, a_system
from tests.shown_running import a_challenger

REQUEST = AREAS["change"]["requests"][0]
ROLLOUT = AREAS["change"]["rollouts"][0]
STARTED = "2013-07-20T08:00:00Z"


def seen(*, verdict="non_inferior", starts=STARTED, needs=((), ()), statuses=(), serves=False,
         as_of=AS_OF):  # fmt: skip
    stages = [{**stage, "needs": list(names)}
              for stage, names in zip(ROLLOUT["stages"], needs, strict=True)]  # fmt: skip
    system = a_system(
        change={
            "requests": [REQUEST],
            "rollouts": [{**ROLLOUT, "starts_at": starts, "stages": stages}],
        }
    )
    (request,), (plan,) = system.change.requests, system.change.rollouts
    result = a_challenger(system, verdict=verdict) if verdict else None
    return staged(request, plan, result, statuses=dict(statuses), serves=serves, as_of=as_of)


def states(**changes):
    return [stage.state for stage in seen(**changes).stages]


@pytest.mark.parametrize("verdict", ["better", "non_inferior"])
def test_a_verdict_of_better_or_no_worse_opens_the_first_stage(verdict):
    # The second begins 24 hours after the first.
    first_day = seen(verdict=verdict).rollout.starts_at + timedelta(hours=1)

    assert states(verdict=verdict, as_of=first_day) == ["open", "later"]


@pytest.mark.parametrize("verdict", ["worse", "undecided", None])
def test_without_one_nothing_opens(verdict):
    found = seen(verdict=verdict)

    assert [stage.state for stage in found.stages] == ["held", "held"]
    assert found.verdict
    assert found.stages[1].why == "stage 1 is held"


def test_a_stage_is_held_by_the_check_that_it_needs_and_does_not_pass():
    found = seen(needs=((), ("CCH-04",)), statuses={"CCH-04": "failed"})

    assert [stage.state for stage in found.stages] == ["open", "held"]
    assert found.stages[1].why == "held by CCH-04"
    assert found.stages[1].needs == ("CCH-04 (failed)",)


def test_a_check_that_there_is_not_holds_its_stage_and_is_called_so():
    found = seen(needs=(("CCH-44",), ()))

    assert found.stages[0].needs == ("CCH-44 (no such check)",)
    assert found.stages[0].state == "held"


def test_a_check_that_passes_holds_nothing():
    assert states(needs=(("CCH-04",), ()), statuses={"CCH-04": "passed"})[0] == "open"


def test_before_its_time_a_stage_is_later_and_says_when():
    found = seen(starts="2029-01-01T00:00:00Z")

    assert [stage.state for stage in found.stages] == ["later", "later"]
    assert found.stages[1].why == "not before 2029-01-02T00:00:00Z"


def test_what_serves_everybody_is_past_its_stages_and_says_what_should_have_held_it():
    found = seen(verdict=None, serves=True)

    assert [stage.state for stage in found.stages] == ["done", "done"]
    assert found.stages[0].why.startswith("though no verdict on v2 against v3")
