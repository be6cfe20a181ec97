from datetime import UTC, datetime, timedelta

import pytest

from ops_model.check.judge import judge
from ops_model.domain.scenarios import Scenario
from ops_model.domain.trials import GameDayGap
from ops_model.domain.values import claim_digest, digest_of
from tests.builders import (
    AREAS,
    AS_OF,
    a_model,
    a_rollback_drill,
    a_statement,
    a_system,
    all_records,
    an_attestation,
    an_evidence,
    located,
)
from tests.checks.judged import enough_for, judged, lacking, nothing, shipped_catalogue
from tests.shown_running import a_game_day, attending
from tests.site.samples import digest

MODE = AREAS["identity"]["failure_modes"][0]
GAP = GameDayGap(minute=10, question="Can they see the logs?", check="OBS-05")


def modes(*changes):
    return {"failure_modes": [{**MODE, **change} for change in changes]}


def at_a_desk(system):
    return tuple(r for r in all_records(system) if getattr(r, "topic", "") != "attendance")


def game_day(*people, of=None, **changes):
    """All records, with this game day alone, and these people there."""

    def records(system):
        others = [
            r for r in lacking("game_day")(system) if getattr(r, "topic", "") != "attendance"
        ]
        day = a_game_day(system, **changes)
        there = people or ("ana-ruiz", "bo-li")
        return (*others, day, *(attending(system, of or day, person) for person in there))

    return records


def test_inc_01_passes_when_every_step_is_answered_and_was_walked():
    finding = judged("INC-01")

    assert finding.status == "passed"
    assert finding.message == (
        "every step of the four hours after Sat 2013-07-27 02:00 UTC is answered, for 1 failure "
        "mode; scenario G06 was walked on 2013-07-15 without a gap, attended by 2"
    )
    # The next night is walked when it is next; what ends by itself is the game day.
    assert finding.valid_until > datetime(2013, 7, 27, 2, tzinfo=UTC)


def test_inc_01_fails_with_the_open_steps_their_checks_and_what_closes_them():
    finding = judged("INC-01", compliance=None, cost={"units": []})

    assert finding.status == "failed"
    assert finding.message == (
        "2 steps of the four hours after Sat 2013-07-27 02:00 UTC have no answer: T+45 what one "
        "is worth is not written down (INC-04); T+90 nobody has said which law binds it (role and "
        "risk class and jurisdictions unknown); ask counsel (INC-01)"
    )
    assert "`value` of a unit in cost.yaml" in finding.remedy
    assert "jurisdictions under `legal` in compliance.yaml" in finding.remedy


def test_inc_01_fails_by_the_worst_of_the_failures_and_says_which():
    by_hand = {"id": "by-hand", "respond_by": ["override_output"]}

    finding = judged("INC-01", identity=modes({}, by_hand), records=nobody_overrode)

    assert finding.status == "failed"
    assert (
        "no word of bo-li that they tried to override an output (INC-01; by-hand)"
        in finding.message
    )


def nobody_overrode(system):
    return tuple(r for r in all_records(system) if getattr(r, "action", None) != "override_output")


def of_an_earlier_plan(system):
    """All records, the drill of going back of another text of rollback.yaml than the present."""
    drill = a_rollback_drill(system)
    refs = tuple(ref.model_copy(update={"digest": digest("earlier")}) for ref in drill.claims)
    other = drill.model_copy(update={"claims": refs})
    return tuple(other if r.kind == drill.kind else r for r in all_records(system))


def test_inc_01_fails_as_long_as_rbk_02_is_unknown_of_a_drill_of_an_earlier_plan():
    finding = judged("INC-01", records=of_an_earlier_plan)

    assert finding.status == "failed"
    assert judged("RBK-02", records=of_an_earlier_plan).reason == "below_grade"
    assert (
        "T+25 took 42 s in the drill 14 days before, rehearsed for an earlier text of "
        "rollback.yaml (RBK-02)"
    ) in finding.message
    assert "ops-model drill rollback flight-delay" in finding.remedy


def test_inc_01_fails_where_the_drill_shows_less_than_the_tier_asks_for():
    finding = judged("INC-01", tier="A")

    assert finding.status == "failed"
    assert "is E3 observed, and tier A asks for E4 reproduced (RBK-02)" in finding.message
    assert judged("INC-01", tier="A", records=witnessed(all_records)).status == "passed"


def test_inc_01_fails_where_the_plan_is_no_specific_way_back():
    steps = [{"kind": "redeploy", "text": "From the tape.", "expected_seconds": "590"}]
    finding = judged("INC-01", rollback={"steps": steps})

    assert finding.status == "failed"
    assert "that is no specific way back: no step verifies the result (RBK-01)" in finding.message
    assert judged("RBK-01", rollback={"steps": steps}).status == "failed"


