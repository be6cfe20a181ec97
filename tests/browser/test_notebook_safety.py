"""Hostile notebooks on the page of their run: nothing runs, nothing is asked for elsewhere.

Two things stand in the way, and each is tried alone: what is taken out of the notebook, and the
frame that it stands in. The control shows that the same notebooks do run without them.
"""

import html
import io
import json
import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error

from ops_model.site.appendix import appendix
from ops_model.site.build import SealedNotebook, build_site
from ops_model.site.pages import CSP_CARDS, CSP_NOTEBOOK
from tests.browser.payloads import PAYLOADS, notebook
from tests.site import samples
from tests.site.samples import site_input

pytestmark = pytest.mark.browser

NAMES = list(PAYLOADS)
DOZENS = [NAMES[start : start + 12] for start in range(0, len(NAMES), 12)]
# Whatever waits for a reader: clicks, a pointer, the focus. Links of the site itself stay.
TOUCH = """(root, inside) => {
  for (const e of document.querySelectorAll(inside ? '*' : 'main *')) {
    for (const kind of ['mouseover', 'mouseenter', 'pointerdown', 'focus', 'animationstart'])
      e.dispatchEvent(new Event(kind, { bubbles: true }));
    if (inside || (e.matches('a') && /^(javascript|data)/.test(e.protocol))) e.click?.();
  } }"""


class Watched:
    """A page under attack: which payloads ran, and what was asked for elsewhere."""

    def __init__(self, context, address):
        self.ran, self.outside = set(), []
        self.page = context.new_page()
        self.page.on("console", self._said)
        self.page.on("dialog", lambda dialog: dialog.dismiss())
        self.page.route(re.compile("^(https?|wss?|ftp):"), self._asked)
        self.page.goto(address)
        self.page.wait_for_load_state()

    def _said(self, message):
        if found := re.fullmatch(r"ran-(\d+)", message.text):
            self.ran.add(NAMES[int(found[1])])

    def _asked(self, route):
        """Only what a policy let pass comes here; the network is not there."""
        self.outside.append(route.request.url)
        route.abort()

    def touch(self):
        for frame in self.page.frames:
            # A frame that goes elsewhere when it is touched is told by its address and `outside`.
            with suppress(Error):
                # Waited for with a limit: one that is on its way elsewhere may never be there.
                inside = frame != self.page.main_frame
                frame.locator(":root").evaluate(TOUCH, inside, timeout=2000)
        self.page.wait_for_timeout(50)


def sealed(*names):
    """One notebook with the payloads of these names."""
    made = [notebook(name) for name in names]
    made[0]["cells"] = [cell for one in made for cell in one["cells"]]
    return SealedNotebook(json.dumps(made[0]).encode())


def drawn_plainly():
    """Each payload as nbconvert draws it by itself, but for half a megabyte of style sheets."""
    from nbconvert.exporters.html import HTMLExporter
    from nbconvert.filters.markdown_mistune import InvalidNotebook
    from nbformat.validator import NotebookValidationError

    exporter = HTMLExporter()
    for name in NAMES:
        with suppress(InvalidNotebook, NotebookValidationError):  # it refuses two of them
            page, _ = exporter.from_file(io.StringIO(json.dumps(notebook(name))))
            head, _, body = page.partition("</head>")
            yield re.sub(r"(?s)<style.*?</style>", "", head) + body


def meta(policy):
    return f'<meta http-equiv="Content-Security-Policy" content="{policy}">'


def framed(folder, documents, *, head="", sandbox=False):
    """A page with a frame for each document; gives its address."""
    attribute = " sandbox" if sandbox else ""
    frames = [f'<iframe{attribute} srcdoc="{html.escape(d)}"></iframe>' for d in documents]
    text = f"<!doctype html>{head}<main>{''.join(frames)}</main>"
    (folder / "framed.html").write_text(text, encoding="utf-8")
    return (folder / "framed.html").as_uri()


@pytest.fixture(scope="module")
def plain():
    return list(drawn_plainly())


@pytest.fixture
def context(browser):
    with browser.new_context() as opened:
        yield opened


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """A site with a run for each dozen of payloads; gives its folder."""
    runs = [
        samples.run(f"r-{n}", f"n{n}", executed=lambda names=names: sealed(*names))
        for n, names in enumerate(DOZENS)
    ]
    folder = tmp_path_factory.mktemp("attacked") / "site"
    build_site(
        site_input(systems=(samples.flight_system(runs=tuple(runs), statements=()),)), folder
    )
    return folder


def test_there_are_at_least_as_many_payloads_as_were_once_measured():
    assert len(PAYLOADS) >= 34


def test_no_payload_runs_on_the_page_of_its_run(context, attacked):
    for number, names in enumerate(DOZENS):
        path = attacked / f"runs/flight-delay/n{number}/r-{number}.html"
        visit = Watched(context, path.as_uri())
        visit.page.click(".appendix summary")
        visit.page.frames[1].wait_for_load_state()
        frames = len(visit.page.frames)
        visit.touch()

        assert visit.page.frames[1].locator(".cell").count() == len(names)
        assert visit.ran == set()
        assert visit.outside == []
        assert frames == 2
        assert [f.url for f in visit.page.frames] == [path.as_uri(), "about:srcdoc"]


def test_what_is_left_of_a_notebook_is_harmless_even_without_its_frame(context, tmp_path):
    documents = [appendix(sealed(name)).html for name in NAMES]
    visit = Watched(context, framed(tmp_path, documents))

    visit.touch()

    assert all(documents)
    assert visit.ran == set()
    assert visit.outside == []


def test_the_frame_holds_even_what_nothing_was_taken_out_of(context, tmp_path, plain):
    documents = [meta(CSP_NOTEBOOK) + drawn for drawn in plain]
    page = framed(tmp_path, documents, head=meta(CSP_CARDS), sandbox=True)
    visit = Watched(context, page)

    visit.touch()

    assert visit.ran == set()
    assert visit.outside == []


def test_without_either_the_same_notebooks_do_run(context, tmp_path, plain):
    visit = Watched(context, framed(tmp_path, plain))

    visit.touch()

    # Those that were seen to run in a page of plain nbconvert, a way of each family.
    assert {
        "a script", "an image that fails", "a frame with a document", "a drawing in the text",
        "a link to code", "a program", "words as an output", "a diagram", "a script in words",
    } <= visit.ran  # fmt: skip
    assert len(visit.ran) >= 20
    assert len(visit.outside) >= 5
