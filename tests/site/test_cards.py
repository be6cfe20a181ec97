import re
from datetime import date, timedelta

import pytest

from ops_model.check.steps import next_steps
from ops_model.domain.assessment import NamedValue
from ops_model.domain.evidence import Grade, Measured, OwnerKnowledge, Record
from ops_model.domain.records import RECORDS
from ops_model.domain.system import StrategyClaim
from ops_model.domain.transition import Leaver, Skills
from ops_model.domain.values import Where
from ops_model.site.cards import area_card, card, eight_items_card, questions_card
from ops_model.site.finding_parts import places_read
from ops_model.site.gap_cards import gap_map_card, promises_card, sections_card, steps_card
from ops_model.site.markup import clean
from ops_model.site.transition_cards import (
    handoffs_card,
    ladder_card,
    no_transition_card,
    skills_card,
)
from tests.site import samples
from tests.site.kinds import every_kind
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, HOSTILE, people

RECORD_CARDS = every_kind()
PROMISE = StrategyClaim(
    id="safe", section="market", text="It is safe.", source="page 2", mechanisms=("rollback",)
)
# What JupyterLab's sanitiser lets through for an untrusted output, as far as cards need it.
KEPT_STYLES = {
    "border", "border-left", "border-top", "border-collapse", "padding", "margin", "max-width",
    "overflow-x", "overflow-wrap", "text-align", "vertical-align", "color", "font-weight",
    "font-size", "opacity", "white-space",
}  # fmt: skip
KEPT_TAGS = {
    "code", "div", "span", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul", "li",
    "img", "q",
}  # fmt: skip


def all_cards():
    assessed = samples.assessment()
    return [
        *(card(record, people()) for record in RECORD_CARDS.values()),
        questions_card(assessed, people()),
        eight_items_card(assessed, people()),
        area_card(assessed, "detection", people()),
        sections_card(samples.claims(), assessed, people()),
        promises_card(samples.claims(strategy=(PROMISE,)), assessed, people()),
        gap_map_card(assessed, people()),
        steps_card(assessed, next_steps(assessed), people()),
        handoffs_card((), (Leaver("ada-moreno", date(2013, 8, 1)),), assessed, people()),
        ladder_card(samples.transition(), assessed, people()),
        no_transition_card(assessed, people()),
        skills_card(Skills(own={"ml": ()}, partner={"ml": ()}), (), assessed, people()),
    ]


def test_every_kind_of_record_has_a_card_of_its_own():
    assert set(RECORD_CARDS) == set(RECORDS)


@pytest.mark.parametrize("html", all_cards())
def test_a_card_uses_only_what_an_untrusted_output_may_hold(html):
    read = Reader(html)
    styles = [part.split(":")[0] for style in read.values("style") for part in style.split(";")]

    assert read.tags <= KEPT_TAGS
    assert set(styles) <= KEPT_STYLES
    assert {name for _, name, _ in read.attributes} <= {
        "style",
        "src",
        "alt",
        "scope",
        "data-label",
    }
    assert all(src.startswith("data:image/svg+xml,") for src in read.values("src"))


@pytest.mark.parametrize("html", all_cards())
def test_colour_never_stands_without_glyph_and_word(html):
    coloured = re.findall(r'style="[^"]*?(?<!-)color:#[^"]*">([^<]*)<', html)

    assert coloured
    assert all(re.fullmatch(r"[✓✖?!▲■○●\u2013] .+", text) for text in coloured)


@pytest.mark.parametrize("html", all_cards())
def test_cells_are_aligned_to_the_left(html):
    cells = [a for tag, a in Reader(html).elements if tag in {"td", "th"}]

    assert all("text-align:left" in cell["style"] for cell in cells)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_record_stays_text(text):
    system = samples.hostile_system(text)
    records = [s.statement.record for s in system.statements]

    for record in [*records, system.assessment]:
        read = Reader(card(record, people()))

        assert read.tags <= KEPT_TAGS
        assert {name for _, name, _ in read.attributes} <= {
            "style",
            "src",
            "alt",
            "scope",
            "data-label",
        }
        assert "\u202e" not in read.text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_finding_stays_text(text):
    assessed = samples.hostile_system(text).assessment

    for html in (
        area_card(assessed, "rollback", people()),
        questions_card(assessed, people()),
        eight_items_card(assessed, people()),
    ):
        assert Reader(html).tags <= KEPT_TAGS
    assert clean(text).split()[0] in Reader(area_card(assessed, "rollback", people())).text


def test_the_verdict_stands_first_and_the_reason_next():
    text = Reader(card(samples.assessment(), people())).text

    assert text.startswith("✖ NOT READY Verdict on flight-delay ✖ NOT READY All 5 questions")


def test_an_assessment_shows_what_to_do_and_who():
    text = Reader(card(samples.assessment(), people())).text

    assert "retrain on spring and summer flights" in text
    assert "Clara Ng" in text


