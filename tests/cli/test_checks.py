import json

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.shipped import shipped
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
    assert drilled["seed_rows"] == ["S0.14", "S1.27", "S4.4"]
    assert {
        "framework": "nist-ai-rmf-1.0",
        "control": "MANAGE 2.4",
        "title": "there is a way to override, disengage or switch off",
        "weak": False,
        "certainty": "ids sure",
    } in drilled["controls"]
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
    assert "may be waived by: nobody, since one of the five questions rests on it" in text
    assert "rollback_drill on record" in text
    assert "  iso-42001-2023 A.6.2.6, operation is watched (ids sure)" in text


def test_explain_knows_the_workbook_s_own_checks(own):
    text = run("checks", "explain", "ACME-01", "--workbook", own).stdout

    assert "Is it cheap?" in text
    assert "thresholds: {ACME-01: {most: ...}}" in text
    assert "may be waived by: an executive" in text
    assert "it is an operating rule of its own" in text


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


def test_the_list_as_one_page_is_what_is_committed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    page = run("checks", "list", "--markdown").stdout

    assert page == (shipped("checks") / "CATALOGUE.md").read_text(encoding="utf-8")


def test_a_workbook_maps_its_own_checks_to_controls_of_ours_and_of_its_own(own):
    folder = own / "checks"
    (folder / "control_ids.csv").write_text("framework,id,title\neu-ai-act,Art 5,what is banned\n")
    (folder / "controls.csv").write_text(
        "group,shows,framework,control,certainty\n"
        "ACME,what it costs,finos-aigf,mi-9,our reading\n"
        "ACME,what it costs,eu-ai-act,Art 5,our reading\n"
    )

    text = run("checks", "explain", "ACME-01", "--workbook", own).stdout

    assert "  finos-aigf mi-9, spending is watched and raises an alarm (our reading)" in text
    assert "  eu-ai-act Art 5, what is banned (our reading)" in text


def test_a_workbook_that_maps_to_what_is_not_there_is_told_every_row(own):
    (own / "checks" / "controls.csv").write_text(
        "group,shows,framework,control,certainty\n"
        "RBK,a drill,nist-ai-rmf-1.0,MANAGE 2.4,sure\n"
        "ACME,what it costs,nist-ai-rmf-1.0,MANAGE 9.9,sure\n"
    )

    finished = run("checks", "list", "--workbook", own)

    assert finished.exception.exit_code == 2
    said = str(finished.exception)
    assert "checks/controls.csv:3: nist-ai-rmf-1.0 has no control MANAGE 9.9" in said
    assert "RBK is a group of ops-model's" in said
