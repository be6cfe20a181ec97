"""Card, figure and half-sentence of a drill in which a vendor failed in several ways."""

from ops_model.domain.evidence import Measured
from ops_model.domain.people import People
from ops_model.site.cards import card
from ops_model.site.fallback_figure import faults_figure
from ops_model.site.figures import caption, figure
from ops_model.site.told import told
from tests.builders import PEOPLE, a_fallback_drill, a_system, exact, share


def seconds(value):
    return Measured(
        value=value, unit="s", n=0 if value is None else 1, no_interval="single timing"
    )


def a_fault(name, **changes):
    """Twenty requests, all answered by the way on, with a notice."""
    values = {
        "fault": name, "served_share": share(1.0, 20), "p95_seconds": exact(0.02, "s", 20),
        "requests": 20, "degraded_share": share(1.0, 20), "notice_share": share(1.0, 20),
        "lost": 0, "switch_seconds": seconds(0.01), "return_seconds": seconds(1.5),
        "silent_swaps": 0,
    }  # fmt: skip
    return values | changes


GOOD = a_fault("html")
LOST = a_fault(
    "hang", served_share=share(0.25, 20), degraded_share=share(1.0, 5),
    notice_share=share(0.6, 5), lost=15, errors={"no answer in time": 15},
    return_seconds=seconds(None), problems=("15 of 20 requests got neither",),
)  # fmt: skip
SWAP = a_fault(
    "model_swap", notice_share=share(0.0, 20), silent_swaps=20, switch_seconds=seconds(None),
    problems=("20 answers came from another model",),
)  # fmt: skip


def a_drill(*faults, **changes):
    return a_fallback_drill(a_system(), faults=faults, **changes)


def shown(record):
    return card(record, People.model_validate(PEOPLE))


def test_the_card_has_a_row_for_each_fault_in_plain_words():
    html = shown(a_drill(GOOD, LOST, SWAP, swap_noticed=False))

    assert "1 of 3 faults withstood, 20 requests under each." in html
    for words in ("sends a page of HTML", "says nothing", "swaps the model"):
        assert words in html
    assert "no answer in time (15)" in html
    assert "another model, without a word (20)" in html
    assert "20 answers of it reached users without a word" in html


def test_a_notice_that_not_everybody_saw_is_no_yes():
    # Two of the five answers under the hang, and all twenty of the swap.
    html = shown(a_drill(GOOD, LOST, SWAP))

    assert "seen, its words as planned; 22 degraded answers had none" in html
    assert "had none" not in shown(a_drill(GOOD, GOOD))


def test_a_switch_over_that_never_came_is_called_so():
    assert ">never<" in shown(a_drill(GOOD, LOST, seconds=seconds(None)))


def test_the_card_of_one_outage_is_as_it_was():
    html = shown(a_drill(GOOD))

    assert "withstood" not in html
    assert "another model than was asked for" not in html


def test_a_drill_in_which_all_was_well_has_no_column_for_what_came_instead():
    assert "in place of an answer" not in shown(a_drill(GOOD, GOOD))
    assert "in place of an answer" in shown(a_drill(GOOD, LOST))


def test_the_figure_counts_the_requests_of_each_fault_by_what_users_got():
    # Of twenty: html all told; hang five served, three of them told; the swap told nobody.
    bars = {
        bar["name"]: tuple(bar["x"]) for bar in faults_figure(a_drill(GOOD, LOST, SWAP))["data"]
    }

    assert bars == {
        "by the way on, told": (20, 3, 0),
        "not told": (0, 2, 20),
        "no answer": (0, 15, 0),
    }


def test_the_figure_of_one_outage_shows_the_steps_and_of_a_vendor_the_faults():
    step = {"name": "take it away", "seconds": seconds(1.0), "ok": True}

    one, several = a_drill(GOOD, steps=(step,)), a_drill(GOOD, LOST, steps=(step,))

    assert figure(one)["data"][0]["base"] is not None
    assert caption(one) == "The steps of the drill, one after the other, in seconds."
    assert [bar["name"] for bar in figure(several)["data"]][-1] == "no answer"
    assert caption(several).endswith("Not withstood: the vendor says nothing.")


def test_in_short_it_says_how_many_faults_were_withstood():
    assert told(a_drill(GOOD, LOST)).endswith(", 1 of 2 faults withstood")
    assert "withstood" not in told(a_drill(GOOD))


def test_a_client_cannot_write_markup_by_what_it_sends_in_place_of_an_answer():
    html = shown(a_drill(GOOD, LOST | {"errors": {"<b>x</b>": 1}}))

    assert "<b>x</b>" not in html
    assert "&lt;b&gt;x" in html