def test_a_gap_that_nobody_owns_says_so():
    assert "nobody yet" in Reader(card(samples.support_assessment(), people())).text


def test_a_verdict_that_waivers_made_shows_the_other_one():
    assessed = samples.assessment(verdict="CONDITIONAL", verdict_without_waivers="NOT READY")

    assert "without waivers: NOT READY" in Reader(card(assessed, people())).text


def test_quality_shows_baseline_current_and_the_drop_that_it_would_see():
    text = Reader(card(samples.quality(), people())).text

    assert "82.3 % 95 % interval 81.9 to 82.7 %, n = 49,120" in text
    assert "smallest drop it would see 1.4 points exact, n = 6,180" in text
    assert "alarm on 25 Jun 2013, onset about 12 Jun 2013" in text


def test_quality_lists_the_segment_that_fell_most_first():
    text = Reader(card(samples.quality(), people())).text

    # EWR fell by 9.9 points, LGA by 7.1.
    assert text.index("origin = EWR") < text.index("origin = LGA")


def test_quality_without_an_alarm_says_so():
    assert "✓ no alarm" in Reader(card(samples.quality(alarm=False), people())).text


def test_drift_lists_the_farthest_column_first():
    text = Reader(card(samples.drift(), people())).text

    assert text.index("temperature") < text.index("humidity") < text.index("wind_speed")
    assert "✖ drifted Drift of input distribution: 2 of 5 columns moved" in text


def test_spend_without_a_ceiling_is_unknown_and_not_fine():
    record = samples.spend().model_copy(update={"ceiling_per_day": None})

    text = Reader(card(record, people())).text

    assert text.startswith("? unknown Spend: no ceiling is set")
    assert "ceiling per day not set" in text


def test_spend_with_unpriced_rows_is_unknown():
    record = samples.spend().model_copy(update={"unpriced_rows": 7})

    assert Reader(card(record, people())).text.startswith("? unknown Spend")


def test_spend_over_the_ceiling_says_on_how_many_days():
    record = samples.spend().model_copy(update={"days_over_ceiling": 2})

    text = Reader(card(record, people())).text

    assert text.startswith("✖ over the ceiling Spend: 2 days over the ceiling")


def test_coverage_names_who_is_paged_and_each_hole():
    text = Reader(card(samples.coverage(holes=(samples.hole(),)), people())).text

    assert "paged now Ada Moreno primary" in text
    assert "22 Jul 2013, 08:00 UTC to 22 Jul 2013, 20:00 UTC: primary, no layer" in text


def test_a_rota_whose_holes_cannot_be_decided_is_unknown():
    record = samples.coverage().model_copy(update={"undecidable": (samples.hole(),)})

    assert Reader(card(record, people())).text.startswith("? unknown On-call coverage")


def test_a_failed_drill_says_what_went_wrong():
    text = Reader(card(samples.rollback_drill(passed=False), people())).text

    assert text.startswith("✖ failed Rollback drill v2 to v1")
    assert "3 acknowledged requests have no stored record" in text
    assert "3 lost, 0 duplicated, 0 changed" in text


def test_a_drill_shows_its_stopwatch_and_who_performed_it():
    text = Reader(card(samples.rollback_drill(), people())).text

    assert "decided to healthy 1.48 s single timing, n = 1" in text
    assert "by Ben Okafor" in text


def test_an_owners_knowledge_shows_what_the_owner_knows():
    said = samples.attestation().model_copy(
        update={
            "topic": "knowledge",
            "knowledge": OwnerKnowledge(
                purpose="late flights", training="trees", failure_modes=("stale-weather",)
            ),
        }
    )

    text = Reader(card(said, people())).text

    assert "Attestation: the owner's knowledge" in text
    assert "purpose late flights training trees ways to fail stale-weather" in text


def test_an_accepted_handoff_names_it_and_the_text_that_was_accepted():
    said = samples.attestation().model_copy(
        update={"topic": "handoff", "handoff": "summer", "of": "sha256:" + "a" * 64, "claims": ()}
    )

    text = Reader(card(said, people())).text

    assert "Attestation: handoff accepted: summer" in text
    assert "says it about handoff aaaaaaaaaaaa" in text


def test_shown_access_names_the_action_and_how_long_it_took():
    said = samples.attestation().model_copy(
        update={"topic": "access", "action": "query_logs", "seconds": samples.timing(42.0)}
    )

    text = Reader(card(said, people())).text

    assert "Attestation: one's own access: query logs" in text
    assert "took 42 s single timing, n = 1" in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_an_owners_knowledge_stays_text(text):
    knows = OwnerKnowledge.model_construct(purpose=text, training=text, failure_modes=(text,))
    said = samples.attestation().model_copy(update={"topic": "knowledge", "knowledge": knows})

    assert Reader(card(said, people())).tags <= KEPT_TAGS


