"""What an action saved: before less after at the same volume, or why that is not known."""

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from ops_model.analysis.cost import PricedSum
from ops_model.analysis.saving_estimates import estimate
from ops_model.analysis.savings import Spans, measure_saving, of_services, spans_of
from ops_model.analysis.usage import UsageSum
from ops_model.domain.evidence import Measured
from ops_model.domain.saving_claims import CostAction
from ops_model.domain.savings import CacheOpportunity, ComputeCost, RightSizing
from ops_model.domain.spend import CostBridge
from tests.analysis.tables import START
from tests.builders import AS_OF

D = Decimal
DONE = START.date() + timedelta(days=28)
TODAY = DONE + timedelta(days=28)
WHOLE = [START.date() + timedelta(days=n) for n in range(56)]


def an_action(**changed):
    usual = {
        "id": "shorter", "kind": "trim_prompt", "text": "Send less.", "owner": "ana",
        "due": "2013-02-01", "expected_saving_per_day": "2.00 USD", "done": DONE,
    }  # fmt: skip
    return CostAction(**(usual | changed))


def a_day(number, *, requests=100, tokens=1000, price="0.00001", purpose="prod", service="chat",
          item="m", failed=0, tier=""):  # fmt: skip
    amount = D(requests * tokens)
    usage = UsageSum(
        at=START + timedelta(days=number), service=service, provider="", item=item,
        purpose=purpose, user_group="", run="", since=START, valid=True, rows=requests,
        failed=failed, amounts=(amount, D(0), D(0), D(0)), service_tier=tier,
    )  # fmt: skip
    cost = None if price is None else amount * D(price)
    return PricedSum(usage, cost, "a list", () if cost is None else (cost, D(0), D(0), D(0)))


def saved(sums, action=None, **asked):
    action = action or an_action()
    spans = spans_of(action, asked.pop("others", ()), asked.pop("whole", WHOLE), TODAY)
    return measure_saving(sums, spans, "USD", **({"kind": "trim_prompt"} | asked))


def before_and_after(**after):
    return [a_day(n, **(after if n >= 28 else {})) for n in range(56)]


def test_a_prompt_half_as_long_saves_half_at_the_volume_of_after():
    found, why = saved(before_and_after(tokens=500, requests=200))

    # A request cost 0.01 and costs 0.005; 200 of them a day.
    assert (found.value, why) == (pytest.approx(1.0), "")
    assert found.n == 28 * 100 + 28 * 200
    assert (found.low, found.high) == (pytest.approx(1.0), pytest.approx(1.0))


def test_far_more_requests_may_be_of_another_kind_and_no_interval_says_otherwise():
    found, _ = saved(before_and_after(tokens=500, requests=300))

    assert (found.value, found.low) == (pytest.approx(1.5), None)
    assert found.no_interval.startswith("at most: 3.0 times as many requests a day as before")


def test_fewer_requests_are_no_saving():
    found, _ = saved(before_and_after(requests=10))

    assert found.value == 0


def test_a_price_that_a_vendor_lowered_is_not_saved_by_a_shorter_prompt():
    cheaper = before_and_after(price="0.000005")

    assert saved(cheaper)[0].value == pytest.approx(0)
    assert saved(cheaper, kind="reserve")[0].value == pytest.approx(0.5)


def test_a_retry_is_paid_for_and_is_no_volume():
    sums = [*before_and_after(), *(a_day(n, purpose="retry") for n in range(28))]

    assert saved(sums)[0].value == pytest.approx(1.0)


def test_requests_that_fail_for_nothing_are_no_saving():
    fail = [a_day(n, requests=50, tokens=0, failed=50) for n in range(28, 56)]

    assert saved([*before_and_after(requests=50), *fail])[0].value == pytest.approx(0)


