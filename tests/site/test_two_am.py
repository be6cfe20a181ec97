"""The 2am page of a system, and the card of a notebook: the same rows."""

import re

import pytest

from ops_model.domain.four_hours import four_hours
from ops_model.domain.people import People
from ops_model.domain.workbook import WorkbookSettings
from ops_model.site.build import SiteInput, SiteSystem
from ops_model.site.four_hours_card import four_hours_card
from ops_model.site.pages import render
from tests.builders import PEOPLE, a_model, a_statement, a_system, judging, located, people_but
from tests.domain.test_four_hours import AT, FULL, MINUTES, shown, spoiled
from tests.site.pages_reader import Reader
from tests.site.samples import AS_OF, HOSTILE, assessment

PAGE = "systems/flight-delay/2am.html"
REVIEW = "systems/flight-delay/index.html"
BARE = a_system(ownership=None, on_call=None, decisions=None, rollback=None, signals=None)


def walked(status, message):
    """The assessment, with this as the answer to INC-01."""
    found = assessment()
    finding = found.findings[0].model_copy(
        update={"check": "INC-01", "area": "incidents", "status": status, "message": message}
    )
    return found.model_copy(update={"findings": (*found.findings, finding)})


NEVER = walked("unknown", "no game day is on record, so nobody has walked it")


def rendered(system, records=(), people=PEOPLE, judged=None):
    model = a_model(system, people=people)
    told = [a_statement(record, seq) for seq, record in enumerate(records, start=1)]
    walk = four_hours(model, system, at=AT, judging=judging(model, system, told), statements=told)
    given = SiteInput(
        settings=WorkbookSettings(name="Test", zone="Europe/Berlin"),
        people=People.model_validate(located(people, "people.yaml")),
        as_of=AS_OF,
        tool_version="0.1.0",
        systems=(SiteSystem(claims=system, assessment=judged or NEVER, walk=walk),),
    )
    return render(given)


@pytest.fixture(scope="module")
def pages():
    system = spoiled()
    return rendered(system, shown(system))


@pytest.fixture(scope="module")
def page(pages):
    return Reader(pages[PAGE])


def test_the_page_shows_every_step_with_its_question_and_answer(page):
    rows = [attributes for tag, attributes in page.elements if attributes.get("scope") == "row"]

    assert len(rows) == len(MINUTES)
    for minute in MINUTES:
        assert f"T+{minute} " in page.text
    assert "Whose phone rings, and who next? Ana Ruiz (primary), 10 min to answer" in page.text
    assert "1. point the alias at v1 (20 s)" in page.text


def test_the_page_says_which_night_it_speaks_of_in_the_workbooks_zone(page):
    assert "The four hours after a page on Sat 27 Jul 2013, 04:00 CEST" in page.text
    assert "the next Saturday at two in the morning" in page.text


def test_a_walk_without_a_gap_says_the_sentence_that_one_wants_to_say(page):
    assert "Nobody had to be looked up, no log access had to be worked out" in page.text
    assert page.text.count("✓ does not happen") == 3


def test_no_gap_on_paper_is_not_said_to_be_none_while_nobody_walked_it(page):
    assert "▲ no gap on paper, never walked" in page.text
    assert "Over all failures, INC-01, unknown: no game day is on record" in page.text
    assert "NO GAP" not in page.text


def test_no_gap_is_said_where_the_check_of_the_walks_has_passed():
    system = spoiled()
    text = Reader(
        rendered(system, shown(system), judged=walked("passed", "every step"))[PAGE]
    ).text

    assert "✓ NO GAP" in text
    assert "Over all failures" not in text


def test_the_first_who_answers_and_the_verdict_stand_in_the_head_of_the_card(page):
    first = page.text[: page.text.index("Three things")]

    assert "First to answer: Ana Ruiz" in first
    assert "verdict ✖ NOT READY" in first


def test_a_page_that_reaches_nobody_says_so():
    assert "The page reaches nobody who can answer." in Reader(rendered(BARE)[PAGE]).text


def test_the_time_until_it_is_contained_counts_from_the_page(page):
    assert "until contained 25 min at most, counted from the page" in page.text
    assert "; drilled: 42 s (machine part only, in " in page.text


