"""Which version is to serve after each step of a plan, and which steps the answers show."""

import pytest

from ops_model.drill.plan_steps import seen_by_serving, serving_at
from tests.drill.rehearsal import a_rollback_plan, a_step


def a_plan(*kinds):
    """Steps of these kinds; each but the alias, the drain and the look has a command."""
    bare = {"switch_alias", "verify", "drain"}
    steps = [{**a_step(k), **({} if k in bare else {"run": ["x", "{version}"]})} for k in kinds]
    return a_rollback_plan(steps=steps)


@pytest.mark.parametrize(
    ("kinds", "serves"),
    [
        (["verify", "switch_alias", "verify"], ["v2", "v1", "v1"]),
        (["switch_alias", "verify", "flag_off"], ["v1", "v1", "v1"]),
        (["flag_off", "verify"], ["v1", "v1"]),
        # A flag or a deployment may switch or not, as long as a surer step comes after it.
        (["flag_off", "verify", "switch_alias"], ["v2 or v1", "v2 or v1", "v1"]),
        (["redeploy", "verify", "switch_alias"], ["v2 or v1", "v2 or v1", "v1"]),
        (["flag_off", "verify", "flag_off"], ["v2 or v1", "v2 or v1", "v1"]),
        (["restore_data", "drain", "switch_alias"], ["v2", "v2", "v1"]),
    ],
)
def test_which_version_is_to_serve_after_each_step(kinds, serves):
    plan = a_plan(*kinds)

    assert [" or ".join(serving_at(plan, n)) for n in range(1, len(kinds) + 1)] == serves


@pytest.mark.parametrize(
    ("kinds", "shown"),
    [
        (["flag_off", "switch_alias", "verify"], [False, True, False]),
        (["flag_off", "restore_data"], [True, False]),
        (["redeploy", "flag_off"], [True, False]),
    ],
)
def test_which_steps_the_answers_show(kinds, shown):
    plan = a_plan(*kinds)

    assert [seen_by_serving(plan, n) for n in range(1, len(kinds) + 1)] == shown
