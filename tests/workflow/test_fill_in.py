"""The fill-in notebook's page: it saves what is valid, and says in words why the rest is not."""

import ast
import json
import re
from datetime import UTC, datetime

import pytest

from ops_model import workflow
from ops_model.domain.operating_model import AREA_FILES
from ops_model.notebook.fill_in import layout
from ops_model.store.expectation import fields_of
from ops_model.store.workbook import read_workbook
from ops_model.store.yaml_text import tree_of
from ops_model.workflow.fill_in_examples import examples, is_nested
from ops_model.workflow.fill_in_notebook import as_literal, short_digest
from ops_model.workflow.fill_in_questions import MODELS, PARTS, QUESTIONS
from ops_model.workflow.start import refresh_system, start_workbook

NONE_YET = short_digest(None)
UNASKED = frozenset({"declared", "simulated"})
"""Keys that are no question to a model owner; they can be written in the file."""


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
    areas = [file.removesuffix(".yaml") for file, _ in AREA_FILES.values()]
    assert set(QUESTIONS) == {"people", *areas}
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

    assert card.startswith("▲ saved, but Who stands in? ownership.deputy")
    assert path.read_text("utf-8") == before.replace(
        "deputy: example-two              # REPLACE\n", "deputy: mara-lindqvist\n"
    )


def test_the_mark_of_the_template_goes_with_its_value_and_what_else_is_said_stays(book, page):
    path = file(book, "rollback.yaml")
    assert "author: example-one              # REPLACE: who wrote this plan\n" in path.read_text()

    page.answer("rollback.author", "mara-lindqvist", filled_from=short_digest("example-one"))

    text = path.read_text("utf-8")
    assert "author: mara-lindqvist           # who wrote this plan\n" in text
    assert file(book, "ownership.yaml").read_text().count("# REPLACE") == 2


def test_a_list_of_dicts_becomes_claims(book, page):
    right = {"action": "rollback", "holder": "primary", "autonomy": "alone",
             "max_minutes_to_decide": 5, "money_limit": "500.00 USD"}  # fmt: skip

    card = said(page.answer("decisions.rights", [right], filled_from=short_digest([])))

    held = read_workbook(book).system("scorer").decisions.right("rollback")
    assert " saved" in card.partition("Who")[0]
    assert (held.max_minutes_to_decide, str(held.money_limit)) == (5, "500.00 USD")


def test_an_invalid_answer_saves_nothing_and_says_what_was_written_and_expected(book, page):
    before = everything(book)

    card = said(page.answer("system.tier", "critical", filled_from=short_digest("C")))

    assert card.startswith("✖ not saved How much harm does a failure do?")
    assert 'you wrote: "critical"' in card
    assert 'tier is critical; expected one of "A", "B", "C" (systems/scorer/system.yaml:' in card
    assert everything(book) == before


def test_all_that_is_wrong_with_an_answer_is_said_at_once(page):
    right = {"action": "rolback", "holder": "Ana Ruiz", "autonmy": "alone"}

    card = said(page.answer("decisions.rights", [right], filled_from=short_digest([])))

    assert 'did you mean "rollback"?' in card
    assert 'write it as "ana-ruiz"' in card
    assert 'did you mean "autonomy"?' in card


def test_a_question_that_does_not_exist_is_answered_with_the_nearest(page):
    card = said(page.answer("ownership.acountable", "ana-ruiz", filled_from=NONE_YET))

    assert card.startswith("✖ not saved")
    assert "did you mean ownership.accountable?" in card


@pytest.mark.parametrize("value", [{1, 2}, object(), b"x", lambda: 1])
def test_a_value_that_no_file_can_hold_ends_in_a_card_and_no_traceback(page, value):
    card = said(page.answer("ownership.deputy", value, filled_from=short_digest("example-two")))

    assert card.startswith("✖ not saved")
    assert "expected text, a number, True, False" in card


def test_a_list_that_holds_itself_ends_in_a_card_and_no_traceback(page):
    value = ["bo-li"]
    value.append(value)

    card = said(page.answer("ownership.deputy", value, filled_from=short_digest("example-two")))

    assert card.startswith("✖ not saved")
    assert "holds a list that holds itself" in card


