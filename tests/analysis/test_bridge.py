"""A bridge adds up, favours no driver, and finds what was planted."""

from dataclasses import fields, replace
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.analysis.bridge import (
    OF_TOKENS,
    Bridge,
    Cell,
    Hours,
    Side,
    bridge_of_hours,
    bridge_of_tokens,
    shapley,
)
from tests.analysis import servegen_weeks
from tests.shared_data import shared

D = Decimal
CHAT, SEARCH = ("chat", "large"), ("search", "small")
CENT = D("0.01")


def a_cell(**changed):
    """All requests of one cell: 1,000 tokens in at 2, 100 out at 10, per million."""
    usual = {
        "share": 1, "prompt": 1000, "output": 100, "read": 0, "written": 0,
        "given_price": "0.000002", "read_price": "0.0000005", "written_price": "0.0000025",
        "output_price": "0.00001", "fee": 0,
    }  # fmt: skip
    return Cell(**{k: None if v is None else D(v) for k, v in (usual | changed).items()})


def a_side(units=1000, per_unit=1, **cells):
    known = cells or {"chat": a_cell()}
    keys = {"chat": CHAT, "search": SEARCH}
    return Side(D(units), D(per_unit), {keys[name]: cell for name, cell in known.items()})


def moved(bridge):
    """The drivers that changed anything, as floats."""
    return {name: float(effect) for name, effect in bridge.effects.items() if effect}


def residual(bridge):
    return bridge.now - bridge.before - sum(bridge.effects.values())


def test_a_player_gets_what_it_adds_averaged_over_every_order():
    worth = {
        "": 0, "a": 1, "b": 2, "c": 4, "ab": 10, "ac": 5, "bc": 7, "abc": 20,
    }  # fmt: skip

    def of(names):
        return D(worth["".join(sorted(names))])

    by_hand = dict.fromkeys("abc", D(0))
    for order in permutations("abc"):
        for place, name in enumerate(order):
            by_hand[name] += (of(order[: place + 1]) - of(order[:place])) / 6

    found = shapley("abc", of)

    assert {n: round(v, 12) for n, v in found.items()} == {
        n: round(v, 12) for n, v in by_hand.items()
    }


def test_a_day_like_the_one_before_has_nothing_to_explain():
    bridge = bridge_of_tokens(a_side(), a_side())

    assert (bridge.before, bridge.now, moved(bridge)) == (3, 3, {})


@pytest.mark.parametrize(
    ("driver", "now"),
    [
        ("volume", a_side(units=1500)),
        ("retries", a_side(per_unit="1.5")),
        ("prompt_length", a_side(chat=a_cell(prompt=1750))),
        ("output_length", a_side(chat=a_cell(output=250))),
        ("price", a_side(chat=a_cell(given_price="0.000003", output_price="0.000015"))),
    ],
)
def test_what_alone_changed_gets_all_of_the_change(driver, now):
    # Each by half of what a day costs: 3.00 before, 4.50 after.
    assert moved(bridge_of_tokens(a_side(), now)) == {driver: pytest.approx(1.5)}


def test_a_cache_that_holds_half_of_the_prompt_saves_three_quarters_of_that_half():
    bridge = bridge_of_tokens(a_side(), a_side(chat=a_cell(read="0.5")))

    assert moved(bridge) == {"cache": pytest.approx(-0.75)}


def test_what_writing_to_a_cache_costs_more_is_the_cache_too():
    bridge = bridge_of_tokens(a_side(), a_side(chat=a_cell(written="0.5")))

    assert moved(bridge) == {"cache": pytest.approx(0.25)}


def test_requests_that_move_to_another_model_are_mix():
    cheap = a_cell(share=0, given_price="0.000001", output_price="0.000005")
    before = a_side(chat=a_cell(), search=cheap)
    now = a_side(chat=a_cell(share="0.4"), search=replace(cheap, share=D("0.6")))

    # 600 of 1,000 requests cost half of 0.003.
    assert moved(bridge_of_tokens(before, now)) == {"model_mix": pytest.approx(-0.9)}


def test_a_service_that_came_is_mix_however_long_its_prompts_are():
    now = a_side(chat=a_cell(share="0.5"), search=a_cell(share="0.5", prompt=9000))

    came = bridge_of_tokens(a_side(), now)
    went = bridge_of_tokens(now, a_side())

    assert set(moved(came)) == set(moved(went)) == {"model_mix"}
    assert moved(came)["model_mix"] == -moved(went)["model_mix"] == pytest.approx(8)


def test_a_planted_change_is_found_as_worked_out_by_hand():
    # Input 2.00 a day: twice the units, prompts half as long again. The change of one of two
    # factors counts half with the other as before, half with it as now; output is volume alone.
    bridge = bridge_of_tokens(a_side(), a_side(units=2000, chat=a_cell(prompt=1500)))

    assert moved(bridge) == {
        "volume": pytest.approx(2 * (1 + 1.5) / 2 + 1),
        "prompt_length": pytest.approx(1 * (1 + 2) / 2),
    }
    assert bridge.now - bridge.before == 5


