import json
import time

import pytest

from ops_model.site.appendix import (
    MAX_CELLS,
    MAX_SHOWN_CHARS,
    MAX_SOURCE_CHARS,
    MAX_SOURCES_CHARS,
    appendix,
)
from ops_model.site.build import SealedNotebook
from tests.site.notebooks import a_notebook, code, png, sealed, shown, words
from tests.site.pages_reader import Reader


def drawn(*cells):
    made = appendix(sealed(*cells))
    assert made.problem == ""
    return made.html


def text_of(*cells):
    return Reader(drawn(*cells)).text


def test_a_notebook_is_shown_cell_by_cell_each_with_what_it_put_out():
    text = Reader(appendix(a_notebook()).html).text

    told = ("How did the week go?", "cell 1", "the id", "cell 2", "show", "A table of the week.",
            "Monday", "cell 3", "cell 4", "3 rows read", "cell 5", "42")  # fmt: skip
    places = [text.index(said) for said in told]
    assert places == sorted(places)


def test_the_number_of_a_cell_is_the_one_that_the_ledger_names():
    # The runner counts all cells from 0, the words too.
    assert "cell 2" in text_of(words("a"), words("b"), code())


def test_words_are_drawn_without_what_could_act():
    html = drawn(
        words("# Title\n\n- **bold** and <script>run()</script>\n\n[a](javascript:run())")
    )

    assert Reader(html).tags == {"div", "h1", "ul", "li", "strong", "p"}
    assert "run()" not in html


def test_words_that_open_an_element_do_not_swallow_the_next_cell():
    html = drawn(words("<table><tr><td><div>"), code(shown(html="<p>next</p>"), source="1 + 1"))

    assert html.index("</table>") < html.index("cell 1") < html.index("<p>next</p>")


def test_an_output_that_closes_elements_stays_in_its_cell():
    html = drawn(code(shown(html="</div></div></div><p>out</p>")), words("after"))

    inside = html[: html.index("after")]
    assert inside.count("<div") == inside.count("</div>") + 1


def test_an_attached_picture_is_drawn_within_its_words():
    html = drawn(words("![a bill](attachment:b.png)", attachments={"b.png": {"image/png": png()}}))

    (address,) = Reader(html).values("src")
    assert address == f"data:image/png;base64,{png()}"


@pytest.mark.parametrize("source", ["![x](attachment:gone.png)", "> " * 9000])
def test_words_that_cannot_be_drawn_stand_as_they_were_written_and_the_others_are_drawn(source):
    html = drawn(words("**one**"), words(source), words("**three**"))

    assert html.count("<strong>") == 2
    assert source.strip()[:20] in Reader(html).text or "blockquote" in html


def test_an_image_elsewhere_is_named():
    assert "[a picture that is not shown]" in text_of(words("![x](https://example.org/x.png)"))


def test_a_raw_cell_is_text():
    raw = {"cell_type": "raw", "metadata": {"format": "text/html"}, "source": "<b>x</b>"}

    assert "<b>x</b>" in text_of(raw)


def test_no_notebook_can_say_where_an_output_goes():
    twice = code(shown(html="<p>once</p>"), source="0.0. {digest}.1.")

    assert drawn(twice, words("0. 1. 2.")).count("<p>once</p>") == 1


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"cells": 3}', "\udc80", "[" * 100_000])
def test_what_is_no_notebook_is_said_to_be_none(content):
    made = appendix(SealedNotebook(content.encode("utf-8", "surrogateescape")))

    assert made.problem == "it is no notebook that can be drawn"
    assert made.html == ""


@pytest.mark.parametrize(
    "cell", [None, 3, {}, {"cell_type": 7}, {"cell_type": "code", "source": 3, "outputs": 3},
             {"cell_type": "code", "source": ["a", 3], "outputs": [3], "metadata": "x"},
             {"cell_type": "markdown", "source": {}, "attachments": {"a": {"image/png": [1]}}}],
)  # fmt: skip
def test_a_cell_of_any_form_stops_nothing(cell):
    made = appendix(SealedNotebook(json.dumps({"cells": [cell, words("after")]}).encode()))

    assert "after" in made.html


def test_why_a_bundle_is_not_shown_is_passed_on():
    made = appendix(SealedNotebook(problem="executed.ipynb was changed"))

    assert made.problem == "executed.ipynb was changed"


def test_a_source_that_is_too_long_is_left_out_and_said_to_be():
    assert (
        text_of(code(source="x" * (MAX_SOURCE_CHARS + 1)))
        == "cell 0 ( 20 , 001 characters , not shown )"
    )


def test_sources_that_are_too_long_together_are_left_out_too():
    cells = [words("word " * 3999)] * (MAX_SOURCES_CHARS // (5 * 3999) + 1)

    assert text_of(*cells).count("characters, not shown") == 1


def test_outputs_that_are_too_long_together_are_left_out_and_counted():
    long = shown(text="x" * 390_000)
    cells = [code(*[long] * 3) for _ in range(3)]

    html = drawn(*cells)

    assert len(html) < MAX_SHOWN_CHARS + 10_000
    assert "1 output not shown: the notebook is too large for a page" in html
    assert "3 outputs not shown: the notebook is too large for a page" in html


def test_cells_beyond_the_bound_are_counted():
    assert text_of(*[words("x")] * (MAX_CELLS + 2)).endswith("2 more cells not shown.")


@pytest.mark.parametrize(
    "cell",
    [words("[" * 19_000), words("> " * 9_500), words("\\begin{a}" * 2_200), words("`" * 19_000),
     words("|a|b|\n|-|-|\n" + "|x|y|\n" * 3_000), words("<div>" * 3_900), words("*a " * 6_000),
     code(source='f"{' * 6_000), code(source="'''\\" * 4_900), code(source="(" * 19_000),
     code(shown(html="<div>" * 60_000)), code(shown(html="<div>" * 7_900)),
     code(shown(html="<p " + "a " * 150_000 + ">")), code(shown(text="\x1b[" * 190_000)),
     code(shown(html='<img alt="' * 30_000)), code(shown(html="<table><tr><td>" * 2_600))],
    ids=range(16),
)  # fmt: skip
def test_a_notebook_that_means_to_keep_a_builder_busy_does_not(cell):
    appendix(sealed(words("x"), code()))  # the renderer is loaded
    began = time.process_time()

    appendix(sealed(cell))

    assert time.process_time() - began < 5  # each takes under a second by itself
