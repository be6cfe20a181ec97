import json

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from tests.builders import a_spend, a_workbook
from tests.store.ledger_events import published
from tests.workflow.review_samples import TOOL

COST = "What is the cost ceiling, today?"
IN_THE_WAY = "What stands in the way"
SAID = "  SIMULATED: the rows behind spend are made up\n"


def checked(root, *args):
    given = ["check", "flight-delay", *args, "--workbook", str(root)]
    return CliRunner().invoke(ops_model, given)


@pytest.fixture
def spent(tmp_path):
    """A workbook on whose ledger stands what the system spent, by rows that are made up or not."""

    def build(*, simulated, **areas):
        root = a_workbook(tmp_path / f"simulated-{simulated}", **areas)
        spend = a_spend(read_workbook(root).system("flight-delay"), simulated=simulated)
        with Ledger.open(root / "ledger.db", create=True) as ledger:
            ledger.append(published(spend, "spend/1", actor=TOOL))
        return root

    return build


def test_an_answer_whose_numbers_rest_on_made_up_rows_says_so_before_them(spent):
    made_up = checked(spent(simulated=True)).stdout
    real = checked(spent(simulated=False)).stdout

    assert f"{COST}\n{SAID}" in made_up
    assert made_up.count("SIMULATED") == 1
    assert made_up.replace(SAID, "").split(IN_THE_WAY)[0] == real.split(IN_THE_WAY)[0]


def test_json_names_the_kinds_that_rest_on_made_up_rows_by_question_and_by_finding(spent):
    told = json.loads(checked(spent(simulated=True), "--json").stdout)
    real = json.loads(checked(spent(simulated=False), "--json").stdout)

    assert told["simulated"] is False
    by_question = {q["question"]: q["simulated"] for q in told["five_questions"]}
    assert by_question.pop(COST) == ["spend"]
    assert not any(by_question.values())
    by_check = {f["check"]: f["simulated"] for f in told["findings"]}
    assert (by_check["CST-01"], by_check["ONC-01"]) == (["spend"], [])
    assert not any(f["simulated"] for f in (*real["findings"], *real["five_questions"]))


def test_a_system_that_is_made_up_is_said_to_be_so_before_its_answers(tmp_path):
    root = a_workbook(tmp_path / "workbook", identity={"simulated": True})

    lines = checked(root).stdout.splitlines()

    first = next(place for place, line in enumerate(lines) if line.startswith("SIMULATED: this"))
    assert first < next(place for place, line in enumerate(lines) if "Who gets paged?" in line)
    assert json.loads(checked(root, "--json").stdout)["simulated"] is True
