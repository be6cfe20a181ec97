"""The card of a record that has none of its own, and half a sentence for every kind."""

import re

import pytest

from ops_model.domain.evidence import Record
from ops_model.domain.records import RECORDS
from ops_model.site import named, words
from ops_model.site.cards import card
from ops_model.site.generic_card import generic, look_of
from ops_model.site.told import told
from tests.site.kinds import every_kind, further
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, HOSTILE, people

KINDS = every_kind()


def text_of(record):
    return Reader(generic(record, people())).text


@pytest.mark.parametrize("kind", RECORDS)
def test_every_kind_has_a_name_a_card_and_half_a_sentence(kind):
    record = KINDS[kind]

    assert kind in named.KINDS
    assert named.KINDS[kind] not in {kind, ""}
    assert len(Reader(card(record, people())).text) > len(named.KINDS[kind])
    assert told(record) != kind
    assert "_" not in told(record).replace("flight_delay", "")


@pytest.mark.parametrize("kind", RECORDS)
def test_every_number_of_a_record_stands_with_what_it_rests_on(kind):
    record = KINDS[kind]
    text = text_of(record)
    numbers = [m for path, m in record.measured() if path.count("[") == 0]

    for measured in numbers:
        assert words.value(measured) in text
        assert words.basis(measured) in text


def test_people_are_named_by_their_label_and_what_is_not_known_says_so():
    by_kind = {record.kind: record for record in further()}

    assert "performed by Ben Okafor" in text_of(by_kind["swap_drill"])
    assert "Clara Ng" in text_of(by_kind["ceiling_breaches"])
    assert "contained at not on record" in text_of(by_kind["incident_review"])


def test_a_list_of_things_is_a_table_and_a_long_one_says_how_much_is_left():
    breach = next(r for r in further() if r.kind == "ceiling_breaches")
    many = breach.model_copy(update={"breaches": breach.breaches * 20})

    assert "Breaches (20)" in text_of(many)
    assert "and 8 more" in text_of(many)


@pytest.mark.parametrize(
    ("kind", "word"),
    [("swap_drill", "✖ failed"), ("challenger", "✓ no worse"), ("provider_identity", "✖ changed"),
     ("ceiling_breaches", "✖ 1 day above"), ("guardrail", "● measured"),
     ("sign_off", "✓ approved")],
)  # fmt: skip
def test_what_a_record_found_is_its_glyph_and_word(kind, word):
    assert look_of(KINDS[kind]).text == word
    assert text_of(KINDS[kind]).startswith(word)


def test_a_rule_that_could_not_be_evaluated_is_no_pass():
    rule = KINDS["rule"].model_copy(update={"error": "column at is not there"})

    assert look_of(rule) is words.ERRORED
    assert "column at is not there" in text_of(rule)


def test_yes_and_no_are_words_and_no_markup_is_shown_as_text():
    text = text_of(next(r for r in further() if r.kind == "incident_review"))

    assert "runbook no no file" in text
    assert "<span" not in text


def test_a_kind_that_is_not_known_still_says_what_it_is():
    record = Record(kind="something_new", system="flight-delay", as_of=AS_OF)

    assert text_of(record).startswith("● recorded something new")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_record_is_inert(text):
    drill = next(r for r in further() if r.kind == "swap_drill")
    page = Reader(
        generic(drill.model_copy(update={"problems": (text,), "to_model": text}), people())
    )

    assert page.tags.isdisjoint({"script", "img", "iframe"})
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert not re.search("[\u202e\x00]", page.text)
