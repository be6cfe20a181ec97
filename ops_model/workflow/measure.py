"""What a system spends, measured from the usage logs that its claims name."""

from datetime import timedelta

from ops_model.domain.evidence import Measured
from ops_model.domain.spend import SpendMeasurement
from ops_model.domain.values import Window
from ops_model.workflow import declared, priced
from ops_model.workflow.declared import Opened

SPEND_DAYS = 91
"""How many days of spend a measurement holds, the day of `as_of` included."""


def spend_of(book: Opened) -> SpendMeasurement:
    """Spend per day and service against the ceiling, over the last 91 days.

    Raises:
        WarehouseError: no usage log is declared, a log cannot be read as declared, or a ceiling is
            in another currency than the prices.
    """
    from ops_model.analysis.spend import measure_spend

    cost = priced.plan_of(book)
    ceiling = declared.ceiling_of(cost)
    first = declared.midnight(book.as_of) - timedelta(days=SPEND_DAYS - 1)
    result = measure_spend(
        priced.priced_logs_of(book),
        as_of=book.as_of,
        ceiling_per_day=ceiling.amount.amount if ceiling else None,
        days=SPEND_DAYS,
    )
    limit = None
    if ceiling is not None:
        amount = float(ceiling.amount.amount)
        limit = Measured(value=amount, unit=cost.currency, n=1, no_interval="exact")
    return SpendMeasurement(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("cost"),
        inputs=priced.usage_identities(book, cost),
        window=Window(start=first, end=book.as_of),
        simulated=book.system.identity.simulated or cost.simulated,
        currency=cost.currency,
        ceiling_per_day=limit,
        **vars(result),
    )
