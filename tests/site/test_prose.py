import pytest

from ops_model.site.prose import prose
from tests.site.pages_reader import Reader
from tests.site.samples import HOSTILE, people


def test_an_id_of_a_person_is_shown_as_the_name():
    shown = prose("primary: ada-moreno, then ben-okafor.", people())

    assert shown == "primary: Ada Moreno, then Ben Okafor."


@pytest.mark.parametrize(
    "text",
    ["people/ada-moreno", "ada-moreno-2", "x-ada-moreno", "ada-moreno.yaml", "ada-moreno@x"],
)
def test_an_id_within_a_longer_word_is_left_alone(text):
    assert prose(text, people()) == text


def test_what_stands_in_backquotes_is_code_and_keeps_its_ids():
    shown = prose("run `ops-model attest x --by ada-moreno` today", people())

    assert shown == "run <code>ops-model attest x --by ada-moreno</code> today"


def test_a_single_backquote_encloses_nothing():
    assert prose("it`s fine", people()) == "it`s fine"


def test_nobody_to_name_changes_nothing():
    assert prose("ada-moreno", people().model_copy(update={"people": ()})) == "ada-moreno"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_and_out_of_backquotes(text):
    assert Reader(prose(f"{text} `{text}`", people())).tags <= {"code"}


def test_a_name_that_is_markup_stays_text():
    first = people().people[0].model_copy(update={"name": "<b>Ada</b>"})
    named = people().model_copy(update={"people": (first,)})

    assert prose("ada-moreno", named) == "&lt;b&gt;Ada&lt;/b&gt;"
