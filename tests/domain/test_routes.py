import pytest

from ops_model.domain.people import People
from ops_model.domain.routes import Part, named_for, parts_of, why_nobody
from ops_model.domain.workbook import AlertRoute
from tests.builders import AS_OF, PEOPLE, a_system, located, people_but

MAIL = AlertRoute(channel="mail", address_in="MAIL")
MAIL_OF_ANA = AlertRoute(channel="mail", to="ana", address_in="MAIL_OF_ANA")


@pytest.mark.parametrize(
    ("part", "routes", "found"),
    [
        (Part("mail", "ana"), (MAIL, MAIL_OF_ANA), MAIL_OF_ANA),
        (Part("mail", "ben"), (MAIL_OF_ANA, MAIL), MAIL),
        (Part("mail"), (MAIL_OF_ANA, MAIL), MAIL),
        (Part("mail", "ben"), (MAIL_OF_ANA,), None),
        (Part("page"), (MAIL,), None),
    ],
)
def test_somebody_s_own_address_goes_before_that_of_the_channel(part, routes, found):
    assert named_for(part, routes) is found


def test_a_part_of_a_route_is_written_as_it_was_read():
    route = "page: flight-delay primary; mail"

    assert [str(part) for part in parts_of(route)] == ["page: flight-delay primary", "mail"]


ANYBODY = People.model_validate(located(PEOPLE, "people.yaml"))


@pytest.mark.parametrize(
    ("route", "on_call", "why"),
    [
        ("page: primary", {}, ""),
        ("page: flight-delay primary", {}, ""),
        ("page", None, ""),
        ("mail: ana-ruiz", None, ""),
        ("page: primary", None, "nobody is primary: there is no on_call.yaml"),
        ("page: flight-delay secondary", {"layers": []}, "nobody is secondary"),
        ("mail: nobody-at-all", {}, "“mail: nobody-at-all” means nobody"),
    ],
)
def test_somebody_is_behind_a_route_where_a_rota_a_team_or_people_yaml_names_them(
    route, on_call, why
):
    system = a_system(on_call=on_call)

    assert why_nobody(parts_of(route)[0], system, ANYBODY, (), at=AS_OF) == why


def test_nobody_is_behind_a_person_who_left():
    people = People.model_validate(
        located(people_but("ana-ruiz", active_to="2013-01-31"), "people.yaml")
    )
    part = parts_of("mail: ana-ruiz")[0]

    assert why_nobody(part, a_system(), people, (), at=AS_OF) == (
        "ana-ruiz is nobody who works here"
    )
