"""Words of people and what stands for them."""

import hashlib

import pytest

from ops_model.domain.words import NOT_HERE, Words, committed, told_words


def test_a_commitment_is_the_hash_of_salt_and_words():
    salt = "ab" * 32

    assert committed("schön", salt) == (
        "sha256:" + hashlib.sha256(bytes.fromhex(salt) + "schön".encode()).hexdigest()
    )


def test_the_same_words_said_twice_have_two_commitments():
    assert Words.said("I was there.").commitment != Words.said("I was there.").commitment


def test_a_salt_that_is_no_hex_gives_no_commitment():
    with pytest.raises(ValueError, match="non-hexadecimal"):
        committed("I was there.", "no salt")


def test_a_reader_sees_the_words_or_that_they_are_not_there():
    assert told_words("I was there.") == "I was there."
    assert told_words(Words.said("I was there.").commitment) == NOT_HERE
