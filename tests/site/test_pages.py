import json
import re
from dataclasses import replace

import pytest

from ops_model.domain.evidence import Grade, NamedValue
from ops_model.domain.operating_model import WorkbookSettings
from ops_model.domain.values import Where, digest_of
from ops_model.site.build import SiteInput
from ops_model.site.markup import clean
from ops_model.site.pages import render
from tests.site import samples
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, HOSTILE, site_input

REVIEW = "systems/flight-delay/index.html"
SUPPORT = "systems/support-assistant/index.html"
RUN = "runs/flight-delay/05_drift_quality/r-quality.html"
BROKEN = "runs/flight-delay/05_drift_quality/r-broken.html"


@pytest.fixture(scope="module")
def pages():
    return render(site_input())


@pytest.fixture(scope="module")
def read(pages):
    return {path: Reader(html) for path, html in pages.items()}


def test_there_is_an_index_a_review_page_per_system_and_a_page_per_run(pages):
    runs = [path for path in pages if path.startswith("runs/")]

    assert len(runs) == 6
    assert {path for path in pages if path not in runs} == {"index.html", REVIEW, SUPPORT}


def test_every_link_leads_to_a_page_and_an_anchor_that_exist(pages, read):
    from posixpath import dirname, join, normpath

    assets = {"assets/site.css", "assets/plotly.min.js", "assets/loader.js"}
    for path, page in read.items():
        for href in [*page.values("href"), *[s for s in page.values("src") if ":" not in s]]:
            if href.startswith("data:"):
                continue
            target, _, anchor = href.partition("#")
            found = normpath(join(dirname(path), target)) if target else path

            assert found in pages or found in assets, f"{path}: {href}"
            if anchor:
                assert anchor in read[found].values("id"), f"{path}: {href}"


def test_no_id_stands_twice_on_a_page(read):
    for path, page in read.items():
        ids = page.values("id")

        assert len(ids) == len(set(ids)), path


def test_no_page_names_an_address_outside_the_site(pages):
    for path, html in pages.items():
        # The name of the SVG vocabulary is no address that anything loads.
        text = re.sub(r"http(?:%3A|:)//www\.w3\.org/2000/svg", "", html)

        assert "//" not in text.replace("://", "//"), path


def test_index_and_review_pages_allow_no_script_and_carry_none(pages, read):
    for path in ("index.html", REVIEW, SUPPORT):
        assert "script" not in read[path].tags
        assert "default-src 'none'; style-src 'self';" in pages[path].replace("&#39;", "'")
        assert "style" not in {name for _, name, _ in read[path].attributes}


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
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:"
    ) in pages[RUN].replace("&#39;", "'")


def test_every_page_says_that_the_workbook_is_a_replay(read):
    for path, page in read.items():
        assert "replay workbook, judged as of 22 Jul 2013, 08:00 UTC" in page.text, path


def test_a_workbook_that_pins_no_instant_is_no_replay():
    settings = WorkbookSettings(name="Live", zone="UTC")

    pages = render(site_input(settings=settings))

    assert all("replay" not in html for html in pages.values())


def test_every_page_that_shows_the_simulated_system_says_so(read):
    shown = [path for path in read if "support-assistant" in path] + ["index.html"]

    assert len(shown) == 3
    assert all("simulated" in read[path].text for path in shown)


def test_a_page_of_a_real_system_does_not_say_simulated(read):
    assert "simulated" not in read[REVIEW].text


def test_no_page_claims_more_than_evidence_can_show(pages):
    assert not re.search(
        r"compliant|certified|guaranteed", " ".join(pages.values()), re.IGNORECASE
    )


def test_the_review_page_is_small(pages):
    assert len(pages[REVIEW].encode()) <= 25_000


def test_the_verdict_opens_the_review_page(read):
    text = read[REVIEW].text

    assert text.index("✖ NOT READY") < text.index("The five questions")
    assert "1 check stands in the way: 2 of 5 columns moved" in text
    assert "(entry 19): closed QLT-01." in text


