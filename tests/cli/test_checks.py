import json

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from tests.builders import a_workbook

KEYS = {
    "id", "slug", "area", "question", "revision", "seed_rows", "controls", "from",
}  # fmt: skip


def run(*args):
    return CliRunner().invoke(ops_model, [str(a) for a in args])


@pytest.fixture
def own(tmp_path):
    """A workbook with a check of its own."""
    root = a_workbook(tmp_path / "workbook")
    (root / "checks").mkdir()
    (root / "checks" / "cost.py").write_text(
        "from ops_model.check.api import check, passed\n"
        '@check("ACME-01", question="Is it cheap?", area="cost", source=["own"], revision=2)\n'
        "def is_cheap(ctx, *, most: float = 3.5):\n"
        '    """Because we asked."""\n'
        '    return passed("yes", looked_at=[ctx.system.where])\n'
    )
    return root


def test_the_list_in_json_has_the_keys_that_scripts_rely_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    listed = json.loads(run("checks", "list", "--json").stdout)["checks"]

    assert all(set(c) >= KEYS for c in listed)
    drilled = next(c for c in listed if c["id"] == "RBK-02")
    assert drilled["slug"] == "drilled_recently"
    assert drilled["seed_rows"] == ["S0.14", "S1.27"]
    assert drilled["controls"] == []
    assert drilled["from"].startswith("checks/rollback_drill.py:")


def test_the_list_for_readers_goes_by_area(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    lines = run("checks", "list").stdout.splitlines()

    assert "  RBK-02  Was going back rehearsed lately, in under ten minutes?" in lines
    listed = sum(line.startswith("  ") for line in lines)
    assert lines[-1].startswith(f"{listed} checks")


def test_the_workbook_s_own_checks_are_listed_with_their_file(own):
    listed = json.loads(run("checks", "list", "--json", "--workbook", own).stdout)["checks"]

    (mine,) = [c for c in listed if c["id"] == "ACME-01"]

    assert mine["from"] == "checks/cost.py:2"
    assert mine["revision"] == 2


def test_explain_says_why_and_what_may_be_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    text = run("checks", "explain", "rbk-02").stdout

    assert "A plan nobody has run is a hope" in text
    assert "Was going back rehearsed lately" in text
    # The ids of the rows that ask for it mean nothing outside; --json keeps them.
    assert "S0.14" not in text
    assert "threshold max_age_days: 30 / 90 / 180 at tier A / B / C" in text
    assert "minimum grade at tier A / B / C: E4 / E3 / E3" in text
    assert "cannot be waived" in text


def test_explain_knows_the_workbook_s_own_checks(own):
    text = run("checks", "explain", "ACME-01", "--workbook", own).stdout

    assert "Is it cheap?" in text
    assert "thresholds: {ACME-01: {most: ...}}" in text
    assert "cannot be waived" not in text


def test_explain_in_json_is_one_object(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    said = json.loads(run("checks", "explain", "OM-06", "--json").stdout)

    assert said["id"] == "OM-06"


def test_an_unknown_check_is_wrong_use_and_names_the_nearest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    finished = run("checks", "explain", "RKB-02")

    assert finished.exception.exit_code == 2
    assert "did you mean RBK-02?" in str(finished.exception)


def test_a_folder_that_is_no_workbook_is_wrong_use_when_it_was_named(tmp_path):
    finished = run("checks", "list", "--workbook", tmp_path)

    assert finished.exception.exit_code == 2
