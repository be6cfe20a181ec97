"""Every kind of page under axe-core, and by keyboard alone."""

import pytest

from tests.browser.kinds import KINDS

pytestmark = pytest.mark.browser


def findings(page):
    """What axe-core says of a page that matters, as `rule: where`."""
    from axe_playwright_python.sync_playwright import Axe

    told = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['target']}"
        for one in told if one["impact"] in {"serious", "critical"}
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", KINDS)
def test_axe_finds_nothing_serious_on_any_kind_of_page(browser, every_kind, path, scheme):
    with browser.new_context(color_scheme=scheme) as opened:
        page = opened.new_page()
        page.goto((every_kind / path).as_uri())
        page.wait_for_load_state()

        assert findings(page) == []


def test_axe_does_find_what_is_wrong(browser, tmp_path):
    (tmp_path / "bad.html").write_text(
        '<!doctype html><html lang="en"><title>Bad</title><main><h1>Bad</h1>'
        '<img src="data:,"><p style="color:#bbb;background:#fff">pale</p></main></html>'
    )
    with browser.new_context() as opened:
        page = opened.new_page()
        page.goto((tmp_path / "bad.html").as_uri())

        found = findings(page)

    assert [said.split(":")[0] for said in found] == ["color-contrast", "image-alt"]


@pytest.mark.parametrize("path", KINDS)
def test_the_first_stop_of_the_keyboard_skips_to_the_content(browser, every_kind, path):
    with browser.new_context() as opened:
        page = opened.new_page()
        page.goto((every_kind / path).as_uri())

        page.keyboard.press("Tab")
        first = page.evaluate("document.activeElement.textContent")
        page.keyboard.press("Enter")

        assert first == "Skip to the content"
        assert page.evaluate("location.hash") == "#content"


def test_an_answer_opens_by_keyboard_and_what_has_the_focus_is_seen(browser, every_kind):
    with browser.new_context() as opened:
        page = opened.new_page()
        page.goto((every_kind / "systems/flight-delay/areas/detection.html").as_uri())
        closed = page.locator("details:not([open])").first
        name = closed.get_attribute("id")
        closed.locator("summary").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Shift+Tab")

        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        page.keyboard.press("Enter")

        assert outline == "solid"
        assert page.locator(f"details#{name}[open]").count() == 1


def test_every_landmark_has_a_name_where_there_are_two_of_a_kind(browser, every_kind):
    with browser.new_context() as opened:
        page = opened.new_page()
        for path in KINDS:
            page.goto((every_kind / path).as_uri())
            names = page.evaluate(
                "[...document.querySelectorAll('nav, section')].map(e => e.ariaLabel || "
                "document.getElementById(e.getAttribute('aria-labelledby'))?.textContent)"
            )

            assert all(names), path
            assert len(names) == len(set(names)), path
