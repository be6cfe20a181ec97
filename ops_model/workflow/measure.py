"""What a system spends, measured from the usage logs that its claims name."""

from datetime import timedelta

from ops_model.domain.cost import SpendMeasurement
from ops_model.domain.evidence import Measured
from ops_model.domain.values import Window
from ops_model.errors import WarehouseError
from ops_model.workflow import declared
from ops_model.workflow.declared import Opened

SPEND_DAYS = 91
"""How many days of spend a measurement holds, the day of `as_of` included."""


def spend_of(book: Opened) -> SpendMeasurement:
    """Spend per day and service against the ceiling, over the last 91 days.

    Raises:
        WarehouseError: no usage log is declared, a log cannot be read as declared, or a ceiling is
            in another currency than the prices.
    """
    from ops_model.analysis.cost import PriceBook, measure_spend

    cost = book.system.cost
    if cost is None or not cost.logs:
        where = book.system.missing_file("cost") if cost is None else cost.place_of("logs")
        raise WarehouseError(
            "declares no usage log, so nobody knows what this system costs per day",
            where=str(where),
            remedy="write `logs:` with unit (tokens or hours) and address, and dated prices",
        )
    ceiling = declared.ceiling_of(cost)
    prices = PriceBook(cost.currency, cost.token_prices, cost.hour_prices)
    inputs = declared.identities(book.root, [log.address for log in cost.logs])
    result = measure_spend(
        declared.open_usage(book, cost, prices.changes),
        prices,
        as_of=book.as_of,
        ceiling_per_day=ceiling.amount.amount if ceiling else None,
        days=SPEND_DAYS,
    )
    limit = None
    if ceiling is not None:
        amount = float(ceiling.amount.amount)
        limit = Measured(value=amount, unit=cost.currency, n=1, no_interval="exact")
    first = declared.midnight(book.as_of) - timedelta(days=SPEND_DAYS - 1)
    return SpendMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("cost"),
        inputs=inputs,
        window=Window(start=first, end=book.as_of),
        simulated=book.system.identity.simulated or any(log.simulated for log in cost.logs),
        currency=cost.currency,
        ceiling_per_day=limit,
        **vars(result),
    )
