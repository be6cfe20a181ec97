"""What comes out of a printer: all that the page says, and no card on two sheets."""

import re

import pytest

from tests.browser.kinds import KINDS, RUN
from tests.browser.pdf_text import Pdf

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Each leaf of text on the page, and each card with its text; a card that is taller than a sheet
# has to break somewhere.
PARTS = """() => {
  const bare = e => { const walk = document.createTreeWalker(e, NodeFilter.SHOW_TEXT), said = [];
    while (walk.nextNode()) if (walk.currentNode.parentElement.checkVisibility())
      said.push(walk.currentNode.data);
    return said.join('').normalize('NFKC').replace(/\\s/g, ''); };
  const seen = e => e.checkVisibility() && e.getBoundingClientRect().height > 0;
  const main = document.querySelector('main');
  const leaves = [...main.querySelectorAll(
    'p, li, td, th, dt, dd, summary > *, pre, small, h1, h2, h3')]
    .filter(e => seen(e) && !e.closest('.plot')).map(bare);
  const cards = [...main.querySelectorAll(
    '.verdict, .questions li, .answers li, .numbers p, .box, details, tr, pre')]
    .filter(e => seen(e) && e.getBoundingClientRect().height < 800).map(bare);
  return [leaves, cards];
}"""
UNNUMBERED = "document.querySelectorAll('ol').forEach(list => list.style.listStyle = 'none')"


def printed(browser, folder, path):
    """The leaves and cards of a page as its print shows them, and the text of each sheet."""
    with browser.new_context(viewport={"width": 720, "height": 1000}) as opened:
        page = opened.new_page()
        page.goto((folder / path).as_uri())
        page.wait_for_load_state()
        page.evaluate(UNNUMBERED)
        pdf = page.pdf(format="A4", prefer_css_page_size=True)
        page.emulate_media(media="print")
        leaves, cards = page.evaluate(PARTS)
    return leaves, cards, Pdf(pdf).pages()


@pytest.mark.parametrize("path", KINDS)
def test_the_print_says_all_that_the_page_says_and_splits_no_card(browser, every_kind, path):
    leaves, cards, sheets = printed(browser, every_kind, path)
    whole = "".join(sheets)

    assert leaves
    assert [text for text in leaves if text not in whole] == []
    assert [text for text in cards if not any(text in sheet for sheet in sheets)] == []


def test_an_answer_that_is_closed_on_screen_is_printed(browser, every_kind):
    path = "systems/flight-delay/areas/detection.html"
    with browser.new_context() as opened:
        page = opened.new_page()
        page.goto((every_kind / path).as_uri())
        closed = page.locator("details:not([open]) > div")
        said = [re.sub(r"\s", "", text) for text in closed.all_text_contents()]
        assert said
        assert not closed.first.is_visible()

        sheets = Pdf(page.pdf(format="A4")).pages()

    assert [text for text in said if text not in "".join(sheets)] == []


def test_navigation_is_not_printed(browser, every_kind):
    _, _, sheets = printed(browser, every_kind, "systems/flight-delay/index.html")

    assert "Runsandhistory" not in "".join(sheets)


def test_a_run_is_printed_with_its_figures(browser, every_kind):
    _, _, sheets = printed(browser, every_kind, RUN)

    assert "Checkthisrun" in "".join(sheets)