def test_the_first_box_says_who_does_what_next_and_that_quality_fell(read):
    text = read[REVIEW].text
    box = text[: text.index("Questions (5)")]

    assert "Accuracy 74.1 % against a baseline of 82.3 %, alarm raised on 25 Jun 2013." in box
    assert "Who does what next Clara Ng : Retrain on spring" in box
    assert "no check looks there yet" in box


def test_each_owner_of_gaps_is_named_once_with_the_number_of_further_gaps(read):
    text = read[SUPPORT].text
    box = text[text.index("Who does what next") : text.index("Questions (5)")]

    assert box.count("Dev Patel :") == 1
    assert "more gap" in box


def test_the_questions_on_quality_and_cost_show_their_course(read):
    labels = [a["alt"] for tag, a in read[REVIEW].elements if tag == "img"]

    assert [label.split(",")[0] for label in labels] == ["accuracy", "spend per full day"]


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

    text = Reader(render(site_input(systems=(system,)))[REVIEW]).text

    assert (
        "partly simulated : the rows behind spend are made up from a stated rule; "
        "the other measurements are of recorded data."
    ) in text
    assert "else is real" not in text


def test_demo_only_names_the_questions_without_an_answer(read):
    text = read[SUPPORT].text

    assert "■ DEMO ONLY" in text
    assert "2 of the 5 questions have no answer" in text
    assert "“What happens when the vendor is down?”" in text


def test_the_jump_line_counts_what_each_part_holds(read):
    text = read[REVIEW].text

    assert "Questions (5) Gaps (1) Answers (26) Sign-off" in text
    assert "History (1) Runs (5)" in text


def test_what_stops_go_live_says_what_to_do_who_and_which_check(read):
    text = read[REVIEW].text
    gaps = text[text.index("What stops go-live") : text.index("Answers and evidence")]

    assert "✖ blocks failed" in gaps
    assert "Retrain on spring and summer flights" in gaps
    assert "(limit 0.28). DRF-02 Retrain on spring" in gaps
    assert gaps.endswith("Clara Ng ")


def test_gaps_that_say_and_ask_for_the_same_are_one_row_with_their_checks():
    same = {"message": "there is no fallback.yaml", "remedy": "write fallback.yaml"}
    spoiled = {check: {"status": "unknown", "reason": "missing", **same}
               for check in ("FBK-01", "FBK-03", "RBK-01")}  # fmt: skip
    assessed = samples.assessment(verdict="NOT READY", spoiled=spoiled)

    page = render(site_input(systems=(samples.flight_system(assessment=assessed),)))[REVIEW]
    text = Reader(page).text
    gaps = text[text.index("What stops go-live") : text.index("Answers and evidence")]

    assert gaps.count("There is no fallback.yaml") == 1
    assert "FBK-01 FBK-03 RBK-01" in gaps
    assert "Gaps (3)" in text
    # Each of their answers leads to that row.
    assert page.count('<a href="#gap-FBK-01">What it is, and what to do</a>') == 3


def test_gaps_with_one_remedy_are_one_row_that_tells_each_with_its_check():
    same = {"status": "unknown", "reason": "missing", "remedy": "run notebook 03_rollback_drill"}
    spoiled = {
        "RBK-01": {**same, "message": "never rehearsed"},
        "RBK-05": {**same, "message": "no record was reconciled", "reason": "expired"},
    }
    assessed = samples.assessment(verdict="NOT READY", spoiled=spoiled)

    page = render(site_input(systems=(samples.flight_system(assessment=assessed),)))[REVIEW]
    text = Reader(page).text
    gaps = text[text.index("What stops go-live") : text.index("Answers and evidence")]

    assert "Never rehearsed. RBK-01 No record was reconciled. RBK-05 Run notebook 03" in gaps
    assert "nothing on record, evidence expired" in gaps
    assert gaps.count("03_rollback_drill") == 1


