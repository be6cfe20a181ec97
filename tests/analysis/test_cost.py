from datetime import UTC, date, datetime
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.analysis.cost import PricedLogs, price_sums
from ops_model.analysis.price_book import PriceBook
from ops_model.analysis.spend import measure_spend
from ops_model.analysis.usage import CACHE_READ, INPUT, MODEL, OUTPUT, sum_usage
from ops_model.domain.cost import HourPrice, TokenPrice
from tests.analysis.tables import at, table

AS_OF = at(3, 8)  # 4 January 2013, 08:00
JANUARY = datetime(2013, 1, 1, tzinfo=UTC)


def price(model="large", valid_from=JANUARY, given=("6", "1.5", "24"), source="list of January"):
    return TokenPrice(
        model=model, valid_from=valid_from, input_per_million=given[0],
        cache_read_per_million=given[1], output_per_million=given[2], source=source,
    )  # fmt: skip


def usage(*rows):
    """Rows of (when, service, model, input, cached, output)."""
    when, service, model, given, cached, out = zip(*rows, strict=True)
    return table(
        timestamp=list(when), service=pa.array(service, pa.string()),
        **{MODEL: pa.array(model, pa.string()), INPUT: pa.array(given),
           CACHE_READ: pa.array(cached), OUTPUT: pa.array(out)},
    )  # fmt: skip


def spend(log, prices, *, unit="tokens", as_of=AS_OF, **asked):
    book = prices if isinstance(prices, PriceBook) else PriceBook("USD", tuple(prices))
    sums = sum_usage(log, unit, timestamp="timestamp", changes=book.changes)
    return measured([sums], book, as_of=as_of, **asked)


def measured(logs, book, *, as_of=AS_OF, **asked):
    priced = PricedLogs(book.currency, tuple(logs), price_sums(logs, book), book.notes)
    return measure_spend(priced, as_of=as_of, **asked)


def test_cached_tokens_are_part_of_the_input_and_priced_once():
    # 400,000 of the input cached: 600,000 x 6 + 400,000 x 1.5 + 100,000 x 24, per million.
    log = usage((at(2), "chat", "large", 1_000_000, 400_000, 100_000))

    found = spend(log, [price()])

    assert found.total.value == pytest.approx(3.6 + 0.6 + 2.4)
    assert (found.total.n, found.total.no_interval) == (1, "exact")


def test_a_price_that_changes_at_noon_splits_the_day_exactly():
    noon = at(2, 12)
    log = usage(
        (at(2, 11, 59), "chat", "large", 1_000_000, 0, 0),
        (noon, "chat", "large", 1_000_000, 0, 0),
    )

    found = spend(
        log, [price(), price(valid_from=noon, given=("5", "1", "20"), source="list of 3 January")]
    )

    assert found.total.value == 11.0
    assert found.price_source == "list of 3 January; list of January"
    assert len(found.days) == 1


def test_cents_are_exact_where_floats_are_not():
    log = usage(*[(at(2), "chat", "large", 1, 0, 0)] * 3)

    found = spend(log, [price(given=("100000", "0", "0"))])  # 0.1 a token

    assert found.total.value == 0.3


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ((at(2), "chat", "unknown", 10, 0, 10), "unknown: no price is known"),
        ((at(2), "chat", None, 10, 0, 10), "(no name): no model"),
        ((at(2), "chat", "large", 10, 20, 10), "large: more cached than input"),
        ((at(2), "chat", "large", -10, 0, 10), "large: negative tokens"),
        ((at(2), "chat", "large", None, 0, 10), "large: no input tokens"),
    ],
)
def test_a_row_without_a_price_is_counted_and_its_day_is_a_lower_bound(row, why):
    log = usage((at(2), "chat", "large", 1_000_000, 0, 0), row)

    found = spend(log, [price()])

    assert found.total.value == 6.0
    assert found.unpriced_rows == 1
    assert found.unpriced == {why: 1}
    assert found.total.n == 1
    assert found.days[0].cost.no_interval == "lower bound: 1 of 2 rows have no price"
    assert found.days[0].requests == 2


def test_a_row_older_than_the_first_price_has_none():
    log = usage((at(0), "chat", "large", 1_000_000, 0, 0), (at(2), "chat", "large", 1, 0, 0))

    found = spend(log, [price(valid_from=at(1))])

    assert found.unpriced_rows == 1
    assert found.unpriced == {"large: no price is known": 1}


