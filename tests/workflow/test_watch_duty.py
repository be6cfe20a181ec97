"""A page that would reach nobody, of a system that serves people."""

from datetime import UTC, datetime, timedelta

from ops_model.workflow.watch_duty import duty_concerns
from tests.builders import a_model, a_system
from tests.workflow.test_watch_who import layer

NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIVE = [{"stage": "live", "at": "2026-01-02T00:00:00Z", "by": "ana-ruiz"}]


def away(start, end):
    return {"person": "ana-ruiz", "start": start.isoformat(), "end": end.isoformat()}


def found(*absences, layers=("primary",), stages=LIVE):
    rota = {
        "layers": [layer(role, "ana-ruiz") for role in layers], "absences": list(absences),
        "escalation": [], "overrides": [],
    }  # fmt: skip
    system = a_system(on_call=rota, identity={"stage_history": stages})
    return list(duty_concerns(a_model(system), system, as_of=NOON))


def test_where_somebody_answers_nothing_is_told():
    assert found() == []


def test_a_hole_that_stands_wakes_somebody_and_says_since_when():
    (concern,) = found(away(NOON - 3 * HOUR, NOON + HOUR))

    assert (concern.severity, concern.since) == ("page", NOON - 3 * HOUR)
    assert concern.why == "a page reaches nobody primary: ana-ruiz is primary and is away"
    assert "systems/flight-delay/on_call.yaml" in concern.remedy


def test_a_hole_is_the_same_at_the_next_look_however_long_it_stands():
    (concern,) = found(layers=())

    assert concern.key == ("rota", "primary", "")


def test_a_hole_within_a_day_is_told_before_it_begins():
    (concern,) = found(away(NOON + 20 * HOUR, NOON + 40 * HOUR))

    assert (concern.severity, concern.since) == ("ticket", NOON + 20 * HOUR)
    assert concern.why.startswith("from 2026-03-22T08:00:00Z on a page reaches nobody primary")


def test_a_hole_that_is_more_than_a_day_away_is_left_to_the_checks():
    assert found(away(NOON + 25 * HOUR, NOON + 40 * HOUR)) == []


def test_a_system_that_serves_nobody_pages_nobody():
    assert found(layers=(), stages=[]) == []
