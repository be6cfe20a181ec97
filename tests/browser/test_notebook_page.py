"""The notebook on the page of its run, as a reader meets it; and the policy of every page."""

import html
import re

import pytest

from tests.browser.kinds import KINDS, RUN
from tests.browser.pdf_text import Pdf
from tests.browser.test_accessibility import findings
from tests.site.pages_reader import Reader

pytestmark = pytest.mark.browser

INK = {"light": "rgb(29, 34, 40)", "dark": "rgb(231, 229, 224)"}  # --ink of the two palettes
# What somebody who found a way to write on a page would try first.
WAYS_OUT = 4
INTRUSION = """() => {
  const add = (name, values) =>
    document.body.append(Object.assign(document.createElement(name), values));
  add('script', { textContent: 'console.log("ran")' });
  add('script', { src: 'https://outside.invalid/s.js' });
  add('img', { src: 'https://outside.invalid/i.png' });
  add('iframe', { src: 'https://outside.invalid/f' });
  add('link', { rel: 'stylesheet', href: 'https://outside.invalid/c.css' });
  const box = document.createElement('div');
  document.body.append(box);
  box.innerHTML = `<img src="x" onerror="console.log('ran')">
    <a href="javascript:console.log('ran')">x</a>
    <form action="https://outside.invalid/p"><button>x</button></form>`;
  box.querySelector('a').click();
  fetch('https://outside.invalid/q').catch(() => 0);
  // Last, since it leaves the page.
  setTimeout(() => box.querySelector('button').click(), 60);
}"""


@pytest.fixture
def opened(browser):
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context.new_page()


def framed(page, folder):
    """Open the page of the run and its notebook; gives the frame."""
    page.goto((folder / RUN).as_uri())
    page.click(".appendix summary")
    page.wait_for_function("document.querySelector('iframe').checkVisibility()")
    page.frame_locator("iframe").locator("h1").wait_for()
    return page.frames[1]


def test_the_notebook_is_read_in_its_frame_from_disk(opened, every_kind):
    framed(opened, every_kind)

    said = opened.frame_locator("iframe").locator("main").inner_text()

    assert "How did the week go?" in said
    assert "A table of the week." in said
    assert "3 rows read" in said


def test_the_pictures_of_a_notebook_are_drawn(opened, every_kind):
    frame = framed(opened, every_kind)

    pictures = frame.locator("img")

    assert pictures.count() == 2
    assert pictures.first.evaluate("e => e.complete && e.naturalWidth === 1")


def test_a_keyboard_opens_the_notebook_and_reads_on_in_it(opened, every_kind):
    opened.goto((every_kind / RUN).as_uri())
    opened.locator(".appendix summary").focus()

    opened.keyboard.press("Enter")
    opened.frame_locator("iframe").locator("h1").wait_for()
    opened.keyboard.press("Tab")

    assert opened.evaluate("document.activeElement.tagName") == "IFRAME"
    before = opened.frames[1].evaluate("scrollY")
    opened.evaluate("document.activeElement.style.height = '6rem'")
    opened.keyboard.press("End")
    opened.wait_for_timeout(300)
    assert opened.frames[1].evaluate("scrollY") > before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_notebook_takes_the_colours_of_its_page(browser, every_kind, scheme):
    with browser.new_context(color_scheme=scheme) as context:
        frame = framed(context.new_page(), every_kind)

        assert frame.evaluate("getComputedStyle(document.body).color") == INK[scheme]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_notebook(browser, every_kind, tmp_path, scheme):
    # No tool sees into the frame, so its document is looked at by itself.
    (document,) = Reader((every_kind / RUN).read_text(encoding="utf-8")).values("srcdoc")
    (tmp_path / "notebook.html").write_text(document, encoding="utf-8")
    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        page.goto((tmp_path / "notebook.html").as_uri())

        assert findings(page) == []


def test_neither_the_page_nor_the_notebook_scrolls_sideways_on_a_phone(browser, every_kind):
    with browser.new_context(viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        frame = framed(page, every_kind)

        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert frame.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_print_says_where_the_notebook_lies_instead_of_a_part_of_it(opened, every_kind):
    framed(opened, every_kind)

    printed = re.sub(r"\s", "", "".join(Pdf(opened.pdf(format="A4")).pages()))

    assert "Thenotebookisnotprintedwithitspage;itliessealedin" in printed
    assert "Showthenotebook" not in printed
    assert "Howdidtheweekgo" not in printed


def intruded(page, address, *, looks=1):
    """What an intruder gets done on a page: how often code ran, how often it left the machine.

    The page is looked at so many times, a while apart, until something got through.
    """
    ran, asked = [], []
    page.on("console", lambda message: ran.append(1) if message.text == "ran" else None)
    page.route(re.compile("^https?:"), lambda route: (asked.append(1), route.abort()))
    page.goto(address)
    page.evaluate(INTRUSION)
    for _ in range(looks):
        page.wait_for_timeout(150)
        if ran and len(asked) >= WAYS_OUT:
            break
    return len(ran), len(asked), page.url


@pytest.mark.parametrize("path", KINDS)
def test_the_policy_of_every_kind_of_page_stops_an_intruder(opened, every_kind, path):
    address = (every_kind / path).as_uri()

    assert intruded(opened, address) == (0, 0, address)


def test_without_a_policy_the_same_intruder_gets_through(opened, every_kind, tmp_path):
    text = (every_kind / "index.html").read_text(encoding="utf-8")
    policy = re.search(r'<meta http-equiv="Content-Security-Policy"[^>]*>', text)[0]
    (tmp_path / "bare.html").write_text(text.replace(policy, ""), encoding="utf-8")

    ran, asked, _ = intruded(opened, (tmp_path / "bare.html").as_uri(), looks=60)

    assert html.unescape(policy).count("default-src 'none'") == 1
    assert ran >= 1
    assert asked >= WAYS_OUT
