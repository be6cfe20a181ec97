"""What the demo rehearsed: access, a second build, vendors that fail, nights that may come."""

import shutil

import pytest

from ops_model.domain.evidence import Attestation
from ops_model.domain.fallback import FAULTS, FallbackDrill
from ops_model.domain.rollback import RollbackDrill
from ops_model.domain.trials import (
    AccessDrill,
    ChallengerResult,
    EnvironmentRecord,
    GameDayResult,
    SwapDrill,
)
from ops_model.example.said import ROTA
from ops_model.store.workbook import read_workbook
from tests.cli.demo_read import records, statements, verdict_of

pytestmark = [pytest.mark.slow, pytest.mark.kernel]

FLIGHTS, ASSISTANT = "flight-delay", "support-assistant"


@pytest.fixture(scope="module")
def findings(demo, tmp_path_factory):
    """What the checks say of flight-delay at the end of the demo."""
    copy = shutil.copytree(demo, tmp_path_factory.mktemp("judged") / "demo")
    return {f["check"]: f for f in verdict_of(FLIGHTS, copy)[1]["findings"]}


def test_each_of_the_rota_ran_the_query_and_the_steps_that_they_may_take(demo, findings):
    drills = records(demo, AccessDrill, FLIGHTS)

    assert [d.person for d in drills] == list(ROTA)
    for drill in drills:
        assert drill.passed
        assert [a.action for a in drill.attempts] == ["query_logs", "rollback", "failover"]
    assert findings["OBS-05"]["status"] == findings["DEC-04"]["status"] == "passed"
    assert "ran the query" in findings["OBS-05"]["message"]


def test_nobody_gives_a_word_for_what_a_command_shows(demo):
    said = [w for w in records(demo, Attestation, FLIGHTS) if w.topic == "access"]

    assert {word.action for word in said} == {"disable", "override_output"}


def test_what_serves_was_tested_and_came_out_the_same_a_second_time(demo, findings):
    (built,) = records(demo, EnvironmentRecord, FLIGHTS)

    assert built.ci_passed
    assert built.tests == 6
    assert built.rebuilt_alike
    for check in ("ENV-01", "ENV-05"):
        assert (findings[check]["status"], findings[check]["grade"]) == ("passed", "E3")
    # Nobody can look at a pull request of a company that was made up.
    assert findings["ENV-06"]["status"] == "unknown"


def test_every_scenario_that_a_failure_names_was_walked_with_three_people_there(demo, findings):
    modes = read_workbook(demo).system(FLIGHTS).identity.failure_modes
    walked = statements(demo, GameDayResult, FLIGHTS)

    named = [(mode.id, scenario) for mode in modes for scenario in mode.scenarios]
    assert [(s.record.failure_mode, s.record.scenario) for s in walked] == named
    there = [w for w in records(demo, Attestation, FLIGHTS) if w.topic == "attendance"]
    for day in walked:
        people = {word.person for word in there if word.of == day.digest}
        assert people == {"tomas-okafor", "mara-lindqvist", "nadia-petrov"}
    assert findings["INC-07"]["status"] == "passed"


def test_a_game_day_comes_after_every_drill_that_it_tells_of(demo):
    drills = (RollbackDrill, FallbackDrill, AccessDrill, EnvironmentRecord, ChallengerResult)
    last = max(s.seq for kind in drills for s in statements(demo, kind, FLIGHTS))

    assert min(s.seq for s in statements(demo, GameDayResult, FLIGHTS)) > last


def test_the_assistants_client_got_past_every_fault_of_its_vendor(demo):
    (drill,) = records(demo, FallbackDrill, ASSISTANT)

    assert drill.passed
    assert [f.fault for f in drill.faults] == list(FAULTS)
    assert drill.served_share.value >= 0.99
    assert (drill.lost, drill.notice_seen, drill.swap_noticed) == (0, True, True)


def test_the_assistants_model_was_exchanged_and_put_back(demo):
    (drill,) = records(demo, SwapDrill, ASSISTANT)

    assert drill.passed
    assert drill.returned
    assert drill.dependency == "example-ai"


def test_what_february_added_was_compared_on_the_real_flights_of_february(demo):
    (result,) = records(demo, ChallengerResult, FLIGHTS)

    assert (result.request, result.from_version, result.to_version) == ("february-too", "v1", "v2")
    # 24,951 flights of February less those that never arrived, each answered by both.
    assert (result.cases, result.unpaired, result.faults) == (23_611, 0, ())
    assert result.verdict == "better"
