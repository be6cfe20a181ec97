import json
import subprocess
import sys

import pytest
import yaml
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.shipped import shipped
from ops_model.workflow.own_checks import close_own_checks
from tests.builders import a_workbook


def run(*args):
    return CliRunner().invoke(ops_model, [str(a) for a in args])


@pytest.fixture
def root(tmp_path):
    yield a_workbook(tmp_path / "workbook")
    close_own_checks()


def start(root, *args):
    return run("checks", "start", *args, "--workbook", root)


def test_the_four_questions_come_first_and_then_what_was_written(root):
    lines = start(root, "acme-01", "--area", "cost").stdout.splitlines()

    assert lines[1:5] == [
        "  1. What would a reader do differently if it failed?",
        "  2. Which evidence answers it, and of what grade?",
        "  3. Who may waive it?",
        "  4. At which tier does it start?",
    ]
    assert lines[5:7] == [
        "Written: checks/cost_acme_01.py",
        "Written: checks/tests/test_acme_01.py",
    ]
    assert lines[-1] == "A check file is code and runs with your rights: review it like code."


def test_what_was_written_says_what_a_message_must_not_claim(root):
    start(root, "ACME-01", "--area", "cost")

    written = (root / "checks" / "cost_acme_01.py").read_text(encoding="utf-8")

    assert "never that a law or a standard is met: no check shows that." in written


def test_what_was_written_judges_as_it_stands(root):
    start(root, "ACME-01", "--area", "cost")

    said = json.loads(run("check", "flight-delay", "--json", "--workbook", root).stdout)

    (finding,) = [f for f in said["findings"] if f["check"] == "ACME-01"]
    assert finding["status"] == "passed"
    assert finding["looked_at"][0].startswith("systems/flight-delay/system.yaml:")


def test_what_was_written_does_not_take_the_words_of_a_new_file_for_an_answer(root):
    new = shipped("templates") / "start" / "systems" / "my-system" / "system.yaml"
    own = root / "systems" / "flight-delay" / "system.yaml"
    claims = yaml.safe_load(own.read_text(encoding="utf-8"))
    claims["purpose"] = yaml.safe_load(new.read_text(encoding="utf-8"))["purpose"]
    own.write_text(yaml.safe_dump(claims), encoding="utf-8")
    start(root, "ACME-01")

    said = json.loads(run("check", "flight-delay", "--json", "--workbook", root).stdout)

    (finding,) = [f for f in said["findings"] if f["check"] == "ACME-01"]
    assert (finding["status"], finding["reason"]) == ("unknown", "missing")


def test_the_written_test_passes_as_it_stands_and_fails_once_the_check_is_wrong(root):
    start(root, "ACME-01")
    file = root / "checks" / "model_acme_01.py"

    def tested():
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "checks"],
            cwd=root, capture_output=True, text=True,
        )  # fmt: skip

    right = tested()
    file.write_text(file.read_text().replace("if short:", "if not short:"))
    wrong = tested()

    assert right.returncode == 0, right.stdout
    assert "4 passed" in right.stdout
    assert wrong.returncode == 1
    assert "3 failed" in wrong.stdout


def test_without_an_id_it_is_the_next_that_is_free(root):
    assert "checks/model_ours_01.py" in start(root).stdout
    assert "checks/model_ours_02.py" in start(root).stdout
    start(root, "ACME-07")
    start(root, "ACME-08")
    start(root, "ACME-10")

    assert "checks/model_acme_11.py" in start(root).stdout


def test_it_never_writes_over_a_file(root):
    start(root, "ACME-01")
    written = root / "checks" / "tests" / "test_acme_01.py"
    (root / "checks" / "model_acme_01.py").unlink()
    written.write_text("mine")

    refused = start(root, "ACME-01")

    assert refused.exception.exit_code == 2
    assert "checks/tests/test_acme_01.py: is there already" in str(refused.exception)
    assert written.read_text() == "mine"
    assert not (root / "checks" / "model_acme_01.py").exists()


@pytest.mark.parametrize(
    ("check_id", "said"),
    [
        ("ACME-1", "the id 'ACME-1' has the wrong form"),
        ("../x", "the id '../X' has the wrong form"),
        ("RBK-77", "the prefix RBK is that of checks that come with ops-model"),
    ],
)
def test_an_id_that_could_not_be_loaded_is_refused(root, check_id, said):
    refused = start(root, check_id)

    assert refused.exception.exit_code == 2
    assert said in str(refused.exception)
    assert not (root / "checks").exists()


def test_an_id_that_is_taken_is_refused_with_its_place(root):
    start(root, "ACME-01")

    refused = start(root, "ACME-01", "--area", "cost")

    assert "there is a check ACME-01 already, at checks/model_acme_01.py:" in str(
        refused.exception
    )
    assert "the next that is free is ACME-02" in str(refused.exception)


def test_what_is_switched_off_is_counted_printed_and_told_in_json(tmp_path):
    switch = {
        "check_id": "SEC-01",
        "reason": "another law holds for us",
        "decided_by": "flo-risk",
        "since": "2013-07-01",
    }
    policy = {"switched_off": [switch]}
    root = a_workbook(tmp_path / "off", policy=policy, compliance=None)

    said = run("check", "flight-delay", "--all", "--workbook", root).stdout
    found = json.loads(run("check", "flight-delay", "--json", "--workbook", root).stdout)

    assert [f["check"] for f in found["findings"] if f["switched_off"]] == ["SEC-01"]
    title = "Switched off by policy.yaml; judged, and the verdict is conditional (1)"
    section = said.split(title)[1]
    assert section.lstrip().startswith("? SEC-01 posture fits")
    assert "unknown (1 switched off)" in said
    assert "SEC-01" not in said.split("What stands in the way")[1].split("Switched off")[0]
