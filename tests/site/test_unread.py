"""A system whose files cannot be read stands on the pages as unknown, and never as a pass."""

from posixpath import dirname, join, normpath

import pytest

from ops_model.domain.portfolio_status import CeilingSum, PilotGate
from ops_model.domain.values import Money
from ops_model.domain.workbook import WorkbookSettings
from ops_model.errors import Problem
from ops_model.site.pages import render
from ops_model.store.sound_part import Broken
from tests.builders import located
from tests.site import samples
from tests.site.pages_reader import Reader
from tests.site.samples import HOSTILE, site_input

GONE = "loan-scorer"
FIRST, WEEK, BOARD = "index.html", "fleet.html", "portfolio.html"
OWN = f"systems/{GONE}/index.html"
PLACE = f"systems/{GONE}/cost.yaml:7"
READERS = (
    "index", "gaps", "on-call", "2am", "product", "compliance", "controls", "history",
)  # fmt: skip
SHARE = Problem("target is 99.5; expected a share", PLACE, "write 99.5 % as 0.995")
LINE = {"notebook": "05_drift_quality", "cron": "0 6 * * 1"}


def broken(*problems, accountable="clara-ng"):
    return Broken(problems or (SHARE,), accountable)


def several(many, text="is an unknown key"):
    return [Problem(f"k{n} {text}", f"systems/{GONE}/cost.yaml:{n}", "remove it")
            for n in range(many)]  # fmt: skip


def pages_of(apart=None, portfolio=None, **more):
    given = site_input(
        portfolio=portfolio or samples.portfolio(), broken=apart or {GONE: broken()}, **more
    )
    return render(given)


def texts_of(*args, **more):
    return {path: Reader(html).text for path, html in pages_of(*args, **more).items()}


@pytest.fixture(scope="module")
def texts():
    return texts_of()


def live(**more):
    settings = {"name": "Live", "zone": "UTC", "schedules": [LINE], **more}
    return WorkbookSettings.model_validate(located(settings, "ops-model.yaml"))


@pytest.mark.parametrize("path", [FIRST, WEEK, BOARD])
def test_the_pages_of_all_systems_open_with_what_could_not_be_read(texts, path):
    _, _, content = texts[path].partition("Skip to the content")

    opening = content[:200]
    assert "? UNKNOWN 1 of 3 systems could not be read" in opening
    assert "that is unknown, and never a pass" in content[:400]


def test_the_first_page_tells_what_is_wrong_where_what_to_do_and_who_answers(texts):
    before, _, _ = texts[FIRST].partition("Flight operations AI 2 AI systems")

    assert f"{GONE} 1 problem" in before
    assert f"{PLACE} : target is 99.5; expected a share To do: Write 99.5 % as 0.995." in before
    assert "Clara Ng" in before


def test_no_count_of_all_systems_speaks_of_one_that_could_not_be_read(texts):
    said = "1 more system could not be read and is not counted."

    assert f"2 AI systems, 0 ready to operate; {said}" in texts[FIRST]
    assert said in texts[WEEK]
    assert said in texts[BOARD]
    assert "1 ? UNKNOWN could not be read, and is in no other number here" in texts[BOARD]


def test_whoever_reads_only_the_portfolio_finds_it_among_the_systems(texts):
    told = texts[BOARD].partition("Every system, by rule")[2]

    assert f"? UNKNOWN {GONE} Its files could not be read. not known" in told
    assert f"{GONE} (accountable: Clara Ng)" in texts[BOARD]


def test_where_all_could_be_read_no_page_says_a_word_of_it():
    for html in render(site_input(portfolio=samples.portfolio())).values():
        assert "could not be read" not in Reader(html).text
        assert "What could not be read" not in html


def an_open_portfolio():
    """One more pilot may begin, and all ceilings together are low enough."""
    status = samples.portfolio()
    gate = PilotGate(refused=False, why="0 stranded of at most 2, and 1.5 operators", stranded=0,
                     wip_limit=3, operators_fte=1.5)  # fmt: skip
    return status.model_copy(update={"gate": gate})


def test_no_pilot_may_begin_while_nobody_knows_how_many_are_stranded():
    whole = Reader(render(site_input(portfolio=an_open_portfolio()))[BOARD]).text
    parted = texts_of(portfolio=an_open_portfolio())[BOARD]

    assert "✓ one more pilot may begin" in whole
    assert "one more pilot may begin" not in parted
    assert "? unknown 0 stranded of at most 2, and 1.5 operators, as far as systems" in parted


def test_a_gate_that_is_refused_already_stays_refused(texts):
    assert "✖ no new pilot 1 is stranded; from 1 on none may begin." in texts[BOARD]


def test_ceilings_of_which_one_is_not_known_are_not_within_the_limit(texts):
    most, limit = Money(amount="50.00", currency="USD"), Money(amount="40.00", currency="USD")
    over = CeilingSum(total=most, limit=limit, systems=2, holds=False)
    status = samples.portfolio().model_copy(update={"ceilings": over})

    said = "What all systems may cost a day, by their ceilings as they are written"
    assert f"{said}: ? unknown 30.00 USD" in texts[BOARD]
    assert f"Not in the sum: {GONE}." in texts[BOARD]
    assert f"{said}: ✖ above the limit" in texts_of(portfolio=status)[BOARD]


@pytest.mark.parametrize("reader", READERS)
def test_a_page_stands_wherever_a_reader_looks_for_one_and_judges_nothing(texts, reader):
    text = texts[f"systems/{GONE}/{reader}.html"]

    assert f"{GONE} ? UNKNOWN Its files could not be read" in text
    assert "accountable Clara Ng to mend 1 problem" in text
    assert f"{PLACE} : target is 99.5; expected a share" in text
    assert "stays on the ledger" in text
    for verdict in ("READY", "CONDITIONAL", "DEMO ONLY"):
        assert verdict not in text


