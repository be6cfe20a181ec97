from datetime import timedelta

import pytest

from tests.builders import AREAS, AS_OF, a_spend
from tests.checks.judged import but, judged, lacking

CEILING = AREAS["cost"]["ceilings"][0]


def test_cst_01_passes_and_says_the_ceiling_and_the_spend_of_today():
    assert judged("CST-01").message == (
        "100.00 USD per day, then throttle (ed-fin); today 12.50 USD (n 8, exact) so far"
    )


def test_cst_01_fails_when_there_is_only_a_budget_for_the_project():
    budget = {"amount": "50000 USD", "period": "2013"}

    finding = judged("CST-01", cost={"ceilings": [], "project_budget": budget})

    assert finding.status == "failed"
    assert "a budget of 50000 USD for the project is none" in finding.message
    assert finding.owner == "ed-fin"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"per": "run"}, "no ceiling per day"),
        ({"scope": "user"}, "no ceiling per day"),
        ({"amount": "0 USD"}, "expected more than nothing"),
        ({"amount": "90 EUR"}, "is in EUR; prices are in USD"),
        ({"warn_at": []}, "warns nobody"),
        ({"owner": "gone"}, "gone is nobody in people.yaml"),
    ],
)
def test_cst_01_fails_for_a_ceiling_that_would_not_hold(change, said):
    finding = judged("CST-01", cost={"ceilings": [{**CEILING, **change}]})

    assert finding.status == "failed"
    assert said in finding.message


def test_cst_01_passes_when_a_team_owns_the_ceiling():
    assert (
        judged("CST-01", cost={"ceilings": [{**CEILING, "owner": "data-team"}]}).status == "passed"
    )


def test_cst_02_passes_when_the_newest_row_is_of_today():
    finding = judged("CST-02")

    assert finding.status == "passed"
    assert finding.valid_until == AS_OF + timedelta(hours=23)


@pytest.mark.parametrize(("hours", "status"), [(24, "passed"), (24.1, "unknown")])
def test_cst_02_is_unknown_when_the_newest_row_is_older_than_a_day(hours, status):
    late = but(a_spend, newest_row=AS_OF - timedelta(hours=hours))

    assert judged("CST-02", records=late).status == status


def test_cst_02_is_unknown_when_a_fresh_measurement_has_grown_old():
    finding = judged("CST-02", as_of=AS_OF + timedelta(days=2))

    assert finding.reason == "expired"
    assert "49.0 h old" in finding.message


def test_cst_02_fails_when_rows_have_no_price():
    finding = judged("CST-02", records=but(a_spend, unpriced_rows=17))

    assert finding.status == "failed"
    assert "17 rows have no price" in finding.message


def test_cst_02_is_unknown_when_nothing_was_measured_or_logged():
    assert judged("CST-02", records=lacking("spend")).reason == "missing"
    assert judged("CST-02", records=but(a_spend, newest_row=None)).reason == "too_few"