def test_a_retry_that_succeeds_makes_up_for_the_try_that_failed():
    fail = [a_day(n, failed=20) for n in range(28)] + [a_day(n) for n in range(28, 56)]
    again = [a_day(n, requests=20, purpose="retry") for n in range(28)]

    # 100 answers a day on both sides; 120 requests for them before.
    assert saved([*fail, *again])[0].value == pytest.approx(0.2)


def test_a_retry_that_used_no_token_makes_up_for_nothing():
    fail = [a_day(n, requests=50, tokens=0, failed=50) for n in range(28, 56)]
    again = [a_day(n, requests=50, tokens=0, purpose="retry") for n in range(56)]

    assert saved([*before_and_after(requests=50), *fail, *again])[0].value == pytest.approx(0)


def two_models(*, large, small, tokens=1000, days=range(56)):
    """Days of as many requests of a dear model, and of one that costs a tenth."""
    dear = [a_day(n, requests=large, tokens=tokens) for n in days]
    return dear + [a_day(n, requests=small, price="0.000001", item="s") for n in days]


def test_more_work_for_a_small_model_is_not_saved_by_shorter_prompts():
    moved = [*two_models(large=50, small=50, days=range(28)),
             *two_models(large=10, small=90, days=range(28, 56))]  # fmt: skip

    assert saved(moved)[0].value == pytest.approx(0)
    # Ten and fifty times 0.01, the rest at a tenth: 0.55 becomes 0.19.
    assert saved(moved, kind="right_size")[0].value == pytest.approx(0.36)


def test_shorter_prompts_are_told_although_the_mix_moved_too():
    moved = [*two_models(large=50, small=50, days=range(28)),
             *two_models(large=10, small=90, tokens=500, days=range(28, 56))]  # fmt: skip

    # 500 tokens less of ten requests.
    assert saved(moved)[0].value == pytest.approx(0.05)
    assert saved(moved)[0].n == 56 * 100


def test_nothing_is_told_of_models_of_which_one_side_has_none():
    replaced = [a_day(n, item="m" if n < 28 else "s") for n in range(56)]

    assert saved(replaced) == (
        None, "no service and model answered both before and after it worked",
    )  # fmt: skip


def test_more_work_of_another_service_is_not_saved_by_a_smaller_model():
    sums = [
        a_day(n, requests=many[n >= 28], tokens=tokens, service=service)
        for n in range(56)
        for service, tokens, many in (("chat", 1000, (50, 10)), ("tags", 10, (50, 90)))
    ]

    assert saved(sums, kind="right_size")[0].value == pytest.approx(0)


def test_a_price_that_fell_within_one_tier_is_told_beside_what_batching_saved():
    found, _ = saved(before_and_after(price="0.000005"), kind="batch")

    assert (found.value, found.low) == (pytest.approx(0.5), None)
    assert found.no_interval == "at most: the price of m also changed within one service tier"


def test_batching_in_a_tier_of_its_own_has_an_interval():
    found, _ = saved(before_and_after(price="0.000005", tier="batch"), kind="batch")

    assert (found.value, found.low) == (pytest.approx(0.5), pytest.approx(0.5))


def test_what_serves_nobody_is_no_saving():
    sums = [*before_and_after(), *(a_day(n, purpose="shadow") for n in range(28))]

    assert saved(sums)[0].value == 0


def test_whole_weeks_of_the_same_length_as_far_as_days_are_known():
    spans = spans_of(an_action(), (), WHOLE[9:-3], TODAY)

    assert (spans.before[0], spans.before[-1]) == (DONE - timedelta(14), DONE - timedelta(1))
    assert (spans.after[0], spans.after[-1]) == (DONE, DONE + timedelta(20))


