"""Guardrail results: a long table, the last result of each item, one version at a time."""

import json

import ibis
import pyarrow as pa
import pytest

from ops_model.analysis.guardrail import read_items, try_suite
from tests.analysis.tables import UTC_TIME, at

ROWS = [
    # suite, item, passed, version, day
    ("tricks", "i1", True, "v2", 1),
    ("tricks", "i2", False, "v2", 1),
    ("tricks", "i2", True, "v2", 2),  # tried again: the last counts
    ("tricks", "i3", True, "v2", 1),
    ("tricks", "i3", False, "v2", 1),  # two at one instant: the worse one counts
    ("tricks", "i4", None, "v2", 1),  # says nothing
    ("tricks", "i5", True, "v1", 3),  # another version
    ("other", "i6", False, "v2", 3),  # another suite
]


def results(rows=ROWS):
    suite, item, passed, version, day = zip(*rows, strict=True)
    rows = pa.table({
        "suite": suite, "item": item, "passed": pa.array(passed, pa.bool_()), "version": version,
        "at": pa.array([at(d) for d in day], UTC_TIME),
    })  # fmt: skip
    return ibis.duckdb.connect().create_table("results", rows)


def tried(items=None, label="v2", rows=ROWS):
    return try_suite(
        results(rows), suite="tricks", version=("version", label), timestamp="at", items=items
    )


def test_of_each_item_the_last_result_counts_and_of_two_at_once_the_worse():
    found = tried()

    assert (found.items, found.passed, found.untried) == (4, 2, 0)
    assert (found.first, found.last) == (at(1), at(2))


def test_an_item_that_was_never_tried_counts_as_not_answered_and_one_of_no_suite_not_at_all():
    found = tried(items={"i1", "i2", "i9"})

    assert (found.items, found.passed, found.untried) == (3, 2, 1)
    assert found.share.n == 3


def test_another_version_has_results_of_its_own_or_none():
    assert (tried(label="v1").items, tried(label="v1").passed) == (1, 1)
    assert tried(label="v3") is None
    assert tried(items={"i9"}) is None


@pytest.mark.parametrize(
    "text",
    ['{"item": "i1"}\n{"id": "i2", "question": "?"}\n\n', '["i1", {"item": "i2"}]', '"i1"\n"i2"'],
)
def test_items_are_a_list_or_a_line_each(text):
    assert read_items(text.encode()) == {"i1", "i2"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "an item at least"),
        (b"[]", "an item at least"),
        (b"i1\ni2", "a JSON list, or a JSON value in each line"),
        (b"\xff", "a JSON list"),
        (b"[" * 100_000, "a JSON list"),
        (json.dumps(["i1", "i1"]).encode(), "each item once, got 'i1' twice"),
        (b'[{"question": "?"}]', "an object with `item`"),
        (b"[1]", "each item to be a text"),
    ],
)
def test_what_holds_no_items_is_refused(text, said):
    with pytest.raises(ValueError, match=r"^expected") as error:
        read_items(text)

    assert said in str(error.value)
