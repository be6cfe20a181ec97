"""The model owner's page, the list of what to fix behind it, and the pages of the areas."""

import gzip
from datetime import timedelta

import pytest

from ops_model.domain.assessment import NamedValue
from ops_model.domain.evidence import Measured
from ops_model.domain.values import Where
from ops_model.site.five import breach, whole_sentences
from ops_model.site.pages import render
from ops_model.site.prose import clauses
from ops_model.site.verdicts import aside, count_open
from tests.site import samples, whole
from tests.site.pages_reader import Reader
from tests.site.samples import site_input

OWNER = "systems/flight-delay/index.html"
GAPS = "systems/flight-delay/gaps.html"
SUPPORT = "systems/support-assistant/index.html"
DETECTION = "systems/flight-delay/areas/detection.html"


@pytest.fixture(scope="module")
def pages():
    return render(site_input())


@pytest.fixture(scope="module")
def read(pages):
    return {path: Reader(html) for path, html in pages.items()}


def judged(assessed, **more):
    return render(site_input(systems=(samples.flight_system(assessment=assessed, **more),)))


def between(text, start, end):
    return text[text.index(start) : text.index(end)]


def fixes(page):
    return between(Reader(page).text, "What to fix, what weighs", "With and without waivers")


@pytest.mark.parametrize("path", [OWNER, SUPPORT])
def test_the_first_page_is_small(pages, path):
    html = pages[path].encode()

    assert len(html) <= 15_000
    assert len(gzip.compress(html)) <= 5_000


def test_the_first_page_of_a_system_without_evidence_is_small_though_nearly_all_is_open():
    html = render(whole.input_of(whole.whole(records=())))[whole.page()].encode()

    assert len(html) <= 15_000
    assert len(gzip.compress(html)) <= 5_000


def test_the_verdict_opens_the_page_and_the_five_questions_follow(read):
    text = read[OWNER].text

    assert text.index("✖ NOT READY") < text.index("The five questions")
    assert text.index("The five questions") < text.index("What to fix, what weighs")
    assert "All 5 questions are answered; 1 check stands in the way." in text
    assert "(entry 19): 1 closed (QLT-01), none new." in text


def test_the_first_box_says_that_quality_fell_and_what_nobody_looked_at(read):
    box = between(read[OWNER].text, "✖ NOT READY", "The five questions")

    assert "Accuracy 74.1 % (n 6,180, 73.0 to 75.2 %, the 7 days to 22 Jul 2013) against a" in box
    assert "baseline of 82.3 %, alarm raised on 25 Jun 2013." in box
    assert "no check looks there" in box


def test_the_first_box_says_what_was_never_measured_and_what_grew_too_old():
    def first(**more):
        text = Reader(render(whole.input_of(whole.whole(**more)))[whole.page()]).text
        return text[: text.index("The five questions")]

    never, old = first(records=()), first(as_of=samples.AS_OF + timedelta(days=60))

    assert "Quality: not measured." in never
    assert "spent today not measured ceilings now not measured" in never
    assert "Quality: ? unknown, last measured" in old
    assert "spent today ? unknown, last measured up to 22 Jul 2013, 07:00 UTC" in old
    assert "Quality:" not in first()


def test_the_questions_on_quality_and_cost_show_their_course(pages, read):
    assert pages[OWNER].count('alt="" width="160"') == 2
    assert "7-day mean of accuracy, 60 days" in read[OWNER].text
    assert "spend per full day" in read[OWNER].text


def test_an_answer_that_holds_a_breach_is_amber_and_says_the_breach_first(read):
    asked = between(read[OWNER].text, "The five questions", "What to fix, what weighs")

    at = asked.index("▲ breached")
    assert "? Accuracy fell, alarm since 25 Jun 2013." in asked[at : at + 120]
    assert asked.count("✓ answered") == 4


