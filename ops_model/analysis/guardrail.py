"""What a version made of the items of a guardrail suite, from a long table of results.

Of an item that was tried more than once the last result counts, and of two at one instant the
worse one. A result that says nothing counts as not passed, and so does an item of the suite that
was never tried.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ops_model.analysis.rules import share_of
from ops_model.domain.evidence import Measured

if TYPE_CHECKING:
    import ibis

MOST_ITEMS = 200_000


@dataclass(frozen=True)
class Tried:
    """How many items passed, of how many; `first` and `last` say when they were tried."""

    items: int
    passed: int
    untried: int
    first: datetime
    last: datetime

    @property
    def share(self) -> Measured:
        """The share of items that were answered as they must be, with its Wilson interval."""
        return share_of(self.passed, self.items)


def read_items(text: bytes) -> frozenset[str]:
    """The items of a suite: a JSON list, or a line each, of texts or of objects with `item`.

    Raises:
        ValueError: it is neither, or names an item twice.
    """
    try:
        decoded = text.decode()
        whole = decoded.lstrip().startswith("[")
        lines = [line for line in decoded.splitlines() if line.strip()]
        listed = json.loads(decoded) if whole else [json.loads(line) for line in lines]
    except (ValueError, RecursionError) as error:
        msg = "expected a JSON list, or a JSON value in each line"
        raise ValueError(msg) from error
    names = [_name(item) for item in listed]
    if not names:
        msg = "expected an item at least, got none"
        raise ValueError(msg)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"expected each item once, got {twice[:60]!r} twice"
        raise ValueError(msg)
    return frozenset(names)


def _name(item: object) -> str:
    named = item.get("item", item.get("id")) if isinstance(item, dict) else item
    if not isinstance(named, str) or not named:
        msg = "expected each item to be a text, or an object with `item`, the name of it"
        raise ValueError(msg)
    return named


def try_suite(
    table: "ibis.Table",
    *,
    suite: str,
    version: tuple[str, str],
    timestamp: str,
    items: Collection[str] | None,
) -> Tried | None:
    """The last results of one version on one suite; None where it was never tried.

    Args:
        table: a row per result, with columns `suite`, `item` and `passed`.
        suite: the id of the suite.
        version: the column that says which version answered, and its label.
        timestamp: the column that says when.
        items: the items of the suite, where they are known; results of others do not count.

    Raises:
        ValueError: more items were tried than a suite may have.
    """
    column, label = version
    results = table.filter((table["suite"] == suite) & (table[column].cast("string") == label))
    latest = results.mutate(
        item=results["item"].cast("string"),
        last_of_item=results[timestamp].max().over(group_by=results["item"]),
    )
    latest = latest.filter(latest[timestamp] == latest["last_of_item"])
    passed = latest["passed"].fill_null(False)  # noqa: FBT003 - the value that stands for NULL
    found = (
        latest.group_by("item")
        .aggregate(passed=passed.all(), at=latest[timestamp].max())
        .limit(MOST_ITEMS + 1)
        .to_pyarrow()
        .to_pylist()
    )
    if len(found) > MOST_ITEMS:
        msg = f"expected at most {MOST_ITEMS:,} items, got more"
        raise ValueError(msg)
    counted = [row for row in found if items is None or row["item"] in items]
    if not counted:
        return None
    untried = len(items) - len(counted) if items is not None else 0
    return Tried(
        items=len(counted) + untried,
        passed=sum(bool(row["passed"]) for row in counted),
        untried=untried,
        first=min(row["at"] for row in counted),
        last=max(row["at"] for row in counted),
    )
