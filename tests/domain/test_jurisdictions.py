import pytest

from ops_model.domain.compliance import LegalRole
from ops_model.domain.jurisdictions import EUROPE, NAMES, code_like


def test_every_code_of_europe_is_a_code():
    # 27 member states, 3 of the EEA besides, EU and EEA, 7 parts with a code of their own.
    assert len(EUROPE) == 27 + 3 + 2 + 7
    assert set(NAMES) >= EUROPE


def test_there_are_the_codes_of_iso_3166_and_three_more():
    # ISO 3166-1 assigns 249 codes.
    assert len(NAMES) == 249 + 3
    assert {code for code in NAMES if len(code) != 2} == {"EEA"}


@pytest.mark.parametrize("written", ["Germany", "germany", " Germany ", "de", "Gernany"])
def test_a_name_or_small_letters_lead_to_the_code(written):
    assert code_like(written) == "DE"


@pytest.mark.parametrize("written", ["", "Moon", "x"])
def test_what_is_like_no_country_leads_nowhere(written):
    assert code_like(written) == ""


@pytest.mark.parametrize(
    ("places", "in_europe"),
    [((), None), (("DE",), True), (("US", "EEA"), True), (("UK", "CH", "US"), False)],
)
def test_a_place_is_in_europe_by_one_list_and_not_known_where_none_is_written(places, in_europe):
    assert LegalRole(jurisdictions=places).in_europe is in_europe


@pytest.mark.parametrize(
    ("risk_class", "places", "bound"),
    [
        ("high", ("DE",), True),
        ("high", ("US",), False),
        ("high", (), None),
        ("unknown", ("DE",), None),
        ("unknown", ("US",), False),
        ("limited", ("DE",), False),
        ("none", (), False),
    ],
)
def test_a_high_risk_in_europe_is_known_as_far_as_class_and_place_are(risk_class, places, bound):
    legal = LegalRole(risk_class=risk_class, jurisdictions=places)

    assert legal.high_risk_in_europe is bound
