"""The Merkle tree of RFC 6962 over the entries of a ledger: root, and what proves a part of it.

A root of 32 bytes stands for every entry and for their order. An inclusion proof shows with some
twenty hashes that an entry is one of them; a consistency proof shows that a longer ledger only
added to a shorter one. The hash that chains the entries to one another is no part of any proof.

Leaves are read once, in order, and never held all at once.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of no entries."""

# The first byte says what is hashed, so that no node can be passed off as a leaf.
_LEAF, _NODE = b"\x00", b"\x01"
_SIZE_BYTES = 8
_PEAK_BYTES = _SIZE_BYTES + HASH_BYTES

Span = tuple[int, int]
"""The leaves from the first number up to, not including, the second."""


def leaf_hash(body: bytes) -> bytes:
    """SHA256(00 | body): what stands for an entry in the tree."""
    return hashlib.sha256(_LEAF + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA256(01 | left | right): what stands for two parts of the tree that lie side by side."""
    return hashlib.sha256(_NODE + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """The peaks of a tree that still grows: one hash for each power of two in its size.

    With them a new leaf and the root cost no more than the logarithm of the size, and a ledger
    of a million entries needs at most twenty. `peaks` are their sizes and hashes, largest first.
    """

    peaks: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return sum(size for size, _ in self.peaks)

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        size, digest, peaks = 1, leaf, self.peaks
        while peaks and peaks[-1][0] == size:
            digest = hashlib.sha256(_NODE + peaks.pop()[1] + digest).digest()
            size *= 2
        peaks.append((size, digest))

    def root(self) -> bytes:
        """The root of the leaves so far."""
        if not self.peaks:
            return EMPTY_ROOT
        *rest, (_, root) = self.peaks
        for _, left in reversed(rest):
            root = node_hash(left, root)
        return root

    def to_bytes(self) -> bytes:
        """The peaks, largest first: 8 bytes of size and 32 of hash each."""
        return b"".join(size.to_bytes(_SIZE_BYTES, "big") + digest for size, digest in self.peaks)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The frontier that `to_bytes` wrote.

        Raises:
            ValueError: the bytes are no frontier.
        """
        peaks = [
            (
                int.from_bytes(data[start : start + _SIZE_BYTES], "big"),
                data[start + _SIZE_BYTES : start + _PEAK_BYTES],
            )
            for start in range(0, len(data), _PEAK_BYTES)
        ]
        sizes = [size for size, _ in peaks]
        whole = len(data) % _PEAK_BYTES == 0 and all(s.bit_count() == 1 for s in sizes)
        if not whole or sizes != sorted(set(sizes), reverse=True):
            msg = "these bytes are no frontier of a tree"
            raise ValueError(msg)
        return cls(peaks)


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def inclusion_proof(leaves: Iterable[bytes], index: int, size: int) -> list[bytes]:
    """What shows that leaf `index` is one of the first `size`: the hashes beside its way up.

    Args:
        leaves: at least the first `size` leaf hashes, in order.
        index: counted from 0.
        size: how many leaves the tree has.

    Raises:
        ValueError: there is no such leaf, or there are fewer leaves.
    """
    if not 0 <= index < size:
        msg = f"leaf {index} is none of {size}"
        raise ValueError(msg)
    return _roots_of(leaves, _beside(index, 0, size))


def consistency_proof(leaves: Iterable[bytes], first: int, size: int) -> list[bytes]:
    """What shows that the tree of `size` leaves begins with that of the `first` ones.

    Empty when both are the same, or when `first` is 0: every tree begins with none.

    Raises:
        ValueError: `first` is more than `size`, or there are fewer leaves.
    """
    if not 0 <= first <= size:
        msg = f"a tree of {size} leaves does not begin with {first}"
        raise ValueError(msg)
    spans = [] if first in {0, size} else _shared(first, 0, size, whole=True)
    return _roots_of(leaves, spans)


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """True when `proof` shows that `leaf` is number `index` under `root` of `size` leaves."""
    if not 0 <= index < size:
        return False
    spans = _beside(index, 0, size)
    if len(spans) != len(proof):
        return False
    digest = leaf
    for (start, _), other in zip(spans, proof, strict=True):
        digest = node_hash(digest, other) if start > index else node_hash(other, digest)
    return digest == root


def verify_consistency(
    first: int, size: int, first_root: bytes, root: bytes, proof: Sequence[bytes]
) -> bool:
    """True when `proof` shows that the tree of `size` leaves begins with that of `first`."""
    if not 0 <= first <= size:
        return False
    if first in {0, size}:
        return not proof and first_root == (EMPTY_ROOT if first == 0 else root)
    if len(proof) != len(_shared(first, 0, size, whole=True)):
        return False
    return _both_roots(first, (0, size), iter(proof), first_root) == (first_root, root)


def _both_roots(
    first: int, span: Span, proof: Iterator[bytes], known: bytes | None
) -> tuple[bytes, bytes]:
    """The roots of the shorter and of the longer tree within a span, from the parts they share.

    `known` is the root of the shorter tree, where the span may be just that tree.
    """
    start, stop = span
    if first == stop:
        digest = next(proof) if known is None else known
        return digest, digest
    middle = start + _split(stop - start)
    if first <= middle:
        old, new = _both_roots(first, (start, middle), proof, known)
        return old, node_hash(new, next(proof))
    old, new = _both_roots(first, (middle, stop), proof, None)
    left = next(proof)
    return node_hash(left, old), node_hash(left, new)


def _split(size: int) -> int:
    """The largest power of two below `size`: where RFC 6962 splits a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def _beside(index: int, start: int, stop: int) -> list[Span]:
    """The parts beside the way from leaf `index` to the root, from the leaf up."""
    if stop - start == 1:
        return []
    middle = start + _split(stop - start)
    if index < middle:
        return [*_beside(index, start, middle), (middle, stop)]
    return [*_beside(index, middle, stop), (start, middle)]


def _shared(first: int, start: int, stop: int, *, whole: bool) -> list[Span]:
    """The parts of which both trees are made; `whole`: the shorter tree is this very part."""
    if first == stop:
        return [] if whole else [(start, stop)]
    middle = start + _split(stop - start)
    if first <= middle:
        return [*_shared(first, start, middle, whole=whole), (middle, stop)]
    return [*_shared(first, middle, stop, whole=False), (start, middle)]


def _roots_of(leaves: Iterable[bytes], spans: Sequence[Span]) -> list[bytes]:
    """The root of each span, in the order asked, in one pass over the leaves."""
    numbered = enumerate(leaves)
    roots = {span: _root_of_span(numbered, span) for span in sorted(spans)}
    return [roots[span] for span in spans]


def _root_of_span(numbered: Iterator[tuple[int, bytes]], span: Span) -> bytes:
    start, stop = span
    frontier = Frontier()
    for number, leaf in numbered:
        if number >= start:
            frontier.append(leaf)
        if number == stop - 1:
            return frontier.root()
    msg = f"there are fewer than {stop} leaves"
    raise ValueError(msg)
