"""Where a cheaper model is good enough, by the comparisons that `cost.yaml` names."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from ops_model.domain.cost import CostPlan
from ops_model.domain.evidence import Measured
from ops_model.domain.saving_claims import ModelComparison
from ops_model.domain.savings import RightSizing
from ops_model.errors import WarehouseError
from ops_model.workflow import declared, priced
from ops_model.workflow.declared import Opened
from ops_model.workflow.log_places import address_of, identities_of, warehouse_of
from ops_model.workflow.whole_days import last_of, whole_days

if TYPE_CHECKING:
    from ops_model.analysis.cost import PricedLogs
    from ops_model.analysis.price_book import PriceBook
    from ops_model.analysis.right_sizing import Paired
    from ops_model.analysis.usage import UsageSum

SPEND_DAYS = 28
"""Four whole weeks of what the dear model cost."""


def right_sizings_of(book: Opened) -> tuple[RightSizing, ...]:
    """Every comparison of `cost.yaml`, in the file's order.

    Raises:
        WarehouseError: a comparison cannot be read as declared.
    """
    cost = book.system.cost
    if cost is None:
        return ()
    return tuple(_right_sizing(book, cost, one) for one in cost.comparisons)


def _right_sizing(book: Opened, cost: CostPlan, asked: ModelComparison) -> RightSizing:
    from ops_model.analysis.right_sizing import FALSE_DISCOVERIES, right_size

    sized = right_size(_paired(book, asked), float(asked.margin))
    logs = cost.logs if cost.logs else ()
    return RightSizing(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("cost"),
        inputs=identities_of(book, [asked, *logs]),
        simulated=book.system.identity.simulated
        or asked.simulated
        or any(log.simulated for log in logs),
        comparison=asked.id,
        dear_model=asked.dear_model,
        cheap_model=asked.cheap_model,
        margin=float(asked.margin),
        false_discovery_rate=FALSE_DISCOVERIES,
        overall=sized.overall,
        slices=sized.slices,
        movable=sized.movable,
        saving_per_day=_saving(book, cost, asked, sized.movable) if logs else None,
    )


def _paired(book: Opened, asked: ModelComparison) -> "tuple[Paired, ...]":
    from ops_model.analysis.right_sizing import pair_cases
    from ops_model.store.warehouse import ColumnKind, LogRequest, open_logs, readable_logs

    columns: dict[str, ColumnKind] = {
        asked.case: "label", asked.dear: "scalar", asked.cheap: "scalar",
    }  # fmt: skip
    if asked.slice is not None:
        columns[asked.slice] = "label"
    if asked.share is not None:
        columns[asked.share] = "number"
    request = LogRequest(asked.address, columns, warehouse=warehouse_of(book, asked))
    table = open_logs(book.root, {"cases": request})["cases"]
    for key, column in (("dear", asked.dear), ("cheap", asked.cheap)):
        if table[column].type().is_string():
            declared.undeclared(
                asked, key, f"column {column!r} holds text; expected a score",
                "name a column of numbers, or of true and false",
            )  # fmt: skip
    with readable_logs(address_of(asked)):
        try:
            return pair_cases(
                table, case=asked.case, dear=asked.dear, cheap=asked.cheap,
                slice_by=asked.slice, share=asked.share,
            )  # fmt: skip
        except ValueError as error:
            raise WarehouseError(
                str(error), where=address_of(asked),
                remedy="write both scores of each case, and a slice's part of all traffic; to "
                "leave out what a model could not answer would make it look good",
            ) from error  # fmt: skip


def _saving(
    book: Opened, cost: CostPlan, asked: ModelComparison, movable: Measured
) -> Measured | None:
    """The movable part of what the cheap model would have cost less for the same tokens."""
    from ops_model.analysis.bridge_sides import serves

    logs, today = _logs(book, cost, asked), declared.midnight(book.as_of).date()
    days = last_of(whole_days(logs), today, SPEND_DAYS)
    dear = [
        one for one in logs.sums
        if one.usage.item == asked.dear_model and one.usage.day in set(days) and serves(one)
    ]  # fmt: skip
    held = [one for one in dear if one.cost is not None]

    def unknown(why: str) -> Measured:
        return Measured(value=None, unit=cost.currency, n=0, no_interval=why)

    if not held:
        return unknown(f"no usage log holds {asked.dear_model} with a price on a whole day")
    paid = sum((one.cost for one in held if one.cost is not None), Decimal(0))
    cheap = _cost_instead(
        [one.usage for one in held], asked.cheap_model, priced.price_book(cost), logs
    )
    if cheap is None:
        return unknown(f"no price is known of {asked.cheap_model}")
    rows, known = (sum(one.usage.rows for one in sums) for sums in (dear, held))
    rests_on = f"the movable share of {len(days)} days, the same tokens at the other price"
    if paid < cheap:
        rests_on = f"{asked.cheap_model} costs more for these tokens; {rests_on}"
    if rows > known:
        lacking = f"{rows - known:,} of {rows:,} rows of {asked.dear_model} have no price"
        rests_on = f"of the rest alone: {lacking}; {rests_on}"
    part = Decimal(str(movable.value or 0))
    return Measured(
        value=float((paid - cheap) * part / len(days)), unit=cost.currency, n=known,
        no_interval=rests_on,
    )  # fmt: skip


def _logs(book: Opened, cost: CostPlan, asked: ModelComparison) -> "PricedLogs":
    """The usage with its cost, told apart where a list price of the cheap model changes too."""
    logs = priced.priced_logs_of(book)
    served = sorted({"", *(one.usage.provider for one in logs.sums)})
    steps = priced.price_book(cost).splits([(each, asked.cheap_model) for each in served])
    if not steps.lengths and not steps.minutes:
        return logs
    return priced.priced_logs_of(book, as_if=asked.cheap_model)


def _cost_instead(
    usage: "Sequence[UsageSum]", model: str, prices: "PriceBook", logs: "PricedLogs"
) -> Decimal | None:
    """What the same tokens cost of another model, of whoever serves it; None without a price."""
    from dataclasses import replace

    from ops_model.analysis.cost import price_sums
    from ops_model.analysis.usage import UsageLogSums

    serving = sorted({one.usage.provider for one in logs.sums if one.usage.item == model})
    whole = Decimal(0)
    for one in usage:
        tried = [
            replace(one, item=model, answered="", provider=provider)
            for provider in (*serving, one.provider, "")
        ]
        found = price_sums([UsageLogSums("tokens", tuple(tried), None)], prices)
        cost = next((each.cost for each in found if each.cost is not None), None)
        if cost is None:
            return None
        whole += cost
    return whole