def test_days_over_the_ceiling_stand_before_the_rest_of_the_answer():
    spend = samples.spend().model_copy(update={"days_over_ceiling": 16})

    assert breach(spend) == "16 days over the ceiling"
    assert breach(samples.spend()) == ""
    assert breach(samples.quality(alarm=False)) == ""


def test_an_answer_is_told_in_whole_sentences_and_says_how_many_are_left_out():
    text = "One person is paged. The page goes to Lea. Nobody else is. It holds for 91 days."

    assert whole_sentences(text, 45) == ("One person is paged. The page goes to Lea.", 2)
    assert whole_sentences(text, 5) == ("One person is paged.", 3)
    assert whole_sentences(text, 500) == (text, 0)


def test_demo_only_counts_the_questions_without_an_answer_and_marks_them(read):
    text = read[SUPPORT].text

    assert "■ DEMO ONLY" in text
    assert "3 of 5 questions are answered; 3 checks stand in the way." in text
    assert text.count("✖ no answer") == 2


def test_what_to_fix_says_what_to_do_who_and_which_check(pages):
    gaps = fixes(pages[OWNER])

    assert "✖ blocks failed" in gaps
    assert "Retrain on spring and summer flights" in gaps
    assert "DRF-02 Clara Ng" in gaps


def test_every_gap_leads_to_its_answer_on_the_page_of_its_area(pages):
    assert '<a href="areas/detection.html#DRF-02">' in pages[OWNER]
    assert '<a href="areas/detection.html#DRF-02">' in pages[GAPS]


def test_gaps_that_say_and_ask_for_the_same_are_one_row_with_their_checks():
    same = {"message": "there is no fallback.yaml", "remedy": "write fallback.yaml"}
    spoiled = {check: {"status": "unknown", "reason": "missing", **same}
               for check in ("FBK-01", "FBK-03", "RBK-01")}  # fmt: skip

    gaps = fixes(judged(samples.assessment(verdict="NOT READY", spoiled=spoiled))[OWNER])

    assert gaps.count("There is no fallback.yaml") == 1
    assert "FBK-01 FBK-03 RBK-01" in gaps


def test_gaps_with_one_remedy_are_one_row_that_tells_each_with_its_check():
    same = {"status": "unknown", "reason": "missing", "remedy": "run notebook 03_rollback_drill"}
    spoiled = {
        "RBK-01": {**same, "message": "never rehearsed"},
        "RBK-05": {**same, "message": "no record was reconciled", "reason": "expired"},
    }

    gaps = fixes(judged(samples.assessment(verdict="NOT READY", spoiled=spoiled))[OWNER])

    assert "Never rehearsed. RBK-01 No record was reconciled. RBK-05" in gaps
    assert "nothing on record, evidence expired" in gaps
    assert gaps.count("03_rollback_drill") == 1


def test_a_gap_without_an_owner_says_nobody_yet(pages):
    assert "FBK-01 nobody yet" in fixes(pages[SUPPORT])


def test_gaps_of_more_questions_come_first_and_summaries_last(pages):
    gaps = fixes(pages[SUPPORT])

    # Two checks of the five questions, then RDY-01, which only counts them.
    assert max(gaps.index("FBK-01"), gaps.index("RBK-02")) < gaps.index("RDY-01")


def test_what_closes_more_checks_comes_before_what_closes_one():
    one = {"status": "failed", "remedy": "do the one thing"}
    two = {"status": "failed", "remedy": "do the other thing"}
    spoiled = {"OM-06": one, "OWN-01": two, "OWN-04": two}

    gaps = fixes(judged(samples.assessment(verdict="NOT READY", spoiled=spoiled))[OWNER])

    assert gaps.index("Do the other thing") < gaps.index("Do the one thing")