def test_a_number_that_the_message_gives_whole_is_not_given_twice():
    said = "took 4.1 s (n 1), 74.1 % right (n 6,180, 73.1 to 75.1 %)"
    told = {"status": "passed", "message": said,
            "values": (NamedValue(name="took", measured=samples.timing(4.1)),
                       NamedValue(name="accuracy", measured=samples.share(0.741, 6_180)),
                       NamedValue(name="limit", measured=samples.timing(61)))}  # fmt: skip
    assessed = samples.assessment(verdict="READY", spoiled={"RBK-02": told})

    page = render(site_input(systems=(samples.flight_system(assessment=assessed),)))[REVIEW]

    assert "<dt>took</dt>" not in page
    assert "<dt>accuracy</dt>" not in page
    assert "<dt>limit</dt><dd><strong>61 s</strong>" in page


def test_a_gap_without_an_owner_says_nobody_yet(read):
    text = read[SUPPORT].text
    gaps = text[text.index("What stops go-live") : text.index("Answers and evidence")]

    assert "FBK-01 Run notebook 04_fallback_drill. nobody yet" in gaps


def test_only_the_first_gap_is_open(read):
    details = [a for tag, a in read[REVIEW].elements if tag == "details" and "id" in a]

    assert [a["id"] for a in details if "open" in a] == ["DRF-02"]
    assert details[0]["id"] == "DRF-02"


def test_gaps_of_the_five_questions_come_first_and_summaries_last(read):
    details = [a["id"] for tag, a in read[SUPPORT].elements if tag == "details" and "id" in a]
    text = read[SUPPORT].text
    gaps = text[text.index("What stops go-live") : text.index("Answers and evidence")]

    # Two checks of the five questions, then RDY-01, which only counts them.
    assert gaps.index("FBK-01") < gaps.index("RBK-02") < gaps.index("RDY-01")
    # The areas follow in that order: reliability, rollback, decisions.
    assert details.index("FBK-01") < details.index("RBK-02") < details.index("RDY-01")


def test_every_finding_has_its_answer_with_grade_and_word(read):
    details = [a for tag, a in read[REVIEW].elements if tag == "details" and "id" in a]

    assert len(details) == 26
    assert read[REVIEW].text.count("E3 observed, asked for E3 observed.") == 26


def test_a_waived_gap_is_listed_as_waived_and_the_verdict_is_shown_without_it():
    waived = {"DRF-02": samples.DRIFTED["DRF-02"] | {"waived": True}}
    assessed = samples.assessment(
        verdict="CONDITIONAL", spoiled=waived, verdict_without_waivers="NOT READY"
    )

    text = Reader(
        render(site_input(systems=(samples.flight_system(assessment=assessed),)))[REVIEW]
    ).text

    assert "▲ CONDITIONAL" in text
    assert "Without waivers: NOT READY" in text
    assert "▲ waived failed 2 of 5 columns moved" in text


def test_a_system_with_nothing_in_the_way_says_so():
    assessed = samples.assessment(verdict="READY", spoiled={})

    text = Reader(
        render(site_input(systems=(samples.flight_system(assessment=assessed),)))[REVIEW]
    ).text

    assert "✓ READY" in text
    assert "Nothing: no check stands in the way." in text


def test_no_seat_has_signed_and_the_page_says_that_plainly(read):
    text = read[REVIEW].text

    assert "No sign-off is on record." in text
    assert text.count("not signed") == 3


def test_the_decision_to_paste_names_the_very_assessment(pages):
    html = pages[REVIEW]

    assert f"Assessment {digest_of(samples.assessment())}" in html
    assert html.count(digest_of(samples.assessment())) == 2


def test_an_attestation_is_shown_as_asserted_and_unsigned(read):
    assert "by Clara Ng, asserted, unsigned: “I answer for this system" in read[REVIEW].text


def test_inputs_are_listed_with_size_rows_and_digest(read):
    text = read[REVIEW].text

    assert "data/flight-delay/predictions 142 files, 9.4 MB" in text
    assert "Drift: 50,911 reference, 6,260 current" in text