@pytest.mark.parametrize(
    ("action", "others", "why"),
    [
        (an_action(done=None), (), "not done yet"),
        (an_action(done=TODAY + timedelta(1)), (), "is to work from 2013-02-27 on"),
        (
            an_action(done=TODAY - timedelta(6)), (),
            "too few: 6 whole days since 2013-02-20; expected 7",
        ),
        (
            an_action(done=WHOLE[3]), (),
            "too few: 3 whole days before 2013-01-04; expected 7",
        ),
        (
            an_action(), (an_action(id="other"),),
            "other began on the same day, so nobody can tell which of them saved what",
        ),
        (
            an_action(), (an_action(id="other", done=DONE + timedelta(5)),),
            "too few: 5 whole days since 2013-01-29 and 2013-02-03, when another began; "
            "expected 7",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_said_and_not_reckoned(action, others, why):
    spans = spans_of(action, others, WHOLE, TODAY)

    assert spans == Spans(why_not=why)
    assert measure_saving([a_day(1)], spans, "USD", kind="trim_prompt") == (None, why)


def test_an_action_on_another_service_does_not_disturb():
    other = an_action(id="other", services=["batch"])
    mine = an_action(services=["chat"])
    sums = of_services([*before_and_after(tokens=500), a_day(3, service="batch")], mine.services)

    assert saved(sums, mine, others=(other,))[0].value == pytest.approx(0.5)


def test_an_action_that_began_later_ends_what_is_compared():
    later = an_action(id="later", done=DONE + timedelta(14))
    sums = [a_day(n, tokens=500 if n >= 28 else 1000) for n in range(42)]
    sums += [a_day(n, tokens=1) for n in range(42, 56)]

    assert saved(sums, others=(later,))[0].value == pytest.approx(0.5)


def test_an_action_that_began_earlier_is_no_part_of_what_this_one_saved():
    earlier = an_action(id="earlier", done=DONE - timedelta(14))
    sums = [a_day(n, tokens=5000) for n in range(14)]
    sums += [a_day(n, tokens=500 if n >= 28 else 1000) for n in range(14, 56)]

    assert saved(sums, others=(earlier,))[0].value == pytest.approx(0.5)


def test_rows_without_a_price_leave_it_unknown():
    sums = [*before_and_after(), a_day(5, requests=7, price=None)]

    assert saved(sums) == (None, "7 of 5,607 rows of then and now have no price")


def test_rows_that_say_no_instant_leave_it_without_an_interval():
    found, _ = saved(before_and_after(tokens=500), undated=3)

    assert found.no_interval == "3 rows say no instant, and may be of these days"


def test_a_week_has_a_value_and_no_interval():
    found, _ = saved(before_and_after(tokens=500), whole=WHOLE[21:35])

    assert found.value == pytest.approx(0.5)
    assert found.no_interval == "too few: 7 whole days before and 7 after"


def test_hours_are_held_against_the_units_that_they_did():
    sums = [
        PricedSum(
            UsageSum(
                at=START + timedelta(days=n), service="api", provider="", item="gpu",
                purpose="prod", user_group="", run="", since=START, valid=True, rows=1, failed=0,
                amounts=(D(48 if n < 28 else 24), D(0)),
            ), D(96 if n < 28 else 48), "a list", (D(96 if n < 28 else 48), D(0)),
        )
        for n in range(56)
    ]  # fmt: skip

    found, _ = saved(sums, units=dict.fromkeys(WHOLE, 1000))

    assert found.value == pytest.approx(48)
    assert saved(sums)[1].startswith("no unit of work was counted before")


def test_the_interval_holds_the_true_saving_as_often_as_it_says():
    rng = np.random.default_rng(8)
    held = 0
    for _ in range(200):
        tokens = 1000 * rng.gamma(100, 1 / 100, 56) * np.where(np.arange(56) < 28, 1, 0.8)
        found, _ = saved([a_day(n, tokens=int(t)) for n, t in enumerate(tokens)])
        held += found.low <= 0.2 <= found.high

    assert 0.92 <= held / 200 <= 0.99


def usd(value, **more):
    return Measured(value=value, unit="USD", n=10, **({"no_interval": "exact"} | more))


BASE = {"system": "s", "as_of": AS_OF}


def a_cache(log="usage", ttl=5, saving=1.0):
    share = Measured(value=0.3, unit="share", n=10, no_interval="exact")
    return CacheOpportunity(
        **BASE, log=log, currency="USD", ttl_minutes=ttl, requests=10, hit_tokens=share,
        whole_repeats=share, cached_now=share, saving_per_day=usd(saving),
    )  # fmt: skip


def test_a_cache_is_expected_to_forget_as_soon_as_the_shortest_of_those_tried():
    found, _ = estimate(
        an_action(kind="cache"), [a_cache(ttl=60, saving=3.0), a_cache(), a_cache("other")]
    )

    assert (found.value, found.no_interval) == (2.0, "the sum of 2 estimates")


def test_a_smaller_model_is_estimated_by_the_comparison_that_the_action_names():
    share = Measured(value=0.1, unit="share", n=10, no_interval="exact")
    sizing = RightSizing(
        **BASE, comparison="cheap-one", dear_model="l", cheap_model="s", margin=0.05,
        false_discovery_rate=0.05, overall=share, slices=(), movable=share,
        saving_per_day=usd(0.7),
    )  # fmt: skip
    route = an_action(kind="route", comparison="cheap-one", services=["chat"])

    assert estimate(route, [sizing]) == (usd(0.7), "")
    assert estimate(an_action(kind="route", comparison="x"), [sizing]) == (
        None, "comparison x was not analysed",
    )  # fmt: skip
    assert "names no comparison" in estimate(an_action(kind="route"), [sizing])[1]


def test_reserving_is_estimated_by_the_load_of_the_machines():
    share = Measured(value=0.1, unit="share", n=10, no_interval="exact")
    compute = ComputeCost(
        **BASE, log="gpu", resource="a", currency="USD", hours=share, busy=share,
        cost_per_thousand=usd(1.0), reserved_saving_per_day=usd(4.0),
    )  # fmt: skip
    none = compute.model_copy(update={"reserved_saving_per_day": None})

    assert estimate(an_action(kind="reserve"), [compute])[0].value == 4.0
    assert estimate(an_action(kind="reserve"), [none])[0] is None


@pytest.mark.parametrize(("effect", "expected"), [(2.5, 2.5), (-1.0, None), (None, None)])
def test_a_shorter_prompt_is_estimated_by_what_its_growth_cost(effect, expected):
    bridge = CostBridge(
        **BASE, currency="USD", method="shapley", assumed_per_day=usd(1.0),
        actual_per_day=usd(2.0), drivers={"prompt_length": usd(effect)},
    )  # fmt: skip

    found, why = estimate(an_action(), [bridge])

    assert (found.value if found else None) == expected
    assert (found.no_interval if found else why) in {
        "if prompts were as the pilot assumed", "prompts cost no more than the pilot assumed",
        "it is not known what longer prompts cost",
    }  # fmt: skip


def test_what_makes_an_effect_doubtful_makes_its_estimate_doubtful_too():
    doubt = "of rows with a price alone: 1 of 3 rows have no price"
    bridge = CostBridge(
        **BASE, currency="USD", method="shapley", assumed_per_day=usd(1.0),
        actual_per_day=usd(2.0), drivers={"prompt_length": usd(0.5, no_interval=doubt)},
    )  # fmt: skip

    found, _ = estimate(an_action(), [bridge])

    assert found.no_interval == f"if prompts were as the pilot assumed; {doubt}"


def test_what_is_analysed_of_all_services_is_the_most_that_some_of_them_could_save():
    found, _ = estimate(an_action(kind="cache", services=["chat"]), [a_cache()])

    assert (found.value, found.no_interval) == (
        1.0, "at most: all services together, and the action is of some",
    )  # fmt: skip


def test_a_kind_that_nothing_estimates_says_so():
    assert estimate(an_action(kind="batch"), []) == (
        None, "no analysis estimates what batch saves",
    )  # fmt: skip