def test_what_no_command_can_close_yet_is_one_row_at_the_end():
    waits = "no command of this release records this yet (`ops-model compare` is to)"
    spoiled = {check: {"status": "unknown", "reason": "missing", "remedy": f"{waits} {check}"}
               for check in ("CST-01", "QLT-01", "RBK-02")}  # fmt: skip
    spoiled["OM-06"] = {"status": "failed", "remedy": "mend the reference"}

    gaps = fixes(judged(samples.assessment(verdict="DEMO ONLY", spoiled=spoiled))[OWNER])

    assert gaps.count("No command of this release records these yet") == 1
    assert gaps.index("Mend the reference") < gaps.index("No command of this release")
    assert "CST-01 QLT-01 RBK-02" in gaps


def test_only_a_few_things_stand_on_the_first_page_and_all_of_them_behind_it():
    checks = [f.check for f in samples.findings({})]
    spoiled = {c: {"status": "failed", "remedy": f"see to {c}"} for c in checks}

    pages = judged(samples.assessment(verdict="DEMO ONLY", spoiled=spoiled))

    assert Reader(pages[OWNER]).text.count("✖ blocks") == 5
    assert "21 more things to do, in the same order" in Reader(pages[OWNER]).text
    assert Reader(pages[GAPS]).text.count("✖ blocks") == 26
    text = Reader(pages[GAPS]).text
    assert "26 checks stand in the way. 26 things to do close 26 of them." in text


def test_the_list_behind_counts_what_is_waived_and_what_nobody_can_record_yet_apart():
    later = "no command of this release records this yet (`ops-model compare` is to)"
    spoiled = {check: {"status": "unknown", "reason": "missing", "remedy": later}
               for check in ("CST-01", "QLT-01")}  # fmt: skip
    spoiled["OM-06"] = {"status": "failed", "remedy": "mend the reference"}
    spoiled["DRF-02"] = samples.DRIFTED["DRF-02"] | {"waived": True}

    text = Reader(judged(samples.assessment(verdict="DEMO ONLY", spoiled=spoiled))[GAPS]).text

    assert (
        "3 checks stand in the way, and 1 is waived. 1 thing to do closes 1 of them; what the "
        "other 2 ask, no command of this release can record yet."
    ) in text


def test_each_check_that_nobody_can_record_yet_is_listed_with_its_question_and_a_link():
    later = "no command of this release records this yet (`ops-model compare` is to)"
    spoiled = {check: {"status": "unknown", "reason": "missing", "remedy": later}
               for check in ("CST-01", "QLT-01")}  # fmt: skip
    asked = {f.check: f.question for f in samples.findings(spoiled)}

    html = judged(samples.assessment(verdict="DEMO ONLY", spoiled=spoiled))[GAPS]

    assert f'cost.html#CST-01">CST-01</a> {asked["CST-01"]}</li>' in html
    assert f'detection.html#QLT-01">QLT-01</a> {asked["QLT-01"]}</li>' in html


def test_the_list_behind_says_how_much_each_owner_has_to_do():
    spoiled = {
        "RBK-01": {"status": "failed", "remedy": "a", "owner": "dev-patel"},
        "RBK-02": {"status": "failed", "remedy": "b", "owner": "dev-patel"},
        "CST-01": {"status": "failed", "remedy": "c", "owner": "clara-ng"},
    }

    text = Reader(judged(samples.assessment(spoiled=spoiled))[GAPS]).text

    assert "Dev Patel: 2 things; Clara Ng: 1 thing." in text


def test_a_waived_gap_is_listed_as_waived_and_both_verdicts_stand_side_by_side():
    waived = {"DRF-02": samples.DRIFTED["DRF-02"]
              | {"waived": True, "valid_until": samples.AS_OF}}  # fmt: skip
    assessed = samples.assessment(
        verdict="CONDITIONAL", spoiled=waived, verdict_without_waivers="NOT READY"
    )

    text = Reader(judged(assessed)[OWNER]).text

    assert "▲ CONDITIONAL" in text
    assert "with ▲ CONDITIONAL without ✖ NOT READY waived DRF-02 until 22 Jul 2013" in text
    assert "▲ waived failed" in text


def test_without_a_waiver_that_is_said(read):
    assert "with ✖ NOT READY without ✖ NOT READY No waiver is in force." in read[OWNER].text


