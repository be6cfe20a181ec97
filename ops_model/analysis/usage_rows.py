"""The query behind sums of usage: each row with what it is summed by, and what is wrong with it.

Ibis expressions only, so that every engine answers alike. A column that a log lacks is no part of
the query at all, so that what nobody logs costs nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add, or_
from typing import TYPE_CHECKING, Any

from ops_model.analysis.slots import minute_of

if TYPE_CHECKING:
    import ibis

MODEL = "gen_ai_request_model"
INPUT = "gen_ai_usage_input_tokens"
CACHE_READ = "gen_ai_usage_cache_read_input_tokens"
CACHE_WRITE = "gen_ai_usage_cache_creation_input_tokens"
OUTPUT = "gen_ai_usage_output_tokens"
REQUEST, STATUS = "request_id", "status"
KEPT_LONG = "x_cache_creation_1h_input_tokens"
"""Those of the tokens written to a cache that are kept for an hour, which costs more."""
REUSED = "x_reused"
"""True of an answer that was kept from before; it used no tokens."""
NO_SERVICE, PROD = "(no service)", "prod"
COLUMN_OF: Mapping[str, str] = {
    "service": "service", "provider": "gen_ai_provider_name", "purpose": "purpose",
    "user_group": "user_group", "run": "run_id",
    "service_tier": "gen_ai_openai_request_service_tier", "answered": "gen_ai_response_model",
}  # fmt: skip
"""What rows are told apart by, and the column of the usage contract that says it."""
WRONG = (
    "", "no model", "no resource", "no input tokens", "no output tokens", "negative tokens",
    "more cached than input", "no number of cached tokens",
    "no hours", "negative hours", "more busy hours than hours",
    "no cost", "negative cost", "more hours than a row can have", "no number of busy hours",
    "a cost in another currency",
)  # fmt: skip
"""What can be wrong with a row; its place in here is its number in the query."""
COMES_TWICE, UNDATED = "came twice", "no timestamp"
_CURRENCIES = ("currency", "costcurrency", "billingcurrency")
PURPOSES = (PROD, "shadow", "challenger", "eval", "retry", "fallback")
"""What a row can be for; one of any other purpose is taken for one that somebody asked for."""
_COUNTS = ("failed", "empty")
_NULL_IS = {"service": NO_SERVICE, "purpose": PROD}
_OK = ("ok", "OK", "Ok", "success", "200", "unset", "UNSET", "")
_MINUTES_OF_A_DAY = 1440
_MOST_OF_A_ROW = 10**12
"""More tokens than a row can have."""
_MOST_HOURS = 10**9
"""More hours than a row can have: a thousand resources for a hundred years."""
_UNSIGNED = "uint64"
_TOO_LARGE = 1e26
"""No decimal of 38 digits, 12 of them behind the point, reaches it."""


@dataclass(frozen=True)
class Steps:
    """Numbers at which a price changes, and the models that it is of: all, where none is named."""

    at: Sequence[int]
    models: Sequence[str]

    def reached(self, conditions: Sequence[Any], answering: Sequence[Any]) -> Any:  # noqa: ANN401 - Ibis columns have no common type to name
        """How many steps a row has reached; none where the price of another model holds."""
        if not self.models:
            return _reached(conditions)
        concerned = answering[0].isin(self.models)
        for model in answering[1:]:
            concerned = concerned | model.isin(self.models)
        return concerned.ifelse(_reached(conditions), 0).cast("int32")


@dataclass(frozen=True)
class Asked:
    """What is summed of a usage log, and how it is told apart; see `usage.sum_usage`."""

    unit: str
    timestamp: str
    slot_minutes: int
    borders: Sequence[datetime]
    clock: Steps
    lengths: Steps
    apart: Collection[str]
    reported: str
    busy: str | None
    currency: str = ""


def priceable(log: "ibis.Table", asked: Asked) -> "ibis.Table":
    """Each row of a usage log with all that its price depends on."""
    item, amounts, wrong = _of_unit(log, asked)
    minute = minute_of(log, asked.timestamp)
    keys: dict[str, Any] = {"slot": (minute // asked.slot_minutes).cast("int64"), "item": item}
    for key, column in COLUMN_OF.items():
        if column in log.columns and (key in asked.apart or key not in {"user_group", "run"}):
            keys[key] = text(log, column, _NULL_IS.get(key, ""))
    if "purpose" in keys:
        keys["purpose"] = keys["purpose"].strip().lower().nullif("").fill_null(PROD)
    at = log[asked.timestamp]
    keys |= _price_of(log, asked, minute, [keys[k] for k in ("item", "answered") if k in keys])
    if STATUS in log.columns:
        status = log[STATUS].cast("string")
        keys["failed"] = (status.notnull() & ~status.isin(_OK)).cast("int32")
    if asked.unit == "tokens":
        keys["empty"] = _is_empty(log, amounts, keys.get("failed"))
    if REQUEST in log.columns:
        keys[REQUEST] = log[REQUEST].cast("string").nullif("")
    valued = {f"a{place}": amount for place, amount in enumerate(amounts)}
    return log.select(**keys, wrong=wrong, at=at, **valued)


def _is_empty(log: "ibis.Table", amounts: Sequence[Any], failed: Any | None) -> Any:  # noqa: ANN401 - as above
    """1 for a row that used no token at all and did not fail: nobody got an answer by it.

    But for an answer that was kept: whoever asked got it, and it used none.
    """
    none = reduce(add, [amount.fill_null(0) for amount in amounts]) == 0
    if REUSED in log.columns:
        none = none & ~log[REUSED].fill_null(False)  # noqa: FBT003 - what says nothing was not kept
    return (none if failed is None else none & (failed == 0)).cast("int32")


def is_currency(column: str) -> bool:
    """True of a column that says in which currency a reported cost is, however it is spelled."""
    return column.replace("_", "").replace(" ", "").casefold() in _CURRENCIES


def _price_of(
    log: "ibis.Table",
    asked: Asked,
    minute: Any,  # noqa: ANN401 - as above
    answering: Sequence[Any],
) -> dict[str, Any]:
    """What tells the prices of one model apart: since when, which hours, above which length."""
    import ibis

    keys = {}
    if asked.borders:
        at = log[asked.timestamp]
        keys["regime"] = _reached([at >= ibis.literal(border) for border in asked.borders])
    if asked.clock.at:
        of_day = minute - (minute // _MINUTES_OF_A_DAY) * _MINUTES_OF_A_DAY
        keys["clock"] = asked.clock.reached([of_day >= m for m in asked.clock.at], answering)
    if asked.lengths.at and asked.unit == "tokens":
        longer = [number(log[INPUT]) > length for length in asked.lengths.at]
        keys["length"] = asked.lengths.reached(longer, answering)
    return keys


def amounts_of(rows: "ibis.Table") -> tuple[str, ...]:
    """The names of the amounts of `priceable` rows, in order."""
    return tuple(name for name in rows.columns if name[0] == "a" and name[1:].isdigit())


def keys_of(rows: "ibis.Table") -> tuple[str, ...]:
    """The names of what `priceable` rows are told apart by."""
    others = {*amounts_of(rows), "at", *_COUNTS, REQUEST}
    return tuple(name for name in rows.columns if name not in others)


def summed(rows: "ibis.Table") -> "ibis.Table":
    """The sums of `priceable` rows, those that came twice included."""
    totals = {"newest": rows["at"].max(), "rows": rows.count()}
    totals |= {name: rows[name].sum() for name in (*amounts_of(rows), *counts_of(rows))}
    return rows.group_by(*keys_of(rows)).aggregate(**totals)


def text(log: "ibis.Table", column: str, missing: str = "") -> Any:  # noqa: ANN401 - Ibis columns have no common type to name
    """A column as text; `missing` where it holds nothing, or where the log has no such column."""
    import ibis

    if column not in log.columns:
        return ibis.literal(missing)
    said = log[column].cast("string")
    return (said.nullif("") if missing else said).fill_null(missing)


def number(column: Any) -> Any:  # noqa: ANN401 - as above
    """The column as numbers whose sum is exact: the order in which threads add floats shows.

    NaN, infinities and what is too large are taken for missing: one of them would spoil a sum.
    """
    import ibis

    if column.type().is_integer():
        # Of eight bytes without a sign, some have no place in eight with one.
        return column.cast("decimal(38, 0)" if column.type() == _UNSIGNED else "int64")
    if not column.type().is_floating():
        return column
    # Bounded before the cast, which not every engine answers with null when it is too much.
    value = column.cast("float64")
    odd = value.isnan() | (value.abs() >= ibis.literal(_TOO_LARGE, type="float64"))
    return odd.ifelse(ibis.null("float64"), value).cast("decimal(38, 12)")


def _of_unit(log: "ibis.Table", asked: Asked) -> tuple[Any, list[Any], Any]:
    import ibis

    busy, reported = asked.busy, asked.reported
    if asked.unit == "hours":
        hours = number(log.hours)
        used = number(log[busy]) if busy else ibis.literal(0, type="int64")
        wrong = _first(
            ("no resource", log.resource.isnull()), ("no hours", hours.isnull()),
            ("negative hours", (hours < 0) | (used < 0)),
            ("more hours than a row can have", hours > _MOST_HOURS),
            ("no number of busy hours", _unread(log[busy], used) if busy else None),
            ("more busy hours than hours", used > hours),
        )  # fmt: skip
        return text(log, "resource"), [hours, used], wrong
    if asked.unit == "reported":
        cost = number(log[reported])
        wrong = _first(
            ("no cost", cost.isnull()), ("negative cost", cost < 0),
            ("a cost in another currency", _in_another(log, asked.currency)),
        )  # fmt: skip
        return ibis.literal(reported), [cost], wrong
    return _of_tokens(log)


def _unread(column: Any, read: Any) -> Any:  # noqa: ANN401 - as above
    """Where a column says something that is no number, such as NaN."""
    return column.notnull() & read.isnull()


def _in_another(log: "ibis.Table", currency: str) -> Any | None:  # noqa: ANN401 - as above
    """Where a row says that its cost is in another currency; None where no row can say."""
    said = [text(log, name).strip().upper() for name in log.columns if is_currency(name)]
    other = [~one.isin(("", currency.upper())) for one in said if currency]
    return reduce(or_, other) if other else None


def _of_tokens(log: "ibis.Table") -> tuple[Any, list[Any], Any]:
    """Model, amounts and what is wrong; the amounts of a row that makes no sense are none.

    Nearly all rows are sound, which is asked in one go; what is wrong is then asked of few, and
    nothing is added up that does not fit a number.
    """
    import ibis

    given, written_out, model = number(log[INPUT]), number(log[OUTPUT]), text(log, MODEL)
    read, written, odd = *(_cached(log, c) for c in (CACHE_READ, CACHE_WRITE)), []
    sound, negative = model != "", (given < 0) | (written_out < 0)
    for part in (given, written_out, *(c.tokens for c in (read, written) if c.there)):
        sound = sound & part.between(0, _MOST_OF_A_ROW)
    for cached in (c for c in (read, written) if c.there):
        odd.append(("no number of cached tokens", cached.unread))
        sound, negative = sound & ~cached.unread, negative | (cached.tokens < 0)
    if odd:
        as_float = [part.cast("float64") for part in (read.tokens, written.tokens, given)]
        sound = sound & (as_float[0] + as_float[1] <= as_float[2])
    sound = sound.fill_null(False)  # noqa: FBT003 - what cannot be compared makes no sense
    wrong = _first(
        ("", sound), ("no model", model == ""), ("no input tokens", ~_counts(given)),
        ("no output tokens", ~_counts(written_out)), *odd, ("negative tokens", negative),
        ("more cached than input", ibis.literal(True)),  # noqa: FBT003 - nothing else is left
    )  # fmt: skip
    # The contract's input includes what the cache read and wrote; each token is priced once.
    fresh = given - read.tokens - written.tokens
    amounts = [fresh, read.tokens, written.tokens, written_out]
    return model, [sound.ifelse(amount, None) for amount in amounts], wrong


@dataclass(frozen=True)
class _Cached:
    """Tokens that a cache read or wrote, 0 where none are told, and where they are no number."""

    tokens: Any
    unread: Any
    there: bool


def _cached(log: "ibis.Table", column: str) -> _Cached:
    import ibis

    if column not in log.columns:
        return _Cached(ibis.literal(0, type="int64"), ibis.literal(False), there=False)  # noqa: FBT003 - the value
    tokens = number(log[column])
    unread = _unread(log[column], tokens) if log[column].type().is_floating() else None
    tokens = tokens.fill_null(0)
    beyond = ~tokens.between(-_MOST_OF_A_ROW, _MOST_OF_A_ROW)
    return _Cached(tokens, beyond if unread is None else unread | beyond, there=True)


def _counts(part: Any) -> Any:  # noqa: ANN401 - as above
    """Whether it is a number that a row can have, if need be below zero."""
    return part.notnull() & part.between(-_MOST_OF_A_ROW, _MOST_OF_A_ROW)


def _first(*told: tuple[str, Any | None]) -> Any:  # noqa: ANN401 - as above
    """The number of the first thing that is wrong with a row, 0 where nothing is."""
    import ibis

    asked = [(what, wrong) for what, wrong in told if wrong is not None]
    branches = [(wrong.fill_null(False), WRONG.index(what)) for what, wrong in asked]  # noqa: FBT003 - what cannot be compared is told by an earlier branch
    return ibis.cases(*branches, else_=0).cast("int32")


def _reached(conditions: Sequence[Any]) -> Any:  # noqa: ANN401 - as above
    """How many of these hold, each of which implies those before it."""
    reached: Any = conditions[0].fill_null(False).cast("int32")  # noqa: FBT003 - such a row has no price
    for condition in conditions[1:]:
        reached = reached + condition.fill_null(False).cast("int32")  # noqa: FBT003 - as above
    return reached.cast("int32")


def counts_of(rows: "ibis.Table") -> tuple[str, ...]:
    """The names of what is counted of rows: which failed, where that is said, and were empty."""
    return tuple(name for name in _COUNTS if name in rows.columns)
