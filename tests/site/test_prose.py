import pytest

from ops_model.site.prose import clauses, plain, prose, sentence
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


def test_in_a_terminal_a_command_keeps_its_ids_and_days_so_that_it_can_be_copied():
    text = "ada-moreno runs `ops-model attest x --as ada-moreno --as-of 2013-07-22` by 2013-07-22"

    assert plain(text, people()) == (
        "Ada Moreno runs `ops-model attest x --as ada-moreno --as-of 2013-07-22` by 22 Jul 2013"
    )


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("alarm on 2013-04-23.", "alarm on 23 Apr 2013."),
        ("at 2013-07-22T08:00:00Z the page", "at 22 Jul 2013, 08:00 UTC the page"),
        ("at 2013-07-22T04:00:00-04:00, then", "at 22 Jul 2013, 08:00 UTC, then"),
    ],
)
def test_a_day_is_shown_in_words(text, shown):
    assert prose(text, people()) == shown


@pytest.mark.parametrize(
    "text",
    ["labels/2013-06-01.parquet", "2013-06-01T", "2013-13-45", "x-2013-06-01", "`2013-06-01`"],
)
def test_what_only_looks_like_a_day_stays_as_it_is(text):
    assert "2013" in prose(text, people())
    assert "Jun" not in prose(text, people())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no drill is on record", "No drill is on record."),
        ("is it?", "Is it?"),
        ("input_tokens moved", "input_tokens moved."),
        ("prompt-7 was trained", "prompt-7 was trained."),
        ("`ops-model check x` says more", "<code>ops-model check x</code> says more."),
        ("", ""),
    ],
)
def test_a_sentence_has_a_capital_and_a_stop_and_names_keep_their_letters(text, shown):
    assert sentence(text, people()) == shown


def test_clauses_are_cut_behind_one_that_fits():
    assert clauses("first; second (a; b); third.", 20) == "first …"
    assert clauses("first; second (a; b); third.", 21) == "first; second (a; b) …"
    assert clauses("first; second (a; b", 7) == "first …"
    assert clauses("a) b; c (d; e) f", 5) == "a) b …"


def test_a_hundred_thousand_clauses_are_gone_through_once():
    assert clauses("so; " * 100_000, 9) == "so; so …"
