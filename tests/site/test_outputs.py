import json

import pytest

from ops_model.site.outputs import MAX_OUTPUT_CHARS, attached, shown_output
from tests.site.notebooks import png, shown
from tests.site.pages_reader import Reader

SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="run()"><script>run()</script></svg>'


def text_of(**kinds):
    return Reader(shown_output(shown(**kinds))).text


def test_html_is_shown_before_a_picture_and_a_picture_before_text():
    assert text_of(html="<p>a table</p>", png=png(), text="plain") == "a table"
    assert "data:image/png" in shown_output(shown(png=png(), text="plain"))
    assert text_of(text="plain") == "plain"


def test_a_drawing_is_shown_as_an_image_in_which_nothing_runs():
    page = Reader(shown_output(shown(svg=SVG, text="plain")))

    assert page.tags == {"img"}
    assert page.values("src")[0].startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize(
    "kind",
    ["application/javascript", "text/markdown", "text/latex", "text/vnd.mermaid", "image/jpeg",
     "application/vnd.jupyter.widget-view+json", "application/vnd.mine+html", "video/mp4"],
)  # fmt: skip
def test_a_kind_that_is_not_on_the_list_is_named_and_not_shown(kind):
    said = text_of(**{kind: "<b>run()</b>", "text": "plain"})

    assert said == f"plain an output of type {kind} is not shown"


def test_a_kind_whose_name_means_harm_is_only_a_name():
    said = shown_output(shown(**{"<script>run()</script>" + "x" * 200: "y"}))

    assert Reader(said).tags == {"p"}
    assert len(Reader(said).text) < 140


def test_a_figure_of_a_record_is_said_to_be_on_the_page_of_the_run():
    said = text_of(html="<p>card</p>", figure={"data": []}, record={"kind": "drift"})

    assert said == "card The figure of this record is drawn on the run's page, above the notebook."


def test_a_figure_without_a_record_is_not_drawn_and_is_said_not_to_be():
    said = text_of(html="<p>card</p>", figure={})

    assert said == (
        "card A figure is not shown: a script would draw it, as JupyterLab does. That of a record "
        "is drawn on the run's page, above the notebook."
    )


def test_a_record_without_a_card_is_named():
    said = text_of(record={"kind": "drift"})

    assert said == "an output of type application/vnd.ops-model.record+json is not shown"


def test_a_picture_that_is_none_is_said_to_be_none():
    assert "it is no PNG that a page can show" in text_of(png="AAAA")


def test_an_output_that_is_too_long_is_left_out_whole_and_text_is_cut():
    long = "x" * (MAX_OUTPUT_CHARS + 5)

    assert text_of(html=long) == (
        "an output of type text/html is not shown: it has 400,005 characters"
    )
    assert "is not shown: it has" in text_of(svg=long)
    assert "is not shown: it has" in text_of(png=long)
    assert text_of(text=long).endswith("x 5 more characters not shown")


def test_a_stream_is_text_without_what_only_a_terminal_reads():
    text = ["\x1b[31mred\x1b[0m <b>\n", "\x1b]8;;javascript:run()\x07link\x1b]8;;\x07"]
    stream = {"output_type": "stream", "name": "stdout", "text": text}

    assert shown_output(stream) == "<pre>red &lt;b&gt;\nlink</pre>"


def test_an_error_is_told_by_its_traceback_or_by_its_name():
    error = {"output_type": "error", "ename": "<b>E</b>", "evalue": "it <i>broke</i>"}

    assert Reader(shown_output(error)).text == "<b>E</b>: it <i>broke</i>"
    traced = shown_output({**error, "traceback": ["\x1b[0;31mline 1\x1b[0m", "line <2>"]})
    assert Reader(traced).text == "line 1 line <2>"


@pytest.mark.parametrize(
    "output", [None, 3, "x", [], {}, {"data": 3}, {"data": {}}, {"data": {"text/html": 3}},
               {"data": {"text/plain": [1, None]}}, {"output_type": "error", "traceback": 3},
               {"output_type": "stream", "text": {"a": 1}}],
)  # fmt: skip
def test_an_output_of_any_form_stops_nothing(output):
    assert Reader(shown_output(output)).tags <= {"p", "pre"}


def test_only_pictures_that_are_pictures_stay_attached():
    cell = {"attachments": {"a.png": {"image/png": png()}, "b.svg": {"image/svg+xml": SVG},
                            "c.png": {"image/png": "AAAA"}, "d": 3}}  # fmt: skip

    held = attached(cell)

    assert json.loads(json.dumps(held)) == {
        "a.png": {"image/png": png()}, "b.svg": {"image/png": ""}, "c.png": {"image/png": ""},
        "d": {"image/png": ""},
    }  # fmt: skip
    assert attached({"attachments": [1]}) == {}