def test_entries_that_no_answer_rests_on_are_counted(read):
    assert "Beside these, the ledger holds 1 entry about this system." in read[REVIEW].text


def test_history_tells_verdicts_and_how_the_gaps_changed():
    earlier = samples.assessment(spoiled=samples.DRIFTED | samples.UNMEASURED)
    rows = (samples.stated(17, earlier, "r-ready", "01_readiness"),
            samples.stated(19, samples.assessment(), "r-ready", "01_readiness"))  # fmt: skip
    system = samples.flight_system(statements=rows)

    text = Reader(render(site_input(systems=(system,)))[REVIEW]).text

    assert "1 check (-1)" in text[text.index("stops go-live from") :]


def test_a_failed_run_says_cell_and_reason(read):
    said = "Stopped in cell 4: data/flight-delay/labels has no column"

    assert said in read["index.html"].text
    assert said in read[REVIEW].text
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

    assert said in Reader(pages[REVIEW]).text


def run_page_of(run, *statements):
    system = samples.flight_system(runs=(run,), statements=statements)
    page = render(site_input(systems=(system,)))[f"runs/flight-delay/{run.notebook}/r-1.html"]
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

    assert "? unfinished" in Reader(pages[REVIEW]).text
    assert "Started and never finished" in Reader(pages[REVIEW]).text


def test_older_runs_stay_within_reach():
    runs = tuple(samples.run(f"r-{i:02}", "05_drift_quality") for i in range(20))

    pages = render(site_input(systems=(samples.flight_system(runs=runs, statements=()),)))

    assert "12 older runs" in Reader(pages[REVIEW]).text
    assert all(f"r-{i:02}.html" in pages[REVIEW] for i in range(20))
    assert "14 older runs" in Reader(pages["index.html"]).text


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


def test_landmarks_and_a_skip_link_are_on_every_page(read):
    for page in read.values():
        assert {"main", "nav", "header", "footer", "h1"} <= page.tags
        assert "#content" in page.values("href")
        assert ("html", "lang", "en") in page.attributes


def test_equal_input_gives_equal_pages(pages):
    assert render(site_input()) == pages


def test_a_workbook_without_systems_has_an_index_that_says_so():
    pages = render(site_input(systems=()))

    assert set(pages) == {"index.html"}
    assert "no systems yet" in Reader(pages["index.html"]).text


def test_a_system_without_evidence_or_owner_is_shown_all_the_same():
    bare = samples.claims().model_copy(update={"ownership": None})
    system = samples.flight_system(claims=bare, statements=(), runs=())

    text = Reader(render(site_input(systems=(system,)))[REVIEW]).text

    assert "accountable nobody yet" in text
    assert "none on the ledger" in text
    assert "No notebook has been run" in text


def hostile_pages(text) -> dict[str, str]:
    settings = WorkbookSettings(name=text.replace("\x00", "") or "x", zone="UTC", as_of=AS_OF)
    given = SiteInput(
        settings=settings, people=samples.people(), as_of=AS_OF, tool_version="0.1.0",
        systems=(samples.hostile_system(text),),
    )  # fmt: skip
    return render(given)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert_on_every_page(text):
    allowed = {"data-figure", "data-label", "src", "alt", "style", "id", "class", "href"}
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
def test_hostile_text_is_shown_and_not_lost(text):
    page = Reader(hostile_pages(text)[REVIEW])

    assert " ".join(clean(text).split()) in page.text


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


def test_a_file_of_the_workbook_is_named_once_with_its_lines_and_not_linked():
    place = {
        "OM-06": {
            "looked_at": tuple(
                Where(path="systems/flight-delay/cost.yaml", line=line) for line in (7, 9)
            )
        }
    }
    system = samples.flight_system(assessment=samples.assessment(spoiled=place))

    html = render(site_input(systems=(system,)))[REVIEW]

    assert "<code>cost.yaml:7, 9</code>" in html
