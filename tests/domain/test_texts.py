"""Words that say something, and what in them reaches a person or opens a door."""

import pytest

from ops_model.domain.phrases import empty_phrases
from ops_model.domain.texts import contact_in, hidden_in, visible_length, without_credentials


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("abc", 3),
        ("a  \n b", 3),  # a, one blank, b
        ("e\u0301", 1),  # an accent stands on its letter
        ("a\u200d\u200db", 2),
        ("\u200f", 0),
    ],
)
def test_a_length_counts_what_a_reader_sees(text, length):
    assert visible_length(text) == length


def test_what_is_hidden_is_named_by_its_kind_and_number():
    assert hidden_in("a\tb\nc") == ""
    assert hidden_in("a\x1b[31m") == "the control character U+001B"
    assert hidden_in("a\U000e0041") == "the invisible character U+E0041"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("at postgres://ops:hunter2@db.example/x", "at postgres://***@db.example/x"),
        ("amqp://:hunter2@mq", "amqp://***@mq"),
        ("https://ops:hun/ter2@db.example", "https://***@db.example"),
        ("https://ghp0123456789012345678@example.org", "https://***@example.org"),
        ("https://registry:5000/a@sha256:0", "https://registry:5000/a@sha256:0"),
        ("ssh://git@example.org", "ssh://git@example.org"),
    ],
)
def test_a_password_before_an_address_is_not_told(text, told):
    assert without_credentials(text) == told


@pytest.mark.parametrize(
    "text",
    ["100-2000 rows on 2013-07-22", "we met @ gate 4. Then", "1.2.3.4", "10 000 000", "5@6"],
)
def test_numbers_and_signs_alone_reach_nobody(text):
    assert contact_in(text) == ""


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("as soon as \u200cpossible", "as soon as possible"),
        ("T\u200dB\u200dD", "TBD"),
        ("\uff34\uff22\uff24", "TBD"),  # letters of full width
    ],
)
def test_an_empty_phrase_is_found_however_it_is_spelled(written, found):
    assert empty_phrases(f"We act {written} then.") == (found,)
