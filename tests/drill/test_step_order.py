"""What a drill sees before, between and after the steps of a plan, and what it only hears."""

import pytest

from ops_model.drill.leftovers import restore
from ops_model.errors import DrillError
from tests.drill.rehearsal import a_spec, a_step, journal_of, rehearse
from tests.drill.switched import FLAG, SERVES, a_command_plan, served, writes

pytestmark = [pytest.mark.slow, pytest.mark.alone]  # servers under a stopwatch


def and_then(**step):
    """A step after the version was switched and seen."""
    return [a_step("switch_alias"), a_step("verify"), {**a_step("restore_data"), **step}]


def test_a_step_after_the_last_verify_that_lets_the_first_version_serve_again_is_found_out(
    followed,
):
    back = writes(SERVES, "v2")

    facts = rehearse(followed, a_command_plan(steps=and_then(run=back, undo=back), max_seconds=1))

    assert (facts["healthy"], facts["passed"]) == (False, False)
    assert facts["broke_off_at"] == "see v1 serve"
    assert facts["seconds"]["value"] is None


def test_the_stopwatch_runs_until_the_last_step_that_changes_something_was_seen(followed):
    steps = and_then(run=["sleep", "1"], undo=["true"])

    facts = rehearse(followed, a_command_plan(steps=steps))

    assert facts["passed"]
    assert facts["seconds"]["value"] > 1


def test_a_flag_after_the_switch_does_not_make_a_verify_before_it_ask_for_the_first_version(
    followed,
):
    flag_off = {"kind": "flag_off", "run": writes(FLAG, "off"), "undo": writes(FLAG, "on")}

    facts = rehearse(followed, a_command_plan(steps=and_then(**flag_off)))

    assert facts["problems"] == []
    assert next(s for s in facts["steps"] if s["name"] == "2. verify")["detail"].startswith("v1 ")


def test_a_verify_between_two_steps_that_may_switch_says_which_version_serves(followed):
    deploys = {"kind": "redeploy", "run": writes("deployed.txt", "{version}")}
    steps = [{**a_step("redeploy"), **deploys}, a_step("verify"), a_step("switch_alias")]

    facts = rehearse(followed, a_command_plan(steps=steps))

    assert facts["problems"] == []
    assert next(s for s in facts["steps"] if s["name"] == "2. verify")["detail"].startswith("v2 ")


def test_what_is_undone_by_the_word_of_its_command_is_said_to_be_so(followed):
    steps = [{**a_step("flag_off"), "run": writes(FLAG, "off"), "undo": ["true"]},
             a_step("switch_alias"), {**a_step("verify"), "run": ["true"]}]  # fmt: skip

    facts = rehearse(followed, a_command_plan(steps=steps))

    details = {s["name"]: s["detail"] for s in facts["steps"]}
    assert details["return to v2"] == "undone by the word of its command alone: 1. flag_off"
    assert details["3. verify by its command"] == (
        "a look: what its command may change is not undone"
    )


def test_a_way_back_that_ends_well_and_does_nothing_is_left_to_do_and_tried_again(followed):
    one_way = writes(SERVES, "{version}")
    one_way[2] += "\nif text == 'v1': open('jammed', 'w').close()"
    one_way[2] = (
        "import os, sys\nif sys.argv[2] == 'v2' and os.path.exists('jammed'): sys.exit(0)\n"
        + one_way[2]
    )
    spec = a_spec(followed, a_command_plan(run=one_way, max_seconds=2))
    from ops_model.drill.launch import supervise

    facts = supervise(spec)

    left = next(p for p in facts["problems"] if "left to do" in p)
    assert not facts["restored"]
    assert left.partition("left to do: ")[2].startswith("let v2 serve by hand: `python -c import")
    assert "undone" not in {e["event"] for e in journal_of(followed, spec)}
    assert served(followed) == "v1"

    with pytest.raises(DrillError, match="could not be put back") as again:
        restore(followed, "flight-delay")
    assert "`python -c import" in again.value.problems[0].remedy

    (followed / "jammed").unlink()
    assert restore(followed, "flight-delay") == (spec.id,)
    assert served(followed) == "v2"
