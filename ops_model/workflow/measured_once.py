"""A measure is taken once of what was opened: one run shows the same number wherever it stands."""

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from ops_model.workflow.declared import Opened

T = TypeVar("T")
_KEPT = "_measured"


def measured_once(book: Opened, key: Hashable, measure: Callable[[], T]) -> T:
    """What was measured of an opened workbook under this key before, else measured now.

    It is kept with the opened object and ends with it; an error is not kept.

    Args:
        book: what was opened, by `workflow.open`.
        key: all that the measure depends on besides the claims and the instant, such as the
            identity of its logs: in a notebook that stays open, a log may be written again.
        measure: measures it.
    """
    kept: dict[Hashable, object] = vars(book).setdefault(_KEPT, {})
    if key not in kept:
        kept[key] = measure()
    return cast("T", kept[key])
