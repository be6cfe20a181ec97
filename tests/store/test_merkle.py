"""The Merkle tree against a second implementation, and against proofs of what is not so."""

import hashlib
import random

import pymerkle
import pytest
from pymerkle import InmemoryTree

from ops_model.store.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

BODIES = [f'{{"seq":{n}}}'.encode() for n in range(64)]
LEAVES = [leaf_hash(body) for body in BODIES]
ROOTS = [root_of(LEAVES[:size]) for size in range(65)]


@pytest.fixture(scope="module")
def oracle():
    tree = InmemoryTree(algorithm="sha256")
    for body in BODIES:
        tree.append_entry(body)
    return tree


def test_no_leaves_give_the_hash_of_nothing():
    # printf '' | sha256sum
    assert root_of([]) == EMPTY_ROOT
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_three_leaves_give_the_root_that_the_formula_gives():
    one, two, three = LEAVES[:3]

    assert one == hashlib.sha256(b"\x00" + BODIES[0]).digest()
    assert node_hash(one, two) == hashlib.sha256(b"\x01" + one + two).digest()
    assert root_of(LEAVES[:3]) == node_hash(node_hash(one, two), three)


@pytest.mark.parametrize("size", range(1, 65))
def test_the_root_is_that_of_the_second_implementation(oracle, size):
    assert ROOTS[size] == oracle.get_root(size)


def test_every_inclusion_proof_is_that_of_the_second_implementation_and_holds(oracle):
    for size in range(1, 65):
        for index in range(size):
            proof = inclusion_proof(LEAVES, index, size)

            # It puts the leaf itself first, and counts from 1.
            assert [LEAVES[index], *proof] == oracle.prove_inclusion(index + 1, size).path
            assert verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


def test_every_consistency_proof_holds_for_both_implementations(oracle):
    for size in range(65):
        for first in range(size + 1):
            proof = consistency_proof(LEAVES, first, size)

            assert verify_consistency(first, size, ROOTS[first], ROOTS[size], proof)
            if 0 < first < size:
                theirs = oracle.prove_consistency(first, size)
                pymerkle.verify_consistency(ROOTS[first], ROOTS[size], theirs)


def test_the_consistency_proofs_of_seven_leaves_are_those_that_the_standard_prints():
    a, b, c, d, e, f, j = LEAVES[:7]  # its names, RFC 6962, 2.1.3
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l = node_hash(g, h), node_hash(i, j)  # noqa: E741 - the name in the standard

    assert consistency_proof(LEAVES, 3, 7) == [c, d, g, l]
    assert consistency_proof(LEAVES, 4, 7) == [l]
    assert consistency_proof(LEAVES, 6, 7) == [i, j, k]


def test_no_proof_holds_for_another_leaf_place_size_or_root():
    for size in range(2, 40):
        for index in range(size):
            proof = inclusion_proof(LEAVES, index, size)
            other = LEAVES[(index + 1) % size]

            assert not verify_inclusion(other, index, size, proof, ROOTS[size])
            assert not verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size - 1])
            assert not verify_inclusion(LEAVES[index], size, size, proof, ROOTS[size])
            assert not verify_inclusion(LEAVES[index], index, size, proof[:-1], ROOTS[size])
            assert not verify_inclusion(LEAVES[index], index, size, [*proof, other], ROOTS[size])
            for place in range(size):
                if place != index:
                    assert not verify_inclusion(LEAVES[index], place, size, proof, ROOTS[size])


def test_no_consistency_proof_holds_for_a_tree_that_was_changed():
    changed = [*LEAVES[:3], leaf_hash(b"another"), *LEAVES[4:]]
    for size in range(5, 40):
        for first in range(4, size):
            proof = consistency_proof(changed, first, size)
            root = root_of(changed[:size])

            assert verify_consistency(first, size, root_of(changed[:first]), root, proof)
            assert not verify_consistency(first, size, ROOTS[first], root, proof)


def test_no_consistency_proof_holds_with_a_hash_more_less_or_flipped():
    chance = random.Random(64)
    for size in range(2, 40):
        for first in range(1, size):
            proof = consistency_proof(LEAVES, first, size)
            sides = (first, size, ROOTS[first], ROOTS[size])

            assert not verify_consistency(*sides, proof[:-1])
            assert not verify_consistency(*sides, [*proof, LEAVES[0]])
            place, bit = chance.randrange(len(proof)), 1 << chance.randrange(8)
            flipped = [*proof]
            flipped[place] = bytes([flipped[place][0] ^ bit]) + flipped[place][1:]
            assert not verify_consistency(*sides, flipped)


@pytest.mark.parametrize(("first", "size"), [(3, 2), (-1, 2)])
def test_what_no_tree_can_be_is_no_proof(first, size):
    assert not verify_consistency(first, size, ROOTS[1], ROOTS[2], [])
    with pytest.raises(ValueError, match="does not begin with"):
        consistency_proof(LEAVES, first, size)


def test_a_proof_about_more_leaves_than_there_are_is_refused():
    with pytest.raises(ValueError, match="fewer than 64 leaves"):
        inclusion_proof(LEAVES[:50], 3, 64)


def test_a_frontier_goes_through_bytes_at_every_size():
    tree = Frontier()
    for size, leaf in enumerate(LEAVES, start=1):
        tree.append(leaf)
        tree = Frontier.from_bytes(tree.to_bytes())

        assert (tree.size, tree.root()) == (size, ROOTS[size])
        assert len(tree.to_bytes()) == 40 * size.bit_count()


@pytest.mark.parametrize(
    "data",
    [
        b"x", bytes(40), Frontier([(3, bytes(32))]).to_bytes(),
        Frontier([(1, bytes(32)), (2, bytes(32))]).to_bytes(),
        Frontier([(2, bytes(32)), (2, bytes(32))]).to_bytes(),
        Frontier([(2, bytes(32))]).to_bytes() + b"x",
    ],
)  # fmt: skip
def test_bytes_that_are_no_frontier_are_refused(data):
    with pytest.raises(ValueError, match="no frontier"):
        Frontier.from_bytes(data)
