"""Pictures of cost: spend per day against the ceiling, why it grew, and a bill beside the log."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from ops_model.domain.evidence import Measured
from ops_model.domain.savings import BillComparison
from ops_model.domain.spend import CostBridge, SpendMeasurement
from ops_model.site import words
from ops_model.site.bill_cards import bill_in_short
from ops_model.site.growth_cards import DRIVERS, bridge_in_short, effect
from ops_model.site.markup import clean, escape
from ops_model.site.plot import (
    BLUE,
    ORANGE,
    PALETTE,
    RED,
    TEXT,
    axis,
    cut,
    drawn,
    hover,
    level_line,
    level_name,
    margin,
    names_axis,
)  # fmt: skip

_MOST_SERVICES = len(PALETTE)
_GREEN = PALETTE[2]


def spend_caption(record: SpendMeasurement) -> str:
    """What the picture of the spend shows, in words."""
    return f"Spend per day and service against the ceiling, {record.currency} per day."


def spend_figure(record: SpendMeasurement) -> dict[str, Any]:
    """Spend per day and service, stacked, the dearest first, against the ceiling."""
    by_service: dict[str, dict[date, Measured]] = defaultdict(dict)
    total: dict[str, float] = defaultdict(float)
    for row in record.days:
        by_service[row.service][row.day] = row.cost
        total[row.service] += row.cost.value or 0.0
    order = sorted(by_service, key=lambda s: (-total[s], s))
    bars = [
        _service_bars(service, by_service[service], PALETTE[place])
        for place, service in enumerate(order[:_MOST_SERVICES])
    ]
    if rest := order[_MOST_SERVICES:]:
        bars.append(_service_bars(f"{len(rest)} more services", _summed(by_service, rest), TEXT))
    ceiling = record.ceiling_per_day
    known = ceiling is not None and ceiling.value is not None
    at = ceiling.value if ceiling is not None and ceiling.value is not None else 0.0
    name = f"ceiling {words.amount(at, record.currency)} per day"
    return drawn(
        bars,
        barmode="stack",
        xaxis=axis("day (UTC)", type="date"),
        yaxis=axis(f"{record.currency} per day", rangemode="tozero"),
        shapes=[level_line(at, along="y")] if known else [],
        annotations=[level_name(at, name)] if known else [],
    )


def _summed(
    by_service: dict[str, dict[date, Measured]], services: Sequence[str]
) -> dict[date, Measured]:
    days = sorted({d for service in services for d in by_service[service]})
    rows = {d: [by_service[s][d] for s in services if d in by_service[s]] for d in days}
    return {
        d: Measured(
            value=sum(m.value or 0.0 for m in costs), unit=costs[0].unit,
            n=sum(m.n or 0 for m in costs), no_interval="sum",
        )
        for d, costs in rows.items()
    }  # fmt: skip


def _service_bars(name: str, days: dict[date, Measured], colour: str) -> dict[str, Any]:
    return {
        "type": "bar", "name": escape(cut(name)), "marker": {"color": colour},
        "x": [d.isoformat() for d in days], "y": [m.value for m in days.values()],
        "text": [hover(m) for m in days.values()], "textposition": "none",
        "hovertemplate": "%{x}<br>%{fullData.name}: %{text}<extra></extra>",
    }  # fmt: skip


def bridge_caption(record: CostBridge) -> str:
    """What the bridge shows, in words."""
    cents = record.in_cents()
    parts = [f"{DRIVERS[b.driver]} {effect(b, cents, record.currency)}" for b in record.bars]
    return f"{bridge_in_short(record)} {record.currency} per day: {', '.join(parts)}."


def bridge_figure(record: CostBridge) -> dict[str, Any] | None:
    """From one cost of a day to the other, driver by driver; None where an end is not known."""
    before, now = record.assumed_per_day.value, record.actual_per_day.value
    if before is None or now is None or not record.bars:
        return None
    ends = ("assumed" if record.since == "pilot" else "before", "now")
    names, starts, sizes = [ends[0]], [0.0], [before]
    colours, texts = [BLUE], [hover(record.assumed_per_day)]
    at, cents = before, record.in_cents()
    for bar in record.bars:
        size = bar.effect.value or 0.0
        names.append(DRIVERS[bar.driver])
        starts.append(at)
        sizes.append(size)
        colours.append(RED if size > 0 else _GREEN)
        moved = effect(bar, cents, record.currency)
        texts.append(f"{moved} {record.currency}<br>{escape(clean(cut(bar.do, 60)))}")
        at += size
    names.append(ends[1])
    starts.append(0.0)
    sizes.append(now)
    colours.append(BLUE)
    texts.append(hover(record.actual_per_day))
    bars = {
        "type": "bar", "orientation": "h", "y": names, "base": starts, "x": sizes,
        "marker": {"color": colours}, "text": texts, "textposition": "none",
        "hovertemplate": "%{y}<br>%{text}<extra></extra>",
    }  # fmt: skip
    return drawn(
        [bars],
        xaxis=axis(f"{record.currency} a day", rangemode="tozero"),
        yaxis=names_axis(autorange="reversed"),
        showlegend=False,
        margin=margin(names),
        height=130 + 30 * len(names),
    )


def bill_caption(record: BillComparison) -> str:
    """What the months show, in words."""
    return (
        f"What {record.vendor} billed beside what the usage logs come to, month by month, in "
        f"{record.currency}. {bill_in_short(record)}"
    )


def bill_figure(record: BillComparison) -> dict[str, Any]:
    """Billed and logged side by side, month by month."""
    months = sorted(record.months, key=lambda month: month.month)
    names = [words.month(month.month) for month in months]
    kinds = (
        ("billed", ORANGE, [m.billed for m in months]),
        ("by the log", BLUE, [m.estimated for m in months]),
    )
    return drawn(
        [
            {
                "type": "bar", "name": name, "x": names, "y": [m.value for m in held],
                "marker": {"color": colour}, "text": [hover(m) for m in held],
                "textposition": "none",
                "hovertemplate": "%{x}<br>%{fullData.name}: %{text}<extra></extra>",
            }
            for name, colour, held in kinds
        ],
        barmode="group",
        xaxis=axis("month", type="category"),
        yaxis=axis(record.currency, rangemode="tozero"),
    )  # fmt: skip
