"""The cards of all systems together."""

import pytest

from ops_model.domain.portfolio_status import (
    CLASSES,
    CeilingSum,
    PilotGate,
    SharedGap,
    Standing,
    Waiting,
)
from ops_model.domain.values import Money
from ops_model.site import portfolio_cards as cards
from tests.site import samples
from tests.site.pages_reader import Reader
from tests.site.samples import HOSTILE, people
from tests.site.test_cards import KEPT_STYLES, KEPT_TAGS


def a_status(**changes):
    return samples.portfolio().model_copy(update=changes)


def usd(amount):
    return Money(amount=amount, currency="USD")


def text(html):
    return Reader(html).text


def every_card(status):
    return [
        cards.board_card(status), cards.classes_card(status), cards.stages_card(status),
        cards.friction_card(status, people()), cards.shared_gaps_card(status, people()),
        cards.debt_card(status), cards.budget_card(status), cards.gate_card(status),
    ]  # fmt: skip


def test_every_class_is_shown_by_glyph_and_word():
    assert set(cards.LOOKS) == set(CLASSES)
    assert len({look.text for look in cards.LOOKS.values()}) == len(CLASSES)


@pytest.mark.parametrize("html", every_card(samples.portfolio()))
def test_a_card_uses_only_what_an_untrusted_output_may_hold(html):
    read = Reader(html)
    styles = {part.split(":")[0] for s in read.values("style") for part in s.split(";")}

    assert read.tags <= KEPT_TAGS
    assert styles <= KEPT_STYLES
    assert all(src.startswith("data:image/svg+xml,") for src in read.values("src"))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_text(hostile):
    gap = SharedGap(what=hostile, checks=("RBK-02",), systems=("flight-delay",), gaps=1)
    status = a_status(
        next_gaps=(gap,), waiting=(Waiting(by="team", what=hostile, days=1, systems=1),),
        ceilings=CeilingSum(override=hostile),
    )  # fmt: skip

    for html in every_card(status):
        assert Reader(html).tags <= KEPT_TAGS


def test_the_board_card_counts_strategies_and_plans_with_a_bar_each():
    read = Reader(cards.board_card(samples.portfolio()))

    assert "3 had a strategy, 1 had an operations plan" in read.text
    assert read.values("alt") == ["3 of 3 had a strategy", "1 of 3 had an operations plan"]
    assert "What to tell the board:" in read.text


def test_no_system_at_all_is_no_success():
    status = a_status(systems=())

    assert text(cards.board_card(status)).startswith("\u2013 not applicable")
    assert text(cards.classes_card(status)).startswith("\u2013 not applicable No system yet")


def test_what_needs_an_executive_most_comes_first():
    shown = text(cards.classes_card(samples.portfolio()))

    assert shown.startswith("✖ RECKLESS 1 RECKLESS, 1 STRANDED, 1 FRAGILE")
    places = [shown.index(word) for word in ("✖ RECKLESS", "■ STRANDED", "▲ FRAGILE")]
    assert places == sorted(places)
    assert "not judged" in shown  # the pilot that no folder describes


def test_stages_say_their_age_and_who_serves_nobody():
    shown = text(cards.stages_card(samples.portfolio()))

    assert "flight-delay live 143 days 143 days v2: 143 days" in shown
    assert "invoice-extractor no folder describes it not known never served" in shown


def test_waiting_is_told_by_reason_seat_and_team():
    status = a_status(
        waiting=(
            Waiting(by="stall", what="no_operators", days=224, systems=1, still=("a",)),
            Waiting(by="seat", what="product", days=7, systems=2),
        )
    )

    shown = text(cards.friction_card(status, people()))

    assert "224 days of stalling, 7 days of waiting for a review" in shown
    assert "no operators 224 1 a" in shown
    assert "product 7 2 nobody" in shown


def test_no_wait_is_said_and_is_no_gap():
    shown = text(cards.friction_card(a_status(waiting=()), people()))

    assert shown.startswith("✓ nothing 0 days of stalling")
    assert "No pilot has a stall reason" in shown


def test_a_shared_gap_says_how_many_it_closes_and_whether_that_is_possible_yet():
    later = SharedGap(what="sign it", checks=("REV-05",), systems=("a", "b"), gaps=2, waits=True)

    shown = text(cards.shared_gaps_card(a_status(next_gaps=(later,)), people()))

    assert "▲ not yet possible sign it closes 2 gaps in 2 systems (REV-05)" in shown
    assert text(cards.shared_gaps_card(a_status(next_gaps=()), people())).startswith("✓ passed")


def test_the_debt_names_gaps_days_and_the_rule():
    shown = text(cards.debt_card(samples.portfolio()))

    assert "108 weighted gap days" in shown
    assert "A waiver answers for a gap and does not close it." in shown


@pytest.mark.parametrize(
    ("ceilings", "said"),
    [
        (CeilingSum(total=usd("30"), limit=usd("40"), holds=True), "✓ within the ceiling"),
        (CeilingSum(total=usd("50"), limit=usd("40"), holds=False), "✖ over the ceiling"),
        (
            CeilingSum(total=usd("50"), limit=usd("40"), holds=False, override="until May"),
            "▲ over, by a written exception",
        ),
        (CeilingSum(total=usd("30"), left_out=("b",)), "? cannot be compared"),
        (CeilingSum(), "? cannot be compared"),
    ],
)
def test_the_sum_of_ceilings_says_whether_it_holds(ceilings, said):
    assert said in text(cards.budget_card(a_status(ceilings=ceilings)))


def test_a_stranded_pilot_that_nobody_costed_stays_in_the_ask():
    shown = text(cards.budget_card(a_status(not_costed=("b",))))

    assert "The ask: 48,000.00 USD" in shown
    assert "not costed yet: b" in shown


def test_the_gate_says_refused_or_open_and_why():
    gate = PilotGate(refused=False, why="0 stranded", stranded=0, wip_limit=2, operators_fte=1.5)

    assert text(cards.gate_card(samples.portfolio())).startswith("✖ refused One more pilot")
    assert text(cards.gate_card(a_status(gate=gate))).startswith("✓ may begin One more pilot")
    assert "nobody set a limit" in text(cards.gate_card(a_status(gate=None)))


def test_the_gate_is_unknown_where_only_the_number_of_operators_is_missing():
    gate = PilotGate(refused=True, why="operators_fte is not written", stranded=0, wip_limit=2)

    shown = text(cards.gate_card(a_status(gate=gate)))

    assert shown.startswith("? unknown One more pilot")
    assert "people who operate AI systems not written" in shown


def test_a_pilot_without_a_folder_is_told_apart_from_a_judged_system():
    nowhere = Standing(system="elsewhere", outcome="RECKLESS", in_production=True)

    shown = text(cards.classes_card(a_status(systems=(nowhere,))))

    assert "no folder under systems/ describes it" in shown


def test_a_system_that_answers_every_question_and_lacks_a_section_says_so():
    written, answered = samples.portfolio().systems[:2]
    lacking = written.model_copy(update={"had_plan": False})

    def questions(*systems):
        return text(cards.classes_card(a_status(systems=systems)))

    assert "5 of 5, OM-01 is open" in questions(lacking)
    assert "OM-01" not in questions(written, answered)
