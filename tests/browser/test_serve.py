"""The served site in a real browser: its headers let pages work as they do from disk."""

from contextlib import contextmanager
from threading import Thread

import pytest

from ops_model.site.serve import SiteServer

pytestmark = pytest.mark.browser


@contextmanager
def served(folder):
    """The address of a site that is served meanwhile, and what the server complained of."""
    complaints = []
    server = SiteServer(folder, 0, complain=complaints.append)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.url, complaints
    finally:
        server.stop()
        thread.join()


def paths(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*.html"))


@pytest.fixture(scope="module")
def site(every_kind):
    with served(every_kind) as (url, complaints):
        # One of each kind: the other system's look alike.
        yield url, [path for path in paths(every_kind) if "/bare/" not in path]
    assert complaints == []


def test_no_page_complains_or_asks_for_anything_from_elsewhere(browser, site):
    url, every = site
    with browser.new_context() as opened:
        page, said, asked = opened.new_page(), [], []
        page.on("console", lambda m: said.append(m.text))
        page.on("pageerror", lambda e: said.append(str(e)))
        page.on("response", lambda r: asked.append((r.url, r.status)))
        for path in every:
            answer = page.goto(url + path)
            page.wait_for_load_state()

            assert answer.status == 200, path
            assert said == [], path

    assert {status for _, status in asked} <= {200, 304}
    assert all(one.startswith((url, "data:", "blob:")) for one, _ in asked)


def test_figures_draw_and_style_and_notebook_are_there(browser, site):
    url, every = site
    with browser.new_context() as opened:
        page = opened.new_page()
        page.goto(url + next(path for path in every if path.startswith("runs/flight-delay")))
        page.wait_for_function("document.querySelectorAll('.plot .main-svg').length > 0")
        page.click("summary:has-text('Show the notebook')")

        assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
        assert page.frame_locator("iframe").locator("body").inner_text()


def test_a_page_can_ask_for_nothing_by_itself_and_without_scripts_open_nothing(browser, site):
    url, every = site
    run = next(path for path in every if path.startswith("runs/flight-delay"))
    ask = "fetch('/index.html').then(() => 'answered', () => 'refused')"
    with browser.new_context() as opened:
        page, dialogs = opened.new_page(), []
        page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
        page.goto(url + run)
        drawn = page.evaluate(ask)
        page.goto(url + "systems/flight-delay/index.html")
        page.evaluate("alert('here')")
        window = page.evaluate("String(window.open('about:blank'))")

        assert (drawn, page.evaluate(ask)) == ("refused", "refused")
        assert (dialogs, window) == ([], "null")


def test_a_page_of_another_site_can_neither_frame_nor_load_it(browser, site, tmp_path):
    url, _ = site
    (tmp_path / "index.html").write_text(
        f'<iframe src="{url}index.html"></iframe><script>window.got = []</script>'
        f'<script src="{url}assets/loader.js" onload="got.push(1)" onerror="got.push(0)"></script>'
    )
    with browser.new_context() as opened:
        page = opened.new_page()
        page.goto((tmp_path / "index.html").as_uri())
        page.wait_for_function("window.got.length > 0")
        framed = page.frames[1].evaluate("document.body.innerText")

        assert page.evaluate("window.got") == [0]
        assert "AI system" not in framed
