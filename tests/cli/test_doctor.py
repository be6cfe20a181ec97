"""`ops-model doctor` as a process: what it prints, its exit code, and what it never prints."""

import json
import os
import subprocess
import sys
from resource import RUSAGE_CHILDREN, getrusage

import pytest

from ops_model.workflow.start import start_workbook


def doctor(*arguments, cwd=None, **variables):
    return subprocess.run(
        [sys.executable, "-m", "ops_model", "doctor", "--no-kernel", *arguments],
        capture_output=True, encoding="utf-8", cwd=cwd, env={**os.environ, **variables},
        timeout=120,
    )  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("doctor") / "book"
    start_workbook(folder, "scorer")
    file = folder / "ops-model.yaml"
    file.write_text(
        file.read_text() + "alert_routes: [{channel: page, address_in: OPS_MODEL_PAGE}]\n"
    )
    return folder


def test_outside_a_workbook_it_says_so_and_looks_at_the_rest(tmp_path):
    done = doctor(cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert "✓ python: 3." in done.stdout
    assert "none here or in a folder above" in done.stdout


def test_warnings_alone_are_no_failure(book):
    done = doctor("--workbook", str(book))

    assert (done.returncode, done.stderr) == (0, "")
    assert (
        "▲ page: OPS_MODEL_PAGE is not set here\n      to fix: set OPS_MODEL_PAGE" in done.stdout
    )
    assert "0 problems, 1 warning, " in done.stdout
    assert "in order, 4 not set up\n" in done.stdout
    assert (
        "○ lines: none: nothing is due by itself\n      to set up: write one: sch" in done.stdout
    )


def test_it_takes_less_than_five_seconds_of_work_without_a_kernel(book):
    before = getrusage(RUSAGE_CHILDREN)
    doctor("--workbook", str(book))
    after = getrusage(RUSAGE_CHILDREN)

    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5


def test_a_problem_is_exit_1_and_no_secret_is_printed(book):
    done = doctor("--workbook", str(book), "--json", OPS_MODEL_PAGE="bad s3cr3t-t0ken")
    told = json.loads(done.stdout)

    assert (done.returncode, told["problems"], done.stderr) == (1, 1, "")
    assert "s3cr3t" not in done.stdout
    assert {"part", "name", "state", "said", "remedy"} == set(told["lines"][0])


def test_a_workbook_that_was_named_and_is_none_is_wrong_use(tmp_path):
    done = doctor("--workbook", str(tmp_path))

    assert done.returncode == 2
    assert "no ops-model.yaml in this folder" in done.stderr


@pytest.mark.kernel
def test_a_kernel_starts_answers_and_ends_in_some_seconds():
    from ops_model.notebook.first_kernel import kernel_problem

    assert kernel_problem(seconds=60) == ""


@pytest.mark.kernel
def test_a_kernel_that_is_not_there_in_time_is_told():
    from ops_model.notebook.first_kernel import kernel_problem

    assert kernel_problem(seconds=0.001) != ""