def test_what_the_policy_switched_off_is_named_and_is_no_gap():
    off = {"DRF-02": samples.DRIFTED["DRF-02"] | {"switched_off": True}}

    pages = judged(samples.assessment(verdict="READY", spoiled=off))

    assert "not asked DRF-02, switched off by the policy" in Reader(pages[OWNER]).text
    assert "Nothing: no check stands in the way." in Reader(pages[OWNER]).text
    assert "Switched off by the policy; it is judged and does not block." in (
        Reader(pages[DETECTION]).text
    )


def test_what_would_change_the_verdict_names_the_next_one_and_the_day_when_it_ends():
    assessed = samples.assessment(verdict="NOT READY", open_conditions=("train-the-desk",))

    text = Reader(judged(assessed)[OWNER]).text

    assert "CONDITIONAL once DRF-02 closes." in text
    assert "conditions train the desk" in text


def test_a_verdict_that_ends_by_itself_says_when_and_by_what():
    ends = {"valid_until": samples.AS_OF}
    assessed = samples.assessment(
        verdict="READY", spoiled={"RBK-02": ends}, valid_until=samples.AS_OF
    )

    text = Reader(judged(assessed)[OWNER]).text

    assert "DEMO ONLY from 22 Jul 2013, 08:00 UTC, when what RBK-02 rests on ends" in text


def test_a_system_with_nothing_in_the_way_says_so():
    text = Reader(judged(samples.assessment(verdict="READY", spoiled={}))[OWNER]).text

    assert "✓ READY" in text
    assert "Nothing: no check stands in the way." in text


def test_every_area_is_a_row_with_what_is_met_and_the_heaviest_first(read):
    text = read[OWNER].text
    rows = text[text.index("Every answer, by area") :]

    assert "Detection ✖ failed 3 of 4 1 gap" in rows
    assert rows.index("Detection") < rows.index("Model")


def test_a_system_without_evidence_or_owner_is_shown_all_the_same():
    bare = samples.claims().model_copy(update={"ownership": None})
    system = samples.flight_system(claims=bare, statements=(), runs=())

    pages = render(site_input(systems=(system,)))

    assert "accountable nobody yet" in Reader(pages[OWNER]).text
    assert "none on the ledger" in Reader(pages[OWNER]).text
    assert "No notebook has been run" in (Reader(pages["systems/flight-delay/history.html"]).text)


def test_every_finding_is_answered_on_one_page_with_grade_and_word(pages, read):
    areas = [path for path in pages if path.startswith("systems/flight-delay/areas/")]
    ids = [a["id"] for path in areas for tag, a in read[path].elements
           if tag == "details" and "id" in a]  # fmt: skip

    assert len(ids) == len(set(ids)) == 26
    told = sum(read[path].text.count("E3 observed, asked for E3 observed.") for path in areas)
    assert told == 26


def test_what_is_open_stands_open_with_message_remedy_and_owner_and_the_rest_is_closed(read):
    page = read[DETECTION]
    details = [a for tag, a in page.elements if tag == "details"]

    assert [a["id"] for a in details if "open" in a] == ["DRF-02"]
    assert details[0]["id"] == "DRF-02"
    assert "2 of 5 columns moved beyond their limit" in page.text
    assert "To do: Retrain on spring and summer flights" in page.text
    assert "Clara Ng" in page.text


def test_a_number_that_the_message_gives_whole_is_not_given_twice():
    said = "took 4.1 s (n 1), 74.1 % right (n 6,180, 73.1 to 75.1 %)"
    told = {"status": "passed", "message": said,
            "values": (NamedValue(name="took", measured=samples.timing(4.1)),
                       NamedValue(name="accuracy", measured=samples.share(0.741, 6_180)),
                       NamedValue(name="limit", measured=samples.timing(61)))}  # fmt: skip

    page = judged(samples.assessment(verdict="READY", spoiled={"RBK-02": told}))[
        "systems/flight-delay/areas/rollback.html"
    ]

    assert "<dt>took</dt>" not in page
    assert "<dt>accuracy</dt>" not in page
    assert "<dt>limit</dt><dd><strong>61 s</strong>" in page


