"""Which night is walked, what a clock change does to it, and what of a workbook stands in ours."""

from datetime import UTC, datetime, timedelta

import pytest

from ops_model.domain.scenarios import SHIPPED_SCENARIOS, Scenario
from ops_model.errors import UsageError
from ops_model.store.scenarios import shipped_scenarios
from ops_model.workflow.game_day import (
    all_scenarios,
    left_out,
    listed,
    night_of,
    refuse_unwalkable,
    replaced,
    scenario_named,
)
from tests.builders import AS_OF, a_model, a_system

BERLIN = "Europe/Berlin"


def own(name="G30", **changes):
    return Scenario(id=name, title="Our own", prompt="It fails.", failures=("drift",), **changes)


def a_book(*scenarios, zone="UTC"):
    return a_model(a_system(), zone=zone).model_copy(update={"scenarios": scenarios})


def night(at, as_of, zone=BERLIN):
    found, note = night_of(a_book(zone=zone), at, as_of=as_of)
    return found.astimezone(UTC).isoformat()[:16], note


def test_without_an_instant_it_is_the_next_saturday_at_two_in_the_workbooks_zone():
    # 22 July 2013 is a Monday; two in Berlin is midnight in UTC.
    assert night("", AS_OF) == ("2013-07-27T00:00", "")


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("Sat 02:00", "2013-07-27T00:00"),
        ("sunday 23:30", "2013-07-28T21:30"),
        ("02:00", "2013-07-23T00:00"),
        ("2013-07-24T03:00:00Z", "2013-07-24T03:00"),
        ("2013-07-24 03:00", "2013-07-24T01:00"),
    ],
)
def test_an_instant_is_the_next_of_its_kind_or_as_written(at, found):
    assert night(at, AS_OF) == (found, "")


@pytest.mark.parametrize(
    ("at", "as_of", "found", "note"),
    [
        # On Sunday 31 March 2013 clocks in Berlin go from 02:00 to 03:00.
        (
            "Sun 02:30", datetime(2013, 3, 28, tzinfo=UTC), "2013-04-07T00:30",
            "no clock shows 02:30 on 2013-03-31, so it is the next, 2013-04-07; the night is more "
            "than 7 days ahead, so no check counts this game day",
        ),
        (
            "2013-03-31 02:30", datetime(2013, 3, 28, tzinfo=UTC), "2013-03-31T01:30",
            "no clock shows that time on 2013-03-31; it is taken as 03:30",
        ),
        # On Sunday 27 October 2013 they go back from 03:00 to 02:00.
        (
            "Sun 02:30", datetime(2013, 10, 24, tzinfo=UTC), "2013-10-27T00:30",
            "clocks show 02:30 twice on 2013-10-27; it is 02:30 CEST",
        ),
        ("Sat 02:30", datetime(2013, 10, 24, tzinfo=UTC), "2013-10-26T00:30", ""),
    ],
)  # fmt: skip
def test_a_time_that_a_clock_skips_or_shows_twice_is_said(at, as_of, found, note):
    assert night(at, as_of) == (found, note)


def test_a_night_that_is_far_ahead_counts_for_no_check_and_says_so():
    _, note = night("2013-08-24T02:00:00Z", AS_OF)

    assert note == "the night is more than 7 days ahead, so no check counts this game day"


def test_a_night_of_long_ago_counts_for_no_check_and_says_so():
    _, note = night("1999-01-01T12:00:00Z", AS_OF)
    _, last_night = night((AS_OF - timedelta(hours=6)).isoformat(), AS_OF)

    assert note == "the night is more than a day ago, so no check counts this game day"
    assert last_night == ""


def test_a_scenario_in_the_place_of_ours_says_which_of_our_questions_it_leaves_out():
    ours = next(one for one in shipped_scenarios() if one.id == "G16")
    fewer = ours.model_copy(update={"questions": ours.questions[1:]})

    assert left_out(ours) == left_out(own("G30")) == ()
    assert left_out(fewer) == (ours.questions[0].ask,)


def test_what_is_no_instant_is_refused():
    with pytest.raises(UsageError, match="--at is 'Caturday'; expected an instant"):
        night("Caturday", AS_OF)


def test_a_scenario_of_the_workbooks_own_stands_beside_ours_or_in_the_place_of_one():
    model = a_book(own("G30"), own("G01"))

    known = {scenario.id: scenario for scenario in all_scenarios(model)}

    assert set(known) == SHIPPED_SCENARIOS | {"G30"}
    assert known["G01"].title == "Our own"
    assert [scenario.id for scenario in replaced(model)] == ["G01"]


@pytest.mark.parametrize("name", ["G30", "g30", " G30 "])
def test_a_scenario_is_named_by_its_id_in_any_case(name):
    model = a_book(own())

    assert scenario_named(model, model.systems[0], name).title == "Our own"


def test_the_list_holds_what_tries_the_system_alone():
    model = a_book(own("G30"), own("G31", kinds=("agent",)), own("G32", systems=("other",)))

    found = {one.scenario.id for one in listed(model, model.systems[0], (), as_of=AS_OF)}

    assert "G30" in found
    assert not found & {"G31", "G32"}


def test_what_would_fail_in_the_notebook_is_refused_before_it_runs():
    model = a_book(own("G31", kinds=("agent",)))

    with pytest.raises(UsageError, match="scenario G31 tries agent"):
        refuse_unwalkable(model, "flight-delay", "G31", at="", failure_mode="", as_of=AS_OF)