def test_no_driver_is_favoured_by_being_named_first():
    before, now = _all_different()
    expected = bridge_of_tokens(before, now).effects
    backwards = [
        Side(side.units, side.per_unit, dict(reversed(side.cells.items())))
        for side in (before, now)
    ]

    assert bridge_of_tokens(*backwards).effects == expected
    for order in list(permutations("abcd"))[::5]:
        found = shapley(order, lambda names: D(len(names) ** 2) + D("a" in names) * 7)
        assert found == {"a": 11, "b": 4, "c": 4, "d": 4}


def test_the_way_back_takes_away_what_the_way_there_added():
    before, now = _all_different()
    there, back = bridge_of_tokens(before, now).effects, bridge_of_tokens(now, before).effects

    for name in OF_TOKENS:
        assert abs(there[name] + back[name]) < D("1e-30")
        assert there[name]


def test_a_day_without_requests_costs_nothing_and_all_that_came_is_volume():
    bridge = bridge_of_tokens(Side(D(0), None, {}), a_side())

    assert (bridge.before, moved(bridge)) == (0, {"volume": 3.0})


@st.composite
def sides(draw):
    """A side of up to three cells, some of whose numbers nobody knows."""
    names = draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, unique=True))
    weights = [draw(st.integers(1, 50)) for _ in names]
    cells = {}
    for name, weight in zip(names, weights, strict=True):
        tokens = {k: draw(st.decimals(0, 5000, places=2)) for k in ("prompt", "output", "fee")}
        read = draw(st.decimals(0, 1, places=3))
        prices = {
            f.name: draw(st.none() | st.decimals(0, 1, places=6))
            for f in fields(Cell) if f.name.endswith("price")
        }  # fmt: skip
        cells[name, "m"] = Cell(
            share=D(weight) / sum(weights), read=read, written=(1 - read) / 2, **tokens, **prices
        )
    return Side(draw(st.decimals(0, 10**6, places=1)), draw(st.decimals(1, 3, places=3)), cells)


@settings(max_examples=40, deadline=None)
@given(before=sides(), now=sides())
def test_the_drivers_add_up_to_the_change_whatever_changed(before, now):
    bridge = bridge_of_tokens(before, now)

    assert abs(residual(bridge)) < D("1e-12")
    assert set(bridge.effects) == set(OF_TOKENS)


def test_hours_are_split_half_way_between_then_and_now():
    # 48 h at 0.10 became 60 h at 0.08; 24 h of another kind went.
    before = {("api", "big"): Hours(D(48), D("0.1")), ("api", "old"): Hours(D(24), D("0.05"))}
    now = {("api", "big"): Hours(D(60), D("0.08"))}

    bridge = bridge_of_hours(before, now)

    assert (bridge.before, bridge.now) == (D("6.00"), D("4.80"))
    assert moved(bridge) == {
        "volume": pytest.approx(12 * 0.09 - 24 * 0.05), "price": pytest.approx(-0.02 * 54),
    }  # fmt: skip
    assert residual(bridge) == 0


def test_tokens_and_hours_add_up_driver_by_driver():
    one = Bridge(D(1), D(4), {"volume": D(2), "price": D(1)})
    other = Bridge(D(2), D(3), {"volume": D(3), "cache": D(-2)})

    assert one.plus(other) == Bridge(D(3), D(7), {"volume": D(5), "price": D(1), "cache": D(-2)})


def _all_different():
    before = a_side(
        chat=a_cell(share="0.7", read="0.3"),
        search=a_cell(share="0.3", prompt=400, given_price="0.0000005"),
    )
    now = a_side(
        1400, "1.1",
        chat=a_cell(share="0.4", prompt=1900, output=150, read="0.1", given_price="0.0000018"),
        search=a_cell(share="0.6", prompt=500, given_price="0.0000005"),
    )  # fmt: skip
    return before, now


@pytest.fixture(scope="module")
def real_weeks():
    return servegen_weeks.weeks(
        shared("servegen_arrivals_10min.parquet"), shared("servegen_tokens_by_window.parquet")
    )


def test_what_was_planted_into_a_real_week_is_found_as_worked_out(real_weeks):
    week = real_weeks[0]
    bridge = bridge_of_tokens(week, servegen_weeks.planted(week))
    expected = servegen_weeks.closed_form(week)

    assert {n: round(effect) for n, effect in bridge.effects.items() if effect} == {
        "volume": 85_078, "prompt_length": 55_501, "price": -37_450,
    }  # fmt: skip
    for name, effect in expected.items():
        assert bridge.effects[name] == pytest.approx(effect, rel=D("1e-12"))
    assert abs(residual(bridge)) < CENT


def test_two_real_weeks_are_explained_to_the_cent(real_weeks):
    bridge = bridge_of_tokens(*real_weeks)

    assert round(bridge.now - bridge.before) == -92_548
    assert {n: round(effect) for n, effect in bridge.effects.items() if effect} == {
        "volume": 26_787, "prompt_length": 486, "output_length": -28_320, "model_mix": -91_501,
    }  # fmt: skip
    assert abs(residual(bridge)) < CENT
