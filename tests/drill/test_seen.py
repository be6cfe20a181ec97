"""What a server says of its versions, held against what system.yaml describes."""

import pytest

from ops_model.drill.seen import Seen, feature_spec, other_features, rests_on, seen, wrong_model
from ops_model.drill.spec import Described
from ops_model.drill.traffic import Answer

A, B, C = (f"sha256:{letter * 64}" for letter in "abc")


def an_answer(**body):
    return Answer("r", 0, 0, 200, {"request_id": "r", **body})


def test_the_digest_is_the_one_that_the_answers_name_and_not_the_servers_word():
    found = seen([an_answer(digest=A), an_answer(digest=A)], {"digest": B}, {})

    assert found.served_digest == A


def test_without_a_digest_in_the_answers_it_is_the_one_that_the_server_names():
    assert seen([an_answer()], {"digest": B}, {}).served_digest == B
    assert seen([an_answer()], {}, {}).served_digest is None


@pytest.mark.parametrize("digest", ["v1", 7, None, "sha256:ABC", ["x"]])
def test_what_is_no_digest_is_left_out(digest):
    assert seen([an_answer(digest=digest)], {}, {}).served_digest is None


def test_another_model_than_is_described_is_told_with_both_digests():
    found = Seen((B,), None, None)

    assert wrong_model(found, "v1", Described(model_digest=A)) == (
        f"answers by digest {B}, system.yaml says v1 is {A}"
    )
    assert wrong_model(found, "v1", Described(model_digest=B)) == ""


@pytest.mark.parametrize("described", [None, Described()])
def test_what_nobody_described_is_not_wrong(described):
    assert wrong_model(Seen((B,), None, None), "v1", described) == ""


def test_two_models_that_answer_in_turn_are_told():
    found = seen([an_answer(digest=A), an_answer(digest=B)], {}, {})

    assert wrong_model(found, "v1", None) == (
        "answers in a row name 2 digests; expected one model"
    )
    assert found.served_digest is None


def test_a_digest_counts_where_each_answer_names_it_and_the_other_version_has_another():
    answers, server = Seen((A,), None, None, in_answers=True), Seen((A,), None, None)
    first, goal = Described(model_digest=B), Described(model_digest=A)

    assert rests_on(answers, {"version": "v1"}, first, goal) == "digest"
    assert rests_on(server, {"version": "v1"}, first, goal) == "word"
    assert rests_on(answers, {"version": "v1"}, goal, goal) == "word"
    assert rests_on(answers, {"version": "v1"}, None, goal) == "word"
    assert rests_on(answers, {"version": "v1"}, goal, first) == "word"
    assert rests_on(None, {"version": "v1"}, first, goal) == "word"


def test_a_reference_counts_where_it_says_more_than_names():
    assert rests_on(None, {"version": "v1", "score": 0.5}, None, None) == "reference"
    assert rests_on(None, {"version": "v1", "digest": A}, None, None) == "word"


def test_answers_that_name_their_digest_are_told_from_a_server_that_does():
    assert seen([an_answer(digest=A)], {}, {}).in_answers
    assert not seen([an_answer()], {"digest": A}, {}).in_answers


def spec(digest=None, name=None):
    return Described(feature_spec_digest=digest, feature_spec=name)


@pytest.mark.parametrize(
    ("named", "named_before", "first", "goal", "what"),
    [
        # The server names one under the target version: that counts.
        (A, A, spec(A), spec(A), "same"),
        (B, A, spec(A), spec(B), "changes_with_it"),
        (A, A, spec(A), spec(B), "differs"),
        (B, A, spec(B), spec(A), "differs"),
        (A, A, None, spec(A), "same"),
        (B, A, None, spec(B), "changes_with_it"),
        (A, None, None, spec(A), "unknown"),
        (A, A, spec(A), None, "unknown"),
        # It names none: what is written, which shows nothing of a switch.
        (None, None, spec(A), spec(A), "same"),
        (None, None, spec(A), spec(B), "unknown"),
        (None, None, spec(name="f-1"), spec(name="f-1"), "same"),
        (None, None, spec(name="f-1"), spec(name="f-2"), "unknown"),
        (None, None, spec(), spec(), "unknown"),
        (None, None, None, None, "unknown"),
    ],
)
def test_what_becomes_of_the_features(named, named_before, first, goal, what):
    assert feature_spec(Seen((), named, named_before), first, goal) == what


def test_a_drill_that_never_saw_the_target_goes_by_what_is_written():
    assert feature_spec(None, spec(A), spec(A)) == "same"
    assert feature_spec(None, spec(A), spec(B)) == "unknown"


def test_foreign_features_are_told_with_both_digests():
    assert other_features(Seen((), A, A), "v1", spec(B)) == (
        f"v1 was served with the feature spec {A}; system.yaml says it reads {B}"
    )
