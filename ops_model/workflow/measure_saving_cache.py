"""What a cache of prompt prefixes would have saved, of each log that holds the prompts' hashes."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from ops_model.domain.cost import CostPlan, UsageLog
from ops_model.domain.evidence import Measured
from ops_model.domain.savings import CacheOpportunity
from ops_model.domain.values import Window
from ops_model.workflow import declared, priced
from ops_model.workflow.declared import Opened
from ops_model.workflow.log_places import address_of, identities_of
from ops_model.workflow.measured_once import measured_once
from ops_model.workflow.usage_logs import TIMESTAMP, stage_of, usage_tables
from ops_model.workflow.whole_days import last_of, whole_days, window_of

if TYPE_CHECKING:
    import ibis

    from ops_model.analysis.prefix_cache import Found
    from ops_model.analysis.prefix_chain import Chain
    from ops_model.analysis.prices import TokenRate

CACHE_DAYS = 28
"""Four whole weeks, so that no weekday is counted more often."""
TTL_MINUTES = 5
"""What vendors keep without being paid for more, so nobody has to trust that one keeps longer."""


def caches_of(book: Opened) -> tuple[CacheOpportunity, ...]:
    """Each usage log with a column of prefix hashes, over its last four weeks of whole days.

    Raises:
        WarehouseError: no usage log is declared, or a log cannot be read as declared.
    """
    cost = priced.plan_of(book)
    asked = [log for log in cost.logs if log.prefix is not None]
    if not asked:
        return ()
    key = "caches", priced.usage_identities(book, cost)
    return measured_once(book, key, lambda: _opportunities(book, cost, asked))


def _opportunities(
    book: Opened, cost: CostPlan, asked: Sequence[UsageLog]
) -> tuple[CacheOpportunity, ...]:
    today = declared.midnight(book.as_of).date()
    days = last_of(whole_days(priced.priced_logs_of(book)), today, CACHE_DAYS)
    tables = usage_tables(book, cost)
    return tuple(_opportunity(book, cost, log, tables[log.id], days) for log in asked)


def _opportunity(
    book: Opened, cost: CostPlan, log: UsageLog, table: "ibis.Table", days: tuple[date, ...]
) -> CacheOpportunity:
    from ops_model.analysis.prefix_cache import together
    from ops_model.analysis.prefix_chain import Chain

    chain = Chain()
    found = _walked(book, log, table, days, chain) if days else {}
    whole = together(found)

    def share(part: int, of: int, *, by_hash: bool = True) -> Measured:
        value = part / of if of and not (by_hash and chain.why_not) else None
        why = "exact" if of else "no prompt on a whole day"
        if of and by_hash:
            why = chain.why_not or chain.doubt or why
        return Measured(value=value, unit="share", n=whole.requests, no_interval=why)

    return CacheOpportunity(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("cost"),
        inputs=identities_of(book, [log]),
        window=window_of(days),
        simulated=book.system.identity.simulated or log.simulated,
        log=log.id,
        currency=cost.currency,
        ttl_minutes=TTL_MINUTES,
        requests=whole.requests,
        hit_tokens=share(whole.hits, whole.tokens),
        whole_repeats=share(whole.whole, whole.requests),
        cached_now=share(whole.read, whole.tokens, by_hash=False),
        saving_per_day=_saving(cost, found, whole.requests, len(days), chain),
    )


def _walked(
    book: Opened, log: UsageLog, table: "ibis.Table", days: Collection[date], chain: "Chain"
) -> "Found":
    from ops_model.analysis.prefix_cache import prompts_of, walk
    from ops_model.analysis.spend_slots import at_midnight
    from ops_model.store.warehouse import readable_logs

    ttl = timedelta(minutes=TTL_MINUTES)
    # What came just before the first day may still be kept when it begins.
    window = Window(
        start=at_midnight(min(days)) - ttl, end=at_midnight(max(days)) + timedelta(days=1)
    )
    with readable_logs(address_of(log)):
        return walk(
            prompts_of(table, timestamp=TIMESTAMP, window=window, stage=stage_of(book, log)),
            block_tokens=log.prefix_block_tokens or 1, ttl=ttl, days=days, chain=chain,
        )  # fmt: skip


def _saving(cost: CostPlan, found: "Found", requests: int, days: int, chain: "Chain") -> Measured:
    from ops_model.analysis.prefix_cache import saving
    from ops_model.analysis.private_names import harmless
    from ops_model.analysis.repeatable import repeatable

    if not requests:
        return Measured(value=None, unit=cost.currency, n=0, no_interval="no whole day is held")
    if chain.why_not:
        why = chain.why_not
        return Measured(value=None, unit=cost.currency, n=requests, no_interval=why)
    prices = priced.price_book(cost)

    def rate_of(provider: str, model: str, at: datetime) -> "TokenRate | None":
        return prices.of_tokens(model, at, provider=provider)

    saved, unknown = saving(found, rate_of)
    models = {model for _, _, model in found}
    lacking = f"no price is known of {', '.join(map(harmless, unknown))}"
    if models <= set(unknown):
        why = lacking
        return Measured(value=None, unit=cost.currency, n=requests, no_interval=why)
    why = f"a walk over {days} days, as if every block were kept"
    if unknown:
        why += f"; {lacking}"
    if chain.doubt:
        why += f"; {chain.doubt}"
    value = repeatable(float(saved / days))
    return Measured(value=value, unit=cost.currency, n=requests, no_interval=why)