def test_a_missing_cache_count_is_no_cache():
    log = usage((at(2), "chat", "large", 1_000_000, None, 0))

    assert spend(log, [price()]).total.value == 6.0


def test_hours_are_priced_by_resource():
    log = table(
        timestamp=[at(2), at(2)],
        service=["web", "web"],
        resource=["cpu-2", "gpu"],
        hours=[1.5, 1.0],
    )
    book = PriceBook(
        "EUR",
        (),
        (HourPrice(resource="cpu-2", valid_from=JANUARY, per_hour="0.096", source="list"),),
    )

    found = spend(log, book, unit="hours")

    assert found.total.value == 0.144
    assert found.total.unit == "EUR"
    assert found.unpriced_rows == 1


def test_the_cost_that_a_log_reports_is_summed():
    log = table(timestamp=[at(2), at(2), at(2)], cost=[0.1, 0.2, float("nan")])

    sums = sum_usage(log, "reported", timestamp="timestamp", reported="cost")
    found = measured([sums], PriceBook("USD"))

    assert found.total.value == pytest.approx(0.3)
    assert found.unpriced_rows == 1
    assert found.price_source == "the log's own column cost"
    assert found.days[0].service == "(no service)"


def test_hours_add_up_exactly_in_whatever_order_they_are_added():
    # A million tenths: added as floats in one order they are 100000.00000133288.
    n = 1_000_000
    log = table(timestamp=pa.array([at(2)] * n, pa.timestamp("us", "UTC")), service=["web"] * n,
                resource=["cpu"] * n, hours=[0.1] * n)  # fmt: skip
    book = PriceBook(
        "USD", (), (HourPrice(resource="cpu", valid_from=JANUARY, per_hour="1", source="list"),)
    )

    assert spend(log, book, unit="hours").total.value == 100_000.0


def test_today_and_the_last_full_day_are_told_apart():
    log = usage(
        (at(2), "chat", "large", 1_000_000, 0, 0), (at(3, 7), "chat", "large", 2_000_000, 0, 0)
    )

    found = spend(log, [price()])

    assert (found.last_full_day.value, found.today.value) == (6.0, 12.0)
    assert found.newest_row == at(3, 7)
    assert found.data_age_hours.value == 1.0


def test_a_day_that_the_data_does_not_reach_is_unknown_and_not_free():
    log = usage((at(1), "chat", "large", 1_000_000, 0, 0))

    found = spend(log, [price()])

    assert found.today.value is None
    assert found.last_full_day.value is None
    assert found.data_age_hours.value == 44.0


def test_a_day_without_a_row_is_unknown_and_not_free_though_the_data_goes_on():
    log = usage((at(0), "chat", "large", 1, 0, 0), (at(3, 7), "chat", "large", 1, 0, 0))

    found = spend(log, [price()])

    assert found.last_full_day.value is None
    assert found.last_full_day.no_interval == "no row of this day"
    assert found.silent_days == (date(2013, 1, 2), date(2013, 1, 3))


def test_days_before_the_first_row_and_after_the_last_are_no_holes_in_the_log():
    log = usage((at(1), "chat", "large", 1, 0, 0))

    found = spend(log, [price()], days=90)

    assert found.silent_days == ()
    assert found.last_full_day.no_interval == "the data ends before this day"


def test_days_over_the_ceiling_are_those_of_all_services_together():
    log = usage(
        (at(1), "chat", "large", 1_000_000, 0, 0), (at(1), "mail", "large", 1_000_000, 0, 0),
        (at(2), "chat", "large", 1_000_000, 0, 0), (at(2), "mail", "large", 500_000, 0, 0),
    )  # fmt: skip

    found = spend(log, [price()], ceiling_per_day=Decimal(9))

    assert found.days_over_ceiling == 1  # 12 on the first day, exactly 9 on the second


def test_only_the_last_days_are_held():
    log = usage(
        (at(1), "chat", "large", 1_000_000, 0, 0), (at(2), "chat", "large", 1_000_000, 0, 0)
    )

    found = spend(log, [price()], days=2)

    assert [d.day for d in found.days] == [date(2013, 1, 3)]
    assert found.total.value == 6.0


def test_what_makes_no_sense_is_apart_and_what_only_has_no_price_is_not():
    log = usage((at(2), "chat", "large", -1, 0, 0), (at(2), "chat", "?", 1, 0, 0))

    found = spend(log, [price()])

    assert found.apart == {"negative tokens": 1}
    assert found.unpriced == {"?: no price is known": 1, "large: negative tokens": 1}


