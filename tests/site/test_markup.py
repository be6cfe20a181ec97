import pytest

from ops_model.site.markup import Html, clean, escape, join, tag
from tests.site.pages_reader import Reader
from tests.site.samples import HOSTILE


@pytest.mark.parametrize("text", HOSTILE)
def test_text_in_an_element_stays_text(text):
    read = Reader(tag("p", text))

    assert read.tags == {"p"}
    assert "".join(read.texts) == clean(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_in_an_attribute_stays_in_it(text):
    read = Reader(tag("img", alt=text))

    assert read.attributes == [("img", "alt", clean(text))]


def test_html_built_here_is_not_escaped_twice():
    built = tag("p", tag("b", "a < b"))

    assert built == "<p><b>a &lt; b</b></p>"


def test_a_mark_that_turns_the_writing_is_written_out():
    assert clean("invoice\u202egpj.exe") == "invoice[U+202E]gpj.exe"


def test_letters_of_any_language_and_lines_stay_as_they_are():
    assert clean("Grüße, 東京\n\tשלום") == "Grüße, 東京\n\tשלום"


def test_half_a_character_cannot_stop_a_page():
    assert clean("a\ud800b").encode("utf-8") == b"a[U+D800]b"


def test_pieces_are_joined_with_an_escaped_sign_between_them():
    assert join([Html("<b>a</b>"), Html("<b>c</b>")], " & ") == "<b>a</b> &amp; <b>c</b>"


def test_a_number_is_content_too():
    assert escape(3) == "3"
