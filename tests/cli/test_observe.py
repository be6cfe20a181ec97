"""`ops-model observe env` as a build runs it, and as a person does."""

import json
import re
import shutil

import pytest
from click.testing import CliRunner

from ops_model.cli import ops_model
from ops_model.domain.trials import EnvironmentRecord
from ops_model.errors import UsageError
from ops_model.store.ledger import Ledger
from ops_model.store.workbook import read_workbook
from tests.cli.test_attest import FILES
from tests.conftest import require
from tests.store.test_git_commit import git
from tests.store.test_junit_file import CASES
from tests.workflow.test_ci_variables import AZURE, GITHUB, GITLAB, JENKINS

NO_SERVICE = dict.fromkeys([*AZURE, *GITHUB, *GITLAB, *JENKINS])
"""A build service may run this test; it is not what the test is about."""
GREEN = "<testsuite><testcase/><testcase/></testsuite>"
MODEL = "sha256:" + "e6" * 32
SYSTEM = FILES["systems/flight-delay/system.yaml"]
CHANGE = """\
environments:
  - {id: gates, environment: prod, taken_at: 2013-07-01T08:00:00Z, hardware: a rack}
build: {run: [python, -c, %s, "{out}"], artefact: model.bin, seconds: 20}
"""
BUILDS = "\"import sys, pathlib; pathlib.Path(sys.argv[1], 'model.bin').write_text('weights')\""


def written(root, *, change=CHANGE % BUILDS, version=""):
    line = "version: {label: v2, model_ref: v2.json, "
    system = SYSTEM.replace(line, line + version)
    files = {
        **FILES, "systems/flight-delay/system.yaml": system,
        "systems/flight-delay/change.yaml": change, "green.xml": GREEN, "red.xml": CASES,
    }  # fmt: skip
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


@pytest.fixture
def workbook(tmp_path):
    return written(tmp_path / "workbook")


def observe(root, *words, variables=None):
    asked = ["observe", "env", "flight-delay", "--workbook", str(root), *map(str, words)]
    return CliRunner().invoke(ops_model, asked, env={**NO_SERVICE, **(variables or {})})


def on_record(root):
    if not (root / "ledger.db").exists():
        return None
    with Ledger.open(root / "ledger.db") as ledger:
        found = [s.record for s in ledger.statements("flight-delay")]
    return found[-1] if found and isinstance(found[-1], EnvironmentRecord) else None


def test_a_build_records_its_run_its_commit_and_its_tests_without_a_person(workbook):
    result = observe(workbook, "--junit", workbook / "green.xml", variables=GITHUB)

    assert result.exit_code == 0, result.output
    record = on_record(workbook)
    assert (record.tests, record.ci_passed) == (2, True)
    assert record.ci_run == "https://github.com/air/delays/actions/runs/7"
    assert record.commit == "a" * 40
    assert record.sources == (
        "tests: counted in green.xml",
        "ci_run: GitHub Actions",
        "commit: GitHub Actions, in no checkout",
    )
    assert [i.address for i in record.inputs] == ["green.xml"]


def test_what_nobody_looked_at_is_unknown_in_the_record(workbook):
    observe(workbook, "--junit", workbook / "green.xml")

    record = on_record(workbook)
    assert (record.ci_run, record.commit, record.pull_request, record.lead_time) == (None,) * 4
    assert (record.compared_with, record.rebuilt_alike) == (None, None)


def test_tests_of_several_files_are_added_and_one_that_failed_fails_the_build(workbook):
    result = observe(
        workbook, "--junit", workbook / "green.xml", "--junit", workbook / "red.xml"
    )  # fmt: skip

    assert result.exit_code == 1
    assert (on_record(workbook).tests, on_record(workbook).ci_passed) == (6, False)


def test_a_file_that_is_named_twice_is_counted_once(workbook):
    green = workbook / "green.xml"

    observe(workbook, "--junit", green, "--junit", green.parent / "systems" / ".." / "green.xml")

    assert on_record(workbook).tests == 2


@pytest.mark.parametrize("said", ["", "x" * 501, "build\x1b[2J7"])
def test_a_name_of_a_build_that_nobody_could_read_is_refused(workbook, said):
    refused = observe(workbook, "--ci-run", said)

    assert refused.exception.exit_code == 2
    assert on_record(workbook) is None


