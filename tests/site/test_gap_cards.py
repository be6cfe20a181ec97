"""The cards of the gap map."""

import pytest

from ops_model.check.steps import next_steps
from ops_model.domain.change import Change
from ops_model.domain.evidence import Grade
from ops_model.domain.system import StrategyClaim
from ops_model.domain.values import Where
from ops_model.site.gap_cards import gap_map_card, promises_card, sections_card, steps_card
from tests.site import samples
from tests.site.pages_reader import Reader
from tests.site.samples import HOSTILE, people
from tests.site.test_cards import KEPT_TAGS

MODEL = {"area": "model", "minimum_grade": Grade.DECLARED, "values": ()}


def judged(*findings):
    return samples.assessment().model_copy(update={"findings": findings})


def promise(claim_id, *mechanisms, text="It is always there."):
    return StrategyClaim(
        id=claim_id, section="responsible_ai", text=text, source="page 6", mechanisms=mechanisms
    )


def every_card(assessed, system=None):
    system = system or samples.claims(strategy=(promise("always", "rollback"),))
    return [
        sections_card(system, assessed, people()),
        promises_card(system, assessed, people()),
        gap_map_card(assessed, people()),
        steps_card(assessed, next_steps(assessed), people()),
    ]


def test_a_file_that_a_check_asks_for_is_missing_and_another_may_wait():
    asked = samples.finding(
        "RBK-01", "unknown", reason="missing", remedy="write it",
        looked_at=(Where(path="systems/flight-delay/rollback.yaml"),),
    )  # fmt: skip

    text = Reader(sections_card(samples.claims(), judged(asked), people())).text

    assert text.startswith("✖ missing Sections of flight-delay: 1 of 11 missing")
    assert "✓ there ownership.yaml" in text
    assert "✖ missing rollback.yaml" in text
    assert "\u2013 not asked for change.yaml" in text


def test_a_file_says_who_wrote_it_and_when():
    change = Change(declared={"by": "clara-ng", "at": "2013-07-01T08:00:00Z"})
    system = samples.claims().model_copy(update={"change": change})

    text = Reader(sections_card(system, judged(), people())).text

    assert "change requests, rollouts, environments Clara Ng, 1 Jul 2013" in text
    assert "system.yaml what it is, its versions, what it depends on, how it may fail version " \
        "control says it" in text  # fmt: skip


def test_what_the_catalogue_says_of_the_sections_colours_the_card():
    whole = samples.finding("OM-01", "failed", remedy="write them", **MODEL)

    text = Reader(sections_card(samples.claims(), judged(whole), people())).text

    assert text.startswith("✖ failed Sections of flight-delay: 0 of 11 missing")
    assert "OM-01" in text


def test_a_promise_stands_beside_what_makes_it_true_the_hopes_first():
    system = samples.claims(
        strategy=(
            promise("kept", "ownership", text="Somebody answers."),
            promise("hope", text="It is safe by design."),
            promise("broken", "ownership", "monitor/nowhere", text="We see it first."),
        )
    )

    text = Reader(promises_card(system, judged(), people())).text

    assert text.startswith("✖ a hope 1 of 3 promises have something behind them")
    assert "It is safe by design. responsible AI; page 6 ✖ a hope no mechanism is named" in text
    assert "✖ a hope ✓ there ownership ✖ missing monitor/nowhere" in text
    assert "Somebody answers. responsible AI; page 6 ✓ backed ✓ there ownership" in text
    assert text.index("by design") < text.index("Somebody answers")


def test_the_sentence_on_strategy_papers_stands_below_the_promises():
    said = samples.finding("OM-03", message="no strategy paper counts as evidence", **MODEL)

    text = Reader(promises_card(samples.claims(), judged(said), people())).text

    assert "no strategy paper counts as evidence" in text


def test_a_system_without_promises_says_that_none_is_written_down():
    text = Reader(promises_card(samples.claims(), judged(), people())).text

    assert text.startswith("? unknown Promises and mechanisms No promise of the strategy paper")


def test_the_gap_map_counts_what_there_is_and_lists_gaps_by_area():
    assessed = judged(
        samples.finding("CST-01", "failed", area="cost", message="no ceiling", remedy="set one"),
        samples.finding("RBK-02", "unknown", reason="missing", message="never", remedy="drill"),
        samples.finding("RBK-01"),
        samples.finding("QLT-01", area="detection"),
    ).model_copy(
        update={"areas": {"rollback": "unknown", "detection": "passed", "cost": "failed"}}
    )

    text = Reader(gap_map_card(assessed, people())).text

    assert text.startswith("✖ gaps Gap map of flight-delay: 2 gaps in 2 areas")
    assert "✓ passed 2 · ✖ failed 1 · ? unknown 1 of 4 checks" in text
    assert text.index("Rollback 1 gap in 2 checks") < text.index("Cost 1 gap in 1 check")
    assert "? unknown RBK-02 never ledger:6 drill nobody yet" in text
    assert "✓ passed no gap in: detection" in text


def test_a_waived_gap_is_counted_and_stays_on_the_map():
    waived = samples.finding("RBK-02", "failed", remedy="drill", waived=True)

    text = Reader(gap_map_card(judged(waived), people())).text

    assert "▲ waived 1 of 1 check" in text
    assert "▲ waived RBK-02" in text


def test_the_next_steps_say_what_they_open_who_does_it_and_how_to_go_on():
    assessed = judged(
        samples.finding("CST-01", "failed", area="cost", remedy="set a ceiling",
                        owner="clara-ng"),
    )  # fmt: skip

    text = Reader(steps_card(assessed, next_steps(assessed), people())).text

    assert text.startswith("▲ next 1 thing to do closes 1 gap")
    assert "1 set a ceiling stands in the way of “What is the cost ceiling, today?”" in text
    assert "(CST-01 in cost) Clara Ng" in text
    assert "systems/flight-delay/fill_in.ipynb" in text
    assert "ops-model check flight-delay" in text


def test_with_no_gap_left_the_steps_say_so():
    text = Reader(steps_card(judged(samples.finding()), (), people())).text

    assert text.startswith("✓ passed Nothing stands in the way")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    assessed = samples.hostile_system(text).assessment
    claim = StrategyClaim.model_construct(
        id="x", section="market", text=text, source=text, mechanisms=(text,)
    )
    claims = samples.claims()
    identity = claims.identity.model_copy(update={"strategy": (claim,)})

    for html in every_card(assessed, claims.model_copy(update={"identity": identity})):
        read = Reader(html)
        assert read.tags <= KEPT_TAGS
        assert "\u202e" not in read.text
