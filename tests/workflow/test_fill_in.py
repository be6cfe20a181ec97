"""The fill-in notebook's page: it saves what is valid, and says in words why the rest is not."""

import ast
import json
import re

import pytest

from ops_model import workflow
from ops_model.domain.operating_model import AREA_FILES
from ops_model.notebook.fill_in import layout
from ops_model.store.workbook import read_workbook
from ops_model.store.yaml_text import tree_of
from ops_model.workflow.fill_in_notebook import as_literal, short_digest
from ops_model.workflow.fill_in_questions import MODELS, PARTS, QUESTIONS, UNASKED
from ops_model.workflow.start import refresh_system, start_workbook

NONE_YET = short_digest(None)


@pytest.fixture
def book(tmp_path, monkeypatch):
    start_workbook(tmp_path / "book", "scorer")
    monkeypatch.chdir(tmp_path / "book" / "systems" / "scorer")
    return tmp_path / "book"


@pytest.fixture
def page(book):
    return workflow.fill_in("scorer")


def said(shown):
    """The text of a card."""
    html = shown._repr_mimebundle_()["text/html"]
    return " ".join(
        re.sub(r"<[^>]+>", " ", html).replace("&#x27;", "'").replace("&quot;", '"').split()
    )


def file(book, name):
    return book / "systems" / "scorer" / name


def everything(book):
    return {p: p.read_bytes() for p in book.rglob("*") if p.is_file() and p.suffix != ".pyc"}


def calls(book):
    """Every answer cell of the notebook, as the keyword arguments that it passes."""
    notebook = json.loads(file(book, "fill_in.ipynb").read_text("utf-8"))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and "page.answer(" in source:
            call = ast.parse(source).body[0].value
            key, value = (ast.literal_eval(arg) for arg in call.args)
            yield key, value, ast.literal_eval(call.keywords[0].value)


def test_every_key_of_every_area_is_a_question_but_those_that_are_none():
    assert set(QUESTIONS) == {file.removesuffix(".yaml") for file, _ in AREA_FILES.values()}
    for stem, model in MODELS.items():
        assert list(QUESTIONS[stem]) == [k for k in model.model_fields if k not in UNASKED], stem


def test_the_questions_stand_in_the_order_of_the_areas(book):
    stems = list(dict.fromkeys(key.partition(".")[0] for key, _, _ in calls(book)))

    assert stems == [stem for part in PARTS for stem in part.stems]
    assert len(list(calls(book))) == sum(map(len, QUESTIONS.values()))


def test_running_a_fresh_notebook_from_top_to_bottom_changes_no_byte(book, page):
    before = everything(book)

    cards = [said(page.answer(k, v, filled_from=f)) for k, v, f in calls(book)]

    assert all(card.startswith("– unchanged") for card in cards)
    assert everything(book) == before


def test_an_answer_is_saved_in_place_with_every_comment(book, page):
    path = file(book, "ownership.yaml")
    before = path.read_text("utf-8")

    card = said(
        page.answer("ownership.deputy", "mara-lindqvist", filled_from=short_digest("example-two"))
    )

    assert card.startswith("✓ saved Who stands in? ownership.deputy")
    assert path.read_text("utf-8") == before.replace(
        "deputy: example-two              #", "deputy: mara-lindqvist           #"
    )


def test_a_list_of_dicts_becomes_claims(book, page):
    right = {"action": "rollback", "holder": "primary", "autonomy": "alone",
             "max_minutes_to_decide": 5, "money_limit": "500.00 USD"}  # fmt: skip

    card = said(page.answer("decisions.rights", [right], filled_from=short_digest([])))

    held = read_workbook(book).system("scorer").decisions.right("rollback")
    assert card.startswith("✓ saved")
    assert (held.max_minutes_to_decide, str(held.money_limit)) == (5, "500.00 USD")


def test_an_invalid_answer_saves_nothing_and_says_what_was_written_and_expected(book, page):
    before = everything(book)

    card = said(page.answer("system.tier", "critical", filled_from=short_digest("C")))

    assert card.startswith("✖ not saved How much harm does a failure do?")
    assert 'you wrote: "critical"' in card
    assert "tier is critical; expected one of A, B, C (systems/scorer/system.yaml:" in card
    assert everything(book) == before


def test_all_that_is_wrong_with_an_answer_is_said_at_once(page):
    right = {"action": "rolback", "holder": "Ana Ruiz", "autonmy": "alone"}

    card = said(page.answer("decisions.rights", [right], filled_from=short_digest([])))

    assert "did you mean rollback?" in card
    assert "write it as ana-ruiz" in card
    assert "did you mean autonomy?" in card


def test_a_question_that_does_not_exist_is_answered_with_the_nearest(page):
    card = said(page.answer("ownership.acountable", "ana-ruiz", filled_from=NONE_YET))

    assert card.startswith("✖ not saved")
    assert "did you mean ownership.accountable?" in card


@pytest.mark.parametrize("value", [{1, 2}, object(), b"x", lambda: 1])
def test_a_value_that_no_file_can_hold_ends_in_a_card_and_no_traceback(page, value):
    card = said(page.answer("ownership.deputy", value, filled_from=short_digest("example-two")))

    assert card.startswith("✖ not saved")
    assert "expected text, a number, True, False" in card


def test_a_newer_file_is_not_saved_over_and_the_difference_is_shown(book, page):
    path = file(book, "ownership.yaml")
    path.write_text(path.read_text("utf-8").replace("deputy: example-two", "deputy: somebody"))
    before = everything(book)

    card = said(page.answer("ownership.deputy", "mine", filled_from=short_digest("example-two")))

    assert card.startswith("✖ not saved")
    assert 'your cell "mine" the file now "somebody"' in card
    assert "ops-model new scorer --refresh" in card
    assert everything(book) == before


