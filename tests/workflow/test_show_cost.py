"""The verbs of the cost notebook: records of what is declared, else a line that says why."""

import pytest

from ops_model import workflow
from ops_model.store.workbook import read_workbook
from ops_model.workflow.watch import book_now
from tests.workflow.spending import COST, NOON, a_workbook, each_slot, log_usage

VERBS = (
    "spend", "ceilings", "forecast", "bridge", "unit_costs", "opportunities", "savings", "bill",
)  # fmt: skip


def a_book(root, *, cost=None):
    a_workbook(root)
    if cost is not None:
        path = root / "systems/answers/cost.yaml"
        path.unlink()
        if cost:
            path.write_text(cost, encoding="utf-8")
    log_usage(root, each_slot(1))
    return book_now(root, read_workbook(root), "answers", as_of=NOON)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return a_book(tmp_path_factory.mktemp("answers"))


def test_each_verb_shows_its_own_kinds_of_record(book):
    kinds = {verb: [r.kind for r in getattr(workflow, verb)(book).records] for verb in VERBS[:4]}

    assert kinds == {
        "spend": ["spend"],
        "ceilings": ["ceiling_watch", "ceiling_breaches"],
        "forecast": ["cost_forecast"],
        "bridge": ["cost_bridge"],
    }


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("unit_costs", "names no unit of work"),
        ("opportunities", "No usage log names `prefix`"),
        ("opportunities", "declares no comparison of a dear and a cheap model"),
        ("savings", "plans no action"),
        ("bill", "declares no bill"),
    ],
)
def test_what_is_not_declared_is_a_line_that_says_what_to_write(book, verb, said):
    shown = getattr(workflow, verb)(book)

    assert shown.records == ()
    assert said in shown.html


@pytest.mark.parametrize("verb", VERBS)
def test_a_system_without_cost_yaml_shows_a_line_and_no_record(tmp_path, verb):
    shown = getattr(workflow, verb)(a_book(tmp_path, cost=""))

    assert shown.records == ()
    assert "declares no usage log, so no spend was measured" in shown.html


@pytest.mark.parametrize("verb", ["ceilings", "forecast"])
def test_a_plan_without_a_ceiling_says_so(tmp_path, verb):
    without = COST.format(ceilings="[]").replace("ceilings:\n[]", "ceilings: []")

    shown = getattr(workflow, verb)(a_book(tmp_path, cost=without))

    assert shown.records == ()
    assert "declares no ceiling" in shown.html


def test_a_unit_that_is_a_claim_only_says_how_it_would_be_counted(tmp_path):
    unit = "\nunits:\n- {id: answered, unit: question, success: somebody is helped}\n"
    told = COST.format(ceilings="[]").replace("ceilings:\n[]", "ceilings: []") + unit

    shown = workflow.unit_costs(a_book(tmp_path, cost=told))

    assert shown.records == ()
    assert "Unit answered is a claim so far" in shown.html


def test_the_load_of_a_usage_log_is_measured(book):
    assert [r.kind for r in workflow.load(book).records] == ["load"]


def test_a_system_without_a_log_has_no_load_to_show(tmp_path):
    shown = workflow.load(a_book(tmp_path, cost=""))

    assert "No log holds requests" in shown.html


def test_no_record_of_cost_makes_a_claim_about_people_stronger(book):
    found = [r for verb in VERBS[:4] for r in getattr(workflow, verb)(book).records]

    assert {claim.file for record in found for claim in record.claims} == {"cost.yaml"}
