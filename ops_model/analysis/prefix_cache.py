"""What a cache of prompt prefixes would have read, found by walking the prompts in order of time.

A hash stands for a block of the prompt and all before it, so a prompt's leading blocks that came
lately are what a cache still holds. A use renews a block. A hash of the whole prompt finds next to
nothing: two conversations share their beginning, and hardly ever their end.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from ops_model.analysis.prefix_chain import Chain, Hash
from ops_model.analysis.prices import MILLION, TokenRate
from ops_model.analysis.slots import minute_of
from ops_model.analysis.usage_adapters import PREFIX
from ops_model.analysis.usage_rows import (
    CACHE_READ,
    CACHE_WRITE,
    COLUMN_OF,
    INPUT,
    MODEL,
    REQUEST,
    number,
    text,
)
from ops_model.domain.values import Window

if TYPE_CHECKING:
    import ibis

K = TypeVar("K")
_Cache = tuple[str, str]
"""Provider and model: each has a cache of its own."""
Stage = Callable[["ibis.Table"], AbstractContextManager["ibis.Table"]]
"""What keeps rows while they are read many times."""
_NOON = time(12)
_BATCH = 20_000  # rows
_EPOCH, _HOUR, _MINUTES = datetime(1970, 1, 1, tzinfo=UTC), timedelta(hours=1), 60


class Prompt(NamedTuple):
    """One request: its model, tokens, what a cache did for it, and the hashes of its blocks."""

    at: datetime
    provider: str
    model: str
    tokens: int
    read: int
    written: int
    blocks: Sequence[Hash | None]


@dataclass
class Opportunity:
    """Prompts of one day and model, summed.

    Attributes:
        requests: how many.
        tokens: their input.
        hits: the tokens that begin a prompt seen lately.
        read: the tokens that a cache did read.
        whole: the requests whose whole prompt was seen lately.
        more_read: the tokens that a cache could have read beyond those that it did.
        more_written: the tokens that it would have had to keep, beyond those that it did.
    """

    requests: int = 0
    tokens: int = 0
    hits: int = 0
    read: int = 0
    whole: int = 0
    more_read: int = 0
    more_written: int = 0

    def add(self, prompt: Prompt, hits: int, held: int, *, whole: bool) -> None:
        """Count one prompt, of whose `held` tokens in blocks `hits` were seen lately."""
        self.requests += 1
        self.tokens += prompt.tokens
        self.hits += hits
        self.read += prompt.read
        self.whole += whole
        self.more_read += max(hits - prompt.read, 0)
        self.more_written += max(held - max(hits, prompt.read) - prompt.written, 0)


Found = Mapping[tuple[date, str, str], Opportunity]
"""Sums by UTC day, provider and model."""


def walk(
    prompts: Iterable[Prompt],
    *,
    block_tokens: int,
    ttl: timedelta,
    days: Collection[date] | None = None,
    chain: Chain | None = None,
) -> Found:
    """What of each prompt a cache would have held when it came, in one pass.

    What is kept while walking are the blocks of the last two `ttl`, however long the log is. Each
    model of each provider has a cache of its own.

    Args:
        prompts: in order of time.
        block_tokens: so many tokens are a block; the last one of a prompt may hold fewer.
        ttl: how long a block is kept after it was used.
        days: those that count; all, where it is None. Prompts of others fill the cache only.
        chain: counts what of the hashes is no chain; a prompt ends where a hash is missing.

    Raises:
        ValueError: a prompt is older than the one before it.
    """
    seen, whole = _Lately[Hash](ttl), _Lately[tuple[Hash, int]](ttl)
    found: defaultdict[tuple[date, str, str], Opportunity] = defaultdict(Opportunity)
    chain = chain or Chain()
    for prompt in prompts:
        at, of, blocks = prompt.at, (prompt.provider, prompt.model), chain.known(prompt.blocks)
        leading = seen.leading(of, blocks, at)
        complete = blocks and len(blocks) == len(prompt.blocks)
        ends = [(blocks[-1], prompt.tokens)] if complete else []
        repeated = whole.leading(of, ends, at) == 1
        day = at.astimezone(UTC).date()
        if days is None or day in days:
            held = min(len(blocks) * block_tokens, prompt.tokens)
            hits = min(leading * block_tokens, prompt.tokens)
            found[day, *of].add(prompt, hits, held, whole=repeated)
    return dict(found)


def together(found: Found) -> Opportunity:
    """The sum over all days and models."""
    whole = Opportunity()
    for one in found.values():
        for name, value in vars(one).items():
            setattr(whole, name, getattr(whole, name) + value)
    return whole


def saving(
    found: Found, rate_of: Callable[[str, str, datetime], TokenRate | None]
) -> tuple[Decimal, tuple[str, ...]]:
    """What a cache would have saved, less what writing to it costs more; below 0 it costs more.

    Args:
        found: sums of `walk`.
        rate_of: the price of a provider's model at an instant; asked for noon of each day.

    Returns:
        The saving, and the models of which no price is known, which are in no sum.
    """
    saved, unknown = Decimal(0), set[str]()
    for (day, provider, model), one in found.items():
        rate = rate_of(provider, model, datetime.combine(day, _NOON, UTC))
        less, more = _differences(rate)
        if less is None or more is None:
            unknown.add(model)
            continue
        saved += (one.more_read * less - one.more_written * more) / MILLION
    return saved, tuple(sorted(unknown))


def _differences(rate: TokenRate | None) -> tuple[Decimal | None, Decimal | None]:
    """How much less a million tokens cost when read, and how much more when written."""
    if rate is None or rate.input_per_million is None:
        return None, None
    read, written = rate.cache_read_per_million, rate.cache_write_per_million
    return (
        None if read is None else rate.input_per_million - read,
        None if written is None else written - rate.input_per_million,
    )


def prompts_of(
    log: "ibis.Table",
    *,
    timestamp: str,
    window: Window,
    at_once: int = 100_000,
    stage: "Stage" = nullcontext,
) -> Iterator[Prompt]:
    """The prompts of a usage log in order of time, without rows that make no sense.

    Whole hours are read at once, so many that few queries are made and little is held of a long
    log.

    Args:
        log: columns of the usage contract, the hashes of the prompts among them.
        timestamp: when a row was written.
        window: the rows to read.
        at_once: so many rows are read at once at most, but for an hour that holds more.
        stage: where rows are kept meanwhile, if a look at a few hours would read the whole log.
    """
    import ibis

    rows = _rows(log, timestamp)
    within = rows.filter(
        (rows.at >= ibis.literal(window.start)) & (rows.at < ibis.literal(window.end))
    )
    with stage(within) as held:
        sound = _sound(held, ids=REQUEST in log.columns)
        for start, end in _spans(sound, at_once):
            span = sound.filter((sound.at >= ibis.literal(start)) & (sound.at < ibis.literal(end)))
            # By all of a row: another run has to walk those of one instant in the same order.
            for batch in span.order_by(*span.columns).to_pyarrow().to_batches(_BATCH):
                *plain, blocks = (batch.column(name).to_pylist() for name in Prompt._fields)
                yield from map(Prompt, *plain, (kept or () for kept in blocks))


def _spans(rows: "ibis.Table", most: int) -> Iterator[tuple[datetime, datetime]]:
    """Spans of whole hours in order, each of one hour or of not too many rows."""
    hours = rows.select(hour=minute_of(rows, "at") // _MINUTES)
    counted = hours.group_by("hour").aggregate(rows=hours.count()).order_by("hour")
    held = [(row["hour"], row["rows"]) for row in counted.to_pyarrow().to_pylist()]
    begun, many = None, 0
    for place, (hour, count) in enumerate(held):
        begun = hour if begun is None else begun
        many += count
        last = place + 1 == len(held)
        if last or many + held[place + 1][1] > most:
            yield _EPOCH + begun * _HOUR, _EPOCH + (hour + 1) * _HOUR
            begun, many = None, 0


def _rows(log: "ibis.Table", timestamp: str) -> "ibis.Table":
    """What a prompt is made of, and the id of its request at the end."""
    tokens = [_tokens(log, name) for name in (INPUT, CACHE_READ, CACHE_WRITE)]
    named = dict(zip(("tokens", "read", "written"), tokens, strict=True))
    return log.select(
        at=log[timestamp], provider=text(log, COLUMN_OF["provider"]), model=text(log, MODEL),
        **named, blocks=log[PREFIX], request=text(log, REQUEST),
    )  # fmt: skip


def _sound(rows: "ibis.Table", *, ids: bool) -> "ibis.Table":
    """Without rows that make no sense, and those that came twice.

    One that came twice would look like a prompt that somebody sent again.
    """
    if ids:
        rows = rows.filter(rows.request != "").distinct().union(rows.filter(rows.request == ""))
    return rows.filter(
        (rows.tokens > 0) & (rows.read >= 0) & (rows.written >= 0)
        & (rows.read + rows.written <= rows.tokens)
    )  # fmt: skip


def _tokens(log: "ibis.Table", name: str) -> "ibis.Value":
    import ibis

    if name not in log.columns:
        return ibis.literal(0, type="int64")
    return number(log[name]).fill_null(0).cast("int64")


@dataclass
class _Lately(Generic[K]):
    """What was used within a time: two generations, of which the older is dropped whole."""

    ttl: timedelta
    young: dict[_Cache, dict[K, datetime]] = field(default_factory=dict)
    old: dict[_Cache, dict[K, datetime]] = field(default_factory=dict)
    turned: datetime | None = None
    newest: datetime | None = None

    def leading(self, of: _Cache, keys: Sequence[K], at: datetime) -> int:
        """How many keys from the first one on were used within the time; all are used now."""
        self._turn(at)
        young, old = self.young.setdefault(of, {}), self.old.get(of, {})
        still, found = at - self.ttl, 0
        for key in keys:
            used = young.get(key) or old.get(key)
            if used is None or used < still:
                break
            found += 1
        young.update(dict.fromkeys(keys, at))
        return found

    def _turn(self, at: datetime) -> None:
        if self.newest is not None and at < self.newest:
            msg = f"a prompt of {at} comes after one of {self.newest}; expected them in order"
            raise ValueError(msg)
        self.newest = at
        if self.turned is None:
            self.turned = at
        elif at - self.turned > self.ttl:
            self.old, self.young, self.turned = self.young, {}, at
