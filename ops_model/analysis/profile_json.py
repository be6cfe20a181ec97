"""A profile as JSON and back, the same to the last bit; its cells are named by their digest."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ops_model.analysis.cells import CELLS, Spec
from ops_model.analysis.profile import NumericCounts, Profile


def document_of(profile: Profile) -> dict[str, Any]:
    """The profile as JSON has it: counts of each column by day, and the sums that keep tails."""
    return {
        "spec": profile.spec.digest,
        "days": [day.isoformat() for day in profile.days],
        "numeric": [
            [n.cells.tolist(), n.below.tolist(), n.above.tolist(), n.first.tolist(),
             n.second.tolist()]
            for n in (profile.numeric[grid.name] for grid in profile.spec.grids)
        ],
        "categories": [profile.categories[kept.name].tolist() for kept in profile.spec.categories],
    }  # fmt: skip


def profile_of(document: object, spec: Spec) -> Profile:
    """The profile that a document holds.

    Raises:
        ValueError: it counts into other cells than those of `spec`, or is no such document.
    """
    match document:
        case {
            "spec": spec.digest,
            "days": list(written),
            "numeric": list(numeric),
            "categories": list(categories),
        } if len(numeric) == len(spec.grids) and len(categories) == len(spec.categories):
            days = tuple(date.fromisoformat(day) for day in written)
            n = len(days)
            numbers = {
                grid.name: NumericCounts(
                    _array(cells, (n, CELLS), np.int64),
                    *(_array(part, (n,), np.float64) for part in sums),
                )
                for grid, (cells, *sums) in zip(spec.grids, numeric, strict=True)
            }
            named = {
                kept.name: _array(counts, (n, len(kept.values) + 2), np.int64)
                for kept, counts in zip(spec.categories, categories, strict=True)
            }
            return Profile(spec, days, _rows(numbers, named, n), numbers, named)
    msg = "no profile of these cells"
    raise ValueError(msg)


def _array(values: object, shape: tuple[int, ...], kind: type) -> NDArray[Any]:
    found: NDArray[Any] = np.array(values, dtype=kind) if values else np.zeros(shape, dtype=kind)
    if found.shape != shape:
        msg = f"counts of shape {found.shape}; expected {shape}"
        raise ValueError(msg)
    return found


def _rows(
    numbers: Mapping[str, NumericCounts], named: Mapping[str, NDArray[Any]], days: int
) -> NDArray[Any]:
    every = [n.cells for n in numbers.values()] or list(named.values())
    return every[0].sum(axis=1) if every else np.zeros(days, np.int64)
