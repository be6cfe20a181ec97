"""`ops-model drill game-day`: the promised keys, text to be read aloud, the list, attendance."""

import json

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.domain.scenarios import SHIPPED_SCENARIOS
from ops_model.store.scenarios import shipped_scenarios
from ops_model.store.workbook import read_workbook
from ops_model.workflow.game_day import game_day
from ops_model.workflow.open import Book, snapshot_now
from tests.builders import AS_OF, a_workbook
from tests.domain.test_four_hours import FULL, MINUTES, MODE

FIRST, SECOND = {**MODE, "scenarios": ["G30"]}, {**MODE, "id": "other", "scenarios": ["G30"]}
OWN = {
    "id": "G30",
    "title": "It answers nonsense",
    "prompt": "Two in the morning; it answers nonsense.",
    "failures": ["wrong_output"],
    "injects": [{"minute": "20", "text": "A desk calls."}],
    "questions": [{"minute": "12", "ask": "Who goes back?", "resolver": "rolls-back-alone"}],
}


def a_book(root, *scenarios, modes=(FIRST, SECOND)):
    a_workbook(root, **{**FULL, "identity": {"failure_modes": list(modes)}})
    (root / "scenarios").mkdir()
    for scenario in scenarios or (OWN,):
        path = root / "scenarios" / f"{scenario['id']}.yaml"
        path.write_text(json.dumps(scenario), encoding="utf-8")
    return root


def drill(root, *arguments, kind="game-day"):
    line = ["drill", kind, "flight-delay", *arguments, "--workbook", str(root)]
    return CliRunner().invoke(ops_model, line)


def attest(root, digest, person):
    words = ["--as", person, "--text", "I was there, and this is how we answered."]
    line = ["attest", "flight-delay", "--topic", "attendance", "--of", digest, *words]
    return CliRunner().invoke(ops_model, [*line, "--workbook", str(root)])


def finding(root, check):
    line = ["check", "flight-delay", "--json", "--workbook", str(root)]
    said = json.loads(CliRunner().invoke(ops_model, line).stdout)
    return next(f for f in said["findings"] if f["check"] == check)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return a_book(tmp_path_factory.mktemp("walked"))


@pytest.fixture(scope="module")
def walked(root):
    """One walk, as text and as JSON: a run each."""
    return drill(root, "--scenario", "G30", "--json"), drill(root, "--scenario", "g30")


@pytest.mark.kernel
def test_the_promised_keys_are_there_and_gaps_make_the_exit_1(walked):
    told = json.loads(walked[0].stdout)

    assert walked[0].exit_code == walked[1].exit_code == 1
    assert (told["scenario"], told["at"]) == ("G30", "2013-07-27T02:00:00Z")
    assert set(told["minutes"]) == {"page", "decide", "contain", "inform"}
    assert [step["minute"] for step in told["steps"]] == sorted([*MINUTES, 12])
    assert {"minute", "question", "answer", "who", "ok", "check"} <= set(told["steps"][0])
    assert [gap["check"] for gap in told["gaps"]] == ["INC-01", "ONC-05", "OBS-05", "RBK-02"]
    assert told["declared_only"] is None


@pytest.mark.kernel
def test_the_text_fits_a_terminal_and_is_read_aloud_from_the_top_with_names(walked):
    text = walked[1].stdout
    said = text.splitlines()

    assert all(len(line) <= 100 for line in said if "ops-model attest" not in line)
    assert said[0] == "flight-delay: G30 It answers nonsense, Sat 27 Jul 2013, 02:00 UTC"
    assert said[2] == "  Two in the morning; it answers nonsense."
    assert "T+5    ✓ ok     Whose phone rings, and who next?  [Ana Ruiz]" in said
    assert "T+20   ▲ known  A desk calls." in said
    assert "ana-ruiz" not in text
    assert "✖ 4 of 15 questions have no answer (INC-01, ONC-05, OBS-05, RBK-02)" in text


@pytest.mark.kernel
def test_whoever_was_there_says_so_with_the_command_that_is_printed(walked, root):
    text = walked[1].stdout
    digest = next(word for word in text.split() if word.startswith("sha256:"))
    before = finding(root, "INC-07")

    said = [attest(root, digest, person) for person in ("ana-ruiz", "bo-li")]

    assert [result.exit_code for result in said] == [0, 0]
    assert "scenario G30 of 2013-07-22: 0 of those who were there say so" in before["message"]
    # Nobody was there for the other failure, which nobody walked.
    after = finding(root, "INC-07")["message"]
    assert after == "no such measurement: 1 scenario never walked (other: G30)"


