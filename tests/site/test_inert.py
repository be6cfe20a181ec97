import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_model.domain.values import digest_of
from ops_model.site.cards import card
from ops_model.site.inert import MAX_ELEMENTS, MAX_PIXELS, inert, is_png
from tests.site import samples
from tests.site.kinds import every_kind
from tests.site.notebooks import png
from tests.site.pages_reader import Reader

CARDS = every_kind()
PIECES = (
    "<p>", "</p>", "<div style='color:red'>", "</div>", "<table>", "<tr><td>", "</table>",
    "<svg>", "<math>", "<style>", "</style>", "<!--", "-->", "<![CDATA[", "]]>",
    "<img src=x onerror=run()>", "<script>run()</script>", "<a href='javascript:run()'>",
    "<template>", "<noscript>", "<title>", "<textarea>", "</textarea>", "<select>",
    "<iframe srcdoc='<p>'>", "<mglyph>", "<mtext>", "<p title='</style>'>", "<plaintext>",
    "text", "&lt;b&gt;", "&#x202e;", '"', "'", "<b onclick=run()", "<form action=//x>",
)  # fmt: skip


@pytest.mark.parametrize("kind", sorted(CARDS))
def test_a_card_of_ours_stays_as_it_is(kind):
    made = card(CARDS[kind], samples.people())

    kept = inert(made)

    before, after = Reader(made), Reader(kept)
    assert after.texts == before.texts
    assert [(tag, sorted(a)) for tag, a in after.elements] == [
        (tag, sorted(a)) for tag, a in before.elements
    ]


@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_whatever_is_put_together_nothing_is_left_that_could_act(pieces):
    kept = inert("".join(pieces))

    page = Reader(kept)
    assert page.tags <= {"p", "div", "table", "tbody", "tr", "td", "b", "img"}
    assert {name for _, name, _ in page.attributes} <= {"style"}
    assert "run()" not in "".join(value for _, _, value in page.attributes)


@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_what_is_inert_stays_as_it_is(pieces):
    once = inert("".join(pieces))

    assert inert(once) == once


@pytest.mark.parametrize(
    "style",
    ["background:url(https://x)", "list-style:url(x)", "position:fixed", "color:expression(x)",
     "font-size:1em;content:'x'", "margin:-9em", "padding:0 -3px", "color:var(--x)",
     "border:1px solid u\\72l(x)", "width:9999px", "z-index:9", "display:none"],
)  # fmt: skip
def test_a_style_cannot_load_or_cover_anything(style):
    kept = inert(f'<p style="{style}">x</p>')

    assert kept in {"<p>x</p>", '<p style="">x</p>', '<p style="font-size:1em">x</p>'}


def test_a_link_leaves_its_words_behind():
    assert inert('See <a href="https://example.org">the run</a>.') == "See the run."


def test_a_picture_from_elsewhere_is_named_and_not_loaded():
    kept = inert('<img src="https://example.org/x.png" alt="a bill"><img alt="<img>" src="//x">')

    assert kept == "[a picture that is not shown]" * 2


def test_a_picture_within_the_page_stays():
    drawn = f'<img src="data:image/png;base64,{png()}" alt="a bill">'

    assert inert(drawn) == drawn


@pytest.mark.parametrize(
    "address",
    ["data:text/html,<b>", "data:image/png;base64,AAAA", "data:image/png,x", "data:,x",
     "data:image/gif;base64,R0lGODlhAQABAAAAACw=", "data:image/svg+xml;charset=x,<svg>", "blob:x",
     "file:///etc/passwd", "x.png"],
)  # fmt: skip
def test_no_other_address_counts_as_a_picture(address):
    assert inert(f'<img src="{address}">') == "[a picture that is not shown]"


def test_a_class_is_one_of_the_appendix_or_goes():
    kept = inert('<div class="cell skip sheet"><span class="k jump">x</span></div>')

    assert kept == '<div class="cell"><span class="k">x</span></div>'


def test_signs_that_turn_the_writing_are_written_out_even_where_they_were_hidden():
    assert inert("invoice&#x202e;gpj.exe") == "invoice[U+202E]gpj.exe"


def test_more_elements_than_a_page_can_show_are_not_even_read():
    assert inert("<b>" * (MAX_ELEMENTS + 1)) == "[8,001 elements, not shown]"


def test_a_picture_says_by_its_first_bytes_what_it_is():
    assert is_png(png(640, 480))
    assert not is_png(png(MAX_PIXELS, 2))
    assert not is_png(png(0, 5))
    assert not is_png(png()[:20])
    assert not is_png("no base64!")
    assert not is_png(digest_of(b"x"))
