"""A scenario walked through: what is asked and when, which failure, what was promised, gaps."""

from datetime import UTC, datetime, timedelta
from time import process_time

import pytest

from ops_model.domain.game_day import last_walked, mode_of, walk_scenario
from ops_model.domain.scenarios import Scenario
from ops_model.domain.values import canonical_bytes
from ops_model.domain.walk import NOBODY_SENTENCE
from ops_model.errors import UsageError
from ops_model.store.scenarios import shipped_scenarios
from tests.builders import (
    AS_OF,
    a_model,
    a_rollback_drill,
    a_statement,
    an_attestation,
    judging,
    located,
)
from tests.domain.test_four_hours import (
    AT,
    MINUTES,
    MODE,
    RIGHTS,
    but,
    measured,
    right,
    shown,
    spoiled,
)
from tests.shown_running import a_game_day

PROMISE = {"id": "told", "section": "use_case", "text": "All know in time.", "source": "page 6",
           "mechanisms": ["rollback", "monitor/quality"]}  # fmt: skip


def a_scenario(**changes):
    values = {
        "id": "G30",
        "title": "It answers nonsense",
        "prompt": "Two in the morning; it answers nonsense.",
        "failures": ["wrong_output"],
    }
    return Scenario.model_validate(located({**values, **changes}, "scenarios/G30.yaml"))


def play(system, scenario=None, records=None, *, at=AT, **more):
    told = [*(shown(system) if records is None else records), *measured(system)]
    statements = [a_statement(record, seq) for seq, record in enumerate(told, start=1)]
    model = a_model(system)
    weighed = judging(model, system, statements)
    return walk_scenario(
        model, system, scenario or a_scenario(), at, statements, judging=weighed, **more
    )


def with_modes(*modes, strategy=(), **identity):
    modes = [{**MODE, **mode} for mode in modes]
    return spoiled(identity={"failure_modes": modes, "strategy": list(strategy), **identity})


def asks(minute, resolver="rolls-back-alone"):
    return {"minute": str(minute), "ask": f"Who, at {minute}?", "resolver": resolver}


def test_a_whole_system_answers_every_question_and_nobody_had_to_be_looked_up():
    day = play(spoiled(), a_scenario(questions=[asks(13)]))

    assert [step.minute for step in day.steps] == sorted([*MINUTES, 13])
    assert day.gaps == ()
    assert day.sentence == NOBODY_SENTENCE


def test_a_question_of_the_scenario_comes_after_what_every_walk_asks_at_its_minute():
    day = play(spoiled(), a_scenario(questions=[asks(12), asks(3)]))

    assert [(step.minute, step.own) for step in day.steps][:7] == [
        (0, False), (3, True), (5, False), (8, False), (10, False), (12, False), (12, True),
    ]  # fmt: skip


def test_what_becomes_known_is_said_before_the_question_of_its_minute():
    injects = [{"minute": "20", "text": "A desk calls."}, {"minute": "0", "text": "All green."}]
    day = play(spoiled(), a_scenario(injects=injects))

    told = {step.minute: [one.text for one in known] for known, step in day.moments if known}

    # T+20 lies between the steps of T+15 and T+25.
    assert told == {0: ["All green."], 25: ["A desk calls."]}


def test_the_failure_that_names_the_scenario_is_walked_before_the_first_of_its_kind():
    first, naming = {"id": "first"}, {"id": "naming", "kind": "drift", "scenarios": ["G30"]}

    assert play(with_modes(first, naming)).failure_mode == "naming"
    assert play(with_modes(first, {"id": "second"})).failure_mode == "first"


def test_a_failure_can_be_named_and_one_that_is_none_is_refused():
    system = with_modes({"id": "first"}, {"id": "second"})

    assert play(system, failure_mode="second").failure_mode == "second"
    with pytest.raises(UsageError, match="has no failure mode 'third'"):
        play(system, failure_mode="third")


def test_where_no_failure_is_of_the_kind_it_says_what_is_walked_instead():
    slow = a_scenario(failures=["slow", "unavailable"])

    assert play(spoiled(), slow).assumed == (
        "system.yaml names no failure of kind slow or unavailable; "
        "what follows walks through wrong"
    )
    assert play(spoiled()).assumed == ""


def test_a_process_fails_without_any_failure_of_the_model():
    assert play(spoiled(), a_scenario(failures=["process"])).assumed == ""


