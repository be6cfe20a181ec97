"""What a system's usage cost, row by row summed: the one place that prices usage logs.

Everything that asks about cost begins here: spend, ceilings, the bridge, what a success costs. The
answer is kept with the opened workbook, so that a notebook that asks eight times reads once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from ops_model.domain.cost import CostPlan
from ops_model.domain.evidence import InputIdentity
from ops_model.errors import WarehouseError
from ops_model.workflow.declared import Opened
from ops_model.workflow.log_places import address_of, identities_of, warehouse_of
from ops_model.workflow.measured_once import measured_once
from ops_model.workflow.usage_logs import TIMESTAMP, counted_usage, later_note

if TYPE_CHECKING:
    import ibis

    from ops_model.analysis.cost import PricedLogs
    from ops_model.analysis.price_book import PriceBook
    from ops_model.analysis.usage import Splits
    from ops_model.store.warehouse import CountedLog

DAY = timedelta(days=1)


def priced_logs_of(
    book: Opened, *, slot: timedelta = DAY, since: datetime | None = None, as_if: str = ""
) -> "PricedLogs":
    """The usage logs of a system, summed by slots and priced.

    Users and training runs are told apart where a ceiling is for each of them.

    Args:
        book: one system at one instant; nothing after it is read.
        slot: so long is a slot; slots divide the UTC day.
        since: rows before it are left out.
        as_if: another model, of which each sum has one price too, whatever answered.

    Raises:
        WarehouseError: no usage log is declared, or a log cannot be read as declared.
    """
    cost = plan_of(book)
    key = "priced", usage_identities(book, cost), slot, since, as_if
    return measured_once(book, key, lambda: _priced(book, cost, slot, since, as_if))


def plan_of(book: Opened) -> CostPlan:
    """The claims about cost, with a usage log in them.

    Raises:
        WarehouseError: no usage log is declared.
    """
    cost = book.system.cost
    if cost is None or not cost.logs:
        where = book.system.missing_file("cost") if cost is None else cost.place_of("logs")
        raise WarehouseError(
            "declares no usage log, so nobody knows what this system costs per day",
            where=str(where),
            remedy="write `logs:` with unit (tokens or hours) and address, and dated prices",
        )
    return cost


def usage_identities(book: Opened, cost: CostPlan) -> tuple[InputIdentity, ...]:
    """What is read of the usage logs."""
    return identities_of(book, cost.logs)


def price_book(cost: CostPlan) -> "PriceBook":
    """What `cost.yaml` says that tokens and hours cost, and the list prices that it asks for."""
    from ops_model.analysis.price_book import book_with_list

    asked = cost.price_list is not None
    return book_with_list(cost.currency, cost.token_prices, cost.hour_prices, asked=asked)


def _priced(
    book: Opened, cost: CostPlan, slot: timedelta, since: datetime | None, as_if: str
) -> "PricedLogs":
    from ops_model.analysis.cost import PricedLogs, price_sums
    from ops_model.analysis.private_names import without_private_names
    from ops_model.analysis.usage import models_in, purpose_notes, sum_usage
    from ops_model.store.warehouse import readable_logs

    prices = price_book(cost)
    scopes = {"user": "user_group", "training_run": "run"}
    apart = [scopes[c.scope] for c in cost.ceilings if c.scope in scopes]
    tables = counted_usage(book, cost)
    sums = []
    asked: dict[str, ibis.Table] = {}
    for log in cost.logs:
        whole = tables[log.id].table
        table = asked[log.id] = whole if since is None else whole.filter(whole[TIMESTAMP] >= since)
        with readable_logs(address_of(log)):
            models = models_in(table) if prices.listed and log.unit == "tokens" else ()
            found = sum_usage(
                table, log.unit, timestamp=TIMESTAMP, slot=slot, apart=apart,
                splits=_splits(prices, models, as_if), busy=log.busy, name=log.id,
            )  # fmt: skip
            if found.newest is None:
                # How old the data is does not depend on how far back was asked.
                found = replace(found, newest=whole[TIMESTAMP].max().to_pyarrow().as_py())
        sums.append(replace(found, undated=tables[log.id].undated))
    logs = tuple(sums)
    notes = (
        *prices.notes, *_in_two_logs(book, cost, asked), *purpose_notes(logs),
        *_later(book, cost, tables),
    )  # fmt: skip
    priced = PricedLogs(cost.currency, logs, price_sums(logs, prices), notes)
    return without_private_names(priced)


def _later(book: Opened, cost: CostPlan, tables: "Mapping[str, CountedLog]") -> Iterator[str]:
    """What is said of rows of after the instant; a table goes on growing, and a file is whole."""
    for log in cost.logs:
        if warehouse_of(book, log) is None:
            yield from later_note(tables[log.id].later, book.as_of, log.id)


def _splits(prices: "PriceBook", models: Sequence[tuple[str, str]], as_if: str) -> "Splits":
    """Where the prices of the models change, and those of another that may answer instead."""
    if not as_if:
        return prices.splits(models)
    served = sorted({"", *(provider for provider, _ in models)})
    found = prices.splits([*models, *((provider, as_if) for provider in served)])
    # Whatever answered may be priced as the other model, so no row is spared.
    return replace(found, minutes_of=(), lengths_of=())


def _in_two_logs(
    book: Opened, cost: CostPlan, tables: "Mapping[str, ibis.Table]"
) -> Iterator[str]:
    """What is said of two logs that hold the same requests: each row of both is in the total."""
    from ops_model.analysis.usage_repeats import shared_requests
    from ops_model.store.warehouse import readable_logs

    of_calls = [log for log in cost.logs if log.unit == "tokens"]
    for one, other in combinations(of_calls, 2):
        if warehouse_of(book, one) != warehouse_of(book, other):
            continue
        with readable_logs(f"{address_of(one)}, {address_of(other)}"):
            shared = shared_requests(tables[one.id], tables[other.id])
        if shared:
            yield (
                f"{one.id} and {other.id}: {shared:,} values of request_id are in both; where "
                "they are the same calls, these are counted twice"
            )
