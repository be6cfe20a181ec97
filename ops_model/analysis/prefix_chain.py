"""Whether the hashes of a prompt's blocks are a chain, and where a chain ends.

A hash of a chain stands for its block and all before it, so it has one block before it, wherever
it comes. A hash that comes after two is one of the block alone, by which no cache reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

Hash = int | str
MOST_BROKEN = 0.01
"""The part of the hashes that may come after another block than before: two blocks of one hash."""
_LOOKED_AT, _HELD = 20_000, 200_000
"""So many prompts tell whether there is a chain, or so many hashes."""
_NESTED = ("[", "{")


@dataclass
class Chain:
    """What was seen of the hashes of a log.

    Attributes:
        prompts: how many prompts were looked at.
        without: those of them that have no hash.
        cut: those whose chain ends early, at a hash that is missing.
        links: the hashes that came again.
        broken: those of them that came after another block than the first time.
    """

    prompts: int = 0
    without: int = 0
    cut: int = 0
    links: int = 0
    broken: int = 0
    _before: dict[Hash, Hash | None] = field(default_factory=dict)

    @property
    def why_not(self) -> str:
        """Why nothing can be said of a cache; '' where something can."""
        if self.prompts and self.without == self.prompts:
            return "no prompt has a hash of its first block"
        if self.links and self.broken > MOST_BROKEN * self.links:
            return (
                f"{self.broken:,} of {self.links:,} hashes that came again follow another block "
                "than before: they are of a block alone, and no chain"
            )
        return ""

    @property
    def doubt(self) -> str:
        """What is less than sure; '' for nothing."""
        if not self.cut:
            return ""
        return f"{self.cut:,} of {self.prompts:,} prompts lack a hash, and end there"

    def known(self, blocks: Sequence[Hash | None]) -> Sequence[Hash]:
        """The leading hashes of a prompt, up to the first that is missing."""
        self.prompts += 1
        known = _leading(blocks)
        self.without += not known
        self.cut += 0 < len(known) < len(blocks)
        if self.prompts <= _LOOKED_AT and len(self._before) < _HELD:
            self._look(known)
        return known

    def _look(self, blocks: Sequence[Hash]) -> None:
        before: Hash | None = None
        for key in blocks:
            if key in self._before:
                self.links += 1
                self.broken += self._before[key] != before
            else:
                self._before[key] = before
            before = key


def _leading(blocks: Sequence[Hash | None]) -> Sequence[Hash]:
    # A list within the list is no hash either, as text stands for it.
    first = blocks[0] if blocks else None
    if isinstance(first, str) and first.startswith(_NESTED):
        return ()
    ends = [blocks.index(missing) for missing in (None, "") if missing in blocks]
    return cast("Sequence[Hash]", blocks[: min(ends)] if ends else blocks)
