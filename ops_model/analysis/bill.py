"""A vendor's bill beside what the usage logs come to, month by month, and why they differ.

Whatever of the difference has a name is told by it; the rest is shown, and is the only part that
may speak of a wrong price, a log with gaps, or a bill with mistakes.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ops_model.analysis.cost import PricedSum
from ops_model.analysis.focus import NOT_ADDING_UP, WRONG_PERIODS, Charge
from ops_model.analysis.private_names import harmless
from ops_model.domain.evidence import Measured
from ops_model.domain.savings import BillMonth

NO_LOG, SILENT = "service without a log", "days without a row in the log"
COVERED, CORRECTION, REFUND = "usage covered by a commitment", "corrections", "refunds"
_PART_OF: Mapping[str, str] = {
    "Tax": "taxes", "Credit": "credits", "Purchase": "purchases", "Adjustment": "adjustments",
}  # fmt: skip
"""Categories that no usage log holds, and what they are called."""
_FEW, _NEARLY = 5, Decimal("0.9")


@dataclass(frozen=True)
class Compared:
    """Every month of a bill; `apart` are its rows that are in no sum, or do not add up."""

    rows: int
    months: tuple[BillMonth, ...]
    apart: Mapping[str, int]


@dataclass
class _Month:
    """What is known of one month."""

    billed: Decimal = Decimal(0)
    bill_rows: int = 0
    in_no_sum: int = 0
    """Rows of the bill that may be of this month and are in no sum, but those of nothing."""
    explained: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    estimated: Decimal = Decimal(0)
    rows: int = 0
    unpriced: int = 0
    by_day: defaultdict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """What was billed without a name, less what was estimated; of usage billed by the day."""

    @property
    def named(self) -> Decimal:
        """The sum of what explains."""
        return sum(self.explained.values(), Decimal(0))

    @property
    def usage(self) -> Decimal:
        """What the usage came to that bill and log are both about, by whichever says more."""
        return max(abs(self.billed - self.named), abs(self.estimated))


def compare_bill(
    charges: Sequence[Charge],
    spent: Iterable[PricedSum],
    *,
    currency: str,
    as_of: datetime,
    tolerance: Decimal,
    undated: int = 0,
) -> Compared:
    """Each month from the first to the last of the bill.

    Args:
        charges: those of the bill.
        spent: what the logs come to, of the services that it bills, by days.
        currency: that of the estimate; what is billed in another is in no sum.
        as_of: charges that begin later are left out, and a month that is not over never agrees.
        tolerance: the part of a month's usage that may stay without a name; what has one, such as
            a purchase, makes no room for what has none.
        undated: rows of the logs that say no instant, and may be of any month.
    """
    sums = list(spent)
    days = {one.usage.day for one in sums}
    today = as_of.astimezone(UTC).date()
    known = [c for c in charges if c.day is None or c.day <= today]
    apart, counted, uncounted = _apart(known, currency)
    without_log = _without_log(counted)
    months: defaultdict[date, _Month] = defaultdict(_Month)
    for charge in counted:
        _bill(months[_month(charge)], charge, days, without_log)
    for charge in uncounted:
        if _dated(charge):
            months[_month(charge)].in_no_sum += charge.rows
    for one in sums:
        _estimate(months[one.usage.day.replace(day=1)], one)
    billed = sorted(at for at, month in months.items() if month.bill_rows or month.in_no_sum)
    # What says no month, or a wrong one, may be of any.
    anywhere = sum(charge.rows for charge in uncounted if not _dated(charge))
    for at in billed:
        months[at].in_no_sum += anywhere
    return Compared(
        rows=sum(c.rows for c in known),
        months=tuple(
            _told(at, months[at], _Terms(currency, tolerance, today, days, undated))
            for at in _all_between(billed)
        ),
        apart=apart,
    )


@dataclass(frozen=True)
class _Terms:
    currency: str
    tolerance: Decimal
    today: date
    days: Collection[date]
    undated: int


def _apart(
    charges: Sequence[Charge], currency: str
) -> tuple[dict[str, int], list[Charge], list[Charge]]:
    """How many rows are in doubt, those that are in a sum, and those that ought to be in one."""
    apart: Counter[str] = Counter()
    counted, uncounted = [], []
    for charge in charges:
        why = charge.wrong
        if not why and charge.currency != currency:
            why = f"in {charge.currency}; nothing is converted to {currency}"
        if why:
            apart[why] += charge.rows
            # A row of nothing is missing in no sum, whatever its currency.
            uncounted += [] if charge.billed == 0 and not charge.wrong else [charge]
            continue
        if not charge.adds_up:
            apart[NOT_ADDING_UP] += charge.rows
        counted.append(charge)
    return dict(sorted(apart.items())), counted, uncounted


def _dated(charge: Charge) -> bool:
    return charge.day is not None and charge.wrong not in WRONG_PERIODS


def _without_log(charges: Iterable[Charge]) -> frozenset[str]:
    """The services of which no row names what a log names; none where no row of the bill does."""
    usage = [c for c in charges if c.category == "Usage"]
    held = {c.service for c in usage if c.held}
    return frozenset({c.service for c in usage} - held) if held else frozenset()


def _month(charge: Charge) -> date:
    return (charge.day or date.min).replace(day=1)


def _bill(
    month: _Month, charge: Charge, days: Collection[date], without_log: Collection[str]
) -> None:
    month.billed += charge.billed
    month.bill_rows += charge.rows
    name, amount = _name_of(charge, days, without_log), charge.billed
    if name == COVERED:
        # The estimate holds its price on demand, and the bill asks nothing for it.
        amount = charge.billed - charge.contracted
    if name:
        month.explained[name] += amount
    if charge.day is not None and charge.one_day and name in {"", COVERED}:
        month.by_day[charge.day] += charge.billed - (amount if name else 0)


def _name_of(charge: Charge, days: Collection[date], without_log: Collection[str]) -> str:
    """What a charge is that the estimate does not hold; empty for usage that it does."""
    silent = charge.one_day and charge.day not in days
    told = (
        (charge.correction, CORRECTION),
        (charge.category in _PART_OF, _PART_OF.get(charge.category, "")),
        (charge.service in without_log, f"{NO_LOG}: {harmless(charge.service) or '(no name)'}"),
        (silent, SILENT),
        (charge.covered, COVERED),
        (charge.refund, REFUND),
    )
    return next((name for holds, name in told if holds), "")


def _estimate(month: _Month, one: PricedSum) -> None:
    month.estimated += one.cost or 0
    month.by_day[one.usage.day] -= one.cost or 0
    month.rows += one.usage.rows
    month.unpriced += one.usage.rows if one.cost is None else 0


def _all_between(months: Sequence[date]) -> Iterable[date]:
    at = months[0] if months else date.max
    while months and at <= months[-1]:
        yield at
        at = month_after(at)


def month_after(month: date) -> date:
    """The first day of the month after this one."""
    return (month + timedelta(days=31)).replace(day=1)


def _told(at: date, month: _Month, terms: _Terms) -> BillMonth:
    known = month.rows > month.unpriced and month.bill_rows > 0
    difference = month.billed - month.estimated
    rest = difference - month.named
    over = terms.today >= month_after(at)
    # What has no price may be any part of the bill.
    sure = known and over and not (month.in_no_sum or month.unpriced or terms.undated)
    agrees = abs(rest) <= terms.tolerance * month.usage if sure else None
    reason = "exact"
    if month.unpriced:
        reason = f"lower bound: {month.unpriced:,} of {month.rows:,} rows have no price"
    elif terms.undated:
        reason = f"lower bound: {_of_no_month(terms)}"

    def measured(value: Decimal | None, n: int, why: str) -> Measured:
        number = None if value is None else float(value)
        return Measured(value=number, unit=terms.currency, n=n, no_interval=why)

    estimated = month.estimated if month.rows > month.unpriced else None
    billed = month.billed if month.bill_rows else None
    n = month.rows - month.unpriced
    return BillMonth(
        month=at,
        estimated=measured(estimated, n, reason if month.rows else "no row of this month"),
        billed=measured(billed, month.bill_rows, "exact" if month.bill_rows else "not billed"),
        difference=measured(difference if known else None, n, reason),
        explained={
            name: measured(month.explained[name], month.bill_rows, "exact")
            for name in sorted(month.explained)
        } if known else {},
        rest=measured(rest if known else None, n, reason),
        agrees=agrees,
        why=_why(at, month, terms, rest),
    )  # fmt: skip


def _why(at: date, month: _Month, terms: _Terms, rest: Decimal) -> str:
    lacking = _lacking(month)
    if lacking:
        return lacking
    part = abs(rest) / month.usage if month.usage else Decimal(0)
    said = [f"{part:.1%} of the usage has no name; expected at most {terms.tolerance:.1%}"]
    if terms.today < month_after(at):
        said = ["the month is not over"]
    elif part > terms.tolerance and (few := _few_days(month, rest)):
        said.append(f"nearly all of it is of {', '.join(day.isoformat() for day in few)}")
    if month.in_no_sum:
        said.append(_in_no_sum(month))
    if month.unpriced:
        said.append(f"{month.unpriced:,} of {month.rows:,} rows of the log have no price")
    if terms.undated:
        said.append(_of_no_month(terms))
    last = min(month_after(at), terms.today)
    silent = sum(day not in terms.days for day in _days(at, last))
    if silent:
        said.append(f"the log has no row on {silent} of {(last - at).days} days")
    return "; ".join(said)


def _lacking(month: _Month) -> str:
    """Why there is nothing to compare; '' where there is."""
    if not month.bill_rows:
        return _in_no_sum(month) if month.in_no_sum else "the bill holds nothing of this month"
    if not month.rows:
        return "the log holds no row of this month"
    if month.rows == month.unpriced:
        return "no row of the log has a price in this month"
    return ""


def _of_no_month(terms: _Terms) -> str:
    return f"{terms.undated:,} rows of the log say no instant, and may be of this month"


def _in_no_sum(month: _Month) -> str:
    return f"{month.in_no_sum:,} rows of the bill that may be of this month are in no sum"


def _few_days(month: _Month, rest: Decimal) -> tuple[date, ...]:
    """The few days that hold nearly all of the rest; none where it is spread over many."""
    sign = 1 if rest > 0 else -1
    most = sorted(month.by_day, key=lambda day: (-sign * month.by_day[day], day))[:_FEW]
    held = Decimal(0)
    for many, day in enumerate(most, 1):
        held += month.by_day[day]
        if _NEARLY * abs(rest) <= sign * held <= abs(rest) / _NEARLY:
            return tuple(sorted(most[:many]))
    return ()


def _days(start: date, end: date) -> Iterable[date]:
    return (start + timedelta(days=n) for n in range((end - start).days))
