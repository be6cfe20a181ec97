"""Which of the arms of a trial is the champion, and which the challenger."""

from collections.abc import Mapping
from difflib import get_close_matches

from ops_model.errors import WarehouseError

_USUAL = ("champion", "challenger")
_SHOWN = 10


def arms_of(
    rows: Mapping[str, int], champion: str | None, challenger: str | None, where: str
) -> tuple[str, str]:
    """The two arms that are compared.

    Args:
        rows: how many rows each arm has.
        champion: the one in use; None leaves it to the names of the arms.
        challenger: the other.
        where: the address of the results.

    Raises:
        WarehouseError: there is one arm only; or more, or none of these names, so that nobody
            knows which two are meant.
    """
    if len(rows) < 2:
        raise WarehouseError(
            f"holds one arm only: {_listed(rows)}" if rows else "names no arm in any row",
            where=where,
            remedy="write the rows of both, each with its name in the column arm",
        )
    first, second = _completed(rows, champion, challenger)
    for name in (first, second):
        if name is not None and name not in rows:
            near = get_close_matches(name, rows, n=1)
            raise WarehouseError(
                f"has no arm {name!r}; it has: {_listed(rows)}",
                where=where,
                remedy=f"did you mean {near[0]!r}?" if near else "name two of these",
            )
    if first is None or second is None or first == second:
        raise WarehouseError(
            f"holds {len(rows)} arms and does not say which is the champion: {_listed(rows)}",
            where=where,
            remedy="name both: the one in use as champion, the other as challenger (--champion A "
            "--challenger B)",
        )
    return first, second


def _completed(
    rows: Mapping[str, int], champion: str | None, challenger: str | None
) -> tuple[str | None, str | None]:
    """Both names, where one of two is given, or the arms are called so."""
    if champion is None and challenger is None and set(_USUAL) <= set(rows):
        return _USUAL
    if len(rows) == 2:
        if champion is None and challenger is not None:
            champion = next((arm for arm in rows if arm != challenger), None)
        elif challenger is None and champion is not None:
            challenger = next((arm for arm in rows if arm != champion), None)
    return champion, challenger


def _listed(rows: Mapping[str, int]) -> str:
    told = [f"{arm} ({count:,} rows)" for arm, count in sorted(rows.items())[:_SHOWN]]
    more = len(rows) - len(told)
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")
