"""Hashes that are missing, or of a block alone: no chain, and nothing that a cache could read."""

import random

import pytest

from ops_model.analysis.prefix_chain import Chain


def looked_at(*prompts):
    chain = Chain()
    for blocks in prompts:
        chain.known(blocks)
    return chain


@pytest.mark.parametrize("missing", [None, ""])
def test_a_chain_ends_where_a_hash_is_missing(missing):
    chain = Chain()

    assert list(chain.known(["a", missing, "c"])) == ["a"]
    assert chain.doubt == "1 of 1 prompts lack a hash, and end there"


@pytest.mark.parametrize("blocks", [[None, None], ["", ""], [], ['["a"]', '["b"]']])
def test_a_log_without_a_hash_says_so(blocks):
    assert looked_at(blocks, blocks).why_not == "no prompt has a hash of its first block"


def test_a_hash_that_follows_two_blocks_is_of_a_block_alone():
    drawn, blocks = random.Random(3), [f"b{n}" for n in range(10)]
    chain = looked_at(*(drawn.sample(blocks, 10) for _ in range(50)))

    assert "they are of a block alone, and no chain" in chain.why_not


def test_a_hash_that_comes_twice_in_one_prompt_is_of_a_block_alone():
    assert "no chain" in looked_at(["a", "a", "a"]).why_not


def test_prompts_that_begin_alike_and_part_are_a_chain():
    chain = looked_at(["a", "ab", "abc"], ["a", "ab", "abd"], ["x"], [0, 1], [0, 1, 2])

    assert (chain.why_not, chain.doubt, chain.links) == ("", "", 4)


def test_two_blocks_of_one_hash_among_many_spoil_no_chain():
    prompts = [[f"{n}", f"{n}-1"] for n in range(500)]

    assert looked_at(*prompts, *prompts, ["0", "499-1"]).why_not == ""