def test_an_address_in_the_place_of_a_route_is_not_repeated_on_the_card(book, page):
    before = everything(book)
    path = {
        "audience": "users", "owner": "example-one", "within_minutes": 30,
        "channel": "mailto://ops:hunter2secret@smtp.example.com",
    }  # fmt: skip

    card = said(page.answer("decisions.communication", [path], filled_from=short_digest(None)))

    assert "communication[0].channel is a text of 43 characters, not shown here" in card
    assert "hunter2secret" not in card
    assert everything(book) == before


def test_a_newer_file_is_not_saved_over_and_the_difference_is_shown(book, page):
    path = file(book, "ownership.yaml")
    path.write_text(path.read_text("utf-8").replace("deputy: example-two", "deputy: somebody"))
    before = everything(book)

    card = said(page.answer("ownership.deputy", "mine", filled_from=short_digest("example-two")))

    assert card.startswith("✖ not saved")
    assert 'your cell "mine" the file now "somebody"' in card
    assert "ops-model new scorer --refresh" in card
    assert "whatever was typed in it and not saved is gone" in card
    assert everything(book) == before


def test_the_card_of_a_newer_file_says_how_to_keep_ones_own(book, page):
    path = file(book, "ownership.yaml")
    path.write_text(path.read_text("utf-8").replace("deputy: example-two", "deputy: somebody"))
    newer = short_digest("somebody")

    card = said(page.answer("ownership.deputy", "mine", filled_from=short_digest("example-two")))

    assert f'to keep yours, write filled_from="{newer}" in the cell' in card
    assert "saved" in said(page.answer("ownership.deputy", "mine", filled_from=newer))[:12]
    assert "deputy: mine" in path.read_text("utf-8")


def test_whoever_took_over_the_newer_value_may_change_it(book, page):
    old = short_digest("example-two")
    path = file(book, "ownership.yaml")
    path.write_text(path.read_text("utf-8").replace("deputy: example-two", "deputy: somebody"))

    assert said(page.answer("ownership.deputy", "somebody", filled_from=old)).startswith("–")
    assert "saved" in said(page.answer("ownership.deputy", "mine", filled_from=old))[:12]
    assert "deputy: mine" in path.read_text("utf-8")


def test_a_cell_without_its_digest_saves_over_nothing(book, page):
    before = everything(book)

    card = said(page.answer("ownership.deputy", "mine"))

    assert card.startswith("✖ not saved")
    assert "The cell has lost its filled_from" in card
    assert f'write filled_from="{short_digest("example-two")}"' in card
    assert everything(book) == before


def test_what_this_session_saved_may_be_changed_again(book, page):
    filled_from = short_digest("example-two")
    page.answer("ownership.deputy", "first", filled_from=filled_from)

    page.answer("ownership.deputy", "second", filled_from=filled_from)

    assert "deputy: second" in file(book, "ownership.yaml").read_text("utf-8")


def test_what_was_saved_before_a_restart_of_the_kernel_may_be_changed_again(book, page):
    filled_from = short_digest("example-two")
    page.answer("ownership.deputy", "first", filled_from=filled_from)
    later = workflow.fill_in("scorer")

    card = said(later.answer("ownership.deputy", "second", filled_from=filled_from))

    assert "saved" in card[:12]
    assert "deputy: second" in file(book, "ownership.yaml").read_text("utf-8")


def test_what_somebody_wrote_into_the_file_since_is_not_saved_over_after_a_restart(book, page):
    filled_from = short_digest("example-two")
    page.answer("ownership.deputy", "first", filled_from=filled_from)
    path = file(book, "ownership.yaml")
    path.write_text(path.read_text("utf-8").replace("deputy: first", "deputy: somebody"))
    later = workflow.fill_in("scorer")

    assert said(later.answer("ownership.deputy", "x", filled_from=filled_from)).startswith("✖")
    assert "deputy: somebody" in path.read_text("utf-8")


@pytest.mark.parametrize("noted", ["", "{", "[]", '{"ownership.deputy": 7}', "[" * 60_000])
def test_a_spoiled_memory_allows_nothing_and_breaks_nothing(book, page, noted):
    filled_from = short_digest("example-two")
    file(book, ".fill_in.json").write_text(noted)

    assert said(page.answer("ownership.deputy", "x", filled_from=NONE_YET)).startswith("✖")
    assert "saved" in said(page.answer("ownership.deputy", "x", filled_from=filled_from))[:12]


