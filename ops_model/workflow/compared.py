"""What measurements that compare a window with a baseline share."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.signals_logged import Baseline, Log
from ops_model.domain.signals_watched import Monitor
from ops_model.domain.values import Window, iso_utc
from ops_model.errors import WarehouseError
from ops_model.workflow import declared

if TYPE_CHECKING:
    import ibis


def apart(monitor: Monitor, baseline: Baseline, window: Window) -> None:
    """Refuse a window that lies in its own baseline: what it shows would be hidden by itself.

    Raises:
        WarehouseError: the baseline ends after the window begins.
    """
    if baseline.end > window.start:
        declared.undeclared(
            monitor, "baseline",
            f"baseline {baseline.id} ends {iso_utc(baseline.end)}, after the window begins "
            f"({iso_utc(window.start)}): the window would be compared with itself",
            "choose a baseline that ends earlier",
        )  # fmt: skip


def one_block_earlier(window: Window, block_days: int) -> Window:
    """The window that ended one block before this one."""
    step = timedelta(days=block_days)
    return Window(start=window.start - step, end=window.end - step)


def simulated(system: SystemClaims, *logs: Log) -> bool:
    """True when the system, or a log that was read, is made up."""
    return system.identity.simulated or any(log.simulated for log in logs)


def same_kinds(
    reference: "ibis.Table",
    current: "ibis.Table",
    columns: Sequence[str],
    *,
    behind: Log,
    log: Log,
) -> None:
    """Refuse a column that holds numbers on one side and texts on the other."""
    for name in columns:
        same_kind(reference, current, name, reference=behind.address, current=log.address)


def same_kind(
    before: "ibis.Table", now: "ibis.Table", name: str, *, reference: str, current: str
) -> None:
    """Refuse one such column of two logs, which lie at these addresses.

    Raises:
        WarehouseError: it is; nothing can be said about how far it moved.
    """
    expected, found = _kind(before, name), _kind(now, name)
    if expected != found:
        raise WarehouseError(
            f"column {name!r} holds {found}; expected {expected}, as in {reference}",
            where=current,
            remedy="write the column in one type, or watch another one",
        )


def _kind(table: "ibis.Table", name: str) -> str:
    found = table[name].type()
    if found.is_boolean():
        return "true and false"
    return "numbers" if found.is_numeric() else "texts" if found.is_string() else str(found)
