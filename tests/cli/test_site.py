import json
import subprocess
import sys

import pytest

from tests.workflow.tiny import a_workbook, add_second_system

BROKEN = "systems/support-assistant/cost.yaml"


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


def test_a_system_that_cannot_be_read_is_told_and_the_site_of_the_others_is_there(root):
    add_second_system(root)
    (root / BROKEN).write_text("ceilings: 7\n", encoding="utf-8")

    done = site(root)

    assert done.returncode == 2
    assert done.stdout == f"{root / 'site' / 'index.html'}\n"
    assert f"{BROKEN}:1" in done.stderr
    assert "1 of 2 systems could not be read" in (root / "site" / "index.html").read_text()


def test_json_names_the_problems_of_what_could_not_be_read(root):
    add_second_system(root)
    (root / BROKEN).write_text("ceilings: 7\n", encoding="utf-8")

    done = site(root, "--json")

    told = json.loads(done.stdout)
    assert told["index"] == str(root / "site" / "index.html")
    # `currency` is missing, and the ceilings are no list.
    assert {one["where"] for one in told["problems"]} == {f"{BROKEN}:1"}
    assert [sorted(one) for one in told["problems"]] == [["what", "where"]] * 2
    assert done.returncode == 2


def test_where_no_system_can_be_read_the_site_of_before_stays(root):
    assert site(root).returncode == 0
    before = (root / "site" / "index.html").read_text()
    (root / "systems" / "flight-delay" / "cost.yaml").write_text("ceilings: 7\n", encoding="utf-8")

    done = site(root, "--json")

    assert (done.returncode, done.stdout) == (2, "")
    assert "systems/flight-delay/cost.yaml:1" in done.stderr
    assert (root / "site" / "index.html").read_text() == before
