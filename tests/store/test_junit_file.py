"""JUnit XML as test runners write it, and files that are none."""

import os
import subprocess
import sys

import pytest

from ops_model.errors import OpsModelError
from ops_model.store.junit_file import LARGEST_JUNIT, read_junit

CASES = """\
<?xml version="1.0" encoding="utf-8"?>
<testsuites tests="99"><testsuite name="a" tests="4" failures="1">
  <testcase name="one"/>
  <testcase name="two"><failure message="x">trace</failure><error/></testcase>
  <testcase name="three"><skipped/></testcase>
  <testcase name="four"><system-out>&lt;failure&gt;</system-out></testcase>
  <testsuite name="b"><testcase name="five"><error/></testcase></testsuite>
</testsuite></testsuites>
"""


def written(tmp_path, content, name="junit.xml"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_cases_are_counted_and_no_sum_that_stands_above_them(tmp_path):
    found = read_junit(written(tmp_path, CASES))

    # five cases, one of them skipped; `two` failed twice and is one
    assert (found.ran, found.not_passed) == (4, 2)


def test_the_file_is_identified_by_its_name_size_and_digest(tmp_path):
    identity = read_junit(written(tmp_path, CASES)).identity

    assert (identity.address, identity.bytes) == ("junit.xml", len(CASES))
    assert identity.digest.startswith("sha256:")


def test_what_pytest_itself_writes_is_read(tmp_path):
    written(
        tmp_path,
        "import pytest\n"
        "def test_a(): pass\n"
        "def test_b(): assert False\n"
        "@pytest.mark.skip\ndef test_c(): pass\n",
        "test_sample.py",
    )
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junit-xml=j.xml",
         "test_sample.py"],
        cwd=tmp_path, capture_output=True,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip

    found = read_junit(tmp_path / "j.xml")

    assert (found.ran, found.not_passed) == (2, 1)


def test_an_error_of_a_suite_that_belongs_to_no_case_counts(tmp_path):
    found = read_junit(written(tmp_path, "<testsuite><error/><testcase/></testsuite>"))

    assert (found.ran, found.not_passed) == (1, 1)


def test_names_in_a_namespace_are_read(tmp_path):
    found = read_junit(written(tmp_path, '<testsuite xmlns="urn:x"><testcase/></testsuite>'))

    assert found.ran == 1


BOMB = """\
<!DOCTYPE t [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<testsuite><testcase name="&b;"/></testsuite>
"""
ELSEWHERE = '<!DOCTYPE t SYSTEM "file:///etc/passwd"><testsuite><testcase/></testsuite>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (BOMB, "declares a document type"),
        (ELSEWHERE, "declares a document type"),
        (CASES[:-20], "is no whole XML"),
        ("", "is no whole XML"),
        ("not xml", "is no whole XML"),
        ("<html><testcase/></html>", "begins with <html>"),
        (b"<testsuite>\xff\xfe</testsuite>", "is no whole XML"),
        ("<testsuite>&unknown;</testsuite>", "is no whole XML"),
    ],
)
def test_what_is_no_junit_xml_is_refused_with_its_place(tmp_path, content, said):
    path = written(tmp_path, content)

    with pytest.raises(OpsModelError) as refused:
        read_junit(path)

    (problem,) = refused.value.problems
    assert said in problem.message
    assert problem.where == str(path)
    assert refused.value.exit_code == 3


def test_a_file_without_end_is_left_off_at_the_bound(tmp_path):
    path = tmp_path / "large.xml"
    with path.open("wb") as file:
        file.write(b"<testsuite><testcase/>")
        for _ in range(LARGEST_JUNIT >> 20):
            file.write(b" " * (1 << 20))

    with pytest.raises(OpsModelError, match="is larger than 64 MB"):
        read_junit(path)


def test_a_file_that_is_not_there_is_an_error_and_no_traceback(tmp_path):
    with pytest.raises(OpsModelError, match="cannot be read: No such file"):
        read_junit(tmp_path / "none.xml")