def test_nothing_else_of_it_has_a_page(texts):
    assert {path for path in texts if GONE in path} == {
        f"systems/{GONE}/{reader}.html" for reader in READERS
    }


def test_every_link_of_a_page_that_tells_of_it_leads_somewhere():
    pages = pages_of()
    for path in (FIRST, WEEK, BOARD, OWN):
        for href in Reader(pages[path]).values("href"):
            target = href.partition("#")[0]
            if target and ":" not in target and "assets/" not in target:
                assert normpath(join(dirname(path), target)) in pages, f"{path}: {href}"


def test_what_stands_often_in_one_file_is_told_once():
    same = [Problem("zone is missing", f"systems/{GONE}/cost.yaml:{n}", "add it")
            for n in range(1, 7)]  # fmt: skip

    text = texts_of({GONE: broken(*same)})[FIRST]

    assert "6 problems" in text
    assert text.count("zone is missing; 6 times, in lines 1, 2, 3 and 3 more") == 1


def test_of_many_problems_the_first_are_open_and_the_rest_is_folded():
    pages = pages_of({GONE: broken(*several(8))})

    opened, _, folded = pages[FIRST].partition("<details>")
    assert [f"k{n} is" in opened for n in range(8)] == [True] * 3 + [False] * 5
    assert "5 more" in folded
    assert all(f"k{n} is" in folded for n in range(3, 8))
    assert pages[OWN].count("is an unknown key") == 8


def test_of_a_thousand_problems_a_page_tells_a_hundred_and_says_how_to_see_the_rest():
    texts = texts_of({GONE: broken(*several(1000))})

    assert "1,000 problems" in texts[FIRST]
    assert f"900 more; ops-model check {GONE} tells all of them." in texts[OWN]
    assert texts[OWN].count("is an unknown key") == 100


def test_of_many_systems_each_is_told_with_its_first_problem():
    apart = {f"model-{n:02}": broken(*several(5)) for n in range(40)}

    texts, pages = texts_of(apart), pages_of(apart)

    assert "40 of 42 systems could not be read" in texts[FIRST]
    assert "(accountable: Clara Ng) and 35 more" in texts[BOARD]
    assert texts[FIRST].count("is an unknown key") == 40
    assert pages[FIRST].count(">4 more</a>") == 40


def test_a_name_that_is_no_systems_stands_there_without_a_page():
    named = Problem("is no id; expected lowercase letters", "systems/Bad_Name", "rename it")

    texts = texts_of({"portfolio": broken(named, accountable=None)})

    assert "? UNKNOWN 1 entry of systems/ could not be taken for a system ." in texts[FIRST]
    assert "systems/Bad_Name : is no id; expected lowercase letters" in texts[FIRST]
    assert "1 entry of systems/ could not be read and is not counted." in texts[BOARD]
    assert "? UNKNOWN could not be read" not in texts[BOARD]
    assert not [path for path in texts if path.startswith("systems/portfolio")]


def test_systems_stand_before_names_that_are_none():
    named = Problem("is no id", "systems/Bad_Name", "rename it")
    apart = {"portfolio": broken(named, accountable=None), GONE: broken()}

    text = texts_of(apart)[FIRST]

    assert text.index(PLACE) < text.index("systems/Bad_Name")
    assert "1 more system and 1 entry of systems/ could not be read and are not" in text


def test_what_is_awaited_of_it_is_not_known_rather_than_not_due():
    said = "due or OVERDUE is not known"
    replay = live(as_of=samples.AS_OF.isoformat())

    texts = texts_of(settings=live())

    assert [said in texts[path] for path in (FIRST, WEEK, BOARD, OWN)] == [True] * 4
    other = {**LINE, "systems": ["flight-delay"]}
    for settings in (live(schedules=[]), live(schedules=[other]), replay):
        assert said not in "".join(texts_of(settings=settings).values())


def test_an_owner_who_is_gone_is_said_to_be_and_one_that_nobody_could_read_is_not_known():
    people = samples.people()
    left = people.model_copy(update={"people": tuple(
        p.model_copy(update={"active_to": samples.AS_OF.date().replace(year=2012)})
        if p.id == "clara-ng" else p for p in people.people
    )})  # fmt: skip

    assert "Clara Ng (CANNOT ANSWER: is not here on 22 Jul 2013)" in texts_of(people=left)[OWN]
    assert "accountable not known" in texts_of({GONE: broken(accountable=None)})[OWN]
    assert "nobody-here (unknown)" in texts_of({GONE: broken(accountable="nobody-here")})[OWN]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_stands_in_the_file_is_inert_on_every_page(text):
    problem = Problem(f"tier is {text}; expected A", f"systems/{GONE}/{text}:1", f"not {text}")
    named = Problem(f"{text} is no id", f"systems/{text}", text)

    plain = pages_of({GONE: broken(), "portfolio": broken(named, accountable=None)})
    for path, html in pages_of({
        GONE: broken(problem, accountable=text), "portfolio": broken(named, accountable=None),
    }).items():  # fmt: skip
        page = Reader(html)
        assert page.tags == Reader(plain[path]).tags, path
        assert not [name for _, name, _ in page.attributes if name.startswith("on")], path
        assert not [h for h in page.values("href") if h.startswith("javascript")], path
        assert "\u202e" not in html
        assert "\x00" not in html


def test_what_looks_like_a_secret_is_not_handed_on():
    token = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
    problem = Problem(f"tier is {token}; expected A", PLACE, f"not {token}")

    pages = pages_of({GONE: broken(problem)})

    assert not [path for path, html in pages.items() if token in html]
    assert "tier is [redacted:github_token]; expected A" in Reader(pages[FIRST]).text