def test_a_cell_without_its_digest_saves_over_nothing(book, page):
    before = everything(book)

    assert said(page.answer("ownership.deputy", "mine")).startswith("✖ not saved")
    assert everything(book) == before


def test_what_this_session_saved_may_be_changed_again(page):
    filled_from = short_digest("example-two")
    page.answer("ownership.deputy", "first", filled_from=filled_from)

    card = said(page.answer("ownership.deputy", "second", filled_from=filled_from))

    assert card.startswith("✓ saved")


def test_a_new_session_refuses_what_the_last_one_saved_until_it_is_refreshed(book, page):
    filled_from = short_digest("example-two")
    page.answer("ownership.deputy", "first", filled_from=filled_from)
    later = workflow.fill_in("scorer")

    assert said(later.answer("ownership.deputy", "first", filled_from=filled_from)).startswith("–")
    assert said(later.answer("ownership.deputy", "x", filled_from=filled_from)).startswith("✖")

    refresh_system(book, "scorer")
    key, value, now = next(c for c in calls(book) if c[0] == "ownership.deputy")
    assert value == "first"
    assert said(later.answer(key, "x", filled_from=now)).startswith("✓ saved")


def test_none_leaves_an_optional_key_out(book, page):
    page.answer("ownership.deputy", None, filled_from=short_digest("example-two"))

    assert "\ndeputy:" not in file(book, "ownership.yaml").read_text("utf-8")


def test_none_for_a_key_that_is_needed_is_refused(book, page):
    card = said(
        page.answer("ownership.accountable", None, filled_from=short_digest("example-one"))
    )

    assert "accountable is missing" in card
    assert "accountable" in file(book, "ownership.yaml").read_text("utf-8")


def test_the_card_names_the_checks_still_in_the_way_with_remedy_and_owner(page):
    card = said(page.answer("ownership.deputy", "x", filled_from=short_digest("example-two")))

    assert re.search(r"\d+ checks of area ownership still in the way:", card)
    assert re.search(r"OWN-\d\d .* who: example-one", card)
    assert "RBK-" not in card


def test_an_invalid_file_elsewhere_is_listed_and_does_not_keep_an_answer_from_being_saved(
    book, page
):
    (book / "people.yaml").write_text("people: nobody\n")

    card = said(page.answer("ownership.deputy", "x", filled_from=short_digest("example-two")))

    assert card.startswith("✓ saved")
    assert "The workbook cannot be judged yet: 1 problem in its files" in card
    assert "people is nobody; expected a list" in card
    assert "people.yaml:1" in card


def test_gaps_shows_all_that_is_open_with_the_count_of_each_area(page):
    card = said(page.gaps())

    assert re.match(r"✖ open \d+ gaps of scorer; the verdict now: DEMO ONLY", card)
    counts = re.search(r"By area: (.*?)\.", card)[1]
    assert [part.split()[0] for part in counts.split(", ")][:3] == [
        "model",
        "ownership",
        "decisions",
    ]
    total = sum(int(part.split()[1]) for part in counts.split(", "))
    assert card.startswith(f"✖ open {total} gaps")


def test_the_first_card_says_how_many_questions_there_are(page):
    card = said(page)

    assert f"{sum(map(len, QUESTIONS.values()))} questions about scorer" in card


def test_a_system_that_is_not_there_is_said_on_a_card(book):
    card = said(workflow.fill_in("scorr"))

    assert "did you mean scorer?" in card
    assert "did you mean scorer?" in said(workflow.fill_in("scorr").gaps())


def test_outside_of_a_workbook_the_card_says_how_to_start_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert "ops-model init" in said(workflow.fill_in("scorer"))


def test_judging_for_a_card_leaves_no_ledger_behind(book, page):
    page.gaps()

    assert not (book / "ledger.db").exists()


def test_a_card_keeps_to_what_an_untrusted_notebook_shows(page):
    html = page.gaps().html + page.answer("system.tier", "<b>x", filled_from="").html

    assert "<style" not in html
    assert "<svg" not in html
    assert "var(--" not in html
    assert "<b>x" not in html


@pytest.mark.parametrize(
    ("text", "stem", "key", "literal"),
    [
        ("0.995", "rollback", "max_seconds", 0.995),
        ("1.10", "rollback", "max_seconds", "1.10"),
        ("600", "rollback", "max_seconds", 600),
        ("0123", "rollback", "max_seconds", "0123"),
        ("600", "system", "name", "600"),
        ("true", "system", "customer_facing", True),
        ("yes", "system", "customer_facing", "yes"),
        ("28d", "on_call", "max_consecutive_days", "28d"),
        ("2026-03-01", "system", "go_live_target", "2026-03-01"),
    ],
)
def test_a_prefilled_value_is_written_back_as_the_very_same_text(text, stem, key, literal):
    from ops_model.store.expectation import fields_of

    annotation = fields_of(MODELS[stem])[key]

    assert as_literal(text, annotation) == literal
    assert tree_of(as_literal(text, annotation)) == text


@pytest.mark.parametrize(
    "value",
    [
        'it\'s "so" \\',
        "two\nlines",
        "a\u200fb\u202e",
        "😀",
        {"a": [1, 0.5, True, None, "x" * 90]},
        [],
    ],
)
def test_a_literal_in_the_notebook_is_the_value_again(value):
    assert ast.literal_eval(layout(value, 4)) == value
