"""Why a day costs other than the pilot assumed, or than it did four weeks before."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from ops_model.domain.cost import CostPlan
from ops_model.domain.evidence import Measured
from ops_model.domain.spend import BridgeDriver, CostBridge
from ops_model.workflow import declared, priced
from ops_model.workflow.bridge_bars import bars_of
from ops_model.workflow.bridge_pilot import (
    Rates,
    contradicted,
    ended,
    holds,
    hours_of_pilot,
    lacking,
    left_for_hours,
    pilot_sides,
)
from ops_model.workflow.declared import Opened
from ops_model.workflow.whole_days import last_of, whole_days, window_of

if TYPE_CHECKING:
    from ops_model.analysis.bridge import Bridge
    from ops_model.analysis.cost import PricedLogs, PricedSum

Since = Literal["pilot", "last_month"]
Rows = tuple[int, int]
"""How many rows, and how many of them have no price."""

BRIDGE_DAYS = 28
"""Four whole weeks, so that no weekday is counted more often on one side."""


@dataclass(frozen=True)
class _Built:
    """A bridge with the rows it rests on, of now and of before; without one, why there is none."""

    bridge: "Bridge | None"
    now: "Rows" = (0, 0)
    before: "Rows" = (0, 0)
    notes: tuple[str, ...] = ()

    @property
    def both(self) -> "Rows":
        """The rows of both sides, and how many of those have no price."""
        return self.now[0] + self.before[0], self.now[1] + self.before[1]


def bridge_of(book: Opened, since: Since | None = None) -> CostBridge:
    """From the pilot's assumption, or the four weeks before, to the last four weeks.

    Args:
        book: the system and the instant.
        since: where it begins; None is the pilot where its assumption is written, and the four
            weeks before where it is not.

    Returns:
        Numbers that are not known have no value and say why not, such as of a system that has no
        whole day yet, or of an assumption that leaves out what it is about.

    Raises:
        WarehouseError: no usage log is declared, or a log cannot be read as declared.
    """
    cost = priced.plan_of(book)
    begins: Since = since or ("pilot" if cost.pilot_assumption is not None else "last_month")
    logs, today = priced.priced_logs_of(book), declared.midnight(book.as_of).date()
    whole = whole_days(logs)
    days = last_of(whole, today, BRIDGE_DAYS)
    built = _Built(None, notes=(f"no whole day of the last {BRIDGE_DAYS} is held",))
    if days and begins == "pilot":
        built = _from_pilot(book, cost, logs, days)
    elif days:
        built = _from_before(logs, days, last_of(whole, _before(today), BRIDGE_DAYS))
    return _record(book, cost, logs, days, begins, built)


def _before(day: date) -> date:
    return day - timedelta(days=BRIDGE_DAYS)


def _from_before(logs: "PricedLogs", days: Sequence[date], earlier: Sequence[date]) -> _Built:
    from ops_model.analysis.bridge import bridge_of_hours, bridge_of_tokens
    from ops_model.analysis.bridge_sides import hours_of, side_of, sums_of

    if not earlier:
        return _Built(None, notes=(f"no whole day of the {BRIDGE_DAYS} before is held",))
    why = _all_unpriced(logs, {"now": days, "before": earlier})
    if why:
        return _Built(None, notes=(why,))
    bridges = []
    if holds(logs, "tokens"):
        sides = [side_of(sums_of(logs, "tokens", held), len(held)) for held in (earlier, days)]
        bridges.append(bridge_of_tokens(*sides))
    if holds(logs, "hours"):
        hours = [hours_of(sums_of(logs, "hours", held), len(held)) for held in (earlier, days)]
        bridges.append(bridge_of_hours(*hours))
    return _Built(_all_of(bridges), _rows_on(logs.sums, days), _rows_on(logs.sums, earlier))


def _from_pilot(book: Opened, cost: CostPlan, logs: "PricedLogs", days: Sequence[date]) -> _Built:
    from ops_model.analysis.bridge import bridge_of_hours, bridge_of_tokens, unpriced_models
    from ops_model.analysis.bridge_sides import hours_of, side_of, sums_of

    assumption = cost.pilot_assumption
    why = lacking(cost, assumption, logs) or _all_unpriced(logs, {"now": days})
    if assumption is None or why:
        return _Built(None, notes=(why,))
    prices, then = priced.price_book(cost), ended(book)
    bridges: list[Bridge] = []
    notes: list[str] = []
    if holds(logs, "tokens"):
        now = side_of(sums_of(logs, "tokens", days), len(days), by_service=False)
        before, now, unknown = pilot_sides(assumption, now, Rates(logs, prices, then, book.as_of))
        nowhere = unpriced_models(before, now)
        if nowhere:
            why = (
                f"no price of {' or '.join(nowhere)} is known, neither on {then.date()}, when the "
                "pilot ended, nor now: what the pilot assumed cannot be told in money"
            )
            return _Built(None, notes=(why,))
        bridges.append(bridge_of_tokens(before, now))
        notes += [
            f"no price of {model} is known on {then.date()}, when the pilot ended: it is as now"
            for model in unknown
        ]
        if not assumption.model_mix:
            notes.append("the pilot names no mix of models: it is taken as now")
        if not holds(logs, "hours"):
            notes += contradicted(assumption, bridges)
    if holds(logs, "hours"):
        hours = hours_of(sums_of(logs, "hours", days), len(days))
        left = left_for_hours(assumption, bridges)
        bridges.append(bridge_of_hours(hours_of_pilot(left, hours, prices, then), hours))
        notes.append(
            "the pilot names no hours: they are those that its cost per day buys at the prices of "
            f"{then.date()}, split over resources as now"
        )
    return _Built(_all_of(bridges), _rows_on(logs.sums, days), notes=tuple(notes))


def _rows_on(sums: "Iterable[PricedSum]", days: Collection[date]) -> Rows:
    from ops_model.analysis.bridge_sides import rows_of

    return rows_of(one for one in sums if one.usage.day in days)


def _all_unpriced(logs: "PricedLogs", sides: Mapping[str, Collection[date]]) -> str:
    """The side of which no row has a price, which then is unknown and not nothing; '' for none."""
    from ops_model.analysis.bridge_sides import sums_of

    for unit in ("tokens", "hours"):
        for side, days in sides.items():
            rows, unpriced = _rows_on(sums_of(logs, unit), days)
            if rows and rows == unpriced:
                return f"none of {rows:,} rows of {unit} of {side} has a price"
    return ""


def _all_of(bridges: "Sequence[Bridge]") -> "Bridge":
    first, *others = bridges
    for other in others:
        first = first.plus(other)
    return first


def _record(
    book: Opened,
    cost: CostPlan,
    logs: "PricedLogs",
    days: Sequence[date],
    since: Since,
    built: _Built,
) -> CostBridge:
    from ops_model.analysis.bridge_sides import left_out, serves

    def measured(value: Decimal, n: int, doubt: str = "") -> Measured:
        return Measured(value=float(value), unit=cost.currency, n=n, no_interval=doubt or "exact")

    unknown = Measured(value=None, unit=cost.currency, n=0, no_interval="; ".join(built.notes))
    bridge, rows = built.bridge, built.both[0] - built.both[1]
    # The present end speaks for the whole bridge, so it tells the rows of both sides.
    undated = sum(log.undated for log in logs.logs)
    now = _doubt("lower bound", built.both, undated)
    before = _doubt("lower bound", built.before, undated if since == "last_month" else 0)
    # What has no price may have moved either way, so an effect is bounded by nothing.
    of_effect = _doubt("of rows with a price alone", built.both, 0)
    of_effect = of_effect or _doubt("of rows with an instant alone", (0, 0), undated)
    effects = _effects(logs) if bridge is None else bridge.effects
    drivers: dict[BridgeDriver, Measured] = {
        name: unknown if bridge is None else measured(bridge.effects[name], rows, of_effect)
        for name in effects
    }
    held = [one for one in logs.sums if one.usage.day in set(days)]
    nobody = left_out(held)
    lost = sum(one.usage.rows for one in held if one.cost is None and not serves(one))
    aside = f"lower bound: {lost:,} rows that serve nobody have no price" if lost else ""
    return CostBridge(
        system=book.system.id,
        as_of=book.as_of,
        # Who answers for a bar is shown, not measured: no claim of ownership is stronger for it.
        claims=book.system.claim_refs("cost"),
        inputs=priced.usage_identities(book, cost),
        window=window_of(days),
        simulated=book.system.identity.simulated or cost.simulated,
        currency=cost.currency,
        method="shapley",
        since=since,
        # An assumption is one statement; what was held before is a mean of rows.
        assumed_per_day=unknown if bridge is None
        else measured(bridge.before, 1 if since == "pilot" else rows, before),
        actual_per_day=unknown if bridge is None else measured(bridge.now, rows, now),
        drivers=drivers,
        bars=bars_of(book.system, drivers),
        left_out={p: measured(whole / len(days), n, aside) for p, (whole, n) in nobody.items()},
        days=len(days),
        notes=built.notes,
    )  # fmt: skip


def _doubt(what: str, rows: Rows, undated: int) -> str:
    """What rows without a price or an instant make of a number; '' where all have both."""
    said = [f"{rows[1]:,} of {rows[0]:,} rows have no price"] if rows[1] else []
    said += [f"{undated:,} rows say no instant, and may be of these days"] if undated else []
    return f"{what}: {'; '.join(said)}" if said else ""


def _effects(logs: "PricedLogs") -> tuple[BridgeDriver, ...]:
    from ops_model.analysis.bridge import OF_HOURS, OF_TOKENS

    return OF_TOKENS if holds(logs, "tokens") else OF_HOURS