def test_inc_01_speaks_of_a_few_steps_at_once_and_of_how_many_there_are():
    areas = ["ownership", "on_call", "decisions", "rollback", "fallback", "signals", "cost"]

    finding = judged("INC-01", records=nothing, **dict.fromkeys(areas))

    assert finding.status == "failed"
    assert finding.remedy.endswith(
        "then `ops-model oncall flight-delay --card` shows the other steps"
    )


def test_inc_01_is_unknown_when_no_failure_is_described():
    finding = judged("INC-01", identity={"failure_modes": []})

    assert (finding.status, finding.reason) == ("unknown", "missing")


def test_inc_01_is_unknown_when_nobody_ever_walked_it():
    finding = judged("INC-01", records=lacking("game_day"))

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert finding.remedy == (
        "the owner calls together whoever would be called and runs `ops-model drill game-day "
        "flight-delay --scenario G06`; whoever was there says so with the command that it prints"
    )


def test_inc_01_sends_back_to_the_walk_that_found_the_gap():
    other = modes({}, {"id": "second", "scenarios": ["G01"]})
    finding = judged("INC-01", identity=other, records=game_day(scenario="G01", gaps=(GAP,)))

    assert "`ops-model drill game-day flight-delay --scenario G01`" in finding.remedy


def test_inc_07_names_the_failure_that_the_scenario_would_not_walk_by_itself():
    second = modes({}, {"id": "second"})
    finding = judged(
        "INC-07", identity=second, records=game_day(failure_mode="wind-unlike-training")
    )

    assert "--scenario G06 --failure-mode second`" in finding.remedy
    assert "--all" not in finding.remedy


def test_inc_07_walks_all_where_several_were_never_walked():
    named = modes({"scenarios": ["G01", "G02"]})
    finding = judged("INC-07", identity=named, records=lacking("game_day"))

    assert "--scenario G01`" in finding.remedy
    assert "`ops-model drill game-day flight-delay --all` walks each that a failure names" in (
        finding.remedy
    )


def test_inc_01_fails_when_the_game_day_found_a_gap():
    finding = judged("INC-01", records=game_day(gaps=(GAP,)))

    assert finding.status == "failed"
    assert finding.message == "scenario G06 of 2013-07-15: T+10 Can they see the logs? (OBS-05)"


def test_inc_01_fails_for_a_gap_of_one_scenario_after_another_was_walked_without():
    def both(system):
        others = game_day(scenario="G02", gaps=(GAP,))(system)
        day = a_game_day(system, scenario="G06", as_of=AS_OF - timedelta(days=1))
        return (*others, day, attending(system, day, "ana-ruiz"))

    assert judged("INC-01", records=both).status == "failed"


@pytest.mark.parametrize(("days", "status"), [(180, "passed"), (181, "unknown")])
def test_inc_01_is_unknown_when_the_game_day_is_older_than_half_a_year(days, status):
    old = game_day(as_of=AS_OF - timedelta(days=days))

    assert judged("INC-01", records=old).status == status


def test_inc_01_is_unknown_when_the_game_day_walked_through_an_earlier_text():
    def earlier(system):
        refs = system.claim_refs("rollback")
        other = tuple(ref.model_copy(update={"digest": "sha256:" + "0" * 64}) for ref in refs)
        return game_day(claims=other)(system)

    finding = judged("INC-01", records=earlier)

    assert (finding.status, finding.reason) == ("unknown", "expired")
    assert "walked through an earlier text" in finding.message


def test_inc_01_is_unknown_when_the_game_day_does_not_say_of_which_text_it_is():
    assert judged("INC-01", records=game_day(claims=())).reason == "expired"


def witnessed(records):
    """These records, with the signed word of somebody who was at the drill of going back."""

    def found(system):
        shown = records(system)
        drill = next(r for r in shown if r.kind == "rollback_drill")
        word = an_attestation(
            system, topic="witness", of=digest_of(drill), person="di-legal", claims=(),
            assurance="signed",
        )  # fmt: skip
        return (*shown, word)

    return found


@pytest.mark.parametrize(("tier", "said"), [("A", "at least 2"), ("B", "at least 1")])
def test_inc_01_is_unknown_when_nobody_says_that_they_were_there(tier, said):
    finding = judged("INC-01", tier=tier, records=witnessed(at_a_desk))

    assert (finding.status, finding.reason) == ("unknown", "too_few")
    assert "0 of those who were there say so" in finding.message
    assert said in finding.message
    assert "--topic attendance --of sha256:" in finding.remedy


def test_inc_01_passes_for_a_walk_at_a_desk_at_the_lowest_tier():
    finding = judged("INC-01", tier="C", records=at_a_desk)

    assert finding.status == "passed"
    assert finding.message.endswith("without a gap, at a desk")


def test_inc_01_counts_no_word_about_another_game_day_and_nobody_twice():
    def elsewhere(system):
        return game_day(of=a_game_day(system, scenario="G01"))(system)

    assert judged("INC-01", records=elsewhere).reason == "too_few"
    twice = witnessed(game_day("ana-ruiz", "ana-ruiz"))
    assert judged("INC-01", tier="A", records=twice).status == "unknown"


