"""What `ops-model drill fallback` prints of each fault of a vendor, and which path it takes."""

from collections.abc import Iterator, Mapping
from typing import Any

from ops_model.domain.fallback import FAULT_WORDS, FallbackPlan
from ops_model.errors import UsageError


def refuse_unknown_path(plan: FallbackPlan | None, path: str) -> None:
    """Refuse a path that is not in `fallback.yaml`.

    Raises:
        UsageError: it is not.
    """
    known = [one.id for one in plan.paths] if plan is not None else []
    if path not in known:
        raise UsageError(
            f"--path names {path!r}, which is no path of fallback.yaml",
            remedy=f"paths are: {', '.join(known) or 'none yet'}",
        )


def fault_lines(faults: list[Mapping[str, Any]]) -> Iterator[str]:
    """One line a fault where a vendor failed in several ways; nothing else to say of one."""
    if len(faults) < 2:
        return
    yield "  the vendor"
    for fault in faults:
        mark = "FAILED" if fault["problems"] else "ok"
        name = FAULT_WORDS.get(fault["fault"], fault["fault"])
        yield (
            f"  {mark:6}  {name:26}  answered {_share(fault['served_share'])}, told "
            f"{_share(fault['notice_share'])}, lost {fault['lost']}, switched "
            f"{_seconds(fault['switch_seconds'])}, 95 % within {_seconds(fault['p95_seconds'])}, "
            f"back {_seconds(fault['return_seconds'])}"
        )
        yield from (f"          {what}: {count}" for what, count in _instead(fault))


def _instead(fault: Mapping[str, Any]) -> list[tuple[str, int]]:
    """What came in place of an answer, and answers of another model that nobody was told of."""
    silent = fault["silent_swaps"]
    swapped = [("of another model, without a word", silent)] if silent else []
    return [*fault["errors"].items(), *swapped]


def _share(value: float | None) -> str:
    return "   -" if value is None else f"{value:4.0%}"


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f} s"
