"""Rows of a trial out of what evaluation tools write, in the columns of `trial_results`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops_model.analysis.trial_results import (
    ANSWERED,
    ARM,
    ASKED,
    CASE,
    CLUSTER,
    COST,
    JUDGE,
    REPEAT,
    SECONDS,
)  # fmt: skip
from ops_model.errors import WarehouseError

if TYPE_CHECKING:
    import ibis

SCORE = "score"
_SHOWN = 10
_NUMBERS = (SCORE, COST, SECONDS)
_TEXTS = (CASE, ARM, REPEAT, CLUSTER, ASKED, ANSWERED, JUDGE)


@dataclass(frozen=True)
class TrialRows:
    """Rows of a trial, and what was counted while they were read.

    With `doubts` nothing should be decided by them.
    """

    rows: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    def table(self, slices: Sequence[str], where: str) -> "ibis.Table":
        """The rows as a table, with columns to take them apart by.

        Raises:
            WarehouseError: no row has one of these columns, or there is no row.
        """
        import ibis
        import pyarrow as pa

        if not self.rows:
            raise WarehouseError(
                "holds no result", where=where, remedy="name the results of a finished run"
            )
        told = {name for row in self.rows for name in row}
        for name in slices:
            if name not in told:
                known = ", ".join(sorted(told - {*_NUMBERS, *_TEXTS})[:_SHOWN]) or "none"
                raise WarehouseError(
                    f"no result has {name!r} to take it apart by; there are: {known}",
                    where=where, remedy="name one of these, or leave --slice out",
                )  # fmt: skip
        types = dict.fromkeys(_NUMBERS, pa.float64()) | dict.fromkeys(
            (*_TEXTS, *slices), pa.string()
        )
        columns = {
            name: pa.array([_as(row.get(name), of) for row in self.rows], of)
            for name, of in types.items()
        }
        return ibis.memtable(pa.table(columns))


def _as(value: Any, of: Any) -> Any:  # noqa: ANN401 - a value of JSON, and a type of Arrow
    if value is None:
        return None
    return float(value) if str(of) == "double" else str(value)


def object_of(of: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object under a key; an empty one where there is none."""
    found = of.get(key)
    return found if isinstance(found, dict) else {}


def is_plain(value: Any) -> bool:  # noqa: ANN401 - JSON
    """True for what a column can hold."""
    return isinstance(value, str | int | float | bool)


def number_of(value: Any) -> float | None:  # noqa: ANN401 - JSON
    """The value where it is a finite number, or text that is one."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
