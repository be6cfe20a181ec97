"""What a check folder says of frameworks is read without trusting it, and every fault is told."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.domain.frameworks import Unread
from ops_model.store.register_file import read_register

FRAMEWORK = """\
frameworks:
  - key: house-rules
    title: Our house rules
    binding: false
    changes:
      - {on: 2026-01-01, status: in_force, certainty: sure}
    source: the intranet
    reviewed_by: p-014
    reviewed_on: 2026-10-01
"""
IDS = "framework,id,title\nhouse-rules,H1,be kind\n"
ROWS = "group,shows,framework,control,certainty\nACME,kindness,house-rules,H1,sure\n"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "checks"
    made.mkdir()
    return made


def read(folder, *, frameworks=FRAMEWORK, ids=IDS, rows=ROWS):
    for name, text in (
        ("frameworks.yaml", frameworks), ("control_ids.csv", ids), ("controls.csv", rows),
    ):  # fmt: skip
        if text is not None:
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    found = read_register(folder)
    return found.register, [str(p) for p in found.problems]


def test_the_three_files_are_read_and_every_row_knows_its_line(folder):
    register, problems = read(folder)

    assert problems == []
    assert register.framework("house-rules").title == "Our house rules"
    assert str(register.frameworks[0].where) == "checks/frameworks.yaml:2"
    assert str(register.controls[0].where) == "checks/control_ids.csv:2"
    assert str(register.mappings[0].where) == "checks/controls.csv:2"


def test_a_folder_without_them_says_nothing(folder):
    register, problems = read(folder, frameworks=None, ids=None, rows=None)

    assert (register.frameworks, register.controls, register.mappings) == ((), (), ())
    assert problems == []


def test_every_row_that_is_wrong_is_told_with_its_line_and_the_others_are_read(folder):
    rows = (
        "group,shows,framework,control,certainty,weak\n"
        'ACME,"kind, and more",house-rules,H1,sure,\n'
        "ACME,too,few\n\nACME,,house-rules,H2,sure,\nACME,x,house-rules,H3,sure,perhaps\n"
    )

    register, problems = read(folder, rows=rows)

    # What names something is kept of a row that is wrong elsewhere: it may be wrong there too.
    assert [m.control for m in register.mappings] == ["H1", "H2", "H3"]
    assert register.mappings[0].shows == "kind, and more"
    assert [p.split(": ")[0] for p in problems] == [
        "checks/controls.csv:3", "checks/controls.csv:5", "checks/controls.csv:6",
    ]  # fmt: skip
    assert "has 3 columns; expected 6" in problems[0]
    assert "shows" in problems[1]
    assert "weak is perhaps" in problems[2]
    assert all("to fix: " in p for p in problems)


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ("framework,title\nx,y\n", "has no column id"),
        ("framework,id,title,colour\nx,y,z,red\n", "has a column colour"),
        ("framework,id,title,title\nx,y,z,z\n", "names a column twice"),
        ("", "has no column framework, id, title"),
    ],
)
def test_a_wrong_header_is_told_alone(folder, ids, said):
    _, problems = read(folder, ids=ids)

    (problem,) = problems
    assert said in problem
    assert "write the header" in problem


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (b"framework,id,title\nx,y,\xff\n", "is no UTF-8 text"),
        (IDS.replace("kind", "kind\u202e"), "expected visible text"),
        (IDS.replace("be kind", '"be kind'), "cannot be read as CSV"),
        (IDS + "x" * 1_100_000, "1 MiB"),
    ],
)
def test_what_is_no_plain_text_is_refused(folder, ids, said):
    register, problems = read(folder, ids=ids)

    assert any(said in problem for problem in problems)
    assert not [c for c in register.controls if c.title != "be kind"]


def test_a_link_that_leaves_the_folder_or_leads_nowhere_is_told(folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path.parent / "outside.csv").write_text(IDS)
    (folder / "control_ids.csv").symlink_to(tmp_path.parent / "outside.csv")
    (folder / "frameworks.yaml").symlink_to(tmp_path / "nowhere.yaml")

    _, problems = read(folder, frameworks=None, ids=None, rows=None)

    assert len(problems) == 2


def test_a_pipe_is_refused_and_not_waited_for(folder):
    os.mkfifo(folder / "controls.csv")

    _, problems = read(folder, rows=None)

    assert any("is no plain file" in problem for problem in problems)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("in_force", "valid", "frameworks[0].changes[0].status is valid"),
        ("sure", "certain", "certainty is certain"),
        ("binding: false", "binding: perhaps", "binding is perhaps"),
        ("    source: the intranet\n", "", "source"),
        ("reviewed_on: 2026-10-01", "reviewed_on: soon", "reviewed_on is soon"),
        ("key: house-rules", "key: House rules", "key is House rules"),
        ("key: house-rules", "colour: red\n    key: house-rules", "colour"),
        ("key: house-rules", "key: *anchor", "alias"),
    ],
)
def test_what_is_wrong_with_a_framework_is_told_at_its_line(folder, old, new, said):
    _, problems = read(folder, frameworks=FRAMEWORK.replace(old, new, 1))

    assert not any("holds 0 items" in problem for problem in problems)
    assert any(said in p and p.startswith("checks/frameworks.yaml:") for p in problems)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Our house rules", "What every compliant system keeps"),
        ("the intranet", "certified by the board"),
        ("certainty: sure", "certainty: sure, note: a guaranteed start"),
    ],
)
def test_a_framework_claims_no_more_than_evidence_can_show(folder, old, new):
    _, problems = read(folder, frameworks=FRAMEWORK.replace(old, new, 1))

    (problem,) = problems
    assert "claims more than evidence can show" in problem
    assert problem.startswith("checks/frameworks.yaml:")


def test_no_row_of_a_list_does_either(folder):
    _, problems = read(
        folder, ids=IDS.replace("be kind", "be complian" "t"),
        rows=ROWS.replace("kindness", "non-complian" "t systems are told"),
    )  # fmt: skip

    assert [p.split(":")[0] for p in problems] == ["checks/control_ids.csv", "checks/controls.csv"]
    assert all("claims more than evidence can show" in problem for problem in problems)


CELLS = st.text(st.sampled_from('ab,"\n\r;: -[]{}é\t\\|=#&*'), max_size=60)


@given(yaml=CELLS, ids=CELLS, rows=CELLS)
@settings(max_examples=100, deadline=None)
def test_whatever_stands_in_them_is_read_or_told_and_raises_nothing(yaml, ids, rows):
    with tempfile.TemporaryDirectory() as folder:
        register, problems = read(
            Path(folder),
            frameworks=f"frameworks:\n  - {yaml}",
            ids=f"framework,id,title\n{ids}",
            rows=f"group,shows,framework,control,certainty\n{rows}",
        )

    assert problems or not register.frameworks


def test_what_could_not_be_read_of_a_folder_is_said(folder):
    (folder / "frameworks.yaml").write_text(FRAMEWORK.replace("in_force", "valid"))
    (folder / "control_ids.csv").write_text("framework,id,title\nhouse-rules,H1\n")

    found = read_register(folder)

    assert [f.key for f in found.register.frameworks] == ["house-rules"]
    assert found.unread == Unread(controls=True, parts=frozenset({"house-rules"}))


def test_a_folder_in_the_place_of_a_list_is_told_what_belongs_there(folder):
    (folder / "controls.csv").mkdir()

    (problem,) = read_register(folder).problems

    assert problem.remedy == "put a plain file of CSV in its place"