def test_inc_07_passes_when_each_scenario_of_each_failure_was_walked():
    finding = judged("INC-07")

    assert finding.status == "passed"
    assert finding.message == "wind-unlike-training: G06 walked on 2013-07-15, attended by 2"
    # the words of those who were there end before the walk is half a year old
    assert finding.valid_until == AS_OF + timedelta(days=100)


def test_inc_07_fails_for_a_failure_without_a_scenario():
    finding = judged("INC-07", identity=modes({}, {"id": "other", "scenarios": []}))

    assert finding.status == "failed"
    assert finding.message == "failure mode other names no scenario"


def test_inc_07_is_unknown_when_one_scenario_was_never_walked():
    finding = judged("INC-07", identity=modes({"scenarios": ["G06", "G01"]}), records=game_day())

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert finding.message == (
        "no such measurement: 1 scenario never walked (wind-unlike-training: G01)"
    )


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        (game_day(as_of=AS_OF - timedelta(days=181)), "expired"),
        (game_day(failure_mode="another"), "missing"),
        (at_a_desk, "too_few"),
    ],
)
def test_inc_07_is_unknown_for_a_walk_of_long_ago_of_another_failure_or_at_a_desk(records, reason):
    assert judged("INC-07", records=records).reason == reason


def test_inc_07_is_unknown_when_no_failure_is_described():
    assert judged("INC-07", identity={"failure_modes": []}).reason == "missing"


def test_inc_07_is_unknown_when_whoever_says_to_have_been_there_is_nobody():
    assert judged("INC-07", records=game_day("gone")).reason == "too_few"


@pytest.mark.parametrize("check_id", ["INC-01", "INC-07"])
@pytest.mark.parametrize(
    "changes",
    [{"steps": 0}, {"at": AS_OF + timedelta(days=1)}, {"at": AS_OF - timedelta(days=9)}],
    ids=["no-step", "far-ahead", "long-ago"],
)
def test_a_game_day_on_which_nothing_was_walked_is_none(check_id, changes):
    """The walk was a week before `AS_OF`, of a night at most a week later or a day before."""
    finding = judged(check_id, records=game_day(**changes))

    assert finding.reason == "missing"


@pytest.mark.parametrize("check_id", ["INC-01", "INC-07"])
def test_a_game_day_of_a_notebook_that_nobody_knows_is_a_declaration(check_id):
    system = a_system()
    statements = [a_statement(r, seq) for seq, r in enumerate(all_records(system), start=1)]
    forged = [
        s.model_copy(
            update={
                "origin": s.origin.model_copy(update={"notebook_digest": "sha256:" + "f" * 64})
            }
        )
        if s.record.kind == "game_day"
        else s
        for s in statements
    ]

    found = judge(shipped_catalogue(), a_model(system), system, an_evidence(*forged), as_of=AS_OF)

    assert next(f for f in found if f.check == check_id).reason == "below_grade"


def test_inc_07_says_how_much_of_it_was_ever_walked():
    none, two = {"id": "other", "scenarios": []}, {"scenarios": ["G06", "G01"]}
    finding = judged("INC-07", identity=modes(two, none), records=game_day())

    assert [(v.name, v.measured.value, v.measured.n) for v in finding.values] == [
        ("failures with a scenario", 0.5, 2), ("scenarios ever walked", 0.5, 2),
    ]  # fmt: skip


TAME = game_day(left_out=("Which rule forbids it?",))


def test_inc_07_counts_no_scenario_that_asks_less_than_the_one_in_whose_place_it_stands():
    finding = judged("INC-07", records=TAME)

    assert (finding.status, finding.reason) == ("unknown", "missing")
    assert finding.message == (
        "no such measurement: 1 scenario never walked (wind-unlike-training: G06); "
        "replaced by fewer questions: G06"
    )
    assert finding.remedy.startswith("the owner adds the questions of ours to scenarios/G06.yaml")


def test_inc_07_counts_the_walk_of_ours_after_one_of_less():
    def both(system):
        ours = a_game_day(system, as_of=AS_OF - timedelta(days=1))
        return (*TAME(system), ours, attending(system, ours, "ana-ruiz"))

    assert judged("INC-07", records=both).status == "passed"


def own_scenario(title):
    return Scenario.model_validate(
        located({"id": "G06", "title": title, "prompt": "It fails.", "failures": ["drift"]},
                "scenarios/G06.yaml")
    )  # fmt: skip


@pytest.mark.parametrize(("title", "reason"), [("As walked", None), ("Another", "expired")])
def test_inc_07_asks_for_a_walk_of_the_text_that_the_workbooks_own_scenario_has_now(title, reason):
    system = a_system()
    walked = game_day(scenario_digest=claim_digest(own_scenario("As walked")))(system)
    model = a_model(system).model_copy(update={"scenarios": (own_scenario(title),)})

    found = judge(enough_for("INC-07"), model, system, an_evidence(*walked), as_of=AS_OF)

    assert next(f for f in found if f.check == "INC-07").reason == reason