@pytest.mark.kernel
def test_all_walks_each_failure_that_names_a_scenario(walked, root):
    result = drill(root, "--all", "--json")

    told = json.loads(result.stdout)["walked"]
    assert [(one["scenario"], one["failure_mode"]) for one in told] == [
        ("G30", "wrong"), ("G30", "other"),
    ]  # fmt: skip
    assert result.exit_code == 1


@pytest.mark.kernel
def test_the_list_tells_when_each_was_walked_last_and_what_it_found(walked, root):
    result = drill(root, "--list", "--json")

    told = {one["scenario"]: one for one in json.loads(result.stdout)["scenarios"]}
    assert result.exit_code == 0
    assert told["G30"]["last_walked"] == "2013-07-22T08:00:00Z"
    assert (told["G30"]["own"], len(told["G30"]["gaps"])) == (True, 4)
    assert (told["G01"]["last_walked"], told["G01"]["own"]) == (None, False)


def test_the_list_leaves_out_what_tries_another_kind(tmp_path):
    other = {**OWN, "id": "G31", "kinds": ["agent"]}

    result = drill(a_book(tmp_path, OWN, other), "--list", "--json")

    ids = {one["scenario"] for one in json.loads(result.stdout)["scenarios"]}
    assert "G30" in ids
    assert "G31" not in ids
    assert ids <= SHIPPED_SCENARIOS | {"G30"}


def test_the_list_is_text_of_a_terminal(tmp_path):
    said = drill(a_book(tmp_path), "--list").stdout.splitlines()

    assert all(len(line) <= 100 for line in said)
    assert "G30   wrong    never                 It answers nonsense  (your own)" in said


def test_a_scenario_in_the_place_of_ours_is_said_aloud(tmp_path):
    result = drill(a_book(tmp_path, {**OWN, "id": "G01"}), "--list")

    assert "scenarios/G01.yaml:1: stands in the place of our G01" in result.stderr
    assert "It answers nonsense" in result.stdout


def test_one_that_asks_less_than_ours_is_walked_and_says_that_it_does_not_count_as_ours(tmp_path):
    root = a_book(tmp_path, {**OWN, "id": "G16"})
    ours = next(one for one in shipped_scenarios() if one.id == "G16")
    book = Book(root, snapshot_now(root, read_workbook(root), "flight-delay", as_of=AS_OF))

    said = drill(root, "--list").stderr
    left_out = game_day(book, "G16").record.left_out

    assert left_out == tuple(question.ask for question in ours.questions)
    assert f"asks fewer questions and does not count as it: {' '.join(left_out)}" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scenario", "G31"], "there is no scenario 'G31'"),
        (["--scenario", ""], "no scenario is named"),
        (["--scenario", "G30", "--failure-mode", "gone"], "has no failure mode 'gone'"),
        (["--scenario", "G30", "--at", "soon"], "--at is 'soon'; expected an instant"),
        (["--scenario", "G30", "--list"], "expected one of --scenario, --list and --all"),
        ([], "expected one of --scenario, --list and --all"),
        (["--all", "--failure-mode", "wrong"], "--failure-mode is about one scenario"),
    ],
)
def test_what_cannot_be_walked_is_refused_before_anything_is_recorded(tmp_path, arguments, said):
    result = drill(a_book(tmp_path), *arguments)

    assert result.exit_code != 0
    assert said in str(result.exception)
    assert result.exception.exit_code == 2
    assert not (tmp_path / "ledger.db").exists()
    assert not (tmp_path / "runs").exists()


def test_a_failure_that_names_a_scenario_of_another_kind_is_refused(tmp_path):
    result = drill(a_book(tmp_path, {**OWN, "kinds": ["agent"]}), "--all")

    assert "scenario G30 tries agent; flight-delay is of kind predictive" in str(result.exception)


def test_all_without_a_scenario_that_is_named_says_how_to_name_one(tmp_path):
    result = drill(a_book(tmp_path, modes=[MODE | {"scenarios": []}]), "--all")

    assert "no failure of the system names a scenario" in str(result.exception)


def test_a_scenario_is_written_from_a_post_mortem(tmp_path):
    incident = {
        "id": "storm", "title": "A storm", "severity": "sev2", "state": "detected",
        "detected_by": "staff", "detected_at": "2013-06-01T02:00:00Z", "failure_mode": "wrong",
        "post_mortem": {"owner": "bo-li", "due": "2013-06-05"},
    }  # fmt: skip
    root = a_workbook(tmp_path, **{**FULL, "incidents": [incident]})

    result = drill(root, "storm", kind="scenario-from")

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == "wrote scenarios/G25.yaml: A storm"
    assert (root / "scenarios/G25.yaml").is_file()
