"""The pictures of cost: a bridge whose bars join, and a bill beside the log."""

import pytest

from ops_model.site.figures import caption, figure
from tests.site.kinds_of_cost import bill, bridge, not_known


def test_each_bar_of_a_bridge_begins_where_the_last_one_ended():
    (bars,) = figure(bridge())["data"]
    ends = [start + size for start, size in zip(bars["base"], bars["x"], strict=True)]

    assert (bars["y"][0], bars["y"][-1]) == ("assumed", "now")
    assert bars["base"][1:-1] == pytest.approx(ends[:-2])
    assert ends[-2] == pytest.approx(18.68)


def test_dearer_and_cheaper_differ_and_the_sign_is_written():
    (bars,) = figure(bridge())["data"]
    colours = dict(zip(bars["y"], bars["marker"]["color"], strict=True))

    assert colours["volume"] != colours["prices"]
    assert any(text.startswith("+6.94 USD") for text in bars["text"])


def test_a_bridge_that_is_not_known_is_not_drawn():
    assert figure(bridge(actual_per_day=not_known("no whole day"))) is None


def test_a_bill_stands_beside_the_log_month_by_month():
    billed, logged = figure(bill())["data"]

    assert list(billed["x"]) == list(logged["x"]) == ["May 2013", "Jun 2013"]
    assert (billed["name"], logged["name"]) == ("billed", "by the log")


def test_the_words_of_a_picture_say_what_it_shows():
    assert "length of prompts +4.88" in caption(bridge())
    assert "1 of 2 months explained" in caption(bill())
