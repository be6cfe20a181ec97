"""A vendor's bill in the columns of FOCUS 1.0 to 1.3, as sums of charges that are alike.

The version is told by the columns that came with it. A charge belongs to the day and month in
which its period begins, in UTC, as FOCUS has it; the end is the first instant after it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

from ops_model.analysis.slots import minute_of
from ops_model.analysis.usage_rows import number, text

if TYPE_CHECKING:
    import ibis

BILLED, CURRENCY, CATEGORY = "BilledCost", "BillingCurrency", "ChargeCategory"
BEGINS, ENDS, SERVICE = "ChargePeriodStart", "ChargePeriodEnd", "ServiceName"
REQUIRED = (BILLED, CURRENCY, CATEGORY, BEGINS, ENDS, SERVICE)
"""Without these nobody can say what was billed when, and for what."""
NUMBERS = (
    BILLED, "ContractedCost", "ContractedUnitPrice", "ListCost", "ListUnitPrice",
    "PricingQuantity",
)  # fmt: skip
INSTANTS = (BEGINS, ENDS)
NAMING = (
    SERVICE, "ServiceSubcategory", "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId",
    "ResourceId", "ResourceName", "ChargeDescription", "Tags",
)  # fmt: skip
"""Where a bill may name the model or the service that a log names."""
LABELS = (CURRENCY, CATEGORY, "ChargeClass", "CommitmentDiscountStatus", *NAMING)
CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")
_SINCE: Mapping[str, tuple[str, ...]] = {
    "1.3": ("ServiceProviderName", "HostProviderName", "ContractApplied", "AllocatedMethodId"),
    "1.2": ("InvoiceId", "PricingCurrency", "BillingAccountType", "SubAccountType"),
    "1.1": ("ServiceSubcategory", "SkuMeter", "SkuPriceDetails", "CommitmentDiscountQuantity"),
}
_WRONG = (
    "", "no billed cost", "no currency", "no charge category that FOCUS has", "no charge period",
    "the charge period ends before it begins",
)  # fmt: skip
WRONG_PERIODS = frozenset(_WRONG[4:])
"""Of what is wrong with a row: what leaves open in which month it belongs."""
NOT_ADDING_UP = "unit price times quantity is not the cost"
_CENT, _PART = 0.01, 0.01
"""A cost may differ from price times quantity by a cent, or by a hundredth."""
_INSTANT = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+]00(:?00)?)?)?$"
_EPOCH, _MINUTES_OF_A_DAY = date(1970, 1, 1), 1440
_SHORTEST_NAME = 3


@dataclass(frozen=True)
class Charge:
    """Rows of a bill that begin on one day and are alike in all that matters, summed.

    Attributes:
        day: on which their period begins; None where they say none.
        one_day: the period is no longer than a day.
        currency, category, service: as the bill has them, '' for none.
        correction: it mends an earlier bill.
        covered: the usage is paid for by a commitment.
        refund: less than nothing was billed.
        held: the row names what a usage log names.
        adds_up: unit price times quantity is the cost, where all three are there.
        wrong: why the rows cannot be counted.
        rows: how many.
        billed, contracted: their sums; contracted is what was billed where the bill has none.
    """

    day: date | None
    one_day: bool
    currency: str
    category: str
    service: str
    correction: bool
    covered: bool
    refund: bool
    held: bool
    adds_up: bool
    wrong: str
    rows: int
    billed: Decimal
    contracted: Decimal


def focus_version(names: Collection[str]) -> str:
    """The version of FOCUS that has these columns; the oldest that may be."""
    return next((v for v, columns in _SINCE.items() if set(columns) & set(names)), "1.0")


def charges_of(bill: "ibis.Table", names: Iterable[str] = ()) -> tuple[Charge, ...]:
    """The charges of a bill, summed by the engine.

    Args:
        bill: the columns of `REQUIRED`, and those of the others above that it has.
        names: models and services of the usage logs, by which a row shows what it is for.
    """
    billed = number(bill[BILLED])
    begins, ends = _day(bill, BEGINS), _day(bill, ENDS)
    category, currency = text(bill, CATEGORY), text(bill, CURRENCY)
    contracted = number(bill["ContractedCost"]) if "ContractedCost" in bill.columns else billed
    rows = bill.select(
        begins=begins, ends=ends, currency=currency, category=category,
        service=text(bill, SERVICE),
        correction=text(bill, "ChargeClass").lower() == "correction",
        covered=text(bill, "CommitmentDiscountStatus").lower() == "used",
        refund=(billed < 0).fill_null(False),  # noqa: FBT003 - a row without a cost is told apart
        held=_named(bill, names), adds_up=_adds_up(bill),
        wrong=_wrong(billed, currency, category, begins),
        billed=billed.fill_null(0), contracted=contracted.fill_null(billed).fill_null(0),
    )  # fmt: skip
    by = [name for name in rows.columns if name not in {"billed", "contracted"}]
    found = rows.group_by(*by).aggregate(
        rows=rows.count(), billed=rows.billed.sum(), contracted=rows.contracted.sum()
    )
    charges = [_charge(row) for row in found.to_pyarrow().to_pylist()]
    return tuple(sorted(charges, key=lambda c: (c.day or date.min, c.service, str(c))))


def _charge(row: Mapping[str, Any]) -> Charge:
    begins, ends = _date(row["begins"]), _date(row["ends"])
    wrong = _WRONG[row["wrong"]]
    if not wrong and (begins is None or ends is None):
        wrong = _WRONG[4]
    elif not wrong and begins and ends and ends < begins:
        wrong = _WRONG[5]
    plain = {key: value for key, value in row.items() if key not in {"begins", "ends"}}
    return Charge(**plain | {
        "day": begins, "wrong": wrong,
        "one_day": bool(begins and ends and ends - begins <= timedelta(days=1)),
        "billed": Decimal(row["billed"]), "contracted": Decimal(row["contracted"]),
    })  # fmt: skip


def _day(bill: "ibis.Table", column: str) -> Any:  # noqa: ANN401 - Ibis columns have no common type to name
    """The UTC day, as the number of days since 1970 or as it is written; NULL for none."""
    at = bill[column]
    if at.type().is_timestamp():
        return minute_of(bill, column) // _MINUTES_OF_A_DAY
    said = at.cast("string").strip()
    return said.re_search(_INSTANT).ifelse(said.substr(0, 10), None)


def _date(said: int | str | None) -> date | None:
    if isinstance(said, str):
        try:
            return date.fromisoformat(said)
        except ValueError:
            return None
    return None if said is None else _EPOCH + timedelta(days=int(said))


def _named(bill: "ibis.Table", names: Iterable[str]) -> Any:  # noqa: ANN401 - as above
    """Whether a row names one of these anywhere."""
    import ibis

    words = sorted({name.lower() for name in names if len(name) >= _SHORTEST_NAME})
    places = [text(bill, name).lower() for name in NAMING if name in bill.columns]
    if not words:
        return ibis.literal(False)  # noqa: FBT003 - Ibis takes a literal by place
    return reduce(or_, (place.contains(word) for place in places for word in words))


def _adds_up(bill: "ibis.Table") -> Any:  # noqa: ANN401 - as above
    import ibis

    pairs = [
        (f"{of}Cost", f"{of}UnitPrice") for of in ("List", "Contracted")
        if {f"{of}Cost", f"{of}UnitPrice", "PricingQuantity"} <= set(bill.columns)
    ]  # fmt: skip
    if not pairs:
        return ibis.literal(True)  # noqa: FBT003 - as above
    return reduce(and_, (_multiplies(bill, cost, price) for cost, price in pairs))


def _multiplies(bill: "ibis.Table", cost: str, price: str) -> Any:  # noqa: ANN401 - as above
    import ibis

    paid, each, amount = (
        bill[name].cast("float64") for name in (cost, price, "PricingQuantity")
    )  # fmt: skip
    allowed = ibis.greatest(ibis.literal(_CENT), paid.abs() * _PART)
    # What is not said, or no number, is no contradiction.
    return ((paid - each * amount).abs() <= allowed).fill_null(True)  # noqa: FBT003 - as said


def _wrong(billed: Any, currency: Any, category: Any, begins: Any) -> Any:  # noqa: ANN401 - as above
    import ibis

    told: Sequence[Any] = (
        billed.isnull(), currency == "", ~category.isin(CATEGORIES), begins.isnull(),
    )  # fmt: skip
    return ibis.cases(*((wrong, place) for place, wrong in enumerate(told, 1)), else_=0)
