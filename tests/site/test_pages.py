"""What holds of every page of the site: which there are, where they lead, what they carry."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from ops_model.domain.evidence import Grade
from ops_model.domain.portfolio_status import PortfolioStatus
from ops_model.domain.trials import Reproduction
from ops_model.domain.workbook import WorkbookSettings
from ops_model.site.build import SiteInput
from ops_model.site.markup import clean
from ops_model.site.pages import render
from tests.site import samples, whole
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, HOSTILE, site_input
from tests.weekly_samples import a_report

OWNER = "systems/flight-delay/index.html"
HISTORY = "systems/flight-delay/history.html"
RUN = "runs/flight-delay/05_drift_quality/r-quality.html"
BROKEN = "runs/flight-delay/05_drift_quality/r-broken.html"
OF_A_SYSTEM = ("index", "gaps", "on-call", "product", "compliance", "controls", "history")


def all_pages():
    """The pages of the samples and, beside them, those of a system with every kind of record."""
    portfolio = samples.portfolio()
    return render(site_input(portfolio=portfolio)), render(
        whole.input_of(whole.whole(), portfolio=portfolio)
    )


@pytest.fixture(scope="module")
def both():
    return all_pages()


@pytest.fixture(scope="module")
def pages(both):
    return both[0]


@pytest.fixture(scope="module")
def read(pages):
    return {path: Reader(html) for path, html in pages.items()}


def test_there_is_a_page_for_each_reader_one_for_each_area_and_one_for_each_run(pages):
    runs = [path for path in pages if path.startswith("runs/")]
    areas = [path for path in pages if "/areas/" in path]
    of_systems = {
        f"systems/{system}/{name}.html"
        for system in ("flight-delay", "support-assistant") for name in OF_A_SYSTEM
    }  # fmt: skip

    assert len(runs) == 6
    # The samples' findings lie in eight areas.
    assert len(areas) == 16
    whole = {"index.html", "fleet.html", "portfolio.html"}
    assert {*pages} - {*runs} - {*areas} == {*whole, *of_systems}


def test_every_link_leads_to_a_page_and_an_anchor_that_exist(both):
    from posixpath import dirname, join, normpath

    assets = {"assets/site.css", "assets/plotly.min.js", "assets/loader.js"}
    for pages in both:
        read = {path: Reader(html) for path, html in pages.items()}
        for path, page in read.items():
            local = [s for s in page.values("src") if ":" not in s]
            for href in [h for h in page.values("href") if not h.startswith("data:")] + local:
                target, _, anchor = href.partition("#")
                found = normpath(join(dirname(path), target)) if target else path

                assert found in pages or found in assets, f"{path}: {href}"
                if anchor:
                    assert anchor in read[found].values("id"), f"{path}: {href}"


def test_no_id_stands_twice_on_a_page(both):
    for path, html in (item for pages in both for item in pages.items()):
        ids = Reader(html).values("id")

        assert len(ids) == len(set(ids)), path


def test_no_page_names_an_address_outside_the_site(both):
    for path, html in (item for pages in both for item in pages.items()):
        # The name of the SVG vocabulary is no address that anything loads.
        text = re.sub(r"http(?:%3A|:)//www\.w3\.org/2000/svg", "", html)

        assert "//" not in text.replace("://", "//"), path


def test_only_a_page_with_figures_allows_scripts_and_carries_them(both):
    for path, html in (item for pages in both for item in pages.items()):
        page = Reader(html)
        if path.startswith("runs/"):
            continue

        assert "script" not in page.tags, path
        assert "default-src 'none'; style-src 'self';" in html.replace("&#39;", "'"), path
        assert "style" not in {name for _, name, _ in page.attributes}, path


def test_a_page_with_figures_loads_the_two_scripts_of_the_site_and_no_other(read):
    sources = [a["src"] for tag, a in read[RUN].elements if tag == "script" and "src" in a]

    assert sources == ["../../../assets/plotly.min.js", "../../../assets/loader.js"]


def test_a_page_without_figures_loads_no_script(read):
    assert "script" not in read[BROKEN].tags


def test_every_page_states_its_policy_before_anything_loads(pages):
    for html in pages.values():
        assert html.index("Content-Security-Policy") < html.index("<link")
        assert "default-src 'none'" in html.replace("&#39;", "'")


def test_the_policy_of_a_drawn_page_is_the_one_that_was_tried(pages):
    assert (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; script-src 'self'\">"
    ) in pages[RUN].replace("&#39;", "'")


def test_every_page_says_that_the_workbook_is_a_replay(read):
    for path, page in read.items():
        assert "replay workbook, judged as of 22 Jul 2013, 08:00 UTC" in page.text, path


def test_a_workbook_that_pins_no_instant_is_no_replay():
    settings = WorkbookSettings(name="Live", zone="UTC")

    pages = render(site_input(settings=settings))

    assert all("replay" not in html for html in pages.values())


def test_every_page_that_shows_the_simulated_system_says_so(read):
    shown = [path for path in read if "support-assistant" in path]

    # Seven for the readers, eight areas, one run.
    assert len(shown) == 16
    for path in [*shown, "index.html", "portfolio.html"]:
        assert "simulated" in read[path].text, path


def test_a_page_of_a_real_system_does_not_say_simulated(read):
    assert "simulated" not in read[OWNER].text


def test_no_page_claims_more_than_evidence_can_show(both):
    for path, html in (item for pages in both for item in pages.items()):
        assert not re.search(r"compliant|certified|guaranteed", html, re.IGNORECASE), path


def test_every_page_of_a_system_leads_to_those_of_its_readers_and_says_which_it_is(read):
    for path, page in read.items():
        if not path.startswith("systems/"):
            continue
        ways = [v for v in page.values("aria-label") if v.startswith("Pages of ")]
        here = [a for tag, a in page.elements if a.get("aria-current") == "page"]

        assert len(ways) == 1, path
        assert here, path
        for name in ("index", "on-call", "product", "compliance", "history"):
            assert any(h.endswith(f"/{name}.html") for h in page.values("href")), (path, name)


def test_the_first_page_leads_to_every_readers_page_and_to_the_portfolio(read):
    hrefs = read["index.html"].values("href")

    assert "portfolio.html" in hrefs
    for name in ("index", "on-call", "product", "compliance", "history"):
        assert f"systems/flight-delay/{name}.html" in hrefs


def test_without_a_portfolio_there_is_no_such_page_and_no_link_to_it():
    pages = render(site_input(portfolio=None))

    assert "portfolio.html" not in pages
    assert "portfolio.html" not in pages["index.html"]


def test_landmarks_and_a_skip_link_are_on_every_page(both):
    for path, html in (item for pages in both for item in pages.items()):
        page = Reader(html)

        assert {"main", "nav", "header", "footer", "h1"} <= page.tags, path
        assert "#content" in page.values("href"), path
        assert ("html", "lang", "en") in page.attributes, path
        assert sum(tag == "h1" for tag, _ in page.elements) == 1, path


def test_equal_input_gives_equal_pages(pages):
    assert render(site_input(portfolio=samples.portfolio())) == pages


def test_a_workbook_without_systems_has_an_index_that_says_so():
    empty = PortfolioStatus(
        system="portfolio", as_of=AS_OF, systems=(), debt=samples.exact(0, "weighted gap days", 0)
    )

    pages = render(site_input(systems=(), portfolio=empty))

    assert set(pages) == {"index.html", "portfolio.html"}
    assert "no systems yet" in Reader(pages["index.html"]).text
    assert "no systems yet" in Reader(pages["portfolio.html"]).text


def test_a_run_says_what_its_records_found_and_how_to_check_it(read):
    text = read[RUN].text

    assert "Drift of input distribution: 2 of 5 columns beyond the limit" in text
    assert "Check this run" in text
    assert "ops-model verify runs/flight-delay/05_drift_quality/" in text


def test_a_run_of_a_real_system_on_simulated_rows_says_so():
    made_up = samples.stated(41, samples.spend(simulated=True), "r-cost", "06_cost")
    run = samples.run("r-cost", "06_cost")
    system = samples.flight_system(runs=(run,), statements=(made_up,))

    pages = render(site_input(systems=(system,)))

    told = "simulated : the rows behind spend are made up from a stated rule."
    assert told in Reader(pages["runs/flight-delay/06_cost/r-cost.html"]).text
    assert "partly" not in Reader(pages["runs/flight-delay/06_cost/r-cost.html"]).text


def test_a_system_with_some_simulated_rows_says_which_and_nothing_of_what_no_measurement_shows():
    made_up = samples.stated(41, samples.spend(simulated=True), "r-cost", "06_cost")
    measured = samples.stated(42, samples.quality(), "r-quality")
    system = samples.flight_system(statements=(made_up, measured))

    pages = render(site_input(systems=(system,)))

    for name in OF_A_SYSTEM:
        text = Reader(pages[f"systems/flight-delay/{name}.html"]).text
        assert (
            "partly simulated : the rows behind spend are made up from a stated rule; "
            "the other measurements are of recorded data."
        ) in text
        assert "else is real" not in text


def test_history_tells_verdicts_and_how_the_gaps_changed():
    earlier = samples.assessment(spoiled=samples.DRIFTED | samples.UNMEASURED)
    rows = (samples.stated(17, earlier, "r-ready", "01_readiness"),
            samples.stated(19, samples.assessment(), "r-ready", "01_readiness"))  # fmt: skip
    system = samples.flight_system(statements=rows)

    text = Reader(render(site_input(systems=(system,)))[HISTORY]).text

    assert "1 check (-1)" in text[text.index("in the way from") :]


def test_a_verdict_of_a_notebook_that_nobody_approved_is_shown_as_declared_and_is_no_history():
    printed = samples.assessment(verdict="READY", spoiled={})
    rows = [
        samples.stated(19, record, "r-ready", "01_readiness", grade=Grade.DECLARED)
        for record in (printed, samples.rollback_drill())
    ]
    for row in rows:
        system = samples.flight_system(statements=(row,))
        pages = render(site_input(systems=(system,)))
        page = Reader(pages["runs/flight-delay/01_readiness/r-ready.html"])
        verdict = page.text[: page.text.index("Check this run")]

        assert "? declared only" in verdict
        assert "Declared, by a notebook that is neither shipped nor approved." in verdict
        # The card below says READY or passed, and right above it stands what that is worth.
        assert ", declared only ? declared only : the notebook says what stands below" in verdict
        assert "No earlier assessment is on the ledger" in Reader(pages[HISTORY]).text


def test_whoever_is_on_call_reads_that_a_drill_was_declared_only():
    for grade, said in ((Grade.DECLARED, True), (Grade.OBSERVED, False)):
        drill = samples.rollback_drill()
        row = samples.stated(19, drill, "r-1", "03_rollback_drill", grade=grade)
        system = samples.flight_system(statements=(row,))

        text = Reader(
            render(site_input(systems=(system,)))["systems/flight-delay/on-call.html"]
        ).text

        # In the facts at the top, and where the last drill is told.
        assert text.count("declared only") == (2 if said else 0)


def test_what_was_observed_is_not_called_declared(read):
    assert "declared only" not in read["runs/flight-delay/01_readiness/r-ready.html"].text


def test_a_run_whose_inputs_nobody_could_identify_is_declared_only():
    row = samples.stated(7, samples.spend(), "r-quality", grade=Grade.DECLARED)
    origin = row.statement.origin.model_copy(update={"inputs_verified": False})
    statement = row.statement.model_copy(update={"origin": origin})
    system = samples.flight_system(statements=(replace(row, statement=statement),))

    text = Reader(render(site_input(systems=(system,)))[HISTORY]).text

    assert "Declared only: what it read could not be identified again." in text


def test_a_failed_run_says_cell_and_reason(read):
    said = "Stopped in cell 4: data/flight-delay/labels has no column"

    assert said in read["index.html"].text
    assert said in read[HISTORY].text
    assert "did you mean 'labels'?" in read[BROKEN].text
    assert "leaves no evidence" in read[BROKEN].text


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        ({"error": "KeyError", "message": "'label'"}, "Stopped in cell 4 by KeyError: 'label'"),
        ({"reason": "timeout", "error": "Timeout", "message": "60 s passed"},
         "Stopped in cell 4, it took longer than it may: 60 s passed"),
        ({"error": "WarehouseError", "message": ""}, "Stopped in cell 4 by WarehouseError."),
        ({"error": "", "message": ""}, "Stopped in cell 4, no reason on record."),
    ],
)  # fmt: skip
def test_why_a_run_stopped_is_told_in_words_where_its_message_does_not_say_it(failure, said):
    run = samples.failed_run(**failure)

    pages = render(site_input(systems=(samples.flight_system(runs=(run,), statements=()),)))

    assert said in Reader(pages[HISTORY]).text


def whole_page_of(run, *statements):
    system = samples.flight_system(runs=(run,), statements=statements)
    return render(site_input(systems=(system,)))[f"runs/flight-delay/{run.notebook}/r-1.html"]


def run_page_of(run, *statements):
    page = whole_page_of(run, *statements)
    start = page.index('<section class="verdict')
    return page[start : page.index("</section>", start)]


def test_a_run_that_recorded_an_assessment_opens_with_its_verdict_and_not_with_finished():
    run = samples.run("r-1", "01_readiness")
    assessed = samples.assessment(verdict="DEMO ONLY")

    banner = run_page_of(run, samples.stated(7, assessed, "r-1", "01_readiness"))

    assert '<section class="verdict bad"' in banner
    assert '<p class="word">■ DEMO ONLY</p>' in banner
    assert "<dt>state</dt><dd>finished</dd>" in banner


def test_a_run_that_recorded_a_failed_drill_opens_with_failed():
    run = samples.run("r-1", "03_rollback_drill")
    drill = samples.rollback_drill(passed=False)

    banner = run_page_of(run, samples.stated(7, drill, "r-1", "03_rollback_drill"))

    assert '<p class="word">✖ failed</p>' in banner


def test_a_run_that_measured_nothing_is_grey_and_says_why():
    told = "cost.yaml declares no usage log, so no spend was measured."

    banner = run_page_of(samples.run("r-1", "06_cost", records=0, nothing=told))

    assert '<section class="verdict quiet"' in banner
    assert '<p class="word">\u2013 nothing to record</p>' in banner
    assert told in banner


def test_a_run_that_only_measured_is_finished_and_not_green():
    run = samples.run("r-1", "05_drift_quality")

    banner = run_page_of(run, samples.stated(7, samples.quality(), "r-1"))

    assert '<section class="verdict quiet"' in banner
    assert '<p class="word">✓ finished</p>' in banner


def test_a_run_that_never_ended_says_so():
    run = samples.run("r-lost", "05_drift_quality", state="unfinished", bundle=None, manifest=None)

    pages = render(site_input(systems=(samples.flight_system(runs=(run,), statements=()),)))

    assert "? unfinished" in Reader(pages[HISTORY]).text
    assert "Started and never finished" in Reader(pages[HISTORY]).text


def test_older_runs_stay_within_reach():
    runs = tuple(samples.run(f"r-{i:02}", "05_drift_quality") for i in range(20))

    pages = render(site_input(systems=(samples.flight_system(runs=runs, statements=()),)))

    assert "8 older runs" in Reader(pages[HISTORY]).text
    assert all(f"r-{i:02}.html" in pages[HISTORY] for i in range(20))
    # The first page shows the latest eight of all systems.
    assert pages["index.html"].count("05_drift_quality/r-") == 8


def test_two_years_of_weeks_are_folded_by_month():
    weeks = [samples.AS_OF - timedelta(weeks=week) for week in range(104)]
    runs = tuple(
        samples.run(f"r-{at:%Y%m%d}", "05_drift_quality", as_of=at, recorded_at=at) for at in weeks
    )

    pages = render(site_input(systems=(samples.flight_system(runs=runs, statements=()),)))

    page = Reader(pages[HISTORY])
    assert "92 older runs" in page.text
    assert "Mar 2013: 4 runs" in page.text
    # Twelve of the latest weeks, and a line for each month before them.
    assert len([tag for tag, _ in page.elements if tag == "details"]) == 21
    assert all(f"r-{at:%Y%m%d}.html" in pages[HISTORY] for at in weeks)


def test_a_run_page_shows_each_record_with_entry_grade_and_digest(read):
    text = read[RUN].text

    assert "Ledger entry 6, grade E3 observed, cell 3, record" in text
    assert "Ledger entry 7" in text
    assert "Ledger entry 8" in text


def test_a_record_of_lower_grade_says_so():
    weak = samples.stated(6, samples.quality(), "r-quality", grade=Grade.DECLARED)

    pages = render(site_input(systems=(samples.flight_system(statements=(weak,)),)))

    assert "grade E1 declared" in Reader(pages[RUN]).text


def test_figures_are_told_in_words_too(read):
    labels = [a["aria-label"] for tag, a in read[RUN].elements if "data-figure" in a]

    assert len(labels) == 3
    assert "Beyond the limit: temperature, humidity." in labels[1]


def test_a_figure_stands_on_the_page_as_json_that_reads_back(read):
    drawn = [json.loads(text) for text in read[RUN].scripts]

    assert len(drawn) == 3
    assert all(set(figure) == {"data", "layout"} for figure in drawn)


def hostile_pages(text) -> dict[str, str]:
    settings = WorkbookSettings(name=text.replace("\x00", "") or "x", zone="UTC", as_of=AS_OF)
    given = SiteInput(
        settings=settings, people=samples.people(), as_of=AS_OF, tool_version="0.1.0",
        systems=(samples.hostile_system(text),), portfolio=samples.portfolio(),
    )  # fmt: skip
    return render(given)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert_on_every_page(text):
    allowed = {
        "data-figure",
        "data-label",
        "data-sort",
        "src",
        "alt",
        "style",
        "id",
        "class",
        "href",
    }
    for path, html in hostile_pages(text).items():
        page = Reader(html)
        scripts = [a for tag, a in page.elements if tag == "script"]
        names = {name for tag, name, _ in page.attributes if tag not in {"meta", "html", "link"}}

        assert not {n for n in names if n.startswith("on")}, path
        assert names <= allowed | {
            "aria-label", "aria-labelledby", "aria-current", "role", "scope", "width", "height",
            "open", "type",
        }  # fmt: skip
        assert page.tags.isdisjoint({"iframe", "object", "embed", "form", "base", "svg"})
        assert all(a.get("type") == "application/json" or a["src"].startswith("../../../assets/")
                   for a in scripts)  # fmt: skip
        assert "\u202e" not in html
        assert "\x00" not in html
        assert not [h for h in page.values("href") if h.startswith("javascript")]
        assert "49" not in re.findall(r"<title>(.*?)</title>", html)[0]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["areas/rollback", "index"])
def test_hostile_text_is_shown_and_not_lost(text, name):
    page = Reader(hostile_pages(text)[f"systems/flight-delay/{name}.html"])
    shown = " ".join(clean(text).split())

    # The first page of a system shows the beginning of a long text, the page of the area all.
    assert (shown[:100] if name == "index" else shown) in page.text


@pytest.mark.parametrize("text", ["../../escape", "a/b", "..", "", "é" * 200])
def test_no_run_id_leads_out_of_its_folder(text):
    run = replace(samples.run("r", "05_drift_quality"), run_id=text, notebook=text)

    pages = render(site_input(systems=(samples.flight_system(runs=(run,), statements=()),)))
    (path,) = [p for p in pages if p.startswith("runs/")]

    assert re.fullmatch(
        r"runs/flight-delay/[A-Za-z0-9_-][A-Za-z0-9._-]*/[A-Za-z0-9_-][A-Za-z0-9._-]*\.html", path
    )


def test_two_run_ids_that_look_alike_get_pages_of_their_own():
    runs = (samples.run("a/b", "05_drift_quality"), samples.run("a_b", "05_drift_quality"))

    pages = render(site_input(systems=(samples.flight_system(runs=runs, statements=()),)))

    assert len([p for p in pages if p.startswith("runs/")]) == 2


def test_a_run_of_many_results_lists_what_is_wrong_first_and_folds_the_rest():
    left = (samples.coverage(), samples.quality(alarm=False), samples.spend(), samples.drift(),
            samples.quality())  # fmt: skip
    stated = [samples.stated(seq, record, "r-1") for seq, record in enumerate(left, start=7)]

    page = whole_page_of(samples.run("r-1", "05_drift_quality"), *stated)
    said = Reader(page).text

    assert "Of 5 results 2 say that something is wrong." in said
    assert said.index("✖ drifted") < said.index("✖ alarm") < said.index("3 more")
    assert 'href="#entry-10"' in page
    assert 'id="entry-10"' in page


def test_a_page_says_once_in_its_style_sheet_what_a_card_says_in_each_cell():
    page = whole_page_of(
        samples.run("r-1", "05_drift_quality"), samples.stated(7, samples.quality(), "r-1")
    )

    assert "<td" in page
    assert "<td style=" not in page


def with_a_run(run, *told):
    system = samples.flight_system(runs=(samples.run("r-1", "06_cost"), run), statements=told)
    pages = render(site_input(systems=(system,)))
    return pages[f"runs/flight-delay/{run.notebook}/{run.run_id}.html"]


def test_a_weekly_report_on_made_up_cost_says_so_above_its_spend():
    told = (samples.stated(8, samples.spend(simulated=True), "r-1", "06_cost"),
            samples.stated(60, a_report(), "r-week", "07_weekly_ops_report"))  # fmt: skip

    text = Reader(with_a_run(samples.run("r-week", "07_weekly_ops_report"), *told)).text

    assert "partly simulated : the rows behind spend are made up" in text
    assert text.index("partly simulated") < text.index("This week:")


@pytest.mark.parametrize(
    ("differing", "look", "said"),
    [((), "✓ equal", "1 record, equal"),
     (("spend of cell 3: today",), "✖ differs", "spend of cell 3: today")],
)  # fmt: skip
def test_a_run_that_repeats_another_says_what_came_of_it_and_leads_to_the_first(
    differing, look, said
):
    compared = Reproduction(
        system="flight-delay", as_of=AS_OF, run_id="r-1", notebook="06_cost", again="r-2",
        records=1, differing=differing,
    )  # fmt: skip
    html = with_a_run(
        samples.run("r-2", "06_cost", reproduces="r-1"), samples.stated(61, compared)
    )
    text = Reader(html).text

    assert f"{look} It ran r-1 again, to compare the records." in text
    assert said in text
    assert "runs/flight-delay/06_cost/r-1.html" in html
    assert "The comparison is ledger entry 61." in text


def test_what_a_notebook_says_of_a_comparison_is_none():
    printed = Reproduction(
        system="flight-delay", as_of=AS_OF, run_id="r-1", notebook="06_cost", again="r-2",
        records=1,
    )  # fmt: skip
    told = samples.stated(61, printed, "r-3", "06_cost")

    text = Reader(with_a_run(samples.run("r-2", "06_cost", reproduces="r-1"), told)).text

    assert "Nothing says how it came out." in text
    assert "equal" not in text[: text.index("Compared with")]


def test_the_worst_verdict_stands_first_though_there_are_few_systems(read):
    text = read["index.html"].text

    assert text.index("■ DEMO ONLY") < text.index("✖ NOT READY")
