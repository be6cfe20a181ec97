"""YAML to a tree of text that knows its lines, whatever the file holds."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_model.store.yaml_nodes import read_yaml

CORPUS = sorted((Path(__file__).resolve().parents[1] / "faults" / "yaml").glob("*.yaml"))


def tree_of(text):
    tree, problems = read_yaml(text, "f.yaml")
    assert problems == []
    return tree


def problems_of(text):
    return [str(problem) for problem in read_yaml(text, "f.yaml")[1]]


@pytest.mark.parametrize(
    "written", ["NO", "yes", "12:30:45", "0123", "1.10", "2026-01-01", "1e3", "0x1F", "Null"]
)
def test_a_scalar_stays_the_text_that_stands_in_the_file(written):
    assert tree_of(f"key: {written}\n") == {"key": written}


@pytest.mark.parametrize("written", ["null", "~", "", "# a comment"])
def test_only_a_plain_null_is_nothing(written):
    assert tree_of(f"key: {written}\n") == {"key": None}


@pytest.mark.parametrize("written", ['"null"', "'~'", '""'])
def test_a_quoted_null_is_text(written):
    assert tree_of(f"key: {written}\n")["key"] is not None


def test_every_key_and_item_knows_its_line_by_a_dotted_path():
    tree = tree_of("a:\n  - x: 1\n    y: [p,\n        q]\nRBK-02:\n  age:\n    A: 3\n")

    lines = {path: place.line for path, place in tree.places.items()}

    assert lines == {
        "a": 1, "a.0": 2, "a.0.x": 2, "a.0.y": 3, "a.0.y.0": 3, "a.0.y.1": 4,
        "RBK-02": 5, "RBK-02.age": 6, "RBK-02.age.A": 7,
    }  # fmt: skip
    assert tree["a"][0].where.line == 2
    assert tree["RBK-02"].where.line == 5


def test_a_key_that_holds_a_dot_is_not_mistaken_for_a_path():
    tree = tree_of("a:\n  b: 1\na.b: 2\n")

    assert (tree["a"].places["b"].line, tree.places["a.b"].line) == (2, 3)


@pytest.mark.parametrize(
    "text", ["a:\n  b: [1, {c: 2}]\n", "a:\n  b: 1\na.b: 2\n", "a.b:\n  c: 1\na:\n  b: {c: 2}\n"]
)
def test_all_lines_at_once_are_those_that_each_key_is_asked_for(text):
    places = tree_of(text).places

    assert places.by_key() == {path: place.line for path, place in places.items()}


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "null\n"])
def test_an_empty_document_is_an_empty_mapping(text):
    assert tree_of(text) == {}


def test_a_duplicate_key_names_both_lines():
    assert problems_of("a: 1\nb: 2\na: 3\n") == [
        "f.yaml:3: a stands twice, in lines 1 and 3; expected it once\n"
        "  to fix: keep one of the two lines"
    ]


def test_an_id_that_stands_twice_in_one_list_names_both_lines():
    (problem,) = problems_of("people:\n  - id: ana\n  - id: ben\n  - id: ana\n")

    assert "f.yaml:4: id ana stands twice in one list, lines 2 and 4" in problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x 1\n", "has the anchor &x"),
        ("a: *x\n", "has the alias *x"),
        ("<<: {a: 1}\n", "has a merge key <<"),
        ("a: !!python/object/apply:os.system [ls]\n", "has the tag !!python/object/apply"),
        ("a: !local 1\n", "has the tag !local"),
        ("a: 1\n---\nb: 1\n", "begins a second document"),
        ("[a]: 1\n", "a key is a mapping or a list"),
        ("a:\n\tb: 1\n", "found a tab where only spaces may indent"),
        ("a: [1\n", "did not find expected ',' or ']'"),
        ("a: 'x\n", "found unexpected end of stream"),
        ("a: b: c\n", "mapping values are not allowed"),
        ("a: @x\n", "found character that cannot start any token"),
        ('a: "\\0"\n', "holds the control character U+0000"),
        ('a: "\\e[31m"\n', "holds the control character U+001B"),
        ("a: x\x00\n", "holds the control character U+0000"),
        ("a: x\u202ey\n", "holds the control character U+202E"),
        ("a: x\u2028y\n", "holds the control character U+2028"),
    ],
)
def test_what_a_claim_file_may_not_hold_is_refused_with_its_line(text, said):
    (problem, *_) = problems_of(text)

    assert said in problem
    assert problem.startswith("f.yaml:")
    assert "\n  to fix: " in problem


def test_a_control_character_never_comes_back_out_of_the_tree():
    tree, _ = read_yaml('a: "x\\e[31my"\n', "f.yaml")

    assert tree["a"].isprintable()


def test_a_quote_that_is_never_closed_names_the_line_where_it_opens():
    (problem,) = problems_of('a: 1\nb: "x\nc: 2\n')

    assert "begins in line 2" in problem


@pytest.mark.parametrize(
    "text",
    ["[" * 5_000, "[" * 500_000, "{a: " * 5_000, "- " * 5_000,
     "\n".join(" " * n + "a:" for n in range(200))],
    ids=["brackets", "many brackets", "braces", "dashes", "indentation"],
)  # fmt: skip
def test_deep_nesting_is_a_problem_and_not_a_crash(text):
    (problem,) = problems_of(text)

    assert "nested more than 50 levels deep; expected at most 50" in problem


def test_fifty_levels_are_read():
    text = "[" * 49 + "]" * 49

    assert tree_of(f"a: {text}\n")


def test_all_problems_of_a_file_are_told_at_once():
    problems = problems_of("a: &x 1\na: 2\nb: !t 3\nc: *x\n")

    assert [p.split(":")[1] for p in problems] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_no_file_of_the_corpus_is_read_without_a_problem(path):
    text = path.read_text(encoding="utf-8")

    _, problems = read_yaml(text, path.name)

    assert problems
    assert all(p.remedy for p in problems)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:-?[]{},'\"#&*!|>%@\\ \n\t\r\u0085\0~<=1", max_size=60))
def test_any_text_is_a_tree_or_problems_and_never_a_crash(text):
    tree, problems = read_yaml(text, "f.yaml")

    assert tree is not None or problems
    assert all("\n" not in problem.message for problem in problems)
