"""Which part of a change an action of a kind is credited with: none that another cause made."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ops_model.analysis.cost import PricedSum
from ops_model.analysis.savings import Spans, measure_saving
from ops_model.analysis.usage import UsageSum
from tests.analysis.tables import START

DAYS = tuple(START.date() + timedelta(days=n) for n in range(56))
SPANS = Spans(DAYS[:28], DAYS[28:])
GIVEN, READ, OUT = Decimal("6e-6"), Decimal("1.5e-6"), Decimal("24e-6")


def requests(number, *, tokens=1000, read=0, out=100, many=10, times=1, empty=0, **changed):
    """A day of requests at 6.00 a million in, 1.50 read and 24.00 out, or `times` as much."""
    amounts = [Decimal(n * many) for n in (tokens - read, read, 0, out)]
    prices = [GIVEN, READ, GIVEN, OUT]
    return priced(number, amounts, prices, times, rows=many + empty, empty=empty, **changed)


def hours(number, many, *, price="2"):
    return priced(number, [Decimal(many), Decimal(0)], [Decimal(price), Decimal(0)], 1, item="gpu")


def priced(number, amounts, prices, times, *, item="large", rows=1, empty=0):
    usage = UsageSum(
        at=START + timedelta(days=number), service="chat", provider="", item=item, purpose="prod",
        user_group="", run="", since=START, valid=True, rows=rows, failed=0,
        amounts=tuple(amounts), empty=empty,
    )  # fmt: skip
    parts = tuple(a * p * Decimal(times) for a, p in zip(amounts, prices, strict=True))
    return PricedSum(usage, sum(parts), "a list", parts)


def saved(kind, sums, **asked):
    found, why = measure_saving(sums, SPANS, "USD", kind=kind, **asked)
    assert not why
    return found


def changed(kind, before=None, **after):
    sums = [requests(n, **((before or {}) if n < 28 else after)) for n in range(56)]
    return saved(kind, sums).value


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("trim_prompt", {"out": 50}), ("trim_prompt", {"read": 900}),
        ("cap_output", {"tokens": 500}), ("cap_output", {"read": 900}),
        ("cache", {"out": 50}), ("cache", {"tokens": 500}),
        ("right_size", {"tokens": 500}), ("right_size", {"out": 50}),
        ("right_size", {"read": 900}), ("batch", {"tokens": 500}), ("batch", {"read": 900}),
    ],
)  # fmt: skip
def test_what_another_cause_saved_is_not_credited(kind, other):
    assert changed(kind, **other) == pytest.approx(0)


@pytest.mark.parametrize(
    ("kind", "own", "per_request"),
    [
        ("trim_prompt", {"tokens": 400}, 600 * 6), ("cap_output", {"out": 50}, 50 * 24),
        ("cache", {"read": 900}, 900 * 4.5), ("batch", {"times": "0.5"}, (6000 + 2400) / 2),
        ("right_size", {"item": "small", "times": "0.5"}, (6000 + 2400) / 2),
    ],
)  # fmt: skip
def test_what_an_action_works_on_is_credited_whole(kind, own, per_request):
    assert changed(kind, **own) == pytest.approx(10 * per_request * 1e-6)


def test_a_prompt_trimmed_at_its_cached_beginning_pays_for_what_the_cache_lost():
    lost = changed("trim_prompt", {"read": 900}, tokens=400)

    # 1,950 of a million before, and 2,400 since: fewer tokens, and dearer ones.
    assert lost == pytest.approx(10 * (1950 - 2400) * 1e-6)


def test_a_cheaper_model_that_answers_at_length_pays_for_the_length():
    saving = changed("right_size", item="small", times="0.5", out=300)

    assert saving == pytest.approx(10 * (6000 + 2400 - (3000 + 3600)) * 1e-6)


def test_requests_of_no_token_make_no_shorter_prompt():
    saving = changed("right_size", item="small", times="0.5", empty=10)

    assert saving == pytest.approx(10 * (6000 + 2400) / 2 * 1e-6)


def test_hours_beside_the_requests_are_no_shorter_prompt():
    sums = [*map(requests, range(56)), *(hours(n, 48 if n < 28 else 24) for n in range(56))]

    assert saved("trim_prompt", sums).value == pytest.approx(0)


@pytest.mark.parametrize("kind", ["spot", "reserve"])
def test_fewer_hours_are_not_saved_by_their_price_and_a_price_may_be_lower_for_everybody(kind):
    fewer = [hours(n, 48 if n < 28 else 24) for n in range(56)]
    cheaper = [hours(n, 48, price="2" if n < 28 else "1") for n in range(56)]
    units = dict.fromkeys(DAYS, 1000)

    assert saved(kind, fewer, units=units).value == pytest.approx(0)
    assert saved(kind, cheaper, units=units).value == pytest.approx(48)
    assert saved(kind, cheaper, units=units).no_interval == (
        "at most: the price of gpu also changed, maybe for everybody"
    )
