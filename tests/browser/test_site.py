"""The site in a real browser, opened from disk as a reader would."""

import pytest

from ops_model.domain.workbook import WorkbookSettings
from ops_model.site.build import SiteInput, build_site
from ops_model.site.cards import card
from ops_model.site.markup import Html, tag
from tests.site import samples
from tests.site.samples import AS_OF, HOSTILE, site_input

pytestmark = pytest.mark.browser

OWNER = "systems/flight-delay/index.html"
COMPLIANCE = "systems/flight-delay/compliance.html"
DETECTION = "systems/flight-delay/areas/detection.html"
RUN = "runs/flight-delay/05_drift_quality/r-quality.html"


class Visit:
    """A page, and all that it did on the way: dialogs, messages, requests."""

    def __init__(self, context, folder, path):
        self.dialogs, self.messages, self.requests = [], [], []
        self.page = context.new_page()
        self.page.on("dialog", self._dialog)
        self.page.on("console", lambda m: self.messages.append(m.text))
        self.page.on("pageerror", lambda e: self.messages.append(str(e)))
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.goto((folder / path).as_uri())

    def _dialog(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    @property
    def outside(self):
        return [url for url in self.requests if not url.startswith(("file://", "data:", "blob:"))]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "site"
    build_site(site_input(portfolio=samples.portfolio()), folder)
    return folder


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A site full of hostile strings; tests/site tries each of them by itself on every page."""
    folder = tmp_path_factory.mktemp("hostile") / "site"
    systems = []
    for place, text in enumerate((" ".join(HOSTILE), samples.LONG, samples.CLOSER)):
        system = samples.hostile_system(text)
        claims = system.claims.model_copy(update={"id": f"h{place}"})
        systems.append(
            samples.SiteSystem(claims, system.assessment, system.statements, system.runs)
        )
    settings = WorkbookSettings(name=HOSTILE[0], zone="UTC", as_of=AS_OF)
    given = SiteInput(settings=settings, people=samples.people(), as_of=AS_OF,
                      tool_version="0.1.0", systems=tuple(systems))  # fmt: skip
    build_site(given, folder)
    return folder


def context(browser, *, width=1280, scheme="light"):
    return browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)


def paths(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*.html"))


def each_page(opened, folder):
    """The pages of a site one after the other in one tab, which takes longer to open than they."""
    first, *others = paths(folder)
    visit = Visit(opened, folder, first)
    yield first, visit
    for path in others:
        visit.page.goto((folder / path).as_uri())
        yield path, visit


def test_no_page_asks_for_anything_but_files_or_complains(browser, site):
    with context(browser) as opened:
        for path, visit in each_page(opened, site):
            visit.page.wait_for_load_state()

            assert visit.outside == [], path
            assert visit.messages == [], path


def test_every_figure_of_a_run_is_drawn(browser, site):
    with context(browser) as opened:
        visit = Visit(opened, site, RUN)
        visit.page.wait_for_function("document.querySelectorAll('.plot .main-svg').length > 0")

        drawn = visit.page.evaluate(
            "[...document.querySelectorAll('.plot')]"
            ".map(plot => plot.querySelectorAll('.bars, .scatter').length)"
        )

        assert len(drawn) == 3
        assert all(count > 0 for count in drawn)


def test_no_text_of_a_figure_is_cut_off_on_a_phone(browser, site):
    with context(browser, width=390) as opened:
        visit = Visit(opened, site, RUN)
        visit.page.wait_for_function("document.querySelectorAll('.plot .main-svg').length > 0")

        cut = visit.page.evaluate("""[...document.querySelectorAll('.plot')].flatMap(plot => {
            const all = plot.querySelector('.main-svg').getBoundingClientRect()
            const texts = [...plot.querySelectorAll('text')]
            return texts.filter(text => {
                const own = text.getBoundingClientRect()
                return own.width > 0 && (own.left < all.left - 1 || own.right > all.right + 1)
            }).map(text => text.textContent)
        })""")

        assert cut == []


def test_figures_take_the_colour_of_text_in_the_dark(browser, site):
    colours = {}
    for scheme in ("light", "dark"):
        with context(browser, scheme=scheme) as opened:
            page = Visit(opened, site, RUN).page
            page.wait_for_selector(".xtick text")
            colours[scheme] = page.evaluate(
                "getComputedStyle(document.querySelector('.xtick text')).fill"
            )

    # --ink of the two palettes
    assert colours == {"light": "rgb(29, 34, 40)", "dark": "rgb(231, 229, 224)"}


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 768])
def test_no_page_scrolls_sideways(browser, site, hostile, every_kind, width):
    with context(browser, width=width) as opened:
        for folder in (site, hostile, every_kind):
            for path, visit in each_page(opened, folder):
                wide = visit.page.evaluate("document.documentElement.scrollWidth")

                assert wide <= width, path


def test_hostile_strings_do_nothing(browser, hostile):
    with context(browser) as opened:
        for path, visit in each_page(opened, hostile):
            visit.page.wait_for_load_state()
            for summary in visit.page.query_selector_all("summary")[:3]:
                summary.click()

            assert visit.dialogs == [], path
            assert visit.messages == [], path
            assert visit.outside == [], path


def test_printing_opens_every_answer(browser, site):
    with context(browser) as opened:
        page = Visit(opened, site, DETECTION).page
        closed = (
            "[...document.querySelectorAll('details > div')].filter(d => "
            "!d.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})"
            " || d.getBoundingClientRect().height === 0).length"
        )
        on_screen = page.evaluate(closed)

        page.emulate_media(media="print")

        assert on_screen == 3  # of the four answers of the area, one is open
        assert page.evaluate(closed) == 0


def test_print_is_dark_on_light_for_readers_of_dark_pages(browser, site):
    with context(browser, scheme="dark") as opened:
        page = Visit(opened, site, OWNER).page

        page.emulate_media(media="print", color_scheme="dark")

        ink = page.evaluate("getComputedStyle(document.body).color")
        assert ink == "rgb(29, 34, 40)"


def test_a_link_to_an_entry_reaches_its_record(browser, site):
    with context(browser) as opened:
        page = Visit(opened, site, COMPLIANCE).page

        page.click("#evidence ~ table a[href$='#entry-6']")

        page.wait_for_url("**/r-quality.html#entry-6")
        assert page.is_visible("#entry-6")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_on_every_kind_of_page_has_enough_contrast(browser, site, scheme):
    measure = """() => {
      const parse = c => c.match(/[\\d.]+/g).map(Number);
      const lum = c => { const [r, g, b] = parse(c).slice(0, 3).map(v => { v /= 255;
        return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
        return .2126 * r + .7152 * g + .0722 * b; };
      const ground = e => { for (; e; e = e.parentElement) {
        const c = getComputedStyle(e).backgroundColor; if ((parse(c)[3] ?? 1) > 0) return c; }
        return 'rgb(255,255,255)'; };
      const low = [];
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walk.nextNode()) {
        const e = walk.currentNode.parentElement;
        if (!walk.currentNode.data.trim() || e.closest('script, svg')) continue;
        const a = lum(getComputedStyle(e).color), b = lum(ground(e));
        const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (ratio < 4.5) low.push([ratio, walk.currentNode.data]);
      }
      return low; }"""
    with context(browser, scheme=scheme) as opened:
        for path in ("index.html", OWNER, COMPLIANCE, DETECTION, RUN):
            page = Visit(opened, site, path).page

            assert page.evaluate(measure) == [], path


def test_a_card_keeps_glyph_word_and_next_step_without_styles(browser, tmp_path):
    html = card(samples.assessment(), samples.people())
    (tmp_path / "card.html").write_text(
        tag("html", Html(html)).replace(' style="', ' data-was="'), encoding="utf-8"
    )
    with context(browser) as opened:
        page = opened.new_page()
        page.goto((tmp_path / "card.html").as_uri())

        text = page.inner_text("body")

    assert "✖ NOT READY" in text
    assert "run notebook 05_drift_quality" in text


def test_a_gap_on_the_first_page_leads_to_its_answer(browser, site):
    with context(browser) as opened:
        page = Visit(opened, site, OWNER).page

        page.click(".gaps a >> text=DRF-02")

        page.wait_for_url("**/areas/detection.html#DRF-02")
        assert page.is_visible("#DRF-02 >> text=To do:")


def test_a_page_without_scripts_reads_the_same(browser, site):
    with browser.new_context(java_script_enabled=False) as opened:
        page = opened.new_page()
        page.goto((site / RUN).as_uri())

        text = page.inner_text("main")

    assert "baseline" in text
    assert "Beyond the limit: temperature, humidity." in text
