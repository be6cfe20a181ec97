"""Scenarios as data: the shipped ones, a workbook's own, and every mistake in one at once."""

import pytest

from ops_model.domain.resolver_names import ResolverName
from ops_model.domain.resolvers import RESOLVERS
from ops_model.domain.scenarios import SHIPPED_SCENARIOS
from ops_model.errors import WorkbookError
from ops_model.shipped import shipped
from ops_model.store.scenarios import shipped_scenarios
from ops_model.store.workbook import read_workbook
from tests.builders import a_workbook

OWN = """\
id: G30
title: It answers nonsense
prompt: Two in the morning; it answers nonsense.
failures: [wrong_output]
injects:
  - {minute: 0, text: All green.}
questions:
  - {minute: 12, ask: Who goes back?, resolver: rolls-back-alone}
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "scenarios").mkdir()
    return a_workbook(tmp_path)


def write(root, text, name="G30.yaml"):
    (root / "scenarios" / name).write_text(text, encoding="utf-8")


def problems(root):
    with pytest.raises(WorkbookError) as refused:
        read_workbook(root)
    return refused.value.problems


def test_every_shipped_scenario_is_one_and_its_id_is_known_without_its_file():
    assert {scenario.id for scenario in shipped_scenarios()} == SHIPPED_SCENARIOS
    assert {p.stem for p in (shipped("templates") / "scenarios").glob("*")} == SHIPPED_SCENARIOS


def test_every_resolver_that_may_be_named_is_there():
    assert set(ResolverName.__args__) == set(RESOLVERS)


def test_a_scenario_of_the_workbooks_own_is_read_with_its_lines(root):
    write(root, OWN)

    (scenario,) = read_workbook(root).scenarios

    assert (scenario.id, str(scenario.where)) == ("G30", "scenarios/G30.yaml:1")
    assert str(scenario.questions[0].where) == "scenarios/G30.yaml:8"


def test_a_workbook_without_the_folder_has_none_of_its_own(tmp_path):
    assert read_workbook(a_workbook(tmp_path)).scenarios == ()


def test_a_resolver_that_nobody_knows_is_named_with_the_one_that_was_meant(root):
    write(root, OWN.replace("rolls-back-alone", "rolls-back-alon"))

    (problem,) = problems(root)

    assert problem.where == "scenarios/G30.yaml:8"
    assert "questions[0].resolver is rolls-back-alon" in problem.message
    assert problem.remedy == "did you mean rolls-back-alone?"


def test_a_question_without_a_resolver_is_refused_at_its_line(root):
    write(root, OWN.replace(", resolver: rolls-back-alone", ""))

    (problem,) = problems(root)

    assert problem.where == "scenarios/G30.yaml:8"
    assert "questions[0].resolver is missing" in problem.message


def test_all_mistakes_of_all_files_are_told_at_once(root):
    write(root, OWN.replace("minute: 12", "minute: 300").replace("[wrong_output]", "[wrong]"))
    write(root, "id: G31\ntitel: x\n", "G31.yaml")

    found = {(p.where, p.message.split(" ", 1)[0]) for p in problems(root)}

    assert {
        ("scenarios/G30.yaml:4", "failures[0]"),
        ("scenarios/G30.yaml:8", "questions[0].minute"),
        ("scenarios/G31.yaml:2", "titel"),
    } <= found
    assert any(where.startswith("scenarios/G31.yaml") for where, name in found if name == "title")


def test_a_file_has_the_name_of_its_scenario(root):
    write(root, OWN, "storm.yaml")

    (problem,) = problems(root)

    assert problem.where == "scenarios/storm.yaml:1"
    assert "has id G30; expected the name of the file, storm" in problem.message


def test_an_id_that_is_none_is_refused(root):
    write(root, OWN.replace("G30", "../../G30"))

    assert any(p.where == "scenarios/G30.yaml:1" for p in problems(root))


def test_a_link_that_leaves_the_workbook_is_not_followed(root, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "G30.yaml"
    elsewhere.write_text(OWN, encoding="utf-8")
    (root / "scenarios" / "G30.yaml").symlink_to(elsewhere)

    (problem,) = problems(root)

    assert "is a link that leaves the workbook" in problem.message
