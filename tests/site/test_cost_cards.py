"""The cards of cost: what a reader sees first, and that nothing unknown looks well."""

import re
from datetime import timedelta

import pytest

from ops_model.site.cards import card
from ops_model.site.ceiling_bar import bar_svg
from ops_model.site.cost_cards import days_of
from ops_model.site.words import amount
from tests.site import samples
from tests.site.kinds_of_cost import (
    between,
    bill,
    bridge,
    cache,
    ceiling_state,
    compute,
    forecast,
    load,
    month,
    not_known,
    right_sizing,
    savings,
    unit_cost,
    usd,
    watch,
)
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, exact, people


def text_of(record):
    return Reader(card(record, people())).text


def test_spend_begins_with_today_and_the_age_of_the_data():
    text = text_of(samples.spend().model_copy(update={
        "today": usd(6.48), "data_age_hours": exact(7.25, "hours", 1),
    }))  # fmt: skip

    assert "Today so far 6.48 USD , by data 7.25 h old (newest row" in text


def test_spend_tells_apart_what_users_asked_and_what_was_only_tried():
    text = text_of(samples.spend().model_copy(update={
        "total": usd(100), "by_purpose": {"prod": usd(95), "shadow": usd(5)},
    }))  # fmt: skip

    assert "what users asked 95.00 USD (95.0 %) · shadow 5.00 USD (5.0 %)" in text


def test_what_was_not_priced_is_named_and_counted():
    text = text_of(samples.spend().model_copy(update={
        "unpriced": {"model-x: no price": 7}, "apart": {"negative tokens": 2}, "unpriced_rows": 7,
        "silent_days": (AS_OF.date(),), "warnings": ("model-y: older than its price",),
    }))  # fmt: skip

    assert "model-x: no price: 7 rows" in text
    assert "negative tokens: 2 rows" in text
    assert "1 day without any row, of which nothing is known: 22 Jul 2013" in text
    assert "model-y: older than its price" in text


def test_days_are_told_as_spans():
    days = [AS_OF.date().replace(day=day) for day in (3, 1, 2, 9)]

    assert days_of(days) == "1 Jul 2013 to 3 Jul 2013, 9 Jul 2013"


def test_a_ceiling_says_what_is_spent_who_is_told_and_who_may_raise_it():
    text = text_of(watch())

    assert text.startswith("▲ warned Ceilings at 22 Jul 2013, 08:00 UTC By data 40 minutes old.")
    assert "8.50 USD of 10.00 USD" in text
    assert "Clara Ng told by mail: clara-ng there: throttle" in text
    assert "Ben Okafor, by at most 50.00 USD" in text


def test_who_else_is_above_a_ceiling_and_what_was_crossed_before_is_shown():
    user = ceiling_state("each", "crossed", scope="user", of="second")
    past = ceiling_state("day", "crossed", day=AS_OF.date() - timedelta(days=1), over=True)

    text = text_of(watch().model_copy(update={"also": (user, past)}))

    assert "a user second, per day" in text
    assert "the system, per day, on 21 Jul 2013" in text


def test_of_many_others_the_rest_is_counted():
    others = tuple(ceiling_state("each", "crossed", scope="user", of=f"u{i}") for i in range(12))

    assert "and 2 others" in text_of(watch().model_copy(update={"also": others}))


def test_the_gravest_ceiling_gives_the_word_and_stands_first():
    text = text_of(watch(ceiling_state("b"), ceiling_state("a", "page")))

    assert text.startswith("✖ burns too fast Ceilings")
    assert text.index("a the system, per day") < text.index("b the system, per day")


def test_an_unknown_ceiling_is_graver_than_one_that_is_on_its_way():
    unknown = ceiling_state("b", "unknown")
    unknown = unknown.model_copy(update={"spent": not_known("no row"), "projected": None})

    text = text_of(watch(ceiling_state("a", "ticket"), unknown))

    assert text.startswith("? unknown Ceilings")
    assert "unknown of 10.00 USD" in text


def test_a_bar_shows_the_warnings_and_never_runs_out_of_its_picture():
    drawn = bar_svg(9.0, 12.0, (0.5, 0.8, 1.0), "crossed")
    widths = [int(w) for w in re.findall(r'<rect x="0" y="5" width="(\d+)"', drawn)]

    # 150 px are the ceiling; half of it is at 75, four fifths at 120.
    assert '<rect x="75" ' in drawn
    assert '<rect x="120" ' in drawn
    assert max(widths) == 220
    assert bar_svg(None, None, (), "unknown") == ""


