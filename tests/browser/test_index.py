"""The first page with hundreds of systems: one is found by a word, a choice, or an address."""

import shutil
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from ops_model.domain.awaited import Awaited
from ops_model.domain.schedules import Slot
from ops_model.errors import Problem
from ops_model.shipped import shipped
from ops_model.site.pages import each_page
from ops_model.store.sound_part import Broken
from tests.browser.test_accessibility import findings
from tests.site import samples

pytestmark = pytest.mark.browser

MANY = 500
VERDICTS = ("READY", "NOT READY", "CONDITIONAL", "READY", "DEMO ONLY")
OWNERS = ("ada-moreno", "ben-okafor", "clara-ng")
NEVER, LONG_AGO = timedelta(days=36500), timedelta(days=-2)


def a_system(number):
    """The hundredth has no report scheduled; of the others every tenth waits for one in vain."""
    claims = samples.claims(name=f"Model {number:03}", owner=OWNERS[number % 3])
    identity = claims.identity.model_copy(update={"tier": "ABC"[number % 3]})
    told = {"id": f"model-{number:03}", "identity": identity}
    return samples.SiteSystem(
        claims.model_copy(update=told),
        samples.assessment(verdict=VERDICTS[number % len(VERDICTS)]),
    )


def of(many):
    systems = tuple(map(a_system, range(many)))
    due = {
        s.claims.id: Awaited(
            Slot(samples.AS_OF, s.claims.id, "07_weekly_ops_report"),
            samples.AS_OF + (LONG_AGO if place % 10 == 0 else NEVER),
        )
        for place, s in enumerate(systems)
        if place != 100
    }
    return replace(samples.site_input(systems=systems), due=due)


def first_page(folder, pages):
    """The first page alone, with what it loads."""
    assets = folder / "assets"
    assets.mkdir(parents=True)
    for name in ("site.css", "index.js", "due.js"):
        shutil.copy(shipped("templates") / "site" / name, assets / name)
    text = next(each_page(pages)).text()
    (folder / "index.html").write_text(text, encoding="utf-8")
    return (folder / "index.html").as_uri()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return first_page(tmp_path_factory.mktemp("many"), of(MANY))


