"""A bill beside the log: what explains the difference has a name, and the rest is shown."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ops_model.analysis.bill import compare_bill
from ops_model.analysis.cost import PricedSum
from ops_model.analysis.usage import UsageSum
from tests.analysis.focus_bills import charges, on, priced

D = Decimal
OCTOBER = datetime(2026, 10, 2, tzinfo=UTC)


def spent(day, cost, *, rows=1, month=8):
    at = datetime(2026, month, day, tzinfo=UTC)
    usage = UsageSum(at, "chat", "p", "large", "prod", "", "", at, True, rows, 0, (D(1),) * 4)
    return PricedSum(usage, None if cost is None else D(cost), "a list", ())


def every_day(cost="2", *, without=()):
    return [spent(day, cost) for day in range(1, 32) if day not in without]


def billed_every_day(cost=2.0):
    return [on(day, cost) for day in range(1, 31)] + [
        {**priced(cost), "ChargePeriodStart": "2026-08-31", "ChargePeriodEnd": "2026-09-01"}
    ]


def compared(rows, sums, *, as_of=OCTOBER, names=("large",), tolerance="0.02"):
    return compare_bill(
        charges(*rows, names=names), sums, currency="USD", as_of=as_of, tolerance=D(tolerance)
    )


def august(rows, sums, **asked):
    (month,) = compared(rows, sums, **asked).months
    return month


def explained(month):
    return {name: part.value for name, part in month.explained.items()}


def test_a_bill_that_says_what_the_log_says_agrees():
    month = august(billed_every_day(), every_day())

    assert (month.estimated.value, month.billed.value, month.rest.value) == (62, 62, 0)
    assert (month.month, month.agrees, month.explained) == (date(2026, 8, 1), True, {})


def test_what_has_a_name_is_told_by_it_and_nothing_is_left():
    extra = [
        on(3, -5.0, ChargeCategory="Credit"), on(3, 4.0, ChargeCategory="Tax"),
        on(3, 9.0, ChargeCategory="Purchase"), on(3, 1.0, ChargeCategory="Adjustment"),
        on(3, 2.5, ChargeClass="Correction"), on(3, -0.5),
        on(3, 7.0, ServiceName="Search", SkuId="index"),
    ]  # fmt: skip
    month = august(billed_every_day() + extra, every_day())

    assert explained(month) == {
        "credits": -5, "taxes": 4, "purchases": 9, "adjustments": 1, "corrections": 2.5,
        "refunds": -0.5, "service without a log: Search": 7,
    }  # fmt: skip
    assert (month.difference.value, month.rest.value, month.agrees) == (18, 0, True)


def test_what_has_no_name_is_the_rest_and_does_not_agree():
    month = august(billed_every_day(2.5), every_day())

    assert (month.rest.value, month.agrees) == (15.5, False)
    assert month.why == "20.0% of the usage has no name; expected at most 2.0%"


def test_a_rest_of_few_days_is_told_with_the_days():
    rows = billed_every_day()
    rows[17:20] = [on(day, 7.0) for day in (18, 19, 20)]
    month = august(rows, every_day())

    assert month.rest.value == 15
    assert month.why.endswith("nearly all of it is of 2026-08-18, 2026-08-19, 2026-08-20")


def test_a_bill_by_the_month_says_nothing_about_days():
    whole = {**priced(99.0), "ChargePeriodStart": "2026-08-01", "ChargePeriodEnd": "2026-09-01"}

    assert august([whole], every_day()).why.startswith("37.4% of the usage has no name; expected")
    assert "nearly all" not in august([whole], every_day()).why


def test_a_rest_within_the_tolerance_agrees():
    assert august(billed_every_day(2.5), every_day(), tolerance="0.2").agrees


def test_usage_that_a_commitment_pays_for_explains_what_the_estimate_has_too_much():
    covered = on(3, 0.0, CommitmentDiscountStatus="Used") | priced(0.0, contracted=2.0)
    month = august([*billed_every_day()[:2], covered, *billed_every_day()[3:]], every_day())

    assert explained(month) == {"usage covered by a commitment": -2}
    assert (month.rest.value, month.agrees) == (0, True)


def test_days_without_a_row_in_the_log_are_unknown_and_not_zero():
    month = august(billed_every_day(), every_day(without=(10, 11)))

    assert explained(month) == {"days without a row in the log": 4}
    assert (month.rest.value, month.agrees) == (0, True)
    assert month.why.endswith("the log has no row on 2 of 31 days")


def test_services_cannot_be_told_apart_where_the_bill_names_nothing_of_the_log():
    rows = [*billed_every_day(), on(3, 7.0, ServiceName="Search")]
    month = august(rows, every_day(), names=("another",))

    assert (month.explained, month.rest.value) == ({}, 7)


def test_rows_that_do_not_add_up_are_counted_and_explain_nothing():
    found = compared([*billed_every_day(), on(3, 500.0, ListUnitPrice=1.0)], every_day())
    (month,) = found.months

    assert found.apart == {"unit price times quantity is not the cost": 1}
    assert (month.explained, month.rest.value, month.agrees) == ({}, 500, False)


def test_a_large_purchase_makes_no_room_for_usage_billed_twice():
    purchase = on(1, 2000.0, ChargeCategory="Purchase")
    month = august([*billed_every_day(4.0), purchase], every_day())

    assert (month.rest.value, month.agrees) == (62, False)
    assert month.why == "50.0% of the usage has no name; expected at most 2.0%"


@pytest.mark.parametrize(
    "row",
    [
        on(4, 999.0, BillingCurrency="EUR"), on(4, float("nan")), on(4, 1e30),
        on(4, 9.0, ChargePeriodStart="in August"),
        on(4, 9.0, ChargePeriodEnd="2026-01-01T00:00:00Z"), on(4, 9.0, ChargeCategory="usage"),
    ],
)  # fmt: skip
def test_a_month_of_which_rows_are_in_no_sum_is_not_known_to_agree(row):
    month = august([*billed_every_day(), row], every_day())

    assert (month.rest.value, month.agrees) == (0, None)
    assert month.why.endswith("1 rows of the bill that may be of this month are in no sum")


def test_a_row_of_nothing_in_another_currency_is_missing_in_no_sum():
    assert august([*billed_every_day(), on(4, 0.0, BillingCurrency="EUR")], every_day()).agrees


def test_a_month_billed_in_another_currency_alone_is_shown_as_unknown():
    month = august([on(4, 2.0, BillingCurrency="EUR")], every_day())

    assert (month.billed.value, month.agrees) == (None, None)
    assert month.why == "1 rows of the bill that may be of this month are in no sum"


def test_another_currency_is_in_no_sum_and_counted():
    found = compared([*billed_every_day(), on(3, 6.0, BillingCurrency="EUR")], every_day())

    assert found.apart == {"in EUR; nothing is converted to USD": 1}
    assert (found.rows, found.months[0].billed.value) == (32, 62)


def test_rows_without_a_price_make_the_estimate_a_lower_bound():
    month = august(billed_every_day(), [*every_day()[1:], spent(1, None, rows=7)])

    assert month.estimated.no_interval == "lower bound: 7 of 37 rows have no price"
    assert "7 of 37 rows of the log have no price" in month.why


def test_a_month_of_which_the_log_holds_nothing_is_unknown():
    month = august(billed_every_day(), [spent(1, "5", month=9)])

    assert (month.estimated.value, month.rest.value, month.agrees) == (None, None, None)
    assert month.why == "the log holds no row of this month"


def test_a_month_without_a_bill_between_two_is_shown_as_unknown():
    before = {**on(1, 1.0), "ChargePeriodStart": "2026-06-01", "ChargePeriodEnd": "2026-06-02"}
    months = compared([before, *billed_every_day()], every_day()).months

    assert [m.month.month for m in months] == [6, 7, 8]
    assert months[1].why == "the bill holds nothing of this month"


def test_a_month_that_is_not_over_never_agrees():
    now = datetime(2026, 8, 20, tzinfo=UTC)
    month = august([*billed_every_day()[:19]], every_day()[:19], as_of=now)

    assert (month.rest.value, month.agrees) == (0, None)
    assert "the month is not over" in month.why


def test_charges_that_begin_after_the_instant_are_left_out():
    now = datetime(2026, 8, 20, tzinfo=UTC)

    assert compared(billed_every_day(), every_day()[:20], as_of=now).rows == 20


@pytest.mark.parametrize("day", [1, 31])
def test_a_charge_belongs_to_the_month_in_which_its_period_begins(day):
    begins, ends = f"2026-08-{day:02d}", "2027-08-01"
    year = {**priced(120.0), "ChargeCategory": "Purchase", "ChargePeriodStart": begins,
            "ChargePeriodEnd": ends}  # fmt: skip
    month = august([*billed_every_day(), year], every_day())

    assert explained(month) == {"purchases": 120}


def test_the_parts_and_the_rest_are_the_difference_to_the_last_digit():
    rows = [*billed_every_day(2.1), on(3, -0.3, ChargeCategory="Credit")]
    month = august(rows, every_day("1.999999"))
    whole = D(str(month.difference.value))

    assert sum(D(str(p.value)) for p in month.explained.values()) + D(
        str(month.rest.value)
    ) == whole.quantize(D("1E-6"))
    assert whole == D("31") * (D("2.1") - D("1.999999")) - D("0.3")
