"""Who must know at this moment: by the rota, the escalation, and who is accountable."""

from datetime import UTC, datetime

import pytest

from ops_model.domain.alerts import Concern
from ops_model.domain.routes import Part, named_for
from ops_model.domain.workbook import AlertRoute
from ops_model.workflow.watch_who import OnDuty
from tests.builders import a_model, a_system

NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)
BOTH = (AlertRoute(channel="page", address_in="P"), AlertRoute(channel="mail", address_in="M"))


def layer(role, person):
    return {
        "id": role, "role": role, "zone": "UTC", "starts": "2026-01-05T09:00:00",
        "rule": "FREQ=WEEKLY;BYDAY=MO", "shift_hours": 168, "participants": [person],
    }  # fmt: skip


def away(person):
    return {"person": person, "start": "2026-03-20T00:00:00Z", "end": "2026-03-23T00:00:00Z"}


def on_duty(*, layers, absences=(), escalation=()):
    rota = {
        "layers": [layer(*one) for one in layers], "absences": [away(a) for a in absences],
        "escalation": list(escalation), "overrides": [],
    }  # fmt: skip
    system = a_system(on_call=rota)
    return OnDuty.of(a_model(system), system.id, at=NOON)


def concern(severity, route=None, owner=None):
    return Concern(
        system="flight-delay", kind="feed", about="weather", severity=severity, since=NOON,
        why="it is late", remedy="ask", route=route, owner=owner,
    )  # fmt: skip


PEOPLE = (("primary", "ana-ruiz"), ("secondary", "bo-li"))


@pytest.mark.parametrize(
    ("rota", "person", "because"),
    [
        ({"layers": PEOPLE}, "ana-ruiz", "primary at that moment"),
        ({"layers": PEOPLE, "absences": ["ana-ruiz"]}, "bo-li",
         "ana-ruiz is primary and is away, so the secondary"),
        ({"layers": PEOPLE[:1], "absences": ["ana-ruiz"],
          "escalation": [{"target": "bo-li", "ack_within_minutes": 5}]}, "bo-li",
         "so the escalation"),
        ({"layers": ()}, "ana-ruiz", "nobody is primary, nor anybody secondary or in the "
         "escalation, so who is accountable"),
    ],
)  # fmt: skip
def test_a_page_goes_to_whoever_can_answer_it_and_says_why_they(rota, person, because):
    found = on_duty(**rota).reached(concern("page"), BOTH)

    assert (found.route, found.people) == (f"page: {person}", (person,))
    assert because in found.because


def test_a_role_in_a_route_means_whoever_holds_it_now():
    duty = on_duty(layers=PEOPLE, absences=["ana-ruiz"])

    found = duty.reached(concern("page", "page: flight-delay primary; mail: cy-data"), BOTH)

    assert found.route == "page: flight-delay primary; mail: cy-data"
    assert found.people == ("bo-li", "cy-data")


def test_the_address_of_whoever_is_on_call_wins_over_that_of_the_channel():
    own = AlertRoute(channel="page", to="bo-li", address_in="BO")
    part = Part("page", "flight-delay primary")

    assert named_for(part, (*BOTH, own), {"flight-delay primary": "bo-li"}) == own
    assert named_for(part, (*BOTH, own), {"flight-delay primary": "ana-ruiz"}) == BOTH[0]


def test_the_address_of_a_rota_of_its_own_wins_over_that_of_a_person():
    team = AlertRoute(channel="page", to="flight-delay primary", address_in="TEAM")
    own = AlertRoute(channel="page", to="bo-li", address_in="BO")
    part = Part("page", "flight-delay primary")

    assert named_for(part, (own, team), {"flight-delay primary": "bo-li"}) == team


def test_what_can_wait_goes_to_its_owner_and_wakes_nobody():
    duty = on_duty(layers=PEOPLE)

    by_pager = duty.reached(concern("ticket", "page: flight-delay primary", "cy-data"), BOTH)
    by_both = duty.reached(concern("ticket", "page: x; mail: bo-li", "cy-data"), BOTH)

    assert (by_pager.route, by_pager.people) == ("mail: cy-data", ("cy-data",))
    assert by_both.route == "mail: bo-li"


def test_without_a_pager_a_page_goes_over_the_channel_that_there_is():
    found = on_duty(layers=PEOPLE).reached(concern("page"), BOTH[1:])

    assert found.route == "mail: ana-ruiz"


def test_of_all_systems_together_nobody_is_on_call():
    found = OnDuty.of(a_model(), "portfolio", at=NOON).reached(concern("ticket"), BOTH)

    assert (found.route, found.people) == ("mail", ())


@pytest.mark.parametrize(
    ("named", "route", "says"),
    [
        ("bo-li", "page: bo-li", "whom the route names"),
        ("cy-data", "page: cy-data; page: ana-ruiz", "cy-data is away, so primary at that moment"),
        ("flight-delay secondary", "page: flight-delay secondary", "secondary at that moment"),
        ("other-system primary", "page: ana-ruiz", "the route names other-system primary, which"),
        ("nobody-such", "page: ana-ruiz", "nobody's name or role here, so primary at that moment"),
        (None, "page", "the route names nobody in person"),
    ],
)
def test_a_page_says_why_it_is_they_and_wakes_the_primary_where_it_would_wake_nobody(
    named, route, says
):
    duty = on_duty(layers=PEOPLE, absences=["cy-data"])

    found = duty.reached(concern("page", f"page: {named}" if named else "page"), BOTH)

    assert found.route == route
    assert says in found.because


def test_a_pager_of_another_rota_with_an_address_of_its_own_is_taken_as_it_is():
    own = AlertRoute(channel="page", to="other-system primary", address_in="OTHER")

    found = on_duty(layers=PEOPLE).reached(concern("page", "page: other-system primary"), (own,))

    assert (found.route, found.people) == ("page: other-system primary", ())


def test_an_owner_who_is_away_is_not_the_only_one_who_reads_of_it():
    duty = on_duty(layers=PEOPLE, absences=["cy-data"])

    found = duty.reached(concern("ticket", owner="cy-data"), BOTH)

    assert found.route.startswith("mail: cy-data; mail: ")
    assert len(found.people) == 2
    assert "cy-data is away, so who answers for it" in found.because