@contextmanager
def without_complaint(browser, address):
    """A page that says nothing on its console while it is used."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as opened:
        said = []
        page = opened.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address)
        yield page
        assert said == []


@pytest.fixture
def page(browser, address):
    with without_complaint(browser, address) as page:
        yield page


def shown(page):
    return page.locator("#all-systems tbody tr:visible").count()


def status(page):
    return page.inner_text("#found")


def test_a_page_of_500_systems_is_smaller_than_400_kb(address):
    assert Path(url2pathname(urlsplit(address).path)).stat().st_size < 400_000


def test_few_systems_have_no_search_and_no_script():
    text = next(each_page(of(12))).text()

    assert 'role="search"' not in text
    assert "index.js" not in text


def test_words_find_what_has_all_of_them_in_any_case(page):
    for typed, many in (("model 122", 1), ("122 CLARA", 1), ("ben 122", 0), ("  ", 500)):
        page.fill("#find-text", typed)

        assert f"{many} " in status(page), typed
        assert shown(page) == min(many, 100), typed


def test_a_choice_shows_those_it_names(page):
    for field, choice, many in (
        ("verdict", "NOT READY", 100), ("tier", "B", 167), ("owner", "Clara Ng", 166),
        ("report", "overdue", 49), ("report", "none scheduled", 1), ("report", "not due yet", 450),
    ):  # fmt: skip
        page.select_option(f"#find-{field}", choice)

        assert status(page).startswith(f"{many} of 500 systems"), choice
        page.click("#find-all")


def test_choices_add_up(page):
    page.select_option("#find-verdict", "READY")
    page.select_option("#find-tier", "A")
    page.fill("#find-text", "model 03")

    # With 03 in the name, of tier A: 003, 030, 033, 036, 039, 303, of which two are not ready.
    found = page.locator("#all-systems tbody tr:visible th a").all_inner_texts()
    assert found == ["Model 003", "Model 030", "Model 033", "Model 303"]


def test_the_number_of_a_verdict_leads_to_those_that_have_it(page):
    page.click(".counts a >> text=CONDITIONAL")

    assert status(page) == "100 of 500 systems"
    assert page.input_value("#find-verdict") == "CONDITIONAL"


def test_more_than_a_hundred_are_shown_when_asked_for(page):
    assert shown(page) == 100
    assert status(page) == "All 500 systems; the first 100 are shown"

    page.click("text=Show the other 400")

    assert shown(page) == 500
    assert not page.is_visible("#find-more")


def test_the_search_says_that_it_finds_nothing_of_what_could_not_be_read(browser, tmp_path):
    problem = Problem("tier is D", "systems/model-500/system.yaml:3", "write C")
    pages = replace(of(20), broken={"model-500": Broken((problem,))})

    with without_complaint(browser, first_page(tmp_path / "site", pages)) as page:
        apart = "1 more system could not be read and is not counted"
        assert status(page) == f"All 20 systems; {apart}"
        page.fill("#find-text", "model-500")
        assert status(page) == f"0 of 20 systems; {apart}"


def test_what_was_asked_for_is_in_the_address_and_is_there_on_the_way_back(page):
    page.fill("#find-text", "model 01")
    page.select_option("#find-verdict", "DEMO ONLY")
    kept = page.url
    page.goto("about:blank")

    page.goto(kept)

    assert kept.endswith("#text=model+01&verdict=DEMO+ONLY")
    assert status(page) == "2 of 500 systems"
    page.click("#find-all")
    assert status(page).startswith("All 500 systems")
    assert page.evaluate("document.activeElement.id") == "find-text"


def test_a_column_is_sorted_by_keyboard_and_says_which_way(page):
    page.locator("thead button", has_text="system").focus()

    page.keyboard.press("Enter")
    up = page.inner_text("#all-systems tbody tr:first-child th a")
    page.keyboard.press("Enter")

    assert (up, page.inner_text("#all-systems tbody tr:first-child th a")) == (
        "Model 000", "Model 499",
    )  # fmt: skip
    assert page.get_attribute("thead th:nth-child(2)", "aria-sort") == "descending"
    assert page.get_attribute("thead th:nth-child(1)", "aria-sort") is None


def test_numbers_are_sorted_as_numbers_and_the_worst_verdict_stands_first(page):
    first = page.inner_text("#all-systems tbody tr:first-child td.word")

    page.click("thead button >> text=next report")
    overdue = page.inner_text("#all-systems tbody tr:first-child td:last-child")

    assert "DEMO ONLY" in first
    assert overdue.startswith("✖ overdue since 20 Jul 2013")


def test_a_report_that_came_due_since_the_page_was_built_is_overdue_by_the_readers_clock(
    browser, address
):
    with browser.new_context() as opened:
        later = opened.new_page()
        later.clock.set_fixed_time(samples.AS_OF + NEVER + timedelta(days=1))
        later.goto(address)

        later.select_option("#find-report", "overdue")

        assert status(later).startswith("499 of 500 systems")
        assert later.locator("tbody tr:visible b:has-text('overdue')").count() == 0
        assert "✖ overdue since 28 Jun 2113" in later.inner_text("tbody")


def test_without_scripts_the_whole_table_is_there_and_no_field_that_does_nothing(browser, address):
    with browser.new_context(java_script_enabled=False) as opened:
        still = opened.new_page()
        still.goto(address)

        assert shown(still) == 500
        assert not still.is_visible(".find")
        still.click(".counts a >> text=CONDITIONAL")
        assert still.url.endswith("#first-conditional")


def test_a_letter_is_answered_before_the_next_one_is_typed(page):
    seconds = page.evaluate("""() => {
      const field = document.getElementById("find-text"), took = [];
      for (const text of ["m", "mo", "mod", "model 4", "x", "", "a", "ad"]) {
        field.value = text;
        const began = performance.now();
        field.dispatchEvent(new Event("input"));
        document.body.offsetHeight;
        took.push(performance.now() - began);
      }
      return took.sort((a, b) => a - b)[Math.floor(took.length / 2)];
    }""")

    assert seconds < 100


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_serious_with_the_fields_nor_on_a_phone(
    browser, tmp_path, scheme, width
):
    with browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 900}
    ) as opened:
        page = opened.new_page()
        page.goto(first_page(tmp_path, of(20)))
        page.fill("#find-text", "model 00")

        assert findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
