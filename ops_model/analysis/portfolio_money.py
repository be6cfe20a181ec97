"""What a portfolio may spend, what it asks for, and whether it has room for one more pilot."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from ops_model.domain.operating_model import SystemClaims
from ops_model.domain.portfolio import Portfolio
from ops_model.domain.portfolio_status import Ask, CeilingSum, PilotGate, Standing
from ops_model.domain.values import Money


def asks_of(standings: Sequence[Standing]) -> tuple[tuple[Ask, ...], tuple[str, ...]]:
    """What the stranded pilots cost to close, by currency, and those that nobody costed."""
    stranded = [s for s in standings if s.outcome == "STRANDED"]
    by_currency: dict[str, list[Standing]] = {}
    for one in stranded:
        if one.cost_to_close is not None:
            by_currency.setdefault(one.cost_to_close.currency, []).append(one)
    asks = tuple(
        Ask(
            currency=currency,
            amount=_sum([s.cost_to_close for s in ones if s.cost_to_close], currency),
            systems=tuple(s.system for s in ones),
        )
        for currency, ones in sorted(by_currency.items())
    )
    return asks, tuple(s.system for s in stranded if s.cost_to_close is None)


def _sum(amounts: Iterable[Money], currency: str) -> Money:
    return Money(amount=sum((m.amount for m in amounts), Decimal(0)), currency=currency)


def ceilings_of(
    systems: Sequence[SystemClaims], portfolio: Portfolio | None, as_of: datetime
) -> CeilingSum:
    """The strictest ceiling per day of every system that is not retired, added up."""
    limit = portfolio.ceiling_per_day if portfolio is not None else None
    alive = [s for s in systems if s.identity.stage_at(as_of) != "retired"]
    found = {s.id: _ceiling(s) for s in alive}
    currencies = {money.currency for money in found.values() if money is not None}
    currency = limit.currency if limit is not None else min(currencies, default=None)
    added = {i: m for i, m in found.items() if m is not None and m.currency == currency}
    left_out = tuple(
        s.id
        for s in alive
        if s.id not in added and (s.identity.in_production_at(as_of) or found[s.id] is not None)
    )
    total = _sum(added.values(), currency) if added and currency is not None else None
    holds = None
    if total is not None and limit is not None:
        over = total.amount > limit.amount
        holds = False if over else None if left_out else True
    return CeilingSum(
        total=total,
        limit=limit,
        override=portfolio.ceiling_override if portfolio is not None else None,
        systems=len(added),
        left_out=left_out,
        holds=holds,
    )


def _ceiling(system: SystemClaims) -> Money | None:
    ceilings = system.cost.ceilings if system.cost is not None else ()
    daily = [c.amount for c in ceilings if c.scope == "system" and c.per == "day"]
    # Two currencies in one file cannot be compared, so the first one's is taken.
    same = [money for money in daily if money.currency == daily[0].currency]
    return min(same, key=lambda money: money.amount, default=None)


def gate_of(portfolio: Portfolio | None, standings: Sequence[Standing]) -> PilotGate | None:
    """Whether pilot number ten may begin (S3.23); None where nobody set a limit."""
    if portfolio is None:
        return None
    stranded = [s.system for s in standings if s.outcome == "STRANDED"]
    limit, operators = portfolio.wip_limit, portfolio.operators_fte
    faults = ["operators_fte is not written in portfolio.yaml"] if operators is None else []
    faults += ["nobody operates AI systems"] if operators == 0 else []
    if len(stranded) >= limit:
        verb = "is" if len(stranded) == 1 else "are"
        named = f" ({', '.join(stranded)})" if stranded else ""
        faults.append(f"{len(stranded)} {verb} stranded{named}; from {limit} on none may begin")
    held = f"{len(stranded)} stranded of at most {limit - 1}, and {operators} operators"
    return PilotGate(
        refused=bool(faults),
        why="; ".join(faults) or held,
        stranded=len(stranded),
        wip_limit=limit,
        operators_fte=float(operators) if operators is not None else None,
    )
