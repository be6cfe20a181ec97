"""By what a system was judged and why something is waived, on the pages of its readers."""

import re

import pytest

from ops_model.site.pages import render
from tests.check.test_verdict import a_waiver
from tests.site import whole
from tests.site.pages_reader import Reader
from tests.site.whole import input_of, page

HOSTILE = "<img src=x onerror=alert(1)> agreed in June"
WAIVERS = [
    a_waiver("CMP-02", reason=HOSTILE, compensating_control="weekly look by ana-ruiz"),
    a_waiver("CMP-05", starts="2013-05-01", expires="2013-07-01", reason="an older thing"),
]


def pages_of(**policy):
    return render(input_of(whole.whole(records=(), policy=policy)))


@pytest.fixture(scope="module")
def waived():
    return pages_of(waivers=WAIVERS)


@pytest.mark.parametrize("name", ["compliance", "index"])
def test_who_accepted_a_gap_why_what_is_done_meanwhile_and_until_when(waived, name):
    text = Reader(waived[page(name)]).text

    assert f"{HOSTILE}." in text
    assert "Meanwhile: Weekly look by Ana Ruiz." in text
    assert "from 1 Jul 2013 until 1 Aug 2013" in text
    assert "not renewed" in text


@pytest.mark.parametrize("name", ["compliance", "index"])
def test_what_somebody_wrote_as_a_reason_is_no_markup(waived, name):
    assert "<img src=x" not in waived[page(name)]


@pytest.mark.parametrize("name", ["compliance", "index"])
def test_a_waiver_that_does_not_count_stands_there_with_why(waived, name):
    text = Reader(waived[page(name)]).text

    assert "An older thing." in text
    assert re.search(r"(count:|count CMP-05 An .*) It expired on 1 Jul 2013\.", text)


def test_the_first_box_of_the_compliance_page_leads_to_the_waivers(waived):
    html = waived[page("compliance")]

    assert "<dt>waived</dt><dd>CMP-02 " in html
    assert html.count('href="#waivers"') == 2


def test_nothing_set_and_nothing_waived_is_said_on_the_compliance_page():
    text = Reader(pages_of()[page("compliance")]).text

    assert "policy.yaml waives nothing of this system." in text
    assert "By the thresholds and minimum grades that ship for tier" in text


def test_what_is_set_otherwise_than_it_ships_is_told_with_what_asks_for_less_first():
    pages = pages_of(
        thresholds={"CST-02": {"max_age_hours": 900}},
        minimum_grades={"SEC": dict.fromkeys("AB", "E1"), "DRF": dict.fromkeys("AB", "E4")},
    )

    box = Reader(pages[page("compliance")]).text
    box = box[box.index("By what it was judged") : box.index("The log policy")]
    assert "1 asks for weaker evidence" in box
    assert box.index("▲ looser") < box.index("max_age_hours 900") < box.index("✓ stricter")
    owner = Reader(pages[page()]).text
    assert "all of SEC: E1 declared (ships E" in owner
    assert "CST-02 max_age_hours 900 (ships" in owner


def test_seats_and_notebooks_that_the_policy_lets_count_are_told_too():
    digest = "sha256:" + "a" * 64
    pages = pages_of(
        seats_by_reference=dict.fromkeys("AB", 2), approved_notebooks=[digest],
    )  # fmt: skip

    text = Reader(pages[page("compliance")]).text
    assert "seats decided elsewhere by reference, without a signature 2 of 3" in text
    assert "1 approved here, and those that ship" in text
    assert "1 asks for weaker evidence" in text
    assert "seats decided elsewhere: 2 of 3 (ships " in Reader(pages[page()]).text


def test_the_owner_s_page_without_limits_of_one_s_own_holds_not_a_word_of_them():
    assert "The policy sets" not in Reader(pages_of()[page()]).text