def test_a_scenario_of_another_kind_of_system_is_refused_with_the_kinds_that_it_tries():
    with pytest.raises(UsageError) as refused:
        play(spoiled(), a_scenario(kinds=["llm_app", "agent"]))

    (problem,) = refused.value.problems
    assert problem.message == (
        "scenario G30 tries llm_app or agent; flight-delay is of kind predictive"
    )
    assert problem.where.startswith("scenarios/G30.yaml:")
    assert "--list" in problem.remedy


def test_a_scenario_of_another_system_is_refused():
    with pytest.raises(UsageError, match="scenario G30 tries other-one"):
        play(spoiled(), a_scenario(systems=["other-one"]))


def test_a_question_that_the_objects_leave_open_is_a_gap_with_the_check_that_finds_it():
    asking = but(rollback=right("rollback", autonomy="needs_approval", approvers=["cy-data"]))
    day = play(spoiled(decisions={"rights": asking}), a_scenario(questions=[asks(13)]))

    (own,) = day.own_gaps
    assert (own.minute, own.check) == (13, "DEC-02")
    assert own in day.gaps


def test_a_question_that_does_not_arise_is_no_gap_and_is_told_apart():
    # A system without a vendor has no model that a provider could change.
    day = play(spoiled(identity={"dependencies": []}),
               a_scenario(questions=[asks(13, "model-pinned")]))  # fmt: skip

    step = next(step for step in day.steps if step.own)
    assert (step.asked, step.ok, day.own_gaps) == (False, True, ())


def test_the_promises_are_those_that_the_failure_breaks_and_then_those_of_the_sections():
    other = {**PROMISE, "id": "cheap", "section": "budget"}
    aside = {**PROMISE, "id": "aside", "section": "roadmap"}
    system = with_modes({"threatens": ["told"]}, strategy=[aside, other, PROMISE])

    promises = play(system, a_scenario(promises=["budget"])).promises

    # 10 min to page, 5 to decide and the 600 s of the plan.
    assert [(one.claim, one.actual) for one in promises] == [
        ("told", "rests on rollback, monitor/quality; broken tonight, until T+25 min"),
        ("cheap", "rests on rollback, monitor/quality"),
    ]


@pytest.mark.parametrize(
    ("mechanisms", "actual"),
    [
        ([], "rests on nothing that is named (OM-02)"),
        (["rollback", "rule/none"], "rests on rule/none, and there is no such thing (OM-02)"),
    ],
)
def test_a_promise_that_nothing_stands_behind_is_not_kept(mechanisms, actual):
    claim = {**PROMISE, "mechanisms": mechanisms}
    (found,) = play(with_modes({}, strategy=[claim]), a_scenario(promises=["use_case"])).promises

    assert (found.kept, found.actual) == (False, actual)


def test_the_drills_of_the_response_are_counted_with_what_they_show():
    system = spoiled()
    times = [AS_OF - timedelta(days=days) for days in (9, 5, 1)]
    drills = [a_rollback_drill(system, as_of=at, done_at=at) for at in times]

    found = play(system, records=drills).drills

    # Three passes of three: the cube root of 0.05 is 0.368.
    assert (found.tried, found.passed, found.last_at) == (3, 3, times[-1])
    assert found.works_share == pytest.approx(0.368, abs=0.001)


def test_a_drill_that_failed_shows_no_bound():
    system = spoiled()
    drills = [a_rollback_drill(system), a_rollback_drill(system, passed=False)]

    assert play(system, records=drills).drills.works_share is None


def test_what_is_shown_after_the_night_is_not_known_in_it():
    system = spoiled()
    later = AT + timedelta(days=1)

    day = play(system, records=[a_rollback_drill(system, as_of=later, done_at=later)])

    assert day.drills is None


def test_the_same_claims_evidence_and_instant_give_the_same_record_to_the_byte():
    system = spoiled()
    scenario = a_scenario(questions=[asks(13)], injects=[{"minute": "1", "text": "All green."}])

    first, second = (
        play(system, scenario).result(as_of=AS_OF, claims=system.claim_refs()) for _ in range(2)
    )

    assert canonical_bytes(first) == canonical_bytes(second)