def test_a_run_without_a_single_test_has_not_passed(workbook):
    (workbook / "none.xml").write_text("<testsuite/>")

    assert observe(workbook, "--junit", workbook / "none.xml").exit_code == 1


def test_what_somebody_says_is_kept_apart_from_what_was_seen(workbook):
    observe(
        workbook, "--ci-run", "https://bot:s3cret@ci/7", "--pull-request", "models/7",
        "--reviewed-by", "k-berg",
    )  # fmt: skip

    record = on_record(workbook)
    assert (record.reviewed_by, record.reviewers_said) == ((), ("k-berg",))
    assert "s3cret" not in record.ci_run
    assert record.sources[-1] == "reviewers_said: said by --reviewed-by, not seen"


def test_a_reader_who_does_not_work_here_is_refused_and_nothing_recorded(workbook):
    refused = observe(workbook, "--pull-request", "models/7", "--reviewed-by", "nobody")

    assert isinstance(refused.exception, UsageError)
    assert on_record(workbook) is None


def test_without_anything_to_look_at_nothing_is_recorded(workbook):
    refused = observe(workbook)

    assert refused.exception.exit_code == 2
    assert "nothing to look at" in str(refused.exception)


MESSAGE = "Train again\n\nReviewed-by: K Berg <k@x>\nReviewed-by: M Ito <m@x>\nReviewed-by: Nobody"


@pytest.fixture
def checkout(tmp_path):
    require(shutil.which("git") is not None, "git")
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, "commit", "-q", "--allow-empty", "-m", MESSAGE, GIT_AUTHOR_NAME="M Ito",
        GIT_COMMITTER_DATE="2013-06-28T18:00:00Z")  # fmt: skip
    return folder


def test_a_commit_in_a_checkout_gives_its_lead_time_and_the_readers_that_it_names(
    tmp_path, checkout
):
    sha = git(checkout, "rev-parse", "HEAD")
    root = written(tmp_path / "workbook", version=f"code_commit: '{sha[:12]}', ")

    result = observe(root, "--repository", checkout)

    record = on_record(root)
    # From Friday at 18:00 until Monday at midnight.
    assert (record.lead_time.value, record.lead_time.unit) == (54.0, "h")
    # Its author reads nothing of their own, and Nobody is nobody.
    assert record.reviewed_by == ("k-berg",)
    assert record.commit == sha
    assert "nobody in people.yaml: Nobody" in result.stdout


def test_a_commit_that_is_not_the_versions_has_no_lead_time(tmp_path, checkout):
    sha = git(checkout, "rev-parse", "HEAD")
    root = written(tmp_path / "workbook", version="code_commit: abcdef0, ")

    observe(root, "--repository", checkout, "--commit", sha)

    assert on_record(root).lead_time is None


def test_a_commit_that_is_younger_than_its_service_has_no_lead_time_and_says_so(
    tmp_path, checkout
):
    git(checkout, "commit", "-q", "--allow-empty", "-m", "x",
        GIT_COMMITTER_DATE="2013-07-02T00:00:00Z")  # fmt: skip
    sha = git(checkout, "rev-parse", "HEAD")
    root = written(tmp_path / "workbook", version=f"code_commit: {sha}, ")

    result = observe(root, "--repository", checkout)

    assert on_record(root).lead_time is None
    assert "no lead time: the commit is younger" in result.stdout


def test_a_version_that_is_yet_to_go_live_has_no_lead_time(tmp_path, checkout):
    sha = git(checkout, "rev-parse", "HEAD")
    root = written(tmp_path / "workbook", version=f"code_commit: {sha}, ")

    observe(root, "--repository", checkout, "--as-of", "2013-06-30T00:00:00Z")

    assert on_record(root).lead_time is None


def test_a_commit_that_the_checkout_does_not_have_is_refused(workbook, checkout):
    refused = observe(workbook, "--repository", checkout, "--commit", "f" * 40)

    assert refused.exception.exit_code == 2
    assert on_record(workbook) is None


def test_a_checkout_without_a_commit_to_look_for_is_refused(workbook, checkout):
    refused = observe(workbook, "--repository", checkout)

    assert "nothing names the commit" in str(refused.exception)


