"""When each ceiling per day is crossed, if the cost goes on growing as it did."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ops_model.domain.cost import CostCeiling
from ops_model.domain.spend import CostForecast
from ops_model.domain.values import Window
from ops_model.workflow import declared, priced
from ops_model.workflow.ceiling_names import under
from ops_model.workflow.measure import SPEND_DAYS
from ops_model.workflow.open import Book
from ops_model.workflow.whole_days import last_of, whole_days

if TYPE_CHECKING:
    from ops_model.analysis.cost import PricedLogs, PricedSum


def forecasts_of(book: Book) -> tuple[CostForecast, ...]:
    """One forecast for each ceiling per day of the system or of a provider.

    It rests on the whole days of the last 91 on which every row has a price; where most of the
    last week have rows without one, on what these days cost at least. A day without any row is not
    known, and left out. Rows that name no provider may be of any.

    Raises:
        WarehouseError: no usage log is declared, a log cannot be read as declared, or a ceiling is
            in another currency than the prices.
    """
    cost = priced.plan_of(book)
    declared.ceiling_of(cost)
    logs = priced.priced_logs_of(book)
    daily = cost.daily_ceilings
    known = _known_days(logs, book.as_of)
    services = [
        _by_day((p for p in logs.sums if p.usage.service == name), known)
        for name in sorted({p.usage.service for p in logs.sums})
    ]
    return tuple(_forecast(book, ceiling, logs, known, services) for ceiling in daily)


def _forecast(
    book: Book,
    ceiling: CostCeiling,
    logs: "PricedLogs",
    known: frozenset[date],
    services: Sequence[dict[date, float]],
) -> CostForecast:
    from ops_model.analysis.forecast import HORIZON_DAYS, WEEK, Unsure, forecast_crossing

    cost = priced.plan_of(book)
    mine, today = list(under(ceiling, logs.sums)), declared.midnight(book.as_of).date()
    nameless = _nameless(ceiling, logs)
    lately = set(last_of(known, today, WEEK))
    found = forecast_crossing(
        # Where no row names the provider, nobody knows what it costs.
        _by_day(mine, known) if mine else {},
        float(ceiling.amount.amount),
        today=today,
        currency=cost.currency,
        others=services,
        unsure=Unsure(
            least=_by_day(mine, _bounded_days(logs, book.as_of)) if mine else {},
            nameless=_by_day(nameless, known),
            rows=sum(one.usage.rows for one in nameless if one.usage.day in lately),
            undated=sum(log.undated for log in logs.logs),
        ),
    )
    first = declared.midnight(book.as_of) - timedelta(days=SPEND_DAYS - 1)
    return CostForecast(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("cost"),
        inputs=priced.usage_identities(book, cost),
        window=Window(start=first, end=book.as_of),
        simulated=book.system.identity.simulated or cost.simulated,
        ceiling=ceiling.id,
        horizon_days=HORIZON_DAYS,
        **vars(found),
    )


def _known_days(logs: "PricedLogs", as_of: datetime) -> frozenset[date]:
    """The whole days of the last 91 with rows of every log, all of which have a price."""
    today = declared.midnight(as_of).date()
    return frozenset(last_of(whole_days(logs) - _unpriced(logs), today, SPEND_DAYS - 1))


def _bounded_days(logs: "PricedLogs", as_of: datetime) -> tuple[date, ...]:
    """The whole days of the last week that hold rows without a price."""
    from ops_model.analysis.forecast import WEEK

    return last_of(whole_days(logs) & _unpriced(logs), declared.midnight(as_of).date(), WEEK)


def _unpriced(logs: "PricedLogs") -> set[date]:
    return {p.usage.day for p in logs.sums if p.cost is None}


def _nameless(ceiling: CostCeiling, logs: "PricedLogs") -> "list[PricedSum]":
    """The requests that do not say who served them: a provider's ceiling may be theirs."""
    from ops_model.analysis.bridge_sides import sums_of

    if ceiling.scope != "provider":
        return []
    return [one for one in sums_of(logs, "tokens") if not one.usage.provider]


def _by_day(sums: "Iterable[PricedSum]", known: Iterable[date]) -> dict[date, float]:
    """What each known day cost; nothing where the others of the day cost something."""
    costs: dict[date, Decimal] = defaultdict(Decimal)
    for part in sums:
        costs[part.usage.day] += part.cost or Decimal(0)
    return {day: float(costs.get(day, Decimal(0))) for day in sorted(known)}
