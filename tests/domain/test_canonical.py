"""The fast ways to canonical JSON give the bytes of the library, or leave it to the library."""

import json

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from ops_model.domain.canonical import canonical_json, read_exactly

SAFE = 2**53 - 1
NUMBERS = st.integers(-SAFE, SAFE) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
REFUSED = [
    {"share": float("nan")},
    {"share": float("-inf")},
    {"count": SAFE + 1},
    {"count": -SAFE - 1},
    {"text": "\ud800"},
    {"\udfff": 1},
    {1: "a key that is no text"},
    {"a": [{None: 1}]},
    {"a": 1, 2: 3},
    {"set": {1, 2}},
    {"bytes": b"x"},
]


@given(VALUES)
@example({"\U0001f600": 1, "\uffee": 2})
@example({"a": [1.0, -0.0, 1e16, 1e21, 1e-7, 1e-5, 123456789.5, 5e-324]})
@example({"a": '\x00\x1f\x7f\u2028"\\/\b\f\n\r\té\U0001f600'})
@example([True, False, None, [], {}, ""])
def test_every_value_has_the_bytes_that_the_library_gives_it(value):
    assert canonical_json(value) == rfc8785.dumps(value)


@given(VALUES)
@example({"a": {"b": 1, "c": [0.5, "x"]}, "d": 2**53 - 1})
def test_what_is_read_is_what_was_written(value):
    written = rfc8785.dumps({"entry": value})

    content = read_exactly(written)

    assert content is None or rfc8785.dumps(content) == written


def test_a_plain_record_is_read_the_fast_way():
    record = {"days": [{"day": "2013-07-01", "share": 0.25, "n": 1204}], "kind": "quality"}

    assert read_exactly(rfc8785.dumps(record)) == record


@pytest.mark.parametrize("value", REFUSED, ids=repr)
def test_what_has_no_canonical_form_is_refused_as_by_the_library(value):
    with pytest.raises(ValueError, match=r"\S") as by_library:
        rfc8785.dumps(value)
    with pytest.raises(type(by_library.value)):
        canonical_json(value)


@pytest.mark.parametrize(
    "stored",
    [
        b'{"a":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b'{"a":1} ',
        b'{"a":-0}',
        b'{"a":1e-07}',
        b'{"a":0.10}',
        b'{"a":9007199254740992}',
        b'{"a":[1,9007199254740992]}',
        b"[9007199254740992]",
        b'{"a":NaN}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\xff"}',
        b'{"a":"\\ud800"}',
        b"[" * 100_000,
        b"",
        b"{",
        b"1",
    ],
)
def test_bytes_that_may_mean_something_else_are_left_to_a_closer_look(stored):
    assert read_exactly(stored) is None


@pytest.mark.parametrize("stored", [b'{"b":1,"a":2}', b'{"a":1.0}', b'{"a":-0.0}'])
def test_bytes_that_what_was_read_gives_again_are_believed_in_any_order(stored):
    assert read_exactly(stored) == json.loads(stored)


def test_a_tuple_is_written_as_a_list():
    assert (
        canonical_json({"a": (1, ("x",))})
        == json.dumps({"a": [1, ["x"]]}, separators=(",", ":")).encode()
    )
