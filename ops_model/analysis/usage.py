"""Usage rows as sums: per slot, service, what was used and by whom, and the price they fall under.

Rows are summed before any price is looked up, so the arithmetic of money happens on few rows and
in `Decimal`. A sum holds only rows of one price: it is split where a price begins, at the times of
day between which a price holds, and at the lengths of a prompt above which another price holds.
Slots and days are of UTC, so no clock change makes a day shorter or longer.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from ops_model.analysis import usage_repeats, usage_rows
from ops_model.analysis.usage_rows import COLUMN_OF, KEPT_LONG

if TYPE_CHECKING:
    import ibis

UsageUnit = Literal["tokens", "hours", "reported"]

MODEL, INPUT, OUTPUT = usage_rows.MODEL, usage_rows.INPUT, usage_rows.OUTPUT
CACHE_READ, CACHE_WRITE = usage_rows.CACHE_READ, usage_rows.CACHE_WRITE
NO_SERVICE = usage_rows.NO_SERVICE
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_APART = ("user_group", "run")
_LONGEST, _SHOWN = 40, 3


@dataclass(frozen=True)
class UsageSum:
    """Rows of one slot, service, item and price, summed.

    Attributes:
        at: the start of the slot, UTC.
        service: what the rows were for.
        provider: who served them, '' where the log does not say.
        item: the model or the resource.
        purpose: prod, shadow, challenger, eval, retry or fallback; prod where the log says none.
        user_group: whose rows they are, '' where the log has none or nobody asked.
        run: the training run, as above.
        since: when the declared price regime began; None before the first declared price.
        valid: False for rows whose amounts make no sense; `wrong` says why. They have no price.
        rows: how many, a row that came twice counted once.
        failed: those of them whose status is not ok.
        amounts: tokens: uncached input, cache read, cache written, output; hours: hours, busy
            hours; reported: the cost.
        service_tier: what the rows were asked to be served as, such as flex; '' is the usual.
        minute: the minute of the day at which their price began to hold.
        longer_than: how many input tokens each of them has more than, at least.
        answered: the model that answered, '' where the log does not say.
        wrong: what makes no sense about them.
        repeated: how many more rows were there that came twice; they are in no amount.
        empty: those of the rows that used no token at all, and did not fail.
    """

    at: datetime
    service: str
    provider: str
    item: str
    purpose: str
    user_group: str
    run: str
    since: datetime | None
    valid: bool
    rows: int
    failed: int
    amounts: tuple[Decimal, ...]
    service_tier: str = ""
    minute: int = 0
    longer_than: int = 0
    answered: str = ""
    wrong: str = ""
    repeated: int = 0
    empty: int = 0

    @property
    def day(self) -> date:
        """The UTC day."""
        return self.at.date()


@dataclass(frozen=True)
class UsageLogSums:
    """All sums of one log, and its newest row.

    `contradicting` are rows that share their request id with a row that differs: each has its
    cost, since a retry may keep the id. `name` is that of the log. `undated` are rows without an
    instant, which are in no sum; `kept_long` those that wrote to a cache that keeps for an hour.
    """

    unit: UsageUnit
    sums: tuple[UsageSum, ...]
    newest: datetime | None
    name: str = ""
    contradicting: int = 0
    undated: int = 0
    kept_long: int = 0


@dataclass(frozen=True)
class Splits:
    """Where one price ends and another begins.

    Attributes:
        changes: every instant at which some price begins.
        minutes: minutes of the UTC day at which some price begins or ends.
        lengths: numbers of input tokens above which another price holds.
        minutes_of: the models whose prices depend on the time of day; all, where none is named.
        lengths_of: the same of lengths.
    """

    changes: tuple[datetime, ...] = ()
    minutes: tuple[int, ...] = ()
    lengths: tuple[int, ...] = ()
    minutes_of: tuple[str, ...] = ()
    lengths_of: tuple[str, ...] = ()


def sum_usage(
    log: "ibis.Table",
    unit: UsageUnit,
    *,
    timestamp: str,
    changes: Sequence[datetime] = (),
    slot: timedelta = _DAY,
    splits: Splits | None = None,
    apart: Collection[str] = _APART,
    reported: str = "",
    busy: str | None = None,
    currency: str = "",
    name: str = "",
) -> UsageLogSums:
    """Sum a usage log, bounded by its timestamp already.

    A row that came twice, equal in all that is summed and in its `request_id`, is summed once and
    counted in `repeated`.

    Args:
        log: columns of the usage contract; only those that the unit needs must be there.
        unit: `tokens` needs model, input and output; `hours` needs `resource` and `hours`;
            `reported` needs the column `reported`.
        timestamp: when a row was written.
        changes: every instant at which some price begins, where that is all that splits.
        slot: so long is a slot: whole minutes, a whole number of slots to the day.
        splits: where prices begin and end, see `PriceBook.splits`; instead of `changes`.
        apart: which of `user_group` and `run` are told apart; a log of many users has many sums.
        reported: the column with the cost of a row, for the unit of that name.
        busy: the column with the busy part of the hours.
        currency: that of the reported cost; a row that names another has no cost.
        name: that of the log.

    Raises:
        ValueError: the slots do not divide the day.
    """
    minutes = _minutes_of(slot)
    split = splits or Splits(tuple(changes))
    borders = sorted({at.astimezone(UTC) for at in split.changes})
    clock, lengths = (sorted({0, *numbers}) for numbers in (split.minutes, split.lengths))
    rows = usage_rows.priceable(
        log, usage_rows.Asked(
            unit, timestamp, minutes, borders,
            usage_rows.Steps(clock[1:], split.minutes_of),
            usage_rows.Steps(lengths[1:], split.lengths_of), apart, reported, busy,
            currency,
        ),
    )  # fmt: skip
    keys, amounts = usage_rows.keys_of(rows), len(usage_rows.amounts_of(rows))
    found = usage_rows.summed(rows).to_pyarrow().to_pylist()
    newest = max((row["newest"] for row in found), default=None)
    repeats = usage_repeats.repeats(rows, sum(row["rows"] for row in found))
    _take_off(found, repeats.excess, keys)
    places = _Places(minutes, borders, clock, lengths)
    ordered = sorted(found, key=lambda row: [row[key] for key in keys])
    sums = tuple(_usage_sum(row, places, amounts) for row in ordered)
    return UsageLogSums(unit, sums, newest, name, repeats.contradicting, kept_long=_kept_long(log))


def _kept_long(log: "ibis.Table") -> int:
    """Rows that wrote to a cache that keeps for an hour, which costs more than minutes do."""
    if KEPT_LONG not in log.columns:
        return 0
    found: int = log.filter(log[KEPT_LONG] > 0).count().to_pyarrow().as_py()
    return found


def _take_off(
    found: Sequence[dict[str, Any]], excess: Sequence[Mapping[str, Any]], keys: Sequence[str]
) -> None:
    """Take from sums what rows have too much in them that came twice."""
    of_key = {tuple(row[key] for key in keys): row for row in found}
    for more in excess:
        row = of_key[tuple(more[key] for key in keys)]
        row["repeated"] = row.get("repeated", 0) + int(more["rows"])
        for name in more.keys() - set(keys):
            row[name] = (row[name] or 0) - (more[name] or 0)


def models_in(log: "ibis.Table") -> tuple[tuple[str, str], ...]:
    """Every provider and model of a log of tokens, asked for or answering, in order."""
    named = log.select(
        provider=usage_rows.text(log, COLUMN_OF["provider"]), model=usage_rows.text(log, MODEL),
        answered=usage_rows.text(log, COLUMN_OF["answered"]),
    )  # fmt: skip
    found = named.distinct().to_pyarrow().to_pylist()
    return tuple(
        sorted({(r["provider"], r[m]) for r in found for m in ("model", "answered") if r[m]})
    )


def purpose_notes(logs: Sequence[UsageLogSums]) -> Iterator[str]:
    """What is said of rows whose purpose is a word that nobody knows."""
    for log in logs:
        rows: Counter[str] = Counter()
        for one in log.sums:
            if one.purpose not in usage_rows.PURPOSES:
                rows[one.purpose] += one.rows
        if rows:
            named = ", ".join(f"{word[:_LONGEST]!r}" for word, _ in rows.most_common(_SHOWN))
            yield (
                f"{log.name or 'the log'}: {rows.total():,} rows have a purpose that is none of "
                f"{', '.join(usage_rows.PURPOSES)}, such as {named}; they count as asked for by "
                "somebody"
            )


@dataclass(frozen=True)
class _Places:
    """What the numbers of a group stand for."""

    slot_minutes: int
    borders: Sequence[datetime]
    clock: Sequence[int]
    lengths: Sequence[int]


def _minutes_of(slot: timedelta) -> int:
    minutes = slot // timedelta(minutes=1)
    if slot != timedelta(minutes=minutes) or not minutes or _DAY % slot:
        msg = f"a slot of {slot} was asked for; expected whole minutes that divide a day"
        raise ValueError(msg)
    return minutes


def _usage_sum(row: Mapping[str, Any], places: _Places, amounts: int) -> UsageSum:
    regime, wrong = row.get("regime", 0), usage_rows.WRONG[row["wrong"]]
    return UsageSum(
        at=_EPOCH + timedelta(minutes=row["slot"] * places.slot_minutes),
        service=row.get("service", NO_SERVICE),
        provider=row.get("provider", ""),
        item=row["item"],
        purpose=row.get("purpose", usage_rows.PROD),
        user_group=row.get("user_group", ""),
        run=row.get("run", ""),
        since=places.borders[regime - 1] if regime else None,
        valid=not wrong,
        rows=row["rows"],
        failed=row.get("failed", 0),
        amounts=tuple(Decimal(row[f"a{p}"] or 0) for p in range(amounts)),
        service_tier=row.get("service_tier", ""),
        minute=places.clock[row.get("clock", 0)],
        longer_than=places.lengths[row.get("length", 0)],
        answered=row.get("answered", ""),
        wrong=wrong,
        repeated=row.get("repeated", 0),
        empty=row.get("empty") or 0,
    )
