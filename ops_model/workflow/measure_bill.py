"""Each vendor's bill that `cost.yaml` names, beside what the usage logs come to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ops_model.domain.saving_claims import Bill
from ops_model.domain.savings import BillComparison
from ops_model.domain.values import Window
from ops_model.errors import WarehouseError
from ops_model.workflow import priced
from ops_model.workflow.declared import Opened
from ops_model.workflow.log_places import address_of, identities_of, warehouse_of

if TYPE_CHECKING:
    import ibis

    from ops_model.analysis.bill import Compared
    from ops_model.analysis.cost import PricedSum
    from ops_model.analysis.focus import Charge


def bills_of(book: Opened) -> tuple[BillComparison, ...]:
    """Every bill of `cost.yaml`, in the file's order, month by month.

    Raises:
        WarehouseError: no usage log is declared, or a log or a bill cannot be read as declared.
    """
    cost = book.system.cost
    if cost is None:
        return ()
    return tuple(_comparison(book, bill) for bill in cost.bills)


def _comparison(book: Opened, bill: Bill) -> BillComparison:
    from ops_model.analysis.bill import compare_bill
    from ops_model.store.focus_file import as_text

    cost, logs = priced.plan_of(book), priced.priced_logs_of(book)
    spent = _billed_by(bill, logs.sums)
    named = {name for one in spent for name in (one.usage.item, one.usage.service)}
    # So stand names that begin like a formula in what was exported as CSV.
    named |= {as_text(name) for name in named}
    charges, version = _charges(book, bill, named)
    compared = compare_bill(
        charges, spent, currency=cost.currency, as_of=book.as_of, tolerance=bill.tolerance,
        undated=sum(log.undated for log in logs.logs),
    )  # fmt: skip
    return BillComparison(
        system=book.system.id,
        as_of=book.as_of,
        claims=book.system.claim_refs("cost"),
        inputs=identities_of(book, [bill, *cost.logs]),
        window=_window(compared),
        simulated=book.system.identity.simulated
        or bill.simulated
        or any(log.simulated for log in cost.logs),
        bill=bill.id,
        vendor=bill.vendor,
        currency=cost.currency,
        focus_version=version,
        **vars(compared),
    )


def _billed_by(bill: Bill, sums: "Sequence[PricedSum]") -> "list[PricedSum]":
    """What a vendor bills: its services, and of these what it served where the log says that."""
    mine = [one for one in sums if not bill.services or one.usage.service in bill.services]
    vendor = bill.vendor.lower()
    served = [one for one in mine if one.usage.provider.lower() == vendor]
    return served or mine


def _charges(book: Opened, bill: Bill, named: set[str]) -> "tuple[tuple[Charge, ...], str]":
    from ops_model.analysis.focus import charges_of, focus_version
    from ops_model.store.warehouse import kinds_of, readable_logs

    kinds = kinds_of(book.root, bill.address, warehouse_of(book, bill))
    table = _opened(book, bill, kinds)
    with readable_logs(address_of(bill)):
        if bill.only_column is not None:
            said = table[bill.only_column].cast("string")
            table = table.filter(said.isin(bill.only_values))
        charges = charges_of(table, sorted(named))
    if not charges:
        held = f" whose {bill.only_column} is {' or '.join(bill.only_values)}"
        raise WarehouseError(
            f"holds no row{held if bill.only_column else ''}",
            where=address_of(bill),
            remedy="see which rows of the bill are meant, in cost.yaml",
        )
    return charges, focus_version(kinds)


def _opened(book: Opened, bill: Bill, kinds: dict[str, str]) -> "ibis.Table":
    """The columns that are read; those that hold nothing in any row are of no kind, and left."""
    from ops_model.analysis.focus import INSTANTS, LABELS, NUMBERS, REQUIRED
    from ops_model.store.warehouse import ColumnKind, LogRequest, open_logs

    of_kind: dict[str, ColumnKind] = {
        **dict.fromkeys(LABELS, "label"), **dict.fromkeys(NUMBERS, "number"),
        **dict.fromkeys(INSTANTS, "value"),
    }  # fmt: skip
    told = {name for name in of_kind if kinds.get(name, "other") not in {"other", "time"}}
    told |= {name for name in INSTANTS if kinds.get(name) == "time"}
    columns = {name: of_kind[name] for name in REQUIRED}
    if bill.only_column is not None:
        columns[bill.only_column] = "label"
    request = LogRequest(
        bill.address, columns, warehouse=warehouse_of(book, bill), assume_utc=True,
        optional={name: of_kind[name] for name in sorted(told - columns.keys())},
    )  # fmt: skip
    return open_logs(book.root, {"bill": request})["bill"]


def _window(compared: "Compared") -> Window | None:
    """From the first month to the end of the last."""
    from ops_model.analysis.bill import month_after
    from ops_model.analysis.spend_slots import at_midnight

    if not compared.months:
        return None
    first, last = compared.months[0].month, compared.months[-1].month
    return Window(start=at_midnight(first), end=at_midnight(month_after(last)))
