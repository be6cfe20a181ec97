"""The rules that every shipped notebook keeps, read from the files."""

import ast
import inspect
import json

import pytest

from ops_model import workflow
from ops_model.check.catalogue import load_catalogue
from ops_model.notebook.parameters import declared_parameters
from ops_model.shipped import notebook_digest, shipped, shipped_notebook_digests

NOTEBOOKS = sorted(shipped("notebooks").glob("*.ipynb"))
DRILLS = {"03_rollback_drill", "04_fallback_drill", "10_champion_challenger"}
ABOUT_ALL = {"13_portfolio"}
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


def cells(path):
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [{**c, "source": "".join(c["source"])} for c in found]


def code(path):
    """The sources of the code cells after the parameters."""
    return [c["source"] for c in cells(path) if c["cell_type"] == "code"][1:]


def verbs(path):
    """Every call of a verb: its name and its keywords' names."""
    for source in code(path):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield node.func.attr, node


def test_the_notebooks_of_this_release_are_there():
    assert [p.stem for p in NOTEBOOKS] == [
        "00_gap_map", "01_readiness", "02_deploy_review", "03_rollback_drill",
        "04_fallback_drill", "05_drift_quality", "06_cost", "07_weekly_ops_report",
        "08_game_day", "09_incident_postmortem", "10_champion_challenger",
        "11_handoff_transition", "12_compliance_evidence", "13_portfolio",
    ]  # fmt: skip


@every_notebook
def test_the_first_cell_says_the_question_the_reader_and_the_time_it_takes(path):
    first = cells(path)[0]

    assert first["cell_type"] == "markdown"
    for part in ("**The question.**", "**Who reads it.**", "**How long.**"):
        assert part in first["source"]


@every_notebook
def test_the_second_cell_declares_the_parameters_with_a_comment_each(path):
    parameters = declared_parameters(path)

    assert cells(path)[1]["metadata"]["tags"] == ["parameters"]
    about = [] if path.stem in ABOUT_ALL else ["system"]
    assert [p.name for p in parameters][: len(about) + 1] == [*about, "as_of"]
    assert all(p.comment for p in parameters)


@every_notebook
def test_a_drill_asks_who_performs_it_and_nothing_else_does(path):
    named = {p.name for p in declared_parameters(path)}

    assert ("performed_by" in named) == (path.stem in DRILLS)


@every_notebook
def test_a_post_mortem_asks_which_incident_and_nothing_else_does(path):
    named = {p.name for p in declared_parameters(path)}

    assert ("incident" in named) == (path.stem == "09_incident_postmortem")


@every_notebook
def test_a_notebook_is_short(path):
    sources = [c["source"] for c in cells(path) if c["cell_type"] == "code"]

    # Detection asks seventeen questions of the same logs, and each is one call.
    assert len(sources) <= (19 if path.stem == "05_drift_quality" else 15)
    assert max(len(s.splitlines()) for s in sources) <= 8


@every_notebook
def test_cells_only_call(path):
    allowed = (
        ast.Module, ast.ImportFrom, ast.alias, ast.Assign, ast.Expr, ast.Call, ast.Attribute,
        ast.Name, ast.keyword, ast.Constant, ast.Load, ast.Store,
    )  # fmt: skip

    nodes = [n for source in code(path) for n in ast.walk(ast.parse(source))]

    assert {type(n).__name__ for n in nodes if not isinstance(n, allowed)} == set()


@every_notebook
def test_a_notebook_imports_the_workflow_and_nothing_else(path):
    found = [
        ast.unparse(n)
        for source in code(path)
        for n in ast.walk(ast.parse(source))
        if isinstance(n, ast.Import | ast.ImportFrom)
    ]

    assert found == ["from ops_model import workflow"]


@every_notebook
def test_every_verb_exists_and_takes_what_it_is_given(path):
    for name, call in verbs(path):
        verb = getattr(workflow, name)

        positional = [object() for _ in call.args]
        keywords = {k.arg: object() for k in call.keywords}
        assert inspect.signature(verb).bind(*positional, **keywords)


@every_notebook
def test_before_each_result_stands_how_to_read_it_and_what_to_do_if_it_is_bad(path):
    found = cells(path)
    results = [
        n for n, c in enumerate(found) if c["cell_type"] == "code" and n > 3
    ]  # after the parameters and the opening

    for number in results:
        before = found[number - 1]
        assert before["cell_type"] == "markdown"
        assert before["source"].startswith("## ")
        assert "**If " in before["source"]


@every_notebook
def test_outputs_and_counts_are_cleared(path):
    for cell in cells(path):
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)


@every_notebook
def test_the_language_stands_in_the_metadata(path):
    metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]

    assert metadata["language_info"]["name"] == "python"
    assert metadata["kernelspec"]["name"] == "python3"


@every_notebook
def test_the_notebook_is_on_the_shipped_list(path):
    # After an edit: python tests/notebooks/refresh_shipped.py
    assert notebook_digest(path) in shipped_notebook_digests()


def test_the_readiness_notebook_has_a_heading_for_every_area_that_has_checks():
    files = (p for p in shipped("checks").glob("*.py") if not p.stem.startswith("_"))
    areas = {path.stem.split("_")[0] for path in files}
    (readiness,) = (p for p in NOTEBOOKS if p.stem == "01_readiness")

    calls = [call for name, call in verbs(readiness) if name == "area"]
    shown = {argument.value for call in calls for argument in call.args[1:]}

    assert areas - shown == set()


def test_the_readiness_notebook_opens_with_the_five_questions_and_the_eight_items():
    (readiness,) = (p for p in NOTEBOOKS if p.stem == "01_readiness")

    shown = [name for name, _ in verbs(readiness)]

    assert shown[:4] == ["open", "five_questions", "eight_items", "area"]
    assert shown[-1] == "assessment"


def test_every_check_of_the_catalogue_is_shown_by_a_notebook():
    checks = load_catalogue([shipped("checks")]).checks
    (readiness,) = (p for p in NOTEBOOKS if p.stem == "01_readiness")

    calls = [call for name, call in verbs(readiness) if name == "area"]
    shown = {argument.value for call in calls for argument in call.args[1:]}

    assert [check.id for check in checks if check.area not in shown] == []
