"""The page of an area and its row on the owner's page: what is met, open, and not asked."""

import pytest

from ops_model.site.area import counted
from ops_model.site.pages import render
from tests.site import samples
from tests.site.pages_reader import Reader

FAILED = {"status": "failed", "remedy": "mend it", "message": "it broke"}
OF_DETECTION = {
    "DRF-01": FAILED,
    "DRF-02": {**FAILED, "waived": True},
    "QLT-01": {**FAILED, "switched_off": True},
}


@pytest.fixture(scope="module")
def pages():
    assessed = samples.assessment(spoiled=OF_DETECTION)
    system = samples.flight_system(assessment=assessed)
    return render(samples.site_input(systems=(system,)))


def test_what_is_met_what_is_open_and_what_is_switched_off_add_up():
    found = counted(f for f in samples.findings(OF_DETECTION) if f.area == "detection")

    # Four checks look at detection in the samples; three are spoiled.
    assert (found.asked, found.met, found.gaps, found.waived, found.off) == (4, 1, 2, 1, 1)
    assert found.met + found.gaps + found.off == found.asked
    assert found.open == "2 gaps (1 waived), 1 switched off"


def test_what_does_not_apply_is_in_no_number_and_where_all_is_met_nothing_is_open():
    rows = (samples.finding("RBK-02"), samples.finding("RBK-03", "not_applicable"))

    assert counted(rows) == (1, 1, 0, 0, 0)
    assert counted(rows).open == ""


def test_the_row_of_an_area_says_which_are_waived_and_which_are_switched_off(pages):
    text = Reader(pages["systems/flight-delay/index.html"]).text

    assert "Detection ✖ failed 1 of 4 2 gaps (1 waived), 1 switched off" in text


def test_a_failure_that_is_switched_off_stands_under_no_answer(pages):
    text = Reader(pages["systems/flight-delay/areas/detection.html"]).text

    assert "1 of 4 questions that apply is answered as they should be; 2 gaps (1 waived)" in text
    place = text.index("Open, and switched off (1)")
    assert text.index("Open (2)") < place < text.index("Answered (1)")
    assert "QLT-01" in text[place : text.index("Answered (1)")]
