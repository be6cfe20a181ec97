import pytest

from ops_model.domain.routes import Part, named_for, parts_of
from ops_model.domain.workbook import AlertRoute

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
