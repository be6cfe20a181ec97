"""Where two records differ, by path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_model.domain.differences import differing_paths, told_paths
from ops_model.domain.values import canonical_bytes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-1, 1) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner,
                                                               max_size=3),
    max_leaves=8,
)  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["a"]),
        ({"days": [{"n": 1}, {"n": 2}]}, {"days": [{"n": 1}, {"n": 3}]}, ["days[1].n"]),
        ({"days": [1]}, {"days": [1, 2]}, ["days[1]"]),
        ({"a": 1}, {"b": 1}, ["a", "b"]),
        ({"a": None}, {}, ["a"]),
        ({"a": {"b": 1}}, {"a": [1]}, ["a"]),
        ({"a": 1}, {"a": True}, ["a"]),
        (1, 2, ["the whole value"]),
    ],
)
def test_each_place_that_is_not_the_same_is_named(before, after, paths):
    assert list(differing_paths(before, after)) == paths


def test_of_many_places_three_are_named_and_the_rest_is_counted():
    before, after = {"days": [0] * 9}, {"days": [1] * 9}

    assert told_paths(before, after) == "days[0], days[1], days[2] and 6 more"


@given(JSON)
def test_nothing_differs_from_itself(value):
    assert told_paths(value, value) == ""


@given(JSON, JSON)
def test_what_has_another_canonical_form_is_told_of(before, after):
    if canonical_bytes({"v": before}) != canonical_bytes({"v": after}):
        assert told_paths(before, after)
