"""Usage rows as sums: per day, service, what was used, and the price regime it fell into.

Rows are summed before any price is looked up, so the arithmetic of money happens on few rows and
in `Decimal`. A regime is the span between two instants at which any price changes; a price that
changes in the middle of a day therefore splits that day exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from ops_model.analysis.profile import day_number

if TYPE_CHECKING:
    import ibis

UsageUnit = Literal["tokens", "hours", "reported"]

MODEL = "gen_ai_request_model"
INPUT = "gen_ai_usage_input_tokens"
CACHE_READ = "gen_ai_usage_cache_read_input_tokens"
OUTPUT = "gen_ai_usage_output_tokens"
NO_SERVICE = "(no service)"
_EPOCH = date(1970, 1, 1)
_TOO_LARGE = 1e26
"""No decimal of 38 digits, 12 of them behind the point, reaches it."""


@dataclass(frozen=True)
class UsageSum:
    """Rows of one day, service, item and regime, summed.

    `item` is the model or the resource, `since` the start of the regime (None before the first
    price). `amounts` are uncached input, cached input and output tokens; or hours; or the cost as
    reported. `valid` is False for rows whose amounts make no sense (missing, negative, more cached
    than input): they have no price.
    """

    day: date
    service: str
    item: str
    since: datetime | None
    valid: bool
    rows: int
    amounts: tuple[Decimal, ...]


@dataclass(frozen=True)
class UsageLogSums:
    """All sums of one log, and its newest row."""

    unit: UsageUnit
    sums: tuple[UsageSum, ...]
    newest: datetime | None


def sum_usage(
    log: "ibis.Table",
    unit: UsageUnit,
    *,
    timestamp: str,
    changes: Sequence[datetime] = (),
    reported: str = "",
) -> UsageLogSums:
    """Sum a usage log, bounded by its timestamp already.

    Args:
        log: columns of the usage contract; `service` may be missing.
        unit: `tokens` needs model, input and output (cached input when it has the column);
            `hours` needs `resource` and `hours`; `reported` needs the column `reported`.
        timestamp: when a row was written.
        changes: every instant at which some price begins.
        reported: the column with the cost of a row, for the unit of that name.
    """
    import ibis

    borders = sorted({at.astimezone(UTC) for at in changes})
    regime: Any = ibis.literal(0, type="int32")
    for border in borders:
        regime = regime + (log[timestamp] >= ibis.literal(border)).cast("int32")
    item, amounts = _amounts(log, unit, reported)
    service = log.service if "service" in log.columns else ibis.literal(NO_SERVICE)
    valid = item.notnull()
    for amount in amounts:
        valid = valid & amount.notnull() & (amount >= 0)
    rows = log.select(
        day=day_number(log, timestamp),
        service=service.cast("string").fill_null(NO_SERVICE),
        item=item.cast("string").fill_null(""),
        regime=regime.cast("int32"),
        valid=valid.fill_null(False),  # noqa: FBT003 - what cannot be compared is not valid
        at=log[timestamp],
        **{f"a{position}": amount for position, amount in enumerate(amounts)},
    )
    by = ("day", "service", "item", "regime", "valid")
    grouped = rows.group_by(*by).aggregate(
        rows=rows.count(),
        newest=rows["at"].max(),
        **{f"a{position}": rows[f"a{position}"].sum() for position in range(len(amounts))},
    )
    found = grouped.to_pyarrow().to_pylist()
    ordered = sorted(found, key=lambda r: [r[name] for name in by])
    newest = max((row["newest"] for row in found), default=None)
    return UsageLogSums(
        unit, tuple(_usage_sum(row, borders, len(amounts)) for row in ordered), newest
    )


def _amounts(log: "ibis.Table", unit: UsageUnit, reported: str) -> tuple[Any, list[Any]]:
    import ibis

    if unit == "hours":
        return log.resource, [_number(log.hours)]
    if unit == "reported":
        return ibis.literal(reported), [_number(log[reported])]
    cached = ibis.literal(0, type="int64")
    if CACHE_READ in log.columns:
        cached = _number(log[CACHE_READ]).fill_null(0)
    # The contract's input includes what came from the cache; each token is priced once.
    return log[MODEL], [_number(log[INPUT]) - cached, cached, _number(log[OUTPUT])]


def _number(column: Any) -> Any:  # noqa: ANN401 - Ibis columns have no common type to name
    """The column as numbers whose sum is exact: the order in which threads add floats shows.

    NaN, infinities and what is too large are taken for missing: one of them would spoil a sum.
    """
    import ibis

    if not column.type().is_floating():
        return column
    # Bounded before the cast, which not every engine answers with null when it is too much.
    value = column.cast("float64")
    odd = value.isnan() | (value.abs() >= ibis.literal(_TOO_LARGE, type="float64"))
    return odd.ifelse(ibis.null("float64"), value).cast("decimal(38, 12)")


def _usage_sum(row: dict[str, Any], borders: Sequence[datetime], amounts: int) -> UsageSum:
    return UsageSum(
        day=_EPOCH + timedelta(days=row["day"]),
        service=row["service"],
        item=row["item"],
        since=borders[row["regime"] - 1] if row["regime"] else None,
        valid=row["valid"],
        rows=row["rows"],
        amounts=tuple(Decimal(row[f"a{p}"] or 0) for p in range(amounts)),
    )