def rebuilt(tmp_path, *, change=CHANGE % BUILDS, digest=None):
    import hashlib

    digest = digest or hashlib.sha256(b"weights").hexdigest()
    root = written(
        tmp_path / "workbook", change=change, version=f"model_digest: 'sha256:{digest}', "
    )
    return root, observe(root, "--rebuild")


def test_a_second_build_that_comes_out_the_same_is_recorded_as_such(tmp_path):
    root, result = rebuilt(tmp_path)

    assert result.exit_code == 0, result.output
    assert on_record(root).rebuilt_alike is True
    assert "it came out the same" in result.stdout


def test_a_second_build_that_comes_out_otherwise_fails(tmp_path):
    root, result = rebuilt(tmp_path, digest="0" * 64)

    assert result.exit_code == 1
    assert on_record(root).rebuilt_alike is False


def test_a_build_that_fails_is_recorded_without_what_it_said(tmp_path):
    fails = CHANGE % "\"import sys; print('key abc', file=sys.stderr); sys.exit(1)\""

    root, result = rebuilt(tmp_path, change=fails)

    assert result.exit_code == 1
    assert on_record(root).rebuild_problem == "the build: exit 1"
    assert "it said: key abc" in result.stdout
    assert b"key abc" not in (root / "ledger.db").read_bytes()


@pytest.mark.parametrize(
    ("change", "version", "said"),
    [
        ("requests: []\n", f"model_digest: '{MODEL}', ", "no build is declared"),
        (CHANGE % BUILDS, "", "pins neither model_digest nor image_digest"),
    ],
)
def test_what_cannot_be_compared_is_not_built(tmp_path, change, version, said):
    root = written(tmp_path / "workbook", change=change, version=version)

    refused = observe(root, "--rebuild")

    assert refused.exception.exit_code == 2
    assert said in str(refused.exception)


def test_an_environment_is_printed_as_it_is_pasted_and_then_does_not_differ(workbook):
    taken = observe(workbook, "--take", "gates-today", "--environment", "prod",
                    "--config", workbook / "people.yaml")  # fmt: skip
    change = "environments:\n" + "".join(f"  {line}\n" for line in taken.stdout.splitlines())
    (workbook / "systems/flight-delay/change.yaml").write_text(change)

    (snapshot,) = read_workbook(workbook).systems[0].change.environments
    same = observe(workbook, "--compare", "--config", workbook / "people.yaml")
    other = observe(workbook, "--compare", "--config", workbook / "ops-model.yaml")

    assert taken.exit_code == same.exit_code == 0, same.output
    assert (snapshot.id, snapshot.environment) == ("gates-today", "prod")
    assert "config is sha256:" in other.stdout
    assert [d.member for d in on_record(workbook).differences] == ["config"]


def test_a_difference_is_recorded_by_the_beginning_of_a_digest_alone(workbook):
    digest = "sha256:" + "d" * 64
    change = (workbook / "systems/flight-delay/change.yaml").read_text()
    change = change.replace("hardware: a rack", f"packages_digest: '{digest}'")
    (workbook / "systems/flight-delay/change.yaml").write_text(change)

    observe(workbook, "--compare")

    (found,) = on_record(workbook).differences
    assert found.in_production == "sha256:dddddddddddd"
    assert re.fullmatch("sha256:[0-9a-f]{12}", found.here)
    assert on_record(workbook).compared_with == "gates"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("requests: []\n", "production is not described"),
        ("environments:\n  - {id: p, environment: prod, taken_at: 2013-07-01T08:00:00Z}\n",
         "nothing is written of p that can be seen here"),
    ],
)  # fmt: skip
def test_production_that_is_not_described_is_compared_with_nothing(tmp_path, change, said):
    root = written(tmp_path / "workbook", change=change)

    refused = observe(root, "--compare")

    assert refused.exception.exit_code == 2
    assert said in str(refused.exception)


@pytest.mark.parametrize("name", ["Not An Id", "a: {b}"])
def test_an_environment_without_a_proper_id_is_not_printed(workbook, name):
    assert observe(workbook, "--take", name).exception.exit_code == 2


def test_json_is_one_object(workbook):
    result = observe(workbook, "--junit", workbook / "green.xml", "--json")

    told = json.loads(result.stdout)
    assert (told["tests"], told["ci_passed"], told["rebuilt_alike"]) == (2, True, None)
    assert told["lead_time_hours"] is None
