"""What the simulated provider billed, and two models that answered the same questions.

Nobody billed anything, and nobody asked anybody: the bill follows the usage log of
`simulate_cost` at the example prices, and both differ from it where the table says so.

| what | how |
|---|---|
| bill | April to June 2013, in columns of FOCUS 1.0: a row for each day, service, model and kind of token, at the example prices |
| credit | 12 USD in May, for an afternoon on which answers were slow |
| a service without a log | 18.60 USD a month from May on, for a filter of what is asked |
| billed too much | from 18 to 20 June every row is 1.35 times what the log holds |
| comparison | 1,800 questions, answered by `example-large-1` and `example-small-1`, each answer judged good or not; the counts are written below |
| a fault of the data | the large model's answers on products were cut off, so that the small one seems far better there |
"""  # noqa: E501 - a table row cannot be broken

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ops_model.example.simulate_cost import INPUT, MODEL, READ, WRITTEN

if TYPE_CHECKING:
    import pandas as pd

OUTPUT = "gen_ai_usage_output_tokens"
PRICES: Mapping[str, tuple[tuple[datetime, tuple[float, float, float, float]], ...]] = {
    "example-large-1": (
        (datetime(2013, 1, 1, tzinfo=UTC), (6.00, 1.50, 7.50, 24.00)),
        (datetime(2013, 5, 1, tzinfo=UTC), (5.00, 1.25, 6.25, 20.00)),
    ),
    "example-small-1": ((datetime(2013, 1, 1, tzinfo=UTC), (0.50, 0.10, 0.50, 2.00)),),
}
"""USD for a million tokens: input, read from the cache, written to it, output. As in cost.yaml."""
METERS = ("Input", "CacheRead", "CacheWrite", "Output")
FIRST, LAST = datetime(2013, 4, 1, tzinfo=UTC), datetime(2013, 7, 1, tzinfo=UTC)
_TOO_MUCH = (datetime(2013, 6, 18, tzinfo=UTC), datetime(2013, 6, 21, tzinfo=UTC), 1.35)
_CREDIT, _FILTER = -12.00, 18.60
COMPARED: Mapping[str, tuple[int, int, int, int, float]] = {
    "delivery": (818, 18, 16, 48, 0.30),
    "refund": (300, 62, 6, 32, 0.32),
    "account": (262, 16, 7, 15, 0.20),
    "product": (116, 6, 62, 16, 0.18),
}
"""Answers by topic: both good, only the large model's, only the small one's, neither; traffic."""


def bill(costs: "pd.DataFrame") -> "pd.DataFrame":
    """What `example-ai` billed for three months, a row a charge."""
    import pandas as pd

    mine = (costs["gen_ai_provider_name"] == "example-ai") & costs["timestamp"].between(
        FIRST, LAST, inclusive="left"
    )
    rows = costs[mine].assign(day=costs["timestamp"].dt.floor("D"))
    rows["Input"] = rows[INPUT] - rows[READ] - rows[WRITTEN]
    used = rows.rename(columns={READ: "CacheRead", WRITTEN: "CacheWrite", OUTPUT: "Output"})
    summed = used.groupby(["day", "service", MODEL], as_index=False)[list(METERS)].sum()
    charges = [
        charge
        for day, service, model, *tokens in summed.itertuples(index=False, name=None)
        for charge in _used(day, service, model, tokens)
    ]
    return pd.DataFrame([*charges, *_others()])


def _used(
    day: datetime, service: str, model: str, tokens: Sequence[int]
) -> Iterator[dict[str, object]]:
    each = max((since, price) for since, price in PRICES[model] if since <= day)[1]
    start, end, factor = _TOO_MUCH
    times = factor if start <= day < end else 1.0
    for meter, price, count in zip(METERS, each, tokens, strict=True):
        if count:
            billed = round(count * times)
            said = f"{model}, {meter}"
            yield _charge(day, "Usage", service, said, billed * price / 1_000_000, billed)


def _others() -> Iterator[dict[str, object]]:
    may, june = datetime(2013, 5, 1, tzinfo=UTC), datetime(2013, 6, 1, tzinfo=UTC)
    yield _charge(may.replace(day=14), "Credit", "answers", "Slow answers on 14 May", _CREDIT)
    for month in (may, june):
        yield _charge(month, "Usage", "question-filter", "Filter of questions, flat", _FILTER)


def _charge(
    day: datetime, category: str, service: str, said: str, cost: float, tokens: int | None = None
) -> dict[str, object]:
    import pandas as pd

    begins = pd.Timestamp(day)
    month = begins.replace(day=1)
    return {
        "BillingPeriodStart": month,
        "BillingPeriodEnd": month + pd.offsets.MonthBegin(1),
        "ChargePeriodStart": begins,
        "ChargePeriodEnd": begins + pd.Timedelta(days=1),
        "ChargeCategory": category,
        "ChargeDescription": said,
        "ProviderName": "example-ai",
        "InvoiceIssuerName": "example-ai",
        "ServiceName": service,
        "BilledCost": round(cost, 6),
        "EffectiveCost": round(cost, 6),
        "ListCost": round(cost, 6),
        "ContractedCost": round(cost, 6),
        "BillingCurrency": "USD",
        "ConsumedQuantity": tokens,
        "ConsumedUnit": "Tokens" if tokens is not None else None,
    }


def comparison() -> "pd.DataFrame":
    """Both models on the same questions, a row a question, with the traffic of its topic."""
    import pandas as pd

    rows = [
        (topic, dear, cheap, traffic)
        for topic, (*counts, traffic) in COMPARED.items()
        for count, (dear, cheap) in zip(
            counts, ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)), strict=True
        )
        for _ in range(int(count))
    ]
    table = pd.DataFrame(rows, columns=["topic", "dear", "cheap", "traffic"])
    table.insert(0, "case_id", [f"case-{number:04d}" for number in range(len(table))])
    return table
