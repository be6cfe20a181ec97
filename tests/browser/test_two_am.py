"""The 2am page in a real browser: on a phone, in the dark, and on one sheet of paper."""

import re

import pytest

from ops_model.domain.four_hours import four_hours
from ops_model.domain.people import People
from ops_model.domain.workbook import WorkbookSettings
from ops_model.site.build import SiteInput, SiteSystem, build_site
from tests.builders import PEOPLE, a_model, a_statement, judging, located
from tests.domain.test_four_hours import AT, FULL, shown, spoiled
from tests.site.samples import AS_OF, LONG, assessment

pytestmark = pytest.mark.browser

PAGE = "systems/flight-delay/2am.html"
SAID = "The line beside each estimate says that it is not to be relied on until six o'clock."


def _system(text):
    """A system that says as much at each step as the example systems do."""
    steps = [{"kind": "verify", "text": text, "expected_seconds": "10", "role": "primary"}] * 5
    playbook = {"id": "look-upstream", "first_15_minutes": [text] * 5, "who": "primary"}
    paths = [
        {"audience": audience, "owner": "bo-li", "channel": text[:80], "within_minutes": "30",
         "text": text}
        for audience in ("users", "staff", "support", "owner", "public")
    ]  # fmt: skip
    return spoiled(
        rollback={"steps": steps},
        signals={**FULL["signals"], "playbooks": [playbook]},
        decisions={**FULL["decisions"], "communication": paths},
    )


def _site(system, folder):
    told = [a_statement(record, seq) for seq, record in enumerate(shown(system), start=1)]
    model = a_model(system)
    walk = four_hours(model, system, at=AT, judging=judging(model, system, told), statements=told)
    given = SiteInput(
        settings=WorkbookSettings(name="Test", zone="UTC", as_of=AS_OF),
        people=People.model_validate(located(PEOPLE, "people.yaml")),
        as_of=AS_OF,
        tool_version="0.1.0",
        systems=(SiteSystem(claims=system, assessment=assessment(), walk=walk),),
    )
    build_site(given, folder)
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return _site(_system(SAID), tmp_path_factory.mktemp("two-am") / "site")


def _open(context, folder):
    page = context.new_page()
    page.goto((folder / PAGE).as_uri())
    return page


def test_the_page_prints_on_one_sheet_of_a4(browser, site):
    with browser.new_context() as opened:
        printed = _open(opened, site).pdf(format="A4")

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


@pytest.mark.parametrize("said", [SAID, LONG])
def test_the_page_does_not_scroll_sideways_on_a_phone(browser, tmp_path, said):
    folder = _site(_system(said), tmp_path / "site")
    with browser.new_context(viewport={"width": 390, "height": 844}) as opened:
        wide = _open(opened, folder).evaluate("document.documentElement.scrollWidth")

    assert wide <= 390


def test_the_page_follows_the_readers_theme_and_is_printed_in_light(browser, site):
    ground = "getComputedStyle(document.body).backgroundColor"
    with browser.new_context(color_scheme="dark") as opened:
        page = _open(opened, site)
        dark = page.evaluate(ground)
        page.emulate_media(media="print")
        printed = page.evaluate(ground)

    # --ground of the dark palette, and white paper
    assert (dark, printed) == ("rgb(20, 23, 27)", "rgb(255, 255, 255)")


def test_the_page_asks_for_nothing_but_files_and_does_not_complain(browser, site):
    asked, said = [], []
    with browser.new_context() as opened:
        page = opened.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto((site / PAGE).as_uri())

    assert [url for url in asked if not url.startswith(("file://", "data:"))] == []
    assert said == []
