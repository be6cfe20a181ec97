"""A report that nobody published, by the clock of whoever reads, in a real browser from disk."""

from datetime import timedelta

import pytest

from ops_model.domain.awaited import Awaited
from ops_model.domain.schedules import Slot
from ops_model.domain.workbook import WorkbookSettings
from ops_model.site.build import build_site
from tests.builders import located
from tests.site import samples
from tests.site.samples import AS_OF, FLIGHT

pytestmark = pytest.mark.browser

LINE = {"notebook": "05_drift_quality", "cron": "0 6 * * 1", "grace_hours": 6}
DUE_BY = AS_OF + timedelta(days=1)
NEXT_RUN = AS_OF.replace(day=29, hour=12)
OWNER = "systems/flight-delay/index.html"
RUN = "runs/flight-delay/05_drift_quality/r-quality.html"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages of a live workbook, which wait for one report of flight-delay."""
    read = {"name": "Live", "zone": "UTC", "schedules": [LINE]}
    settings = WorkbookSettings.model_validate(located(read, "ops-model.yaml"))
    slot = Slot(DUE_BY - timedelta(hours=6), FLIGHT, "05_drift_quality")
    folder = tmp_path_factory.mktemp("due") / "site"
    build_site(
        samples.site_input(
            settings=settings, due={FLIGHT: Awaited(slot, DUE_BY)}, portfolio=samples.portfolio()
        ),
        folder,
    )
    return folder


def opened_at(opened, folder, path, instant):
    """A page as somebody sees it whose clock shows this instant, and what it complained of."""
    page, messages = opened.new_page(), []
    page.on("console", lambda m: messages.append(m.text))
    page.clock.install(time=instant)
    page.goto((folder / path).as_uri())
    return page, messages


@pytest.mark.parametrize("path", [OWNER, "index.html", "portfolio.html"])
def test_overdue_is_shown_once_the_readers_clock_is_past_it(browser, site, path):
    with browser.new_context() as opened:
        before, said = opened_at(opened, site, path, DUE_BY - timedelta(minutes=5))
        after, complained = opened_at(opened, site, path, DUE_BY + timedelta(minutes=5))

        assert not before.is_visible("text=OVERDUE")
        assert before.is_visible("text=is due by 23 Jul 2013, 08:00 UTC")
        assert after.is_visible("text=OVERDUE")
        assert not after.is_visible("text=do not rely on this page")
        assert after.title().startswith("✖ OVERDUE: ")
        assert said == complained == []


def test_a_page_that_stays_open_turns_overdue_by_itself(browser, site):
    with browser.new_context() as opened:
        page, _ = opened_at(opened, site, OWNER, DUE_BY - timedelta(minutes=5))
        before = page.is_visible("text=OVERDUE")
        page.clock.fast_forward("06:00")

        assert (before, page.is_visible("text=OVERDUE")) == (False, True)


def test_the_banner_is_wide_red_and_the_first_thing_on_the_page(browser, site):
    with browser.new_context(viewport={"width": 390, "height": 800}) as opened:
        page, _ = opened_at(opened, site, OWNER, DUE_BY + timedelta(days=3))
        box = page.locator(".due .late").bounding_box()
        colour = page.evaluate("getComputedStyle(document.querySelector('.late')).color")

        assert box["y"] < 800
        assert colour == "rgb(179, 38, 30)"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_page_of_a_run_says_that_it_is_not_the_newest(browser, site):
    with browser.new_context() as opened:
        before, _ = opened_at(opened, site, RUN, NEXT_RUN - timedelta(hours=1))
        after, said = opened_at(opened, site, RUN, NEXT_RUN + timedelta(hours=1))

        assert not before.is_visible("text=NOT THE NEWEST")
        assert after.is_visible("text=NOT THE NEWEST")
        after.wait_for_function("document.querySelectorAll('.plot .main-svg').length > 0")
        assert said == []


def test_without_scripts_the_page_says_the_instant_in_words(browser, site):
    with browser.new_context(java_script_enabled=False) as opened:
        page = opened.new_page()
        page.goto((site / OWNER).as_uri())

        assert page.is_visible("text=is due by 23 Jul 2013, 08:00 UTC; after that, do not rely")
        assert not page.is_visible("text=OVERDUE")