def test_a_forecast_without_an_interval_says_so_and_why():
    text = text_of(forecast(no_interval="no interval: 3 series are known"))

    assert "Reached on 6 Aug 2013 No interval: 3 series are known" in text


def test_a_forecast_with_an_interval_says_between_which_days():
    days = {"earliest": AS_OF.date(), "latest": AS_OF.date().replace(day=30), "series": 49}

    text = text_of(forecast(**days, no_interval=None))

    assert "Reached on 6 Aug 2013, between 22 Jul 2013 and 30 Jul 2013" in text
    assert "rests on 49 other series" in text


def test_a_forecast_of_what_is_not_known_is_not_fine():
    text = text_of(forecast(crosses_on=None, growth_per_day=not_known("no whole day")))

    assert text.startswith("? unknown")
    assert "Not known" in text


def test_the_lines_of_a_bridge_add_up_to_the_cent_as_printed():
    text = text_of(bridge())
    shown = [
        float(m.replace("\u2212", "-")) for m in re.findall(r" ([+\u2212]\d+\.\d\d) \w", text)
    ]

    # The first is in the headline; the four drivers take 9.82 to 18.68.
    assert round(9.82 + sum(shown[1:]), 2) == 18.68
    assert "most by volume, +6.94 USD" in text


def test_each_driver_has_an_owner_and_what_to_do():
    text = text_of(bridge())

    assert "length of prompts +4.88 Clara Ng look at prompt_length (shorter)" in text
    assert "shadow 0.17 USD" in text
    assert "the pilot names no retries" in text


def test_a_bridge_with_an_unknown_end_is_unknown():
    text = text_of(bridge(actual_per_day=not_known("no whole day"), bars=(), drivers={}))

    assert text.startswith("? unknown")


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({}, "▲ above the target"),
        ({"target": usd(0.10, 1)}, "✓ within the target"),
        ({"target": usd(0.083, 1)}, "? too close to tell"),
        ({"worth": usd(0.05, 1)}, "✖ above its worth"),
        ({"target": None}, "● no target is set"),
        ({"cost_per_success": not_known("no success")}, "? unknown"),
    ],
)
def test_a_success_is_held_against_its_target_by_the_near_end_of_its_interval(more, word):
    assert text_of(unit_cost(**more)).startswith(word)


def test_a_cost_below_a_cent_is_not_rounded_away():
    assert amount(0.0835, "USD") == "0.0835 USD"
    assert amount(0.02, "USD") == "0.02 USD"
    assert amount(-0.000001, "USD") == "0.00 USD"
    assert amount(0.104, "USD") == "0.10 USD"


def test_a_cache_that_may_save_nothing_is_not_called_money_to_save():
    assert text_of(cache()).startswith("▲ money to save")
    assert text_of(cache(saving=0.2)).startswith("✓ nothing to save")


def test_what_seems_too_good_stands_first_and_books_nothing():
    text = text_of(right_sizing())

    assert "Shown to be good enough in 1 of 3 slices, 30.0 % of the traffic" in text
    assert text.index("too good: look at the data product") < text.index("good enough delivery")


def test_a_machine_says_how_busy_it_is_and_what_is_worth_reserving():
    text = text_of(compute())

    assert "Busy for 63.0 % of what is paid for." in text
    assert "cheapest to reserve 2 units" in text


def test_an_action_shows_its_measured_saving_beside_the_expected_one():
    measured = text_of(savings(between(3.4, 2.9, 3.9)))

    assert measured.startswith("✓ 1 of 1 shown to save")
    assert "3.20 USD 3.10 USD" in measured
    assert "not done yet" in text_of(savings())
    assert text_of(savings()).startswith("● none measured yet")


def test_a_saving_that_may_be_none_is_not_shown_to_save():
    unsure = text_of(savings(between(0.4, -0.5, 1.3)))

    assert unsure.startswith("▲ measured, none shown to save")


def test_a_month_that_is_not_explained_gives_the_bill_its_word():
    text = text_of(bill())

    assert text.startswith("✖ not explained Bill of vendor")
    assert "1 of 2 months explained; not Jun 2013." in text
    assert "Jun 2013: 22.61 USD have no name" in text
    assert "in another currency: 2 rows" in text


def test_a_month_that_nobody_knows_is_no_agreement():
    assert text_of(bill(month(agrees=None))).startswith("? unknown")
    assert text_of(bill(month(agrees=True))).startswith("✓ agrees")


def test_the_busiest_moment_is_told_with_its_slot():
    assert "counted over 10 seconds" in text_of(load())