def test_an_attestation_is_shown_as_asserted_and_unsigned():
    text = Reader(card(samples.attestation(), people())).text

    assert text.startswith("○ asserted, unsigned Attestation: ownership")
    assert "valid until 18 Jan 2014, 08:00 UTC" in text  # 180 days after 22 July 2013


def test_a_changed_bundle_is_named():
    record = samples.verification(problems=("records.json changed",))

    text = Reader(card(record, people())).text

    assert text.startswith("✖ changed Verification of 1 bundle")
    assert "r-quality: records.json changed" in text


def test_what_is_simulated_says_so():
    assert "simulated" in Reader(card(samples.quality(simulated=True), people())).text
    assert "simulated" not in Reader(card(samples.quality(), people())).text


def test_the_five_questions_are_counted_and_the_open_ones_marked():
    text = Reader(questions_card(samples.support_assessment(), people())).text

    assert text.startswith("✖ failed 3 of 5 questions answered, 1 of them breached")
    # As on the owner's page: two without an answer, one that holds a breach.
    marks = [text.count(mark) for mark in ("✖ no answer", "▲ breached", "✓ answered")]
    assert marks == [2, 1, 2]


def test_the_head_of_the_five_questions_says_that_one_holds_a_breach():
    text = Reader(questions_card(samples.assessment(), people())).text

    assert text.startswith("▲ breached 5 of 5 questions answered, 1 of them breached")


def test_the_head_of_five_answers_without_a_breach_is_a_plain_pass():
    assessed = samples.assessment()
    calm = [q.model_copy(update={"answer": q.parted[1]}) for q in assessed.five_questions]

    text = Reader(
        questions_card(assessed.model_copy(update={"five_questions": tuple(calm)}), people())
    ).text

    assert text.startswith("✓ passed 5 of 5 questions answered")
    assert "breached" not in text


def test_the_verdict_stands_in_short_above_the_five_questions():
    text = Reader(questions_card(samples.support_assessment(), people())).text

    assert "Verdict: ■ DEMO ONLY 3 of 5 questions are answered" in text
    assert text.index("DEMO ONLY") < text.index("Who is paged")


def test_of_many_places_the_first_five_are_named_and_the_rest_counted():
    places = [Where(path="people.yaml", line=line) for line in (*range(1, 37), 1)]

    text = Reader(places_read(places)).text

    assert text == " , ".join(f"people.yaml:{n}" for n in range(1, 6)) + " and 31 more"


def test_holes_for_one_reason_are_told_once_with_their_number():
    holes = [samples.hole().model_copy(update={
        "start": AS_OF + timedelta(days=7 * n), "end": AS_OF + timedelta(days=7 * n, hours=12),
        "why": "ben never drilled", "person": "ben-okafor"}) for n in range(13)]  # fmt: skip

    text = Reader(card(samples.coverage(holes=tuple(holes)), people())).text

    assert "primary, ben never drilled: 13 spans, the first 22 Jul 2013, 08:00 UTC to" in text
    assert text.count("ben never drilled") == 1


def test_each_of_the_eight_items_is_answered_or_not():
    spoiled = {
        "RDY-06": {
            "status": "failed",
            "message": "1 of 2 items are answered",
            "values": (answered("documentation", 1), answered("fallback", 0)),
        }
    }

    text = Reader(eight_items_card(samples.assessment(spoiled=spoiled), people())).text

    assert text.startswith("✖ failed Eight operational items 1 of 2 items are answered")
    assert "✓ passed documentation ✖ failed fallback" in text


def answered(item, there):
    measured = Measured(value=there, unit="answered", n=1, no_interval="exact")
    return NamedValue(name=item, measured=measured)


def test_the_eight_items_are_unknown_when_nothing_judged_them():
    assessed = samples.assessment()
    left = tuple(f for f in assessed.findings if f.check != "RDY-06")

    html = eight_items_card(assessed.model_copy(update={"findings": left}), people())

    assert Reader(html).text.startswith("? unknown Eight operational items")


def test_an_area_shows_gaps_before_passes_and_the_grades():
    text = Reader(area_card(samples.assessment(), "detection", people())).text

    assert text.index("DRF-02") < text.index("DRF-01")
    assert "(E3 observed, asked for E3 observed)" in text


def test_an_area_without_checks_says_that_there_are_none():
    text = Reader(area_card(samples.assessment(), "incidents", people())).text

    assert text.startswith("\u2013 not applicable Area incidents: 0 checks")


def test_a_finding_shows_the_number_that_it_speaks_of():
    spoiled = {"RBK-02": {"values": samples.finding().values, "grade": Grade.OBSERVED}}

    text = Reader(area_card(samples.assessment(spoiled=spoiled), "rollback", people())).text

    assert "decided to healthy: 1.48 s (single timing, n = 1)" in text


def test_a_kind_without_a_card_still_says_what_it_is():
    record = Record(kind="something_new", system="flight-delay", as_of=AS_OF)

    assert "● recorded something new" in Reader(card(record, people())).text