def test_a_refreshed_notebook_starts_from_the_present_values(book, page):
    page.answer("ownership.deputy", "first", filled_from=short_digest("example-two"))

    refresh_system(book, "scorer")

    key, value, now = next(c for c in calls(book) if c[0] == "ownership.deputy")
    assert value == "first"
    assert "saved" in said(workflow.fill_in("scorer").answer(key, "x", filled_from=now))[:12]
    assert not [p for p in file(book, "").iterdir() if p.suffix == ".tmp"]


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

    assert card.startswith("▲ saved, but")
    assert re.search(r"still open about this answer: .* OM-06 .* who: example-one", card)
    assert re.search(r"\d+ other checks of area ownership still in the way", card)
    assert "RBK-" not in card


def test_an_answer_that_nothing_is_open_about_repeats_no_check(page):
    filled_from = short_digest("TBD - who uses it")

    card = said(page.answer("system.users", "The desk.", filled_from=filled_from))

    assert card.startswith("✓ saved")
    assert "do next" not in card
    assert re.search(r"\d+ checks? of area model still in the way", card)


def test_a_team_as_owner_is_saved_with_the_finding_that_it_causes_first(page):
    card = said(
        page.answer("ownership.accountable", "platform", filled_from=short_digest("example-one"))
    )

    assert card.startswith("▲ saved, but")
    first = card.partition("still open about this answer:")[2]
    assert re.match(r" ✖ failed OWN-01 accountable: .*team", first)


def test_people_are_asked_first_and_saved_for_all_systems(book, page):
    assert next(iter(calls(book)))[0] == "people.people"
    mara = {"id": "mara-lindqvist", "name": "Mara", "function": "product", "zone": "UTC",
            "active_from": "2020-01-01"}  # fmt: skip
    _, held, filled_from = next(iter(calls(book)))

    card = said(page.answer("people.people", [*held, mara], filled_from=filled_from))

    assert " saved" in card[:12]
    assert read_workbook(book).people.person("mara-lindqvist").function == "product"
    assert "# lowercase letters, digits" in (book / "people.yaml").read_text("utf-8")


def test_the_rota_is_judged_as_it_is_written_and_not_as_it_was_recorded(book, page):
    from ops_model.workflow.assess import assess_system

    model = read_workbook(book)
    now = datetime(2026, 3, 2, 8, tzinfo=UTC)
    assess_system(book, model, "scorer", as_of=now, recorded_at=now)
    ledger = (book / "ledger.db").read_bytes()
    people = next(c for c in calls(book) if c[0] == "people.people")
    held = [{k: v for k, v in person.items() if k != "active_to"} for person in people[1]]

    before = said(page.gaps())
    page.answer("people.people", held, filled_from=people[2])
    after = said(page.gaps())

    assert "ONC-03" in before
    assert "ONC-03 nobody answers" not in after
    assert (book / "ledger.db").read_bytes() == ledger


@pytest.mark.parametrize(
    ("key", "value", "remedy"),
    [
        ("system.intended_use", "Sorting claims", 'write ["Sorting claims"]'),
        ("system.customer_facing", "yes", "write True"),
        ("system.customer_facing", "off", "write False"),
        ("system.support", "here", 'write {"channel": "...", "hours": "..."'),
        ("system.go_live_target", "soon", 'write "2026-03-01"'),
        ("system.name", None, 'it cannot be left out; write "..."'),
        ("cost.ceilings", [{"id": "a", "amount": "40"}], 'such as "40 USD"'),
    ],
)
def test_a_remedy_is_a_python_value_and_no_yaml(book, page, key, value, remedy):
    from ops_model.store.save import read_answer

    stem, _, name = key.partition(".")
    held = read_answer(book, f"systems/scorer/{stem}.yaml", (name,))

    card = said(page.answer(key, value, filled_from=short_digest(held)))

    assert card.startswith("✖ not saved")
    assert remedy in card
    assert "- '" not in card
    assert "a mapping" not in card


def nested():
    for stem, names in QUESTIONS.items():
        for name in names:
            if is_nested(fields_of(MODELS[stem])[name]):
                yield stem, name


@pytest.mark.parametrize(("stem", "name"), list(nested()))
def test_a_nested_question_shows_an_example_that_can_be_saved_or_a_value(book, page, stem, name):
    key, held, filled_from = next(c for c in calls(book) if c[0] == f"{stem}.{name}")
    example = examples(stem, "scorer").get(name)

    assert held or example
    if not held:
        assert " saved" in said(page.answer(key, example, filled_from=filled_from))[:12]


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
