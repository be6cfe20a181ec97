"""The week of many systems on one page: those who matter now are found, sorted, and sent on."""

import shutil

import pytest

from ops_model.shipped import shipped
from ops_model.site.pages import FLEET_PAGE, each_page
from tests.browser.test_accessibility import findings
from tests.browser.test_index import of, shown, status, without_complaint

pytestmark = pytest.mark.browser


def text_of(many):
    return next(page for page in each_page(of(many)) if page.path == FLEET_PAGE).text()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("week")
    (folder / "assets").mkdir()
    for name in ("site.css", "index.js", "due.js"):
        shutil.copy(shipped("templates") / "site" / name, folder / "assets" / name)
    (folder / FLEET_PAGE).write_text(text_of(150), encoding="utf-8")
    return (folder / FLEET_PAGE).as_uri()


@pytest.fixture
def page(browser, address):
    with without_complaint(browser, address) as page:
        yield page


def test_a_hundred_are_shown_until_more_are_asked_for(page):
    assert shown(page) == 100

    page.click("#find-more")

    assert shown(page) == 150


def test_who_is_to_be_looked_at_is_found_by_when_verdict_tier_and_words(page):
    looks = page.locator("#find-look option").all_inner_texts()
    page.select_option("#find-look", looks[1])
    page.select_option("#find-verdict", "DEMO ONLY")
    page.select_option("#find-tier", "A")
    page.fill("#find-text", "model 03")

    # With 03 in the name, of tier A: 003, 030, 033, 036, 039. Every fifth system is a demo.
    assert status(page) == "1 of 150 systems"
    assert page.inner_text("#all-systems tbody tr:visible th a") == "Model 039"


def test_what_is_owed_is_sorted_as_a_number_and_the_first_column_as_it_was(page):
    first = page.inner_text("#all-systems tbody tr:first-child th a")
    page.click("thead button >> text=gap days")
    page.click("thead button >> text=gap days")
    owed = [int(n.replace(",", "")) for n in page.locator("td .count").all_inner_texts()[:100]]

    page.click("thead button >> text=look at it")

    assert owed == sorted(owed, reverse=True)
    assert page.inner_text("#all-systems tbody tr:first-child th a") == first


def test_the_search_is_accessible(browser, address):
    with browser.new_context(bypass_csp=True) as opened:
        page = opened.new_page()
        page.goto(address)

        assert findings(page) == []


def test_of_a_dozen_none_has_to_be_searched_for():
    text = text_of(12)

    assert 'role="search"' not in text
    assert "index.js" not in text
