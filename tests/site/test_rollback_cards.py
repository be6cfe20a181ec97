"""The card and the picture of a rollback drill."""

import pytest

from ops_model.domain.evidence import Measured
from ops_model.domain.proven import bound
from ops_model.domain.rollback import AbortPoint, DrillStep
from ops_model.site.cards import card
from ops_model.site.figures import caption, figure
from ops_model.site.rollback_cards import rollback
from tests.site.samples import people, rollback_drill, timing

STEPS = (("start the target", 2.0), ("see v2 serve", 1.0), ("1. announce", 0.5),
         ("2. switch_alias", 0.25), ("3. verify", 1.0), ("return to v2", 0.25))  # fmt: skip
DRILL = rollback_drill().model_copy(update={
    "steps": tuple(DrillStep(name=n, seconds=timing(s), ok=True) for n, s in STEPS),
    "abort_point": AbortPoint(step="2. switch_alias", seconds=timing(0.5)),
    "served_digest": "sha256:" + "ab" * 32, "feature_spec": "same", "switched_by": "command",
    "seconds": timing(1.6),
})  # fmt: skip


def test_the_card_says_how_long_one_could_stop_by_what_it_was_switched_and_what_answered():
    html = card(DRILL, people())

    for said in ("until 2. switch_alias", "0.5 s after the decision", "by a command",
                 "both versions read the same", "abababab"):  # fmt: skip
        assert said in html


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("changes_with_it", "they changed with the version"),
        ("differs", "other features than its own"),
        ("unknown", "nobody described them"),
    ],
)
def test_the_card_says_what_became_of_the_features(spec, said):
    assert said in card(DRILL.model_copy(update={"feature_spec": spec}), people())


@pytest.mark.parametrize(
    ("known_by", "said"),
    [
        ("reference", "its answers, as its own file gives them"),
        ("digest", "the digest in each answer"),
        ("word", "own word alone"),
    ],
)
def test_the_card_says_by_what_the_version_was_known(known_by, said):
    html = card(DRILL.model_copy(update={"rests_on": known_by}), people())

    assert said in html
    assert ("not seen" in html) == (known_by == "word")


def test_the_card_of_an_old_drill_says_nothing_of_what_was_not_kept():
    html = card(rollback_drill(), people())

    for said in ("could still stop", "its features", "answered by the model", "broke off",
                 "was known by"):  # fmt: skip
        assert said not in html


def test_the_bound_and_the_time_of_a_deployment_stand_beside_the_seconds():
    hours = Measured(value=26.0, unit="h", n=1, no_interval="single timing")

    html = rollback(DRILL, people(), shows=bound([True, True]), lead_time=hours)

    assert "2 of 2 passed" in html
    assert "works in 22 % of cases or more" in html
    assert "26 h" in html
    assert "all drills so far" not in rollback(DRILL, people())


def test_the_step_that_failed_is_named():
    broken = DRILL.model_copy(update={"broke_off_at": "2. switch_alias"})

    assert "broke off at" in card(broken, people())


def test_the_picture_marks_the_abort_point_and_when_it_was_healthy_from_the_decision_on():
    drawn = figure(DRILL)

    # The decision falls 3 s into the drill: 0.5 s later it was switched, 1.6 s later healthy.
    assert [(a["text"], a["x"]) for a in drawn["layout"]["annotations"]] == [
        ("healthy", 4.6), ("last point to stop", 3.5),
    ]  # fmt: skip
    assert [line["x0"] for line in drawn["layout"]["shapes"]] == [3.5, 4.6]
    assert drawn["data"][0]["base"] == [0, 2, 3, 3.5, 3.75, 4.75]


def test_the_names_of_the_marks_stand_in_rows_of_their_own():
    above = [a["yshift"] for a in figure(DRILL)["layout"]["annotations"]]

    assert above[1] - above[0] == 16


def test_the_picture_of_a_drill_that_never_got_healthy_marks_the_abort_point_alone():
    never = Measured(value=None, unit="s", n=0, no_interval="single timing")
    broken = DRILL.model_copy(update={"seconds": never})

    marks = figure(broken)["layout"]["annotations"]

    assert [a["text"] for a in marks] == ["last point to stop"]


def test_the_picture_is_told_in_words():
    assert caption(DRILL) == (
        "The steps of the drill, one after the other, in seconds. Until 2. switch_alias, 0.5 s "
        "after the decision, one could stop and nothing had changed. Healthy 1.6 s after the "
        "decision."
    )


def test_an_old_drill_has_no_marks():
    assert "shapes" not in figure(rollback_drill())["layout"]


def test_a_step_that_a_drill_only_notes_is_not_shown_as_done():
    drill = DRILL.model_copy(update={"steps": DRILL.steps[2:4]})

    assert "not done" in card(drill, people())
    assert "not done" not in card(drill.model_copy(update={"steps": DRILL.steps[3:4]}), people())
    assert [n[0] for n in figure(drill)["data"][0]["y"]] == ["○", "✓"]
