import json
import subprocess
import sys

import pytest

from tests.workflow.tiny import a_workbook


def site(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "ops_model", "site", *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def root(tmp_path):
    return a_workbook(tmp_path)


def test_it_prints_the_path_of_the_first_page(root):
    done = site(root)

    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{root / 'site' / 'index.html'}\n"


def test_json_is_one_object_with_the_path_and_the_instant(root):
    done = site(root / "systems", "--json")

    assert json.loads(done.stdout) == {
        "index": str(root / "site" / "index.html"), "as_of": "2013-07-22T08:00:00Z",
    }  # fmt: skip


def test_as_of_wins_over_the_pinned_instant(root):
    done = site(root, "--as-of", "2013-07-23T08:00:00Z")

    assert done.returncode == 0, done.stderr
    assert "as of 23 Jul 2013, 08:00 UTC" in (root / "site" / "index.html").read_text()


def test_no_workbook_is_wrong_use_and_says_what_to_do(tmp_path):
    done = site(tmp_path)

    assert done.returncode == 2
    assert "ops-model init" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_faulty_workbook_is_told_with_its_place(root):
    (root / "people.yaml").write_text("people: 7\n", encoding="utf-8")

    done = site(root)

    assert done.returncode == 2
    assert "people.yaml:1" in done.stderr
