"""What a profile counts: the cells of each column, fixed once on a reference.

Cells of a numeric column: 0 holds what is no finite number (null, NaN, infinite), 1 everything
below the grid, 2 to 254 spans of equal width, 255 everything above. Cells of a category: 0 null,
then the values that the plan kept, last everything else.
"""

from dataclasses import dataclass
from functools import cached_property

from ops_model.domain.values import digest_of
from ops_model.errors import OpsModelError

CELLS = 256
INSIDE = 253
MISSING, BELOW, ABOVE = 0, 1, 255
MIDDLE = 128.5
"""Where the centre of a grid lies: in the middle of a cell, so that whole numbers do, too."""
FAR = 1e150
"""A number farther than this from the centre counts as infinite: its square would make sums so."""
VERSION = 3
"""Raised whenever the same columns and numbers would be counted otherwise."""


class SpecError(OpsModelError, ValueError):
    """Counts of different cells were to be added or compared, which means nothing."""


def short(number: float) -> float:
    """The number in 15 significant digits: as many as every engine reads back to the last bit."""
    return float(f"{number:.15g}")


@dataclass(frozen=True)
class Grid:
    """The cells of a numeric column: 253 spans of `width` from `low` upwards."""

    name: str
    low: float
    width: float

    @property
    def high(self) -> float:
        """Where the grid ends."""
        return short(self.low + INSIDE * self.width)

    @property
    def centre(self) -> float:
        """Sums are kept relative to this, so that large offsets do not eat their digits."""
        return short(self.low + INSIDE * self.width / 2)

    @property
    def per_unit(self) -> float:
        """Cells per unit of the column."""
        return short(1 / self.width)


@dataclass(frozen=True)
class Categories:
    """The values of a category that are counted one by one, most frequent first.

    `complete` means that the reference held no other value: what lies outside is then unseen.
    """

    name: str
    values: tuple[str, ...]
    complete: bool


@dataclass(frozen=True)
class Spec:
    """What a profile counts; equal specs make profiles comparable."""

    grids: tuple[Grid, ...] = ()
    categories: tuple[Categories, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All columns."""
        return tuple(g.name for g in self.grids) + tuple(c.name for c in self.categories)

    @cached_property
    def digest(self) -> str:
        """Identifies the cells, and how this version of ops-model counts into them."""
        return digest_of(self.document)

    @property
    def document(self) -> dict[str, object]:
        """The spec as JSON has it; `spec_of` reads it back."""
        return {
            "version": VERSION,
            "grids": [[g.name, g.low, g.width] for g in self.grids],
            "categories": [[c.name, list(c.values), c.complete] for c in self.categories],
        }


def spec_of(document: object) -> Spec:
    """A spec from its JSON.

    Raises:
        ValueError: it is of another version, or no spec.
    """
    match document:
        case {"version": int(version), "grids": list(grids), "categories": list(categories)} if (
            version == VERSION
        ):
            return Spec(
                tuple(Grid(str(n), float(low), float(width)) for n, low, width in grids),
                tuple(Categories(str(n), tuple(v), bool(c)) for n, v, c in categories),
            )
    msg = f"no spec of version {VERSION}"
    raise ValueError(msg)


def same_cells(one: Spec, other: Spec) -> None:
    """Refuse to add or compare what was counted into different cells.

    Raises:
        SpecError: with both digests.
    """
    if one is not other and one != other:
        raise SpecError(
            f"counts into the cells {one.digest} cannot be added to, or compared with, counts "
            f"into the cells {other.digest}",
            remedy="profile both sides with the plan of the same reference",
        )