def test_the_record_holds_what_was_answered_and_what_was_not():
    system = spoiled()
    day = play(system, a_scenario(questions=[asks(13)]), records=[])

    record = day.result(as_of=AS_OF, claims=())

    assert record.steps == len(record.answers) == len(MINUTES) + 1
    assert [(g.minute, g.check) for g in record.gaps] == [
        (8, "ONC-05"), (10, "OBS-05"), (25, "RBK-02")
    ]  # fmt: skip
    assert record.automatic == ("log_access_worked_out",)
    assert (record.minutes.page, record.minutes.decide, record.minutes.contain) == (10, 5, 10)


def test_the_record_tells_the_night_by_the_clock_of_the_workbook():
    day = play(spoiled())

    record = day.result(as_of=AS_OF, claims=(), zone_name="America/New_York")

    assert record.at == AT
    assert record.at.isoformat() == "2013-07-26T22:00:00-04:00"


def test_no_way_to_reach_a_person_comes_into_the_record():
    system = spoiled(
        decisions={
            "rights": list(RIGHTS.values()),
            "communication": [
                {"audience": "users", "owner": "bo-li", "channel": "gate screen",
                 "within_minutes": "30", "text": "Write to desk@airline.example.com."}
            ],
        }
    )  # fmt: skip

    record = play(system).result(as_of=AS_OF, claims=())

    assert "desk@" not in record.model_dump_json()


def test_the_last_game_day_of_a_scenario_is_found_whatever_it_walked():
    system = spoiled()
    days = [
        a_game_day(system, scenario="G30", as_of=AS_OF - timedelta(days=days), steps=steps)
        for days, steps in ((9, 1), (2, 2), (-3, 3))
    ]
    told = [a_statement(day, seq) for seq, day in enumerate([*days, an_attestation(system)], 1)]

    assert last_walked(told, "G30", as_of=AS_OF).steps == 2
    assert last_walked(told, "G31", as_of=AS_OF) is None


def test_a_system_that_names_no_failure_at_all_is_walked_as_a_wrong_answer():
    system = spoiled(identity={"failure_modes": []})

    day = play(system)

    assert mode_of(system, day.scenario) is None
    assert (day.failure_mode, day.response) == (None, "rollback")
    assert day.assumed.endswith("what follows walks through a wrong answer")


def test_a_night_of_the_clock_change_is_walked_like_any_other():
    at = datetime(2013, 10, 27, 1, tzinfo=UTC)  # 02:00 comes twice in Berlin

    assert play(spoiled(), at=at).at == at


def test_each_shipped_scenario_is_walked_in_under_a_second():
    system = spoiled()
    slowest = 0.0
    for scenario in shipped_scenarios():
        if scenario.tries(system.id, system.identity.kind):
            began = process_time()
            play(system, scenario)
            slowest = max(slowest, process_time() - began)

    assert 0 < slowest < 1


def drills(system, *versions):
    """A drill a day, the last one of the last pair of versions."""
    return [
        a_rollback_drill(
            system, from_version=old, to_version=new, as_of=AS_OF - timedelta(days=days),
            done_at=AS_OF - timedelta(days=days),
        )
        for days, (old, new) in zip(range(len(versions), 0, -1), versions, strict=True)
    ]  # fmt: skip


def test_only_drills_of_the_versions_that_are_planned_stand_behind_the_seconds():
    system = spoiled()
    day = play(system, records=drills(system, *[("v0", "v9")] * 3, ("v2", "v1")))

    assert (day.drills.tried, day.drills.passed) == (1, 1)
    assert day.drills.works_share == pytest.approx(0.05)


def test_no_drill_stands_behind_the_seconds_where_all_were_of_other_versions():
    system = spoiled()

    assert play(system, records=drills(system, ("v0", "v1"))).drills is None


def test_a_failure_of_another_kind_that_is_named_is_said_to_be_walked_instead():
    system = with_modes({"id": "wrong"}, {"id": "gone", "kind": "unavailable"})

    assert play(system, failure_mode="gone").assumed == (
        "the scenario tries wrong output; what follows walks through gone, of kind unavailable"
    )
    assert play(system, failure_mode="wrong").assumed == ""


def test_a_failure_that_names_the_scenario_is_its_own_whatever_its_kind():
    system = with_modes(
        {"id": "wrong"}, {"id": "gone", "kind": "stale_data", "scenarios": ["G30"]}
    )

    assert play(system, failure_mode="gone").assumed == ""