def test_a_change_that_the_message_gives_in_points_is_not_given_again_in_per_cent():
    fell = Measured(value=-0.126, unit="share", n=6_180, low=-0.19, high=-0.06)
    drop = Measured(value=0.075, unit="share", n=812, no_interval="one-sided 5 %, power 80 %")
    told = {"status": "passed", "message": "fell by -12.6 points (n 6,180, -19 to -6)",
            "values": (NamedValue(name="change", measured=fell),
                       NamedValue(name="min_detectable_drop", measured=drop))}  # fmt: skip

    page = judged(samples.assessment(verdict="READY", spoiled={"RBK-02": told}))[
        "systems/flight-delay/areas/rollback.html"
    ]

    assert "<dt>change</dt>" not in page
    assert "<dt>min detectable drop</dt><dd><strong>7.5 points</strong>" in page


def test_a_file_of_the_workbook_is_named_once_with_its_lines_and_not_linked():
    place = {
        "OM-06": {
            "looked_at": tuple(
                Where(path="systems/flight-delay/cost.yaml", line=line) for line in (7, 9)
            )
        }
    }

    page = judged(samples.assessment(spoiled=place))["systems/flight-delay/areas/model.html"]

    assert "<code>cost.yaml:7, 9</code>" in page


def test_an_answer_leads_straight_to_the_record_that_it_was_read_from(pages):
    link = 'href="../../../runs/flight-delay/05_drift_quality/r-quality.html#entry-7">entry 7</a>'

    assert link in pages[DETECTION]


def test_what_no_run_published_is_found_in_the_list_of_evidence(pages):
    link = 'href="../../../systems/flight-delay/compliance.html#entry-2">entry 2</a>'

    assert link in pages["systems/flight-delay/areas/ownership.html"]


def test_the_count_of_checks_says_what_each_that_is_not_met_does():
    spoiled = {
        "QLT-01": {"status": "failed", "remedy": "mend it", "message": "it broke", "waived": True},
        "DRF-02": {"status": "failed", "remedy": "mend it", "message": "it broke"},
    }
    assessed = samples.assessment(spoiled=spoiled)
    informs = samples.finding("PRT-01", area="portfolio", status="failed", remedy="mend it")
    told = assessed.model_copy(update={"findings": (*assessed.findings, informs)})

    assert count_open(told) == "1 blocks, 1 is waived, 1 only informs"
    assert aside(told) == "1 is waived, 1 only informs"
    assert "that apply; 1 blocks, 1 is waived, 1 only informs" in Reader(judged(told)[OWNER]).text


def test_where_nothing_changed_the_first_screen_says_nothing_of_it():
    same = samples.stated(19, samples.assessment(), "r-ready", "01_readiness")

    text = Reader(judged(samples.assessment(), statements=(same,))[OWNER]).text

    assert "Since the assessment" not in text


def test_an_assessment_of_now_on_record_is_not_what_it_is_compared_with():
    earlier = samples.assessment(spoiled=samples.DRIFTED | samples.UNMEASURED)
    rows = (samples.stated(17, earlier, "r-ready", "01_readiness"),
            samples.stated(19, samples.assessment(), "r-ready", "01_readiness"))  # fmt: skip

    text = Reader(judged(samples.assessment(), statements=rows)[OWNER]).text

    assert "(entry 17)" in text
    assert "(entry 19): " not in text


def test_what_is_wrong_is_never_cut_inside_a_clause():
    said = "Segment a: 61.7 % (n 8,683; 56.8 to 66.4 %), floor 70 %, while the rest holds; more"

    assert clauses(said, 30) == said[: -len("; more")] + " …"
    assert clauses(said, 300) == said
    assert clauses("One. Two. Three.", 9) == "One. Two …"