def test_gaps_are_counted_and_name_their_check():
    page = Reader(rendered(BARE)[PAGE])

    assert "✖ 13 gaps" in page.text
    assert "Nobody had to be looked up" not in page.text
    assert page.text.count("✖ happens") == 3
    assert "✖ gap QLT-01" in page.text


def test_the_page_tells_where_the_runbook_is(page):
    assert "runbook docs/runbook.md in the workbook's folder" in page.text
    assert (
        "runbook none is named"
        in Reader(
            rendered(a_system(on_call=None, rollback=None, identity={"documentation": None}))[PAGE]
        ).text
    )


def test_review_page_and_index_lead_to_it(pages):
    assert any(h.endswith("/2am.html") for h in Reader(pages[REVIEW]).values("href"))
    assert PAGE in Reader(pages["index.html"]).values("href")


def test_it_leads_back_and_has_the_landmarks_of_the_other_pages(page):
    assert "../../systems/flight-delay/index.html" in page.values("href")
    assert {"nav", "main", "footer", "header"} <= page.tags
    assert ("a", {"class": "skip", "href": "#content"}) in page.elements


def test_it_carries_no_script_no_inline_style_and_no_address_outside(pages, page):
    text = re.sub(r"http(?:%3A|:)//www\.w3\.org/2000/svg", "", pages[PAGE])

    assert "script" not in page.tags
    assert "style" not in {name for _, name, _ in page.attributes}
    assert "://" not in text


def test_a_system_without_a_walk_has_no_such_page_and_no_link():
    system = spoiled()
    given = SiteInput(
        settings=WorkbookSettings(name="Test", zone="UTC"),
        people=People.model_validate(located(PEOPLE, "people.yaml")),
        as_of=AS_OF,
        tool_version="0.1.0",
        systems=(SiteSystem(claims=system, assessment=assessment()),),
    )
    pages = render(given)

    assert PAGE not in pages
    assert not any("2am.html" in text for text in pages.values())


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_and_texts_stay_text(text):
    harmless = text.replace("\x00", "")
    steps = [{"kind": "verify", "text": harmless, "expected_seconds": "1"}]
    # The name of a route has an end.
    path = {**FULL["decisions"]["communication"][0], "text": harmless, "channel": harmless[:60]}
    system = spoiled(
        identity={**FULL["identity"], "name": harmless},
        on_call={**FULL["on_call"], "runbook": harmless},
        rollback={"steps": steps},
        decisions={**FULL["decisions"], "communication": [path]},
    )
    people = people_but("ana-ruiz", name=text)
    model = a_model(system, people=people)
    page = Reader(rendered(system, shown(system), people)[PAGE])
    card = Reader(four_hours_card(
        four_hours(model, system, at=AT, judging=judging(model, system)),
        People.model_validate(located(people, "people.yaml")), zone_name="UTC",
    ))  # fmt: skip

    for read in (page, card):
        assert not {"script", "img", "iframe"} & read.tags
        assert not any(name.startswith("on") for _, name, _ in read.attributes)
        assert "\u202e" not in read.text
        assert "\x00" not in read.text
    assert not any(href.startswith("javascript") for href in page.values("href"))


def test_no_contact_stands_on_the_page():
    people = people_but("ana-ruiz", contact_ref="vault/phone-4711")
    system = spoiled()

    assert not any("4711" in text for text in rendered(system, shown(system), people).values())


def test_the_card_of_a_notebook_shows_the_rows_of_the_page_in_inline_styles_only(page):
    system = spoiled()
    told = [a_statement(record, seq) for seq, record in enumerate(shown(system), start=1)]
    model = a_model(system)
    walk = four_hours(model, system, at=AT, judging=judging(model, system, told), statements=told)
    people = People.model_validate(located(PEOPLE, "people.yaml"))
    card = Reader(four_hours_card(walk, people, zone_name="UTC"))

    for minute in MINUTES:
        assert f"T+{minute} " in card.text
    assert (
        "▲ no gap on paper, never walked The four hours after Sat 27 Jul 2013, 02:00 UTC"
        in card.text
    )
    assert "Whose phone rings, and who next? Ana Ruiz (primary), 10 min to answer" in card.text
    assert {"table", "tr", "td"} <= card.tags
    assert not {"style", "script", "svg", "ul"} & card.tags
    assert not any("var(" in style for style in card.values("style"))
    assert "class" not in {name for _, name, _ in card.attributes}