def test_a_row_that_came_twice_is_in_no_sum_and_is_told():
    log = usage(*[(at(2), "chat", "large", 1_000_000, 0, 0)] * 2).mutate(
        request_id=ibis.literal("r1")
    )

    found = spend(log, [price()])

    assert (found.total.value, found.unpriced_rows) == (6.0, 0)
    assert found.apart == {"came twice": 1}


def test_rows_that_share_an_id_and_differ_are_all_in_the_total_which_says_so():
    log = usage(
        (at(2), "chat", "large", 1_000_000, 0, 0), (at(2), "chat", "large", 2_000_000, 0, 0)
    ).mutate(request_id=ibis.literal("r1"))

    found = spend(log, [price()])

    assert found.total.value == 18.0
    assert found.warnings == (
        "the log: 1 rows share their request_id with a row that differs from them; each is in "
        "the total",
    )


def test_a_total_is_told_apart_by_purpose_and_by_provider():
    log = usage(
        (at(2), "chat", "large", 1_000_000, 0, 0), (at(2), "chat", "large", 2_000_000, 0, 0)
    )
    told = log.mutate(
        purpose=(log[INPUT] > 1_000_000).ifelse("shadow", None),
        gen_ai_provider_name=ibis.literal("p"),
    )

    found = spend(told, [price()])

    assert {key: one.value for key, one in found.by_purpose.items()} == {
        "prod": 6.0, "shadow": 12.0,
    }  # fmt: skip
    assert {key: one.value for key, one in found.by_provider.items()} == {"p": 18.0}


def test_many_unknown_models_are_named_up_to_twenty():
    log = usage(*[(at(2), "chat", f"m{n:02d}", 1, 0, 0) for n in range(25)])

    found = spend(log, [price()])

    assert len(found.unpriced) == 21
    assert found.unpriced["5 others"] == 5
    assert sum(found.unpriced.values()) == found.unpriced_rows == 25


def test_a_model_whose_name_is_a_whole_page_is_told_shortly():
    log = usage((at(2), "chat", "m" * 5_000, 1, 0, 0))

    (said,) = spend(log, [price()]).unpriced

    assert said == "m" * 100 + ": no price is known"


def test_of_several_logs_the_one_that_lags_most_gives_the_age():
    book = PriceBook("USD", (price(),))
    logs = [
        sum_usage(usage((when, "chat", "large", 1, 0, 0)), "tokens", timestamp="timestamp",
                  changes=book.changes)
        for when in (at(1), at(3, 7))
    ]  # fmt: skip

    found = measured(logs, book)

    assert found.newest_row == at(1)
    assert found.data_age_hours.value == 44.0


def test_no_row_at_all_leaves_everything_unknown():
    found = measured([], PriceBook("USD"))

    assert found.newest_row is None
    assert found.data_age_hours.value is None
    assert found.today.value is None
    assert found.price_source == "no price was found"


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2), st.sampled_from(["a", "b"]),
            st.sampled_from(["large", "small", "?"]),
            st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6),
        ),
        min_size=1, max_size=30,
    )
)  # fmt: skip
def test_services_and_days_sum_to_the_bill_to_the_last_cent(rows):
    prices = [
        price(),
        price("small", given=("0.5", "0.1", "2")),
        price(valid_from=at(1, 12), given=("5", "1.25", "20")),
    ]
    log = usage(
        *[(at(day), service, model, i, min(i, c), o) for day, service, model, i, c, o in rows]
    )

    found = spend(log, prices)

    def expected(day, model, i, c, o):
        dear = {"small": ("0.5", "0.1", "2")}.get(
            model, ("6", "1.5", "24") if day < 1 else ("5", "1.25", "20")
        )
        p = [Decimal(x) for x in dear]
        return ((i - c) * p[0] + c * p[1] + o * p[2]) / 1_000_000

    bill = sum(
        (expected(d, m, i, min(i, c), o) for d, _, m, i, c, o in rows if m != "?"), Decimal(0)
    )
    assert found.total.value == float(bill)
    assert sum(d.cost.value for d in found.days) == pytest.approx(float(bill), abs=1e-9)
    assert found.unpriced_rows == sum(m == "?" for _, _, m, *_ in rows)
